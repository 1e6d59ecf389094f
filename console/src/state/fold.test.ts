import { describe, expect, it } from "vitest";
import type { FeedEvent } from "../api/types";
import { foldCommit, foldEvent, missing } from "./fold";
import { excerpt, mine, queue, toClassify, unread } from "./lists";
import { conversation, message, worldOf } from "./sample";

const sent = (number: number): FeedEvent =>
  ({ type: "message_sent", conversation: "a", message: message(number) }) as FeedEvent;
const ANA = { id: "ana", name: "Ana" };

describe("a fold", () => {
  it("takes an event twice as once", () => {
    const once = foldEvent(worldOf(conversation("a")), sent(1), 5);
    const twice = foldEvent(once, sent(1), 5);
    expect(twice.threads.a!.messages).toHaveLength(1);
    expect(twice.conversations.a!.last_number).toBe(1);
  });

  it("leaves what it does not concern as it is", () => {
    const before = worldOf(conversation("a"), conversation("b"));
    const after = foldEvent(before, sent(1), 5);
    expect(after.conversations.b).toBe(before.conversations.b);
    expect(after.threads.b).toBe(before.threads.b);
    expect(foldEvent(before, { type: "conversation_held", conversation: "x" }, 5)).toBe(before);
  });

  it("never lets a read mark go back", () => {
    const mark = (read: number): FeedEvent => ({ type: "read_marked", conversation: "a", by: "agent", delivered: read, read });
    const world = [mark(3), mark(2)].reduce((all, event) => foldEvent(all, event, 1), worldOf(conversation("a")));
    expect(world.conversations.a!.agent_read.read).toBe(3);
  });

  it("leaves out what a fetched conversation holds already", () => {
    const world = worldOf(conversation("a", { state: "active", position: 20 }));
    const queued = { type: "conversation_queued", conversation: "a", department: "sales", waiting_since: 1 } as FeedEvent;
    const held = { type: "conversation_held", conversation: "a" } as FeedEvent;
    expect(foldCommit(world, { position: 20, at: 1, events: [queued] }).conversations.a!.state).toBe("active");
    expect(foldCommit(world, { position: 21, at: 1, events: [held] }).conversations.a!.state).toBe("on_hold");
    // What was said was fetched apart and is added in any case.
    expect(foldCommit(world, { position: 20, at: 1, events: [sent(1)] }).threads.a!.messages).toHaveLength(1);
  });

  it("shows in the queue what those who wait have written", () => {
    const world = worldOf(conversation("a", { state: "queued", excerpt: { first: "my bill is wrong", last: "2" } }));
    expect(excerpt(world.conversations.a!)).toBe("my bill is wrong");
    const wrote = { type: "consumer_wrote", conversation: "a", excerpt: "are you there?" } as FeedEvent;
    expect(excerpt(foldEvent(world, wrote, 7).conversations.a!)).toBe("are you there?");
  });

  it("follows a conversation through its life", () => {
    let world = worldOf();
    const fold = (event: object, at = 10) => (world = foldEvent(world, event as FeedEvent, at));
    fold({ type: "conversation_started", conversation: "a", channel: "web", bot: false });
    fold({ type: "conversation_queued", conversation: "a", department: "support", waiting_since: 9 });
    expect(queue(world).map((it) => it.id)).toEqual(["a"]);
    fold({ type: "conversation_assigned", conversation: "a", agent: ANA, department: "support" });
    expect(mine(world).map((it) => it.id)).toEqual(["a"]);
    expect(world.conversations.a!.first_agent).toBe("ana");
    fold({ type: "conversation_closed", conversation: "a", by: "agent", agent: "ana" });
    expect(mine(world)).toEqual([]);
    expect(toClassify(world).map((it) => it.id)).toEqual(["a"]);
    fold({ type: "conversation_classified", conversation: "a", node: "n", tree: "t", by: "ana", final: true });
    expect(toClassify(world)).toEqual([]);
  });

  it("forgets what others have finished", () => {
    const bruno = conversation("a", { agent: { id: "bruno", name: "Bruno" }, last_agent: "bruno" });
    const world = { ...worldOf(bruno), threads: {} };
    const closed = { type: "conversation_closed", conversation: "a", by: "agent", agent: "bruno" } as FeedEvent;
    expect(foldEvent(world, closed, 5).conversations).toEqual({});
  });

  it("keeps what happened beside the messages", () => {
    const commit = { position: 1, at: 7, events: [{ type: "conversation_held", conversation: "a" } as FeedEvent] };
    const world = foldCommit(foldCommit(worldOf(conversation("a")), commit), commit);
    expect(world.threads.a!.lines.map((line) => line.event.type)).toEqual(["conversation_held"]);
  });

  it("ends the typing of whoever has written", () => {
    const world = worldOf(conversation("a"));
    world.typing.a = { by: "consumer", until: 99 };
    expect(foldEvent(world, sent(1), 5).typing).toEqual({});
  });
});

describe("what is missing", () => {
  const assigned = (agent: object): FeedEvent =>
    ({ type: "conversation_assigned", conversation: "x", agent, department: "support" }) as FeedEvent;

  it("is what concerns the agent and is not known", () => {
    const commit = (event: FeedEvent) => ({ position: 1, at: 1, events: [event] });
    expect(missing(worldOf(), commit(assigned(ANA)))).toEqual(["x"]);
    expect(missing(worldOf(), commit(assigned({ id: "bruno", name: "Bruno" })))).toEqual([]);
    expect(missing(worldOf(conversation("x")), commit(assigned(ANA)))).toEqual([]);
  });
});

describe("unread messages", () => {
  it("are the consumer's after the agent's mark", () => {
    let world = worldOf(conversation("a", { agent_read: { delivered: 1, read: 1 } }));
    for (const number of [1, 2, 3]) world = foldEvent(world, sent(number), number);
    expect(unread(world, world.conversations.a!)).toBe(2);
  });
});
