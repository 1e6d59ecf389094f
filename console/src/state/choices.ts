// The menus of bots: text for those who read, buttons for those who choose.
import type { Message } from "../api/types";

/** A text without the numbered list of the choices, which stand below it as buttons. */
export function withoutList(message: Message): string {
  if (!message.choices?.length) return message.text;
  const titles = new Set(message.choices.map((choice, at) => `${at + 1}. ${choice.title}`));
  const lines = message.text.split("\n");
  return lines.filter((line) => !titles.has(line.trim())).join("\n").trim() || message.text;
}

/** What the visitor chose by a button is shown as the button said it. */
export function chosenTitle(messages: Message[], text: string): string | null {
  for (const message of messages) {
    const found = message.choices?.find((it) => it.payload === text);
    if (found) return found.title;
  }
  return null;
}
