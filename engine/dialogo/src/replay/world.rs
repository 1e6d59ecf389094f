//! What all the people of one replay share: the desk's address, who plays what, and the tally.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use uuid::Uuid;

use super::agent::ToAgent;
use super::dialogue::Dialogue;
use super::report::Tally;
use super::talk::Talk;
use crate::client::Api;
use crate::client::frames::Frame;

/// What all the people of one replay share.
pub struct World {
    /// The desk.
    pub api: Api,
    /// What is played.
    pub dialogues: Vec<Arc<Dialogue>>,
    /// The next dialogue nobody has taken.
    pub next: AtomicUsize,
    /// Times the speed of the recording; `None`: as fast as it goes.
    pub speed: Option<f64>,
    /// Name of a service in the recording to the id of the department that stands for it.
    pub departments: HashMap<String, String>,
    /// Label in the recording to the id of the node that stands for it.
    pub nodes: HashMap<String, String>,
    /// Whether a bot may speak first.
    pub bot: bool,
    /// What happened.
    pub tally: Tally,
    /// Rules seen in the feed.
    pub rules: RulesSeen,
    /// Dialogues that have ended, well or badly.
    pub ended: AtomicUsize,
    /// Rings when one more has ended.
    pub ended_bell: Notify,
    /// Whether dialogues are to be played again once all were, since something is still to happen.
    pub more_wanted: AtomicBool,
    /// Calls that run on their own.
    pub calls: AtomicU64,
    talks: Mutex<Talks>,
    epoch: Instant,
    last_progress_ms: AtomicU64,
}

#[derive(Default)]
struct Talks {
    by_conversation: HashMap<Uuid, Arc<Talk>>,
    /// Assignments that reached an agent before the consumer knew its conversation.
    early: HashMap<Uuid, mpsc::UnboundedSender<ToAgent>>,
}

/// Nothing has moved for so long: what is still open is stuck.
const STUCK: Duration = Duration::from_mins(1);

impl World {
    /// A world in which nothing has happened yet.
    pub fn new(api: Api, dialogues: Vec<Dialogue>, speed: Option<f64>) -> Self {
        Self {
            api,
            dialogues: dialogues.into_iter().map(Arc::new).collect(),
            next: AtomicUsize::new(0),
            speed,
            departments: HashMap::new(),
            nodes: HashMap::new(),
            bot: false,
            tally: Tally::default(),
            rules: RulesSeen::default(),
            ended: AtomicUsize::new(0),
            ended_bell: Notify::new(),
            more_wanted: AtomicBool::new(false),
            calls: AtomicU64::new(0),
            talks: Mutex::default(),
            epoch: Instant::now(),
            last_progress_ms: AtomicU64::new(0),
        }
    }

    /// Makes a conversation known; an agent who was given it before is told.
    pub fn register(&self, talk: &Arc<Talk>) {
        let early = {
            let mut talks = self.talks.lock();
            talks.by_conversation.insert(talk.conversation, talk.clone());
            talks.early.remove(&talk.conversation)
        };
        if let Some(agent) = early {
            let _ = agent.send(ToAgent::Registered(talk.clone()));
        }
    }

    /// The dialogue played in a conversation; if it is not known yet, `agent` will be told.
    pub fn talk_or_tell(
        &self,
        conversation: Uuid,
        agent: &mpsc::UnboundedSender<ToAgent>,
    ) -> Option<Arc<Talk>> {
        let mut talks = self.talks.lock();
        let known = talks.by_conversation.get(&conversation).cloned();
        if known.is_none() {
            talks.early.insert(conversation, agent.clone());
        }
        known
    }

    /// Every conversation of this replay.
    pub fn talks(&self) -> Vec<Arc<Talk>> {
        self.talks.lock().by_conversation.values().cloned().collect()
    }

