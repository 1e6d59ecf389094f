//! Transfers: every refusal, plugins' verdicts, and where the conversation goes.

use std::sync::Arc;

use super::offers::back_to_queue;
use super::{Case, bounds};
use crate::capacity::{self, available};
use crate::command::{Actor, JudgedAt, Target, TransferJudgement, TransferVerdict};
use crate::conversation::{Conversation, State};
use crate::event::{AssignedBecause, Event, QueuedBecause, SkippedBecause};
use crate::id::{AgentId, ConversationId, DepartmentId};
use crate::refusal::Refusal;
use crate::routing::{departments_of, give, is_member};
use crate::rules::{FullAgent, TransferTargets};
use crate::time::Millis;

/// Where a transfer really goes.
struct Goal<'a> {
    department: &'a DepartmentId,
    agent: Option<&'a AgentId>,
    waits_until: Option<Millis>,
}

pub(super) fn transfer(
    case: Case,
    conversation: ConversationId,
    target: &Target,
    note: &Arc<str>,
    judgement: &TransferJudgement,
    judged_at: Option<JudgedAt>,
) -> Result<Vec<Event>, Refusal> {
    let it = transferable(case, conversation)?;
    bounds::text("note", note, bounds::MAX_NOTE_BYTES)?;
    case.fresh(judged_at, it.version)?;
    if it.hops >= case.rules.desk.max_hops {
        return Err(Refusal::TooManyHops { hops: it.hops, limit: case.rules.desk.max_hops });
    }
    let target = match &judgement.verdict {
        TransferVerdict::Allow => target,
        TransferVerdict::Redirect { target, .. } => target,
        TransferVerdict::Deny { code, because } => {
            return Ok(vec![Event::TransferRefused {
                conversation,
                code: code.clone(),
                because: because.clone(),
                decisions: judgement.decisions.clone(),
            }]);
        }
    };
    let goal = goal(case, it, target)?;
    let transferred = Event::ConversationTransferred {
        conversation,
        from_agent: it.agent.clone(),
        from_department: it.department.clone(),
        to_department: goal.department.clone(),
        to_agent: goal.agent.cloned(),
        waits_until: goal.waits_until,
        note: note.clone(),
        verdict: judgement.verdict.clone(),
        decisions: judgement.decisions.clone(),
    };
    Ok(vec![transferred, arrival(case, it, &goal)])
}

/// What follows in the same commit: the agent has it, or it joins the queue with its waiting time kept.
fn arrival(case: Case, it: &Conversation, goal: &Goal) -> Event {
    if let (Some(agent), None) = (goal.agent, goal.waits_until) {
        return give(case.ctx, it.id, goal.department, agent.clone(), AssignedBecause::Transferred);
    }
    let moved = Conversation { department: Some(goal.department.clone()), ..place_of(it) };
    back_to_queue(case.ctx, &moved, QueuedBecause::Transferred)
}

/// Only what a place in a queue depends on: a conversation may be long, and is not copied for this.
fn place_of(it: &Conversation) -> Conversation {
    Conversation {
        waiting_since: it.waiting_since,
        priority: it.priority,
        ..Conversation::new(it.id, it.consumer, it.channel, it.opened_at)
    }
}

/// A conversation the actor may transfer: its agent, a supervisor, or the engine for a plugin that proposes it.
fn transferable(case: Case<'_>, id: ConversationId) -> Result<&Conversation, Refusal> {
    let it = match case.actor {
        Actor::Engine => case.conversation(id)?,
        _ => case.own_conversation(id)?.0,
    };
    let by_agent = case.supervisor().is_err() && *case.actor != Actor::Engine;
    match it.state {
        State::Active | State::OnHold => Ok(it),
        State::Queued | State::Offered if !by_agent => Ok(it),
        state => Err(Refusal::WrongState { state, action: "transfer" }),
    }
}

fn goal<'a>(case: Case<'a>, it: &'a Conversation, target: &'a Target) -> Result<Goal<'a>, Refusal> {
    match target {
        Target::Department(department) => {
            if !case.rules.departments.contains_key(department) {
                return Err(Refusal::DepartmentUnknown(department.clone()));
            }
            if it.department.as_ref() == Some(department) {
                return Err(Refusal::TransferToItself);
            }
            may_go(case, it, department)?;
            Ok(Goal { department, agent: None, waits_until: None })
        }
        Target::Agent(agent) => to_agent(case, it, agent),
        Target::FirstContact => {
            to_agent(case, it, it.first_agent.as_ref().ok_or(Refusal::NoFirstContact)?)
        }
    }
}

fn to_agent<'a>(
    case: Case<'a>,
    it: &'a Conversation,
    agent: &'a AgentId,
) -> Result<Goal<'a>, Refusal> {
    case.agent(agent)?;
    if it.agent.as_ref() == Some(agent) {
        return Err(Refusal::TransferToItself);
    }
    let department = department_for(case, it, agent)?;
    let waits_until = match available(case.desk, case.rules, department, agent) {
        Ok(_) => None,
        Err(full @ SkippedBecause::AtLimit { .. }) => {
            match case.rules.departments[department].full_agent {
                FullAgent::Refuse => return Err(capacity::refusal(agent, &full)),
                FullAgent::Wait { ms } => Some(case.now().plus(ms.max(1))),
            }
        }
        Err(why) => return Err(capacity::refusal(agent, &why)),
    };
    Ok(Goal { department, agent: Some(agent), waits_until })
}

/// The present department if the agent belongs to it, else the agent's first one that the conversation may go to.
fn department_for<'a>(
    case: Case<'a>,
    it: &'a Conversation,
    agent: &AgentId,
) -> Result<&'a DepartmentId, Refusal> {
    if let Some(present) =
        it.department.as_ref().filter(|present| is_member(case.rules, present, agent))
    {
        return Ok(present);
    }
    let mut refused = None;
    for department in departments_of(case.rules, agent) {
        match may_go(case, it, department) {
            Ok(()) => return Ok(department),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    let department =
        it.department.clone().or_else(|| case.rules.departments.keys().next().cloned());
    Err(refused.unwrap_or(match department {
        Some(department) => Refusal::AgentNotMember { agent: agent.clone(), department },
        None => Refusal::NoDepartment,
    }))
}

fn may_go(case: Case, it: &Conversation, to: &DepartmentId) -> Result<(), Refusal> {
    if case.ctx.closed.contains(to) {
        return Err(Refusal::DepartmentClosed(to.clone()));
    }
    // Where the present department is gone from the rules, nothing is left to forbid the way out.
    let Some((from, rules)) =
        it.department.as_ref().and_then(|from| case.rules.departments.get_key_value(from))
    else {
        return Ok(());
    };
    match &rules.may_transfer_to {
        TransferTargets::All => Ok(()),
        TransferTargets::Only(listed) if listed.contains(to) => Ok(()),
        TransferTargets::Only(_) => {
            Err(Refusal::TransferNotListed { from: from.clone(), to: to.clone() })
        }
    }
}
