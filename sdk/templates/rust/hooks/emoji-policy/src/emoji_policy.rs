//! May these emojis be used?

use dialogo_plugin::emoji_policy::Verdict;
use dialogo_plugin::{CallContext, Conversation, Emoji, EmojiPolicy, PluginError, Side, explain};

use crate::{Plugin, settings};

impl EmojiPolicy for Plugin {
    fn check(
        _: &CallContext,
        _: Side,
        _: &Conversation,
        emojis: &[Emoji],
    ) -> Result<Vec<Verdict>, PluginError> {
        let denied = &settings::get()?.denied_emojis;
        let verdict = |emoji: &Emoji| {
            if denied.contains(&emoji.text) {
                Verdict::Strip(explain("denied-emoji", format!("{} is not used here", emoji.text)))
            } else {
                Verdict::Allow
            }
        };
        Ok(emojis.iter().map(verdict).collect())
    }
}
