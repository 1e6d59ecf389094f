// The frames of the socket. They are not part of the OpenAPI document, so they are written down here.
import type { ProblemBody } from "./problem";
import type { Commit, Verdict } from "./types";

export type ClientFrame =
  | { type: "hello"; token: string; cursor?: number; watch?: string[] }
  | { type: "send"; conversation: string; id: string; text: string; attachments: string[] }
  | { type: "read"; conversation: string; delivered: number; read: number }
  | { type: "typing"; conversation: string }
  | { type: "watch"; conversation: string }
  | { type: "unwatch"; conversation: string }
  | { type: "ping" };

/** What became of a message. */
export interface Ack {
  type: "ack";
  id: string;
  conversation: string;
  position: number;
  /** When the desk took it. */
  at: number;
  number: number;
  state: "sent" | "refused";
  /** The text as stored, when the policies rewrote it. */
  text?: string;
  verdict: Verdict;
}

export interface Typing {
  type: "typing";
  conversation: string;
  by: "consumer" | "agent";
  agent?: string;
}

/** A text that the agent could send. */
export interface SuggestedReply {
  /** With placeholders in braces, as in canned replies. */
  text: string;
  /** The canned reply it is made from. */
  canned?: string;
  plugin: string;
  confidence: number;
  /** The words that led to it. */
  evidence: string[];
}

/** What could be answered to a message of the consumer's, by the agent who has the conversation. */
export interface Replies {
  type: "replies";
  conversation: string;
  message: string;
  /** The surest first, at most three; none: nothing fits. */
  replies: SuggestedReply[];
}

/** Where a waiting conversation stands now. */
export interface Place {
  type: "place";
  conversation: string;
  place: number;
  expected_wait_ms?: number;
}

export type ServerFrame =
  | { type: "welcome"; cursor: number; you: { side: string; id: string } }
  | Ack
  | ({ type: "event"; generation: string } & Commit)
  | Typing
  | Replies
  | Place
  | { type: "queue"; department: string; expected_wait_ms?: number }
  | { type: "watermark"; position: number }
  | { type: "refresh"; cursor: number }
  | { type: "error"; id?: string; problem: ProblemBody }
  | { type: "pong" }
  | { type: "bye"; reason: string };
