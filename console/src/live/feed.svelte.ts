// The agent's world, kept up with the desk: fetched once, then folded from the socket's frames.
import type { Ack, Replies, ServerFrame, Typing } from "../api/frames";
import { asProblem, Problem } from "../api/problem";
import { DeskSocket, socketUrl, type Line } from "../api/socket";
import type { Commit, Conversation } from "../api/types";
import { foldCommit, missing } from "../state/fold";
import { isMine, mine, onHold } from "../state/lists";
import { acknowledged, type Outgoing } from "../state/outbox";
import { Recent } from "../state/recent";
import { putAgents, putConversations, putMe, putOpen, putThread, putWait, replaceConversations } from "../state/snapshot";
import { addHistory, addLatest, addMessage, addPage } from "../state/thread";
import { emptyWorld, withConversation, type World } from "../state/world";
import { Post } from "./post.svelte";
import { session } from "./session.svelte";

/** A typing frame tells of the seconds around it. */
const TYPING_FOR_MS = 6_000;
const LOAD_AGAIN_MS = 3_000;

interface FeedListener {
  /** A commit was folded: `before` is the world without it. */
  changed(commit: Commit, before: World): void;
  /** A message of the agent's was sent in other words than it was written. */
  rewritten(ack: Ack): void;
}

async function allOpen(): Promise<Conversation[]> {
  const all: Conversation[] = [];
  for (let before: number | undefined; ; ) {
    const page = await session.api.open(before);
    all.push(...page.conversations);
    if (!page.next) return all;
    before = page.next;
  }
}

export class Feed {
  world: World = $state.raw(emptyWorld(""));
  readonly post: Post;
  line: Line = $state("connecting");
  nextTryAt: number = $state(0);
  ready: boolean = $state(false);
  fault: Problem | null = $state.raw(null);

  #me: string;
  #socket: DeskSocket;
  #recent = new Recent();
  #listener: FeedListener;
  /** Which try to load everything is the latest; earlier ones are not tried again. */
  #loads = 0;

