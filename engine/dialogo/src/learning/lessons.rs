//! Classified conversations as lessons: from a desk's history, a CSV with `text` and `label`, or recorded dialogues.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use dialogo_desk::backtest::history::{Moment, Past};
use dialogo_domain::message::Author;
use dialogo_learn::Lesson;
use dialogo_learn::answers::Talk;
use dialogo_model::Who;

use crate::output::Failure;
use crate::replay::dialogue::{self, Dialogue};

/// Labels that say “about none of the nodes”, as data sets write it.
const NONE: [&str; 4] = ["", "oos", "none", "out_of_scope"];

/// Lessons, and whether their order is that of time.
#[derive(Debug, Default)]
pub struct Lessons {
    /// In order.
    pub lessons: Vec<Lesson>,
    /// Whether later ones happened later, so that they must be divided by time.
    pub in_time: bool,
}

impl Lessons {
    /// From a file: `*.csv` with the columns `text` and `label`, or recorded dialogues.
    pub fn of_file(file: &Path) -> Result<Self> {
        let is_csv = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let lessons = if is_csv {
            of_csv(file)?
        } else {
            dialogue::read(file)?.iter().filter_map(of_dialogue).collect()
        };
        Ok(Self { lessons, in_time: false })
    }

    /// From a desk's history: every conversation with a final classification.
    pub fn of_pasts(pasts: &[Past]) -> Self {
        Self { lessons: pasts.iter().filter_map(of_past).collect(), in_time: true }
    }

    /// Leaves out nodes that `keep` does not want and those with fewer than `least` lessons; tells how many lessons that were.
    pub fn keep(&mut self, least: usize, keep: impl Fn(&str) -> bool) -> usize {
        let before = self.lessons.len();
        let mut support: BTreeMap<String, usize> = BTreeMap::new();
        for node in self.lessons.iter().filter_map(|lesson| lesson.node.as_ref()) {
            *support.entry(node.clone()).or_default() += 1;
        }
        let wanted = |node: &String| support[node] >= least && keep(node);
        self.lessons.retain(|lesson| lesson.node.as_ref().is_none_or(wanted));
        before - self.lessons.len()
    }
}

fn of_csv(file: &Path) -> Result<Vec<Lesson>> {
    let mut reader =
        csv::Reader::from_path(file).with_context(|| format!("cannot read {}", file.display()))?;
    let headers = reader.headers().with_context(|| format!("cannot read {}", file.display()))?;
    let column = |name: &str| headers.iter().position(|header| header.trim() == name);
    let (Some(text), Some(label)) = (column("text"), column("label")) else {
        let what = format!("{} has no columns `text` and `label`", file.display());
        return Err(Failure::usage(what, "write them into its first line: text,label").into());
    };
    let mut lessons = Vec::new();
    for record in reader.records() {
        let record = record.with_context(|| format!("{} is damaged", file.display()))?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let node = Some(cell(label).trim()).filter(|label| !NONE.contains(label));
        lessons.push(Lesson::of_text(cell(text), node));
    }
    Ok(lessons)
}

fn of_dialogue(dialogue: &Dialogue) -> Option<Lesson> {
    Some(Lesson { turns: turns(dialogue), node: Some(dialogue.labels.first()?.clone()) })
}

fn turns(dialogue: &Dialogue) -> Vec<(Who, String)> {
    let turn = |turn: &dialogue::Turn| {
        let who = match turn.who {
            dialogue::Who::Consumer => Who::Consumer,
            dialogue::Who::Agent => Who::Agent,
        };
        (who, turn.text.clone())
    };
    dialogue.turns.iter().map(turn).collect()
}

/// Recorded dialogues, whose people have no names.
pub fn talks(file: &Path) -> Result<Vec<Talk>> {
    let dialogues = dialogue::read(file)?;
    Ok(dialogues.iter().map(|one| Talk { turns: turns(one), names: Vec::new() }).collect())
}

fn of_past(past: &Past) -> Option<Lesson> {
    Some(Lesson { turns: said(past), node: Some(past.labels.first()?.clone()) })
}

/// What consumer and agents wrote.
pub fn said(past: &Past) -> Vec<(Who, String)> {
    let turns = past.moments.iter().filter_map(|moment| match moment {
        Moment::Said { by: Author::Consumer, body, .. } => {
            Some((Who::Consumer, body.text.to_string()))
        }
        Moment::Said { by: Author::Agent(_), body, .. } => {
            Some((Who::Agent, body.text.to_string()))
        }
        _ => None,
    });
    turns.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(node: Option<&str>) -> Lesson {
        Lesson::of_text("x", node)
    }

    #[test]
    fn nodes_with_too_little_to_learn_from_are_left_out() {
        let lessons = vec![lesson(Some("a")), lesson(Some("a")), lesson(Some("b")), lesson(None)];
        let mut all = Lessons { lessons, in_time: true };
        assert_eq!(all.keep(2, |_| true), 1);
        let nodes: Vec<Option<&str>> = all.lessons.iter().map(|l| l.node.as_deref()).collect();
        assert_eq!(nodes, [Some("a"), Some("a"), None]);
    }

    #[test]
    fn a_file_of_texts_says_which_columns_it_lacks() {
        let file = tempfile::NamedTempFile::with_suffix(".csv").expect("a file");
        std::fs::write(file.path(), "text,label\n\"oi, tudo\",a\nque?,oos\n").expect("written");
        let lessons = Lessons::of_file(file.path()).expect("read").lessons;
        assert_eq!(
            lessons,
            [Lesson::of_text("oi, tudo", Some("a")), Lesson::of_text("que?", None)]
        );
        std::fs::write(file.path(), "texto,label\noi,a\n").expect("written");
        let fault = Lessons::of_file(file.path()).expect_err("no column");
        assert!(fault.to_string().contains("no columns `text` and `label`"), "{fault}");
    }
}
