import { describe, expect, it } from "vitest";
import type { Message } from "../api/types";
import { suggested } from "./replies";
import { conversation, message, worldOf } from "./sample";

const HELLO = { text: "Hello!", plugin: "replies", confidence: 0.6, evidence: ["hi"] };

function worldWith(messages: Message[], of = "m1") {
  const world = worldOf(conversation("a"));
  world.threads.a = { messages, lines: [], more: false };
  world.offers.a = { message: of, replies: [HELLO] };
  return world;
}

describe("suggested replies", () => {
  const mine = (number: number, change: Partial<Message> = {}) =>
    message(number, { author: { side: "agent", agent: "ana", name: "Ana" }, ...change });

  it("stand until somebody has answered", () => {
    expect(suggested(worldWith([message(1)]), "a")).toEqual([HELLO]);
    expect(suggested(worldWith([mine(0), message(1), message(2)]), "a")).toEqual([HELLO]);
    expect(suggested(worldWith([message(1), mine(2)]), "a")).toEqual([]);
    // An answer that the engine did not see yet when it suggested.
    expect(suggested(worldWith([message(1), mine(2), message(3)]), "a")).toEqual([]);
  });

  it("are not ended by a note or by what was refused", () => {
    expect(suggested(worldWith([message(1), mine(2, { note: true })]), "a")).toEqual([HELLO]);
    expect(suggested(worldWith([message(1), mine(0)]), "a")).toEqual([HELLO]);
  });

  it("are for one conversation only", () => {
    expect(suggested(worldWith([message(1)]), "b")).toEqual([]);
  });
});
