"""The example plugin in Python: words lead to nodes of the classification tree, and some words are not to be said.

The same plugin stands beside this one in three more languages; all four give the same answers.
"""

from dialogo_plugin import Hook, explain, slice_bytes
from wit_world.exports.classifier import Suggestion
from wit_world.exports.message_policy import Edit, Verdict_Allow, Verdict_Deny, Verdict_Rewrite
from wit_world.imports import patterns
from wit_world.imports.types import Side

# Words looked for in one text at most.
MOST_HITS = 64


class Classifier(Hook):
    def suggest(self, context, conversation, limit):
        topics = {}
        known = set()
        for message in conversation.recent:
            if message.author.side != Side.CONSUMER:
                continue
            for hit in patterns.find("words", message.text, MOST_HITS):
                if hit.pattern in known:
                    continue
                known.add(hit.pattern)
                # The host adds to a pattern's name what the manifest asks for: node and weight of its rule.
                _, node, weight = hit.pattern.split("\t")
                topic = topics.setdefault(node, Topic())
                topic.doubt *= 1 - int(weight) / 100
                topic.words.append(slice_bytes(message.text, hit.start, hit.end))
        surest = sorted(topics.items(), key=lambda topic: topic[1].doubt)
        return [
            Suggestion(node, 1 - topic.doubt, found("words", topic.words)) for node, topic in surest[:limit]
        ]


class Topic:
    """What speaks for a node: `doubt` is how likely none of the words means it."""

    def __init__(self):
        self.doubt = 1.0
        self.words = []


class MessagePolicy(Hook):
    def check(self, context, conversation, message):
        hits = patterns.find("denied", message.text, MOST_HITS)
        words = [slice_bytes(message.text, hit.start, hit.end) for hit in hits]
        if not hits:
            return Verdict_Allow()
        # Agents are told; a consumer's word is masked.
        if message.author.side == Side.AGENT:
            return Verdict_Deny(found("denied-word", words))
        edits = [
            Edit(hit.start, hit.end, "***", found("denied-word", [word])) for hit, word in zip(hits, words)
        ]
        return Verdict_Rewrite(sorted(edits, key=lambda edit: edit.start))


def found(code, words):
    return explain(code, "found " + ", ".join(f"“{word}”" for word in words), words)
