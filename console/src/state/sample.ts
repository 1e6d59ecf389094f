// Small conversations and messages for the tests.
import type { Conversation, Message } from "../api/types";
import { emptyWorld, type World } from "./world";

export function conversation(id: string, change: Partial<Conversation> = {}): Conversation {
  return {
    id,
    state: "active",
    channel: "web",
    opened_at: 1_000,
    department: "support",
    agent: { id: "ana", name: "Ana" },
    last_number: 0,
    consumer_read: { delivered: 0, read: 0 },
    agent_read: { delivered: 0, read: 0 },
    consumer: "c",
    profile: { facts: {} },
    consumer_presence: "here",
    version: 1,
    segment: 1,
    priority: 0,
    hops: 0,
    classification: { state: "none" },
    suggestions: { set: 0, items: [] },
    ...change,
  } as Conversation;
}

export function message(number: number, change: Partial<Message> = {}): Message {
  return { id: `m${number}`, number, at: number * 1_000, author: { side: "consumer" }, text: `text ${number}`, ...change };
}

export function worldOf(...conversations: Conversation[]): World {
  const world = emptyWorld("ana");
  for (const it of conversations) {
    world.conversations[it.id] = it;
    world.threads[it.id] = { messages: [], lines: [], more: false };
  }
  return world;
}
