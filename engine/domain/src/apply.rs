//! What an event does to the desk. Applying never fails, asks no rules and decides nothing: the same events give the
//! same desk under any rules. What should happen is decided in [`decide`](crate::decide); the two meet in
//! [`step`](crate::step).

use crate::agent::{Agent, Presence};
use crate::conversation::{
    Classification, Closed, Closer, ConsumerPresence, Conversation, Offer, PendingTransfer,
    ReadMark, State, Suggested,
};
use crate::desk::{ANSWERS_KEPT_MS, Desk};
use crate::event::{Commit, Event, QueuedBecause, Stamp};
use crate::id::{AgentId, ConsumerId, ConversationId, MessageId};
use crate::message::Author;
use crate::time::Millis;

/// Replays one commit: used by followers, at the start, and to fold snapshots.
pub fn apply_commit(desk: &mut Desk, commit: &Commit) {
    begin(desk, &commit.stamp);
    for event in &commit.events {
        apply(desk, event);
    }
}

/// Begins a commit: moves the desk to its position and time and remembers the command as answered. The events that
/// follow take their time and position from the desk.
pub fn begin(desk: &mut Desk, stamp: &Stamp) {
    desk.position = stamp.position;
    desk.now = desk.now.max(stamp.at);
    forget_old_answers(desk);
    if let Some(command) = stamp.command
        && desk.answers.insert(command, stamp.position).is_none()
    {
        desk.answers_by_age.push_back((desk.now, command));
    }
}

fn forget_old_answers(desk: &mut Desk) {
    while let Some(&(at, command)) = desk.answers_by_age.front() {
        if desk.now.since(at) <= ANSWERS_KEPT_MS {
            break;
        }
        desk.answers_by_age.pop_front();
        desk.answers.remove(&command);
    }
}

