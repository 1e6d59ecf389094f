// Folds what was fetched into the world. A fetched conversation replaces the known one; what the feed said meanwhile is
// folded again on top by the caller.
import type { AgentList, Conversation, Me } from "../api/types";
import { EMPTY_THREAD, type Thread, type World } from "./world";

export function putConversations(world: World, fetched: Conversation[]): World {
  const conversations = { ...world.conversations };
  for (const it of fetched) conversations[it.id] = it;
  return { ...world, conversations };
}

/** All lists were fetched anew: what is in none of them is forgotten, with its thread. */
export function replaceConversations(world: World, fetched: Conversation[]): World {
  const conversations = Object.fromEntries(fetched.map((it) => [it.id, it]));
  const threads = Object.fromEntries(Object.entries(world.threads).filter(([id]) => conversations[id]));
  return { ...world, conversations, threads };
}

/** Every open conversation was fetched: what others have had and is open no more is let go. */
export function putOpen(world: World, open: Conversation[]): World {
  const found = new Set(open.map((it) => it.id));
  const stays = (it: Conversation) =>
    found.has(it.id) || it.state === "closed" || it.agent?.id === world.me || world.threads[it.id] !== undefined;
  const conversations = Object.fromEntries(Object.entries(world.conversations).filter(([, it]) => stays(it)));
  return putConversations({ ...world, conversations }, open);
}

export function putMe(world: World, me: Me): World {
  const known = me.agent ? { ...world.agents, [me.id]: me.agent } : world.agents;
  return { ...world, me: me.id, limit: me.limit ?? world.limit, agents: known };
}

export function putAgents(world: World, { agents, position }: AgentList): World {
  const known = { ...world.agents, ...Object.fromEntries(agents.map((it) => [it.id, it])) };
  return { ...world, agents: known, agentsAsOf: position };
}

/** How long one more conversation would wait in a queue. */
export function putWait(world: World, department: string, expected_wait_ms: number | undefined): World {
  const departments = world.departments.map((it) => (it.id === department ? { ...it, expected_wait_ms } : it));
  return { ...world, departments };
}

export function putThread(world: World, id: string, change: (thread: Thread) => Thread): World {
  return { ...world, threads: { ...world.threads, [id]: change(world.threads[id] ?? EMPTY_THREAD) } };
}
