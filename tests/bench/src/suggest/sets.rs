//! Folders of labelled messages: learned from `train.csv`, counted on `test.csv`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use dialogo::learning::lessons::Lessons;
use dialogo::learning::teach::answers;
use dialogo_learn::{Lesson, Settings};
use dialogo_model::Model;

use crate::baseline::Python;
use crate::figure::Figure;
use crate::hidden;

/// A set that was learned.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) test: Vec<Lesson>,
}

/// The folders of a folder that hold both splits.
pub(crate) fn folders(data: &Path) -> Result<Vec<PathBuf>> {
    if !data.is_dir() {
        return Ok(Vec::new());
    }
    let entries =
        std::fs::read_dir(data).with_context(|| format!("cannot read {}", data.display()))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("train.csv").is_file() && path.join("test.csv").is_file())
        .collect();
    found.sort();
    Ok(found)
}

/// A split, with the rows that are about none of the nodes if the set has such.
fn split(folder: &Path, name: &str) -> Result<Vec<Lesson>> {
    let mut lessons = Lessons::of_file(&folder.join(format!("{name}.csv")))?.lessons;
    let outside = folder.join(format!("oos_{name}.csv"));
    if outside.is_file() {
        lessons.extend(Lessons::of_file(&outside)?.lessons);
    }
    Ok(lessons)
}

pub(crate) fn measure(
    folder: &Path,
    seed: u64,
    python: Option<&Python>,
) -> Result<(Set, Vec<Figure>)> {
    let name =
        folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let (train, test) = (split(folder, "train")?, split(folder, "test")?);
    let began = Instant::now();
    let settings = Settings::new(seed);
    let mut folds = 0.0;
    let bytes = dialogo_learn::train(&train, &settings, &mut |step| {
        eprintln!("  {name}: {} ({}/{})", step.what, step.done, step.of);
        if step.what == "fitting" {
            folds = began.elapsed().as_secs_f64();
        }
    });
    let bytes = bytes.with_context(|| format!("{} cannot be learned", folder.display()))?;
    let all = began.elapsed().as_secs_f64();
    let model = Model::open(bytes.clone())?;
    let began = Instant::now();
    let after = answers(&model, &test);
    let each = began.elapsed().as_secs_f64() / test.len().max(1) as f64;
    let measured = &after.last().context("the end is always measured")?.measured;
    let mut figures = vec![
        Figure::new(&name, "accuracy", first(&model, &test)),
        Figure::new(&name, "accuracy_with_doubt", measured.accuracy),
        Figure::new(&name, "top3", measured.top3),
        Figure::new(&name, "macro_f1", measured.macro_f1),
        Figure::new(&name, "calibration_error", measured.calibration_error),
        Figure::new(&name, "train_seconds", all - folds),
        Figure::new(&name, "calibration_seconds", folds),
        Figure::new(&name, "native_us", each * 1e6),
    ];
    if measured.outside > 0 {
        figures.push(Figure::new(&name, "out_of_scope_recall", measured.outside_recall));
    }
    figures.extend(hidden::measure(&name, &train, seed));
    if let Some(python) = python {
        let (accuracies, seconds) = python.accuracies(&train, std::slice::from_ref(&test))?;
        figures.push(Figure::new(&name, "baseline_accuracy", accuracies[0]));
        figures.push(Figure::new(&name, "baseline_train_seconds", seconds));
    }
    Ok((Set { name, bytes, test }, figures))
}

/// The share of the rows about a node whose likeliest node is right, doubt or not: what accuracy is for everybody else.
pub(crate) fn first(model: &Model, test: &[Lesson]) -> f64 {
    let inside: Vec<&Lesson> = test.iter().filter(|lesson| lesson.node.is_some()).collect();
    let right = inside.iter().filter(|lesson| {
        let probabilities = model.read(&lesson.turns()).probabilities;
        let nodes = (0..probabilities.len()).filter(|at| model.head().none != Some(*at as u32));
        let best = nodes.max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
        best.is_some_and(|best| Some(&model.head().classes[best].name) == lesson.node.as_ref())
    });
    right.count() as f64 / inside.len().max(1) as f64
}
