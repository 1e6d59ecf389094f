//! Accounts and the rules in force.

use std::sync::Arc;

use super::offers::back_to_queue;
use super::{Case, bounds};
use crate::agent::Role;
use crate::event::{Event, QueuedBecause};
use crate::id::{AgentId, Generation};
use crate::plugin::SteppedBack;
use crate::refusal::Refusal;

pub(super) fn activate_rules(
    case: Case,
    generation: Generation,
    summary: &Arc<str>,
    stepped_back: Option<&SteppedBack>,
) -> Result<Vec<Event>, Refusal> {
    // An admin who rolls back; the engine itself when the files have changed.
    case.engine().or_else(|_| case.admin())?;
    bounds::text("summary", summary, bounds::MAX_NOTE_BYTES)?;
    if generation == case.desk.generation {
        return Ok(Vec::new());
    }
    let mut events = vec![Event::RulesActivated { generation, summary: summary.clone() }];
    events.extend(stepped_back.cloned().map(Event::PluginSteppedBack));
    Ok(events)
}

pub(super) fn add(
    case: Case,
    agent: &AgentId,
    name: &Arc<str>,
    role: Role,
    password_hash: &Arc<str>,
) -> Result<Vec<Event>, Refusal> {
    case.admin()?;
    bounds::some_text("agent", agent.as_str(), bounds::MAX_LOGIN_BYTES)?;
    bounds::some_text("name", name, bounds::MAX_NAME_BYTES)?;
    bounds::text("password_hash", password_hash, bounds::MAX_NOTE_BYTES)?;
    if case.agent(agent).is_ok() {
        return Err(Refusal::AccountExists(agent.clone()));
    }
    let (agent, name, password_hash) = (agent.clone(), name.clone(), password_hash.clone());
    Ok(vec![Event::AccountAdded { agent, name, role, password_hash }])
}

pub(super) fn change_password(
    case: Case,
    agent: &AgentId,
    password_hash: &Arc<str>,
) -> Result<Vec<Event>, Refusal> {
    if !case.account().is_ok_and(|(own, _)| own == agent) {
        case.admin()?;
    }
    bounds::text("password_hash", password_hash, bounds::MAX_NOTE_BYTES)?;
    case.agent(agent)?;
    Ok(vec![Event::PasswordChanged { agent: agent.clone(), password_hash: password_hash.clone() }])
}

/// What the agent had goes back to the queues.
pub(super) fn remove(case: Case, agent: &AgentId) -> Result<Vec<Event>, Refusal> {
    case.admin()?;
    let account = case.agent(agent)?;
    let admins = case.desk.agents.values().filter(|it| it.active && it.role == Role::Admin).count();
    if account.role == Role::Admin && admins == 1 {
        return Err(Refusal::LastAdmin);
    }
    let mut events = vec![Event::AccountRemoved { agent: agent.clone() }];
    let held = account.holds.iter().filter_map(|id| case.desk.conversations.get(id));
    events.extend(
        held.map(|it| {
            back_to_queue(case.ctx, it, QueuedBecause::AgentLeft { agent: agent.clone() })
        }),
    );
    Ok(events)
}
