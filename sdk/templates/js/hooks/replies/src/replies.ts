// What could the agent answer?

import * as dialogo from "dialogo-plugin";

export const replies = dialogo.replies({
  suggest(_context, conversation, canned, limit) {
    const said = conversation.recent.at(-1)?.text.toLowerCase() ?? "";
    return canned
      .filter(({ title }) => said.includes(title.toLowerCase()))
      .slice(0, limit)
      .map(({ id, title, text }) => {
        const why = dialogo.explain("title", "its title was said", [title]);
        return { text, canned: id, confidence: 0.75, why };
      });
  },
});