/// Applies one event at the desk's present position and time.
pub fn apply(desk: &mut Desk, event: &Event) {
    match event {
        Event::RulesActivated { generation, .. } => desk.generation = *generation,

        Event::AccountAdded { agent, name, role, password_hash } => {
            let now = desk.now;
            let account = Agent {
                name: name.clone(),
                role: *role,
                password_hash: password_hash.clone(),
                active: true,
                presence: Presence::Offline,
                dropped_at: None,
                grace_until: None,
                away_since: Some(now),
                own_limit: None,
                holds: desk
                    .agents
                    .get_mut(agent)
                    .map(|old| std::mem::take(&mut old.holds))
                    .unwrap_or_default(),
                on_hold: desk.agents.get(agent).map_or(0, |old| old.on_hold),
                idle_since: now,
            };
            desk.agents.insert(agent.clone(), account);
        }
        Event::PasswordChanged { agent, password_hash } => {
            with_agent(desk, agent, |account, _| account.password_hash = password_hash.clone());
        }
        Event::AccountRemoved { agent } => {
            stop_grace(desk, agent);
            with_agent(desk, agent, |account, now| {
                account.active = false;
                account.presence = Presence::Offline;
                account.away_since.get_or_insert(now);
                account.own_limit = None;
            });
        }
        Event::PresenceChanged { agent, presence } => {
            stop_grace(desk, agent);
            with_agent(desk, agent, |account, now| change_presence(account, presence, now));
        }
        Event::AgentDropped { agent, until } => {
            stop_grace(desk, agent);
            with_agent(desk, agent, |account, now| {
                account.dropped_at = Some(now);
                account.grace_until = Some(*until);
            });
            if desk.agents.contains_key(agent) {
                desk.agent_timers.insert((*until, agent.clone()));
            }
        }
        Event::AgentReturned { agent } => stop_grace(desk, agent),
        Event::OwnLimitSet { agent, limit } => {
            with_agent(desk, agent, |account, _| account.own_limit = *limit);
        }

        Event::ConversationStarted { conversation, consumer, channel, profile, previous, bot } => {
            let mut started = Conversation::new(*conversation, *consumer, *channel, desk.now);
            started.state = if *bot { State::Bot } else { State::Queued };
            started.previous = *previous;
            wake_consumer(desk, *consumer);
            let known = desk.consumers.entry(*consumer).or_default();
            known.profile = profile.clone();
            known.conversation = Some(*conversation);
            desk.conversations.insert(*conversation, started);
        }
        Event::PluginSteppedBack(_)
        | Event::ConversationFound { .. }
        | Event::TransferRefused { .. } => {}
        Event::ConversationRecalled { conversation } => recall(desk, conversation),
        Event::ConversationWentCold { conversation } => go_cold(desk, *conversation),
        Event::ConsumerForgotten { consumer } => {
            wake_consumer(desk, *consumer);
            desk.consumers.remove(consumer);
        }
        Event::TimerSet { conversation, at } => set_timer(desk, *conversation, *at),
        Event::ConsumerArrived { conversation } => {
            with(desk, *conversation, |it, _| it.consumer_presence = ConsumerPresence::Here);
        }
        Event::ConsumerWentAway { conversation } => {
            with(desk, *conversation, |it, now| it.consumer_presence = ConsumerPresence::Away(now));
        }

        Event::ConversationQueued { conversation, department, waiting_since, priority, why } => {
            detach(desk, *conversation);
            changed(desk, *conversation, |it, _| {
                it.state = State::Queued;
                it.department = Some(department.clone());
                it.waiting_since = Some(*waiting_since);
                it.priority = *priority;
                match why {
                    // A transfer that waits for an agent is queued right after it was begun: the wait goes on.
                    QueuedBecause::Transferred => {}
                    QueuedBecause::NobodyAccepted => it.passed.clear(),
                    _ => it.transfer = None,
                }
            });
            enqueue(desk, *conversation);
        }
        Event::ConversationOffered { conversation, agent, department, until, .. } => {
            detach(desk, *conversation);
            changed(desk, *conversation, |it, now| {
                it.state = State::Offered;
                it.department = Some(department.clone());
                it.waiting_since.get_or_insert(now);
                it.offer = Some(Offer { at: now, until: *until });
                it.transfer = None;
            });
            attach(desk, *conversation, agent);
        }
        Event::OfferPassed { conversation, agent, .. } => {
            detach(desk, *conversation);
            changed(desk, *conversation, |it, now| {
                it.state = State::Queued;
                it.waiting_since.get_or_insert(now);
                it.passed.insert(agent.clone());
            });
            enqueue(desk, *conversation);
        }
        Event::ConversationAssigned { conversation, agent, department, .. } => {
            detach(desk, *conversation);
            changed(desk, *conversation, |it, now| {
                it.state = State::Active;
                it.waiting_since.get_or_insert(now);
                it.department = Some(department.clone());
                it.first_agent.get_or_insert_with(|| agent.clone());
                it.last_agent = Some(agent.clone());
                it.transfer = None;
                it.passed.clear();
            });
            attach(desk, *conversation, agent);
        }
        Event::ConversationHeld { conversation } => park(desk, *conversation, true),
        Event::ConversationResumed { conversation, .. } => park(desk, *conversation, false),

        Event::MessageSent { conversation, message, number, author, .. } => {
            // One look-up for all of it: this is the event there is most of.
            let position = desk.position;
            changed(desk, *conversation, |it, now| {
                it.messages.insert(*message, *number, position);
                it.last_number = it.last_number.max(*number);
                wrote(it, author, now);
            });
        }
        Event::MessageRefused { conversation, message, .. } => {
            remember(desk, *conversation, *message, 0);
        }
        Event::NoteAdded { conversation, message, number, .. } => {
            remember(desk, *conversation, *message, *number);
        }
        Event::ReadMarked { conversation, by_consumer, delivered, read } => {
            with(desk, *conversation, |it, _| {
                let mark = if *by_consumer { &mut it.consumer_read } else { &mut it.agent_read };
                *mark = ReadMark {
                    delivered: mark.delivered.max(*delivered),
                    read: mark.read.max(*read),
                };
            });
        }
        Event::BotAnswered { conversation, state, .. } => {
            changed(desk, *conversation, |it, _| it.bot_state.clone_from(state));
        }

        Event::ConversationTransferred {
            conversation,
            to_department,
            to_agent,
            waits_until,
            ..
        } => {
            detach(desk, *conversation);
            changed(desk, *conversation, |it, _| {
                it.department = Some(to_department.clone());
                it.hops += 1;
                it.passed.clear();
                it.transfer = to_agent.clone().zip(*waits_until).map(|(agent, until)| {
                    PendingTransfer { agent, department: to_department.clone(), until }
                });
            });
        }

        Event::ConversationClassified { conversation, chosen, is_final, .. } => {
            strike_off(desk, *conversation);
            changed(desk, *conversation, |it, _| {
                it.classification = if *is_final {
                    Classification::Final(chosen.clone())
                } else {
                    Classification::Draft(chosen.clone())
                };
            });
        }
        Event::ClassificationWaived { conversation } => {
            strike_off(desk, *conversation);
            changed(desk, *conversation, |it, _| it.classification = Classification::Waived);
        }
        Event::ClassificationSuggested { conversation, set, suggestions, .. } => {
            with(desk, *conversation, |it, _| {
                let same = it.suggestions.set == *set;
                it.suggestions = Suggested {
                    set: *set,
                    items: suggestions.clone(),
                    shown: same && it.suggestions.shown,
                    settled: same && it.suggestions.settled,
                };
            });
        }
        Event::SuggestionsShown { conversation, .. } => {
            with(desk, *conversation, |it, _| it.suggestions.shown = true);
        }
        Event::SuggestionsSettled { conversation, .. } => {
            with(desk, *conversation, |it, _| it.suggestions.settled = true);
        }

        Event::ConversationClosed { conversation, by } => close(desk, *conversation, by),
        Event::ConversationReopened { conversation, undone } => {
            strike_off(desk, *conversation);
            changed(desk, *conversation, |it, _| {
                it.closed = None;
                it.state = State::Queued;
                it.consumer_presence = ConsumerPresence::Here;
                if !*undone {
                    it.segment += 1;
                    it.hops = 0;
                    it.waiting_since = None;
                }
            });
            if let Some(it) = desk.conversations.get(conversation) {
                let consumer = it.consumer;
                wake_consumer(desk, consumer);
                desk.consumers.entry(consumer).or_default().conversation = Some(*conversation);
            }
        }
        Event::ConversationRated { conversation, .. } => {
            with(desk, *conversation, |it, _| it.rated_segment = Some(it.segment));
        }
    }
}

