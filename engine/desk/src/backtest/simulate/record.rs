//! A desk's commits as a script: what was decided is left out, what people did is kept.

use std::collections::HashMap;

use dialogo_domain::agent::Presence;
use dialogo_domain::conversation::Closer;
use dialogo_domain::event::{AssignedBecause, QueuedBecause};
use dialogo_domain::message::{Author, Channel};
use dialogo_domain::{
    Actor, Commit, ConsumerId, ConversationId, DepartmentId, Event, Millis, Stamp,
};

use super::measure::Measure;
use super::script::{Beat, Clock, Move, Script, Visit, Was, What, for_ever, middle};

/// Until an offer is accepted where no history says how long that takes, in milliseconds: a glance and a click.
const ACCEPT_AFTER_MS: u64 = 5_000;

/// Makes a script of commits, and counts what really came of it.
#[derive(Debug, Default)]
pub struct Recorder {
    script: Script,
    /// Contacts that began earlier are left out.
    since: Millis,
    conversations: HashMap<ConversationId, Course>,
    accepted_after: Vec<u64>,
    measure: Measure,
}

/// A conversation as far as it has come.
#[derive(Debug)]
struct Course {
    consumer: ConsumerId,
    channel: Channel,
    wrote: bool,
    /// Its present visit, once it has come to a queue.
    visit: Option<usize>,
    /// Time with agents in this visit, up to the present stretch.
    spent_ms: u64,
    stage: Stage,
    offered_at: Option<Millis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Nowhere,
    Waiting(Millis),
    With(Millis),
}

impl Recorder {
    /// Takes in what began at `since` or later; of agents, everything.
    pub fn since(since: Millis) -> Self {
        Self { since, ..Self::default() }
    }

    /// Takes in the next commit.
    pub fn take_in(&mut self, commit: &Commit) {
        self.script.ended = commit.stamp.at;
        for event in &commit.events {
            self.agent(event, &commit.stamp);
            self.begins(event, commit);
            self.goes_on(event, commit.stamp.at);
        }
        let Self { measure, conversations, .. } = self;
        measure.take_in(commit, |id| conversations.contains_key(&id));
    }

    /// The script, and what really came of it.
    pub fn finish(mut self) -> (Script, Measure) {
        for course in self.conversations.values() {
            if let (Some(visit), Stage::Waiting(_)) = (course.visit, course.stage) {
                self.script.visits[visit].beats.push(for_ever(course.spent_ms));
            }
        }
        let script = &mut self.script;
        script.began = script.visits.first().map_or(script.ended, |visit| visit.at);
        script.accept_after_ms = middle(&mut self.accepted_after).unwrap_or(ACCEPT_AFTER_MS);
        (self.script, self.measure)
    }

    fn agent(&mut self, event: &Event, stamp: &Stamp) {
        let happened = match event {
            Event::AccountAdded { agent, role, .. } => Move::Joined(agent.clone(), *role),
            Event::AccountRemoved { agent } => Move::Left(agent.clone()),
            // The end of a grace period follows from the rules.
            Event::PresenceChanged { presence: Presence::Offline, .. }
                if stamp.actor == Actor::Engine =>
            {
                return;
            }
            Event::PresenceChanged { agent, presence } => {
                Move::Presence(agent.clone(), presence.clone())
            }
            Event::AgentDropped { agent, .. } => Move::Connected(agent.clone(), false),
            Event::AgentReturned { agent } => Move::Connected(agent.clone(), true),
            Event::OwnLimitSet { agent, limit } => Move::OwnLimit(agent.clone(), *limit),
            _ => return,
        };
        self.script.moves.push((stamp.at, happened));
    }

    /// A conversation that is new, or goes on after its close.
    fn begins(&mut self, event: &Event, commit: &Commit) {
        if commit.stamp.at < self.since {
            return;
        }
        match event {
            Event::ConversationStarted { conversation, consumer, channel, previous, .. } => {
                let wrote = previous.is_some()
                    && commit.events.iter().any(|event| wrote(event, *conversation));
                self.conversations.insert(*conversation, Course::new(*consumer, *channel, wrote));
            }
            Event::ConversationReopened { conversation, undone: false } => {
                let known = self.conversations.get(conversation);
                if let Some((consumer, channel)) = known.map(|it| (it.consumer, it.channel)) {
                    self.conversations.insert(*conversation, Course::new(consumer, channel, true));
                }
            }
            _ => {}
        }
    }