  constructor(token: string, me: string, listener: FeedListener) {
    this.#me = me;
    this.#listener = listener;
    this.world = emptyWorld(me);
    this.post = new Post(me, (message) => this.#transmit(message));
    this.#socket = new DeskSocket({
      url: socketUrl(location),
      token,
      onFrame: (frame) => this.#take(frame),
      onLine: (line, nextTryAt) => this.#lineIs(line, nextTryAt),
    });
  }

  stop(): void {
    this.#loads++;
    this.#socket.close();
  }

  typing(conversation: string): void {
    this.#socket.send({ type: "typing", conversation });
  }

  watch(conversation: string, on: boolean): void {
    this.#socket.send({ type: on ? "watch" : "unwatch", conversation });
  }

  /** Says how far the agent has come; the engine does not tell this connection what it said itself. */
  mark(conversation: string, delivered: number, read: number): void {
    if (!this.#socket.send({ type: "read", conversation, delivered, read })) return;
    this.world = withConversation(this.world, conversation, (it) => ({
      agent_read: { delivered: Math.max(it.agent_read.delivered, delivered), read: Math.max(it.agent_read.read, read) },
    }));
  }

  /** Fetches a conversation that is not known yet; one that may not be seen stays unknown. */
  async know(id: string): Promise<void> {
    if (!this.world.conversations[id]) await this.#fetchConversations([id]);
  }

  /** Conversations that were fetched elsewhere, by a search for instance. */
  learn(found: Conversation[]): void {
    this.world = putConversations(this.world, found.filter((it) => (this.world.conversations[it.id]?.position ?? -1) < it.position));
  }

  /** Fetches a conversation as it is now, and what was said in it: while it was others', its words did not come. */
  async open(id: string): Promise<void> {
    await Promise.all([this.#fetchConversations([id]), this.#fetchThread(id)]);
  }

  async #fetchThread(id: string): Promise<void> {
    await this.#fetched(
      () => Promise.all([session.api.messages(id), session.api.history(id)]),
      (world, [page, history]) =>
        putThread(world, id, (thread) => addHistory(addLatest(thread, page.messages, page.more), history)),
    );
  }

  async older(id: string): Promise<void> {
    const first = this.world.threads[id]?.messages.find((it) => it.number > 0);
    if (!first) return;
    await this.#fetched(
      () => session.api.messages(id, first.number),
      (world, page) => putThread(world, id, (thread) => addPage(thread, page.messages, page.more)),
    );
  }

  /** Fetches, puts the answer into the world, and folds again what came meanwhile: the answer may be older. */
  async #fetched<T>(fetch: () => Promise<T>, put: (world: World, answer: T) => World): Promise<void> {
    const since = this.#recent.mark();
    let answer: T;
    try {
      answer = await fetch();
    } catch (thrown) {
      since();
      throw thrown;
    }
    this.world = since().reduce(foldCommit, put(this.world, answer));
  }

  async #load(): Promise<void> {
    const api = session.api;
    await this.#fetched(
      () =>
        Promise.all([
          api.me(),
          api.agents(),
          this.#rules(),
          Promise.all([api.conversations("mine"), api.conversations("queue")]),
          Promise.all([api.conversations("to_classify"), api.conversations("closed_today", 200)]),
        ]),
      (world, [me, agents, rules, open, closed]) => {
        const lists = [...closed, ...open].flatMap((it) => it.conversations);
        const known = putMe(putAgents({ ...world, ...rules }, agents), me);
        return replaceConversations({ ...known, threads: {} }, lists);
      },
    );
    const own = [...mine(this.world), ...onHold(this.world)];
    await Promise.all(own.map((it) => this.#fetchThread(it.id)));
    this.ready = true;
    this.fault = null;
  }

  async #rules(): Promise<Pick<World, "departments" | "tree" | "replies" | "rules">> {
    const api = session.api;
    const [{ departments }, tree, { replies }, rules] = await Promise.all([
      api.departments(),
      api.tree(),
      api.replies(),
      api.desk(),
    ]);
    return { departments, tree: tree.nodes, replies, rules };
  }

  #reload(): void {
    const load = ++this.#loads;
    this.#load().catch((thrown: unknown) => {
      this.fault = asProblem(thrown);
      setTimeout(() => load === this.#loads && this.#reload(), LOAD_AGAIN_MS);
    });
  }

  async #fetchConversations(ids: string[]): Promise<void> {
    await this.#fetched(
      () => Promise.all(ids.map((id) => session.api.conversation(id).catch(() => null))),
      (world, found) => putConversations(world, found.filter((it): it is Conversation => it !== null)),
    );
  }

  #lineIs(line: Line, nextTryAt = 0): void {
    this.line = line;
    this.nextTryAt = nextTryAt;
    if (line === "ended") session.lose();
  }

  #take(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        if (!this.ready) this.#reload();
        this.post.sendAll();
        break;
      case "refresh":
        this.#reload();
        break;
      case "event":
        this.#fold(frame);
        break;
      case "ack":
        this.#acknowledge(frame);
        break;
      case "typing":
        this.#types(frame);
        break;
      case "replies":
        this.#offers(frame);
        break;
      case "queue":
        this.world = putWait(this.world, frame.department, frame.expected_wait_ms);
        break;
      case "error":
        if (frame.id) this.post.refused(frame.id, new Problem(frame.problem));
        break;
    }
  }

  #fold(commit: Commit): void {
    this.#recent.add(commit);
    const before = this.world;
    this.world = foldCommit(before, commit);
    for (const event of commit.events) if ("message" in event) this.post.discard(event.message.id);
    const unknown = missing(this.world, commit);
    const told = () => this.#listener.changed(commit, before);
    if (unknown.length) void this.#fetchConversations(unknown).then(told);
    else told();
    if (commit.events.some((event) => event.type === "rules_activated")) {
      void this.#fetched(() => this.#rules(), (world, rules) => ({ ...world, ...rules }));
    }
  }

  #acknowledge(ack: Ack): void {
    const sent = this.post.find(ack.id);
    if (!sent) return;
    const name = this.world.agents[this.#me]?.name ?? this.#me;
    const message = acknowledged(sent, ack, this.#me, name);
    const told = withConversation(this.world, ack.conversation, (it) => ({
      last_number: Math.max(it.last_number, ack.number),
      agent_wrote_at: ack.state === "sent" ? ack.at : it.agent_wrote_at,
    }));
    this.world = putThread(told, ack.conversation, (thread) => addMessage(thread, message));
    this.post.discard(ack.id);
    if (ack.verdict.kind === "rewritten") this.#listener.rewritten(ack);
  }

  #types(frame: Typing): void {
    const mark = { by: frame.by, agent: frame.agent, until: Date.now() + TYPING_FOR_MS };
    this.world = { ...this.world, typing: { ...this.world.typing, [frame.conversation]: mark } };
  }

  #offers({ conversation, message, replies }: Replies): void {
    this.world = { ...this.world, offers: { ...this.world.offers, [conversation]: { message, replies } } };
  }

  /** What was suggested as an answer is of no use any more: one is on its way. */
  forgetOffer(conversation: string): void {
    const offers = { ...this.world.offers };
    delete offers[conversation];
    this.world = { ...this.world, offers };
  }

  /** For those who watch over the desk: all agents and every open conversation, also those of others. */
  async survey(): Promise<void> {
    await this.#fetched(
      () => Promise.all([session.api.agents(), session.api.departments(), allOpen()]),
      (world, [agents, departments, open]) =>
        putOpen(putAgents({ ...world, departments: departments.departments }, agents), open),
    );
  }

  /** The limit follows from several rules, so the engine says it. */
  async refreshMe(): Promise<void> {
    await this.#fetched(() => session.api.me(), putMe);
  }

  /** Whether the agent works on it now. */
  isMine(id: string): boolean {
    const it = this.world.conversations[id];
    return !!it && isMine(this.world, it);
  }

  #transmit(message: Outgoing): void {
    this.#socket.send({
      type: "send",
      conversation: message.conversation,
      id: message.id,
      text: message.text,
      attachments: message.attachments.map((it) => it.id),
    });
  }
}
