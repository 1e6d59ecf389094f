//! Who has a conversation: offers, claims, assignments by supervisors, hold and resume.

use super::{Case, Context, lifecycle};
use crate::agent::{Presence, Role};
use crate::capacity::{self, available, effective_limit, load, over_limit};
use crate::conversation::{Conversation, State};
use crate::event::{AssignedBecause, Event, QueuedBecause};
use crate::id::{AgentId, ConversationId, DepartmentId};
use crate::refusal::Refusal;
use crate::routing::is_member;

/// Back to a queue with the place in time it had: its own department's, or the first one where that is gone.
pub(super) fn back_to_queue(ctx: &Context, it: &Conversation, why: QueuedBecause) -> Event {
    let departments = &ctx.rules.departments;
    let known = it.department.as_ref().filter(|id| departments.contains_key(*id));
    let department = known.or_else(|| departments.keys().next()).or(it.department.as_ref());
    let department = department.cloned().unwrap_or_else(|| DepartmentId::from(""));
    Event::ConversationQueued {
        conversation: it.id,
        priority: departments.get(&department).map_or(it.priority, |rules| rules.priority),
        department,
        waiting_since: it.waiting_since.unwrap_or(ctx.now),
        why,
    }
}

pub(super) fn accept(case: Case, conversation: ConversationId) -> Result<Vec<Event>, Refusal> {
    let (it, agent, department) = offered(case, conversation, "accept")?;
    Ok(vec![lifecycle::assigned(case, it.id, agent, department, AssignedBecause::Accepted)])
}

pub(super) fn decline(case: Case, conversation: ConversationId) -> Result<Vec<Event>, Refusal> {
    let (_, agent, _) = offered(case, conversation, "decline")?;
    Ok(vec![Event::OfferPassed { conversation, agent: agent.clone(), timed_out: false }])
}

/// An offer that was made to the actor.
fn offered<'a>(
    case: Case<'a>,
    id: ConversationId,
    action: &'static str,
) -> Result<(&'a Conversation, &'a AgentId, &'a DepartmentId), Refusal> {
    let (agent, _) = case.account()?;
    let it = case.conversation(id)?;
    if it.state != State::Offered {
        return Err(Refusal::WrongState { state: it.state, action });
    }
    match (&it.agent, &it.department) {
        (Some(to), Some(department)) if to == agent => Ok((it, agent, department)),
        _ => Err(Refusal::NotTheirs { agent: it.agent.clone() }),
    }
}

/// Takes a waiting conversation, or as supervisor any.
pub(super) fn claim(case: Case, conversation: ConversationId) -> Result<Vec<Event>, Refusal> {
    let (agent, account) = case.account()?;
    let it = case.conversation(conversation)?;
    let theirs = it.agent.as_ref() == Some(agent) && it.state != State::Offered;
    match it.state {
        State::Closed => return Err(Refusal::WrongState { state: it.state, action: "claim" }),
        _ if theirs => return Ok(Vec::new()),
        _ if account.role >= Role::Supervisor => {}
        State::Queued => {}
        State::Offered if it.agent.as_ref() == Some(agent) => {}
        State::Bot => return Err(Refusal::WrongState { state: it.state, action: "claim" }),
        _ => return Err(Refusal::NotTheirs { agent: it.agent.clone() }),
    }
    if account.presence == Presence::Offline {
        return Err(Refusal::AgentNotOnline(agent.clone()));
    }
    let department = department(case, it)?;
    let limit = effective_limit(case.rules, Some(department), account);
    let load = load(account) - u32::from(account.holds.contains(&conversation));
    if load >= limit.value {
        let (limit, binding) = (limit.value, limit.binding);
        return Err(Refusal::AgentAtLimit { agent: agent.clone(), load, limit, binding });
    }
    Ok(vec![lifecycle::assigned(case, conversation, agent, department, AssignedBecause::Claimed)])
}

/// A supervisor gives a conversation, wherever it is.
pub(super) fn assign(
    case: Case,
    conversation: ConversationId,
    agent: &AgentId,
) -> Result<Vec<Event>, Refusal> {
    let by = case.supervisor()?;
    let it = case.conversation(conversation)?;
    if it.state == State::Closed {
        return Err(Refusal::WrongState { state: it.state, action: "assign" });
    }
    if it.agent.as_ref() == Some(agent) && it.state != State::Offered {
        return Ok(Vec::new());
    }
    let account = case.agent(agent)?;
    let department = department(case, it)?;
    if account.role < Role::Supervisor && !is_member(case.rules, department, agent) {
        return Err(Refusal::AgentNotMember {
            agent: agent.clone(),
            department: department.clone(),
        });
    }
    if !account.holds.contains(&conversation) {
        available(case.desk, case.rules, department, agent)
            .map_err(|why| capacity::refusal(agent, &why))?;
    }
    Ok(vec![lifecycle::assigned(
        case,
        conversation,
        agent,
        department,
        AssignedBecause::GivenBy(by.clone()),
    )])
}

/// The department it stands in; the first one for a conversation that is still with the bot.
fn department<'a>(case: Case<'a>, it: &'a Conversation) -> Result<&'a DepartmentId, Refusal> {
    it.department
        .as_ref()
        .or_else(|| case.rules.departments.keys().next())
        .ok_or(Refusal::NoDepartment)
}

pub(super) fn hold(case: Case, conversation: ConversationId) -> Result<Vec<Event>, Refusal> {
    let (it, _) = case.own_conversation(conversation)?;
    match it.state {
        State::Active => Ok(vec![Event::ConversationHeld { conversation }]),
        State::OnHold => Ok(Vec::new()),
        state => Err(Refusal::WrongState { state, action: "hold" }),
    }
}

pub(super) fn resume(case: Case, conversation: ConversationId) -> Result<Vec<Event>, Refusal> {
    let (it, _) = case.own_conversation(conversation)?;
    match it.state {
        State::OnHold => Ok(vec![resumed(case, it)]),
        State::Active => Ok(Vec::new()),
        state => Err(Refusal::WrongState { state, action: "resume" }),
    }
}

/// Back from hold, whatever the limit: that is recorded.
pub(super) fn resumed(case: Case, it: &Conversation) -> Event {
    let agent = it.agent.as_ref().and_then(|agent| case.desk.agents.get(agent));
    let over_limit = agent
        .and_then(|agent| over_limit(case.rules, it.department.as_ref(), agent, load(agent) + 1));
    Event::ConversationResumed { conversation: it.id, over_limit }
}
