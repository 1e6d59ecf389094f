//! What happened, as far as rules judge it: made from a desk's commits, or given by a recording.

use std::collections::HashMap;
use std::sync::Arc;

use dialogo_domain::command::Target;
use dialogo_domain::desk::Profile;
use dialogo_domain::message::{Author, Body, Channel};
use dialogo_domain::plugin::Verdict;
use dialogo_domain::{Commit, ConversationId, DepartmentId, Event, Millis};

/// One conversation of the past.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its id, as people find it again.
    pub id: String,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Untold {
    /// Messages of which only the rewritten text is kept: they are judged as they went on.
    pub rewritten: u64,
    /// Refused transfers, of which the target is not kept.
    pub refused_transfers: u64,
    /// Files, of which the journal holds no content.
    pub files: u64,
}

/// Gathers conversations from commits. Holds the texts of all of them.
#[derive(Debug, Default)]
pub struct History {
    order: Vec<ConversationId>,
    pasts: HashMap<ConversationId, Past>,
    untold: Untold,
}

impl History {
    /// Takes in the next commit.
    pub fn take_in(&mut self, commit: &Commit) {
        for event in &commit.events {
            if let Event::ConversationStarted { conversation, channel, profile, .. } = event {
                self.order.push(*conversation);
                let past = Past {
                    id: conversation.to_string(),
                    opened_at: commit.stamp.at,
                    channel: *channel,
                    profile: profile.clone(),
                    labels: Vec::new(),
                    moments: Vec::new(),
                };
                self.pasts.insert(*conversation, past);
                continue;
            }
            let Some(past) = event.conversation().and_then(|id| self.pasts.get_mut(&id)) else {
                continue;
            };
            past.happened(event, commit.stamp.at, &mut self.untold);
        }
    }

    /// All conversations in the order in which they began, and what is not known of them.
    pub fn finish(mut self) -> (Vec<Past>, Untold) {
        let pasts = self.order.iter().filter_map(|id| self.pasts.remove(id)).collect();
        (pasts, self.untold)
    }
}

impl Past {
    fn happened(&mut self, event: &Event, at: Millis, untold: &mut Untold) {
        match event {
            Event::MessageSent { author, body, verdict, .. } => {
                untold.rewritten += u64::from(matches!(verdict, Verdict::Rewritten { .. }));
                untold.files += body.attachments.len() as u64;
                self.moments.push(Moment::Said { at, by: author.clone(), body: body.clone() });
            }
            // A refused file is a message without a text.
            Event::MessageRefused { author, body, .. } => {
                untold.files += body.attachments.len() as u64;
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
            Event::TransferRefused { .. } => untold.refused_transfers += 1,
            Event::ConversationQueued { department, .. }
            | Event::ConversationOffered { department, .. }
            | Event::ConversationAssigned { department, .. } => self.moved(department, false),
            Event::ConversationClassified { chosen, is_final: true, .. } => {
                self.labels = vec![chosen.node.to_string()];
            }
            _ => {}
        }
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
