import { describe, expect, it } from "vitest";
import type { Ack } from "../api/frames";
import type { Commit, FeedEvent, Message } from "../api/types";
import type { Outgoing } from "../state/outbox";
import { begun, failed, forgotten, merged, moved, nextOut, NOTHING, parse, settled, written } from "./kept";
import { optionsOf } from "./options";
import { chosenTitle, withoutList } from "../state/choices";
import { acknowledged, delivery, fold, fresh, loaded, menu, placed, rating, said, unread, type Own, type Talk } from "./talk";
import { TABLES, wordsFor } from "./words";

const own: Own = {
  id: "a",
  state: "bot",
  channel: "web",
  opened_at: 1,
  last_number: 0,
  consumer_read: { delivered: 0, read: 0 },
  agent_read: { delivered: 0, read: 0 },
} as Own;

const message = (number: number, side: string, more: Partial<Message> = {}): Message =>
  ({ id: `m${number}`, number, at: number * 1_000, author: { side }, text: `text ${number}`, ...more }) as Message;

const commit = (position: number, ...events: unknown[]): Commit => ({ position, at: position * 1_000, events: events as FeedEvent[] });
const sent = (it: Message) => ({ type: "message_sent", conversation: "a", message: it });
const folded = (...commits: Commit[]): Talk => commits.reduce(fold, fresh(own));
const outgoing = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({ id, conversation: "a", text: id, attachments: [], at: 1, ...more });

const choices = [
  { title: "Bills", payload: "billing" },
  { title: "Help", payload: "support" },
];
const asks = message(1, "bot", { text: "Hello!\n1. Bills\n2. Help", choices });

describe("a conversation", () => {
  it("goes from the queue to an agent to its end", () => {
    const queued = folded(commit(1, { type: "conversation_queued", conversation: "a", department: "d", waiting_since: 5, place: 2 }));
    expect(queued.conversation).toMatchObject({ state: "queued", place: 2 });
    expect(queued.waitingSince).toBe(5);
    const nearer = placed(queued, { type: "place", conversation: "a", place: 1, expected_wait_ms: 60_000 });
    expect(nearer.conversation).toMatchObject({ place: 1, expected_wait_ms: 60_000 });
    expect(placed(queued, { type: "place", conversation: "other", place: 1 })).toBe(queued);
    const active = fold(nearer, commit(2, { type: "conversation_assigned", conversation: "a", department: "d", agent: { name: "Ana" } }));
    expect(active.conversation).toMatchObject({ state: "active", agent: { name: "Ana" }, place: undefined, expected_wait_ms: undefined });
    const closed = fold(active, commit(3, { type: "conversation_closed", conversation: "a", by: "agent" }));
    expect(closed.conversation.state).toBe("closed");
    expect(rating(closed)).toBeNull();
    const rated = fold(closed, commit(4, { type: "conversation_rated", conversation: "a", stars: 4, comment: "" }));
    expect(rating(rated)).toBe(4);
    const again = fold(rated, commit(5, { type: "conversation_reopened", conversation: "a", undone: false }));
    expect(rating(again)).toBeNull();
    expect(again.conversation).toMatchObject({ state: "active", closed: undefined });
  });

  it("has nothing twice, whichever way it comes and how often", () => {
    const said1 = commit(1, sent(message(1, "bot")));
    const close = commit(2, { type: "conversation_closed", conversation: "a", by: "consumer" });
    const talk = folded(said1, close, said1, close);
    const both = loaded(talk, own, { messages: [message(1, "bot")], more: false, position: 0 }, { commits: [close as never], more: false });
    expect(both.thread.messages).toHaveLength(1);
    expect(both.thread.lines).toHaveLength(1);
  });

  it("is not touched by another", () => {
    const talk = folded(commit(1, { ...sent(message(1, "bot")), conversation: "b" }));
    expect(talk.thread.messages).toEqual([]);
  });

  it("shows its own message as acknowledged, and what a policy refused with the reason", () => {
    const verdict = { kind: "deny", code: "too-many", detail: "" };
    const ack: Ack = { type: "ack", id: "x", conversation: "a", position: 9, at: 2, number: 0, state: "refused", verdict };
    const talk = said(fresh(own), acknowledged(outgoing("x"), ack));
    expect(talk.thread.messages[0]).toMatchObject({ text: "x", refused: { code: "too-many" } });
    const stored = acknowledged(outgoing("y"), { ...ack, id: "y", number: 3, state: "sent", text: "***" });
    expect(stored).toMatchObject({ text: "***", refused: undefined });
  });

  it("counts what others wrote and nobody read", () => {
    const talk = folded(commit(1, sent(message(1, "bot"))), commit(2, sent(message(2, "consumer"))), commit(3, sent(message(3, "agent"))));
    expect(unread(talk)).toBe(2);
    expect(unread(fold(talk, commit(4, { type: "read_marked", conversation: "a", by: "consumer", delivered: 3, read: 1 })))).toBe(1);
  });

  it("knows how far a message has come, never back", () => {
    const marked = (delivered: number, read: number) => commit(1, { type: "read_marked", conversation: "a", by: "agent", delivered, read });
    const talk = folded(marked(2, 2), marked(3, 1));
    expect([1, 2, 3, 4].map((number) => delivery(message(number, "consumer"), talk.conversation))).toEqual(["read", "read", "delivered", "sent"]);
  });
});

