// What the browser keeps of a chat, under one key: enough to go on after a reload, and what has not been sent yet.
import type { Attachment } from "../api/types";
import { add, fail, remove, waiting, type Outgoing } from "../state/outbox";

export interface Kept {
  token: string | null;
  conversation: string | null;
  /** Key of a beginning whose answer has not come: with it the same visitor is made again, not a second one. */
  beginning: string | null;
  /** Nothing to follow until somebody opens the chat. */
  ended: boolean;
  open: boolean;
  draft: string;
  files: Attachment[];
  outbox: Outgoing[];
}

export const NOTHING: Kept = {
  token: null,
  conversation: null,
  beginning: null,
  ended: false,
  open: false,
  draft: "",
  files: [],
  outbox: [],
};

/** As stored, or from the start where it is missing or spoilt. */
export function parse(text: string | null): Kept {
  try {
    const found = JSON.parse(text ?? "null") as Partial<Kept> | null;
    const whole = { ...NOTHING, ...found };
    return Array.isArray(whole.outbox) && Array.isArray(whole.files) && typeof whole.draft === "string" ? whole : NOTHING;
  } catch {
    return NOTHING;
  }
}

export const begun = (kept: Kept, token: string | null, conversation: string): Kept => ({
  ...moved(kept, conversation),
  token: token ?? kept.token,
  beginning: null,
  ended: false,
});

/** Another conversation goes on where the former ended. */
export const moved = (kept: Kept, conversation: string): Kept => ({ ...kept, conversation });

/** The token is no longer valid: what was written and not sent goes back into the draft. */
export function forgotten(kept: Kept): Kept {
  const texts = [...kept.outbox.map((it) => it.text), kept.draft].filter(Boolean);
  return { ...NOTHING, open: kept.open, draft: texts.join("\n") };
}

export const written = (kept: Kept, message: Outgoing): Kept => ({ ...kept, outbox: add(kept.outbox, message), draft: "", files: [] });
export const settled = (kept: Kept, id: string): Kept => ({ ...kept, outbox: remove(kept.outbox, id) });
export const failed = (kept: Kept, id: string, why: NonNullable<Outgoing["failed"]>): Kept => ({ ...kept, outbox: fail(kept.outbox, id, why) });
/** One at a time, so that what is sent again keeps its order. */
export const nextOut = (kept: Kept): Outgoing | undefined => waiting(kept.outbox)[0];

/**
 * What is stored, seen by a tab that knows better what is written in it: another may have stored at the same moment, and
 * must not change a text under somebody's hands.
 */
export function merged(stored: Kept, now: Kept, own: ReadonlyMap<string, Outgoing>, done: ReadonlySet<string>): Kept {
  const others = stored.outbox.filter((it) => !own.has(it.id) && !done.has(it.id));
  return { ...stored, draft: now.draft, files: now.files, outbox: [...others, ...own.values()].sort((one, other) => one.at - other.at) };
}

/** The record of one desk. Every change starts from what is stored: other tabs change it too. */
export class Store {
  now: Kept;
  #key: string;
  /** Written in this tab and not settled yet. */
  #own = new Map<string, Outgoing>();
  #done = new Set<string>();
  /** A full or forbidden storage: what is known here counts alone. */
  #alone = false;

  constructor(desk: string, onOther: () => void) {
    this.#key = `dialogo.widget ${desk}`;
    this.now = this.#read() ?? NOTHING;
    addEventListener("storage", (event) => {
      if (event.key !== this.#key) return;
      const stored = parse(event.newValue);
      this.now = merged(stored, this.now, this.#own, this.#done);
      const lost = [...this.#own.keys()].some((id) => !stored.outbox.some((it) => it.id === id));
      if (lost) this.#write();
      onOther();
    });
  }

  change(how: (kept: Kept) => Kept): void {
    const before = merged(this.#read() ?? this.now, this.now, this.#own, this.#done);
    this.now = how(before);
    const left = new Set(this.now.outbox.map((it) => it.id));
    for (const { id } of before.outbox) {
      if (left.has(id)) continue;
      this.#own.delete(id);
      this.#done.add(id);
    }
    for (const message of this.now.outbox) {
      if (before.outbox.includes(message)) continue;
      this.#own.set(message.id, message);
      this.#done.delete(message.id);
    }
    this.#write();
  }

  #write(): void {
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.now));
      this.#alone = false;
    } catch {
      // Without storage a chat lasts as long as the page.
      this.#alone = true;
    }
  }

  #read(): Kept | null {
    if (this.#alone) return null;
    try {
      const text = localStorage.getItem(this.#key);
      return text === null ? null : parse(text);
    } catch {
      return null;
    }
  }
}
