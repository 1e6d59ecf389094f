//! Conversations as the search for new reasons reads them: each with its id and time, and without a node where agents found
//! none that fits.

use std::path::Path;

use anyhow::Result;
use dialogo_desk::backtest::history::Past;
use dialogo_learn::Lesson;

use super::lessons::{self, Lessons};

/// First words of nodes that stand for all others, in the languages that desks speak.
const OTHER: [&str; 15] = [
    "diversas",
    "diversos",
    "geral",
    "misc",
    "miscellaneous",
    "other",
    "others",
    "otra",
    "otras",
    "otro",
    "otros",
    "outra",
    "outras",
    "outro",
    "outros",
];

/// A conversation.
#[derive(Debug)]
pub struct Talk {
    /// As people find it again: its id, or the line of a file.
    pub id: String,
    /// When it began, in milliseconds UTC; 0: not known.
    pub at: u64,
    /// Turns and node; no node: nobody classified it, or as “other”.
    pub lesson: Lesson,
}

/// Every conversation of a desk.
pub fn of_pasts(pasts: &[Past]) -> Vec<Talk> {
    let talk = |past: &Past| {
        let node = past.labels.first().filter(|node| !is_other(node)).cloned();
        let lesson = Lesson { turns: lessons::said(past), node };
        Talk { id: past.id.clone(), at: past.opened_at.0, lesson }
    };
    pasts.iter().map(talk).collect()
}

/// Every row of a CSV with `text` and `label`, or every recorded dialogue.
pub fn of_file(file: &Path) -> Result<Vec<Talk>> {
    let lessons = Lessons::of_file(file)?.lessons;
    let talk = |(at, mut lesson): (usize, Lesson)| {
        lesson.node = lesson.node.filter(|node| !is_other(node));
        Talk { id: (at + 1).to_string(), at: 0, lesson }
    };
    Ok(lessons.into_iter().enumerate().map(talk).collect())
}

/// Whether a node stands for what fits no other: by the first word of the last part of its id.
pub fn is_other(node: &str) -> bool {
    let last = node.rsplit('.').next().unwrap_or(node).to_lowercase();
    let first = last.split(['-', '_', ' ']).next().unwrap_or_default();
    OTHER.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::is_other;

    #[test]
    fn nodes_that_stand_for_all_others() {
        for node in ["outros", "pedido.outros", "other", "Other_reasons", "conta.otros-asuntos"] {
            assert!(is_other(node), "{node}");
        }
        for node in ["pedido.troca", "mother", "outrage", "another"] {
            assert!(!is_other(node), "{node}");
        }
    }
}
