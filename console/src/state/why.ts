// Why an agent has a conversation, from the engine's account of its decisions.
import type { Explanation, FeedEvent } from "../api/types";

export type Choice = Extract<FeedEvent, { type: "conversation_assigned" | "conversation_offered" }>;

/** The decision that holds: the last time it was given to somebody. Accepting an offer decides nothing by itself. */
export function lastChoice(explanation: Explanation): { at: number; event: Choice } | null {
  const all = explanation.decisions.flatMap(({ at, events }) => events.map((event) => ({ at, event })));
  const isChoice = (it: { at: number; event: FeedEvent }): it is { at: number; event: Choice } =>
    (it.event.type === "conversation_assigned" || it.event.type === "conversation_offered") &&
    it.event.why?.because !== "accepted";
  return all.filter(isChoice).at(-1) ?? null;
}
