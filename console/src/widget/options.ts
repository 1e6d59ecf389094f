// What the page says in the attributes of its script.
import { wordsFor, type WidgetWords } from "./words";

export interface Options {
  /** Address of the API. */
  api: string;
  socket: string;
  words: WidgetWords;
  /** Language tag told to the desk. */
  locale: string;
  /** What the page knows of its visitor; what it does not say is not sent. */
  visitor: { name?: string; email?: string; department?: string; facts: Record<string, string> };
  title: string | null;
  theme: "auto" | "light" | "dark";
}

const FACT = "fact";

export function optionsOf(script: { src: string; data: Record<string, string | undefined> }, pageLanguage: string, languages: readonly string[]): Options {
  const { data } = script;
  const api = new URL("api/v1", script.src);
  const socket = new URL("api/v1/socket", script.src);
  socket.protocol = api.protocol === "https:" ? "wss:" : "ws:";
  const words = wordsFor([data.language, pageLanguage, ...languages]);
  const facts: Record<string, string> = {};
  for (const [key, value] of Object.entries(data)) {
    // `data-fact-plan` is `factPlan` here.
    if (key.startsWith(FACT) && key.length > FACT.length && value) {
      facts[key.slice(FACT.length).replace(/[A-Z]/gu, (it, at) => (at ? "-" : "") + it.toLowerCase())] = value;
    }
  }
  const { name, email, department } = data;
  return {
    api: api.href,
    socket: socket.href,
    words,
    locale: data.language || pageLanguage || words.tag,
    visitor: { name: name?.trim() || undefined, email: email?.trim() || undefined, department: department || undefined, facts },
    title: data.title?.trim() || null,
    theme: data.theme === "dark" || data.theme === "light" ? data.theme : "auto",
  };
}
