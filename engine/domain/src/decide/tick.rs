//! What happens because time has passed.
//!
//! One thing at a time: [`first_due`] finds it, [`see_to`] says what it leads to, and the step applies that before it
//! asks again. A timer that was too early leads to nothing and is set anew by the step.

use super::offers::back_to_queue;
use super::{Case, Context, lifecycle, presence};
use crate::agent::Presence;
use crate::command::Actor;
use crate::conversation::{Closer, Conversation};
use crate::desk::Desk;
use crate::event::{Event, QueuedBecause};
use crate::id::{AgentId, ConsumerId, ConversationId};
use crate::rules::DeskRules;
use crate::timers::{Due, deadline};

/// What has to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FirstDue {
    /// The grace period of an agent is over.
    Agent(AgentId),
    /// The timer of a conversation has run out.
    Conversation(ConversationId),
    /// Nothing of a consumer is needed any more.
    Consumer(ConsumerId),
}

/// The first thing whose time has come.
pub(crate) fn first_due(desk: &Desk, ctx: &Context) -> Option<FirstDue> {
    let now = ctx.now;
    if let Some((_, agent)) = desk.agent_timers.first().filter(|(at, _)| *at <= now) {
        return Some(FirstDue::Agent(agent.clone()));
    }
    if let Some((_, conversation)) = desk.timers.first().filter(|(at, _)| *at <= now) {
        return Some(FirstDue::Conversation(*conversation));
    }
    let kept_ms = consumer_kept_ms(&ctx.rules.desk);
    let consumer = desk.idle_consumers.first().filter(|(since, _)| since.plus(kept_ms) < now);
    consumer.map(|(_, consumer)| FirstDue::Consumer(*consumer))
}

/// As long as a window runs in which the desk would know the consumer again.
fn consumer_kept_ms(rules: &DeskRules) -> u64 {
    rules.recontact_ms.max(rules.reopen_window_ms)
}

/// What it leads to.
pub(crate) fn see_to(desk: &Desk, ctx: &Context, due: &FirstDue) -> Vec<Event> {
    match due {
        FirstDue::Agent(id) => desk
            .agents
            .get(id)
            .map(|account| presence::change(desk, ctx, id, account, &Presence::Offline))
            .unwrap_or_default(),
        FirstDue::Consumer(consumer) => vec![Event::ConsumerForgotten { consumer: *consumer }],
        FirstDue::Conversation(id) => {
            let Some(it) = desk.conversations.get(id) else { return Vec::new() };
            match deadline(desk, ctx.rules, it).filter(|(at, _)| *at <= ctx.now) {
                Some((_, what)) => happen(desk, ctx, it, what),
                None => Vec::new(),
            }
        }
    }
}

fn happen(desk: &Desk, ctx: &Context, it: &Conversation, what: Due) -> Vec<Event> {
    let end = |by| {
        let case = Case { desk, ctx, rules: ctx.rules, actor: &Actor::Engine };
        lifecycle::ending(case, it, &it.classification, it.suggestions.settled, by)
    };
    match what {
        Due::OfferOver => it
            .agent
            .iter()
            .map(|agent| Event::OfferPassed {
                conversation: it.id,
                agent: agent.clone(),
                timed_out: true,
            })
            .collect(),
        Due::WaitOver => vec![back_to_queue(ctx, it, QueuedBecause::WaitOver)],
        Due::AgentGone => it
            .agent
            .iter()
            .map(|agent| back_to_queue(ctx, it, QueuedBecause::AgentLeft { agent: agent.clone() }))
            .collect(),
        Due::ConnectionTimeout => end(Closer::ConnectionTimeout),
        Due::MessageTimeout => end(Closer::MessageTimeout),
        Due::Cold => vec![Event::ConversationWentCold { conversation: it.id }],
    }
}
