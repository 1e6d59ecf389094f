//! What differs between two generations: for each conversation, and in all.

use std::collections::BTreeMap;

use serde::Serialize;

use super::history::{Moment, Past};
use super::judged::{Judged, Ruling, Said};

/// Characters of a message that a report quotes.
const QUOTED: usize = 120;

/// What two generations make of the same past.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Conversations judged.
    pub conversations: u64,
    /// Messages in them.
    pub messages: u64,
    /// Conversations in which anything differs.
    pub differing: u64,
    /// What the generation in force does.
    pub old: Totals,
    /// What the candidate would do.
    pub new: Totals,
    /// How the last first suggestion of each conversation changes, by node; only nodes for which anything differs.
    pub nodes: BTreeMap<String, NodeChange>,
    /// Every conversation that differs, in the order in which they began.
    pub differences: Vec<Differing>,
}

/// A report in the making: conversations come in any order.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    report: Report,
    /// Of each difference, the number of its conversation.
    order: Vec<usize>,
}

/// What one generation does, in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Messages refused.
    pub refused: u64,
    /// Messages rewritten.
    pub rewritten: u64,
    /// Messages sent with a warning.
    pub warned: u64,
    /// Transfers asked for that are refused.
    pub transfers_refused: u64,
    /// Transfers asked for that go elsewhere.
    pub transfers_redirected: u64,
    /// Messages after which a transfer is proposed.
    pub transfers_proposed: u64,
    /// Conversations that have a suggestion in the end.
    pub suggested: u64,
    /// Conversations of which it is known what they were about.
    pub labelled: u64,
    /// Of these, how many have a suggestion in the end.
    pub labelled_suggested: u64,
    /// Of these, how many have the right one first.
    pub right_first: u64,
    /// Of these, how many have the right one among three.
    pub right_among_three: u64,
}

/// A node as the first suggestion at the end of conversations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NodeChange {
    /// Conversations, by the generation in force.
    pub old: u64,
    /// Conversations, by the candidate.
    pub new: u64,
    /// Of the old ones, how many are right.
    pub old_right: u64,
    /// Of the new ones, how many are right.
    pub new_right: u64,
}

/// A conversation that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Differing {
    /// Its id.
    pub conversation: String,
    /// What it was about, if anybody said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What differs, in order.
    pub changes: Vec<Change>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The message after which it shows, counted from 1.
    pub message: usize,
    /// `message`, `suggestion`, `transfer` or `proposal`.
    pub kind: &'static str,
    /// The beginning of the message.
    pub text: String,
    /// By the generation in force.
    pub old: String,
    /// By the candidate.
    pub new: String,
}

/// One conversation, compared.
pub(super) struct Compared {
    messages: u64,
    old: Totals,
    new: Totals,
    /// The last first suggestion of each, and whether it is right.
    last: [Option<(String, bool)>; 2],
    differing: Option<Differing>,
}

/// Compares what two generations say of a conversation.
pub(super) fn compare(past: &Past, old: &Judged, new: &Judged) -> Compared {
    let mut changes = Vec::new();
    let (mut number, mut text) = (0, String::new());
    for (moment, (before, after)) in past.moments.iter().zip(old.moments.iter().zip(&new.moments)) {
        if let Moment::Said { body, .. } = moment {
            number += 1;
            text = quoted(&body.text);
        }
        let kind = if matches!(moment, Moment::Said { .. }) { "message" } else { "transfer" };
        let mut differs = |kind, old: String, new: String| {
            if old != new {
                changes.push(Change { message: number, kind, text: text.clone(), old, new });
            }
        };
        differs(kind, ruling(before), ruling(after));
        differs("suggestion", suggestions(before), suggestions(after));
        differs("proposal", proposal(before), proposal(after));
    }
    let ((old, last_old), (new, last_new)) = (totals(past, old), totals(past, new));
    Compared {
        messages: past.messages() as u64,
        old,
        new,
        last: [last_old, last_new],
        differing: (!changes.is_empty()).then(|| Differing {
            conversation: past.id.clone(),
            labels: past.labels.clone(),
            changes,
        }),
    }
}

