//! Who stands where in the queues, and how long that will probably last: told to those who wait whenever it changes.
//!
//! An estimate rests on how long the last few conversations stood at the head of the same queue before somebody took
//! them. That holds whoever answers there, in how many windows, and what else they have to do. Where the queue has not
//! moved often enough lately, or nobody is there to move it, nothing is said. Nothing here is durable, and no decision
//! depends on it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Weak;
use std::time::Duration;

use dialogo_domain::conversation::State;
use dialogo_domain::routing::places;
use dialogo_domain::{ConsumerId, ConversationId, DepartmentId, Desk, Millis, Rules};

use crate::feed::{Audience, Ephemeral};
use crate::handle::Inner;

/// How often the queues are looked at.
const EVERY: Duration = Duration::from_secs(1);
/// Moves of a queue that an estimate rests on, at least and at most.
const LEAST: usize = 3;
const MOST: usize = 12;
/// Older moves say nothing about now.
const COUNT_FOR_MS: u64 = 30 * 60_000;
const MINUTE_MS: u64 = 60_000;

/// The queues as they were last looked at.
#[derive(Debug, Default)]
pub(crate) struct Places {
    queues: BTreeMap<DepartmentId, Line>,
    /// What was told to those who wait.
    told: BTreeMap<ConversationId, (usize, Option<u64>)>,
    /// What was told of queues to those who work there.
    told_of: BTreeMap<DepartmentId, Option<u64>>,
}

/// One queue.
#[derive(Debug, Default)]
struct Line {
    waiting: Vec<ConversationId>,
    /// When it last moved, or began.
    moved_at: Millis,
    /// When, and for how long somebody had stood at the head.
    turns: VecDeque<(Millis, u64)>,
    /// The mean turn now; `None`: there is no basis.
    turn_ms: Option<u64>,
    /// How long the first one stands there.
    standing_ms: u64,
}

/// What has changed for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// A consumer stands elsewhere, or will wait differently long.
    Place {
        /// Who.
        consumer: ConsumerId,
        /// Which conversation.
        conversation: ConversationId,
        /// Counted from 1.
        place: usize,
        /// Rounded; `None`: unknown.
        expected_wait_ms: Option<u64>,
    },
    /// One more conversation would wait differently long.
    Queue {
        /// Which.
        department: DepartmentId,
        /// Rounded; `None`: unknown.
        expected_wait_ms: Option<u64>,
    },
}

impl Places {
    /// Looks at the queues and says what has changed.
    pub(crate) fn look(
        &mut self,
        desk: &Desk,
        rules: &Rules,
        closed: impl Fn(&DepartmentId) -> bool,
        now: Millis,
    ) -> Vec<Moved> {
        let mut moved = Vec::new();
        let mut told = BTreeMap::new();
        for department in rules.departments.keys() {
            let waiting: Vec<ConversationId> = desk
                .queues
                .get(department)
                .into_iter()
                .flatten()
                .map(|key| key.conversation)
                .collect();
            let staffed = !closed(department) && places(desk, rules, department).1 > 0;
            let line = self.queues.entry(department.clone()).or_default();
            line.moves_to(waiting, desk, now);
            line.estimate(staffed, now);
            for (at, id) in line.waiting.iter().enumerate() {
                let known = (at + 1, line.expected_ms(at + 1));
                let consumer = desk.conversations.get(id).map(|found| found.consumer);
                if let Some(consumer) = consumer.filter(|_| self.told.get(id) != Some(&known)) {
                    moved.push(Moved::Place {
                        consumer,
                        conversation: *id,
                        place: known.0,
                        expected_wait_ms: known.1,
                    });
                }
                told.insert(*id, known);
            }
            let one_more = line.one_more_ms();
            if self.told_of.insert(department.clone(), one_more).unwrap_or_default() != one_more {
                let department = department.clone();
                moved.push(Moved::Queue { department, expected_wait_ms: one_more });
            }
        }
        self.told = told;
        self.queues.retain(|department, _| rules.departments.contains_key(department));
        moved
    }

    /// How long somebody in this place of a queue will probably wait, rounded.
    pub(crate) fn expected_ms(&self, department: &DepartmentId, place: usize) -> Option<u64> {
        self.queues.get(department)?.expected_ms(place)
    }

