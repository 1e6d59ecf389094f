// May these emojis be used?

import * as dialogo from "dialogo-plugin";
import { settings } from "./settings";

export const emojiPolicy = dialogo.emojiPolicy({
  check(_context, _by, _conversation, emojis) {
    const denied = settings().denied_emojis ?? [];
    return emojis.map((emoji) =>
      denied.includes(emoji.text)
        ? { tag: "strip", val: dialogo.explain("denied-emoji", `${emoji.text} is not used here`) }
        : dialogo.allow,
    );
  },
});
