//! May this be said?

use dialogo_plugin::message_policy::Verdict;
use dialogo_plugin::{CallContext, Conversation, Message, MessagePolicy, PluginError, explain};

use crate::{Plugin, settings};

impl MessagePolicy for Plugin {
    fn check(
        _: &CallContext,
        _: &Conversation,
        message: &Message,
    ) -> Result<Verdict, PluginError> {
        let text = message.text.to_lowercase();
        let denied = &settings::get()?.denied_words;
        Ok(match denied.iter().find(|word| text.contains(&word.to_lowercase())) {
            Some(word) => Verdict::Deny(
                explain("denied-word", format!("“{word}” may not be said here"))
                    .with_evidence([word.as_str()]),
            ),
            None => Verdict::Allow,
        })
    }
}
