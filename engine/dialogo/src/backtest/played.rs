//! Assignments and waiting as people read them: in a terminal, and on a page.

use std::collections::BTreeMap;

use dialogo_desk::backtest::simulate::Assignments;
use dialogo_desk::backtest::simulate::compare::{Fate, Moved, Sides};
use dialogo_desk::backtest::simulate::measure::{Load, Waiting};
use maud::{Markup, html};

use crate::output::table;

const WAITING: [&str; 10] = [
    "department",
    "",
    "served",
    "wait p50",
    "p90",
    "max",
    "longest queue",
    "left",
    "called back",
    "still waiting",
];
const LOAD: [&str; 5] = ["agent", "", "conversations", "at once", "busy"];

/// The curves are drawn on so many units.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 120.0;

/// The section of a report in a terminal; `shown`: how many contacts that differ are shown.
pub(super) fn text(played: &Assignments, shown: usize) -> String {
    let mut text = format!("\n\nAssignments and waiting, simulated: {}\n\n", summary(played));
    text.push_str(&table(&rows(&WAITING, &played.departments, waiting)));
    text.push_str("\n\n");
    text.push_str(&table(&rows(&LOAD, &played.agents, load)));
    text.push_str("\n\n");
    for line in sentences(played) {
        text.push_str(&format!("{line}\n"));
    }
    text.push_str("The simulation takes for granted:\n");
    for assumption in &played.assumptions {
        text.push_str(&format!("  - {assumption}\n"));
    }
    for moved in played.differences.iter().take(shown) {
        let (old, new) = (fate(&moved.old), fate(&moved.new));
        text.push_str(&format!("\n{}\n  now:  {old}\n  then: {new}", moved.conversation));
    }
    let more = played.differences.len().saturating_sub(shown);
    if more > 0 {
        text.push_str(&format!("\n… and {more} more contacts that differ"));
    }
    text.trim_end().to_owned()
}

/// The section on a page; `most`: how many contacts that differ are written out.
pub(super) fn section(played: &Assignments, most: usize) -> Markup {
    let highest = |of: fn(&Waiting) -> u64| {
        let sides = played.departments.values();
        sides.map(|it| of(&it.old).max(of(&it.new))).max().unwrap_or(0).max(1)
    };
    let (p90, queue) = (highest(|it| it.wait_p90_ms), highest(|it| u64::from(it.longest_queue)));
    html! {
        h2 { "Assignments and waiting, simulated" }
        p { (summary(played)) }
        (curves(&played.queue))
        @for (name, sides) in &played.departments {
            section.node {
                h3 { (name) ": nine of ten wait at most; longest queue" }
                (bar("old", sides.old.wait_p90_ms, p90, &span(sides.old.wait_p90_ms)))
                (bar("new", sides.new.wait_p90_ms, p90, &span(sides.new.wait_p90_ms)))
                (bar("old", sides.old.longest_queue.into(), queue, &waiting_people(&sides.old)))
                (bar("new", sides.new.longest_queue.into(), queue, &waiting_people(&sides.new)))
            }
        }
        (rows_of(&rows(&WAITING, &played.departments, waiting)))
        (rows_of(&rows(&LOAD, &played.agents, load)))
        @for line in sentences(played) { p { (line) } }
        p { "The simulation takes for granted:" }
        ul { @for assumption in &played.assumptions { li { (assumption) } } }
        @if !played.differences.is_empty() {
            details {
                summary { "Contacts that would go differently" span.count { (played.differences.len()) } }
                @for moved in played.differences.iter().take(most) { (contact(moved)) }
                @if played.differences.len() > most {
                    p { "… and " (played.differences.len() - most) " more; --json has them all." }
                }
            }
        }
    }
}