    /// How long one more conversation would wait there, rounded; `None` where nobody waits.
    pub(crate) fn one_more_ms(&self, department: &DepartmentId) -> Option<u64> {
        self.queues.get(department)?.one_more_ms()
    }

    /// Whether anybody waits or did so at the last look.
    fn anybody(&self, desk: &Desk) -> bool {
        !self.told.is_empty()
            || self.told_of.values().any(Option::is_some)
            || desk.queues.values().any(|queue| !queue.is_empty())
    }
}

impl Line {
    fn moves_to(&mut self, waiting: Vec<ConversationId>, desk: &Desk, now: Millis) {
        // Who gave up moved the queue as well, and yet says nothing about how fast it is served.
        let taken = |id: &&ConversationId| {
            let found = desk.conversations.get(*id);
            found.is_some_and(|found| {
                matches!(found.state, State::Active | State::Offered | State::OnHold)
            }) && !waiting.contains(*id)
        };
        let taken = self.waiting.iter().filter(taken).count() as u64;
        if let Some(each) = now.since(self.moved_at).checked_div(taken) {
            for _ in 0..taken.min(MOST as u64) {
                self.turns.push_back((now, each));
            }
            while self.turns.len() > MOST {
                self.turns.pop_front();
            }
        }
        if taken > 0 || self.waiting.is_empty() {
            self.moved_at = now;
        }
        self.waiting = waiting;
    }

    fn estimate(&mut self, staffed: bool, now: Millis) {
        self.turns.retain(|(at, _)| now.since(*at) < COUNT_FOR_MS);
        self.standing_ms = if self.waiting.is_empty() { 0 } else { now.since(self.moved_at) };
        let count = self.turns.len() as u64;
        let sum: u64 = self.turns.iter().map(|(_, ms)| ms).sum();
        let mean = sum.checked_div(count).filter(|_| staffed && count >= LEAST as u64);
        // A turn that is longer already than the others were counts as one of them.
        self.turn_ms = mean.map(|mean| {
            if self.standing_ms > mean { (sum + self.standing_ms) / (count + 1) } else { mean }
        });
    }

    fn expected_ms(&self, place: usize) -> Option<u64> {
        let turn = self.turn_ms?;
        Some(rounded((turn * place as u64).saturating_sub(self.standing_ms.min(turn))))
    }

    fn one_more_ms(&self) -> Option<u64> {
        if self.waiting.is_empty() { None } else { self.expected_ms(self.waiting.len() + 1) }
    }
}

/// Up to whole minutes, the longer the rougher: nobody believes "23 minutes".
fn rounded(ms: u64) -> u64 {
    let minutes = ms.div_ceil(MINUTE_MS).max(1);
    let step = match minutes {
        ..=10 => 1,
        11..=30 => 5,
        _ => 10,
    };
    minutes.next_multiple_of(step) * MINUTE_MS
}

/// Looks at the queues for as long as the desk lives.
pub(crate) async fn watch(desk: Weak<Inner>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(inner) = desk.upgrade() else { return };
        for moved in inner.look_at_queues() {
            let (audience, news) = match moved {
                Moved::Place { consumer, conversation, place, expected_wait_ms } => (
                    Audience { consumers: vec![consumer], ..Audience::default() },
                    Ephemeral::Place { conversation, place, expected_wait_ms },
                ),
                Moved::Queue { department, expected_wait_ms } => (
                    Audience { departments: vec![department.clone()], ..Audience::default() },
                    Ephemeral::Queue { department, expected_wait_ms },
                ),
            };
            inner.hub.flash(&audience, &news.into(), None);
        }
    }
}

