//! Waiting and load, counted from commits: real ones and simulated ones alike, so that both can be compared.

use std::collections::{BTreeMap, HashMap};

use dialogo_domain::conversation::Closer;
use dialogo_domain::event::QueuedBecause;
use dialogo_domain::{AgentId, Commit, ConversationId, DepartmentId, Event, Millis};
use serde::Serialize;

/// Points of a curve over the whole time.
const POINTS: usize = 120;

/// What came of one set of rules.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// By department.
    pub(super) departments: BTreeMap<String, Waiting>,
    /// By agent; only those who were given something.
    pub(super) agents: BTreeMap<String, Load>,
    /// Most who waited at once, in all queues together, in each of 120 equal parts of the time.
    pub(super) queue: Vec<u32>,
}

/// Waiting for an agent of one department.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Waits that ended with an agent, also those after a transfer.
    pub served: u64,
    /// How long the one in the middle took, in milliseconds.
    pub wait_p50_ms: u64,
    /// How long nine of ten took at most, in milliseconds.
    pub wait_p90_ms: u64,
    /// The longest, in milliseconds.
    pub wait_max_ms: u64,
    /// Most who waited at once.
    pub longest_queue: u32,
    /// Consumers who left before an agent came.
    pub left: u64,
    /// Consumers who left a callback, because it was closed or full.
    pub called_back: u64,
    /// Who came because the department asked for was full.
    pub overflowed: u64,
    /// Who still waits at the end.
    pub still_waiting: u64,
}

/// What an agent had to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    /// Conversations given.
    pub conversations: u64,
    /// Most at once, those on hold left out.
    pub most_at_once: u32,
    /// Time with at least one conversation, in milliseconds.
    pub busy_ms: u64,
}

/// Counts.
#[derive(Debug, Default)]
pub struct Measure {
    conversations: HashMap<ConversationId, Place>,
    departments: BTreeMap<DepartmentId, Queue>,
    agents: BTreeMap<AgentId, Desk>,
    /// How many wait in all, whenever that changed.
    levels: Vec<(Millis, u32)>,
    waiting: u32,
}

/// Where a conversation is.
#[derive(Debug)]
struct Place {
    department: DepartmentId,
    /// Since when it waits, unless an agent has it.
    since: Millis,
    agent: Option<AgentId>,
    held: bool,
}

#[derive(Debug, Default)]
struct Queue {
    counted: Waiting,
    waits: Vec<u64>,
    now: u32,
}

#[derive(Debug, Default)]
struct Desk {
    counted: Load,
    now: u32,
    since: Millis,
}

impl Measure {
    /// Takes in a commit, as far as it is about conversations that count.
    pub(super) fn take_in(&mut self, commit: &Commit, counts: impl Fn(ConversationId) -> bool) {
        let at = commit.stamp.at;
        for event in &commit.events {
            if event.conversation().is_some_and(&counts) {
                self.happened(event, at);
            }
        }
        if self.levels.last().map_or(0, |(_, waiting)| *waiting) != self.waiting {
            self.levels.push((at, self.waiting));
            for queue in self.departments.values_mut() {
                queue.counted.longest_queue = queue.counted.longest_queue.max(queue.now);
            }
        }
    }

    fn happened(&mut self, event: &Event, at: Millis) {
        match event {
            Event::ConversationQueued { conversation, department, why, .. } => {
                if matches!(why, QueuedBecause::Overflow { .. }) {
                    self.queue(department).counted.overflowed += 1;
                }
                self.to_queue(*conversation, department, at);
            }
            Event::ConversationOffered { conversation, department, .. } => {
                self.to_queue(*conversation, department, at);
            }
            Event::ConversationTransferred { conversation, to_department, .. } => {
                self.to_queue(*conversation, to_department, at);
            }
            Event::ConversationAssigned { conversation, agent, department, .. } => {
                let since = match self.leave(*conversation, at) {
                    Some(Place { agent: None, since, .. }) => Some(since),
                    // Straight from one agent to another nobody waits.
                    Some(_) => None,
                    None => Some(at),
                };
                if let Some(since) = since {
                    self.queue(department).waits.push(at.since(since));
                }
                self.take(agent, 1, at);
                self.agents.entry(agent.clone()).or_default().counted.conversations += 1;
                let (department, agent) = (department.clone(), Some(agent.clone()));
                let place = Place { department, since: at, agent, held: false };
                self.conversations.insert(*conversation, place);
            }
            Event::ConversationHeld { conversation } => self.hold(*conversation, true, at),
            Event::ConversationResumed { conversation, .. } => self.hold(*conversation, false, at),
            Event::ConversationClosed { conversation, by } => {
                if let Some(Place { agent: None, department, .. }) = self.leave(*conversation, at) {
                    let counted = &mut self.queue(&department).counted;
                    match by {
                        Closer::Callback => counted.called_back += 1,
                        _ => counted.left += 1,
                    }
                }
            }
            _ => {}
        }
    }

