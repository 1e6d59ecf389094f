// The running side: what is known is fetched once and then folded from the socket; what is written is kept until the
// engine has said what became of it.
import { caller, fetchFile, type Caller } from "../api/call";
import type { Ack, ServerFrame } from "../api/frames";
import { asProblem, Problem } from "../api/problem";
import { DeskSocket, type Line } from "../api/socket";
import type { components } from "../api/schema";
import type { Attachment, Commit, Department, DepartmentList, EventList, MessageList, Uploaded } from "../api/types";
import { freshId } from "../live/ids";
import type { Outgoing } from "../state/outbox";
import { Recent } from "../state/recent";
import { textIn } from "../state/text";
import { size } from "../words/formats";
import { sentence } from "../words/problems";
import { begun, failed, forgotten, moved, nextOut, settled, Store, written } from "./kept";
import type { Options } from "./options";
import { acknowledged, fold, loaded, older, placed, reached, said, type Own, type Talk } from "./talk";

/** What the rules call by a word, for a file field. */
const ENDINGS: Record<string, string> = {
  office: ".doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.odp",
  archive: ".zip,.rar,.7z,.tar,.gz",
};

/** As the engine bounds it. */
export const MOST_BYTES = 16 * 1024;
const TYPING_FOR_MS = 6_000;
const TYPING_EVERY_MS = 3_000;
const LOAD_AGAIN_MS = 3_000;
/** A message of another tab that was closed is sent by this one. */
const ORPHAN_AFTER_MS = 8_000;

type DeskView = components["schemas"]["DeskView"];

interface Begun {
  token?: string | null;
  conversation: Own;
}

export interface Upload {
  key: string;
  name: string;
  stop: AbortController;
}

export class Chat {
  readonly options: Options;
  readonly store: Store;
  talk: Talk | null = null;
  line: Line = "connecting";
  beginning = false;
  ready = false;
  /** What went wrong and is not said elsewhere. */
  notice: string | null = null;
  uploads: Upload[] = [];
  typingUntil = 0;
  departments: Department[] = [];

  #api: Caller;
  #socket: DeskSocket | null = null;
  #recent = new Recent();
  /** Fulfilled when every file chosen so far has arrived or failed. */
  #landed: Promise<void> = Promise.resolve();
  #changed: () => void;
  #loads = 0;
  #inFlight: string | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #typedAt = 0;
  /** What the desk takes; until it has said so, it says it when something is sent. */
  #rules: DeskView | null = null;
  #marked = { delivered: 0, read: 0 };

  constructor(options: Options, changed: () => void) {
    this.options = options;
    this.#changed = changed;
    this.#api = caller(() => this.store.now.token, () => this.#expired(), options.api);
    this.store = new Store(new URL(options.api).host, () => this.#other());
    if (this.store.now.conversation && !this.store.now.ended) this.follow();
  }

  /** Keeps up with the conversation there is. */
  follow(): void {
    const { token, conversation } = this.store.now;
    if (!token || !conversation || this.#socket) return;
    this.#socket = new DeskSocket({
      url: this.options.socket,
      token,
      onFrame: (frame) => this.#take(frame),
      onLine: (line) => this.#lineIs(line),
    });
  }

