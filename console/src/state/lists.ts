// The lists an agent looks at, taken from the world.
import type { Conversation, Message } from "../api/types";
import type { World } from "./world";

const all = (world: World): Conversation[] => Object.values(world.conversations);

export function isMine(world: World, it: Conversation): boolean {
  return it.agent?.id === world.me && it.state !== "closed";
}

/** What the agent works on, oldest first: the order never changes under the hand. */
export function mine(world: World): Conversation[] {
  return all(world)
    .filter((it) => isMine(world, it) && (it.state === "active" || it.state === "offered"))
    .sort((one, other) => one.opened_at - other.opened_at || (one.id < other.id ? -1 : 1));
}

export function onHold(world: World): Conversation[] {
  return all(world).filter((it) => isMine(world, it) && it.state === "on_hold");
}

/** Who waits, in the engine's order: priority, then longest waiting. */
export function queue(world: World): Conversation[] {
  return all(world)
    .filter((it) => it.state === "queued")
    .sort((one, other) => other.priority - one.priority || since(one) - since(other));
}

function since(it: Conversation): number {
  return it.waiting_since ?? it.opened_at;
}

/** A line about what somebody who waits has written. A menu's answer says little: then the first words say more. */
export function excerpt(it: Conversation): string | null {
  if (!it.excerpt) return null;
  const { first, last } = it.excerpt;
  return last.includes(" ") ? last : first.includes(" ") ? first : last;
}

/** Finished without a final classification, latest first. */
export function toClassify(world: World): Conversation[] {
  return all(world)
    .filter((it) => it.state === "closed" && it.last_agent === world.me && isUnclassified(it))
    .sort((one, other) => (other.closed?.at ?? 0) - (one.closed?.at ?? 0));
}

export function isUnclassified(it: Conversation): boolean {
  return it.classification.state === "none" || it.classification.state === "draft";
}

/** Consumer's messages the agent has not read. */
export function unread(world: World, it: Conversation): number {
  const messages = world.threads[it.id]?.messages ?? [];
  let count = 0;
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at]!;
    if (message.number && message.number <= it.agent_read.read) break;
    if (message.author.side === "consumer") count++;
  }
  return count;
}

export function lastSaid(world: World, id: string): Message | undefined {
  return world.threads[id]?.messages.findLast((it) => !it.note && !it.refused);
}

/** Since when the consumer waits for an answer, or nothing. */
export function unansweredSince(it: Conversation): number | null {
  const wrote = it.consumer_wrote_at ?? 0;
  return wrote > (it.agent_wrote_at ?? 0) ? wrote : null;
}
