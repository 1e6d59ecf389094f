//! What happens once a commit is durable, in this order: the durable state takes it in, the views hear of it, the sender
//! is answered, everyone who may see it is shown it, and the effects that follow from it are set going.
//!
//! It runs on a thread of its own behind the log and never decides anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialogo_domain::apply::apply_commit;
use dialogo_domain::effects::{Effect, effects};
use dialogo_domain::{Commit, Position};

use crate::feed::{ConnectionId, Hub, Published, audience, parties};
use crate::rules::{InForce, RulesDesk};
use crate::state::Durable;
use crate::writer::Reply;
use crate::{Answer, DeskError};

/// A commit that the writer has decided, on its way through the log.
pub(crate) struct Decided {
    /// What was decided.
    pub(crate) commit: Arc<Commit>,
    /// The connection the command came from.
    pub(crate) origin: Option<ConnectionId>,
    /// Who waits for the answer.
    pub(crate) reply: Option<Reply>,
    /// The rules that are in force once it is durable.
    pub(crate) activates: Option<Arc<InForce>>,
}

/// What reaches the publisher.
pub(crate) enum News {
    /// One group of durable commits, in order.
    Durable(Vec<Decided>),
    /// A command that was answered before, by this commit.
    AnswerAgain {
        /// The commit.
        position: Position,
        /// Who waits.
        reply: Reply,
    },
    /// These rules turned out to be in force already.
    InForce {
        /// They.
        rules: Arc<InForce>,
        /// A position that has to be durable first.
        position: Position,
        /// Who waits.
        reply: Reply,
    },
    /// The log has failed: nothing more will become durable.
    Failed {
        /// Why, for people.
        reason: Arc<str>,
        /// The commits that will never be.
        lost: Vec<Decided>,
    },
}

/// What the publisher works with.
pub(crate) struct Publisher {
    pub(crate) durable: Arc<Durable>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) rules: Arc<RulesDesk>,
    /// Reads an old commit from the log.
    pub(crate) recall: Box<dyn Fn(Position) -> Option<Arc<Commit>> + Send>,
    /// Takes the effects of what happened.
    pub(crate) effects: tokio::sync::mpsc::UnboundedSender<Effect>,
    /// Called once when the log has failed.
    pub(crate) on_failure: Box<dyn Fn(&str) + Send>,
    pub(crate) waiting: BTreeMap<Position, Vec<Reply>>,
}

impl Publisher {
    /// Works until the writer and the log are gone.
    pub(crate) fn run(mut self, news: &crossbeam_channel::Receiver<News>) {
        for news in news {
            match news {
                News::Durable(mut group) => self.publish(&mut group),
                other => self.other(other),
            }
        }
        self.hub.stop();
    }

    fn publish(&mut self, batch: &mut [Decided]) {
        let mut published = Vec::with_capacity(batch.len());
        let mut follow = Vec::new();
        {
            let mut state = self.durable.write();
            for decided in batch.iter() {
                let commit = &decided.commit;
                let before = parties(&state.desk, commit);
                apply_commit(&mut state.desk, commit);
                let after = parties(&state.desk, commit);
                state.recent.take_in(commit, &decided.commit.stamp);
                for event in &commit.events {
                    follow.extend(effects(&state.desk, event));
                }
                let audience = audience(before, after, commit);
                published.push(Arc::new(Published {
                    commit: Arc::clone(commit),
                    audience,
                    origin: decided.origin,
                }));
            }
        }
        for decided in batch.iter_mut() {
            if let Some(rules) = decided.activates.take() {
                self.rules.in_force(rules);
                self.hub.reassign(|agent| self.rules.departments_of(agent));
            }
            if let Some(reply) = decided.reply.take() {
                let _ =
                    reply.send(Ok(Answer { commit: Arc::clone(&decided.commit), replayed: false }));
            }
        }
        self.hub.publish(&published);
        let chain = &self.rules.current().chain;
        for effect in follow
            .into_iter()
            .filter(|effect| crate::effects::hook(effect).is_none_or(|hook| chain.has(hook)))
        {
            let _ = self.effects.send(effect);
        }
        self.answer_waiting();
    }

    fn other(&mut self, news: News) {
        match news {
            News::Durable(_) => unreachable!("handled by the caller"),
            News::AnswerAgain { position, reply } => {
                self.waiting.entry(position).or_default().push(reply);
                self.answer_waiting();
            }
            News::InForce { rules, position, reply } => {
                self.rules.in_force(rules);
                self.hub.reassign(|agent| self.rules.departments_of(agent));
                self.waiting.entry(position).or_default().push(reply);
                self.answer_waiting();
            }
            News::Failed { reason, lost } => {
                for reply in lost.into_iter().filter_map(|decided| decided.reply) {
                    let _ = reply.send(Err(DeskError::Stopped(reason.to_string())));
                }
                (self.on_failure)(&reason);
            }
        }
    }

    /// Answers everyone whose commit is durable by now.
    fn answer_waiting(&mut self) {
        let head = self.hub.head();
        while let Some(entry) = self.waiting.first_entry() {
            if *entry.key() > head {
                return;
            }
            let (position, replies) = entry.remove_entry();
            let commit = self.hub.find(position).or_else(|| (self.recall)(position));
            for reply in replies {
                let answer = match &commit {
                    Some(commit) => Ok(Answer { commit: Arc::clone(commit), replayed: true }),
                    None => Err(DeskError::Stopped(format!(
                        "the commit at position {position} cannot be read"
                    ))),
                };
                let _ = reply.send(answer);
            }
        }
    }
}
