//! The desk as plugins see it: what is put into a call. Personal fields are cut by the host, per plugin and grant.
//!
//! Facts given here, beside those the host finds in files: see [`facts`].

use std::collections::BTreeSet;
use std::sync::Arc;

use dialogo_domain::agent::Presence;
use dialogo_domain::capacity;
use dialogo_domain::conversation::{Classification, Conversation, State};
use dialogo_domain::message::{Author, Channel};
use dialogo_domain::{AgentId, DepartmentId, Desk, Millis};
use dialogo_host::facts as known;
use dialogo_host::input;
use dialogo_rules::Checked;

use crate::rules::InForce;
use crate::state::DurableState;

/// A conversation with its last `recent` messages.
pub(crate) fn conversation(
    state: &DurableState,
    rules: &InForce,
    conversation: &Conversation,
    recent: usize,
    now: Millis,
) -> input::Conversation {
    let classification = match &conversation.classification {
        Classification::Draft(chosen) | Classification::Final(chosen) => {
            Some(chosen.node.as_str().into())
        }
        Classification::None | Classification::Waived => None,
    };
    input::Conversation {
        id: conversation.id.to_string().into(),
        channel: channel(conversation.channel),
        state: stage(conversation.state),
        opened_at: conversation.opened_at.0,
        department: conversation.department.as_ref().map(|id| id.as_str().into()),
        agent: conversation.agent.as_ref().map(|id| id.as_str().into()),
        consumer: Arc::new(consumer(&state.desk, conversation)),
        classification,
        recent: state.recent.last(conversation.id, recent),
        total_messages: conversation.last_number,
        facts: facts(rules, conversation, now),
    }
}

/// What a call is told about the moment, as facts of the conversation: `waited-seconds`, `transfers`,
/// `department.open-now`, `calendars.open`, `desk.language`.
fn facts(rules: &InForce, conversation: &Conversation, now: Millis) -> Vec<input::Fact> {
    let mut facts = Vec::with_capacity(5);
    if let Some(since) = conversation.waiting_since {
        facts.push(known::WAITED_SECONDS.is((now.since(since) / 1_000) as f64));
    }
    facts.push(known::TRANSFERS.is(f64::from(conversation.hops)));
    let hours = rules.hours(now);
    if let Some(department) = &conversation.department {
        facts.push(known::DEPARTMENT_OPEN_NOW.is(!hours.closed.contains(department)));
    }
    facts.push(known::CALENDARS_OPEN.are(&hours.calendars));
    if let Some(language) = rules.checked.domain.desk.languages.first() {
        facts.push(known::DESK_LANGUAGE.is(language));
    }
    facts
}

fn consumer(desk: &Desk, conversation: &Conversation) -> input::Participant {
    let profile = desk.consumers.get(&conversation.consumer).map(|consumer| &consumer.profile);
    let text = |value: Option<&String>| value.map(|text| text.as_str().into());
    input::Participant {
        id: conversation.id.to_string().into(),
        side: input::Side::Consumer,
        name: text(profile.and_then(|profile| profile.name.as_ref())),
        locale: text(profile.and_then(|profile| profile.locale.as_ref())),
        facts: profile
            .into_iter()
            .flat_map(|profile| &profile.facts)
            .map(|(key, value)| input::Fact::text(key, value))
            .collect(),
    }
}

/// Departments and agents of the moment.
pub(crate) fn directory(desk: &Desk, checked: &Checked, now: Millis) -> input::Directory {
    let closed = checked.closed_at(now);
    let language = checked.domain.desk.languages.first().map_or("pt", String::as_str);
    let departments = checked
        .domain
        .departments
        .iter()
        .map(|(id, department)| input::Department {
            id: id.as_str().into(),
            name: department.name.get(language).map_or_else(|| id.as_str(), String::as_str).into(),
            open_now: !closed.contains(id),
            waiting: desk.queues.get(id).map_or(0, |queue| queue.len() as u32),
            online_agents: department.members.iter().filter(|agent| is_online(desk, agent)).count()
                as u32,
        })
        .collect();
    let agents = desk
        .agents
        .iter()
        .filter(|(_, agent)| agent.active)
        .map(|(id, agent)| input::Agent {
            id: id.as_str().into(),
            presence: match agent.presence {
                Presence::Online if agent.dropped_at.is_some() => input::Presence::Away,
                Presence::Online => input::Presence::Online,
                Presence::Busy { .. } => input::Presence::Busy,
                Presence::Offline => input::Presence::Offline,
            },
            load: capacity::load(agent),
            capacity: agent.own_limit.unwrap_or(checked.domain.desk.limit),
            departments: departments_of(checked, id)
                .iter()
                .map(|department| department.as_str().into())
                .collect(),
            skills: Vec::new(),
        })
        .collect();
    input::Directory { departments, agents }
}

fn is_online(desk: &Desk, agent: &AgentId) -> bool {
    desk.agents
        .get(agent)
        .is_some_and(|agent| agent.presence == Presence::Online && agent.dropped_at.is_none())
}

/// The departments an agent belongs to.
fn departments_of(checked: &Checked, agent: &AgentId) -> BTreeSet<DepartmentId> {
    let departments = checked.domain.departments.iter();
    departments
        .filter(|(_, rules)| rules.members.contains(agent))
        .map(|(id, _)| id.clone())
        .collect()
}

/// Which side an author is on.
pub(crate) fn side(author: &Author) -> input::Side {
    match author {
        Author::Consumer => input::Side::Consumer,
        Author::Agent(_) => input::Side::Agent,
        Author::Bot => input::Side::Bot,
        Author::System => input::Side::System,
    }
}

pub(crate) fn channel(channel: Channel) -> input::Channel {
    match channel {
        Channel::Web => input::Channel::Web,
        Channel::Mobile => input::Channel::Mobile,
        Channel::Email => input::Channel::Email,
        Channel::Social => input::Channel::Social,
        Channel::Voice => input::Channel::Voice,
        Channel::Api => input::Channel::Api,
    }
}

fn stage(state: State) -> input::State {
    match state {
        State::Bot => input::State::Bot,
        State::Queued => input::State::Queued,
        State::Offered => input::State::Offered,
        State::Active => input::State::Active,
        State::OnHold => input::State::OnHold,
        State::Closed => input::State::Closed,
    }
}
