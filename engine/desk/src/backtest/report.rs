//! What differs between two generations: for each conversation, and in all.

use std::collections::BTreeMap;

use dialogo_domain::Millis;
use dialogo_domain::message::Attachment;
use serde::Serialize;

use super::files::Files;
use super::history::{Moment, Past, Untold};
use super::judged::{Judged, Ruling, Said};
use super::simulate::Assignments;

/// Characters of a message that a report quotes.
const QUOTED: usize = 120;

/// What two generations make of the same past.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Conversations judged.
    pub conversations: u64,
    /// Messages in them.
    pub messages: u64,
    /// Conversations of which anything is judged differently.
    pub differing: u64,
    /// What the generation in force does.
    pub old: Totals,
    /// What the candidate would do.
    pub new: Totals,
    /// Files, as far as they could be judged.
    pub files: Files,
    /// What the past does not tell any more.
    pub untold: Untold,
    /// How the last first suggestion of each conversation changes, by node; only nodes for which anything differs.
    pub nodes: BTreeMap<String, NodeChange>,
    /// Every conversation that differs, in the order in which they began.
    pub differences: Vec<Differing>,
    /// Who would have been given what, and how long people would have waited; `None` where that was not played.
    pub assignments: Option<Assignments>,
}

impl Report {
    /// Whether anything differs at all.
    pub fn differs(&self) -> bool {
        self.differing > 0 || self.assignments.as_ref().is_some_and(|it| it.differing > 0)
    }
}

/// A report in the making: conversations come in any order.
#[derive(Debug, Default)]
pub(super) struct Tally {
    report: Report,
    /// Each difference with when its conversation began and what number it came with.
    differences: Vec<(Millis, usize, Differing)>,
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
    /// Files refused.
    pub files_refused: u64,
    /// Files sent with a warning.
    pub files_warned: u64,
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
    /// `message`, `file`, `suggestion`, `transfer` or `proposal`.
    pub kind: &'static str,
    /// The beginning of the message; of a file, its name, type and size.
    pub text: String,
    /// By the generation in force.
    pub old: String,
    /// By the candidate.
    pub new: String,
}

/// One conversation, compared.
pub(super) struct Compared {
    opened_at: Millis,
    messages: u64,
    files: Files,
    old: Totals,
    new: Totals,
    /// The last first suggestion of each, and whether it is right.
    last: [Option<(String, bool)>; 2],
    differing: Option<Differing>,
}

/// Compares what two generations say of a conversation.
pub(super) fn compare(past: &Past, files: Files, old: &Judged, new: &Judged) -> Compared {
    let mut changes = Vec::new();
    let (mut number, mut text) = (0, String::new());
    for (moment, (before, after)) in past.moments.iter().zip(old.moments.iter().zip(&new.moments)) {
        if let Moment::Said { body, .. } = moment {
            number += 1;
            text = quoted(&body.text);
        }
        let kind = match moment {
            Moment::Said { .. } => "message",
            Moment::Sent { .. } => "file",
            Moment::Asked { .. } | Moment::Moved { .. } => "transfer",
        };
        let mut differs = |kind, old: String, new: String| {
            if old != new {
                let text = match moment {
                    Moment::Sent { file, .. } => described(file),
                    _ => text.clone(),
                };
                changes.push(Change { message: number, kind, text, old, new });
            }
        };
        differs(kind, ruling(before), ruling(after));
        differs("suggestion", suggestions(before), suggestions(after));
        differs("proposal", proposal(before), proposal(after));
    }
    let ((old, last_old), (new, last_new)) = (totals(past, old), totals(past, new));
    Compared {
        opened_at: past.opened_at,
        messages: past.messages() as u64,
        files,
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

impl Tally {
    pub(super) fn add(&mut self, number: usize, compared: Compared) {
        let report = &mut self.report;
        report.conversations += 1;
        report.messages += compared.messages;
        report.files.add(&compared.files);
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
            self.differences.push((compared.opened_at, number, differing));
        }
    }

    pub(super) fn finish(mut self) -> Report {
        let changes = |node: &NodeChange| node.old != node.new || node.old_right != node.new_right;
        self.report.nodes.retain(|_, node| changes(node));
        self.differences.sort_by_key(|(began, number, _)| (*began, *number));
        self.report.differences = self.differences.into_iter().map(|(.., it)| it).collect();
        self.report
    }
}

impl Totals {
    fn add(&mut self, other: &Self) {
        self.refused += other.refused;
        self.rewritten += other.rewritten;
        self.warned += other.warned;
        self.files_refused += other.files_refused;
        self.files_warned += other.files_warned;
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
        let sent = matches!(moment, Moment::Sent { .. });
        match &said.ruling {
            Some(Ruling::Refused(_)) if asked => totals.transfers_refused += 1,
            Some(Ruling::Refused(_)) if sent => totals.files_refused += 1,
            Some(Ruling::Warned(_)) if sent => totals.files_warned += 1,
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

/// A file in a few words.
fn described(file: &Attachment) -> String {
    let size = match file.bytes {
        0..1_024 => format!("{} B", file.bytes),
        1_024..1_048_576 => format!("{} KB", file.bytes.div_ceil(1_024)),
        _ => format!("{:.1} MB", file.bytes as f64 / 1_048_576.0),
    };
    format!("{} ({}, {size})", file.name, file.mime)
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
