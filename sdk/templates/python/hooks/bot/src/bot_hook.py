"""What is answered before a human does?"""

from dialogo_plugin import Hook
from settings import settings
from wit_world.exports.bot import Action_Say, Reply


class Bot(Hook):
    def answer(self, context, conversation, message, state):
        if message is not None:
            return None
        return Reply(1.0, [Action_Say(settings().greeting)], None)
