// Messages and lines of one conversation, kept in order and free of doubles, whichever way they come.
import type { EventList, FeedEvent, Message } from "../api/types";
import type { Line, LineEvent, Thread } from "./world";

const LINES = new Set<FeedEvent["type"]>([
  "conversation_assigned",
  "conversation_transferred",
  "conversation_held",
  "conversation_resumed",
  "conversation_closed",
  "conversation_reopened",
  "conversation_rated",
]);

/** Puts a message in its place; one that is there already is replaced where it stands. */
export function addMessage(thread: Thread, message: Message): Thread {
  const messages = [...thread.messages];
  const known = messages.findIndex((it) => it.id === message.id);
  if (known >= 0) {
    messages[known] = message;
    return { ...thread, messages };
  }
  // Nearly always the last: looked for from the end.
  let place = messages.length;
  while (place > 0 && isBefore(message, messages[place - 1]!)) place--;
  messages.splice(place, 0, message);
  return { ...thread, messages };
}

function isBefore(one: Message, other: Message): boolean {
  if (one.number && other.number) return one.number < other.number;
  return (one.at ?? Infinity) < (other.at ?? Infinity);
}

/** Puts the latest page in. What is older is let go: there may be messages between it and the page. */
export function addLatest(thread: Thread, page: Message[], more: boolean): Thread {
  const first = page[0];
  const messages = first ? thread.messages.filter((it) => !isBefore(it, first)) : thread.messages;
  return addPage({ ...thread, messages }, page, more);
}

/** Puts a page of messages before or into what is there. */
export function addPage(thread: Thread, page: Message[], more: boolean): Thread {
  const fresh = new Set(page.map((it) => it.id));
  const rest = thread.messages.filter((it) => !fresh.has(it.id));
  const merged = rest.reduce(addMessage, { ...thread, messages: page });
  return { ...merged, more };
}

export function lineOf(event: FeedEvent, at: number): Line | null {
  if (!LINES.has(event.type)) return null;
  return { id: `${at}-${event.type}`, at, event: event as LineEvent };
}

export function addLine(thread: Thread, line: Line): Thread {
  if (thread.lines.some((it) => it.id === line.id)) return thread;
  const lines = [...thread.lines, line].sort((one, other) => one.at - other.at);
  return { ...thread, lines };
}

/** The lines of a conversation's history. */
export function addHistory(thread: Thread, history: EventList): Thread {
  const lines = history.commits.flatMap((commit) => commit.events.map((event) => lineOf(event, commit.at)));
  return lines.reduce((all, line) => (line ? addLine(all, line) : all), thread);
}
