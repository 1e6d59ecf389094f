// The words of the interface, in the language chosen, switched at once.
import { settings } from "../live/settings.svelte";
import { en, type Words } from "./en";
import { es } from "./es";
import { pt } from "./pt";

export type { Words };
export type Language = "pt" | "en" | "es";

const TABLES: Record<Language, Words> = { pt, en, es };
export const LANGUAGES: { id: Language; tag: string; name: string }[] = [
  { id: "pt", tag: "pt-BR", name: "Português" },
  { id: "en", tag: "en", name: "English" },
  { id: "es", tag: "es", name: "Español" },
];

/** The table of the present language: read it where it is shown, so that it follows the switch. */
export function words(): Words {
  return TABLES[settings.language];
}

export function languageTag(): string {
  return LANGUAGES.find((it) => it.id === settings.language)!.tag;
}
