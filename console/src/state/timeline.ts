// Messages, what happened, and messages on their way, in one row with the days between them.
import type { Message } from "../api/types";
import type { Outgoing } from "./outbox";
import type { Line, Thread } from "./world";

export type Item =
  | { kind: "day"; id: string; at: number }
  | { kind: "message"; id: string; message: Message; joined: boolean }
  | { kind: "line"; id: string; line: Line }
  | { kind: "outgoing"; id: string; outgoing: Outgoing };

export function timeline(thread: Thread, outbox: Outgoing[]): Item[] {
  const items: Item[] = [];
  const lines = [...thread.lines];
  // Lines before the first message loaded belong to a part that was not loaded.
  const from = thread.more ? (thread.messages[0]?.at ?? 0) : 0;
  let day = "";
  let before: Message | null = null;
  const dayOf = (at: number) => {
    const next = new Date(at).toDateString();
    if (next !== day) items.push({ kind: "day", id: `day-${next}`, at });
    day = next;
  };
  const linesUntil = (at: number) => {
    while (lines.length && lines[0]!.at <= at) {
      const line = lines.shift()!;
      if (line.at < from) continue;
      dayOf(line.at);
      items.push({ kind: "line", id: line.id, line });
      before = null;
    }
  };
  for (const message of thread.messages) {
    const at = message.at ?? 0;
    linesUntil(at);
    if (at) dayOf(at);
    items.push({ kind: "message", id: message.id, message, joined: isJoined(before, message) });
    before = message;
  }
  linesUntil(Infinity);
  const known = new Set(thread.messages.map((it) => it.id));
  for (const outgoing of outbox) {
    if (known.has(outgoing.id)) continue;
    dayOf(outgoing.at);
    items.push({ kind: "outgoing", id: outgoing.id, outgoing });
  }
  return items;
}

/** Said by the same person within a minute: drawn closer together. */
function isJoined(before: Message | null, message: Message): boolean {
  if (!before || before.note || message.note || before.refused || message.refused) return false;
  const same = before.author.side === message.author.side && before.author.agent === message.author.agent;
  return same && (message.at ?? 0) - (before.at ?? 0) < 60_000;
}
