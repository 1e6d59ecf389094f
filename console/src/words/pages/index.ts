// The words of the supervisors' and admins' pages, in the language chosen. Import it from lazily loaded pages only.
import { settings } from "../../live/settings.svelte";
import { en, type PageWords } from "./en";
import { es } from "./es";
import { pt } from "./pt";

const TABLES: Record<typeof settings.language, PageWords> = { pt, en, es };

export function pageWords(): PageWords {
  return TABLES[settings.language];
}
