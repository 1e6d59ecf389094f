// Folds the feed's events into the agent's world. Every fold sets what the event says and adds what it names once, so
// that an event may come twice, or after a snapshot that holds it already.
import type { Commit, Conversation, FeedEvent, Message, Presence, Profile } from "../api/types";
import { addLine, addMessage, lineOf } from "./thread";
import { withAgent, withConversation, withThread, type World } from "./world";

export function foldCommit(world: World, commit: Commit): World {
  return commit.events.reduce((before, event) => foldEvent(before, event, commit.at, commit.position), world);
}

export function foldEvent(world: World, event: FeedEvent, at: number, position = Infinity): World {
  const folded = isFetched(world, event, position) ? world : foldState(world, event, at);
  const line = lineOf(event, at);
  if (!line || !("conversation" in event)) return folded;
  return withThread(folded, event.conversation, (thread) => addLine(thread, line));
}

/** Whether what was fetched holds an event already: folded over it again, it would turn back what came after. What was
 * said is added once in any case, since it was fetched apart. */
function isFetched(world: World, event: FeedEvent, position: number): boolean {
  if ("message" in event) return false;
  if ("conversation" in event) return position <= (world.conversations[event.conversation]?.position ?? -1);
  return "agent" in event && position <= world.agentsAsOf;
}

function foldState(world: World, event: FeedEvent, at: number): World {
  switch (event.type) {
    case "presence_changed":
      return withAgent(world, event.agent, () => ({
        presence: event.presence as Presence,
        reason: event.reason ?? undefined,
        dropped: false,
      }));
    case "agent_dropped":
      return withAgent(world, event.agent, () => ({ dropped: true }));
    case "agent_returned":
      return withAgent(world, event.agent, () => ({ dropped: false }));
    case "own_limit_set":
      return withAgent(world, event.agent, () => ({ own_limit: event.limit }));
    case "account_removed":
      return withAgent(world, event.agent, () => ({ active: false }));
    case "conversation_started":
      return started(world, event, at);
    case "consumer_arrived":
      return withConversation(world, event.conversation, () => ({ consumer_presence: "here" }));
    case "consumer_went_away":
      return withConversation(world, event.conversation, () => ({ consumer_presence: "away" }));
    case "conversation_queued":
      return withConversation(world, event.conversation, (it) => ({
        state: "queued",
        agent: null,
        offer: null,
        department: event.department,
        waiting_since: event.waiting_since,
        priority: event.priority ?? it.priority,
      }));
    case "conversation_offered":
      return withConversation(world, event.conversation, () => ({
        state: "offered",
        agent: event.agent,
        department: event.department,
        offer: { at, until: event.until },
      }));
    case "offer_passed":
      return withConversation(world, event.conversation, () => ({ state: "queued", agent: null, offer: null }));
    case "conversation_assigned":
      return withConversation(world, event.conversation, (it) => ({
        state: "active",
        agent: event.agent,
        department: event.department,
        offer: null,
        transfer: null,
        closed: null,
        waiting_since: null,
        first_agent: it.first_agent ?? event.agent.id ?? null,
        last_agent: event.agent.id ?? it.last_agent,
      }));
    case "conversation_held":
      return withConversation(world, event.conversation, () => ({ state: "on_hold" }));
    case "conversation_resumed":
      return withConversation(world, event.conversation, () => ({ state: "active" }));
    case "conversation_transferred":
      return transferred(world, event);
    case "conversation_closed":
      return closed(world, event, at);
    case "conversation_reopened":
      return withConversation(world, event.conversation, () => ({ closed: null }));
    case "conversation_classified":
      return withConversation(world, event.conversation, () => ({
        classification: {
          state: event.final ? "final" : "draft",
          node: event.node,
          tree: event.tree,
          by: event.by ?? undefined,
        },
      }));
    case "classification_waived":
      return withConversation(world, event.conversation, () => ({ classification: { state: "waived" } }));
    case "classification_suggested":
      return withConversation(world, event.conversation, () => ({
        suggestions: { set: event.set, items: event.suggestions },
      }));
    case "consumer_wrote":
      return withConversation(world, event.conversation, (it) => ({
        excerpt: { first: it.excerpt?.first ?? event.excerpt, last: event.excerpt },
        consumer_wrote_at: at,
      }));
    case "message_sent":
      return said(world, event.conversation, event.message, at);
    case "note_added":
      return said(world, event.conversation, { ...event.message, note: true }, at);
    case "message_refused":
      return withThread(world, event.conversation, (thread) =>
        addMessage(thread, { ...event.message, refused: { kind: "deny", code: event.code, detail: event.detail } }),
      );
    case "read_marked":
      return marked(world, event);
    default:
      return world;
  }
}

