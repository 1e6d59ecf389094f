//! How good a classifier is: of answers and truths to figures. Knows no model, so that any classifier can be measured.

use std::collections::BTreeMap;

/// What was answered to one conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The node that was right; `None`: it is about none of the nodes.
    pub truth: Option<String>,
    /// Suggested nodes with their confidence, the surest first; none: “I do not know”.
    pub suggested: Vec<(String, f32)>,
}

/// All figures. Shares are in 0..1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// Answers about conversations that are about a node.
    pub inside: usize,
    /// Of them, right.
    pub accuracy: f64,
    /// Of them, right among the first three.
    pub top3: f64,
    /// Of them, “I do not know”.
    pub unknown: f64,
    /// Mean over the nodes of the harmonic mean of precision and recall.
    pub macro_f1: f64,
    /// Mean distance between confidence and share of right answers over [`BINS`] bins of confidence.
    pub calibration_error: f64,
    /// Answers about conversations that are about none of the nodes.
    pub outside: usize,
    /// Of them, “I do not know”.
    pub outside_recall: f64,
    /// The bins: count, mean confidence, share that was right.
    pub calibration: Vec<(usize, f64, f64)>,
    /// By node.
    pub nodes: BTreeMap<String, Node>,
    /// Truth and answer where they differ, the most frequent first.
    pub confusions: Vec<(String, String, usize)>,
}

/// Figures of one node.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    /// Conversations that are about it.
    pub support: usize,
    /// Conversations for which it was suggested first.
    pub suggested: usize,
    /// Of them, rightly.
    pub right: usize,
}

impl Node {
    /// Share of its suggestions that were right.
    pub fn precision(&self) -> f64 {
        share(self.right, self.suggested)
    }

    /// Share of its conversations for which it was suggested.
    pub fn recall(&self) -> f64 {
        share(self.right, self.support)
    }

    /// The harmonic mean of both.
    pub fn f1(&self) -> f64 {
        share(2 * self.right, self.suggested + self.support)
    }
}

/// Bins of confidence.
pub const BINS: usize = 15;

/// Pairs of nodes that are told.
const CONFUSIONS: usize = 100;

/// The figures of answers.
pub fn measure(answers: &[Answer]) -> Measured {
    let mut measured = Measured { calibration: vec![(0, 0.0, 0.0); BINS], ..Measured::default() };
    let mut pairs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let (mut right, mut top3, mut unknown, mut outside_unknown) = (0, 0, 0, 0);
    for answer in answers {
        let first = answer.suggested.first();
        let Some(truth) = &answer.truth else {
            measured.outside += 1;
            outside_unknown += usize::from(first.is_none());
            continue;
        };
        measured.inside += 1;
        measured.nodes.entry(truth.clone()).or_default().support += 1;
        top3 += usize::from(answer.suggested.iter().take(3).any(|(node, _)| node == truth));
        let Some((node, confidence)) = first else {
            unknown += 1;
            continue;
        };
        let good = node == truth;
        right += usize::from(good);
        let of = measured.nodes.entry(node.clone()).or_default();
        of.suggested += 1;
        of.right += usize::from(good);
        if !good {
            *pairs.entry((truth, node)).or_default() += 1;
        }
        let bin = &mut measured.calibration[((confidence * BINS as f32) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1, bin.1 + f64::from(*confidence), bin.2 + f64::from(u8::from(good)));
    }
    let answered: usize = measured.calibration.iter().map(|bin| bin.0).sum();
    for bin in measured.calibration.iter_mut().filter(|bin| bin.0 > 0) {
        *bin = (bin.0, bin.1 / bin.0 as f64, bin.2 / bin.0 as f64);
        measured.calibration_error += (bin.1 - bin.2).abs() * share(bin.0, answered);
    }
    measured.accuracy = share(right, measured.inside);
    measured.top3 = share(top3, measured.inside);
    measured.unknown = share(unknown, measured.inside);
    measured.outside_recall = share(outside_unknown, measured.outside);
    let with_support: Vec<&Node> =
        measured.nodes.values().filter(|node| node.support > 0).collect();
    measured.macro_f1 =
        with_support.iter().map(|node| node.f1()).sum::<f64>() / with_support.len().max(1) as f64;
    let mut confusions: Vec<(String, String, usize)> = pairs
        .into_iter()
        .map(|((truth, node), count)| (truth.to_owned(), node.to_owned(), count))
        .collect();
    confusions.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.cmp(b)));
    confusions.truncate(CONFUSIONS);
    measured.confusions = confusions;
    measured
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

#[cfg(test)]
mod tests {
    use super::{Answer, measure};

    fn answer(truth: Option<&str>, suggested: &[(&str, f32)]) -> Answer {
        let suggested = suggested.iter().map(|(node, sure)| ((*node).to_owned(), *sure)).collect();
        Answer { truth: truth.map(str::to_owned), suggested }
    }

    #[test]
    fn figures_by_hand() {
        let measured = measure(&[
            answer(Some("a"), &[("a", 0.9), ("b", 0.1)]),
            answer(Some("a"), &[("b", 0.5), ("a", 0.4)]),
            answer(Some("b"), &[("b", 0.9)]),
            answer(Some("b"), &[]),
            answer(None, &[]),
            answer(None, &[("a", 0.3)]),
        ]);
        assert_eq!((measured.inside, measured.outside), (4, 2));
        assert_eq!((measured.accuracy, measured.top3, measured.unknown), (0.5, 0.75, 0.25));
        assert_eq!(measured.outside_recall, 0.5);
        let a = &measured.nodes["a"];
        assert_eq!((a.support, a.suggested, a.right), (2, 1, 1));
        assert_eq!((a.precision(), a.recall()), (1.0, 0.5));
        assert_eq!(measured.confusions, [("a".to_owned(), "b".to_owned(), 1)]);
        // 0.9 was right twice, 0.5 never: (2 × 0.1 + 1 × 0.5) / 3.
        assert!(
            (measured.calibration_error - 0.7 / 3.0).abs() < 1e-6,
            "{}",
            measured.calibration_error
        );
    }

    #[test]
    fn nothing_measured_is_nothing() {
        let measured = measure(&[]);
        assert_eq!(
            (measured.accuracy, measured.macro_f1, measured.calibration_error),
            (0.0, 0.0, 0.0)
        );
    }
}
