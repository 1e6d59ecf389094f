//! One command, one commit: decide, apply, and whatever follows from it (routing, timers), all together.
//!
//! This is what the writer calls. [`decide`](crate::decide::decide) stays pure; the desk is changed here and in
//! [`apply_commit`](crate::apply::apply_commit) only, and in the same way.

use std::collections::BTreeSet;

use crate::agent::Presence;
use crate::apply::{apply, begin};
use crate::command::{Command, Request};
use crate::decide::{Context, Decision, decide, tick};
use crate::desk::Desk;
use crate::event::{Commit, Event, QueuedBecause, Stamp};
use crate::id::{AgentId, ConversationId, DepartmentId, Position};
use crate::refusal::Refusal;
use crate::routing::{Round, departments_of};
use crate::timers;

/// Most things one tick sees to; the rest is seen to by the next one. Bounds the size of a commit.
pub const DUE_PER_TICK: usize = 64;

/// What became of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// These events happened; they are applied to the desk already.
    Committed(Commit),
    /// This command, or this message, was answered before by that commit.
    Answered(Position),
    /// Nothing to do: no commit.
    Nothing,
}

/// Carries out one command.
///
/// # Errors
/// A [`Refusal`] says why not; the desk is as it was.
pub fn step(desk: &mut Desk, request: &Request, ctx: &Context) -> Result<Step, Refusal> {
    if let Some(position) = request.id.and_then(|id| desk.answers.get(&id)) {
        return Ok(Step::Answered(*position));
    }
    let ctx = Context { now: ctx.now.max(desk.now), ..*ctx };
    if request.command == Command::Tick {
        decide(desk, &request.actor, &request.command, &ctx)?;
        return Ok(run_due(desk, request, &ctx));
    }
    let events = match decide(desk, &request.actor, &request.command, &ctx)? {
        Decision::Answered(position) => return Ok(Step::Answered(position)),
        Decision::Events(events) if events.is_empty() => return Ok(Step::Nothing),
        Decision::Events(events) => events,
    };
    let mut work = Work::begin(desk, request, ctx);
    work.recall_if_needed(&events);
    for event in events {
        work.happen(event);
    }
    work.settle();
    Ok(Step::Committed(work.finish()))
}

fn run_due(desk: &mut Desk, request: &Request, ctx: &Context) -> Step {
    if tick::first_due(desk, ctx).is_none() {
        return Step::Nothing;
    }
    let mut work = Work::begin(desk, request, *ctx);
    for _ in 0..DUE_PER_TICK {
        let Some(due) = tick::first_due(work.desk, ctx) else { break };
        for event in tick::see_to(work.desk, ctx, &due) {
            work.happen(event);
        }
        if let tick::FirstDue::Conversation(id) = due {
            work.correct_timer(id);
        }
    }
    work.settle();
    Step::Committed(work.finish())
}

/// A commit in the making.
struct Work<'a> {
    desk: &'a mut Desk,
    ctx: Context<'a>,
    stamp: Stamp,
    events: Vec<Event>,
    /// Conversations whose timers may have become wrong.
    touched: Vec<ConversationId>,
    /// Departments in which somebody may be given something.
    dirty: BTreeSet<DepartmentId>,
}

impl<'a> Work<'a> {
    fn begin(desk: &'a mut Desk, request: &Request, ctx: Context<'a>) -> Self {
        let generation = match &request.command {
            Command::ActivateRules { generation, .. } => *generation,
            _ => desk.generation,
        };
        let stamp = Stamp {
            position: desk.position.next(),
            at: ctx.now,
            generation,
            command: request.id,
            actor: request.actor.clone(),
        };
        begin(desk, &stamp);
        Self { desk, ctx, stamp, events: Vec::new(), touched: Vec::new(), dirty: BTreeSet::new() }
    }

    /// A cold conversation comes back first, if what follows is about it.
    fn recall_if_needed(&mut self, events: &[Event]) {
        let Some(cold) = self.ctx.recalled else { return };
        let about_it = events.iter().any(|event| event.conversation() == Some(cold.id));
        if about_it && !self.desk.conversations.contains_key(&cold.id) {
            self.happen(Event::ConversationRecalled { conversation: Box::new(cold.clone()) });
        }
    }

