//! What is this conversation about?

use dialogo_plugin::classifier::Suggestion;
use dialogo_plugin::{CallContext, Classifier, Conversation, PluginError, Side, explain};

use crate::{Plugin, settings};

impl Classifier for Plugin {
    fn suggest(
        _: &CallContext,
        conversation: &Conversation,
        limit: usize,
    ) -> Result<Vec<Suggestion>, PluginError> {
        let texts: Vec<String> = conversation
            .recent
            .iter()
            .filter(|message| message.author.side == Side::Consumer)
            .map(|message| message.text.to_lowercase())
            .collect();
        let mut found: Vec<Suggestion> = Vec::new();
        for topic in &settings::get()?.topics {
            let word = topic.word.to_lowercase();
            let known = found.iter().any(|suggestion| suggestion.node == topic.node);
            if !known && texts.iter().any(|text| text.contains(&word)) {
                let why = explain("word", format!("“{}” was said", topic.word));
                found.push(Suggestion {
                    node: topic.node.clone(),
                    confidence: 0.75,
                    why: Some(why.with_evidence([topic.word.as_str()])),
                });
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}
