// The last search, kept while the agent reads what it found and comes back for the next.
import type { Conversation, ConversationList } from "../api/types";

class LastSearch {
  text = $state("");
  found = $state.raw<Conversation[] | null>(null);
  /** From where older ones can be looked for: nothing before it was looked at. */
  next = $state.raw<number | null>(null);

  take(list: ConversationList, further: boolean): void {
    const before = further ? (this.found ?? []) : [];
    const known = new Set(before.map((it) => it.id));
    this.found = [...before, ...list.conversations.filter((it) => !known.has(it.id))];
    this.next = list.next ?? null;
  }

  forget(): void {
    this.found = null;
    this.next = null;
  }
}

export const lastSearch = new LastSearch();
