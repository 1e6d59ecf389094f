// What was begun and not sent, per conversation, kept across reloads and agreed between tabs.
import { SvelteMap } from "svelte/reactivity";
import type { Attachment } from "../api/types";
import { onChange, read, readAll, write } from "./storage";

interface Draft {
  text: string;
  note: boolean;
  files: Attachment[];
}

const NONE: Draft = { text: "", note: false, files: [] };

export class Drafts {
  #start: string;
  #kept = new SvelteMap<string, Draft>();
  #stop: () => void;

  constructor(me: string) {
    this.#start = `draft.${me}.`;
    for (const [id, draft] of Object.entries(readAll<Draft>(this.#start))) this.#kept.set(id, { ...NONE, ...draft });
    this.#stop = onChange((key) => {
      if (!key.startsWith(this.#start)) return;
      const draft = read<Draft>(key);
      const id = key.slice(this.#start.length);
      if (draft) this.#kept.set(id, draft);
      else this.#kept.delete(id);
    });
  }

  of(conversation: string): Draft {
    return this.#kept.get(conversation) ?? NONE;
  }

  change(conversation: string, change: Partial<Draft>): void {
    const next = { ...this.of(conversation), ...change };
    const empty = !next.text && !next.files.length;
    if (empty && !next.note) this.#kept.delete(conversation);
    else this.#kept.set(conversation, next);
    write(this.#start + conversation, empty ? null : next);
  }

  /** Forgets drafts of conversations that are no longer there. */
  keepOnly(conversations: Set<string>): void {
    for (const id of [...this.#kept.keys()]) if (!conversations.has(id)) this.change(id, NONE);
  }

  stop(): void {
    this.#stop();
  }
}