fn with(desk: &mut Desk, id: ConversationId, change: impl FnOnce(&mut Conversation, Millis)) {
    let now = desk.now;
    if let Some(conversation) = desk.conversations.get_mut(&id) {
        change(conversation, now);
    }
}

/// As [`with`], for what a verdict may rest on.
fn changed(desk: &mut Desk, id: ConversationId, change: impl FnOnce(&mut Conversation, Millis)) {
    with(desk, id, |conversation, now| {
        change(conversation, now);
        conversation.version += 1;
    });
}

fn with_agent(desk: &mut Desk, id: &AgentId, change: impl FnOnce(&mut Agent, Millis)) {
    let now = desk.now;
    if let Some(agent) = desk.agents.get_mut(id) {
        change(agent, now);
    }
}

fn change_presence(account: &mut Agent, presence: &Presence, now: Millis) {
    if *presence == Presence::Offline {
        account.away_since.get_or_insert(now);
    } else if account.away_since.take().is_some() {
        account.idle_since = now;
    }
    account.presence = presence.clone();
}

fn stop_grace(desk: &mut Desk, id: &AgentId) {
    if let Some(agent) = desk.agents.get_mut(id) {
        agent.dropped_at = None;
        if let Some(until) = agent.grace_until.take() {
            desk.agent_timers.remove(&(until, id.clone()));
        }
    }
}

/// Takes a conversation out of its queue and from its agent.
fn detach(desk: &mut Desk, id: ConversationId) {
    let Some(conversation) = desk.conversations.get_mut(&id) else { return };
    if conversation.state == State::Queued
        && let Some(department) = &conversation.department
        && let Some(queue) = desk.queues.get_mut(department)
    {
        queue.remove(&conversation.queue_key());
        if queue.is_empty() {
            desk.queues.remove(department);
        }
    }
    if let Some(agent) = conversation.agent.take()
        && let Some(agent) = desk.agents.get_mut(&agent)
        && agent.holds.remove(&id)
        && conversation.state == State::OnHold
    {
        agent.on_hold -= 1;
    }
    conversation.offer = None;
    conversation.answered = false;
}

fn attach(desk: &mut Desk, id: ConversationId, agent: &AgentId) {
    let Some(conversation) = desk.conversations.get_mut(&id) else { return };
    conversation.agent = Some(agent.clone());
    if let Some(account) = desk.agents.get_mut(agent) {
        account.holds.insert(id);
        account.idle_since = desk.now;
    }
}

fn enqueue(desk: &mut Desk, id: ConversationId) {
    let Some(conversation) = desk.conversations.get(&id) else { return };
    if let Some(department) = &conversation.department {
        desk.queues.entry(department.clone()).or_default().insert(conversation.queue_key());
    }
}

