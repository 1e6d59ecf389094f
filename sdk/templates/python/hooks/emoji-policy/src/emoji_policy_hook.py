"""May these emojis be used?"""

from dialogo_plugin import Hook, explain
from settings import settings
from wit_world.exports.emoji_policy import Verdict_Allow, Verdict_Strip


class EmojiPolicy(Hook):
    def check(self, context, by, conversation, emojis):
        return [verdict(emoji.text) for emoji in emojis]


def verdict(emoji):
    if emoji in settings().denied_emojis:
        return Verdict_Strip(explain("denied-emoji", f"{emoji} is not used here"))
    return Verdict_Allow()
