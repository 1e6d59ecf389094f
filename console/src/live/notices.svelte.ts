// Short notes at the edge of the screen, some with something to do about them.

interface Notice {
  id: number;
  text: string;
  tone: "plain" | "problem";
  until: number;
  action?: { label: (secondsLeft: number) => string; run: () => void };
}

class Notices {
  shown = $state.raw<Notice[]>([]);
  #next = 0;

  add(text: string, options: { tone?: Notice["tone"]; forMs?: number; action?: Notice["action"] } = {}): number {
    const forMs = options.forMs ?? 6_000;
    const id = this.#next++;
    const notice: Notice = { id, text, tone: options.tone ?? "plain", until: Date.now() + forMs, action: options.action };
    this.shown = [...this.shown.slice(-3), notice];
    setTimeout(() => this.remove(id), forMs);
    return id;
  }

  remove(id: number): void {
    this.shown = this.shown.filter((it) => it.id !== id);
  }
}

export const notices = new Notices();
