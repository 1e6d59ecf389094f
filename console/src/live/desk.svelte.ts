// What the agent does: windows, the active one, and every act on a conversation.
import { untrack } from "svelte";
import { asProblem } from "../api/problem";
import type { Act, Choice } from "../api/desk";
import type { Agent, Conversation, Presence, Target } from "../api/types";
import { mine, onHold, unread } from "../state/lists";
import { filled } from "../state/replies";
import { MIN_SLOTS, nextUnread, place, settle, type Slots } from "../state/slots";
import { setOf } from "../state/suggestions";
import { plainName, textIn } from "../state/text";
import type { World } from "../state/world";
import { sentence } from "../words/problems";
import { words } from "../words/index.svelte";
import { Drafts } from "./drafts.svelte";
import { Feed } from "./feed.svelte";
import { freshId } from "./ids";
import { notices } from "./notices.svelte";
import { react, tellRewritten } from "./reactions";
import { route } from "./route.svelte";
import { session } from "./session.svelte";
import { settings } from "./settings.svelte";
import { read, write } from "./storage";

const TYPING_EVERY_MS = 2_500;

export class Desk {
  readonly me: string;
  readonly feed: Feed;
  readonly drafts: Drafts;
  slots: Slots = $state.raw([]);
  active: string | null = $state(null);
  mine = $derived.by(() => mine(this.feed.world));
  #toldTyping: Record<string, number> = {};
  #toldShown = new Set<string>();

