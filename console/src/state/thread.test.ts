import { describe, expect, it } from "vitest";
import { message } from "./sample";
import { addLatest, addMessage, addPage } from "./thread";
import { timeline } from "./timeline";
import { EMPTY_THREAD, type Line } from "./world";

const ids = (thread: { messages: { id: string }[] }) => thread.messages.map((it) => it.id);

describe("a thread", () => {
  it("puts late messages in their place", () => {
    const thread = [3, 1, 2].reduce((all, number) => addMessage(all, message(number)), EMPTY_THREAD);
    expect(ids(thread)).toEqual(["m1", "m2", "m3"]);
  });

  it("keeps refused messages, which have no number, where they were tried", () => {
    const refused = message(0, { id: "r", at: 1_500, refused: { kind: "deny", code: "x", detail: "" } });
    const thread = [message(1), message(2), refused].reduce(addMessage, EMPTY_THREAD);
    expect(ids(thread)).toEqual(["m1", "r", "m2"]);
  });

  it("joins a page with what came while it was fetched", () => {
    const live = addMessage(EMPTY_THREAD, message(3));
    const thread = addPage(live, [message(1), message(2), message(3)], true);
    expect(ids(thread)).toEqual(["m1", "m2", "m3"]);
    expect(thread.more).toBe(true);
  });
});

it("leaves no hidden gap when the latest page is fetched anew", () => {
  const old = addMessage(addMessage(EMPTY_THREAD, message(1)), message(9));
  const thread = addLatest(old, [message(7), message(8)], true);
  expect(ids(thread)).toEqual(["m7", "m8", "m9"]);
  expect(thread.more).toBe(true);
});

describe("a timeline", () => {
  const DAY = 86_400_000;

  it("has a line for every day and each message once", () => {
    const thread = { ...EMPTY_THREAD, messages: [message(1, { at: DAY }), message(2, { at: 3 * DAY })] };
    const sending = { id: "m2", conversation: "a", text: "", attachments: [], at: 3 * DAY };
    expect(timeline(thread, [sending, { ...sending, id: "o" }]).map((it) => it.kind)).toEqual([
      "day",
      "message",
      "day",
      "message",
      "outgoing",
    ]);
  });

  it("leaves out lines of a part that was not loaded", () => {
    const line = (at: number): Line => ({ id: `${at}`, at, event: { type: "conversation_held", conversation: "a" } });
    const thread = { messages: [message(5)], lines: [line(1_000), line(6_000)], more: true };
    expect(timeline(thread, []).filter((it) => it.kind === "line")).toHaveLength(1);
  });

  it("draws together what one person says in one go", () => {
    const thread = { ...EMPTY_THREAD, messages: [message(1), message(2), message(3, { author: { side: "bot" } })] };
    const joined = timeline(thread, []).flatMap((it) => (it.kind === "message" ? [it.joined] : []));
    expect(joined).toEqual([false, true, false]);
  });
});