    /// Waits in a queue from now on, or in another one since when it did.
    fn to_queue(&mut self, conversation: ConversationId, department: &DepartmentId, at: Millis) {
        let since = match self.leave(conversation, at) {
            Some(Place { agent: None, since, .. }) => since,
            _ => at,
        };
        self.queue(department).now += 1;
        self.waiting += 1;
        let place = Place { department: department.clone(), since, agent: None, held: false };
        self.conversations.insert(conversation, place);
    }

    /// Takes it from where it is.
    fn leave(&mut self, conversation: ConversationId, at: Millis) -> Option<Place> {
        let place = self.conversations.remove(&conversation)?;
        match &place.agent {
            Some(agent) if !place.held => self.take(agent, -1, at),
            Some(_) => {}
            None => {
                self.queue(&place.department).now -= 1;
                self.waiting -= 1;
            }
        }
        Some(place)
    }

    fn hold(&mut self, conversation: ConversationId, held: bool, at: Millis) {
        let Some(place) = self.conversations.get_mut(&conversation) else { return };
        let Some(agent) = place.agent.clone().filter(|_| place.held != held) else { return };
        place.held = held;
        self.take(&agent, if held { -1 } else { 1 }, at);
    }

    fn take(&mut self, agent: &AgentId, more: i32, at: Millis) {
        let desk = self.agents.entry(agent.clone()).or_default();
        if desk.now > 0 {
            desk.counted.busy_ms += at.since(desk.since);
        }
        desk.since = at;
        desk.now = desk.now.saturating_add_signed(more);
        desk.counted.most_at_once = desk.counted.most_at_once.max(desk.now);
    }

    fn queue(&mut self, department: &DepartmentId) -> &mut Queue {
        self.departments.entry(department.clone()).or_default()
    }

    /// All of it, from the first contact to the end of the history.
    pub(super) fn finish(self, began: Millis, ended: Millis) -> Measured {
        let queue = curve(&self.levels, began, ended);
        let departments =
            self.departments.into_iter().map(|(id, queue)| (id.to_string(), queue.finish()));
        let agents = self.agents.into_iter().map(|(id, mut desk)| {
            if desk.now > 0 {
                desk.counted.busy_ms += ended.since(desk.since);
            }
            (id.to_string(), desk.counted)
        });
        Measured { departments: departments.collect(), agents: agents.collect(), queue }
    }
}

impl Queue {
    fn finish(mut self) -> Waiting {
        self.waits.sort_unstable();
        Waiting {
            served: self.waits.len() as u64,
            wait_p50_ms: percentile(&self.waits, 50),
            wait_p90_ms: percentile(&self.waits, 90),
            wait_max_ms: percentile(&self.waits, 100),
            still_waiting: u64::from(self.now),
            ..self.counted
        }
    }
}

/// The value that so many of a hundred do not exceed (nearest rank); 0 of nothing.
pub(super) fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

/// The highest level in each part of the time.
fn curve(levels: &[(Millis, u32)], began: Millis, ended: Millis) -> Vec<u32> {
    let all = ended.since(began).max(1);
    let mut points = vec![0; POINTS];
    let (mut level, mut next) = (0, levels.iter().peekable());
    for (index, point) in points.iter_mut().enumerate() {
        *point = level;
        let until = began.plus((u128::from(all) * (index as u128 + 1) / POINTS as u128) as u64);
        while let Some((_, now)) = next.next_if(|(at, _)| *at < until || index + 1 == POINTS) {
            level = *now;
            *point = level.max(*point);
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let waits: Vec<u64> = (1..=10).collect();
        let of = |percent| percentile(&waits, percent);
        assert_eq!((of(50), of(90), of(100), percentile(&[], 50)), (5, 9, 10, 0));
    }

    #[test]
    fn a_curve_holds_its_level_until_it_changes() {
        let levels = [(Millis(0), 2), (Millis(6_050), 5), (Millis(6_110), 1)];
        let points = curve(&levels, Millis(0), Millis(12_000));
        let seen = [0, 59, 60, 61, 62, 119].map(|part| points[part]);
        assert_eq!(seen, [2, 2, 5, 5, 1, 1]);
    }
}
