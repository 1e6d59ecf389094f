//! scikit-learn on the same rows, in an environment that is thrown away.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use dialogo_learn::Lesson;
use serde_json::Value;
use tempfile::TempDir;

const SCRIPT: &str = include_str!("baseline.py");

/// The release that the figures in the documents were made with.
const PACKAGE: &str = "scikit-learn==1.9.1";

/// A Python with scikit-learn.
#[derive(Debug)]
pub(crate) struct Python {
    folder: TempDir,
}

impl Python {
    pub(crate) fn prepare() -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        let run = |program: &Path, args: &[&str]| -> Result<()> {
            let status = Command::new(program).args(args).current_dir(folder.path()).status();
            let status = status.with_context(|| format!("cannot start {}", program.display()))?;
            ensure!(status.success(), "{} {args:?} failed", program.display());
            Ok(())
        };
        run(Path::new("python3"), &["-m", "venv", "env"])?;
        run(&folder.path().join("env/bin/pip"), &["install", "--quiet", PACKAGE])?;
        std::fs::write(folder.path().join("baseline.py"), SCRIPT).context("cannot write")?;
        Ok(Self { folder })
    }

    /// The accuracy on each test after learning from `train`, and the seconds that took.
    pub(crate) fn accuracies(
        &self,
        train: &[Lesson],
        tests: &[Vec<Lesson>],
    ) -> Result<(Vec<f64>, f64)> {
        let at = |name: String| self.folder.path().join(name);
        let mut files: Vec<PathBuf> = vec![at("train.csv".into())];
        write(&files[0], train)?;
        for (number, test) in tests.iter().enumerate() {
            let file = at(format!("test{number}.csv"));
            write(&file, test)?;
            files.push(file);
        }
        let output = Command::new(at("env/bin/python".into()))
            .arg(at("baseline.py".into()))
            .args(&files)
            .output()
            .context("cannot start the baseline")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said: Value =
            serde_json::from_slice(&output.stdout).context("the baseline prints JSON")?;
        let accuracies =
            said["accuracy"].as_array().into_iter().flatten().filter_map(Value::as_f64);
        Ok((accuracies.collect(), said["train_seconds"].as_f64().unwrap_or_default()))
    }
}

/// A lesson is what the consumer said, in one text.
fn write(file: &Path, lessons: &[Lesson]) -> Result<()> {
    let mut writer =
        csv::Writer::from_path(file).with_context(|| format!("cannot write {}", file.display()))?;
    writer.write_record(["text", "label"])?;
    for lesson in lessons {
        let said = lesson.turns.iter().filter(|(who, _)| *who == dialogo_model::Who::Consumer);
        let text: Vec<&str> = said.map(|(_, text)| text.as_str()).collect();
        writer.write_record([text.join(" ").as_str(), lesson.node.as_deref().unwrap_or("oos")])?;
    }
    writer.flush().with_context(|| format!("cannot write {}", file.display()))
}
