// Who is signed in at this browser. All tabs share it.
import { caller } from "../api/call";
import { deskApi } from "../api/desk";
import { lastSearch } from "./search.svelte";
import { onChange, read, readAll, write } from "./storage";

interface Kept {
  token: string;
  agent: string;
}

class Session {
  kept = $state.raw<Kept | null>(read<Kept>("session"));
  /** It ended without being asked to. */
  ended = $state(false);
  readonly api = deskApi(caller(() => this.kept?.token ?? null, () => this.lose()));

  constructor() {
    onChange((key) => {
      if (key === "session") this.kept = read<Kept>("session");
    });
  }

  async logIn(login: string, password: string): Promise<void> {
    const begun = await this.api.logIn(login, password);
    this.ended = false;
    this.kept = { token: begun.token, agent: begun.agent.id };
    write("session", this.kept);
  }

  async logOut(): Promise<void> {
    await this.api.logOut().catch(() => undefined);
    for (const start of ["draft.", "outbox.", "slots.", "active."]) {
      for (const rest of Object.keys(readAll(start))) write(start + rest, null);
    }
    this.#forget();
  }

  /** The engine no longer knows the token: drafts stay for whoever signs in again. */
  lose(): void {
    if (!this.kept) return;
    this.ended = true;
    this.#forget();
  }

  #forget(): void {
    lastSearch.text = "";
    lastSearch.forget();
    this.kept = null;
    write("session", null);
  }
}

export const session = new Session();