impl Gathering {
    pub(super) fn add(&mut self, number: usize, compared: Compared) {
        let report = &mut self.report;
        report.conversations += 1;
        report.messages += compared.messages;
        report.old.add(&compared.old);
        report.new.add(&compared.new);
        let [old, new] = compared.last;
        if let Some((node, right)) = old {
            let entry = report.nodes.entry(node).or_default();
            entry.old += 1;
            entry.old_right += u64::from(right);
        }
        if let Some((node, right)) = new {
            let entry = report.nodes.entry(node).or_default();
            entry.new += 1;
            entry.new_right += u64::from(right);
        }
        if let Some(differing) = compared.differing {
            report.differing += 1;
            let at = self.order.partition_point(|known| *known < number);
            self.order.insert(at, number);
            report.differences.insert(at, differing);
        }
    }

    pub(super) fn finish(mut self) -> Report {
        let changes = |node: &NodeChange| node.old != node.new || node.old_right != node.new_right;
        self.report.nodes.retain(|_, node| changes(node));
        self.report
    }
}

impl Totals {
    fn add(&mut self, other: &Self) {
        self.refused += other.refused;
        self.rewritten += other.rewritten;
        self.warned += other.warned;
        self.transfers_refused += other.transfers_refused;
        self.transfers_redirected += other.transfers_redirected;
        self.transfers_proposed += other.transfers_proposed;
        self.suggested += other.suggested;
        self.labelled += other.labelled;
        self.labelled_suggested += other.labelled_suggested;
        self.right_first += other.right_first;
        self.right_among_three += other.right_among_three;
    }

    /// Of the suggestions that come first, how many are right; `None`: there are none.
    pub fn precision(&self) -> Option<f64> {
        (self.labelled_suggested > 0)
            .then(|| self.right_first as f64 / self.labelled_suggested as f64)
    }
}

fn totals(past: &Past, judged: &Judged) -> (Totals, Option<(String, bool)>) {
    let mut totals = Totals::default();
    let mut last: &[(String, f32)] = &[];
    for (moment, said) in past.moments.iter().zip(&judged.moments) {
        let asked = matches!(moment, Moment::Asked { .. });
        match &said.ruling {
            Some(Ruling::Refused(_)) if asked => totals.transfers_refused += 1,
            Some(Ruling::Redirected(..)) => totals.transfers_redirected += 1,
            Some(Ruling::Refused(_)) => totals.refused += 1,
            Some(Ruling::Rewritten(..)) => totals.rewritten += 1,
            Some(Ruling::Warned(_)) => totals.warned += 1,
            Some(Ruling::Allowed) | None => {}
        }
        totals.transfers_proposed += u64::from(said.proposal.is_some());
        if let Some(suggestions) = &said.suggestions {
            last = suggestions;
        }
    }
    let right = |node: &str| past.labels.iter().any(|label| is(node, label));
    let labelled = !past.labels.is_empty();
    totals.suggested = u64::from(!last.is_empty());
    totals.labelled = u64::from(labelled);
    totals.labelled_suggested = u64::from(labelled && !last.is_empty());
    totals.right_first = u64::from(last.first().is_some_and(|(node, _)| right(node)));
    totals.right_among_three = u64::from(last.iter().any(|(node, _)| right(node)));
    let first = last.first().map(|(node, _)| (node.clone(), right(node)));
    (totals, first)
}

/// Whether a node is what a label names: the whole id, or its last part.
fn is(node: &str, label: &str) -> bool {
    node == label || node.rsplit_once('.').is_some_and(|(_, last)| last == label)
}

fn quoted(text: &str) -> String {
    let mut quoted: String = text.chars().take(QUOTED).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    quoted
}

fn ruling(said: &Said) -> String {
    match &said.ruling {
        None => String::new(),
        Some(Ruling::Allowed) => "allowed".into(),
        Some(Ruling::Warned(why)) => format!("allowed with a warning: {why}"),
        Some(Ruling::Rewritten(text, why)) => format!("rewritten to \"{}\": {why}", quoted(text)),
        Some(Ruling::Redirected(target, why)) => format!("goes to {target} instead: {why}"),
        Some(Ruling::Refused(why)) => format!("refused: {why}"),
    }
}

fn suggestions(said: &Said) -> String {
    match said.suggestions.as_deref() {
        None => String::new(),
        Some([]) => "nothing".into(),
        Some(some) => {
            let all: Vec<String> =
                some.iter().map(|(node, confidence)| format!("{node} {confidence:.2}")).collect();
            all.join(", ")
        }
    }
}

fn proposal(said: &Said) -> String {
    said.proposal.as_ref().map_or_else(|| "stays".into(), |target| format!("moves to {target}"))
}
