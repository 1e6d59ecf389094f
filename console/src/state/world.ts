// What one agent knows of the desk. A plain value: every change makes a new one, and what has not changed keeps its
// identity, so that a window is drawn again only for its own news.
import type { SuggestedReply } from "../api/frames";
import type { Agent, Conversation, Department, DeskRules, FeedEvent, Message, Node, Reply } from "../api/types";

export interface World {
  /** The agent's own login. */
  me: string;
  /** Conversations at once, by the rules. */
  limit: number;
  agents: Record<string, Agent>;
  departments: Department[];
  tree: Node[];
  replies: Reply[];
  /** What holds at the desk; not known before the first answer. */
  rules: DeskRules | null;
  /** As of which position of the feed the agents were fetched. */
  agentsAsOf: number;
  conversations: Record<string, Conversation>;
  threads: Record<string, Thread>;
  /** Who types where, until when. */
  typing: Record<string, TypingMark>;
  /** What could be answered, by conversation. */
  offers: Record<string, Offer>;
}

/** What was said in a conversation, as far as it was loaded. */
export interface Thread {
  /** Oldest first; refused ones, which have no number, stand where they were tried. */
  messages: Message[];
  /** What happened beside messages: assigned, transferred, finished. */
  lines: Line[];
  /** Whether older messages can be loaded. */
  more: boolean;
}

export interface Line {
  /** Unique in its thread. */
  id: string;
  at: number;
  event: LineEvent;
}

export type LineEvent = Extract<
  FeedEvent,
  {
    type:
      | "conversation_assigned"
      | "conversation_transferred"
      | "conversation_held"
      | "conversation_resumed"
      | "conversation_closed"
      | "conversation_reopened"
      | "conversation_rated";
  }
>;

/** What the engine suggests to answer to a message. */
interface Offer {
  message: string;
  replies: SuggestedReply[];
}

interface TypingMark {
  by: "consumer" | "agent";
  agent?: string;
  until: number;
}

export const EMPTY_THREAD: Thread = { messages: [], lines: [], more: false };

export function emptyWorld(me: string): World {
  return {
    me,
    limit: 4,
    agents: {},
    departments: [],
    tree: [],
    replies: [],
    rules: null,
    agentsAsOf: 0,
    conversations: {},
    threads: {},
    typing: {},
    offers: {},
  };
}

/** The world with one conversation changed; the same world where it is not known. */
export function withConversation(world: World, id: string, change: (it: Conversation) => Partial<Conversation>): World {
  const known = world.conversations[id];
  if (!known) return world;
  const next = { ...known, ...change(known) } as Conversation;
  return { ...world, conversations: { ...world.conversations, [id]: next } };
}

/** The world with one thread changed; the same world where it was not loaded. */
export function withThread(world: World, id: string, change: (it: Thread) => Thread): World {
  const known = world.threads[id];
  if (!known) return world;
  const next = change(known);
  return next === known ? world : { ...world, threads: { ...world.threads, [id]: next } };
}

export function withAgent(world: World, id: string, change: (it: Agent) => Partial<Agent>): World {
  const known = world.agents[id];
  return known ? { ...world, agents: { ...world.agents, [id]: { ...known, ...change(known) } } } : world;
}
