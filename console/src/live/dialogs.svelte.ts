// Which dialog is open: one at a time.

export type Open =
  | { kind: "finish" | "transfer" | "person" | "reader"; conversation: string }
  | { kind: "classify"; conversation: string; thenFinish?: boolean }
  | { kind: "password" | "keys" | "search" };

class Dialogs {
  open = $state.raw<Open | null>(null);

  show(open: Open): void {
    this.open = open;
  }

  close(): void {
    this.open = null;
  }
}

export const dialogs = new Dialogs();
