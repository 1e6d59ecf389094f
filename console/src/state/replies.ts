// Replies: canned ones, found by what follows a slash, and what the engine suggests; filled in with what is known.
import type { SuggestedReply } from "../api/frames";
import type { Conversation, Message, Reply } from "../api/types";
import { fold, textIn } from "./text";
import type { World } from "./world";

/** What is looked for when the text is a slash and a word, else null. */
export function wanted(text: string): string | null {
  const match = /^\/(\S*)$/u.exec(text);
  return match ? match[1]! : null;
}

export function matching(replies: Reply[], query: string, department: string | null | undefined, language: string): Reply[] {
  const needle = fold(query);
  return replies
    .filter((it) => !it.departments?.length || (!!department && it.departments.includes(department)))
    .filter((it) => fold(`${it.id} ${textIn(it.title, language)}`).includes(needle))
    .slice(0, 8);
}

interface Filling {
  agent: string;
  department: string;
  consumer: string;
}

export function filled(text: string, conversation: Conversation, filling: Filling): string {
  const values: Record<string, string> = { ...filling, protocol: conversation.id.slice(-8).toUpperCase() };
  return text.replace(/\{(\w+)\}/gu, (whole, name: string) => values[name] ?? whole);
}

/** What is suggested as an answer, until somebody has answered. */
export function suggested(world: World, conversation: string): SuggestedReply[] {
  const offer = world.offers[conversation];
  if (!offer) return [];
  const said = world.threads[conversation]?.messages ?? [];
  const since = said.slice(said.findIndex((it) => it.id === offer.message) + 1);
  return since.some(answers) ? [] : offer.replies;
}

function answers(message: Message): boolean {
  return message.author.side === "agent" && !message.note && message.number > 0;
}
