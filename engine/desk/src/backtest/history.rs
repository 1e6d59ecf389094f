//! What happened, as far as rules judge it: made from a desk's commits, or given by a recording.
//!
//! A journal is read twice. [`Outline`] learns which conversations there are, how they end and where their last word
//! stands; [`Gathering`] then puts each together and hands it on as soon as it is whole, so that only those that run at
//! the same time are in memory.

use std::collections::HashMap;
use std::sync::Arc;

use dialogo_domain::command::Target;
use dialogo_domain::desk::Profile;
use dialogo_domain::message::{Attachment, Author, Body, Channel};
use dialogo_domain::plugin::Verdict;
use dialogo_domain::{Commit, ConsumerId, ConversationId, DepartmentId, Event, Millis, Position};
use serde::Serialize;

/// One conversation of the past.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its id, as people find it again.
    pub id: String,
    /// Whose it was, where that is known: files are kept by consumer.
    pub consumer: Option<ConsumerId>,
    /// When it began.
    pub opened_at: Millis,
    /// Where it came in.
    pub channel: Channel,
    /// What was known of the consumer.
    pub profile: Profile,
    /// What it was about, as somebody decided in the end. Any of these is right; empty: nobody said.
    pub labels: Vec<String>,
    /// What happened, in order.
    pub moments: Vec<Moment>,
}

/// Something in a conversation that rules judge, or that changes how they judge.
#[derive(Clone, Debug)]
pub enum Moment {
    /// Somebody wrote, or tried to.
    Said {
        /// When.
        at: Millis,
        /// Who.
        by: Author,
        /// What.
        body: Body,
    },
    /// Somebody sent a file, or tried to.
    Sent {
        /// When.
        at: Millis,
        /// Who.
        by: Author,
        /// Which.
        file: Attachment,
        /// Whether it was refused; then its content was never kept.
        refused: bool,
    },
    /// Somebody asked for a transfer.
    Asked {
        /// When.
        at: Millis,
        /// Where to.
        target: Target,
    },
    /// It came to a department.
    Moved {
        /// Which.
        department: DepartmentId,
        /// Whether by a transfer.
        transferred: bool,
    },
}

/// What the past does not tell any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Untold {
    /// Messages of which only the rewritten text is kept: they are judged as they went on.
    pub rewritten: u64,
    /// Refused transfers, of which the target is not kept.
    pub refused_transfers: u64,
}

/// The first reading of a journal.
#[derive(Debug, Default)]
pub struct Outline {
    known: HashMap<ConversationId, Line>,
    untold: Untold,
}

/// A conversation in a line.
#[derive(Debug)]
struct Line {
    opened_at: Millis,
    /// The last commit that says anything of it.
    last: Position,
    label: Option<String>,
}

impl Outline {
    /// Takes in the next commit.
    pub fn take_in(&mut self, commit: &Commit) {
        let (at, position) = (commit.stamp.at, commit.stamp.position);
        for event in &commit.events {
            let Some(conversation) = event.conversation() else { continue };
            if let Event::ConversationStarted { .. } = event {
                let line = Line { opened_at: at, last: position, label: None };
                self.known.insert(conversation, line);
            }
            let Some(line) = self.known.get_mut(&conversation) else { continue };
            if Past::is_told_by(event) {
                line.last = position;
            }
            match event {
                Event::ConversationClassified { chosen, is_final: true, .. } => {
                    line.label = Some(chosen.node.to_string());
                }
                Event::MessageSent { verdict: Verdict::Rewritten { .. }, .. } => {
                    self.untold.rewritten += 1;
                }
                Event::TransferRefused { .. } => self.untold.refused_transfers += 1,
                _ => {}
            }
        }
    }

    /// What follows for the second reading: of what began at `since` or later, the latest `limit` conversations.
    pub fn gather(mut self, since: Millis, limit: Option<usize>) -> Gathering {
        self.known.retain(|_, line| line.opened_at >= since);
        if let Some(limit) = limit.filter(|limit| *limit < self.known.len()) {
            let mut order: Vec<(Millis, ConversationId)> =
                self.known.iter().map(|(id, line)| (line.opened_at, *id)).collect();
            order.sort_unstable();
            for (_, older) in &order[..order.len() - limit] {
                self.known.remove(older);
            }
        }
        Gathering { known: self.known, untold: self.untold, open: HashMap::new() }
    }
}

/// The second reading of a journal: holds the texts of the conversations that run at the moment.
#[derive(Debug)]
pub struct Gathering {
    known: HashMap<ConversationId, Line>,
    untold: Untold,
    open: HashMap<ConversationId, Past>,
}

impl Gathering {
    /// How many conversations there are to come.
    pub fn conversations(&self) -> usize {
        self.known.len()
    }

    /// What is not known of the whole journal.
    pub fn untold(&self) -> Untold {
        self.untold
    }

