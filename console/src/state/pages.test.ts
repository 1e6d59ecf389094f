import { describe, expect, it } from "vitest";
import type { Node, Problem } from "../api/types";
import { lasting, micro } from "../words/formats";
import { en } from "../words/pages/en";
import { es } from "../words/pages/es";
import { pt } from "../words/pages/pt";
import { fates, precision, question, volumes } from "./insights";
import { addressOf, pagesOf, placeOf } from "./route";
import { diffLines, sourceLines } from "./source";

describe("addresses", () => {
  it("lead to the place they were made of", () => {
    for (const rest of ["", "plugins/emoji.toml", "a b/ç"]) expect(placeOf(addressOf("rules", rest))).toEqual({ page: "rules", rest });
    expect(placeOf("")).toEqual({ page: "desk", rest: "" });
    expect(placeOf("#/elsewhere/x")).toEqual({ page: "desk", rest: "" });
    expect(placeOf("#/rules/%")).toEqual({ page: "rules", rest: "%" });
  });
  it("belong to roles", () => {
    expect(pagesOf("agent")).toEqual(["desk"]);
    expect(pagesOf(undefined)).toEqual(["desk"]);
    expect(pagesOf("supervisor")).toEqual(["desk", "live", "insights"]);
    expect(pagesOf("admin")).toContain("plugins");
  });
});

describe("volumes", () => {
  const node = (id: string, parent?: string) => ({ id, parent, name: { en: id.toUpperCase() }, active: true }) as unknown as Node;
  it("add up to the branches above, greatest first, with what the tree has no more", () => {
    const nodes = [node("a"), node("a.x", "a"), node("a.y", "a"), node("b")];
    const counts = [
      { node: "a.x", conversations: 2 },
      { node: "a.y", conversations: 3 },
      { node: "a", conversations: 1 },
      { node: "old", conversations: 4 },
      { conversations: 1 },
    ];
    const top = volumes(counts, nodes, "en", "none");
    expect(top.map((one) => [one.name, one.count])).toEqual([["A", 6], ["old", 4], ["none", 1]]);
    expect(top[0]!.below.map((one) => [one.name, one.count])).toEqual([["A.Y", 3], ["A.X", 2]]);
  });
});

describe("suggestions", () => {
  it("are added up by plugin, and judged by the choices that were made", () => {
    const one = { plugin: "p", node: "a", shown: 5, accepted: 3, changed: 1, ignored: 1 };
    const [sum] = fates([one, { ...one, node: "b" }], "plugin");
    expect(sum).toEqual({ id: "p", shown: 10, accepted: 6, changed: 2, ignored: 2 });
    expect(precision(sum!)).toBe(0.75);
    expect(precision({ ...sum!, accepted: 0, changed: 0 })).toBeNull();
  });
  it("are asked for by days of the desk", () => {
    expect(question("week", "2026-01-01", "", "sales").toString()).toBe("days=7&department=sales");
    expect(question("custom", "2026-01-01", "2026-01-31", "").toString()).toBe("from=2026-01-01&to=2026-01-31");
  });
});

describe("sourceLines", () => {
  const problem = (change: Partial<Problem>) =>
    ({ severity: "error", code: "x", file: "f", message: "m", line: 1, column: 1, end_line: 1, end_column: 1, ...change }) as Problem;
  it("marks characters, not halves of them", () => {
    const [line] = sourceLines("a = \"😀😀\" # x\n", [problem({ column: 5, end_column: 9 })]);
    expect(line!.pieces).toEqual([
      { text: "a = ", mark: null },
      { text: '"😀😀"', mark: "error" },
      { text: " # x", mark: null },
    ]);
  });
  it("marks places over lines, places without length, and the graver one", () => {
    const text = "one\ntwo\nthree\n";
    const over = sourceLines(text, [problem({ severity: "warning", line: 1, column: 3, end_line: 2, end_column: 3 }), problem({ line: 2, column: 1, end_line: 2, end_column: 1 })]);
    expect(over.map((line) => line.pieces.map((piece) => `${piece.mark ?? ""}:${piece.text}`))).toEqual([
      [":on", "warning:e"],
      ["error:t", "warning:w", ":o"],
      [":three"],
    ]);
    expect(over[1]!.problems).toHaveLength(1);
  });
  it("leaves lines alone that no problem is about", () => {
    expect(sourceLines("a", [problem({ line: 0, column: 0, end_line: 0, end_column: 0 })])[0]!.pieces).toEqual([{ text: "a", mark: null }]);
  });
});

describe("diffLines", () => {
  it("tells headers from lines that look like them", () => {
    const text = "--- old/a.toml\n+++ new/a.toml\n@@ -1,2 +1,2 @@\n same\n--- gone\n+++ come\n--- /dev/null\n+++ new/b.toml\n@@ -0,0 +1,1 @@\n+x = 1\n";
    expect(diffLines(text).map((line) => `${line.kind} ${line.text}`)).toEqual([
      "file a.toml",
      "place @@ -1,2 +1,2 @@",
      "same same",
      "out -- gone",
      "in ++ come",
      "file b.toml",
      "place @@ -0,0 +1,1 @@",
      "in x = 1",
    ]);
  });
});

describe("times", () => {
  it("are said in their two greatest units", () => {
    expect(lasting(0, "en")).toBe("0 sec");
    expect(lasting(45_400, "en")).toBe("45 sec");
    expect(lasting(200_000, "en")).toBe("3 min 20 sec");
    expect(lasting(7_205_000, "en")).toBe("2 hr");
    expect(micro(640, "en")).toBe("640 μs");
    expect(micro(12_345, "en")).toBe("12.3 ms");
  });
});

describe("the pages' words", () => {
  const shape = (table: unknown): unknown =>
    typeof table === "object" && table !== null ? Object.fromEntries(Object.entries(table).map(([key, value]) => [key, shape(value)])) : typeof table;
  it("are there in every language, also where a table is open", () => {
    expect(shape(pt)).toEqual(shape(en));
    expect(shape(es)).toEqual(shape(en));
  });
});
