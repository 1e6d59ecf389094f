//! Who is there: agents by choice and by connection, consumers by connection.

use super::offers::back_to_queue;
use super::{Case, Context, bounds};
use crate::agent::{Agent, Presence};
use crate::conversation::{ConsumerPresence, State};
use crate::desk::Desk;
use crate::event::{Event, QueuedBecause};
use crate::id::{AgentId, ConversationId};
use crate::refusal::Refusal;

pub(super) fn set(case: Case, agent: &AgentId, presence: &Presence) -> Result<Vec<Event>, Refusal> {
    let account = case.self_or_supervised(agent)?;
    if let Presence::Busy { reason } = presence {
        bounds::text("reason", reason, bounds::MAX_NAME_BYTES)?;
    }
    if account.presence == *presence && account.dropped_at.is_none() {
        return Ok(Vec::new());
    }
    Ok(change(case.desk, case.ctx, agent, account, presence))
}

/// An agent who goes offline keeps what was answered for the sticky window; the rest returns to the queue at once.
pub(super) fn change(
    desk: &Desk,
    ctx: &Context,
    agent: &AgentId,
    account: &Agent,
    presence: &Presence,
) -> Vec<Event> {
    let mut events =
        vec![Event::PresenceChanged { agent: agent.clone(), presence: presence.clone() }];
    if *presence == Presence::Offline {
        let unanswered = account
            .holds
            .iter()
            .filter_map(|id| desk.conversations.get(id))
            .filter(|it| !it.answered);
        events.extend(
            unanswered.map(|it| {
                back_to_queue(ctx, it, QueuedBecause::AgentLeft { agent: agent.clone() })
            }),
        );
    }
    events
}

pub(super) fn agent_connection(
    case: Case,
    agent: &AgentId,
    connected: bool,
) -> Result<Vec<Event>, Refusal> {
    case.engine()?;
    let account = case.agent(agent)?;
    let agent = agent.clone();
    Ok(match (connected, account.dropped_at) {
        (true, Some(_)) => vec![Event::AgentReturned { agent }],
        (false, None) if account.presence != Presence::Offline => {
            vec![Event::AgentDropped { agent, until: case.now().plus(case.rules.desk.grace_ms) }]
        }
        _ => Vec::new(),
    })
}

pub(super) fn set_own_limit(
    case: Case,
    agent: &AgentId,
    limit: Option<u32>,
) -> Result<Vec<Event>, Refusal> {
    let account = case.self_or_supervised(agent)?;
    if !case.rules.desk.agents_may_lower_limit {
        return Err(Refusal::OwnLimitForbidden);
    }
    if let Some(limit) = limit.filter(|limit| *limit == 0 || *limit > case.rules.desk.limit) {
        let most = case.rules.desk.limit;
        return Err(bounds::invalid(
            "limit",
            format!("is {limit}; it has to be between 1 and {most}"),
        ));
    }
    if account.own_limit == limit {
        return Ok(Vec::new());
    }
    Ok(vec![Event::OwnLimitSet { agent: agent.clone(), limit }])
}

pub(super) fn consumer_connection(
    case: Case,
    conversation: ConversationId,
    connected: bool,
) -> Result<Vec<Event>, Refusal> {
    case.engine()?;
    let it = case.conversation(conversation)?;
    if it.state == State::Closed {
        return Ok(Vec::new());
    }
    Ok(match (connected, it.consumer_presence) {
        (true, ConsumerPresence::Away(_) | ConsumerPresence::Left) => {
            vec![Event::ConsumerArrived { conversation }]
        }
        (false, ConsumerPresence::Here) => vec![Event::ConsumerWentAway { conversation }],
        _ => Vec::new(),
    })
}
