// What is this conversation about?

import * as dialogo from "dialogo-plugin";
import { settings } from "./settings";

export const classifier = dialogo.classifier({
  suggest(_context, conversation, limit) {
    const texts = conversation.recent
      .filter((message) => message.author.side === "consumer")
      .map((message) => message.text.toLowerCase());
    const found = new Map<string, dialogo.Suggestion>();
    for (const { word, node } of settings().topics ?? []) {
      if (found.has(node) || !texts.some((text) => text.includes(word.toLowerCase()))) continue;
      const why = dialogo.explain("word", `“${word}” was said`, [word]);
      found.set(node, { node, confidence: 0.75, why });
    }
    return [...found.values()].slice(0, limit);
  },
});
