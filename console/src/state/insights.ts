// Figures as they are looked at: the tree of classifications added up, suggestions by plugin and by node.
import type { Insights, Node } from "../api/types";
import { textIn } from "./text";

export interface Volume {
  /** Empty: not classified. */
  id: string;
  name: string;
  /** With everything below it. */
  count: number;
  below: Volume[];
}

/** The tree as far as something was counted, the greatest first. Nodes the tree has no more stand at the top. */
export function volumes(figures: Insights["by_classification"], nodes: Node[], language: string, none: string): Volume[] {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const made = new Map<string, Volume>();
  const top: Volume[] = [];
  const of = (id: string): Volume => {
    const found = made.get(id);
    if (found) return found;
    const node = known.get(id);
    const fresh: Volume = { id, name: node ? textIn(node.name, language) : id || none, count: 0, below: [] };
    made.set(id, fresh);
    const parent = node?.parent ?? undefined;
    (parent === undefined ? top : of(parent).below).push(fresh);
    return fresh;
  };
  for (const figure of figures) {
    const id = figure.node ?? "";
    of(id);
    for (let at: string | undefined = id; at !== undefined; at = known.get(at)?.parent ?? undefined) {
      of(at).count += figure.conversations;
    }
  }
  const sort = (list: Volume[]): void => {
    list.sort((one, other) => other.count - one.count || one.name.localeCompare(other.name));
    list.forEach((one) => sort(one.below));
  };
  sort(top);
  return top;
}

export interface Fate {
  id: string;
  shown: number;
  accepted: number;
  changed: number;
  ignored: number;
}

/** Suggestions added up by plugin or by node, the most shown first. */
export function fates(suggestions: Insights["suggestions"], by: "plugin" | "node"): Fate[] {
  const sums = new Map<string, Fate>();
  for (const one of suggestions) {
    const id = one[by];
    const sum = sums.get(id) ?? { id, shown: 0, accepted: 0, changed: 0, ignored: 0 };
    sum.shown += one.shown;
    sum.accepted += one.accepted;
    sum.changed += one.changed;
    sum.ignored += one.ignored;
    sums.set(id, sum);
  }
  return [...sums.values()].sort((one, other) => other.shown - one.shown || one.id.localeCompare(other.id));
}

/** Of those whose end is known, the share that was chosen; nothing where none is. */
export function precision(fate: Fate): number | null {
  const settled = fate.accepted + fate.changed;
  return settled ? fate.accepted / settled : null;
}

export type Span = "today" | "week" | "month" | "custom";

/** What to ask the engine for. Days are the desk's: it knows which one today is. */
export function question(span: Span, from: string, to: string, department: string): URLSearchParams {
  const query = new URLSearchParams();
  if (span === "custom") {
    if (from) query.set("from", from);
    if (to) query.set("to", to);
  } else {
    query.set("days", { today: "1", week: "7", month: "30" }[span]);
  }
  if (department) query.set("department", department);
  return query;
}