    /// Takes in the next commit and hands on what is whole by it.
    pub fn take_in(&mut self, commit: &Commit, whole: &mut dyn FnMut(Past)) {
        for event in &commit.events {
            let Some(conversation) = event.conversation() else { continue };
            if !self.known.contains_key(&conversation) {
                continue;
            }
            if let Event::ConversationStarted { consumer, channel, profile, .. } = event {
                let past = Past {
                    id: conversation.to_string(),
                    consumer: Some(*consumer),
                    opened_at: commit.stamp.at,
                    channel: *channel,
                    profile: profile.clone(),
                    labels: Vec::new(),
                    moments: Vec::new(),
                };
                self.open.insert(conversation, past);
            } else if let Some(past) = self.open.get_mut(&conversation) {
                past.happened(event, commit.stamp.at);
            }
        }
        for conversation in commit.events.iter().filter_map(Event::conversation) {
            let is_whole = self
                .known
                .get(&conversation)
                .is_some_and(|line| line.last <= commit.stamp.position);
            if is_whole && let Some(mut past) = self.open.remove(&conversation) {
                past.labels = self
                    .known
                    .remove(&conversation)
                    .and_then(|line| line.label)
                    .into_iter()
                    .collect();
                whole(past);
            }
        }
    }
}

impl Past {
    /// Whether [`Past::happened`] makes anything of an event.
    fn is_told_by(event: &Event) -> bool {
        matches!(
            event,
            Event::MessageSent { .. }
                | Event::MessageRefused { .. }
                | Event::ConversationTransferred { .. }
                | Event::ConversationQueued { .. }
                | Event::ConversationOffered { .. }
                | Event::ConversationAssigned { .. }
        )
    }

    fn happened(&mut self, event: &Event, at: Millis) {
        match event {
            Event::MessageSent { author, body, .. } => {
                self.sent(at, author, body, false);
                self.moments.push(Moment::Said { at, by: author.clone(), body: body.clone() });
            }
            // A refused file is a message without a text.
            Event::MessageRefused { author, body, .. } => {
                self.sent(at, author, body, body.text.is_empty());
                if !body.text.is_empty() {
                    self.moments.push(Moment::Said { at, by: author.clone(), body: body.clone() });
                }
            }
            Event::ConversationTransferred { to_department, to_agent, .. } => {
                let target = match to_agent {
                    Some(agent) => Target::Agent(agent.clone()),
                    None => Target::Department(to_department.clone()),
                };
                self.moments.push(Moment::Asked { at, target });
                self.moved(to_department, true);
            }
            Event::ConversationQueued { department, .. }
            | Event::ConversationOffered { department, .. }
            | Event::ConversationAssigned { department, .. } => self.moved(department, false),
            _ => {}
        }
    }

    fn sent(&mut self, at: Millis, by: &Author, body: &Body, refused: bool) {
        let moment =
            |file: &Attachment| Moment::Sent { at, by: by.clone(), file: file.clone(), refused };
        self.moments.extend(body.attachments.iter().map(moment));
    }

    fn moved(&mut self, department: &DepartmentId, transferred: bool) {
        let there = self.moments.iter().rev().find_map(|moment| match moment {
            Moment::Moved { department, .. } => Some(department),
            _ => None,
        });
        if transferred || there != Some(department) {
            self.moments.push(Moment::Moved { department: department.clone(), transferred });
        }
    }

    /// How many messages it has.
    pub fn messages(&self) -> usize {
        self.moments.iter().filter(|moment| matches!(moment, Moment::Said { .. })).count()
    }
}

/// A body of text alone, for recordings.
pub fn said(at: Millis, by: Author, text: impl Into<Arc<str>>) -> Moment {
    let body = Body { text: text.into(), ..Body::default() };
    Moment::Said { at, by, body }
}

#[cfg(test)]
mod tests {
    use dialogo_domain::event::QueuedBecause;
    use dialogo_domain::{Actor, Generation, MessageId, Stamp};

    use super::*;

    fn commit(position: u64, conversation: u128, begins: bool) -> Commit {
        let conversation = ConversationId(conversation);
        let at = Millis(position);
        let generation = Generation([0; 32]);
        let (command, actor) = (None, Actor::Engine);
        let stamp = Stamp { position: Position(position), at, generation, command, actor };
        let said = Event::MessageSent {
            conversation,
            message: MessageId(position.into()),
            number: 1,
            author: Author::Consumer,
            body: Body::text("oi"),
            verdict: Verdict::Allow,
            decisions: Vec::new(),
        };
        let started = Event::ConversationStarted {
            conversation,
            consumer: ConsumerId(conversation.0),
            channel: Channel::Web,
            profile: Profile::default(),
            previous: None,
            bot: false,
        };
        let queued = Event::ConversationQueued {
            conversation,
            department: "suporte".into(),
            waiting_since: at,
            priority: 0,
            why: QueuedBecause::Asked,
        };
        Commit { stamp, events: if begins { vec![started, queued] } else { vec![said] } }
    }

    #[test]
    fn a_conversation_is_handed_on_with_its_last_word() {
        let commits = [(1, 1, true), (2, 2, true), (3, 1, false), (4, 2, false), (5, 2, false)]
            .map(|(position, conversation, begins)| commit(position, conversation, begins));
        let whole = |since, limit| {
            let mut outline = Outline::default();
            commits.iter().for_each(|commit| outline.take_in(commit));
            let mut gathering = outline.gather(Millis(since), limit);
            let mut handed_on = Vec::new();
            for commit in &commits {
                gathering.take_in(commit, &mut |past| {
                    handed_on.push((commit.stamp.position.0, past.opened_at.0, past.messages()));
                });
            }
            assert!(gathering.open.is_empty() && gathering.known.is_empty());
            handed_on
        };
        assert_eq!(whole(0, None), [(3, 1, 1), (5, 2, 2)]);
        assert_eq!(whole(2, None), [(5, 2, 2)]);
        assert_eq!(whole(0, Some(1)), [(5, 2, 2)]);
    }
}
