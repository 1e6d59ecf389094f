// Files of one window on their way to the desk. What arrived stands in the draft; what was refused, at its place.
import { asProblem } from "../../api/problem";
import type { Desk } from "../../live/desk.svelte";
import { freshId } from "../../live/ids";
import { notices } from "../../live/notices.svelte";
import { session } from "../../live/session.svelte";
import { sentence } from "../../words/problems";
import { plainName } from "../../state/text";
import { size } from "../../words/formats";
import { languageTag, words } from "../../words/index.svelte";

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
    const limits = this.#desk.world.rules?.attachments;
    const most = limits?.max_per_message ?? files.length;
    const room = most - this.#desk.drafts.of(this.#conversation).files.length - this.running.length;
    if (files.length > room) notices.add(words().compose.tooMany(most), { tone: "problem" });
    for (const file of files.slice(0, Math.max(0, room))) {
      if (limits && file.size > limits.max_bytes) this.#tooLarge(file, limits.max_bytes);
      else this.#landed = this.#upload(file, this.#landed);
    }
  }

  stop(upload: Upload): void {
    upload.stop.abort();
  }

  /** Not worth the way: the desk takes none so large from anybody. */
  #tooLarge(file: File, most: number): void {
    const [is, may] = [size(file.size, languageTag()), size(most, languageTag())];
    notices.add(words().compose.tooLarge(plainName(file.name), is, may), { tone: "problem" });
  }

  /** They travel side by side, and stand in the draft as they were chosen. */
  async #upload(file: File, earlier: Promise<void>): Promise<void> {
    const upload: Upload = { key: freshId(), name: file.name, bytes: file.size, stop: new AbortController() };
    this.running = [...this.running, upload];
    try {
      const sent = session.api.upload(this.#conversation, file, upload.key, upload.stop.signal);
      const [stored] = await Promise.all([sent, earlier]);
      // Taken away while it waited for the ones before it.
      if (upload.stop.signal.aborted) return;
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
