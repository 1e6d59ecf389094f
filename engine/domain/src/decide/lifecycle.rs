//! How a conversation begins, ends, is taken back and goes on.

use std::sync::Arc;

use super::{Case, bounds, classification};
use crate::agent::{Agent, Role};
use crate::capacity::{available, load, over_limit};
use crate::command::{Actor, ChosenFrom};
use crate::conversation::{Classification, Closer, Conversation, State};
use crate::desk::Profile;
use crate::event::{AssignedBecause, Event, QueuedBecause};
use crate::id::{AgentId, ConsumerId, ConversationId, DepartmentId, NodeId};
use crate::message::Channel;
use crate::refusal::Refusal;
use crate::routing::{Placement, is_member, is_shut, place};
use crate::rules::FinishPolicy;
use crate::time::Millis;

pub(super) fn start(
    case: Case,
    conversation: ConversationId,
    consumer: ConsumerId,
    channel: Channel,
    profile: &Profile,
    department: Option<&DepartmentId>,
    bot: bool,
) -> Result<Vec<Event>, Refusal> {
    if *case.actor != Actor::Consumer(consumer) && *case.actor != Actor::Engine {
        return Err(Refusal::NotAllowed { needs: "consumer" });
    }
    bounds::profile(profile)?;
    if let Some(open) = open_conversation(case, consumer) {
        return Ok(vec![Event::ConversationFound { conversation: open.id }]);
    }
    if is_used(case, conversation, consumer) {
        return Err(bounds::invalid(
            "conversation",
            "there is a conversation with this id already",
        ));
    }
    if let Some(unknown) = department.filter(|id| !case.rules.departments.contains_key(*id)) {
        return Err(Refusal::DepartmentUnknown(unknown.clone()));
    }
    let mut events =
        vec![begin(case, conversation, consumer, channel, profile, bot && department.is_none())];
    if !bot || department.is_some() {
        events.extend(enter(case, conversation, department)?);
    }
    Ok(events)
}

/// Whether an id that should be fresh belongs to a conversation the desk still knows of, cold ones included.
pub(super) fn is_used(case: Case, conversation: ConversationId, consumer: ConsumerId) -> bool {
    let last = case.desk.consumers.get(&consumer).and_then(|it| it.conversation);
    case.find(conversation).is_some()
        || last == Some(conversation)
        || case.desk.unclassified.values().any(|list| list.contains_key(&conversation))
}

/// The consumer's open conversation, if there is one.
pub(super) fn open_conversation(case: Case<'_>, consumer: ConsumerId) -> Option<&Conversation> {
    let id = case.desk.consumers.get(&consumer)?.conversation?;
    case.find(id).filter(|it| it.state != State::Closed)
}

/// A new conversation, linked to the consumer's last one.
pub(super) fn begin(
    case: Case,
    conversation: ConversationId,
    consumer: ConsumerId,
    channel: Channel,
    profile: &Profile,
    bot: bool,
) -> Event {
    let known = case.desk.consumers.get(&consumer);
    Event::ConversationStarted {
        conversation,
        consumer,
        channel,
        profile: merged(known.map(|it| &it.profile), profile),
        previous: known.and_then(|it| it.conversation),
        bot,
    }
}

/// What is empty leaves what was known before. Facts are the site's present word on the visitor: a new set replaces
/// the old one.
fn merged(known: Option<&Profile>, given: &Profile) -> Profile {
    let mut merged = known.cloned().unwrap_or_default();
    merged.name = given.name.clone().or(merged.name);
    merged.email = given.email.clone().or(merged.email);
    merged.locale = given.locale.clone().or(merged.locale);
    if !given.facts.is_empty() {
        merged.facts.clone_from(&given.facts);
    }
    merged
}

/// Where a new conversation waits.
pub(super) fn enter(
    case: Case,
    conversation: ConversationId,
    department: Option<&DepartmentId>,
) -> Result<Vec<Event>, Refusal> {
    let wanted =
        department.or_else(|| case.rules.departments.keys().next()).ok_or(Refusal::NoDepartment)?;
    Ok(placed(case, conversation, wanted, QueuedBecause::Asked))
}

