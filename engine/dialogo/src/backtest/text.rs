//! A report as people read it in a terminal.

use dialogo_desk::backtest::Report;
use dialogo_desk::backtest::report::Totals;

use super::played;
use crate::output::table;

/// The whole report; `shown`: how many conversations are shown with what differs in them.
pub fn text(report: &Report, shown: usize) -> String {
    let mut text = format!(
        "{} of {} conversations ({} messages) would be judged differently.\n\n",
        report.differing, report.conversations, report.messages
    );
    let mut rows = vec![row("", "now", "then")];
    rows.extend(figures(report).into_iter().map(|(what, old, new)| row(what, &old, &new)));
    text.push_str(&table(&rows));
    if !report.nodes.is_empty() {
        text.push_str(
            "\n\nFirst suggestion at the end of a conversation (right ones in brackets):\n",
        );
        let mut rows = vec![row("node", "now", "then")];
        rows.extend(report.nodes.iter().map(|(node, change)| {
            row(
                node,
                &format!("{} ({})", change.old, change.old_right),
                &format!("{} ({})", change.new, change.new_right),
            )
        }));
        text.push_str(&table(&rows));
    }
    if let Some(assignments) = &report.assignments {
        text.push_str(&played::text(assignments, shown));
    }
    for differing in report.differences.iter().take(shown) {
        text.push_str(&format!("\n\n{}", differing.conversation));
        if !differing.labels.is_empty() {
            text.push_str(&format!(" (was about {})", differing.labels.join(", ")));
        }
        for change in &differing.changes {
            text.push_str(&format!(
                "\n  message {}, {}: \"{}\"\n    now:  {}\n    then: {}",
                change.message, change.kind, change.text, change.old, change.new
            ));
        }
    }
    let more = report.differences.len().saturating_sub(shown);
    if more > 0 {
        text.push_str(&format!(
            "\n\n… and {more} more: --show {} shows all, --json and --html have them all",
            report.differences.len()
        ));
    }
    text
}

/// What could not be judged as it was, and what was not played.
pub fn notes(report: &Report) -> Vec<String> {
    let (files, untold) = (&report.files, &report.untold);
    let counted = [
        (untold.rewritten, "rewritten messages only the new text is kept; that is what was judged"),
        (
            untold.refused_transfers,
            "refused transfers it is not kept where they were to go; they are left out",
        ),
        (
            files.gone,
            "files that were sent the content is gone (see [retention] in desk.toml); they are left out",
        ),
        (
            files.without_content,
            "refused files the content was never kept; they were judged by name, type and size",
        ),
        (
            files.refused_for_content,
            "files that were refused for their content it was never kept; they are left out",
        ),
    ];
    let told = counted.iter().filter(|(count, _)| *count > 0);
    let mut notes: Vec<String> = told.map(|(count, what)| format!("of {count} {what}")).collect();
    if report.assignments.is_none() {
        notes.push("assignments and waiting are not played: a recording does not say who came when; --arrivals 60/h makes that up".to_owned());
    }
    notes
}

/// What is worth a row: whatever either generation does at all.
pub fn figures(report: &Report) -> Vec<(&'static str, String, String)> {
    let (old, new) = (&report.old, &report.new);
    let count = |what, of: fn(&Totals) -> u64| (what, of(old), of(new));
    let counts = [
        count("messages refused", |totals| totals.refused),
        count("messages rewritten", |totals| totals.rewritten),
        count("messages with a warning", |totals| totals.warned),
        count("files refused", |totals| totals.files_refused),
        count("files with a warning", |totals| totals.files_warned),
        count("transfers refused", |totals| totals.transfers_refused),
        count("transfers sent elsewhere", |totals| totals.transfers_redirected),
        count("transfers proposed", |totals| totals.transfers_proposed),
        count("conversations with a suggestion", |totals| totals.suggested),
    ];
    let mut rows: Vec<(&'static str, String, String)> = counts
        .into_iter()
        .filter(|(_, old, new)| old + new > 0)
        .map(|(what, old, new)| (what, old.to_string(), new.to_string()))
        .collect();
    if old.labelled > 0 {
        rows.push(("right first suggestion", share(old), share(new)));
        rows.push((
            "right one among three",
            old.right_among_three.to_string(),
            new.right_among_three.to_string(),
        ));
    }
    rows
}

fn share(totals: &Totals) -> String {
    match totals.precision() {
        Some(precision) => format!(
            "{} of {} ({:.1} %)",
            totals.right_first,
            totals.labelled_suggested,
            precision * 100.0
        ),
        None => format!("0 of {}", totals.labelled_suggested),
    }
}

fn row(what: &str, old: &str, new: &str) -> Vec<String> {
    vec![what.to_owned(), old.to_owned(), new.to_owned()]
}
