// Files of one window on their way to the desk. What arrived stands in the draft; what was refused, at its place.
import { asProblem } from "../../api/problem";
import type { Desk } from "../../live/desk.svelte";
import { freshId } from "../../live/ids";
import { notices } from "../../live/notices.svelte";
import { session } from "../../live/session.svelte";
import { sentence } from "../../words/problems";
import { words } from "../../words/index.svelte";

/** As many as one message may name, whatever the rules say. */
const MOST = 10;

interface Upload {
  key: string;
  name: string;
  bytes: number;
  stop: AbortController;
}

export class Uploads {
  running: Upload[] = $state.raw([]);
  #desk: Desk;
  #conversation: string;
  /** Fulfilled when everything chosen so far has arrived or failed. */
  #landed: Promise<void> = Promise.resolve();

  constructor(desk: Desk, conversation: string) {
    this.#desk = desk;
    this.#conversation = conversation;
  }

  add(files: File[] | null): void {
    if (files === null) {
      notices.add(words().compose.folder, { tone: "problem" });
      return;
    }
    const room = MOST - this.#desk.drafts.of(this.#conversation).files.length - this.running.length;
    if (files.length > room) notices.add(words().compose.tooMany(MOST), { tone: "problem" });
    for (const file of files.slice(0, Math.max(0, room))) this.#landed = this.#upload(file, this.#landed);
  }

  stop(upload: Upload): void {
    upload.stop.abort();
  }

  /** They travel side by side, and stand in the draft as they were chosen. */
  async #upload(file: File, earlier: Promise<void>): Promise<void> {
    const upload: Upload = { key: freshId(), name: file.name, bytes: file.size, stop: new AbortController() };
    this.running = [...this.running, upload];
    try {
      const sent = session.api.upload(this.#conversation, file, upload.key, upload.stop.signal);
      const [stored] = await Promise.all([sent, earlier]);
      const { id, name, mime, bytes, verdict } = stored;
      const warning = verdict.kind === "warn" ? verdict.code : undefined;
      const files = [...this.#desk.drafts.of(this.#conversation).files, { id, name, mime, bytes, warning }];
      this.#desk.drafts.change(this.#conversation, { files });
    } catch (thrown) {
      this.#failed(upload, thrown);
    } finally {
      this.running = this.running.filter((it) => it !== upload);
    }
    await earlier;
  }

  #failed(upload: Upload, thrown: unknown): void {
    if (upload.stop.signal.aborted) return;
    // The feed shows a refused file in the conversation itself.
    if (asProblem(thrown).code === "attachment-refused") return;
    notices.add(`${upload.name}: ${sentence(thrown, words())}`, { tone: "problem" });
  }
}
