// The suggestions on screen. What the engine proposes anew waits while a hand is on them, and a node that stays keeps
// its place.
import type { Suggestion, Suggestions } from "../api/types";

export function steady(shown: Suggestions, latest: Suggestions, held: boolean): Suggestions {
  if (shown.set === latest.set || (held && shown.items.length > 0)) return shown;
  const staying = shown.items.map((it) => it.node);
  const rest = latest.items.filter((it) => !staying.includes(it.node));
  const byPlace = staying.map((node) => latest.items.find((it) => it.node === node) ?? rest.shift());
  const items = [...byPlace, ...rest].filter((it): it is Suggestion => it !== undefined);
  return { set: latest.set, items };
}

/** The set a choice is counted under: only where the engine's present set holds the node. */
export function setOf(latest: Suggestions, node: string): number | undefined {
  return latest.items.some((it) => it.node === node) ? latest.set : undefined;
}
