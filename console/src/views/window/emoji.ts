// The emoji of a language, found by their names.
import { fold } from "../../state/text";
import type { Language } from "../../words/index.svelte";

export interface Emoji {
  emoji: string;
  label: string;
  group: number;
  /** Everything it is found by, folded. */
  terms: string;
}

type Row = [emoji: string, label: string, tags: string, group: number];

const FILES: Record<Language, () => Promise<{ default: Row[] }>> = {
  pt: () => import("virtual:emoji/pt"),
  en: () => import("virtual:emoji/en"),
  es: () => import("virtual:emoji/es"),
};
const MOST_FOUND = 160;
const MOST_RECENT = 24;

export async function loadEmoji(language: Language): Promise<Emoji[]> {
  const rows = (await FILES[language]()).default;
  return rows.map(([emoji, label, tags, group]) => ({ emoji, label, group, terms: fold(`${label} ${tags}`) }));
}

export function found(all: Emoji[], wanted: string): Emoji[] {
  const words = fold(wanted).split(/\s+/u).filter(Boolean);
  return all.filter((it) => words.every((word) => it.terms.includes(word))).slice(0, MOST_FOUND);
}

export function withRecent(recent: string[], emoji: string): string[] {
  return [emoji, ...recent.filter((it) => it !== emoji)].slice(0, MOST_RECENT);
}

/** Where an arrow key leads in a grid; null for keys that lead nowhere. */
export function step(key: string, at: number, count: number, columns: number): number | null {
  if (count === 0) return null;
  if (at < 0) return key === "ArrowDown" ? 0 : null;
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
  return by === undefined ? null : Math.min(count - 1, Math.max(0, at + by));
}
