// Messages on their way: kept until the engine has said what became of them, and sent again with the same id.
import type { Ack } from "../api/frames";
import type { ProblemBody } from "../api/problem";
import type { Attachment, Message } from "../api/types";

export interface Outgoing {
  id: string;
  conversation: string;
  text: string;
  attachments: Attachment[];
  at: number;
  /** Refused for a reason that sending again does not change. */
  failed?: ProblemBody;
}

export function add(outbox: Outgoing[], message: Outgoing): Outgoing[] {
  return outbox.some((it) => it.id === message.id) ? outbox : [...outbox, message];
}

export function remove(outbox: Outgoing[], id: string): Outgoing[] {
  return outbox.some((it) => it.id === id) ? outbox.filter((it) => it.id !== id) : outbox;
}

export function fail(outbox: Outgoing[], id: string, failed: ProblemBody): Outgoing[] {
  return outbox.map((it) => (it.id === id ? { ...it, failed } : it));
}

/** What is sent again after a reconnect, in the order in which it was written. */
export function waiting(outbox: Outgoing[]): Outgoing[] {
  return outbox.filter((it) => !it.failed);
}

/** The message as the acknowledgement makes it. */
export function acknowledged(sent: Outgoing, ack: Ack, me: string, name: string): Message {
  return {
    id: sent.id,
    number: ack.number,
    at: ack.at,
    author: { side: "agent", agent: me, name },
    text: ack.text ?? sent.text,
    attachments: sent.attachments,
    choices: [],
    note: false,
    refused: ack.state === "refused" ? ack.verdict : undefined,
  } as Message;
}
