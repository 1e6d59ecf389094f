//! What always holds of a desk. Checked after every step by the simulation, and by whoever doubts a state.
//!
//! Each message says what is wrong and where. Nothing here repairs anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::agent::Agent;
use crate::capacity::{effective_limit, load};
use crate::conversation::{Classification, ConsumerPresence, Conversation, State};
use crate::desk::Desk;
use crate::event::{Commit, Event};
use crate::id::{AgentId, ConsumerId, DepartmentId};
use crate::routing::{Pick, pick};
use crate::rules::Rules;
use crate::timers::deadline;

/// Checks everything that can be seen in one state. `rules` are those in force.
///
/// # Errors
/// The first thing that is wrong, in words.
pub fn check(desk: &Desk, rules: &Rules) -> Result<(), String> {
    let mut open: BTreeMap<ConsumerId, u32> = BTreeMap::new();
    for (id, it) in &desk.conversations {
        let checked = if it.id == *id {
            conversation(desk, rules, it)
        } else {
            Err("stands under another id".into())
        };
        checked.map_err(|problem| format!("conversation {id} ({:?}): {problem}", it.state))?;
        if it.state != State::Closed {
            *open.entry(it.consumer).or_default() += 1;
        }
    }
    if let Some((consumer, count)) = open.iter().find(|(_, count)| **count > 1) {
        return Err(format!("consumer {consumer} has {count} open conversations"));
    }
    for (id, it) in &desk.agents {
        agent(desk, id, it).map_err(|problem| format!("agent {id}: {problem}"))?;
    }
    queues(desk)?;
    nobody_waits_needlessly(desk, rules)?;
    timers(desk)?;
    consumers(desk)?;
    to_classify(desk)?;
    answers(desk)
}

/// Checks what can be seen only between two states: nobody is given more than the limit unless that is said.
///
/// # Errors
/// The first thing that is wrong, in words.
pub fn check_commit(desk: &Desk, rules: &Rules, commit: &Commit) -> Result<(), String> {
    ensure(!commit.events.is_empty(), || "the commit is empty".into())?;
    ensure(commit.stamp.position == desk.position, || "the commit is not the desk's last".into())?;
    ensure(commit.stamp.generation == desk.generation, || "the commit names other rules".into())?;
    let mut said = BTreeSet::new();
    let mut last = BTreeMap::new();
    for event in &commit.events {
        match event {
            Event::ConversationAssigned { agent, conversation, over_limit, .. } => {
                said.extend(over_limit.map(|_| agent));
                last.insert(agent, conversation);
            }
            Event::ConversationOffered { agent, conversation, .. } => {
                last.insert(agent, conversation);
            }
            Event::ConversationResumed { conversation, over_limit } => {
                let agent = desk.conversations.get(conversation).and_then(|it| it.agent.as_ref());
                said.extend(agent.filter(|_| over_limit.is_some()));
            }
            _ => {}
        }
    }
    for (agent, id) in last {
        let Some(it) = desk.conversations.get(id).filter(|it| it.agent.as_ref() == Some(agent))
        else {
            continue;
        };
        let Some(account) = desk.agents.get(agent) else { continue };
        let limit = effective_limit(rules, it.department.as_ref(), account).value;
        ensure(load(account) <= limit || said.contains(agent), || {
            format!(
                "{agent} was given conversation {id}: {} of {limit}, and nothing says so",
                load(account)
            )
        })?;
    }
    Ok(())
}

fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}

