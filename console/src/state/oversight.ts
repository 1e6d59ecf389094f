// What somebody who watches over the desk looks at, taken from the world.
import type { Agent, Conversation } from "../api/types";
import { queue, unansweredSince } from "./lists";
import type { World } from "./world";

export interface QueueRow {
  department: string;
  waiting: Conversation[];
  /** Since when the first of them waits. */
  since: number | null;
}

/** Every department with who waits for it, the longest first. */
export function queues(world: World): QueueRow[] {
  const waiting = queue(world);
  return world.departments.map(({ id }) => {
    const here = waiting.filter((it) => it.department === id);
    const since = here.map((it) => it.waiting_since ?? it.opened_at);
    return { department: id, waiting: here, since: since.length ? Math.min(...since) : null };
  });
}

export interface AgentRow {
  agent: Agent;
  has: Conversation[];
  /** What counts against the limit. */
  load: number;
}

const ORDER = ["online", "busy", "offline"];

/** Those who can take conversations: connected ones first, then by name. */
export function agents(world: World): AgentRow[] {
  const taken = new Map<string, Conversation[]>();
  for (const it of running(world)) taken.set(it.agent?.id ?? "", [...(taken.get(it.agent?.id ?? "") ?? []), it]);
  const rows = Object.values(world.agents)
    .filter((agent) => agent.active && (agent.departments.length > 0 || taken.has(agent.id)))
    .map((agent) => {
      const has = taken.get(agent.id) ?? [];
      return { agent, has, load: has.filter((it) => it.state !== "on_hold").length };
    });
  const rank = (row: AgentRow) => ORDER.indexOf(row.agent.presence);
  return rows.sort((one, other) => rank(one) - rank(other) || one.agent.name.localeCompare(other.agent.name));
}

/** Conversations somebody is at work on, oldest first. */
export function running(world: World): Conversation[] {
  return Object.values(world.conversations)
    .filter((it) => ["active", "offered", "on_hold"].includes(it.state))
    .sort((one, other) => one.opened_at - other.opened_at || (one.id < other.id ? -1 : 1));
}

/** Those whose consumer has waited longest for an answer first, then the others. */
export function byNeed(conversations: Conversation[]): Conversation[] {
  const since = (it: Conversation) => (it.state === "on_hold" ? Infinity : (unansweredSince(it) ?? Infinity));
  return [...conversations].sort((one, other) => {
    const [a, b] = [since(one), since(other)];
    return a === b ? one.opened_at - other.opened_at : a - b;
  });
}
