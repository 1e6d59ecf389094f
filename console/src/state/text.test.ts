import { describe, expect, it } from "vitest";
import { beginning, calm, FOLD_AFTER, initials, pieces, plainName } from "./text";

describe("links", () => {
  const links = (text: string) => pieces(text).flatMap((it) => (it.href ? [it.href] : []));

  it("are http and https and nothing else", () => {
    expect(links("see https://example.com/a?b=1.")).toEqual(["https://example.com/a?b=1"]);
    expect(links("javascript:alert(1) data:text/html,x ftp://x.example")).toEqual([]);
    expect(links("https://")).toEqual([]);
  });

  it("leave the text as it was written", () => {
    const text = 'a <b> "https://example.com/ü" (http://x.example/), c';
    expect(pieces(text).map((it) => it.text).join("")).toBe(text);
  });

  it("do not carry marks that turn the text", () => {
    expect(links("https://example.com/\u202egpj.exe")).toEqual(["https://example.com/"]);
  });
});

it("folds very long texts without cutting a character in two", () => {
  expect(beginning("short")).toBeNull();
  const long = "😀".repeat(FOLD_AFTER);
  expect(beginning(`x${long}`)).not.toMatch(/[\ud800-\udbff]$/u);
  expect(beginning("a\n".repeat(40))!.split("\n")).toHaveLength(18);
});

it("keeps stacked marks on a leash, and real ones", () => {
  expect(calm("Z" + "\u0351".repeat(40))).toBe("Z" + "\u0351".repeat(4));
  expect(calm("não é à toa")).toBe("não é à toa");
});

it("makes names of one line", () => {
  expect(plainName("a\nb\u202ec")).toBe("a b c");
  expect(initials("Marina de Castro")).toBe("MC");
  expect(initials("<script>")).toBe("·");
});
