//! When a conversation has to be looked at next.
//!
//! One timer stands per conversation. It may be too early (a message has moved the deadline on): then the look finds
//! nothing and sets it anew. It is never too late. So a message costs no event of its own for its deadline.

use crate::conversation::{ConsumerPresence, Conversation, State};
use crate::desk::Desk;
use crate::event::Event;
use crate::id::ConversationId;
use crate::rules::Rules;
use crate::time::Millis;

/// What is due in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// The offer goes to the next agent.
    OfferOver,
    /// The wait for an agent at the limit is over.
    WaitOver,
    /// The agent did not come back within the sticky window.
    AgentGone,
    /// The consumer's connection has been gone for too long.
    ConnectionTimeout,
    /// The consumer has been silent for too long.
    MessageTimeout,
    /// Closed for long enough to leave the memory.
    Cold,
}

/// The earliest deadline of a conversation, with what is due then.
pub fn deadline(desk: &Desk, rules: &Rules, it: &Conversation) -> Option<(Millis, Due)> {
    if it.state == State::Closed {
        let kept = rules.desk.keep_closed_ms.max(rules.desk.undo_window_ms);
        return it.closed.as_ref().map(|closed| (closed.at.plus(kept), Due::Cold));
    }
    let with_agent = matches!(it.state, State::Active | State::OnHold);
    let offer = it.offer.map(|offer| (offer.until, Due::OfferOver));
    let wait = it.transfer.as_ref().map(|wait| (wait.until, Due::WaitOver));
    let gone = it
        .agent
        .as_ref()
        .filter(|_| with_agent)
        .and_then(|agent| desk.agents.get(agent)?.away_since)
        .map(|since| (since.plus(rules.desk.sticky_ms), Due::AgentGone));
    [offer, wait, gone, connection(rules, it), silence(rules, it)].into_iter().flatten().min()
}

fn connection(rules: &Rules, it: &Conversation) -> Option<(Millis, Due)> {
    let ConsumerPresence::Away(since) = it.consumer_presence else { return None };
    let last = it.consumer_wrote_at.map_or(since, |wrote| wrote.max(since));
    Some((last.plus(rules.desk.connection_timeout_ms?), Due::ConnectionTimeout))
}

/// Only where it is the consumer's turn: with an agent who has answered, or with the bot.
fn silence(rules: &Rules, it: &Conversation) -> Option<(Millis, Due)> {
    let since = match it.state {
        State::Active if !it.consumer_waits && it.answered => it.agent_wrote_at?,
        State::Bot => it.consumer_wrote_at.unwrap_or(it.opened_at).max(it.opened_at),
        _ => return None,
    };
    Some((since.plus(rules.desk.idle_timeout_ms?), Due::MessageTimeout))
}

/// The event that puts a conversation's timer right, if it is too late or has run out.
pub(crate) fn correction(desk: &Desk, rules: &Rules, id: ConversationId) -> Option<Event> {
    let conversation = desk.conversations.get(&id)?;
    let wanted = deadline(desk, rules, conversation).map(|(at, _)| at);
    let wrong = match (conversation.timer, wanted) {
        (None, wanted) => wanted.is_some(),
        (Some(set), wanted) => set <= desk.now || wanted.is_some_and(|wanted| wanted < set),
    };
    // A deadline that has just passed is seen to by the next tick.
    let at = wanted.map(|at| at.max(desk.now.plus(1)));
    (wrong && at != conversation.timer).then_some(Event::TimerSet { conversation: id, at })
}
