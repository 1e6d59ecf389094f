// Canned replies: found by what follows a slash, filled in with what is known.
import type { Conversation, Reply } from "../api/types";
import { fold, textIn } from "./text";

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

export function filled(reply: Reply, conversation: Conversation, filling: Filling, language: string): string {
  const values: Record<string, string> = { ...filling, protocol: conversation.id.slice(-8).toUpperCase() };
  return textIn(reply.text, language).replace(/\{(\w+)\}/gu, (whole, name: string) => values[name] ?? whole);
}
