import { describe, expect, it } from "vitest";
import type { Agent, Conversation, Department, Explanation } from "../api/types";
import { agents, byNeed, queues } from "./oversight";
import { conversation } from "./sample";
import { putOpen } from "./snapshot";
import { lastChoice } from "./why";
import { emptyWorld, type World } from "./world";

const known = (...all: Conversation[]): World => ({
  ...emptyWorld("sofia"),
  conversations: Object.fromEntries(all.map((one) => [one.id, one])),
});

const agent = (id: string, change: Partial<Agent>): Agent =>
  ({ id, name: id, role: "agent", departments: ["sales"], presence: "online", active: true, dropped: false, limit: 4, holds: 0, ...change }) as Agent;

describe("queues", () => {
  it("has every department, with who waits and since when", () => {
    const waits = (id: string, since: number) => conversation(id, { state: "queued", department: "sales", waiting_since: since, agent: null });
    const world = { ...known(waits("a", 300), waits("b", 200)), departments: [{ id: "sales" }, { id: "support" }] as Department[] };
    expect(queues(world).map((row) => [row.department, row.waiting.map((one) => one.id), row.since])).toEqual([
      ["sales", ["b", "a"], 200],
      ["support", [], null],
    ]);
  });
});

describe("agents", () => {
  it("counts what is parked beside the load, and puts the connected first", () => {
    const has = (id: string, state: string) => conversation(id, { state, agent: { id: "ana", name: "ana" } });
    const world = {
      ...known(has("a", "active"), has("b", "on_hold")),
      agents: {
        zoe: agent("zoe", {}),
        bob: agent("bob", { presence: "offline" }),
        ana: agent("ana", {}),
        gone: agent("gone", { active: false }),
        boss: agent("boss", { departments: [] }),
      },
    };
    expect(agents(world).map((row) => [row.agent.id, row.load, row.has.length])).toEqual([
      ["ana", 1, 2],
      ["zoe", 0, 0],
      ["bob", 0, 0],
    ]);
  });
});

describe("byNeed", () => {
  it("puts the longest without an answer first; who is parked waits for nobody", () => {
    const wrote = (id: string, at: number | null, state = "active") => conversation(id, { state, consumer_wrote_at: at, agent_wrote_at: null });
    const sorted = byNeed([wrote("late", 900), wrote("answered", null), wrote("parked", 1, "on_hold"), wrote("early", 100)]);
    expect(sorted.map((one) => one.id).slice(0, 2)).toEqual(["early", "late"]);
  });
});

describe("putOpen", () => {
  it("lets go what others have had, and keeps what is one's own, finished or being read", () => {
    const world = known(
      conversation("theirs", { state: "active", agent: { id: "ana", name: "Ana" } }),
      conversation("read", { state: "active", agent: { id: "ana", name: "Ana" } }),
      conversation("mine", { state: "active", agent: { id: "sofia", name: "Sofia" } }),
      conversation("over", { state: "closed", agent: null }),
    );
    world.threads = { read: { messages: [], lines: [], more: false } };
    const next = putOpen(world, [conversation("new", { state: "queued", agent: null })]);
    expect(Object.keys(next.conversations).sort()).toEqual(["mine", "new", "over", "read"]);
  });
});

describe("lastChoice", () => {
  it("is the decision, not the acceptance that followed it", () => {
    const decision = (at: number, type: string, because: string) => ({
      at,
      position: at,
      generation: "",
      events: [{ type, conversation: "c", agent: { id: "ana", name: "Ana" }, why: { because } }],
    });
    const explanation = {
      conversation: "c",
      decisions: [
        decision(1, "conversation_assigned", "claimed"),
        decision(2, "conversation_offered", "routed"),
        decision(3, "conversation_assigned", "accepted"),
      ],
    } as unknown as Explanation;
    expect(lastChoice(explanation)?.at).toBe(2);
    expect(lastChoice({ ...explanation, decisions: [] })).toBeNull();
  });
});