fn conversation(desk: &Desk, rules: &Rules, it: &Conversation) -> Result<(), String> {
    let with_agent = matches!(it.state, State::Offered | State::Active | State::OnHold);
    ensure(it.agent.is_some() == with_agent, || format!("agent is {:?}", it.agent))?;
    if let Some(agent) = &it.agent {
        let holds = desk
            .agents
            .get(agent)
            .is_some_and(|agent| agent.active && agent.holds.contains(&it.id));
        ensure(holds, || format!("{agent} does not hold it"))?;
    }
    ensure(it.offer.is_some() == (it.state == State::Offered), || {
        format!("offer is {:?}", it.offer)
    })?;
    ensure(it.transfer.is_none() || it.state == State::Queued, || {
        "waits for an agent outside a queue".into()
    })?;
    ensure(it.closed.is_some() == (it.state == State::Closed), || {
        format!("closed is {:?}", it.closed)
    })?;
    ensure(it.state == State::Bot || it.department.is_some() || it.state == State::Closed, || {
        "no department".into()
    })?;
    let waits = matches!(it.state, State::Queued | State::Offered);
    ensure(!waits || it.waiting_since.is_some(), || "waits, but since when".into())?;
    ensure(it.waiting_since.is_none_or(|since| since <= desk.now), || {
        "waits since the future".into()
    })?;
    let queued = it
        .department
        .as_ref()
        .and_then(|id| desk.queues.get(id))
        .is_some_and(|q| q.contains(&it.queue_key()));
    ensure(queued == (it.state == State::Queued), || format!("in its queue: {queued}"))?;
    ensure(!it.answered || matches!(it.state, State::Active | State::OnHold), || {
        "answered by nobody".into()
    })?;
    ensure(it.first_agent.is_some() == it.last_agent.is_some(), || {
        "first and last agent differ in kind".into()
    })?;
    numbers(it)?;
    for (who, mark) in [("consumer", it.consumer_read), ("agent", it.agent_read)] {
        ensure(mark.read <= mark.delivered && mark.delivered <= it.last_number, || {
            format!("{who} read {mark:?}")
        })?;
    }
    classification(it)?;
    ensure(it.state == State::Closed || it.consumer_presence != ConsumerPresence::Left, || {
        "consumer has left".into()
    })?;
    if let Some((at, due)) = deadline(desk, rules, it) {
        // A deadline that is over already stands one millisecond ahead, for the next tick.
        let latest = at.max(desk.now.plus(1));
        ensure(it.timer.is_some_and(|timer| timer <= latest), || {
            format!("{due:?} at {at}, but the timer is {:?} at {}", it.timer, desk.now)
        })?;
    }
    Ok(())
}

fn numbers(it: &Conversation) -> Result<(), String> {
    let mut numbers: Vec<u32> =
        it.messages.iter().map(|(_, number, _)| number).filter(|number| *number > 0).collect();
    numbers.sort_unstable();
    let dense = numbers.iter().copied().eq(1..=it.last_number);
    ensure(dense, || format!("numbers are {numbers:?} up to {}", it.last_number))
}

fn classification(it: &Conversation) -> Result<(), String> {
    let suggested = &it.suggestions;
    ensure(suggested.items.len() <= 3, || "more than three suggestions".into())?;
    ensure(suggested.items.is_sorted_by(|a, b| a.confidence >= b.confidence), || {
        "suggestions out of order".into()
    })?;
    let draft = matches!(it.classification, Classification::Draft(_));
    ensure(!(draft && it.state == State::Closed), || "a draft outlived the close".into())
}

fn agent(desk: &Desk, id: &AgentId, it: &Agent) -> Result<(), String> {
    let mut on_hold = 0;
    for held in &it.holds {
        let conversation = desk.conversations.get(held);
        let theirs =
            conversation.is_some_and(|conversation| conversation.agent.as_ref() == Some(id));
        ensure(theirs, || format!("holds {held}, which does not know it"))?;
        on_hold +=
            u32::from(conversation.is_some_and(|conversation| conversation.state == State::OnHold));
    }
    ensure(on_hold == it.on_hold, || format!("{on_hold} on hold, but {} counted", it.on_hold))?;
    ensure(it.active || it.holds.is_empty(), || "is gone and holds conversations".into())?;
    ensure(it.dropped_at.is_some() == it.grace_until.is_some(), || "half a grace period".into())?;
    let timer = it.grace_until.is_none_or(|until| desk.agent_timers.contains(&(until, id.clone())));
    ensure(timer, || "the end of the grace period has no timer".into())?;
    let offline = it.presence == crate::agent::Presence::Offline;
    ensure(offline == it.away_since.is_some(), || format!("away since {:?}", it.away_since))?;
    ensure(!offline || it.dropped_at.is_none(), || "offline in a grace period".into())
}

