//! What the agent could answer: when the consumer has had the last word, the plugins are asked, and what they suggest is
//! shown to the agent who has the conversation.
//!
//! It is news of a moment: nobody else sees it, nothing of it is kept, and the desk never sends one itself. Why is in
//! `docs/decisions/0010-suggested-replies-are-news-of-a-moment.md`.

use std::sync::Arc;

use dialogo_domain::conversation::State;
use dialogo_domain::{AgentId, ConversationId};
use dialogo_host::input::CannedReply;
use dialogo_host::{Hook, verdict as host};

use crate::feed::{Audience, Ephemeral, SuggestedReply};
use crate::handle::{Desk, Inner};
use crate::judge::{self, verdict};
use crate::rules::InForce;

/// Replies an agent is shown: more would be read instead of the conversation.
const SHOWN: u32 = 3;

/// Canned replies put before the plugins, in the order of the file: each is copied into every sandbox.
const MOST_CANNED: usize = 500;

/// A message that nobody has answered yet, and the agent who could and is there to see what is suggested.
#[derive(Debug, PartialEq, Eq)]
struct Unanswered {
    agent: AgentId,
    message: Arc<str>,
}

pub(crate) async fn suggest(desk: &Desk, conversation: ConversationId) {
    let inner = &desk.0;
    let rules = inner.rules.current();
    let Some(view) = judge::look(inner, &rules, conversation, &[Hook::Replies]) else { return };
    let Some(open) = unanswered(inner, conversation) else { return };
    let canned = canned(inner, &rules, conversation);
    let call = judge::call(&rules, inner.clock.now().0, &open.message);
    let outcome = rules.chain.suggest_replies(call, view, canned, SHOWN).await;
    // Somebody may have answered meanwhile, or somebody else have it now: then whatever follows has asked again.
    if unanswered(inner, conversation).as_ref() != Some(&open) {
        return;
    }
    let Unanswered { agent, message } = open;
    let replies = outcome.replies.iter().map(reply).collect();
    let only_the_agent = Audience { agents: vec![agent], ..Audience::default() };
    let news = Arc::new(Ephemeral::Replies { conversation, message, replies });
    inner.hub.flash(&only_the_agent, &news, None);
}

fn unanswered(inner: &Inner, conversation: ConversationId) -> Option<Unanswered> {
    let state = inner.durable.read();
    let found = state.desk.conversations.get(&conversation)?;
    let agent = found.agent.clone()?;
    // Nobody is asked for the sake of an agent who could not be shown the answer.
    let at_work = matches!(found.state, State::Active | State::OnHold)
        && inner.hub.agent_connections(&agent) > 0;
    let message = state.recent.unanswered(conversation).filter(|_| at_work)?;
    Some(Unanswered { agent, message })
}

/// What the desk keeps ready for this conversation, in the consumer's language.
fn canned(inner: &Inner, rules: &InForce, conversation: ConversationId) -> Arc<[CannedReply]> {
    let state = inner.durable.read();
    let Some(found) = state.desk.conversations.get(&conversation) else { return Arc::new([]) };
    let consumer = state.desk.consumers.get(&found.consumer);
    let language = consumer.and_then(|consumer| consumer.profile.locale.as_deref());
    let usable = rules.checked.replies_for(found.department.as_ref(), language.unwrap_or_default());
    let reply = |(id, title, text): (&str, &str, &str)| CannedReply {
        id: id.into(),
        title: title.into(),
        text: text.into(),
    };
    usable.take(MOST_CANNED).map(reply).collect()
}

fn reply(suggested: &host::SuggestedReply) -> SuggestedReply {
    SuggestedReply {
        text: Arc::clone(&suggested.text),
        canned: suggested.canned.clone(),
        plugin: Arc::clone(&suggested.plugin),
        confidence: suggested.confidence,
        evidence: suggested.why.iter().flat_map(verdict::words).collect(),
    }
}
