//! Brings back what has left the desk's memory: cold conversations from the views, old commits from the log.

use std::sync::Arc;
use std::time::Duration;

use dialogo_domain::conversation::Conversation;
use dialogo_domain::{Command, Commit, ConversationId, Position};
use dialogo_journal::{Chunk, Journal, Limit, codec};

use crate::handle::Inner;

/// How long a look into the views or the log waits for them to catch up.
const PATIENCE: Duration = Duration::from_millis(500);

/// The conversation a command is about.
pub(crate) fn conversation(command: &Command) -> Option<ConversationId> {
    match command {
        Command::ActivateRules { .. }
        | Command::AddAccount { .. }
        | Command::ChangePassword { .. }
        | Command::RemoveAccount { .. }
        | Command::SetPresence { .. }
        | Command::AgentConnection { .. }
        | Command::SetOwnLimit { .. }
        | Command::StartConversation { .. }
        | Command::Tick => None,
        Command::ConsumerConnection { conversation, .. }
        | Command::SendMessage { conversation, .. }
        | Command::RefuseAttachment { conversation, .. }
        | Command::AddNote { conversation, .. }
        | Command::MarkRead { conversation, .. }
        | Command::AnswerAsBot { conversation, .. }
        | Command::AcceptOffer { conversation }
        | Command::DeclineOffer { conversation }
        | Command::Claim { conversation }
        | Command::Assign { conversation, .. }
        | Command::Hold { conversation }
        | Command::Resume { conversation }
        | Command::Transfer { conversation, .. }
        | Command::Classify { conversation, .. }
        | Command::WaiveClassification { conversation }
        | Command::Suggest { conversation, .. }
        | Command::MarkSuggestionsShown { conversation, .. }
        | Command::Close { conversation, .. }
        | Command::UndoClose { conversation }
        | Command::Rate { conversation, .. } => Some(*conversation),
    }
}

/// The cold conversation a command is about, if it is about one.
pub(crate) fn cold(inner: &Inner, command: &Command) -> Option<Box<Conversation>> {
    cold_conversation(inner, conversation(command)?)
}

/// A conversation that is not in the desk's memory, if it is kept.
pub(crate) fn cold_conversation(inner: &Inner, id: ConversationId) -> Option<Box<Conversation>> {
    if inner.durable.read().desk.conversations.contains_key(&id) {
        return None;
    }
    // What went cold a moment ago may not be in the views yet: they are a fraction of a second behind.
    let _ = inner.views.wait_for(inner.hub.head(), PATIENCE);
    match inner.views.conversation(id) {
        Ok(cold) => cold.map(|cold| Box::new(cold.conversation)),
        Err(fault) => {
            tracing::error!(%fault, conversation = %id, "a cold conversation cannot be read");
            None
        }
    }
}

/// One durable commit, read from the log.
pub(crate) fn commit(journal: &dyn Journal, position: Position) -> Option<Arc<Commit>> {
    let before = Position(position.0.checked_sub(1)?);
    // The state knows a commit a moment before the log shows it: whoever was answered must find it.
    journal.follow().wait_past(before, PATIENCE).ok()??;
    let mut chunk = Chunk::new();
    journal.read(before, Limit::commits(1), &mut chunk).ok()?;
    let (found, payload) = chunk.iter().next()?;
    (found == position).then(|| codec::decode(payload).ok().map(Arc::new)).flatten()
}
