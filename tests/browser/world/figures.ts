// Figures that a test measures; the run ends with all of them in one table.
import { test } from "@playwright/test";

export const FIGURE = "figure";

/** Notes a figure of the running test. */
export function note(what: string, value: string): void {
  test.info().annotations.push({ type: FIGURE, description: `${what}\t${value}` });
}

/** The value below which this share of all lies. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
