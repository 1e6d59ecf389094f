// May this file be sent?

import * as dialogo from "dialogo-plugin";
import { settings } from "./settings";

export const attachmentPolicy = dialogo.attachmentPolicy({
  check(_context, _by, _conversation, attachment, _head) {
    const largest = settings().largest_mb ?? 10;
    if (Number(attachment.bytes) <= largest * 1e6) return dialogo.allow;
    return dialogo.deny(dialogo.explain("too-large", `files may have ${largest} MB at most`));
  },
});
