//! A report as one page that needs nothing beside it: figures, bars, and every conversation that differs.

use dialogo_desk::backtest::Report;
use dialogo_desk::backtest::report::{Differing, NodeChange};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::played;
use super::text::{figures, notes};

const STYLE: &str = include_str!("page.css");

/// Conversations that are written out: a page of more is no pleasure in any browser.
const MOST: usize = 2_000;

/// The page. `what`: what was compared with what, in a line.
pub fn page(report: &Report, what: &str) -> String {
    let most = report.nodes.values().map(|node| node.old.max(node.new)).max().unwrap_or(1).max(1);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Backtest: " (report.differing) " of " (report.conversations) " are judged differently" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (report.differing) " of " (report.conversations) " conversations would be judged differently" }
                    p.what { (what) ", " (report.messages) " messages" }
                    table {
                        thead { tr { th scope="col" { "" } th scope="col" { "Now" } th scope="col" { "Then" } } }
                        tbody {
                            @for (what, old, new) in figures(report) {
                                tr.changed[old != new] { th scope="row" { (what) } td { (old) } td { (new) } }
                            }
                        }
                    }
                    @if !report.nodes.is_empty() {
                        h2 { "First suggestion at the end of a conversation" }
                        p.key { span.bar.old {} " now " span.bar.new {} " then, the darker part being right" }
                        @for (node, change) in &report.nodes { (bars(node, change, most)) }
                    }
                    @if let Some(assignments) = &report.assignments { (played::section(assignments, MOST)) }
                    @let notes = notes(report);
                    @if !notes.is_empty() {
                        h2 { "What the past does not tell" }
                        ul { @for note in notes { li { (note) } } }
                    }
                    @if !report.differences.is_empty() {
                        h2 { "Conversations that are judged differently" }
                        @for differing in report.differences.iter().take(MOST) { (conversation(differing)) }
                        @if report.differences.len() > MOST {
                            p { "… and " (report.differences.len() - MOST) " more; --json has them all." }
                        }
                    }
                }
            }
        }
    }
    .into_string()
}

fn bars(node: &str, change: &NodeChange, most: u64) -> Markup {
    let bar = |class: &str, count: u64, right: u64| {
        let width = |part: u64| format!("width:{:.1}%", part as f64 * 100.0 / most as f64);
        html! {
            div.line {
                span.track {
                    span class={ "bar " (class) } style=(width(count)) {}
                    span class={ "bar right " (class) } style=(width(right)) {}
                }
                span.count { (count) " (" (right) " right)" }
            }
        }
    };
    html! {
        section.node {
            h3 { (node) }
            (bar("old", change.old, change.old_right))
            (bar("new", change.new, change.new_right))
        }
    }
}

fn conversation(differing: &Differing) -> Markup {
    html! {
        details {
            summary {
                code { (differing.conversation) }
                @if !differing.labels.is_empty() { " was about " (differing.labels.join(", ")) }
                span.count { (differing.changes.len()) }
            }
            @for change in &differing.changes {
                div.change {
                    p { "message " (change.message) ", " (change.kind) ": " q { (change.text) } }
                    dl { dt { "now" } dd { (change.old) } dt { "then" } dd { (change.new) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialogo_desk::backtest::report::Change;

    #[test]
    fn what_people_wrote_stays_text() {
        let change = Change {
            message: 1,
            kind: "message",
            text: "<script>alert(1)</script>".into(),
            old: "allowed".into(),
            new: "refused: \"no\"".into(),
        };
        let differing =
            Differing { conversation: "a".into(), labels: Vec::new(), changes: vec![change] };
        let report = Report { differences: vec![differing], ..Report::default() };
        let page = page(&report, "one file with another");
        assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script"), "{page}");
    }
}