type Of<T extends FeedEvent["type"]> = Extract<FeedEvent, { type: T }>;

function started(world: World, event: Of<"conversation_started">, at: number): World {
  if (world.conversations[event.conversation]) return world;
  const nothing = { delivered: 0, read: 0 };
  const conversation = {
    id: event.conversation,
    state: event.bot ? "bot" : "queued",
    channel: event.channel,
    opened_at: at,
    department: null,
    agent: null,
    position: 0,
    last_number: 0,
    consumer_read: nothing,
    agent_read: nothing,
    previous: event.previous ?? undefined,
    consumer: event.consumer ?? "",
    profile: event.profile ?? ({ facts: {} } as Profile),
    consumer_presence: "here",
    version: 0,
    segment: 1,
    first_agent: null,
    last_agent: null,
    waiting_since: null,
    priority: 0,
    offer: null,
    hops: 0,
    transfer: null,
    consumer_wrote_at: null,
    agent_wrote_at: null,
    classification: { state: "none" },
    suggestions: { set: 0, items: [] },
  } as Conversation;
  return { ...world, conversations: { ...world.conversations, [conversation.id]: conversation } };
}

function transferred(world: World, event: Of<"conversation_transferred">): World {
  const waits = event.waits_until;
  return withConversation(world, event.conversation, (it) => ({
    department: event.to_department,
    agent: null,
    hops: it.hops + 1,
    transfer: waits
      ? { agent: event.to_agent?.id ?? "", department: event.to_department, until: waits }
      : null,
  }));
}

function closed(world: World, event: Of<"conversation_closed">, at: number): World {
  const it = world.conversations[event.conversation];
  if (it && it.last_agent !== world.me && !world.threads[it.id]) return without(world, it.id);
  return withConversation(world, event.conversation, () => ({
    state: "closed",
    agent: null,
    offer: null,
    transfer: null,
    closed: { at, by: event.by },
  }));
}

/** Others' finished conversations are forgotten: a day has many. */
function without(world: World, id: string): World {
  const conversations = { ...world.conversations };
  delete conversations[id];
  return { ...world, conversations };
}

function said(world: World, id: string, message: Message, at: number): World {
  const dated = { ...message, at: message.at ?? at };
  const side = message.author.side;
  const told = withConversation(world, id, (it) => ({
    last_number: Math.max(it.last_number, message.number),
    consumer_wrote_at: side === "consumer" ? Math.max(at, it.consumer_wrote_at ?? 0) : it.consumer_wrote_at,
    agent_wrote_at: side === "agent" && !message.note ? Math.max(at, it.agent_wrote_at ?? 0) : it.agent_wrote_at,
  }));
  const quiet = side === told.typing[id]?.by ? withoutTyping(told, id) : told;
  return withThread(quiet, id, (thread) => addMessage(thread, dated));
}

function marked(world: World, event: Of<"read_marked">): World {
  const which = event.by === "consumer" ? "consumer_read" : "agent_read";
  return withConversation(world, event.conversation, (it) => ({
    [which]: {
      delivered: Math.max(it[which].delivered, event.delivered),
      read: Math.max(it[which].read, event.read),
    },
  }));
}

function withoutTyping(world: World, id: string): World {
  const typing = { ...world.typing };
  delete typing[id];
  return { ...world, typing };
}

/** Conversations that concern the agent and that the world does not know: they have to be fetched. */
export function missing(world: World, commit: Commit): string[] {
  const named = commit.events.filter((event) => concerns(event, world.me));
  const ids = named.map((event) => ("conversation" in event ? event.conversation : ""));
  return [...new Set(ids)].filter((id) => id && !world.conversations[id]);
}

function concerns(event: FeedEvent, me: string): boolean {
  if (event.type === "conversation_assigned" || event.type === "conversation_offered") return event.agent.id === me;
  return event.type === "conversation_queued" || event.type === "conversation_reopened";
}
