//! The past on a virtual clock: a script's moves, arrivals and beats become commands to the desk's own state machine, in
//! order of time, and what it decides is followed. Nothing is random: the same script and rules give the same result.

mod act;
mod course;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use dialogo_domain::conversation::Conversation;
use dialogo_domain::rules::{FinishPolicy, OfferMode};
use dialogo_domain::step::{Step, step};
use dialogo_domain::{
    Actor, AgentId, Command, Commit, Context, ConversationId, DepartmentId, Desk, Event, Millis,
    Refusal, Request, Rules,
};
use dialogo_rules::Checked;

use super::measure::Measure;
use super::script::{Script, Typical};

/// Opening hours are looked up once in so many milliseconds: they change on the minute.
const HOURS_HOLD_MS: u64 = 60_000;

/// What came of a script under one set of rules.
#[derive(Debug)]
pub struct Played {
    /// Waiting and load.
    pub(super) measure: Measure,
    /// When the last thing happened.
    pub(super) ended: Millis,
    /// Of each visit.
    pub(super) outcomes: Vec<Outcome>,
    /// Transfers that the rules refused.
    pub(super) transfers_refused: u64,
}

/// What became of a visit first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An agent had it.
    Given { agent: AgentId, department: DepartmentId, waited_ms: u64 },
    /// The consumer left a callback with that department.
    CalledBack(DepartmentId),
    /// The consumer left before an agent came.
    Left { department: DepartmentId, after_ms: u64 },
    /// It waits at the end.
    Waits(DepartmentId),
    /// It could not begin: there is no such department.
    TurnedAway(DepartmentId),
    /// The history ended first.
    NotYet,
}

/// Plays a script by the rules. `arrived` hears of every arrival.
pub fn play(script: &Script, checked: &Checked, arrived: &mut dyn FnMut()) -> Played {
    let mut world = World::new(script, checked);
    world.play(arrived);
    world.finish()
}

struct World<'a> {
    script: &'a Script,
    checked: &'a Checked,
    rules: Rules,
    typical: Typical,
    /// Until an agent accepts an offer: as long as it took, but in time.
    accept_after_ms: u64,
    neighbours: Vec<(Option<usize>, Option<usize>)>,
    desk: Desk,
    now: Millis,
    /// Departments outside their hours, and until when that holds.
    closed: (BTreeSet<DepartmentId>, Millis),
    agenda: BinaryHeap<Reverse<(Millis, u64, Due)>>,
    /// Counts what was put on the agenda: what came first goes first.
    entries: u64,
    runs: Vec<Run>,
    visits: HashMap<ConversationId, usize>,
    /// The visit that a message or a start is about to begin.
    beginning: Option<usize>,
    /// Closed conversations that somebody will write to again.
    kept: HashMap<ConversationId, Conversation>,
    measure: Measure,
    messages: u128,
    transfers_refused: u64,
}

/// A visit as it runs.
#[derive(Clone, Debug)]
struct Run {
    conversation: ConversationId,
    /// The next beat.
    next: usize,
    spent_ms: u64,
    stage: Stage,
    /// Grows whenever what stands on the agenda for it is void.
    epoch: u32,
    /// Whether the next visit of the same consumer waits for the end of this one.
    followed: bool,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    NotYet,
    Waiting(Millis),
    With(Millis),
    /// Closed by a time-out while the consumer still had something to say.
    Silent(Millis),
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Beat {
        visit: usize,
        epoch: u32,
    },
    /// The end of a conversation of which it is not known how long it takes.
    Finish {
        visit: usize,
        epoch: u32,
    },
    /// The next beat does not come: what it belongs to did not happen.
    Skip {
        visit: usize,
        epoch: u32,
    },
    Accept {
        visit: usize,
    },
    Arrive {
        visit: usize,
    },
}

impl<'a> World<'a> {
    fn new(script: &'a Script, checked: &'a Checked) -> Self {
        let mut rules = Rules::clone(&checked.domain);
        // What a conversation was about is not played.
        rules.desk.finish = FinishPolicy::Off;
        let accept_after_ms = match rules.desk.offers {
            OfferMode::Immediate => 0,
            OfferMode::Manual { timeout_ms } => {
                script.accept_after_ms.min(timeout_ms.saturating_sub(1))
            }
        };
        let run = |conversation| Run {
            conversation,
            next: 0,
            spent_ms: 0,
            stage: Stage::NotYet,
            epoch: 0,
            followed: false,
            outcome: Outcome::NotYet,
        };
        Self {
            script,
            checked,
            rules,
            typical: script.typical_ms(),
            accept_after_ms,
            neighbours: script.neighbours(),
            desk: Desk::default(),
            now: Millis(0),
            closed: (BTreeSet::new(), Millis(0)),
            agenda: BinaryHeap::new(),
            entries: 0,
            runs: script.visits.iter().map(|visit| run(visit.conversation)).collect(),
            visits: HashMap::new(),
            beginning: None,
            kept: HashMap::new(),
            measure: Measure::default(),
            messages: 0,
            transfers_refused: 0,
        }
    }

