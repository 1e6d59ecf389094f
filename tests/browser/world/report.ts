// The end of a run: the measured figures in one table. Nothing passes or fails by them here.
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";
import { FIGURE } from "./figures";

export default class Report implements Reporter {
  #rows: [string, string][] = [];

  onTestEnd(_test: TestCase, result: TestResult): void {
    for (const { type, description } of result.annotations) {
      const [what, value] = (description ?? "").split("\t");
      if (type === FIGURE && what && value) this.#rows.push([what, value]);
    }
  }

  onEnd(): void {
    if (this.#rows.length === 0) return;
    const width = Math.max(...this.#rows.map(([what]) => what.length));
    console.log("\nmeasured on this machine, while it did whatever else it did:\n");
    for (const [what, value] of this.#rows) console.log(`  ${what.padEnd(width)}  ${value}`);
  }

  printsToStdio(): boolean {
    return false;
  }
}
