//! How plugins do: how often one in shadow would have decided as was decided, and how often a classifier suggests what
//! people choose in the end. Kept for each revision of a plugin (its package and its settings), so that a changed one begins
//! at nothing and one that comes back finds its figures again. What feeds them is in [`super::measure`].

use std::collections::VecDeque;

use dialogo_domain::{ConversationId, NodeId, PluginId};
use minicbor::{Decode, Encode};

/// So many of the last choices are kept of a revision.
pub const KEPT: usize = 500;

/// What was measured of one revision of a plugin.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Trial {
    /// When it was first heard, in milliseconds UTC; 0: never.
    #[n(0)]
    pub since: u64,
    /// In shadow: times what was decided was what it said.
    #[n(1)]
    pub agreed: u64,
    /// In shadow: times it was not.
    #[n(2)]
    pub differed: u64,
    /// Choices of people that it had suggested first.
    #[n(3)]
    pub right: u64,
    /// Choices of people where it had suggested something else.
    #[n(4)]
    pub wrong: u64,
    /// The last of these, latest at the end.
    #[n(5)]
    last: VecDeque<Choice>,
    /// When its word stopped counting because of what was measured.
    #[n(6)]
    pub stepped_back: Option<StepBack>,
}

/// One conversation that people classified after it had suggested something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Choice {
    #[n(0)]
    high: u64,
    #[n(1)]
    low: u64,
    #[n(2)]
    right: bool,
}

/// A plugin's word stopped counting.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct StepBack {
    /// When, in milliseconds UTC.
    #[n(0)]
    pub at: u64,
    /// What was right …
    #[n(1)]
    pub right: u32,
    /// … of so many …
    #[n(2)]
    pub of: u32,
    /// … where the rules asked for this share.
    #[n(3)]
    pub min_precision: f64,
}

/// How many of a stretch of choices were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Suggested first and chosen.
    pub right: u32,
    /// Choices.
    pub of: u32,
}

impl Score {
    /// The share that was right; `None`: nothing was measured.
    pub fn precision(self) -> Option<f64> {
        (self.of > 0).then(|| f64::from(self.right) / f64::from(self.of))
    }
}

impl Trial {
    /// The last `window` choices.
    pub fn score(&self, window: u32) -> Score {
        let last = self.last.iter().rev().take(window as usize);
        let (right, of) =
            last.fold((0, 0), |(right, of), choice| (right + u32::from(choice.right), of + 1));
        Score { right, of }
    }

    /// The score that shows that fewer than `min_precision` of `window` choices are right, as soon as that is certain: with
    /// so many wrong ones, a window that is not full yet cannot come out well any more.
    pub fn falls_short(&self, window: u32, min_precision: f64) -> Option<Score> {
        let score = self.score(window);
        let may_be_wrong = (1.0 - min_precision) * f64::from(window);
        // The smallest part of one: 0.7 has no exact form.
        (f64::from(score.of - score.right) > may_be_wrong + 1e-6).then_some(score)
    }

    pub(super) fn heard(&mut self, at: u64) {
        if self.since == 0 {
            self.since = at;
        }
    }

    pub(super) fn compared(&mut self, agrees: bool) {
        *(if agrees { &mut self.agreed } else { &mut self.differed }) += 1;
    }

    /// People chose. Who thinks better of it is counted once, as decided last.
    pub(super) fn chose(&mut self, conversation: ConversationId, right: bool) {
        let (high, low) = ((conversation.0 >> 64) as u64, conversation.0 as u64);
        let known = self.last.iter().position(|known| (known.high, known.low) == (high, low));
        if let Some(before) = known.and_then(|at| self.last.remove(at)) {
            *self.sum(before.right) -= 1;
        }
        *self.sum(right) += 1;
        self.last.push_back(Choice { high, low, right });
        if self.last.len() > KEPT {
            self.last.pop_front();
        }
    }

    fn sum(&mut self, right: bool) -> &mut u64 {
        if right { &mut self.right } else { &mut self.wrong }
    }
}

/// What a classifier suggests first in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Standing {
    #[n(0)]
    plugin: String,
    #[n(1)]
    pub(super) revision: u64,
    #[n(2)]
    node: String,
}

impl Standing {
    pub(super) fn new(plugin: &PluginId, revision: u64, node: &NodeId) -> Self {
        Self { plugin: plugin.to_string(), revision, node: node.to_string() }
    }

    pub(super) fn plugin(&self) -> PluginId {
        PluginId::from(self.plugin.as_str())
    }

    pub(super) fn suggests(&self, node: &NodeId) -> bool {
        self.node == node.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(all: &[bool]) -> Trial {
        let mut trial = Trial::default();
        for (at, right) in all.iter().enumerate() {
            trial.chose(ConversationId(at as u128), *right);
        }
        trial
    }

    #[test]
    fn a_second_thought_counts_once() {
        let mut trial = chosen(&[true, true, false]);
        trial.chose(ConversationId(0), false);
        assert_eq!((trial.right, trial.wrong), (1, 2));
        assert_eq!(trial.score(10), Score { right: 1, of: 3 });
        assert_eq!(trial.score(1), Score { right: 0, of: 1 });
    }

    #[test]
    fn it_falls_short_when_the_window_cannot_come_out_well_any_more() {
        let mut all = vec![true; 7];
        all.extend([false; 3]);
        assert_eq!(chosen(&all).falls_short(10, 0.7), None, "seven of ten is what was asked for");
        all.push(false);
        assert_eq!(chosen(&all).falls_short(10, 0.7), Some(Score { right: 6, of: 10 }));
        assert_eq!(chosen(&[false; 3]).falls_short(10, 0.7), None);
        assert_eq!(chosen(&[false; 4]).falls_short(10, 0.7), Some(Score { right: 0, of: 4 }));
        assert_eq!(chosen(&[false; 600]).score(u32::MAX).of as usize, KEPT);
    }
}
