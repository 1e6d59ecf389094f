"""What could the agent answer?"""

from dialogo_plugin import Hook, explain
from wit_world.exports.replies import SuggestedReply


class Replies(Hook):
    def suggest(self, context, conversation, canned, limit):
        said = conversation.recent[-1].text.lower() if conversation.recent else ""
        return [
            SuggestedReply(reply.text, reply.id, 0.75, explain("title", "its title was said", [reply.title]))
            for reply in canned
            if reply.title.lower() in said
        ][:limit]
