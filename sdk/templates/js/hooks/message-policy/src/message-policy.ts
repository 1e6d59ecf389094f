// May this be said?

import * as dialogo from "dialogo-plugin";
import { settings } from "./settings";

export const messagePolicy = dialogo.messagePolicy({
  check(_context, _conversation, message) {
    const text = message.text.toLowerCase();
    const word = (settings().denied_words ?? []).find((word) => text.includes(word.toLowerCase()));
    if (word === undefined) return dialogo.allow;
    return dialogo.deny(dialogo.explain("denied-word", `“${word}” may not be said here`, [word]));
  },
});
