// What the agent has chosen for this browser.
import type { Language } from "../words/index.svelte";
import { onChange, read, write } from "./storage";

export type Theme = "system" | "light" | "dark";
export type View = "windows" | "columns";

interface Kept {
  language: Language;
  theme: Theme;
  view: View;
  sound: boolean;
  notifications: boolean;
}

function browserLanguage(): Language {
  const wanted = navigator.languages.map((it) => it.slice(0, 2)).find((it) => ["pt", "en", "es"].includes(it));
  return (wanted ?? "pt") as Language;
}

function load(): Kept {
  const standard: Kept = {
    language: browserLanguage(),
    theme: "system",
    view: "columns",
    sound: true,
    notifications: false,
  };
  return { ...standard, ...read<Partial<Kept>>("settings") };
}

export const settings: Kept = $state(load());

export function choose(change: Partial<Kept>): void {
  Object.assign(settings, change);
  write("settings", settings);
}

onChange((key) => {
  if (key === "settings") Object.assign(settings, load());
});
