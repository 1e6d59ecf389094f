// What went wrong, in a sentence for people. A code nobody has translated is shown with the engine's own words.
import { asProblem } from "../api/problem";

/** The part of a language that speaks of problems. */
export interface Sentences {
  problems: Record<string, string>;
  reasons: Record<string, string>;
}

/** Problems whose detail says more than their kind: a policy's reason, a field's bounds. */
const TELLING = new Set(["attachment-refused", "cannot-accept", "transfer-refused", "invalid"]);

/** A policy's reason: in the reader's language where its code is known, else in the policy's own words. */
export function reason(code: string, detail: string, words: Sentences): string {
  return words.reasons[code] ?? (capital(detail.trim()) || code);
}

export function sentence(thrown: unknown, words: Sentences): string {
  const problem = asProblem(thrown);
  const ofField = words.problems[`${problem.code}:${problem.body.field}`];
  if (ofField) return ofField;
  const known = words.problems[problem.code];
  const detail = problem.body.detail.trim();
  if (!known) return [problem.body.title, detail].filter(Boolean).map(capital).join(". ");
  return TELLING.has(problem.code) && detail ? `${known} ${capital(detail)}` : known;
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
