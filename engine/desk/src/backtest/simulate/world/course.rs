//! What the desk's decisions mean for the visits they are about: which clock runs, and what comes next by it.

use dialogo_domain::conversation::Closer;
use dialogo_domain::{ConversationId, DepartmentId, Event, Millis};

use super::super::script::{Clock, What};
use super::{Due, Outcome, Stage, World};

impl World<'_> {
    /// What an event means for the visit it is about.
    pub(super) fn course(&mut self, visit: usize, event: &Event) {
        let now = self.now;
        let run = &mut self.runs[visit];
        match event {
            Event::ConversationQueued { department, .. } => {
                self.waits(visit, department.clone());
            }
            Event::ConversationTransferred { to_department, .. } => {
                self.waits(visit, to_department.clone());
            }
            Event::ConversationOffered { department, .. } => {
                self.waits(visit, department.clone());
                self.later(now.plus(self.accept_after_ms), Due::Accept { visit });
            }
            Event::ConversationAssigned { agent, department, .. } => {
                if let Stage::With(_) = run.stage {
                    return;
                }
                if matches!(run.outcome, Outcome::NotYet | Outcome::Waits(_)) {
                    let waited_ms = match run.stage {
                        Stage::Waiting(since) => now.since(since),
                        _ => 0,
                    };
                    let (agent, department) = (agent.clone(), department.clone());
                    run.outcome = Outcome::Given { agent, department, waited_ms };
                }
                run.stage = Stage::With(now);
                run.epoch += 1;
                self.next_beat(visit);
            }
            Event::ConversationClosed { by, .. } => self.ends(visit, by),
            _ => {}
        }
    }

    fn waits(&mut self, visit: usize, department: DepartmentId) {
        let now = self.now;
        let run = &mut self.runs[visit];
        if let Stage::With(since) = run.stage {
            run.spent_ms += now.since(since);
        }
        if matches!(run.outcome, Outcome::NotYet | Outcome::Waits(_)) {
            run.outcome = Outcome::Waits(department);
        }
        if !matches!(run.stage, Stage::Waiting(_)) {
            run.stage = Stage::Waiting(now);
            run.epoch += 1;
            self.next_beat(visit);
        }
    }

    fn ends(&mut self, visit: usize, by: &Closer) {
        let now = self.now;
        let run = &mut self.runs[visit];
        if let (Outcome::Waits(department), Stage::Waiting(since)) = (&run.outcome, run.stage) {
            let department = department.clone();
            run.outcome = match by {
                Closer::Callback => Outcome::CalledBack(department),
                _ => Outcome::Left { department, after_ms: now.since(since) },
            };
        }
        run.epoch += 1;
        let conversation = run.conversation;
        let writes_again = match (run.stage, by) {
            (Stage::With(since), Closer::MessageTimeout | Closer::ConnectionTimeout) => {
                run.spent_ms += now.since(since);
                let rest = &self.script.visits[visit].beats[run.next..];
                rest.iter().position(|beat| matches!(beat.what, What::ConsumerWrote))
            }
            _ => None,
        };
        match writes_again {
            Some(skipped) => {
                run.next += skipped;
                run.stage = Stage::Silent(now);
                self.keep(conversation);
                self.next_beat(visit);
            }
            None => self.over(visit),
        }
    }

    pub(super) fn over(&mut self, visit: usize) {
        self.runs[visit].stage = Stage::Over;
        let Some(next) = self.neighbours[visit].1 else { return };
        self.keep(self.runs[visit].conversation);
        if self.runs[visit].followed {
            self.later(self.now.plus(1), Due::Arrive { visit: next });
        }
    }

    fn keep(&mut self, conversation: ConversationId) {
        if let Some(found) = self.desk.conversations.get(&conversation) {
            self.kept.insert(conversation, found.clone());
        }
    }

    /// Puts the next beat on the agenda, if its clock runs.
    pub(super) fn next_beat(&mut self, visit: usize) {
        let script = self.script;
        let run = &self.runs[visit];
        let department = &script.visits[visit].department;
        let (epoch, stage) = (run.epoch, run.stage);
        if let Some(beat) = script.visits[visit].beats.get(run.next) {
            let with_agent =
                |since: Millis, clock_ms: u64| since.plus(clock_ms.saturating_sub(run.spent_ms));
            let (at, due) = match (stage, beat.clock, &beat.what) {
                (Stage::With(since) | Stage::Silent(since), Clock::WithAgent, _) => {
                    (with_agent(since, beat.after_ms), Due::Beat { visit, epoch })
                }
                (Stage::Waiting(since), Clock::Waiting { reached_ms }, _)
                    if reached_ms <= run.spent_ms && beat.after_ms < u64::MAX =>
                {
                    (since.plus(beat.after_ms), Due::Beat { visit, epoch })
                }
                // It left, or waited for ever; here an agent has it at that time.
                (Stage::With(since), Clock::Waiting { reached_ms }, What::End(_)) => {
                    let took = self.typical.of(department).max(reached_ms);
                    (with_agent(since, took), Due::Finish { visit, epoch })
                }
                // It went elsewhere because nobody came; here an agent has it at that time.
                (Stage::With(since), Clock::Waiting { reached_ms }, _) => {
                    (with_agent(since, reached_ms + 1), Due::Skip { visit, epoch })
                }
                _ => return,
            };
            self.later(at.max(self.now), due);
        }
    }
}
