"""May this be said?"""

from dialogo_plugin import Hook, explain
from settings import settings
from wit_world.exports.message_policy import Verdict_Allow, Verdict_Deny


class MessagePolicy(Hook):
    def check(self, context, conversation, message):
        text = message.text.lower()
        for word in settings().denied_words:
            if word.lower() in text:
                return Verdict_Deny(explain("denied-word", f"“{word}” may not be said here", [word]))
        return Verdict_Allow()
