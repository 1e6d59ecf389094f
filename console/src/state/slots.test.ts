import { expect, it } from "vitest";
import { nextUnread, place, settle } from "./slots";

it("fills free windows in order and moves nobody", () => {
  const slots = settle([], ["a", "b"], 4);
  expect(slots).toEqual(["a", "b", null, null]);
  expect(settle(slots, ["b", "c"], 4)).toEqual(["c", "b", null, null]);
});

it("is the same value when nothing changed", () => {
  const slots = settle([], ["a"], 4);
  expect(settle(slots, ["a"], 4)).toBe(slots);
});

it("shows no more windows than the limit, and no more than four", () => {
  expect(settle([], [], 3)).toHaveLength(3);
  expect(settle([], [], 9)).toHaveLength(4);
  expect(settle([], ["a", "b", "c", "d", "e"], 4)).toEqual(["a", "b", "c", "d"]);
});

it("brings one without a window into the active one", () => {
  expect(place(["a", "b"], "c", 1)).toEqual(["a", "c"]);
  expect(place(["a", "b"], "a", 1)).toEqual(["a", "b"]);
});

it("goes round to the next with unread messages", () => {
  const unread = (id: string) => (id === "a" || id === "c" ? 1 : 0);
  expect(nextUnread(["a", "b", "c"], "a", unread)).toBe("c");
  expect(nextUnread(["a", "b", "c"], "c", unread)).toBe("a");
  expect(nextUnread(["b"], null, unread)).toBeNull();
});
