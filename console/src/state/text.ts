// Texts of other people, made harmless to show.
import type { Text } from "../api/types";

type Piece = { text: string; href?: string };

const LINK = /\bhttps?:\/\/[^\s<>"'`\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;
/** What ends a sentence rather than an address. */
const TRAILING = /[.,;:!?)\]}»”’]+$/u;

/** Splits a text into plain pieces and links. Only http and https, never anything else. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = match[0].replace(TRAILING, "");
    const href = safeAddress(shown);
    if (!href) continue;
    if (match.index > done) found.push({ text: text.slice(done, match.index) });
    found.push({ text: shown, href });
    done = match.index + shown.length;
  }
  if (done < text.length) found.push({ text: text.slice(done) });
  return found;
}

function safeAddress(text: string): string | null {
  try {
    const url = new URL(text);
    return (url.protocol === "http:" || url.protocol === "https:") && url.hostname ? url.href : null;
  } catch {
    return null;
  }
}

/** Longest text shown before it is folded. */
export const FOLD_AFTER = 1_200;
const FOLD_LINES = 18;

/** The beginning of a very long text, or null when it is shown whole. Never cuts a character in two. */
export function beginning(text: string): string | null {
  const lines = text.split("\n");
  const cut = lines.length > FOLD_LINES ? lines.slice(0, FOLD_LINES).join("\n") : text;
  if (cut.length <= FOLD_AFTER) return cut === text ? null : cut;
  return cut.slice(0, FOLD_AFTER).replace(/[\ud800-\udbff]$/u, "");
}

/** Marks stacked on one letter beyond what any language writes. */
const STACKED = /(\p{M}{4})\p{M}+/gu;

export function calm(text: string): string {
  return text.replace(STACKED, "$1");
}

/** A name on one line, without marks that turn the text around it. */
export function plainName(name: string): string {
  return calm(name.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ").trim()).slice(0, 120);
}

export function initials(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = [...(words[0] ?? "")][0] ?? "·";
  const last = words.length > 1 ? ([...words.at(-1)!][0] ?? "") : "";
  return (first + last).toLocaleUpperCase();
}

/** A text of the rules in the wanted language, or in the first there is. */
export function textIn(text: Text, language: string): string {
  return text[language] ?? text[language.slice(0, 2)] ?? Object.values(text)[0] ?? "";
}

/** For comparing: without accents and case. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
