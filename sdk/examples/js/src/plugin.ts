// The example plugin in TypeScript: words lead to nodes of the classification tree, and some words are not to be said.
// The same plugin stands beside this one in three more languages; all four give the same answers.

import * as dialogo from "dialogo-plugin";
import { find, type Hit } from "dialogo:plugin/patterns@0.1.0";

/** Words looked for in one text at most. */
const MOST_HITS = 64;

export const classifier = dialogo.classifier({
  suggest(_context, conversation, limit) {
    const topics = new Map<string, Topic>();
    const known = new Set<string>();
    for (const message of conversation.recent) {
      if (message.author.side !== "consumer") continue;
      for (const hit of find("words", message.text, MOST_HITS)) {
        if (known.has(hit.pattern)) continue;
        known.add(hit.pattern);
        // The host adds to a pattern's name what the manifest asks for: node and weight of its rule.
        const [, node = "", weight = ""] = hit.pattern.split("\t");
        const topic = topics.get(node) ?? { node, doubt: 1, words: [] };
        topics.set(node, topic);
        topic.doubt *= 1 - Number(weight) / 100;
        topic.words.push(dialogo.slice(message.text, hit.start, hit.end));
      }
    }
    return [...topics.values()]
      .sort((one, other) => one.doubt - other.doubt)
      .slice(0, limit)
      .map(({ node, doubt, words }) => ({ node, confidence: 1 - doubt, why: found("words", words) }));
  },
});

/** What speaks for a node: `doubt` is how likely none of the words means it. */
type Topic = { node: string; doubt: number; words: string[] };

export const messagePolicy = dialogo.messagePolicy({
  check(_context, _conversation, message) {
    const hits = find("denied", message.text, MOST_HITS);
    const word = (hit: Hit) => dialogo.slice(message.text, hit.start, hit.end);
    if (hits.length === 0) return dialogo.allow;
    // Agents are told; a consumer's word is masked.
    if (message.author.side === "agent") return dialogo.deny(found("denied-word", hits.map(word)));
    const edits = [...hits]
      .sort((one, other) => one.start - other.start)
      .map((hit) => ({ start: hit.start, end: hit.end, replacement: "***", why: found("denied-word", [word(hit)]) }));
    return { tag: "rewrite", val: edits };
  },
});

function found(code: string, words: string[]): dialogo.Explanation {
  return dialogo.explain(code, `found ${words.map((word) => `“${word}”`).join(", ")}`, words);
}