fn queues(desk: &Desk) -> Result<(), String> {
    for (department, queue) in &desk.queues {
        ensure(!queue.is_empty(), || format!("the queue of {department} is empty and kept"))?;
        for key in queue {
            let known = desk.conversations.get(&key.conversation).is_some_and(|it| {
                it.state == State::Queued
                    && it.department.as_ref() == Some(department)
                    && it.queue_key() == *key
            });
            ensure(known, || {
                format!("the queue of {department} holds {}, which is not there", key.conversation)
            })?;
        }
    }
    Ok(())
}

/// Nobody waits while somebody who could take them is free.
fn nobody_waits_needlessly(desk: &Desk, rules: &Rules) -> Result<(), String> {
    let mut full: BTreeSet<&DepartmentId> = BTreeSet::new();
    for (department, queue) in &desk.queues {
        for key in queue {
            if full.contains(department) {
                break;
            }
            let Some(it) = desk.conversations.get(&key.conversation) else { continue };
            match pick(desk, rules, department, it) {
                Pick::Agent(agent, _) => {
                    return Err(format!(
                        "{} waits in {department} while {agent} is free",
                        key.conversation
                    ));
                }
                Pick::AllPassed => {
                    return Err(format!(
                        "{} waits in {department} after all passed",
                        key.conversation
                    ));
                }
                Pick::NobodyFree(_) => {
                    full.insert(department);
                }
                Pick::Awaited(..) => {}
            }
        }
    }
    Ok(())
}

fn timers(desk: &Desk) -> Result<(), String> {
    for (at, id) in &desk.timers {
        let known = desk.conversations.get(id).is_some_and(|it| it.timer == Some(*at));
        ensure(known, || format!("a timer at {at} for {id}, which does not know it"))?;
    }
    let set = desk.conversations.values().filter(|it| it.timer.is_some()).count();
    ensure(set == desk.timers.len(), || "a conversation's timer is not in the list".into())?;
    for (at, id) in &desk.agent_timers {
        let known = desk.agents.get(id).is_some_and(|it| it.grace_until == Some(*at));
        ensure(known, || format!("a timer at {at} for agent {id}, who does not know it"))?;
    }
    Ok(())
}

fn consumers(desk: &Desk) -> Result<(), String> {
    for (since, id) in &desk.idle_consumers {
        let known = desk.consumers.get(id).is_some_and(|it| it.idle_since == Some(*since));
        ensure(known, || format!("consumer {id} is listed as idle and is not"))?;
    }
    for it in desk.conversations.values() {
        let consumer = desk.consumers.get(&it.consumer);
        ensure(consumer.is_some(), || format!("consumer {} of {} is unknown", it.consumer, it.id))?;
        let current = consumer.and_then(|consumer| consumer.conversation);
        ensure(it.state == State::Closed || current == Some(it.id), || {
            format!("consumer {} is not in the open conversation {}", it.consumer, it.id)
        })?;
    }
    for (id, it) in &desk.consumers {
        let listed = it.idle_since.is_none_or(|since| desk.idle_consumers.contains(&(since, *id)));
        ensure(listed, || format!("consumer {id} is idle and not listed"))?;
    }
    Ok(())
}

fn to_classify(desk: &Desk) -> Result<(), String> {
    for (agent, list) in &desk.unclassified {
        ensure(!list.is_empty(), || "an empty list is kept".into())?;
        for id in list.keys() {
            // What has gone cold stays on the list.
            let Some(it) = desk.conversations.get(id) else { continue };
            let wanted = it.state == State::Closed && it.classification == Classification::None;
            ensure(wanted && it.last_agent == *agent, || {
                format!("{id} is on the list of {agent:?} for nothing")
            })?;
        }
    }
    for (id, it) in &desk.conversations {
        if it.state == State::Closed && it.classification == Classification::None {
            let listed =
                desk.unclassified.get(&it.last_agent).is_some_and(|list| list.contains_key(id));
            ensure(listed, || format!("{id} wants a classification and is on no list"))?;
        }
    }
    Ok(())
}

fn answers(desk: &Desk) -> Result<(), String> {
    ensure(desk.answers.len() == desk.answers_by_age.len(), || {
        "answers and their ages differ in number".into()
    })?;
    ensure(desk.answers.values().all(|position| *position <= desk.position), || {
        "an answer from the future".into()
    })
}
