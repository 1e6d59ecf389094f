//! Figures of the desk: how many conversations came and ended, how long people waited, what it was about, what became
//! of the suggestions. Kept by quarter of an hour and department, which every time zone's hours and days are made of.
//!
//! They are plain sums: any stretch of time is its quarters added up. What feeds them is in [`super::count`].

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use crate::codec::{self, CodecFault};

/// Length of a stretch in milliseconds.
pub const QUARTER_MS: u64 = 15 * 60 * 1_000;

/// What was counted in one department, or in several added up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Figures {
    /// Contacts: conversations that reached the department, and those taken up again by a new message.
    #[n(0)]
    pub contacts: u64,
    /// Conversations that ended.
    #[n(1)]
    pub closed: u64,
    /// Of these, without any agent.
    #[n(2)]
    pub abandoned: u64,
    /// From the wish for an agent to the first one.
    #[n(3)]
    pub waited: Times,
    /// From the first agent to the end.
    #[n(4)]
    pub handled: Times,
    /// Ended conversations by classification; the empty name: not classified.
    #[n(5)]
    pub nodes: BTreeMap<String, u64>,
    /// What became of suggestions, by plugin and node.
    #[n(6)]
    pub suggestions: BTreeMap<(String, String), Fate>,
}

/// What became of a plugin's suggestions of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Fate {
    /// Seen by an agent.
    #[n(0)]
    pub shown: u64,
    /// Chosen.
    #[n(1)]
    pub accepted: u64,
    /// Another node was chosen.
    #[n(2)]
    pub changed: u64,
    /// Closed without a choice.
    #[n(3)]
    pub ignored: u64,
}

impl Figures {
    /// Adds what was counted elsewhere or at another time.
    pub fn add(&mut self, other: &Self) {
        self.contacts += other.contacts;
        self.closed += other.closed;
        self.abandoned += other.abandoned;
        self.waited.add(&other.waited);
        self.handled.add(&other.handled);
        for (node, count) in &other.nodes {
            *self.nodes.entry(node.clone()).or_default() += count;
        }
        for (of, fate) in &other.suggestions {
            self.suggestions.entry(of.clone()).or_default().add(*fate);
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        codec::encode_figures(self, &mut bytes);
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CodecFault> {
        codec::decode_figures(bytes)
    }

    pub(super) fn count_node(&mut self, node: &str) {
        *self.nodes.entry(node.to_owned()).or_default() += 1;
    }

    pub(super) fn uncount_node(&mut self, node: &str) {
        take_one(&mut self.nodes, node);
    }
}

impl Fate {
    /// Adds what was counted elsewhere or at another time.
    pub fn add(&mut self, other: Self) {
        self.shown += other.shown;
        self.accepted += other.accepted;
        self.changed += other.changed;
        self.ignored += other.ignored;
    }
}

/// Steps within a doubling: a time is known to a thirtieth.
const STEPS: u64 = 16;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// How long something took, counted in steps that grow with the time. Median and percentiles come from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Times {
    #[n(0)]
    counts: BTreeMap<u16, u64>,
}

impl Times {
    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The time that this share of them did not exceed, in milliseconds; `None`: there are none.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let wanted = (share * self.count() as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        self.counts.iter().find_map(|(step, count)| {
            seen += count;
            (seen >= wanted).then(|| middle_of(*step))
        })
    }

    pub(super) fn record(&mut self, ms: u64) {
        *self.counts.entry(step_of(ms)).or_default() += 1;
    }

    /// Takes back a time that was recorded.
    pub(super) fn forget(&mut self, ms: u64) {
        take_one(&mut self.counts, &step_of(ms));
    }

    fn add(&mut self, other: &Self) {
        for (step, count) in &other.counts {
            *self.counts.entry(*step).or_default() += count;
        }
    }
}

fn take_one<K: Ord, Q: Ord + ?Sized>(counts: &mut BTreeMap<K, u64>, key: &Q)
where
    K: std::borrow::Borrow<Q>,
{
    let Some(count) = counts.get_mut(key) else { return };
    *count -= 1;
    if *count == 0 {
        counts.remove(key);
    }
}

/// Exact below [`STEPS`], then so many steps for each doubling.
fn step_of(ms: u64) -> u16 {
    if ms < STEPS {
        return ms as u16;
    }
    let doublings = ms.ilog2() - STEP_BITS;
    let within = (ms >> doublings) - STEPS;
    (u64::from(doublings + 1) * STEPS + within) as u16
}

fn middle_of(step: u16) -> u64 {
    let (doublings, within) = (u64::from(step) / STEPS, u64::from(step) % STEPS);
    if doublings == 0 {
        return within;
    }
    let width = 1u64 << (doublings - 1);
    (STEPS + within) * width + width / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_known_to_a_thirtieth() {
        for ms in [0, 1, 15, 16, 17, 999, 1_000, 61_234, 3_600_000, 400_000_000] {
            let shown = middle_of(step_of(ms));
            assert!(shown.abs_diff(ms) <= ms / 30, "{ms} is shown as {shown}");
        }
    }

    #[test]
    fn half_and_nine_tenths() {
        let mut times = Times::default();
        assert_eq!(times.quantile(0.5), None);
        (1..=10).for_each(|ms| times.record(ms));
        assert_eq!(times.quantile(0.5), Some(5));
        assert_eq!(times.quantile(0.9), Some(9));
        times.forget(5);
        assert_eq!((times.count(), times.quantile(0.5)), (9, Some(6)));
        times.forget(5);
        assert_eq!(times.count(), 9);
    }

    #[test]
    fn sums_of_stretches() {
        let mut one = Figures { contacts: 2, closed: 1, ..Figures::default() };
        one.count_node("a");
        one.waited.record(3);
        let mut both = one.clone();
        both.add(&one);
        assert_eq!(
            (both.contacts, both.closed, both.nodes["a"], both.waited.count()),
            (4, 2, 2, 2)
        );
        both.uncount_node("a");
        both.uncount_node("a");
        assert!(both.nodes.is_empty());
    }
}