  /** Begins a conversation, or finds the open one. */
  async begin(name: string): Promise<void> {
    if (this.beginning) return;
    this.beginning = true;
    this.notice = null;
    this.#changed();
    const key = this.store.now.beginning ?? freshId();
    this.store.change((kept) => ({ ...kept, beginning: key }));
    const { visitor, locale } = this.options;
    const body = { ...visitor, name: visitor.name ?? (name.trim() || undefined), locale };
    try {
      const answer = await this.#api<Begun>("/conversations", { method: "POST", body, key });
      this.store.change((kept) => begun(kept, answer.token ?? null, answer.conversation.id));
      this.#loads++;
      this.#marked = { delivered: 0, read: 0 };
      this.talk = null;
      if (this.#socket) void this.#load();
      else this.follow();
    } catch (thrown) {
      const problem = asProblem(thrown);
      // With a lost answer the same key has to be used again; with a refusal it is spent.
      if (!problem.passing) this.store.change((kept) => ({ ...kept, beginning: null }));
      if (problem.code !== "unauthorized") this.#tell(problem);
    } finally {
      this.beginning = false;
      this.#changed();
    }
  }

  send(text: string): void {
    const { conversation, files } = this.store.now;
    if (!conversation || (!text.trim() && files.length === 0)) return;
    const message: Outgoing = { id: freshId(), conversation, text, attachments: files, at: Date.now() };
    this.store.change((kept) => written(kept, message));
    this.notice = null;
    // A message ends the typing on the other side: the next letter tells of it anew.
    this.#typedAt = 0;
    this.#pump();
    this.#changed();
  }

  /** An answer to the menu: it leaves the draft alone. */
  choose(payload: string): void {
    const { draft, files } = this.store.now;
    this.store.change((kept) => ({ ...kept, files: [] }));
    this.send(payload);
    this.store.change((kept) => ({ ...kept, draft, files }));
    this.#changed();
  }

  again(message: Outgoing): void {
    this.discard(message.id);
    this.store.change((kept) => ({ ...kept, outbox: [...kept.outbox, { ...message, at: Date.now(), failed: undefined }] }));
    this.#pump();
    this.#changed();
  }

  discard(id: string): void {
    this.store.change((kept) => settled(kept, id));
    this.#changed();
  }

  draft(text: string): void {
    this.store.change((kept) => ({ ...kept, draft: text }));
    const { conversation } = this.store.now;
    if (!text || !conversation || Date.now() - this.#typedAt < TYPING_EVERY_MS) return;
    if (this.#socket?.send({ type: "typing", conversation })) this.#typedAt = Date.now();
  }

  /** Files that were chosen, dropped or pasted; null where a folder was among them. */
  add(files: File[] | null): void {
    this.notice = null;
    if (files === null) {
      this.notice = this.options.words.folder;
    } else {
      const most = this.#rules?.attachments.max_per_message ?? files.length;
      const room = most - this.store.now.files.length - this.uploads.length;
      if (files.length > room) this.notice = this.options.words.tooMany(most);
      files.slice(0, Math.max(0, room)).forEach((file) => this.#offer(file));
    }
    this.#changed();
  }

  removeFile(id: string): void {
    this.store.change((kept) => ({ ...kept, files: kept.files.filter((it) => it.id !== id) }));
    this.#changed();
  }

  file(id: string): Promise<Blob> {
    return fetchFile(id, this.store.now.token, this.options.api);
  }

  async older(): Promise<void> {
    const first = this.talk?.thread.messages.find((it) => it.number > 0);
    if (!first || !this.talk) return;
    const { id } = this.talk.conversation;
    await this.#act(async () => {
      const page = await this.#api<MessageList>(`/conversations/${id}/messages?before=${first.number}`);
      if (this.talk?.conversation.id === id) this.talk = older(this.talk, page);
    });
  }

  async end(): Promise<void> {
    await this.#post("close", {});
  }

  async rate(stars: number, comment: string): Promise<void> {
    await this.#post("rating", { stars, comment });
  }

  /** Says how far the visitor has come: received when it is here, read when it was before the eyes. */
  mark(seen: boolean): void {
    if (!this.talk || !this.ready || this.talk.conversation.id !== this.store.now.conversation) return;
    const delivered = reached(this.talk);
    const mine = this.talk.conversation.consumer_read;
    const read = seen ? delivered : Math.max(mine.read, this.#marked.read);
    if (delivered <= Math.max(mine.delivered, this.#marked.delivered) && read <= Math.max(mine.read, this.#marked.read)) return;
    const { id } = this.talk.conversation;
    if (!this.#socket?.send({ type: "read", conversation: id, delivered, read })) return;
    this.#marked = { delivered, read };
    this.talk = { ...this.talk, conversation: { ...this.talk.conversation, consumer_read: { delivered, read } } };
    this.#changed();
  }

  /** Once a second while somebody looks. */
  tick(now: number): void {
    const next = nextOut(this.store.now);
    if (next && this.#inFlight === null && now - next.at > ORPHAN_AFTER_MS) this.#pump();
  }

  department(id: string): string {
    const found = this.departments.find((it) => it.id === id);
    return found ? textIn(found.name, this.options.words.tag) : id;
  }

  dismiss(): void {
    this.notice = null;
    this.#changed();
  }

  fail(thrown: unknown): void {
    this.#tell(thrown);
    this.#changed();
  }

  async #post(what: "close" | "rating", body: unknown): Promise<void> {
    const { conversation } = this.store.now;
    await this.#act(() => this.#api(`/conversations/${conversation}/${what}`, { method: "POST", body, key: freshId() }));
  }

  async #act(act: () => Promise<unknown>): Promise<void> {
    this.notice = null;
    try {
      await act();
    } catch (thrown) {
      this.#tell(thrown);
    }
    this.#changed();
  }

  #tell(thrown: unknown): void {
    this.notice = sentence(thrown, this.options.words);
  }

  #offer(file: File): void {
    const most = this.#rules?.attachments.max_bytes;
    const { words } = this.options;
    if (most === undefined || file.size <= most) {
      this.#landed = this.#upload(file, this.#landed);
      return;
    }
    this.notice = words.tooLarge(file.name, size(file.size, words.tag), size(most, words.tag));
  }

  /** The kinds of files that are taken, as a file field wants them; empty where the desk does not say. */
  get accept(): string {
    const kinds = this.#rules?.attachments.accept ?? [];
    return kinds.flatMap((kind) => ENDINGS[kind] ?? (kind.includes("/") ? kind : [])).join(",");
  }

  /** They travel side by side, and stand in the draft as they were chosen. */
  async #upload(file: File, earlier: Promise<void>): Promise<void> {
    const { conversation } = this.store.now;
    const upload: Upload = { key: freshId(), name: file.name, stop: new AbortController() };
    this.uploads = [...this.uploads, upload];
    this.#changed();
    try {
      const body = new FormData();
      body.set("file", file, file.name);
      const call = { method: "POST", body, key: upload.key, signal: upload.stop.signal } as const;
      const sent = this.#api<Uploaded>(`/conversations/${conversation}/attachments`, call);
      const [{ id, name, mime, bytes }] = await Promise.all([sent, earlier]);
      // Taken away while it waited for the ones before it.
      if (upload.stop.signal.aborted) return;
      const stored: Attachment = { id, name, mime, bytes };
      this.store.change((kept) => ({ ...kept, files: [...kept.files, stored] }));
    } catch (thrown) {
      // A file that a policy refused is shown where it was tried: the feed tells of it.
      const quiet = upload.stop.signal.aborted || asProblem(thrown).code === "attachment-refused";
      if (!quiet) this.notice = `${file.name}: ${sentence(thrown, this.options.words)}`;
    } finally {
      this.uploads = this.uploads.filter((it) => it !== upload);
      this.#changed();
    }
    await earlier;
  }

  #lineIs(line: Line): void {
    this.line = line;
    this.#inFlight = null;
    if (line === "ended") this.#expired();
    if (line === "open") {
      // Resumed by the cursor where everything was loaded before; else from the start.
      if (this.ready) this.#pump();
      else void this.#load();
    }
    this.#changed();
  }

  #take(frame: ServerFrame): void {
    if (frame.type === "event") this.#news(frame);
    else if (frame.type === "ack") this.#settled(frame);
    else if (frame.type === "error") this.#refused(frame.id, new Problem(frame.problem));
    else if (frame.type === "refresh") void this.#load();
    else if (frame.type === "typing" && frame.by === "agent" && frame.conversation === this.store.now.conversation) {
      this.typingUntil = Date.now() + TYPING_FOR_MS;
    } else if (frame.type === "place") {
      if (this.talk) this.talk = placed(this.talk, frame);
    } else return;
    this.#changed();
  }

