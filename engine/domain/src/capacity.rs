//! How many conversations an agent may hold at once, and how many count.
//!
//! The limit gates what is *given*; it never takes a conversation away. Offers count, conversations on hold do not. The
//! load is the agent's whole load, also where the limit comes from one department: a limit of two in Billing means that
//! Billing gives nothing to somebody who is busy with two conversations anywhere.

use crate::agent::{Agent, Presence};
use crate::event::{LimitSource, SkippedBecause};
use crate::id::{AgentId, DepartmentId};
use crate::rules::Rules;
use crate::{Desk, Refusal};

/// A limit and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Conversations at once.
    pub value: u32,
    /// Which of the limits binds; of equal ones the most general.
    pub binding: LimitSource,
}

/// The smallest of the desk's, the department's and the agent's own limit.
pub fn effective_limit(rules: &Rules, department: Option<&DepartmentId>, agent: &Agent) -> Limit {
    let mut limit = Limit { value: rules.desk.limit, binding: LimitSource::Desk };
    let of_department = department.and_then(|id| rules.departments.get(id)).and_then(|it| it.limit);
    let own = agent.own_limit.filter(|_| rules.desk.agents_may_lower_limit);
    for (value, binding) in [(of_department, LimitSource::Department), (own, LimitSource::Agent)] {
        if let Some(value) = value.filter(|value| *value < limit.value) {
            limit = Limit { value, binding };
        }
    }
    limit
}

/// Conversations that count against the limit: active ones and offers.
pub fn load(agent: &Agent) -> u32 {
    (agent.holds.len() as u32).saturating_sub(agent.on_hold)
}

/// The load an agent comes to, if that is over the limit: recorded, never refused.
pub fn over_limit(
    rules: &Rules,
    department: Option<&DepartmentId>,
    agent: &Agent,
    load: u32,
) -> Option<u32> {
    (load > effective_limit(rules, department, agent).value).then_some(load)
}

/// The load of an agent who can be given a conversation of the department now, or why not. Membership is the caller's
/// business.
pub fn available(
    desk: &Desk,
    rules: &Rules,
    department: &DepartmentId,
    id: &AgentId,
) -> Result<u32, SkippedBecause> {
    let agent =
        desk.agents.get(id).filter(|agent| agent.active).ok_or(SkippedBecause::NoAccount)?;
    match &agent.presence {
        Presence::Offline => return Err(SkippedBecause::Offline),
        Presence::Busy { reason } => return Err(SkippedBecause::Busy(reason.clone())),
        Presence::Online if agent.dropped_at.is_some() => return Err(SkippedBecause::Dropped),
        Presence::Online => {}
    }
    let load = load(agent);
    let limit = effective_limit(rules, Some(department), agent);
    if load >= limit.value {
        return Err(SkippedBecause::AtLimit { load, limit: limit.value, binding: limit.binding });
    }
    Ok(load)
}

/// [`SkippedBecause`] as the refusal of an action that named the agent.
pub(crate) fn refusal(agent: &AgentId, why: &SkippedBecause) -> Refusal {
    match *why {
        SkippedBecause::NoAccount => Refusal::AgentUnknown(agent.clone()),
        SkippedBecause::AtLimit { load, limit, binding } => {
            Refusal::AgentAtLimit { agent: agent.clone(), load, limit, binding }
        }
        SkippedBecause::Offline
        | SkippedBecause::Busy(_)
        | SkippedBecause::Dropped
        | SkippedBecause::Passed => Refusal::AgentNotOnline(agent.clone()),
    }
}