impl Inner {
    fn look_at_queues(&self) -> Vec<Moved> {
        // In the order in which a `Moment` takes them.
        let state = self.durable.read();
        let mut places = self.places.lock();
        if !places.anybody(&state.desk) {
            return Vec::new();
        }
        let now = self.clock.now();
        let rules = self.rules.current();
        let checked = &rules.checked;
        places.look(&state.desk, &checked.domain, |id| !checked.department_open(id, now), now)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use dialogo_domain::agent::{Agent, Presence, Role};
    use dialogo_domain::conversation::Conversation;
    use dialogo_domain::desk::QueueKey;
    use dialogo_domain::message::Channel;
    use dialogo_domain::rules::DepartmentRules;

    use super::*;

    fn agent() -> Agent {
        Agent {
            name: "Ana".into(),
            role: Role::Agent,
            password_hash: "".into(),
            active: true,
            presence: Presence::Online,
            dropped_at: None,
            grace_until: None,
            away_since: None,
            own_limit: None,
            holds: BTreeSet::new(),
            on_hold: 0,
            idle_since: Millis(0),
        }
    }

    /// A desk with an agent and these conversations waiting; all others up to the last are being answered.
    fn desk(waiting: &[u128]) -> (Desk, Rules) {
        let mut rules = Rules::default();
        let members = BTreeSet::from(["ana".into()]);
        let department = DepartmentRules { members, ..DepartmentRules::default() };
        rules.departments.insert("sales".into(), department);
        let mut desk = Desk::default();
        desk.agents.insert("ana".into(), agent());
        for id in 1..=9 {
            let key = ConversationId(id);
            let mut it = Conversation::new(key, ConsumerId(id * 10), Channel::Web, Millis(0));
            it.state = if waiting.contains(&id) { State::Queued } else { State::Active };
            desk.conversations.insert(key, it);
        }
        let keys = waiting.iter().map(|id| QueueKey {
            negated_priority: 0,
            waiting_since: Millis(*id as u64),
            conversation: ConversationId(*id),
        });
        desk.queues.insert("sales".into(), keys.collect());
        (desk, rules)
    }

    fn looked(
        places: &mut Places,
        waiting: &[u128],
        second: u64,
    ) -> Vec<(u128, usize, Option<u64>)> {
        let (desk, rules) = desk(waiting);
        let moved = places.look(&desk, &rules, |_| false, Millis(second * 1_000));
        let place = |moved| match moved {
            Moved::Place { conversation, place, expected_wait_ms, .. } => {
                Some((conversation.0, place, expected_wait_ms.map(|ms| ms / MINUTE_MS)))
            }
            Moved::Queue { .. } => None,
        };
        moved.into_iter().filter_map(place).collect()
    }

    #[test]
    fn places_are_told_when_they_change_and_waits_once_there_is_a_basis() {
        let mut places = Places::default();
        assert_eq!(looked(&mut places, &[1, 2, 3, 4, 5], 100).len(), 5);
        assert_eq!(looked(&mut places, &[1, 2, 3, 4, 5], 160), []);
        let after_one = looked(&mut places, &[2, 3, 4, 5], 220);
        assert_eq!(after_one, [(2, 1, None), (3, 2, None), (4, 3, None), (5, 4, None)]);
        looked(&mut places, &[3, 4, 5], 340);
        // Three turns of two minutes each.
        let known = looked(&mut places, &[4, 5], 460);
        assert_eq!(known, [(4, 1, Some(2)), (5, 2, Some(4))]);
        assert_eq!(places.one_more_ms(&"sales".into()), Some(6 * MINUTE_MS));
        // While the first one stands there, the rest of its turn grows shorter.
        assert_eq!(looked(&mut places, &[4, 5], 525), [(4, 1, Some(1)), (5, 2, Some(3))]);
    }

    #[test]
    fn nothing_is_said_where_nobody_is_there_or_the_moves_are_old() {
        let mut places = Places::default();
        for (at, waiting) in [&[1, 2, 3, 4][..], &[2, 3, 4], &[3, 4], &[4]].iter().enumerate() {
            looked(&mut places, waiting, 60 * (at as u64 + 1));
        }
        let sales = DepartmentId::from("sales");
        assert_eq!(places.expected_ms(&sales, 1), Some(MINUTE_MS));
        let (mut gone, rules) = desk(&[4]);
        gone.agents.clear();
        places.look(&gone, &rules, |_| false, Millis(250_000));
        assert_eq!(places.expected_ms(&sales, 1), None);
        looked(&mut places, &[4], 240 + 31 * 60);
        assert_eq!(places.expected_ms(&sales, 1), None);
    }

    #[test]
    fn long_waits_are_rounded_roughly() {
        let minutes = |ms| rounded(ms) / MINUTE_MS;
        assert_eq!([0, 1, 60_001, 600_000, 660_000, 1_900_000].map(minutes), [1, 1, 2, 10, 15, 40]);
    }
}
