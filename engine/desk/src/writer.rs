//! The one writer: every change of the desk's state goes through this thread, one at a time.
//!
//! It decides and applies ahead of the disk; what it decided becomes an answer and news only in
//! [`crate::publisher`], once the log says that it is durable. It reads no files, asks no plugin and waits for nobody
//! but the log's queue.

use std::sync::Arc;

use dialogo_domain::conversation::Conversation;
use dialogo_domain::decide::Context;
use dialogo_domain::plugin::SteppedBack;
use dialogo_domain::step::{Step, step};
use dialogo_domain::{Actor, Command, Commit, Request, Stamp};
use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::feed::ConnectionId;
use crate::publisher::{Decided, News};
use crate::rules::InForce;
use crate::{Answer, DeskError};

/// Where an answer goes.
pub(crate) type Reply = oneshot::Sender<Result<Answer, DeskError>>;

/// Everything that can wake the writer.
pub(crate) enum Wake {
    /// A command.
    Command(Submission),
    /// Other rules, checked and compiled, are to be in force.
    Activate {
        /// They.
        rules: Arc<InForce>,
        /// Who asked for it; the engine itself where the files changed.
        by: Actor,
        /// The plugin that these rules take back into shadow, where the desk made them for that.
        stepped_back: Option<SteppedBack>,
        /// Answered when the activation is durable.
        reply: Reply,
    },
    /// Time has passed.
    Tick,
    /// No more; what was decided is finished.
    Stop,
}

/// A command on its way to the writer.
pub(crate) struct Submission {
    /// What is asked.
    pub(crate) request: Request,
    /// The cold conversation it is about, if it is about one.
    pub(crate) recalled: Option<Box<Conversation>>,
    /// The connection it came from.
    pub(crate) origin: Option<ConnectionId>,
    /// Where the answer goes.
    pub(crate) reply: Reply,
}

/// How many commands are taken from the queue at once.
const TAKEN_AT_ONCE: usize = 128;

/// The writer's own state.
pub(crate) struct Writer {
    desk: dialogo_domain::Desk,
    rules: Arc<InForce>,
    clock: Arc<dyn Clock>,
    outlet: Box<dyn Outlet>,
    dice: Dice,
}

/// Where decided commits and postponed answers go.
pub(crate) trait Outlet: Send {
    /// Hands one commit to the log; blocks while the log's queue is full.
    fn commit(&mut self, decided: Decided);
    /// Answers with an earlier commit once that is durable.
    fn news(&mut self, news: News);
    /// Blocks while the views are too far behind.
    fn wait_for_room(&mut self);
}

/// Randomness for splits by percentage (xorshift64*, seeded from the system once): what it decided stands in the events.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

impl Writer {
    pub(crate) fn new(
        desk: dialogo_domain::Desk,
        rules: Arc<InForce>,
        clock: Arc<dyn Clock>,
        outlet: Box<dyn Outlet>,
    ) -> Self {
        let seed = uuid::Uuid::new_v4().as_u64_pair().0 | 1;
        Self { desk, rules, clock, outlet, dice: Dice(seed) }
    }

    /// Works until told to stop or until nobody can send any more.
    pub(crate) fn run(mut self, mut queue: mpsc::Receiver<Wake>) {
        let mut taken = Vec::with_capacity(TAKEN_AT_ONCE);
        loop {
            if queue.blocking_recv_many(&mut taken, TAKEN_AT_ONCE) == 0 {
                return;
            }
            self.outlet.wait_for_room();
            for wake in taken.drain(..) {
                match wake {
                    Wake::Command(submission) => self.command(submission),
                    Wake::Activate { rules, by, stepped_back, reply } => {
                        self.activate(rules, by, stepped_back, reply);
                    }
                    Wake::Tick => self.tick(),
                    Wake::Stop => return,
                }
            }
        }
    }

    fn command(&mut self, submission: Submission) {
        let Submission { request, recalled, origin, reply } = submission;
        match self.step(&request, recalled.as_deref()) {
            Ok(Step::Committed(commit)) => {
                self.outlet.commit(Decided {
                    commit: Arc::new(commit),
                    origin,
                    reply: Some(reply),
                    activates: None,
                });
            }
            Ok(Step::Answered(position)) => self.outlet.news(News::AnswerAgain { position, reply }),
            Ok(Step::Nothing) => {
                // Nothing to write, and so nothing to wait for: the answer is an empty commit at the present position.
                let stamp = Stamp {
                    position: self.desk.position,
                    at: self.desk.now,
                    generation: self.desk.generation,
                    command: request.id,
                    actor: request.actor,
                };
                let nothing = Commit { stamp, events: Vec::new() };
                let _ = reply.send(Ok(Answer { commit: Arc::new(nothing), replayed: false }));
            }
            Err(refusal) => {
                let _ = reply.send(Err(DeskError::Refused(refusal)));
            }
        }
    }

    fn activate(
        &mut self,
        rules: Arc<InForce>,
        by: Actor,
        stepped_back: Option<SteppedBack>,
        reply: Reply,
    ) {
        let before = std::mem::replace(&mut self.rules, Arc::clone(&rules));
        let command = Command::ActivateRules {
            generation: rules.generation,
            summary: rules.summary.as_str().into(),
            stepped_back,
        };
        let request = Request { id: None, actor: by, command };
        match self.step(&request, None) {
            Ok(Step::Committed(commit)) => self.outlet.commit(Decided {
                commit: Arc::new(commit),
                origin: None,
                reply: Some(reply),
                activates: Some(rules),
            }),
            Ok(Step::Answered(_) | Step::Nothing) => {
                self.outlet.news(News::InForce { rules, position: self.desk.position, reply });
            }
            Err(refusal) => {
                self.rules = before;
                let _ = reply.send(Err(DeskError::Refused(refusal)));
            }
        }
    }

    fn tick(&mut self) {
        let request = Request { id: None, actor: Actor::Engine, command: Command::Tick };
        match self.step(&request, None) {
            Ok(Step::Committed(commit)) => {
                self.outlet.commit(Decided {
                    commit: Arc::new(commit),
                    origin: None,
                    reply: None,
                    activates: None,
                });
            }
            Ok(Step::Answered(_) | Step::Nothing) => {}
            Err(refusal) => tracing::error!(?refusal, "the desk refused a tick"),
        }
    }

    fn step(
        &mut self,
        request: &Request,
        recalled: Option<&Conversation>,
    ) -> Result<Step, dialogo_domain::Refusal> {
        let now = self.clock.now().max(self.desk.now);
        let hours = self.rules.hours(now);
        let context = Context {
            now,
            rules: &self.rules.checked.domain,
            closed: &hours.closed,
            recalled,
            dice: self.dice.next(),
        };
        step(&mut self.desk, request, &context)
    }
}