fn summary(played: &Assignments) -> String {
    let counts = [
        (played.another_agent, "with another agent"),
        (played.another_department, "in another department"),
        (played.another_end, "with another end"),
        (played.shorter, "with a shorter wait"),
        (played.longer, "with a longer wait"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let all = format!("{} of {} contacts would go differently", played.differing, played.contacts);
    if counts.is_empty() { format!("{all}.") } else { format!("{all}: {}.", counts.join(", ")) }
}

/// What is worth saying beside the tables.
fn sentences(played: &Assignments) -> Vec<String> {
    let mut lines = Vec::new();
    let (old, new) = (played.turned_away.old, played.turned_away.new);
    if old + new > 0 {
        lines.push(format!(
            "Contacts for a department that the rules do not have: {old} now, {new} then."
        ));
    }
    let (old, new) = (played.transfers_refused.old, played.transfers_refused.new);
    if old + new > 0 {
        lines.push(format!("Transfers that the rules refuse: {old} now, {new} then."));
    }
    if let Some(fit) = &played.fit {
        lines.push(format!(
            "How well the model fits: by the rules in use it gives {} of {} contacts to the agent who really had them, and \
             {} in the same department; the wait in the middle is {}, and really was {}.",
            fit.same_agent,
            fit.given,
            fit.same_department,
            span(fit.simulated_wait_p50_ms),
            span(fit.wait_p50_ms),
        ));
    }
    lines
}

/// A row for each side of each name.
fn rows<T>(
    head: &[&str],
    all: &BTreeMap<String, Sides<T>>,
    cells: fn(&T) -> Vec<String>,
) -> Vec<Vec<String>> {
    let mut rows = vec![head.iter().map(|&cell| cell.to_owned()).collect()];
    for (name, sides) in all {
        let was = sides.was.as_ref().map(|was| ("was", was));
        let both = [("now", &sides.old), ("then", &sides.new)];
        for (index, (which, side)) in was.into_iter().chain(both).enumerate() {
            let name = if index == 0 { name.clone() } else { String::new() };
            rows.push([vec![name, which.to_owned()], cells(side)].concat());
        }
    }
    rows
}

fn waiting(it: &Waiting) -> Vec<String> {
    let wait = |ms| if it.served == 0 { "—".to_owned() } else { span(ms) };
    vec![
        it.served.to_string(),
        wait(it.wait_p50_ms),
        wait(it.wait_p90_ms),
        wait(it.wait_max_ms),
        it.longest_queue.to_string(),
        it.left.to_string(),
        it.called_back.to_string(),
        it.still_waiting.to_string(),
    ]
}

fn load(it: &Load) -> Vec<String> {
    vec![it.conversations.to_string(), it.most_at_once.to_string(), span(it.busy_ms)]
}

fn waiting_people(it: &Waiting) -> String {
    format!("{} waiting", it.longest_queue)
}

/// What became of a contact, in words.
fn fate(it: &Fate) -> String {
    let place = it.department.as_ref().map_or_else(String::new, |id| format!(" in {id}"));
    let waited = it.waited_ms.map_or_else(String::new, |ms| format!(" after {}", span(ms)));
    match (it.what, &it.agent) {
        ("given", Some(agent)) => format!("{agent}{place}{waited}"),
        ("called-back", _) => format!("leaves a callback{place}"),
        ("left", _) => format!("leaves{place}{waited}"),
        ("turned-away", _) => {
            format!("turned away: there is no department{}", place.replace(" in", ""))
        }
        _ => format!("still waits{place}"),
    }
}

/// Milliseconds as people say them.
fn span(ms: u64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    match (hours, minutes, seconds) {
        (0, 0, _) => format!("{seconds} s"),
        (0, _, 0) => format!("{minutes} min"),
        (0, ..) => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

fn rows_of(rows: &[Vec<String>]) -> Markup {
    html! {
        table {
            @if let Some((head, body)) = rows.split_first() {
                thead { tr { @for cell in head { th scope="col" { (cell) } } } }
                tbody {
                    @for row in body {
                        tr { @for (index, cell) in row.iter().enumerate() {
                            @if index < 2 { th scope="row" { (cell) } } @else { td { (cell) } }
                        } }
                    }
                }
            }
        }
    }
}

fn bar(class: &str, value: u64, most: u64, said: &str) -> Markup {
    let width = format!("width:{:.1}%", value as f64 * 100.0 / most as f64);
    html! {
        div.line {
            span.track { span class={ "bar right " (class) } style=(width) {} }
            span.count { (said) }
        }
    }
}

/// How many wait over the whole time: as it was, now and then.
fn curves(queue: &Sides<Vec<u32>>) -> Markup {
    let all = [
        queue.was.as_ref().map(|was| ("was", was)),
        Some(("old", &queue.old)),
        Some(("new", &queue.new)),
    ];
    let most =
        all.iter().flatten().flat_map(|(_, points)| points.iter()).max().copied().unwrap_or(0);
    html! {
        figure {
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label="How many wait, over time" {
                @for (class, points) in all.iter().flatten() {
                    polyline class=(class) points=(line(points, most)) {}
                }
            }
            figcaption.key {
                "Who waits, over the whole time (at most " (most) "): "
                @if queue.was.is_some() { span.bar.was {} " was " }
                span.bar.right.old {} " now " span.bar.right.new {} " then"
            }
        }
    }
}

fn line(points: &[u32], most: u32) -> String {
    let across = WIDTH / points.len().saturating_sub(1).max(1) as f64;
    let up = (HEIGHT - 4.0) / f64::from(most.max(1));
    let point = |(index, value): (usize, &u32)| {
        format!("{:.1},{:.1}", index as f64 * across, HEIGHT - 2.0 - f64::from(*value) * up)
    };
    points.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

fn contact(moved: &Moved) -> Markup {
    html! {
        div.change {
            p { code { (moved.conversation) } }
            dl { dt { "now" } dd { (fate(&moved.old)) } dt { "then" } dd { (fate(&moved.new)) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_as_people_do() {
        let said = [400, 59_999, 60_000, 200_000, 7_500_000].map(span);
        assert_eq!(said, ["0 s", "59 s", "1 min", "3 min 20 s", "2 h 5 min"]);
    }

    #[test]
    fn a_curve_stays_within_its_frame() {
        assert_eq!(line(&[0, 2, 4], 4), "0.0,118.0 300.0,60.0 600.0,2.0");
    }
}
