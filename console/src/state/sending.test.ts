import { describe, expect, it } from "vitest";
import type { Ack } from "../api/frames";
import { cursorAfter, pauseBefore } from "../api/socket";
import { delivery } from "./delivery";
import { acknowledged, add, fail, remove, waiting, type Outgoing } from "./outbox";
import { Recent } from "./recent";
import { conversation, message } from "./sample";
import { shortcut, type Keys } from "./shortcuts";

const outgoing: Outgoing = { id: "m", conversation: "a", text: "hi", attachments: [], at: 1 };
const ack: Ack = { type: "ack", id: "m", conversation: "a", position: 9, at: 2, number: 3, state: "sent", verdict: { kind: "allow", code: "", detail: "" } };

describe("the outbox", () => {
  it("holds a message once, until it is acknowledged", () => {
    const outbox = add(add([], outgoing), outgoing);
    expect(outbox).toHaveLength(1);
    expect(remove(outbox, "m")).toEqual([]);
  });

  it("does not send again what was refused for good", () => {
    const problem = { code: "not-theirs", status: 409, title: "", detail: "" };
    expect(waiting(fail([outgoing], "m", problem))).toEqual([]);
  });

  it("shows a message as the policies stored it", () => {
    expect(acknowledged(outgoing, { ...ack, text: "***" }, "ana", "Ana").text).toBe("***");
    const refused = acknowledged(outgoing, { ...ack, number: 0, state: "refused", verdict: { kind: "deny", code: "x", detail: "y" } }, "ana", "Ana");
    expect(refused.refused?.code).toBe("x");
  });
});

it("knows how far a message has come", () => {
  const far = (delivered: number, read: number) => delivery(message(2), conversation("a", { consumer_read: { delivered, read } }));
  expect([far(1, 1), far(2, 1), far(2, 2)]).toEqual(["sent", "delivered", "read"]);
});

describe("the cursor", () => {
  it("follows events and watermarks, never an acknowledgement", () => {
    expect(cursorAfter(4, { type: "watermark", position: 7 })).toBe(7);
    expect(cursorAfter(8, { type: "watermark", position: 7 })).toBe(8);
    expect(cursorAfter(4, ack)).toBe(4);
  });

  it("goes back only where the desk says to begin anew", () => {
    expect(cursorAfter(90, { type: "refresh", cursor: 12 })).toBe(12);
  });
});

it("tries again soon, then less often, never all at once", () => {
  expect(pauseBefore(0, 1)).toBe(500);
  expect(pauseBefore(20, 1)).toBe(15_000);
  expect(pauseBefore(20, 0)).toBe(7_500);
});

it("remembers commits only while something is fetched", () => {
  const recent = new Recent();
  const commit = { position: 1, at: 1, events: [] };
  recent.add(commit);
  const since = recent.mark();
  recent.add(commit);
  expect(since()).toEqual([commit]);
  expect(recent.mark()()).toEqual([]);
});

describe("keys", () => {
  const keys = (change: Partial<Keys>): Keys => ({ code: "", key: "", altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...change });

  it("are told by their place", () => {
    expect(shortcut(keys({ code: "Digit2", key: "™", altKey: true }), true)).toEqual({ act: "window", at: 1 });
    expect(shortcut(keys({ code: "KeyF", key: "f", altKey: true }), true)).toEqual({ act: "finish" });
    expect(shortcut(keys({ code: "KeyW", key: "∑", altKey: true }), true)).toEqual({ act: "reply", at: 1 });
  });

  it("leave writing alone", () => {
    expect(shortcut(keys({ key: "?", shiftKey: true }), true)).toBeNull();
    expect(shortcut(keys({ key: "?", shiftKey: true }), false)).toEqual({ act: "sheet" });
    // AltGr writes signs on many keyboards.
    expect(shortcut(keys({ code: "KeyA", altKey: true, ctrlKey: true }), true)).toBeNull();
  });
});
