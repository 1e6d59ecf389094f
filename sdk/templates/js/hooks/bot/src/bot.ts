// What is answered before a human does?

import * as dialogo from "dialogo-plugin";
import { settings } from "./settings";

export const bot = dialogo.bot({
  answer(_context, _conversation, message, _state) {
    if (message !== undefined) return undefined;
    const greeting = settings().greeting ?? "Olá!";
    return { confidence: 1, actions: [{ tag: "say", val: greeting }], state: undefined };
  },
});