describe("the menu", () => {
  it("waits for an answer once", () => {
    const talk = folded(commit(1, sent(asks)));
    expect(menu(talk, [])?.id).toBe("m1");
    expect(menu(talk, [outgoing("billing")])).toBeNull();
    expect(menu(fold(talk, commit(2, sent(message(2, "consumer")))), [])).toBeNull();
  });

  it("is not said twice, as a list and as buttons", () => {
    expect(withoutList(asks)).toBe("Hello!");
    expect(withoutList(message(1, "agent", { text: "1. Bills" }))).toBe("1. Bills");
    expect(withoutList({ ...asks, text: "1. Bills\n2. Help" })).toBe("1. Bills\n2. Help");
  });

  it("shows an answer by its title", () => {
    const talk = folded(commit(1, sent(asks)));
    expect(chosenTitle(talk.thread.messages, "support")).toBe("Help");
    expect(chosenTitle(talk.thread.messages, "something else")).toBeNull();
  });
});

describe("what the browser keeps", () => {
  const open = begun(NOTHING, "t", "a");

  it("survives anything that may stand there", () => {
    for (const text of [null, "", "{", "null", "[]", '{"outbox":3}', '{"draft":{}}']) expect(parse(text)).toEqual(NOTHING);
    expect(parse(JSON.stringify(open))).toEqual(open);
  });

  it("sends in order, and holds a message until it is settled", () => {
    const kept = written(written(open, outgoing("1")), outgoing("2"));
    expect(nextOut(kept)?.id).toBe("1");
    expect(nextOut(settled(kept, "1"))?.id).toBe("2");
    const problem = { code: "invalid", status: 400, title: "", detail: "" };
    expect(nextOut(failed(kept, "1", problem))?.id).toBe("2");
  });

  it("goes on with the next conversation, unsent messages along", () => {
    const kept = moved(written(open, outgoing("1")), "b");
    expect(kept.conversation).toBe("b");
    expect(nextOut(kept)?.id).toBe("1");
    expect(begun(open, null, "b")).toMatchObject({ token: "t", conversation: "b", ended: false });
  });

  it("loses nothing when two tabs write at the same moment", () => {
    const own = new Map([["mine", outgoing("mine", { at: 2 })]]);
    const stored = written(written(open, outgoing("theirs", { at: 3 })), outgoing("settled", { at: 1 }));
    expect(merged(stored, open, own, new Set(["settled"])).outbox.map((it) => it.id)).toEqual(["mine", "theirs"]);
    expect(merged(merged(stored, open, own, new Set()), open, own, new Set()).outbox).toHaveLength(3);
    expect(merged({ ...stored, draft: "theirs" }, { ...open, draft: "mine" }, own, new Set()).draft).toBe("mine");
  });

  it("keeps the words when the token is no longer valid", () => {
    expect(forgotten({ ...written(open, outgoing("1")), draft: "more" })).toEqual({ ...NOTHING, draft: "1\nmore" });
  });
});

describe("a page", () => {
  const options = (data: Record<string, string>, language = "") => optionsOf({ src: "https://desk.example/help/widget.js?v=2", data }, language, ["es-MX"]);

  it("leads to the desk that its script came from", () => {
    expect(options({})).toMatchObject({ api: "https://desk.example/help/api/v1", socket: "wss://desk.example/help/api/v1/socket" });
  });

  it("says what it knows of the visitor", () => {
    const { visitor } = options({ name: " Ana ", department: "sales", factPlan: "gold", factLastOrder: "7", email: "" });
    expect(visitor).toEqual({ name: "Ana", email: undefined, department: "sales", facts: { plan: "gold", "last-order": "7" } });
  });

  it("chooses the language", () => {
    expect(options({ language: "pt-BR" }, "en").words).toBe(TABLES.pt);
    expect(options({}, "en-GB").words).toBe(TABLES.en);
    expect(options({}).words).toBe(TABLES.es);
    expect(wordsFor(["de", undefined])).toBe(TABLES.en);
  });
});

it("every language says every problem and reason", () => {
  for (const words of [TABLES.pt, TABLES.es]) {
    for (const table of ["problems", "reasons", "closed"] as const) {
      expect(Object.keys(words[table]).sort()).toEqual(Object.keys(TABLES.en[table]).sort());
    }
  }
});
