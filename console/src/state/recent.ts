// The feed's commits that came while something was being fetched: the answer may be older than they are.
import type { Commit } from "../api/types";

export class Recent {
  #commits: Commit[] = [];
  #open = 0;

  /** Call it before a fetch; the answer gives what came since then. */
  mark(): () => Commit[] {
    this.#open++;
    const from = this.#commits.length;
    return () => {
      const since = this.#commits.slice(from);
      if (--this.#open === 0) this.#commits = [];
      return since;
    };
  }

  add(commit: Commit): void {
    if (this.#open > 0) this.#commits.push(commit);
  }
}
