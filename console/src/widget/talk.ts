// The conversation as its visitor knows it: a plain value, folded from what was fetched and from the feed's commits.
import type { Ack, Place } from "../api/frames";
import type { components } from "../api/schema";
import type { Commit, EventList, Message, MessageList } from "../api/types";
import type { Outgoing } from "../state/outbox";
import { addHistory, addLatest, addLine, addMessage, addPage, lineOf } from "../state/thread";
import { EMPTY_THREAD, type Thread } from "../state/world";

/** A conversation as the engine shows it to its consumer. */
export type Own = components["schemas"]["Conversation"];

export interface Talk {
  conversation: Own;
  thread: Thread;
  waitingSince: number | null;
}

export const fresh = (conversation: Own): Talk => ({ conversation, thread: EMPTY_THREAD, waitingSince: null });

/** Everything fetched anew. */
export function loaded(talk: Talk | null, conversation: Own, page: MessageList, history: EventList): Talk {
  const same = talk?.conversation.id === conversation.id ? talk.thread : EMPTY_THREAD;
  const waiting = history.commits.flatMap((it) => it.events).findLast((it) => it.type === "conversation_queued");
  return {
    conversation,
    thread: addHistory(addLatest(same, page.messages, page.more), history),
    waitingSince: waiting?.type === "conversation_queued" ? waiting.waiting_since : (talk?.waitingSince ?? null),
  };
}

export const older = (talk: Talk, page: MessageList): Talk => ({ ...talk, thread: addPage(talk.thread, page.messages, page.more) });

/** A commit of the feed. Seeing one twice changes nothing. */
export function fold(talk: Talk, commit: Commit): Talk {
  return commit.events.reduce((now, event) => {
    if (!("conversation" in event) || event.conversation !== now.conversation.id) return now;
    const line = lineOf(event, commit.at);
    const next = line ? { ...now, thread: addLine(now.thread, line) } : now;
    const is = (changes: Partial<Own>): Talk => ({ ...next, conversation: { ...next.conversation, ...changes } });
    switch (event.type) {
      case "message_sent":
        return said(next, event.message);
      case "message_refused":
        return said(next, { ...event.message, refused: { kind: "deny", code: event.code, detail: event.detail } });
      case "read_marked": {
        const mark = event.by === "agent" ? "agent_read" : "consumer_read";
        return is({ [mark]: further(next.conversation[mark], event) });
      }
      case "conversation_queued":
        return {
          // A place of another queue's wait would be wrong until the desk says the new one.
          ...is({ state: "queued", department: event.department, place: event.place, agent: null, expected_wait_ms: undefined }),
          waitingSince: event.waiting_since,
        };
      case "conversation_assigned":
        return is({ state: "active", agent: event.agent, department: event.department, place: undefined, expected_wait_ms: undefined });
      case "conversation_transferred":
        return is({ agent: null, department: event.to_department });
      case "conversation_closed":
        return is({ state: "closed", closed: { at: commit.at, by: event.by }, place: undefined });
      case "conversation_reopened":
        return is({ state: next.conversation.agent ? "active" : "queued", closed: undefined });
      default:
        return next;
    }
  }, talk);
}

/** Where the visitor stands in the queue now. */
export function placed(talk: Talk, { conversation, place, expected_wait_ms }: Place): Talk {
  if (conversation !== talk.conversation.id || talk.conversation.state !== "queued") return talk;
  return { ...talk, conversation: { ...talk.conversation, place, expected_wait_ms } };
}

function further(mark: Own["agent_read"], event: { delivered: number; read: number }): Own["agent_read"] {
  return { delivered: Math.max(mark.delivered, event.delivered), read: Math.max(mark.read, event.read) };
}

export function said(talk: Talk, message: Message): Talk {
  const last_number = Math.max(talk.conversation.last_number, message.number);
  return { ...talk, conversation: { ...talk.conversation, last_number }, thread: addMessage(talk.thread, message) };
}

/** A message of the visitor's as the acknowledgement makes it. */
export function acknowledged(sent: Outgoing, ack: Ack): Message {
  return {
    id: sent.id,
    number: ack.number,
    at: ack.at,
    author: { side: "consumer" },
    text: ack.text ?? sent.text,
    attachments: sent.attachments,
    choices: [],
    note: false,
    refused: ack.state === "refused" ? ack.verdict : undefined,
  };
}

export const isOwn = (message: Message): boolean => message.author.side === "consumer";

/** Messages of others beyond what was read. */
export function unread(talk: Talk | null): number {
  const read = talk?.conversation.consumer_read.read ?? 0;
  return talk?.thread.messages.filter((it) => !isOwn(it) && it.number > read).length ?? 0;
}

/** The number of the last message there is. */
export const reached = (talk: Talk): number => Math.max(0, ...talk.thread.messages.map((it) => it.number));

export function delivery(message: Message, conversation: Own): "sent" | "delivered" | "read" {
  if (message.number <= conversation.agent_read.read) return "read";
  return message.number <= conversation.agent_read.delivered ? "delivered" : "sent";
}

/** The stars given since the conversation was last reopened. */
export function rating(talk: Talk): number | null {
  const last = talk.thread.lines.findLast((it) => ["conversation_rated", "conversation_reopened"].includes(it.event.type));
  return last?.event.type === "conversation_rated" ? last.event.stars : null;
}

/** The menu that waits for an answer. */
export function menu(talk: Talk, outbox: Outgoing[]): Message | null {
  const last = talk.thread.messages.findLast((it) => !it.refused);
  const asks = talk.conversation.state === "bot" && outbox.length === 0 && last?.author.side === "bot";
  return asks && last?.choices?.length ? last : null;
}

