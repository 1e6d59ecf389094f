// Something has happened.

import * as dialogo from "dialogo-plugin";

export const observer = dialogo.observer({
  seen(_context, event, conversation) {
    dialogo.log.info("seen", { event, conversation: conversation.id });
  },
});
