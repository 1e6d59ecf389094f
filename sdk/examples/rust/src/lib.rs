//! The example plugin in Rust: words lead to nodes of the classification tree, and some words are not to be said.
//!
//! The same plugin stands beside this one in three more languages; all four give the same answers.

use dialogo_plugin::classifier::Suggestion;
use dialogo_plugin::message_policy::{Edit, Verdict};
use dialogo_plugin::patterns::{Hit, find};
use dialogo_plugin::{
    CallContext, Classifier, Conversation, Explanation, Message, MessagePolicy, PluginError, Side,
    explain,
};

/// Words looked for in one text at most.
const MOST_HITS: u32 = 64;

struct Words;

/// What speaks for a node: `doubt` is how likely none of the words means it.
struct Topic {
    node: String,
    doubt: f64,
    words: Vec<String>,
}

impl Classifier for Words {
    fn suggest(
        _: &CallContext,
        conversation: &Conversation,
        limit: usize,
    ) -> Result<Vec<Suggestion>, PluginError> {
        let mut topics: Vec<Topic> = Vec::new();
        let mut known: Vec<String> = Vec::new();
        for message in conversation.recent.iter().filter(|it| it.author.side == Side::Consumer) {
            for hit in find("words", &message.text, MOST_HITS) {
                if known.contains(&hit.pattern) {
                    continue;
                }
                let word = word(message, &hit);
                // The host adds to a pattern's name what the manifest asks for: node and weight of its rule.
                let mut labels = hit.pattern.split('\t').skip(1);
                let node = labels.next().unwrap_or_default();
                let weight: f64 = labels.next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
                let place = topics.iter().position(|topic| topic.node == node);
                let place = place.unwrap_or_else(|| {
                    topics.push(Topic { node: node.to_owned(), doubt: 1.0, words: Vec::new() });
                    topics.len() - 1
                });
                topics[place].doubt *= 1.0 - weight / 100.0;
                topics[place].words.push(word);
                known.push(hit.pattern);
            }
        }
        topics.sort_by(|one, other| one.doubt.total_cmp(&other.doubt));
        topics.truncate(limit);
        let suggestion = |topic: Topic| Suggestion {
            node: topic.node,
            confidence: (1.0 - topic.doubt) as f32,
            why: Some(found("words", topic.words)),
        };
        Ok(topics.into_iter().map(suggestion).collect())
    }
}

impl MessagePolicy for Words {
    fn check(_: &CallContext, _: &Conversation, message: &Message) -> Result<Verdict, PluginError> {
        let mut hits = find("denied", &message.text, MOST_HITS);
        if hits.is_empty() {
            return Ok(Verdict::Allow);
        }
        // Agents are told; a consumer's word is masked.
        if message.author.side == Side::Agent {
            let words = hits.iter().map(|hit| word(message, hit)).collect();
            return Ok(Verdict::Deny(found("denied-word", words)));
        }
        hits.sort_by_key(|hit| hit.start);
        let edit = |hit: &Hit| Edit {
            start: hit.start,
            end: hit.end,
            replacement: "***".to_owned(),
            why: found("denied-word", vec![word(message, hit)]),
        };
        Ok(Verdict::Rewrite(hits.iter().map(edit).collect()))
    }
}

fn word(message: &Message, hit: &Hit) -> String {
    message.text[hit.start as usize..hit.end as usize].to_owned()
}

fn found(code: &str, words: Vec<String>) -> Explanation {
    let quoted: Vec<String> = words.iter().map(|word| format!("“{word}”")).collect();
    explain(code, format!("found {}", quoted.join(", "))).with_evidence(words)
}

dialogo_plugin::export!(Words: classifier, message_policy);