  #news(commit: Commit): void {
    this.#recent.add(commit);
    const before = this.talk;
    if (before) this.talk = fold(before, commit);
    for (const event of commit.events) {
      if (event.type === "message_sent" || event.type === "message_refused") {
        this.store.change((kept) => settled(kept, event.message.id));
        if (event.message.author.side === "agent") this.typingUntil = 0;
        if (event.message.id === this.#inFlight) this.#next();
      }
      if (event.type === "conversation_transferred" && this.departments.length === 0) void this.#names();
    }
    this.#note();
  }

  /** Whether there is anything to follow on the next page. */
  #note(): void {
    const ended = this.talk?.conversation.state === "closed";
    if (ended !== this.store.now.ended) this.store.change((kept) => ({ ...kept, ended }));
  }

  #settled(ack: Ack): void {
    const sent = this.store.now.outbox.find((it) => it.id === ack.id);
    this.store.change((kept) => settled(kept, ack.id));
    const elsewhere = ack.conversation !== this.store.now.conversation;
    if (elsewhere) {
      // The former was too long ago to go on: the engine began another for it.
      this.store.change((kept) => moved(kept, ack.conversation));
      this.talk = null;
      this.#marked = { delivered: 0, read: 0 };
      void this.#load();
    } else if (sent && this.talk) {
      this.talk = said(this.talk, acknowledged(sent, ack));
    }
    if (ack.id === this.#inFlight) this.#next();
  }

  #refused(id: string | undefined, problem: Problem): void {
    if (!id) return;
    if (id === this.#inFlight) this.#inFlight = null;
    if (problem.passing) {
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#pump(), (problem.body.retry_after ?? 1) * 1_000);
    } else {
      this.store.change((kept) => failed(kept, id, problem.body));
      this.#pump();
    }
  }

  #next(): void {
    this.#inFlight = null;
    this.#pump();
  }

  #pump(): void {
    const message = nextOut(this.store.now);
    if (!message || this.#inFlight !== null || !this.#socket) return;
    const { id, text, attachments } = message;
    const conversation = this.store.now.conversation ?? message.conversation;
    const sent = this.#socket.send({ type: "send", conversation, id, text, attachments: attachments.map((it) => it.id) });
    if (sent) this.#inFlight = id;
  }

  /** Everything there is to know of the conversation; tried again until it succeeds or another begins. */
  async #load(): Promise<void> {
    const turn = ++this.#loads;
    const { conversation } = this.store.now;
    if (!conversation) return;
    let news: Commit[] = [];
    const since = this.#recent.mark();
    const path = `/conversations/${conversation}`;
    try {
      const [own, page, history] = await Promise.all([
        this.#api<Own>(path),
        this.#api<MessageList>(`${path}/messages`),
        this.#api<EventList>(`${path}/events?limit=200`),
      ]).finally(() => (news = since()));
      if (turn !== this.#loads) return;
      this.#loaded(news.reduce(fold, loaded(this.talk, own, page, history)));
    } catch (thrown) {
      if (turn !== this.#loads) return;
      const problem = asProblem(thrown);
      if (problem.code === "conversation-unknown") this.#expired();
      else if (problem.code !== "unauthorized") setTimeout(() => turn === this.#loads && void this.#load(), LOAD_AGAIN_MS);
    }
    this.#changed();
  }

  #loaded(talk: Talk): void {
    this.talk = talk;
    const known = new Set(talk.thread.messages.map((it) => it.id));
    this.store.change((kept) => ({ ...kept, outbox: kept.outbox.filter((it) => !known.has(it.id)) }));
    if (talk.thread.lines.some((it) => it.event.type === "conversation_transferred")) void this.#names();
    this.ready = true;
    this.#note();
    this.#pump();
    void this.#ask();
  }

  /** What the desk takes changes with its rules, which the visitor need not follow: asked once for each page. */
  async #ask(): Promise<void> {
    this.#rules ??= await this.#api<DeskView>("/desk").catch(() => null);
    this.#changed();
  }

  async #names(): Promise<void> {
    const found = await this.#api<DepartmentList>("/departments").catch(() => null);
    if (found) this.departments = found.departments;
    this.#changed();
  }

  /** Another tab has changed what is kept. */
  #other(): void {
    const { token, conversation } = this.store.now;
    if (!token) this.#stop();
    else if (!this.#socket) this.follow();
    else if (conversation !== this.talk?.conversation.id && this.ready) {
      this.talk = null;
      this.#marked = { delivered: 0, read: 0 };
      void this.#load();
    }
    this.#changed();
  }

  #expired(): void {
    if (!this.store.now.token) return;
    this.store.change(forgotten);
    this.#stop();
    this.notice = this.options.words.expired;
    this.#changed();
  }

  #stop(): void {
    this.#socket?.close();
    this.#socket = null;
    this.#loads++;
    this.#inFlight = null;
    this.talk = null;
    this.ready = false;
    this.line = "connecting";
    this.#marked = { delivered: 0, read: 0 };
  }
}