/// Into a queue, or closed with a callback where the rules say so.
pub(super) fn placed(
    case: Case,
    conversation: ConversationId,
    wanted: &DepartmentId,
    why: QueuedBecause,
) -> Vec<Event> {
    let queued = |department: DepartmentId, why| Event::ConversationQueued {
        conversation,
        priority: priority(case, &department),
        department,
        waiting_since: case.now(),
        why,
    };
    match place(case.desk, case.ctx, wanted, why.clone()) {
        Placement::Queue(department, why) => vec![queued(department, why)],
        Placement::Callback(department) => {
            let mut events = vec![queued(department.clone(), why)];
            events.extend(callback(case, conversation, &department));
            events
        }
    }
}

/// The end of a conversation whose consumer will be called back.
fn callback(
    case: Case,
    conversation: ConversationId,
    department: &DepartmentId,
) -> impl Iterator<Item = Event> {
    // What was said to the bot before is in the conversation already.
    let (classification, channel) = case
        .find(conversation)
        .map_or((&Classification::None, Channel::default()), |it| (&it.classification, it.channel));
    classification::at_close(case, conversation, classification, Some(department), channel)
        .into_iter()
        .chain([Event::ConversationClosed { conversation, by: Closer::Callback }])
}

pub(super) fn priority(case: Case, department: &DepartmentId) -> i32 {
    case.rules.departments.get(department).map_or(0, |it| it.priority)
}

pub(super) fn close(
    case: Case,
    conversation: ConversationId,
    classify: Option<&(NodeId, ChosenFrom)>,
) -> Result<Vec<Event>, Refusal> {
    let (it, by) = closer(case, conversation)?;
    if it.state == State::Closed {
        return Err(Refusal::WrongState { state: it.state, action: "close" });
    }
    let mut events = Vec::new();
    let mut chosen = it.classification.clone();
    let mut settled = it.suggestions.settled;
    if let Some((node, from)) = classify {
        if matches!(by, Closer::Consumer) {
            return Err(Refusal::NotAllowed { needs: "agent" });
        }
        let (choice, mut chose) = classification::choose(case, it, node, *from)?;
        settled |= chose.iter().any(|event| matches!(event, Event::SuggestionsSettled { .. }));
        events.append(&mut chose);
        chosen = Classification::Final(choice);
    }
    let binds = case.rules.desk.finish == FinishPolicy::Require && matches!(by, Closer::Agent(_));
    if binds && chosen == Classification::None && classification::anything_to_choose(case, it) {
        return Err(Refusal::ClassificationRequired);
    }
    events.extend(ending(case, it, &chosen, settled, by));
    Ok(events)
}

fn closer(case: Case<'_>, id: ConversationId) -> Result<(&Conversation, Closer), Refusal> {
    if matches!(case.actor, Actor::Consumer(_)) {
        return Ok((case.conversation(id)?, Closer::Consumer));
    }
    let (it, agent) = case.own_conversation(id)?;
    let by = if it.agent.as_ref() == Some(agent) && it.state != State::Offered {
        Closer::Agent(agent.clone())
    } else if case.supervisor().is_ok() {
        Closer::Supervisor(agent.clone())
    } else {
        return Err(Refusal::WrongState { state: it.state, action: "close" });
    };
    Ok((it, by))
}

/// The events of a close, whoever closes.
pub(super) fn ending(
    case: Case,
    it: &Conversation,
    chosen: &Classification,
    settled: bool,
    by: Closer,
) -> Vec<Event> {
    let mut events = Vec::new();
    let by_itself = !matches!(by, Closer::Agent(_) | Closer::Supervisor(_));
    if !settled {
        events.extend(classification::settle_at_close(it, chosen, by_itself));
    }
    let department = it.department.as_ref().filter(|_| by_itself);
    events.extend(classification::at_close(case, it.id, chosen, department, it.channel));
    events.push(Event::ConversationClosed { conversation: it.id, by });
    events
}

