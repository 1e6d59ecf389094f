// Which keys do what. By the key's place and not its letter: with Alt some layouts write another sign.

export type Shortcut =
  | { act: "window"; at: number }
  | { act: "accept" | "reply"; at: number }
  | { act: "next-unread" | "finish" | "classify" | "transfer" | "hold" | "note" | "person" | "search" | "sheet" };

export interface Keys {
  code: string;
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

const BY_CODE: Record<string, Shortcut> = {
  Digit1: { act: "window", at: 0 },
  Digit2: { act: "window", at: 1 },
  Digit3: { act: "window", at: 2 },
  Digit4: { act: "window", at: 3 },
  KeyA: { act: "accept", at: 0 },
  KeyS: { act: "accept", at: 1 },
  KeyD: { act: "accept", at: 2 },
  KeyQ: { act: "reply", at: 0 },
  KeyW: { act: "reply", at: 1 },
  KeyE: { act: "reply", at: 2 },
  KeyN: { act: "next-unread" },
  KeyF: { act: "finish" },
  KeyC: { act: "classify" },
  KeyT: { act: "transfer" },
  KeyH: { act: "hold" },
  KeyM: { act: "note" },
  KeyI: { act: "person" },
  KeyB: { act: "search" },
};

/** Keys of the accept shortcuts, as they are shown on the chips. */
export const ACCEPT_KEYS = ["A", "S", "D"];

/** Keys of the suggested replies: the row above. */
export const REPLY_KEYS = ["Q", "W", "E"];

export function shortcut(keys: Keys, writing: boolean): Shortcut | null {
  if (keys.key === "?" && !writing && !keys.altKey && !keys.ctrlKey && !keys.metaKey) return { act: "sheet" };
  if (!keys.altKey || keys.ctrlKey || keys.metaKey || keys.shiftKey) return null;
  return BY_CODE[keys.code] ?? null;
}
