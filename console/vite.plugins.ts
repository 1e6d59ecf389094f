import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { Plugin } from "vite";

const EMOJI = "virtual:emoji/";
/** Emoji that most systems can draw. */
const NEWEST = 15.1;

interface EmojiEntry {
  emoji: string;
  label: string;
  tags?: string[];
  group?: number;
  version: number;
}

/** `virtual:emoji/pt`: the emoji of one language as `[emoji, label, tags, group]`, a fifth of the source's size. */
export function emojiData(): Plugin {
  const require = createRequire(import.meta.url);
  return {
    name: "emoji-data",
    resolveId: (id) => (id.startsWith(EMOJI) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${EMOJI}`)) return undefined;
      const language = id.slice(EMOJI.length + 1);
      const file = require.resolve(`emojibase-data/${language}/data.json`);
      const all = JSON.parse(readFileSync(file, "utf8")) as EmojiEntry[];
      const rows = all
        .filter((entry) => entry.group !== undefined && entry.group !== 2 && entry.version <= NEWEST)
        .map((entry) => [entry.emoji, entry.label, (entry.tags ?? []).join(" "), entry.group]);
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(rows))})`;
    },
  };
}

/** The build empties its folder; what keeps the folder in the repository is put back. */
export function keptFolder(): Plugin {
  return {
    name: "kept-folder",
    apply: "build",
    closeBundle: () => writeFileSync(resolve(import.meta.dirname, "dist/.gitignore"), "*\n!.gitignore\n"),
  };
}
