//! Conversations: STAR's dialogues about a single task, split by the agent who led them, after one, two and three turns of the
//! consumer. What the agents wrote counts for us and not for the baseline, which would not know whose words they are.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use dialogo_learn::{Lesson, Settings};
use dialogo_model::{Model, Who};
use serde_json::Value;

use crate::baseline::Python;
use crate::figure::Figure;
use crate::replies;
use crate::sets::first;

const NAME: &str = "star";

/// One agent in so many is for counting.
const COUNTED: usize = 4;

pub(crate) fn measure(file: &Path, seed: u64, python: Option<&Python>) -> Result<Vec<Figure>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let dialogues: Vec<(String, Lesson)> = text.lines().filter_map(dialogue).collect();
    let agents: BTreeSet<&str> = dialogues.iter().map(|(agent, _)| agent.as_str()).collect();
    let counted: BTreeSet<&str> = agents.into_iter().step_by(COUNTED).collect();
    let of = |wanted: bool| -> Vec<Lesson> {
        let some = dialogues.iter().filter(|(agent, _)| counted.contains(agent.as_str()) == wanted);
        some.map(|(_, lesson)| lesson.clone()).collect()
    };
    let (train, test) = (of(false), of(true));
    eprintln!("  {NAME}: learning from {} dialogues, counting on {}", train.len(), test.len());
    let bytes = dialogo_learn::train(&train, &Settings::new(seed), &mut |_| ())?;
    let model = Model::open(bytes)?;
    let tests: Vec<Vec<Lesson>> = (1..=3).map(|turns| until(&test, turns)).collect();
    let mut figures = Vec::new();
    for (at, test) in tests.iter().enumerate() {
        figures.push(Figure::new(NAME, format!("accuracy_after_{}", at + 1), first(&model, test)));
    }
    figures.extend(replies::measure(NAME, &train, &test));
    if let Some(python) = python {
        let shown: Vec<Lesson> = train
            .iter()
            .flat_map(|lesson| lesson.shown().into_iter().map(|end| head(lesson, end)))
            .collect();
        let (accuracies, _) = python.accuracies(&shown, &tests)?;
        for (at, accuracy) in accuracies.into_iter().enumerate() {
            figures.push(Figure::new(
                NAME,
                format!("baseline_accuracy_after_{}", at + 1),
                accuracy,
            ));
        }
    }
    Ok(figures)
}

/// A dialogue about one task, with its agent.
fn dialogue(line: &str) -> Option<(String, Lesson)> {
    let dialogue: Value = serde_json::from_str(line).ok()?;
    let labels = &dialogue["labels"];
    let [task] = labels["tasks"].as_array()?.as_slice() else { return None };
    let turns = dialogue["turns"].as_array()?.iter().filter_map(|turn| {
        let text = turn["text"].as_str().filter(|text| !text.trim().is_empty())?;
        let who = if turn["who"] == "consumer" { Who::Consumer } else { Who::Agent };
        Some((who, text.to_owned()))
    });
    let lesson = Lesson { turns: turns.collect(), node: Some(task.as_str()?.to_owned()) };
    Some((labels["agent_id"].as_str()?.to_owned(), lesson))
}

/// The dialogues as they stood after so many turns of the consumer; those that had as many.
fn until(lessons: &[Lesson], turns: usize) -> Vec<Lesson> {
    lessons
        .iter()
        .filter_map(|lesson| {
            let consumers =
                lesson.turns.iter().enumerate().filter(|(_, (who, _))| *who == Who::Consumer);
            consumers.map(|(at, _)| at + 1).nth(turns - 1).map(|end| head(lesson, end))
        })
        .collect()
}

fn head(lesson: &Lesson, end: usize) -> Lesson {
    Lesson { turns: lesson.turns[..end].to_vec(), node: lesson.node.clone() }
}