    /// Notes that something moved.
    pub fn progress(&self) {
        self.last_progress_ms.store(self.epoch.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Whether nothing has moved for so long that nothing will.
    pub fn is_stuck(&self) -> bool {
        let last = Duration::from_millis(self.last_progress_ms.load(Ordering::Relaxed));
        self.epoch.elapsed().saturating_sub(last) > STUCK
    }

    /// Notes the end of one dialogue.
    pub fn one_ended(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
        self.ended_bell.notify_waiters();
        self.progress();
    }

    /// Waits until so many dialogues have ended.
    pub async fn wait_for_ended(&self, count: usize) {
        loop {
            let bell = self.ended_bell.notified();
            if self.ended.load(Ordering::Relaxed) >= count {
                return;
            }
            bell.await;
        }
    }

    /// The next dialogue to play.
    pub fn take_next(&self) -> Option<Arc<Dialogue>> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        if index >= self.dialogues.len() && !self.more_wanted.load(Ordering::Relaxed) {
            return None;
        }
        self.dialogues.get(index % self.dialogues.len()).cloned()
    }

    /// Waits until no call runs on its own, for a while.
    pub async fn wait_for_calls(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.calls.load(Ordering::Relaxed) > 0 && Instant::now() < deadline {
            let bell = self.ended_bell.notified();
            let _ = tokio::time::timeout(Duration::from_millis(100), bell).await;
        }
    }

    /// Looks at a commit as it passes: it has to name its rules.
    pub fn saw_commit(&self, frame: &Frame) {
        let named = frame.generation.as_deref().and_then(|hex| u64::from_str_radix(hex, 16).ok());
        match (named, frame.position) {
            (Some(generation), Some(position)) => self.rules.saw(position, generation),
            _ => self.tally.fail(format!("the commit at {:?} names no generation", frame.position)),
        }
    }

    /// The node that stands for one of the labels, if the desk has one.
    pub fn node_for(&self, labels: &[String]) -> Option<&str> {
        labels.iter().find_map(|label| self.nodes.get(label)).map(String::as_str)
    }

    /// Whether a suggested node is what one of the labels means.
    pub fn is_hit(&self, node: &str, labels: &[String]) -> bool {
        labels
            .iter()
            .any(|label| label == node || self.nodes.get(label).is_some_and(|known| known == node))
    }
}

/// The rules that commits were seen to name, in journal order.
#[derive(Debug, Default)]
pub struct RulesSeen {
    latest: AtomicU64,
    changes: Mutex<Vec<Change>>,
    bell: Notify,
}

/// Other rules were seen for the first time.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Which.
    pub generation: u64,
    /// In which commit.
    pub position: u64,
    /// When it was seen.
    pub at: Instant,
}

impl RulesSeen {
    /// Notes that the commit at `position` names `generation`.
    pub fn saw(&self, position: u64, generation: u64) {
        if self.latest.load(Ordering::Relaxed) == generation {
            return;
        }
        let mut changes = self.changes.lock();
        // Sockets deliver at different times: a commit of the past is no change.
        if changes
            .last()
            .is_some_and(|last| last.generation == generation || position < last.position)
        {
            return;
        }
        changes.push(Change { generation, position, at: Instant::now() });
        self.latest.store(generation, Ordering::Relaxed);
        drop(changes);
        self.bell.notify_waiters();
    }

    /// The rules that the latest commits name.
    pub fn current(&self) -> Option<u64> {
        self.changes.lock().last().map(|change| change.generation)
    }

    /// How many changes were seen after the first generation.
    pub fn count(&self) -> u64 {
        (self.changes.lock().len() as u64).saturating_sub(1)
    }

    /// Waits until commits name other rules than `known`.
    pub async fn other_than(&self, known: Option<u64>) -> Change {
        loop {
            let bell = self.bell.notified();
            if let Some(last) = self.changes.lock().last().copied()
                && Some(last.generation) != known
            {
                return last;
            }
            bell.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_commit_of_older_rules_is_no_change() {
        let rules = RulesSeen::default();
        rules.saw(1, 7);
        rules.saw(9, 8);
        rules.saw(4, 7);
        assert_eq!(rules.current(), Some(8));
        assert_eq!(rules.count(), 1);
    }
}