  constructor(token: string, me: string) {
    this.me = me;
    this.drafts = new Drafts(me);
    this.slots = read<Slots>(`slots.${me}`) ?? [];
    this.active = read<string>(`active.${me}`);
    this.feed = new Feed(token, me, {
      changed: (commit, before) => {
        react(this, commit, before);
        this.markRead();
      },
      rewritten: tellRewritten,
    });
    $effect(() => {
      if (this.feed.ready) untrack(() => this.#forgetDrafts());
    });
    $effect(() => this.#settle());
    $effect(() => write(`active.${me}`, this.active));
    $effect(() => this.#markDelivered());
  }

  get world(): World {
    return this.feed.world;
  }

  /** The agent's own account. */
  get agent(): Agent | undefined {
    return this.world.agents[this.me];
  }

  stop(): void {
    this.feed.stop();
    this.drafts.stop();
  }

  name(it: Conversation): string {
    return plainName(it.profile.name ?? "") || `${words().window.visitor} ${it.id.slice(-4)}`;
  }

  unread(id: string): number {
    const it = this.world.conversations[id];
    return it ? unread(this.world, it) : 0;
  }

  /** Puts a conversation before the agent: in its window, or in the active one where it has none. */
  goTo(id: string): void {
    if (!this.slots.includes(id)) {
      const free = this.slots.indexOf(null);
      const at = free >= 0 ? free : Math.max(0, this.slots.indexOf(this.active));
      this.#keep(place(this.slots, id, at));
    }
    this.active = id;
    this.markRead();
  }

  goToNextUnread(): void {
    const ids = this.mine.map((it) => it.id);
    const next = nextUnread(ids, this.active, (id) => this.unread(id));
    if (next) this.goTo(next);
  }

  /** The active conversation counts as read while somebody looks at it. */
  markRead(): void {
    const it = this.active ? this.world.conversations[this.active] : undefined;
    if (!it || route.at.page !== "desk" || !document.hasFocus() || !this.feed.isMine(it.id)) return;
    if (it.last_number > it.agent_read.read) this.feed.mark(it.id, it.last_number, it.last_number);
  }

  typing(id: string): void {
    if (Date.now() - (this.#toldTyping[id] ?? 0) < TYPING_EVERY_MS) return;
    this.#toldTyping[id] = Date.now();
    this.feed.typing(id);
  }

  send(id: string): void {
    const draft = this.drafts.of(id);
    const text = draft.text.trim();
    // A message ends the typing on the other side: the next letter tells of it anew.
    delete this.#toldTyping[id];
    if (draft.note) {
      if (text) void this.#note(id, text);
    } else if (text || draft.files.length) {
      this.drafts.change(id, { text: "", files: [] });
      this.feed.forgetOffer(id);
      this.feed.post.send({ id: freshId(), conversation: id, text, attachments: draft.files, at: Date.now() });
    }
  }

  /** Begins an answer with a text, which is changed and sent like any other. */
  begin(id: string, text: string): void {
    this.drafts.change(id, { text });
    this.typing(id);
  }

  /** A text as this agent would say it in the conversation: what stands in braces is filled in. */
  filled(text: string, conversation: Conversation): string {
    const department = this.world.departments.find((it) => it.id === conversation.department);
    return filled(text, conversation, {
      agent: this.agent?.name ?? this.me,
      consumer: this.name(conversation),
      department: department ? textIn(department.name, this.languageOf(conversation)) : "",
    });
  }

  /** The language in which the consumer is answered. */
  languageOf(conversation: Conversation): string {
    return conversation.profile.locale ?? settings.language;
  }

  async #note(id: string, text: string): Promise<void> {
    // Files wait for a message: notes have none.
    this.drafts.change(id, { text: "", note: false });
    const message = freshId();
    const done = await this.attempt(() => session.api.note(id, message, text));
    if (!done) this.drafts.change(id, { text, note: true });
  }

  /** Finishes, with a classification in the same step where one was chosen. Throws the problem. */
  async finish(id: string, node?: string): Promise<void> {
    const it = this.world.conversations[id];
    await this.#choosing(id, node, (choice) => session.api.close(id, choice, freshId()));
    if (!it) return;
    const forMs = this.world.rules?.finish.undo_ms ?? 0;
    const undo = { label: (left: number) => words().finish.undoFor(left), run: () => void this.act(id, "undo-close") };
    notices.add(words().finish.done(this.name(it)), forMs ? { forMs, action: undo } : {});
  }

  async act(id: string, act: Act): Promise<boolean> {
    const key = freshId();
    return this.attempt(() => session.api.act(id, act, key));
  }

  async toggleHold(id: string): Promise<void> {
    await this.act(id, this.world.conversations[id]?.state === "on_hold" ? "resume" : "hold");
  }

  /** Throws the problem: it is shown where the choice was made. */
  async classify(id: string, node: string): Promise<void> {
    await this.#choosing(id, node, (choice) => session.api.classify(id, choice!, freshId()));
  }

  /** Names the set of suggestions a choice comes from; where newer ones came meanwhile, the choice still stands. */
  async #choosing(id: string, node: string | undefined, act: (choice?: Choice) => Promise<void>): Promise<void> {
    const suggestions = this.world.conversations[id]?.suggestions;
    const set = node && suggestions ? setOf(suggestions, node) : undefined;
    try {
      await act(node ? { node, from_set: set } : undefined);
    } catch (thrown) {
      const outdated = ["suggestions-outdated", "not-suggested"].includes(asProblem(thrown).code);
      if (!node || !outdated) throw thrown;
      await act({ node });
    }
  }

  async accept(id: string, node: string): Promise<void> {
    await this.attempt(() => this.classify(id, node));
  }

  async transfer(id: string, target: Target, note: string, key: string): Promise<void> {
    await session.api.transfer(id, target, note, key);
  }

  /** Tells the engine once that a set of suggestions was before the agent's eyes. */
  tellShown(id: string, set: number): void {
    const key = `${id} ${set}`;
    if (this.#toldShown.has(key) || document.visibilityState !== "visible") return;
    this.#toldShown.add(key);
    void session.api.suggestionsShown(id, set, freshId()).catch(() => undefined);
  }

  async setPresence(presence: Presence, reason?: string): Promise<void> {
    const key = freshId();
    await this.attempt(() => session.api.setPresence(this.me, presence, reason, key));
  }

  /** The agent's own, lower limit of conversations at once. */
  async setLimit(limit: number): Promise<void> {
    const key = freshId();
    if (await this.attempt(() => session.api.setLimit(this.me, limit, key))) await this.attempt(() => this.feed.refreshMe());
  }

  /** Does it, or says in a sentence why not. */
  async attempt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (thrown) {
      notices.add(sentence(thrown, words()), { tone: "problem" });
      return false;
    }
  }

  #settle(): void {
    if (!this.feed.ready) return;
    const wanted = this.mine.map((it) => it.id);
    this.#keep(settle(this.slots, wanted, Math.max(this.world.limit, Math.min(wanted.length, MIN_SLOTS))));
    if (!this.active || !this.slots.includes(this.active)) {
      this.active = this.slots.find((id) => id !== null) ?? null;
    }
  }

  /** Only once, at the beginning: a finish may be taken back, with what had been begun to write. */
  #forgetDrafts(): void {
    this.drafts.keepOnly(new Set([...this.mine, ...onHold(this.world)].map((it) => it.id)));
  }

  #keep(slots: Slots): void {
    if (slots === this.slots) return;
    this.slots = slots;
    write(`slots.${this.me}`, slots);
  }

  #markDelivered(): void {
    if (this.feed.line !== "open") return;
    for (const it of this.mine) {
      if (it.last_number > it.agent_read.delivered) this.feed.mark(it.id, it.last_number, it.agent_read.read);
    }
  }
}
