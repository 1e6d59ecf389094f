"""What is this conversation about?"""

from dialogo_plugin import Hook, explain
from settings import settings
from wit_world.exports.classifier import Suggestion
from wit_world.imports.types import Side


class Classifier(Hook):
    def suggest(self, context, conversation, limit):
        texts = [
            message.text.lower() for message in conversation.recent if message.author.side == Side.CONSUMER
        ]
        found = {}
        for topic in settings().topics:
            word, node = topic["word"], topic["node"]
            if node not in found and any(word.lower() in text for text in texts):
                found[node] = Suggestion(node, 0.75, explain("word", f"“{word}” was said", [word]))
        return list(found.values())[:limit]