/// Takes a finish back: the same agent has it again, whatever the limit.
pub(super) fn undo(case: Case, id: ConversationId) -> Result<Vec<Event>, Refusal> {
    let (agent, account) = case.account()?;
    let it = case.conversation(id)?;
    let wrong = Refusal::WrongState { state: it.state, action: "undo" };
    let Some(closed) = &it.closed else { return Err(wrong) };
    let (Closer::Agent(who) | Closer::Supervisor(who)) = &closed.by else {
        return Err(wrong);
    };
    if who != agent && account.role < Role::Supervisor {
        return Err(Refusal::NotTheirs { agent: Some(who.clone()) });
    }
    let (since_ms, window_ms) = (case.now().since(closed.at), case.rules.desk.undo_window_ms);
    if since_ms > window_ms {
        return Err(Refusal::TooLateToUndo { since_ms, window_ms });
    }
    if open_conversation(case, it.consumer).is_some() {
        return Err(wrong);
    }
    let mut events = vec![Event::ConversationReopened { conversation: id, undone: true }];
    let last = it.last_agent.as_ref().filter(|last| case.agent(last).is_ok());
    events.push(match (last, &it.department) {
        (Some(last), Some(department)) => {
            assigned(case, id, last, department, AssignedBecause::Reopened)
        }
        _ => queued_again(case, it, it.waiting_since.unwrap_or(case.now()))?,
    });
    Ok(events)
}

pub(super) fn assigned(
    case: Case,
    conversation: ConversationId,
    agent: &AgentId,
    department: &DepartmentId,
    why: AssignedBecause,
) -> Event {
    let over_limit = case.desk.agents.get(agent).and_then(|it| {
        let comes_to = load(it) + u32::from(!counts(case, it, conversation));
        over_limit(case.rules, Some(department), it, comes_to)
    });
    Event::ConversationAssigned {
        conversation,
        agent: agent.clone(),
        department: department.clone(),
        why,
        over_limit,
    }
}

/// Whether a conversation counts against the agent's limit already (an offer that is accepted does).
fn counts(case: Case, agent: &Agent, id: ConversationId) -> bool {
    agent.holds.contains(&id)
        && case.desk.conversations.get(&id).is_some_and(|it| it.state != State::OnHold)
}

fn queued_again(case: Case, it: &Conversation, waiting_since: Millis) -> Result<Event, Refusal> {
    let known = it.department.as_ref().filter(|id| case.rules.departments.contains_key(*id));
    let department =
        known.or_else(|| case.rules.departments.keys().next()).ok_or(Refusal::NoDepartment)?;
    Ok(Event::ConversationQueued {
        conversation: it.id,
        department: department.clone(),
        waiting_since,
        priority: priority(case, department),
        why: QueuedBecause::Reopened,
    })
}

/// A message came to a closed conversation within the reopen window: back to the last agent if possible, and closed again
/// where the department is closed and calls back.
pub(super) fn reopened(case: Case, it: &Conversation) -> Result<Vec<Event>, Refusal> {
    let mut events = vec![Event::ConversationReopened { conversation: it.id, undone: false }];
    let last = it.last_agent.as_ref().zip(it.department.as_ref()).filter(|(agent, department)| {
        is_member(case.rules, department, agent)
            && available(case.desk, case.rules, department, agent).is_ok()
    });
    match last {
        Some((agent, department)) => {
            events.push(assigned(case, it.id, agent, department, AssignedBecause::Reopened));
        }
        None => {
            events.push(queued_again(case, it, case.now())?);
            if let Some(shut) = it.department.as_ref().filter(|id| is_shut(case.ctx, id)) {
                events.extend(callback(case, it.id, shut));
            }
        }
    }
    Ok(events)
}

/// Whether a new message goes on with a closed conversation.
pub(super) fn may_reopen(case: Case, it: &Conversation) -> bool {
    it.closed
        .as_ref()
        .is_some_and(|closed| case.now().since(closed.at) <= case.rules.desk.reopen_window_ms)
}

pub(super) fn rate(
    case: Case,
    conversation: ConversationId,
    stars: u8,
    comment: &Arc<str>,
) -> Result<Vec<Event>, Refusal> {
    if !matches!(case.actor, Actor::Consumer(_)) {
        return Err(Refusal::NotAllowed { needs: "consumer" });
    }
    let it = case.conversation(conversation)?;
    if !(1..=5).contains(&stars) {
        return Err(bounds::invalid("stars", format!("is {stars}; it has to be between 1 and 5")));
    }
    bounds::text("comment", comment, bounds::MAX_NOTE_BYTES)?;
    if it.state != State::Closed || it.rated_segment == Some(it.segment) {
        return Err(Refusal::CannotRate);
    }
    Ok(vec![Event::ConversationRated { conversation, stars, comment: comment.clone() }])
}