fn park(desk: &mut Desk, id: ConversationId, parked: bool) {
    let Some(conversation) = desk.conversations.get_mut(&id) else { return };
    let (from, to) =
        if parked { (State::Active, State::OnHold) } else { (State::OnHold, State::Active) };
    if conversation.state != from {
        return;
    }
    conversation.state = to;
    conversation.version += 1;
    if let Some(agent) = conversation.agent.as_ref().and_then(|agent| desk.agents.get_mut(agent)) {
        if parked {
            agent.on_hold += 1;
        } else {
            agent.on_hold -= 1;
        }
    }
}

/// Number 0 stands for a message that was refused.
fn remember(desk: &mut Desk, id: ConversationId, message: MessageId, number: u32) {
    let position = desk.position;
    with(desk, id, |conversation, _| {
        conversation.messages.insert(message, number, position);
        conversation.last_number = conversation.last_number.max(number);
    });
}

fn wrote(conversation: &mut Conversation, author: &Author, now: Millis) {
    match author {
        Author::Consumer => {
            conversation.consumer_wrote_at = Some(now);
            conversation.consumer_waits = true;
        }
        Author::Agent(agent) => {
            conversation.agent_wrote_at = Some(now);
            conversation.consumer_waits = false;
            if conversation.agent.as_ref() == Some(agent) {
                conversation.answered = true;
            }
        }
        Author::Bot => conversation.consumer_waits = false,
        Author::System => {}
    }
}

fn close(desk: &mut Desk, id: ConversationId, by: &Closer) {
    detach(desk, id);
    changed(desk, id, |it, now| {
        it.state = State::Closed;
        it.closed = Some(Closed { at: now, by: by.clone() });
        it.transfer = None;
        it.passed.clear();
        it.bot_state = None;
        if *by == Closer::Consumer {
            it.consumer_presence = ConsumerPresence::Left;
        }
    });
    let Some(it) = desk.conversations.get(&id) else { return };
    if it.classification == Classification::None {
        desk.unclassified.entry(it.last_agent.clone()).or_default().insert(id, desk.now);
    }
    if let Some(agent) = &it.last_agent
        && let Some(consumer) = desk.consumers.get_mut(&it.consumer)
    {
        consumer.last_agent = Some((agent.clone(), desk.now));
    }
}

/// Takes a conversation off the "to classify" list.
fn strike_off(desk: &mut Desk, id: ConversationId) {
    let Some(it) = desk.conversations.get(&id) else { return };
    if it.state == State::Closed
        && let Some(list) = desk.unclassified.get_mut(&it.last_agent)
    {
        list.remove(&id);
        if list.is_empty() {
            desk.unclassified.remove(&it.last_agent);
        }
    }
}

fn set_timer(desk: &mut Desk, id: ConversationId, at: Option<Millis>) {
    let Some(conversation) = desk.conversations.get_mut(&id) else { return };
    if let Some(old) = conversation.timer.take() {
        desk.timers.remove(&(old, id));
    }
    conversation.timer = at;
    if let Some(at) = at {
        desk.timers.insert((at, id));
    }
}

fn recall(desk: &mut Desk, conversation: &Conversation) {
    let consumer = conversation.consumer;
    wake_consumer(desk, consumer);
    let known = desk.consumers.entry(consumer).or_default();
    known.conversation.get_or_insert(conversation.id);
    if known.last_agent.is_none() {
        known.last_agent = conversation
            .last_agent
            .clone()
            .zip(conversation.closed.as_ref().map(|closed| closed.at));
    }
    desk.conversations
        .insert(conversation.id, Conversation { timer: None, ..conversation.clone() });
}

fn go_cold(desk: &mut Desk, id: ConversationId) {
    set_timer(desk, id, None);
    let Some(gone) = desk.conversations.remove(&id) else { return };
    if let Some(consumer) = desk.consumers.get_mut(&gone.consumer)
        && consumer.conversation.is_none_or(|current| !desk.conversations.contains_key(&current))
        && consumer.idle_since.is_none()
    {
        consumer.idle_since = Some(desk.now);
        desk.idle_consumers.insert((desk.now, gone.consumer));
    }
}

/// A consumer has a conversation in memory again (or is about to be forgotten).
fn wake_consumer(desk: &mut Desk, id: ConsumerId) {
    if let Some(consumer) = desk.consumers.get_mut(&id)
        && let Some(since) = consumer.idle_since.take()
    {
        desk.idle_consumers.remove(&(since, id));
    }
}
