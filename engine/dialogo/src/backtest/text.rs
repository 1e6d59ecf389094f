//! A report as people read it in a terminal.

use dialogo_desk::backtest::Report;
use dialogo_desk::backtest::report::Totals;

use crate::output::table;

/// The whole report; `shown`: how many conversations are shown with what differs in them.
pub fn text(report: &Report, shown: usize) -> String {
    let mut text = format!(
        "{} of {} conversations ({} messages) would differ.\n\n",
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

/// What is worth a row: whatever either generation does at all.
pub fn figures(report: &Report) -> Vec<(&'static str, String, String)> {
    let (old, new) = (&report.old, &report.new);
    let count = |what, of: fn(&Totals) -> u64| (what, of(old), of(new));
    let counts = [
        count("messages refused", |totals| totals.refused),
        count("messages rewritten", |totals| totals.rewritten),
        count("messages with a warning", |totals| totals.warned),
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
