//! The figures of a classifier as one page that needs nothing beside it.

use dialogo_learn::Measured;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::report::{After, percent, table};

const STYLE: &str = include_str!("../backtest/page.css");

/// Side of the chart of calibration.
const SIDE: f64 = 240.0;

/// The page. `title` names the classifier; `what` says in a line what was done.
pub fn page(title: &str, what: &str, after: &[After]) -> String {
    let last = &after.last().expect("the end is always measured").measured;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) ": " (percent(last.accuracy)) " right" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) ": " (percent(last.accuracy)) " right, " (percent(last.top3)) " among three" }
                    p.what { (what) }
                    (figures(after))
                    h2 { "What a confidence means" }
                    p.key { "Each dot: suggestions of about that confidence, and how many of them were right. On the line they mean what they say." }
                    (calibration(last))
                    h2 { "Nodes" }
                    (nodes(last))
                    @if !last.confusions.is_empty() {
                        h2 { "Taken for another" }
                        (confusions(last))
                    }
                }
            }
        }
    }
    .into_string()
}

fn figures(after: &[After]) -> Markup {
    let rows = table(after);
    html! {
        table {
            thead { tr { @for cell in &rows[0] { th scope="col" { (cell) } } } }
            tbody {
                @for row in &rows[1..] {
                    tr { th scope="row" { (row[0]) } @for cell in &row[1..] { td { (cell) } } }
                }
            }
        }
    }
}

fn calibration(measured: &Measured) -> Markup {
    let most = measured.calibration.iter().map(|bin| bin.0).max().unwrap_or(1).max(1) as f64;
    html! {
        svg viewBox=(format!("-8 -8 {} {}", SIDE + 16.0, SIDE + 16.0)) width=(SIDE * 1.5) role="img" aria-label="calibration" {
            rect x="0" y="0" width=(SIDE) height=(SIDE) fill="none" stroke="var(--line)";
            line x1="0" y1=(SIDE) x2=(SIDE) y2="0" stroke="var(--old)";
            @for (count, confidence, right) in measured.calibration.iter().filter(|bin| bin.0 > 0) {
                circle cx=(format!("{:.1}", confidence * SIDE)) cy=(format!("{:.1}", SIDE - right * SIDE)) r=(format!("{:.1}", 2.0 + 6.0 * (*count as f64 / most).sqrt())) fill="var(--new)" {
                    title { (count) " suggestions, confidence " (percent(*confidence)) ", right " (percent(*right)) }
                }
            }
        }
    }
}

fn nodes(measured: &Measured) -> Markup {
    html! {
        table {
            thead { tr {
                @for head in ["", "conversations", "suggested", "precision", "recall", "F1"] { th scope="col" { (head) } }
            } }
            tbody {
                @for (name, node) in &measured.nodes {
                    tr {
                        th scope="row" { (name) }
                        td { (node.support) } td { (node.suggested) }
                        td { (percent(node.precision())) } td { (percent(node.recall())) } td { (percent(node.f1())) }
                    }
                }
            }
        }
    }
}

fn confusions(measured: &Measured) -> Markup {
    html! {
        table {
            thead { tr { th scope="col" { "It was" } th scope="col" { "and it said" } th scope="col" { "times" } } }
            tbody {
                @for (truth, node, count) in &measured.confusions {
                    tr { th scope="row" { (truth) } td { (node) } td { (count) } }
                }
            }
        }
    }
}