    fn happen(&mut self, event: Event) {
        self.note_before(&event);
        apply(self.desk, &event);
        self.note_after(&event);
        self.events.push(event);
    }

    /// Whose window becomes free.
    fn note_before(&mut self, event: &Event) {
        let frees = matches!(
            event,
            Event::ConversationClosed { .. }
                | Event::ConversationHeld { .. }
                | Event::ConversationQueued { .. }
                | Event::OfferPassed { .. }
                | Event::ConversationTransferred { .. }
                | Event::ConversationAssigned { .. }
                | Event::ConversationOffered { .. }
        );
        if frees
            && let Some(agent) = event
                .conversation()
                .and_then(|id| self.desk.conversations.get(&id))
                .and_then(|conversation| conversation.agent.clone())
        {
            self.free(&agent);
        }
    }

    fn note_after(&mut self, event: &Event) {
        if let Some(id) = event.conversation()
            && !matches!(event, Event::TimerSet { .. })
            && !self.touched.contains(&id)
        {
            self.touched.push(id);
        }
        match event {
            Event::ConversationQueued { department, .. } => {
                self.dirty.insert(department.clone());
            }
            Event::OfferPassed { conversation, .. } => {
                let department =
                    self.desk.conversations.get(conversation).and_then(|it| it.department.clone());
                self.dirty.extend(department);
            }
            Event::PresenceChanged { agent, presence } => {
                if *presence == Presence::Offline {
                    self.touch_held(agent);
                } else {
                    self.free(agent);
                }
            }
            Event::AgentReturned { agent } | Event::OwnLimitSet { agent, .. } => self.free(agent),
            Event::AccountAdded { agent, .. } => self.touch_held(agent),
            Event::RulesActivated { .. } => self.rules_changed(),
            _ => {}
        }
    }

    fn free(&mut self, agent: &AgentId) {
        self.dirty.extend(departments_of(self.ctx.rules, agent).cloned());
    }

    fn touch_held(&mut self, agent: &AgentId) {
        self.touched.extend(
            self.desk.agents.get(agent).into_iter().flat_map(|it| it.holds.iter().copied()),
        );
    }

    /// Everything is looked at again: the one command that costs as much as the desk is big.
    fn rules_changed(&mut self) {
        self.touched = self.desk.conversations.keys().copied().collect();
        self.dirty = self.ctx.rules.departments.keys().cloned().collect();
    }

    fn settle(&mut self) {
        if !self.dirty.is_empty() {
            self.rescue_queues();
        }
        while !self.dirty.is_empty() {
            let mut round = Round::new(std::mem::take(&mut self.dirty));
            while let Some(event) = round.next(self.desk, &self.ctx) {
                self.happen(event);
            }
        }
        for id in std::mem::take(&mut self.touched) {
            self.correct_timer(id);
        }
    }

    fn correct_timer(&mut self, id: ConversationId) {
        if let Some(event) = timers::correction(self.desk, self.ctx.rules, id) {
            self.happen(event);
        }
    }

    /// Conversations in the queue of a department that is no more go to the first one there is. That happens when the
    /// rules change, and later when an offer that was made under older rules is let pass.
    fn rescue_queues(&mut self) {
        let departments = &self.ctx.rules.departments;
        let Some(first) = departments.keys().next() else { return };
        let lost: Vec<Event> = self
            .desk
            .queues
            .iter()
            .filter(|(department, _)| !departments.contains_key(*department))
            .flat_map(|(department, queue)| {
                queue.iter().map(|key| Event::ConversationQueued {
                    conversation: key.conversation,
                    department: first.clone(),
                    waiting_since: key.waiting_since,
                    priority: departments[first].priority,
                    why: QueuedBecause::DepartmentRemoved { from: department.clone() },
                })
            })
            .collect();
        for event in lost {
            self.happen(event);
        }
    }

    fn finish(self) -> Commit {
        Commit { stamp: self.stamp, events: self.events }
    }
}
