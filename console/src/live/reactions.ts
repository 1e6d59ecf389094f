// What the agent hears and is told when something happens that somebody else did.
import type { Ack } from "../api/frames";
import type { Commit } from "../api/types";
import { lastSaid } from "../state/lists";
import { plainName } from "../state/text";
import type { World } from "../state/world";
import { reason } from "../words/problems";
import { words } from "../words/index.svelte";
import { chime, notify } from "./alerts";
import type { Desk } from "./desk.svelte";
import { dialogs } from "./dialogs.svelte";
import { notices } from "./notices.svelte";

/** Time to take the way a note offers. */
const OFFER_MS = 10_000;

/** `before` is the world without the commit. */
export function react(desk: Desk, commit: Commit, before: World): void {
  const transferred = commit.events.some((event) => event.type === "conversation_transferred");
  const passed = new Set(commit.events.map((event) => (event.type === "offer_passed" && event.agent === desk.me ? event.conversation : "")));
  for (const event of commit.events) {
    if (event.type === "conversation_offered" && event.agent.id === desk.me && passed.has(event.conversation)) {
      offeredAgain(desk, event.conversation);
    } else if (event.type === "conversation_assigned" || event.type === "conversation_offered") {
      if (event.agent.id === desk.me) arrived(desk, event.conversation, before);
      else if (!transferred) taken(desk, event.conversation, event.agent.name, before);
    } else if (event.type === "message_sent" && event.message.author.side === "consumer") {
      said(desk, event.conversation, event.message.text);
    } else if (event.type === "conversation_closed" && event.agent !== desk.me) {
      closedByOthers(desk, event.conversation, event.by, before);
    }
  }
}

export function tellRewritten({ verdict }: Ack): void {
  notices.add(`${words().delivery.rewritten} ${reason(verdict.code, verdict.detail, words())}`);
}

function arrived(desk: Desk, id: string, before: World): void {
  void desk.feed.open(id).catch(() => undefined);
  const known = before.conversations[id];
  const it = desk.world.conversations[id];
  if (!it || (known?.agent?.id === desk.me && known.state !== "closed")) return;
  chime("conversation");
  const text = lastSaid(desk.world, id)?.text ?? "";
  notify(words().notify.assigned(desk.name(it)), text, id, () => desk.goTo(id));
}

/** Nobody else could take what was let pass: without a word it would look as if nothing had happened. */
function offeredAgain(desk: Desk, id: string): void {
  const it = desk.world.conversations[id];
  if (it) notices.add(words().window.offeredAgain(desk.name(it)));
}

/** Somebody else has it now: the window must not go without a word. */
function taken(desk: Desk, id: string, by: string, before: World): void {
  const it = before.conversations[id];
  if (it?.agent?.id === desk.me) notices.add(`${desk.name(it)}: ${words().lines.joined(plainName(by))}`);
}

function said(desk: Desk, id: string, text: string): void {
  const it = desk.world.conversations[id];
  if (!it || !desk.feed.isMine(id)) return;
  if (id !== desk.active || !document.hasFocus()) chime("message");
  notify(desk.name(it), text, id, () => desk.goTo(id));
}

function closedByOthers(desk: Desk, id: string, by: string, before: World): void {
  const it = before.conversations[id];
  if (it?.agent?.id !== desk.me) return;
  const run = () => dialogs.show({ kind: "classify", conversation: id });
  const action = { label: () => words().window.classify, run };
  notices.add(`${desk.name(it)}: ${words().lines.closed[by] ?? ""}`, { forMs: OFFER_MS, action });
}
