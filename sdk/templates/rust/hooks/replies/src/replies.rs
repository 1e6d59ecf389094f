//! What could the agent answer?

use dialogo_plugin::replies::{CannedReply, SuggestedReply};
use dialogo_plugin::{CallContext, Conversation, PluginError, Replies, explain};

use crate::Plugin;

impl Replies for Plugin {
    fn suggest(
        _: &CallContext,
        conversation: &Conversation,
        canned: &[CannedReply],
        limit: usize,
    ) -> Result<Vec<SuggestedReply>, PluginError> {
        let Some(last) = conversation.recent.last() else { return Ok(Vec::new()) };
        let said = last.text.to_lowercase();
        let fitting = canned.iter().filter(|reply| said.contains(&reply.title.to_lowercase()));
        let suggestion = |reply: &CannedReply| SuggestedReply {
            text: reply.text.clone(),
            canned: Some(reply.id.clone()),
            confidence: 0.75,
            why: Some(explain("title", "its title was said").with_evidence([reply.title.as_str()])),
        };
        Ok(fitting.map(suggestion).take(limit).collect())
    }
}
