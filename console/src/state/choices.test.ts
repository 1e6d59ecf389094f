import { describe, expect, it } from "vitest";
import type { Node, Reply, Suggestions } from "../api/types";
import { filled, matching, wanted } from "./replies";
import { conversation } from "./sample";
import { setOf, steady } from "./suggestions";
import { branches, pathOf, search } from "./tree";

const suggestions = (set: number, ...nodes: string[]): Suggestions => ({
  set,
  items: nodes.map((node) => ({ node, confidence: 0.5, plugins: [], evidence: [] })),
});
const nodes = (all: Suggestions) => all.items.map((it) => it.node);

describe("suggestions", () => {
  it("wait while a hand is on them", () => {
    const shown = suggestions(1, "a", "b");
    expect(steady(shown, suggestions(2, "c"), true)).toBe(shown);
    expect(nodes(steady(suggestions(0), suggestions(2, "c"), true))).toEqual(["c"]);
  });

  it("keep their place when they stay", () => {
    expect(nodes(steady(suggestions(1, "a", "b"), suggestions(2, "b", "c", "a"), false))).toEqual(["a", "b", "c"]);
    expect(nodes(steady(suggestions(1, "a", "b"), suggestions(2, "c", "b"), false))).toEqual(["c", "b"]);
  });

  it("are counted only under the set that holds them", () => {
    expect(setOf(suggestions(4, "a"), "a")).toBe(4);
    expect(setOf(suggestions(4, "a"), "z")).toBeUndefined();
  });
});

describe("the tree", () => {
  const node = (id: string, parent?: string, change: Partial<Node> = {}): Node =>
    ({ id, parent, name: { pt: `Nó ${id}` }, active: true, departments: [], channels: [], suggest: 0.5, ...change }) as Node;
  const tree = [node("a"), node("b", "a"), node("c", "b"), node("off", "a", { active: false }), node("sales", "a", { departments: ["sales"] })];

  it("shows what may be chosen, with its path", () => {
    const shown = branches(tree, conversation("x"), "pt");
    expect(shown.map((it) => [it.node.id, it.depth, it.leaf])).toEqual([["a", 0, false], ["b", 1, false], ["c", 2, true]]);
    expect(pathOf(tree, "c", "pt")).toEqual(["Nó a", "Nó b", "Nó c"]);
  });

  it("is searched by the words of the path, without accents", () => {
    expect(search(branches(tree, conversation("x"), "pt"), "no C").map((it) => it.node.id)).toEqual(["c"]);
  });
});

describe("canned replies", () => {
  const reply = { id: "ola", title: { pt: "Saudação" }, text: { pt: "Olá {consumer}, {agent} {x}" }, departments: ["support"] } as Reply;

  it("are asked for by a slash and one word", () => {
    expect(wanted("/ol")).toBe("ol");
    expect(wanted("/ol a")).toBeNull();
    expect(wanted("a/b")).toBeNull();
  });

  it("are found by name or title in their departments", () => {
    expect(matching([reply], "saudacao", "support", "pt")).toHaveLength(1);
    expect(matching([reply], "", "sales", "pt")).toHaveLength(0);
  });

  it("are filled with what is known", () => {
    const filling = { agent: "Ana", consumer: "Lia", department: "" };
    expect(filled("Olá {consumer}, {agent} {x}", conversation("x"), filling)).toBe("Olá Lia, Ana {x}");
  });
});