    /// At the same moment: what is due first, then agents, then what runs, then who comes.
    fn play(&mut self, arrived: &mut dyn FnMut()) {
        let script = self.script;
        let mut moves = script.moves.iter().peekable();
        let mut visits = script.visits.iter().enumerate().peekable();
        loop {
            let moved = moves.peek().map(|(at, _)| *at);
            let on_agenda = self.agenda.peek().map(|Reverse((at, ..))| *at);
            let comes = visits.peek().map(|(_, visit)| visit.at);
            let Some(next) = [moved, on_agenda, comes].into_iter().flatten().min() else { break };
            if next > script.ended {
                break;
            }
            self.pass_time(next);
            if moved == Some(next) {
                moves.next().into_iter().for_each(|(_, what)| self.agent_moves(what));
            } else if on_agenda == Some(next) {
                if let Some(Reverse((_, _, due))) = self.agenda.pop() {
                    self.happen(due);
                }
            } else if let Some((visit, _)) = visits.next() {
                self.arrive(visit);
                arrived();
            }
        }
        // Where the end of time is made up, it is over when nothing happens any more.
        if !script.invented {
            self.pass_time(script.ended);
        }
    }

    /// Lets everything happen that becomes due until then.
    fn pass_time(&mut self, until: Millis) {
        while let Some(due) = self.desk.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            if !self.command(Actor::Engine, Command::Tick).is_ok_and(|happened| happened) {
                break;
            }
        }
        self.now = self.now.max(until);
    }

    fn later(&mut self, at: Millis, due: Due) {
        self.entries += 1;
        self.agenda.push(Reverse((at, self.entries, due)));
    }

    /// Carries out a command; tells whether anything happened.
    fn command(&mut self, actor: Actor, command: Command) -> Result<bool, Refusal> {
        if self.now >= self.closed.1 {
            let minute = self.now.0 - self.now.0 % HOURS_HOLD_MS;
            self.closed = (self.checked.closed_at(self.now), Millis(minute + HOURS_HOLD_MS));
        }
        let about = match &command {
            Command::SendMessage { conversation, .. } => Some(*conversation),
            _ => None,
        };
        let cold = about.filter(|id| !self.desk.conversations.contains_key(id));
        let recalled = cold.and_then(|id| self.kept.remove(&id));
        let context = Context {
            now: self.now,
            rules: &self.rules,
            closed: &self.closed.0,
            recalled: recalled.as_ref(),
            dice: self.beginning.map_or(0, |visit| dice(self.script.visits[visit].conversation)),
        };
        match step(&mut self.desk, &Request { id: None, actor, command }, &context)? {
            Step::Committed(commit) => {
                self.measure.take_in(&commit, |_| true);
                self.follow(&commit);
                Ok(true)
            }
            Step::Answered(_) | Step::Nothing => Ok(false),
        }
    }

    fn follow(&mut self, commit: &Commit) {
        for event in &commit.events {
            if let Event::ConversationStarted { conversation, .. }
            | Event::ConversationReopened { conversation, .. } = event
                && let Some(visit) = self.beginning
            {
                self.visits.insert(*conversation, visit);
                self.runs[visit].conversation = *conversation;
            }
            let visit = event.conversation().and_then(|id| self.visits.get(&id).copied());
            if let Some(visit) = visit {
                self.course(visit, event);
            }
        }
    }

    fn finish(self) -> Played {
        let (measure, ended, transfers_refused) = (self.measure, self.now, self.transfers_refused);
        let outcomes = self.runs.into_iter().map(|run| run.outcome).collect();
        Played { measure, ended, outcomes, transfers_refused }
    }
}

/// A number that looks random and is the same for the same conversation (the finish of `SplitMix64`).
fn dice(conversation: ConversationId) -> u64 {
    let mut mixed = (conversation.0 ^ (conversation.0 >> 64)) as u64;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
