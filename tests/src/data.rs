//! Where the samples are, and the larger sets that may lie beside the project.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::repository;

/// The samples that come with the project.
pub fn samples() -> PathBuf {
    repository().join("tests/data")
}

/// The large sets: the folder `DIALOGO_DATA` names, else `../shared/data` beside the project.
pub fn large() -> Option<PathBuf> {
    let named = std::env::var_os("DIALOGO_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| repository().join("../shared/data"));
    folder.is_dir().then_some(folder)
}

/// What people say in the sample dialogues.
pub fn sentences() -> Result<Vec<String>> {
    let mut all = Vec::new();
    for file in ["star.jsonl", "star_ptbr_mt.jsonl"] {
        all.extend(sentences_of(&samples().join("dialogues").join(file))?);
    }
    Ok(all)
}

/// A thousand different messages: of the large set of STAR where it lies beside the project, else of the samples.
pub fn thousand() -> Result<Vec<String>> {
    let mut files = vec![samples().join("dialogues/star_ptbr_mt.jsonl")];
    match large().map(|folder| folder.join("star.jsonl")).filter(|file| file.is_file()) {
        Some(star) => files.push(star),
        None => files.extend(
            ["star.jsonl", "sgd_multi.jsonl"].map(|file| samples().join("dialogues").join(file)),
        ),
    }
    let (mut known, mut all) = (HashSet::new(), Vec::new());
    for file in files {
        all.extend(sentences_of(&file)?.into_iter().filter(|text| known.insert(text.clone())));
    }
    all.truncate(1_000);
    Ok(all)
}

fn sentences_of(file: &Path) -> Result<Vec<String>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut all = Vec::new();
    for line in text.lines() {
        let dialogue: Value =
            serde_json::from_str(line).with_context(|| format!("in {}", file.display()))?;
        let turns = dialogue["turns"].as_array().cloned().unwrap_or_default();
        let said = turns
            .iter()
            .filter_map(|turn| turn["text"].as_str())
            .filter(|text| !text.trim().is_empty());
        all.extend(said.map(str::to_owned));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_say_something() -> Result<()> {
        assert!(sentences()?.len() > 200);
        assert_eq!(thousand()?.len(), 1_000);
        Ok(())
    }
}