    fn goes_on(&mut self, event: &Event, at: Millis) {
        let Some(id) = event.conversation() else { return };
        let Some(course) = self.conversations.get_mut(&id) else { return };
        let visits = &mut self.script.visits;
        match event {
            Event::ConversationQueued { department, why, .. } => {
                let asked = match why {
                    QueuedBecause::Overflow { from } => from,
                    _ => department,
                };
                course.arrive(id, asked, at, visits);
                course.pause(at);
            }
            Event::ConversationOffered { department, .. } => {
                course.arrive(id, department, at, visits);
                course.offered_at = Some(at);
            }
            Event::ConversationAssigned { agent, department, why, .. } => {
                course.arrive(id, department, at, visits);
                match (why, course.offered_at.take()) {
                    (AssignedBecause::Accepted, Some(since)) => {
                        self.accepted_after.push(at.since(since));
                    }
                    (AssignedBecause::Claimed | AssignedBecause::GivenBy(_), _) => {
                        self.script.by_hand += 1;
                    }
                    _ => {}
                }
                if let Some(visit) = course.visit.map(|visit| &mut visits[visit]) {
                    let (agent, department) = (agent.clone(), department.clone());
                    let waited_ms = at.since(visit.at);
                    visit.was.get_or_insert(Was { agent, department, waited_ms });
                }
                if !matches!(course.stage, Stage::With(_)) {
                    course.stage = Stage::With(at);
                }
            }
            Event::ConversationTransferred { to_department, to_agent, .. } => {
                course.beat(at, What::Moved(to_department.clone(), to_agent.clone()), visits);
                course.pause(at);
            }
            Event::ConversationClosed { by: Closer::Callback, .. } => {
                course.last_beat(for_ever(course.spent_ms), visits);
                course.stage = Stage::Nowhere;
            }
            Event::ConversationClosed { by, .. } => {
                self.script.with_bot_only += u64::from(course.visit.is_none());
                course.beat(at, What::End(by.clone()), visits);
                course.pause(at);
                course.stage = Stage::Nowhere;
            }
            Event::ConversationReopened { undone: true, .. } => {
                if let Some(visit) = course.visit {
                    visits[visit].beats.pop();
                }
            }
            Event::MessageSent { author: Author::Consumer, .. } => {
                course.beat_with_agent(at, What::ConsumerWrote, visits);
            }
            Event::MessageSent { author: Author::Agent(_), .. } => {
                course.beat_with_agent(at, What::AgentWrote, visits);
            }
            Event::ConsumerArrived { .. } => {
                course.beat_with_agent(at, What::Connected(true), visits);
            }
            Event::ConsumerWentAway { .. } => {
                course.beat_with_agent(at, What::Connected(false), visits);
            }
            Event::ConversationHeld { .. } => course.beat_with_agent(at, What::Held(true), visits),
            Event::ConversationResumed { .. } => {
                course.beat_with_agent(at, What::Held(false), visits);
            }
            _ => {}
        }
    }
}

impl Course {
    fn new(consumer: ConsumerId, channel: Channel, wrote: bool) -> Self {
        let stage = Stage::Nowhere;
        Self { consumer, channel, wrote, visit: None, spent_ms: 0, stage, offered_at: None }
    }

    /// Comes to a queue, or straight to an agent, for the first time.
    fn arrive(
        &mut self,
        conversation: ConversationId,
        department: &DepartmentId,
        at: Millis,
        visits: &mut Vec<Visit>,
    ) {
        if self.visit.is_some() {
            return;
        }
        self.visit = Some(visits.len());
        self.stage = Stage::Waiting(at);
        visits.push(Visit {
            conversation,
            name: None,
            consumer: self.consumer,
            channel: self.channel,
            at,
            department: department.clone(),
            wrote: self.wrote,
            beats: Vec::new(),
            was: None,
        });
    }

    /// Its agent has it no longer.
    fn pause(&mut self, at: Millis) {
        match self.stage {
            Stage::With(since) => {
                self.spent_ms += at.since(since);
                self.stage = Stage::Waiting(at);
            }
            // An undone finish whose agent is gone waits from then on.
            Stage::Nowhere => self.stage = Stage::Waiting(at),
            Stage::Waiting(_) => {}
        }
    }

    /// By the clock that runs now.
    fn beat(&self, at: Millis, what: What, visits: &mut [Visit]) {
        match self.stage {
            Stage::With(_) => self.beat_with_agent(at, what, visits),
            Stage::Waiting(since) => {
                let clock = Clock::Waiting { reached_ms: self.spent_ms };
                let beat = Beat { clock, after_ms: at.since(since), what };
                self.last_beat(beat, visits);
            }
            Stage::Nowhere => {}
        }
    }

    fn beat_with_agent(&self, at: Millis, what: What, visits: &mut [Visit]) {
        if let Stage::With(since) = self.stage {
            let after_ms = self.spent_ms + at.since(since);
            self.last_beat(Beat { clock: Clock::WithAgent, after_ms, what }, visits);
        }
    }

    fn last_beat(&self, beat: Beat, visits: &mut [Visit]) {
        if let Some(visit) = self.visit {
            visits[visit].beats.push(beat);
        }
    }
}

/// Whether the consumer wrote in that conversation.
fn wrote(event: &Event, to: ConversationId) -> bool {
    matches!(event, Event::MessageSent { conversation, author: Author::Consumer, .. } if *conversation == to)
}
