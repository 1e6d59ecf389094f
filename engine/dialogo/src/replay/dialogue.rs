//! Recorded dialogues: one JSON object a line, as they are read from a file.
//!
//! Only what can be played is kept: turns with text, whether the consumer hung up by itself, the
//! pauses, the team a turn belongs to and the labels. Look-ups and choices of a task, which the
//! recordings hold as turns without text, are nothing that anybody sends.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// One recorded dialogue, ready to be played.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialogue {
    /// Its id in the recording.
    pub id: String,
    /// What is said, in order; never empty.
    pub turns: Vec<Turn>,
    /// Whether the consumer ended it (else the agent does).
    pub consumer_closes: bool,
    /// What it was about: any of these is a hit when it is suggested.
    pub labels: Vec<String>,
}

/// One thing said.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// By whom.
    pub who: Who,
    /// What.
    pub text: String,
    /// Milliseconds after the first turn at the speed of the recording.
    pub at_ms: u64,
    /// The team that answers here, if the recording says so.
    pub service: Option<String>,
}

/// The two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// Who asks.
    Consumer,
    /// Who answers.
    Agent,
}

impl Dialogue {
    /// The teams it goes through, in order, each change being one transfer.
    pub fn services(&self) -> Vec<&str> {
        let mut path: Vec<&str> = Vec::new();
        for service in self.turns.iter().filter_map(|turn| turn.service.as_deref()) {
            if path.last() != Some(&service) {
                path.push(service);
            }
        }
        path
    }
}

/// Why a file of dialogues cannot be played.
#[derive(Debug)]
pub struct Unreadable {
    /// Which file.
    pub file: PathBuf,
    /// Which line, counted from 1; `None`: the file as a whole.
    pub line: Option<usize>,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(out, ":{line}")?;
        }
        write!(out, ": {}", self.why)
    }
}

impl std::error::Error for Unreadable {}

/// Reads a file of dialogues, leaving out those without a single text.
pub fn read(file: &Path) -> Result<Vec<Dialogue>, Unreadable> {
    let fault = |line, why: String| Unreadable { file: file.to_owned(), line, why };
    let text = std::fs::read_to_string(file).map_err(|why| fault(None, why.to_string()))?;
    let dialogues = parse(&text).map_err(|(line, why)| fault(Some(line), why))?;
    if dialogues.is_empty() {
        return Err(fault(None, "there is no dialogue in it".into()));
    }
    Ok(dialogues)
}

/// The same from text; an error names the line.
pub fn parse(text: &str) -> Result<Vec<Dialogue>, (usize, String)> {
    let mut dialogues = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let recorded: Recorded =
            serde_json::from_str(line).map_err(|fault| (index + 1, fault.to_string()))?;
        dialogues.extend(playable(recorded));
    }
    Ok(dialogues)
}

/// Pause between turns of a recording without times: what it takes to read and type a line.
const TYPING_MS: u64 = 8_000;

fn playable(recorded: Recorded) -> Option<Dialogue> {
    let first = recorded.turns.iter().find_map(|turn| turn.t).unwrap_or(0.0);
    let mut turns: Vec<Turn> = Vec::new();
    for turn in &recorded.turns {
        if turn.text.trim().is_empty() || turn.kind.as_deref() == Some("action") {
            continue;
        }
        let told = turn.t.map(|seconds| ((seconds - first).max(0.0) * 1000.0) as u64);
        let before = turns.last().map(|turn| turn.at_ms);
        let at_ms =
            told.or(before.map(|before| before + TYPING_MS)).unwrap_or(0).max(before.unwrap_or(0));
        turns.push(Turn {
            who: turn.who,
            text: turn.text.clone(),
            at_ms,
            service: turn.service.clone(),
        });
    }
    let consumer_closes = recorded
        .turns
        .last()
        .is_some_and(|turn| turn.who == Who::Consumer && turn.kind.as_deref() == Some("close"));
    (!turns.is_empty()).then(|| Dialogue {
        id: recorded.id,
        turns,
        consumer_closes,
        labels: labels(&recorded.labels),
    })
}

/// The labels that name what it was about, whatever the recording calls them.
fn labels(given: &serde_json::Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for key in ["node", "classification", "tasks", "services", "flow", "subflow"] {
        let named: Vec<&str> = match given.get(key) {
            Some(serde_json::Value::String(one)) => vec![one],
            Some(serde_json::Value::Array(many)) => {
                many.iter().filter_map(|one| one.as_str()).collect()
            }
            _ => continue,
        };
        for name in named {
            if !found.iter().any(|known| known == name) {
                found.push(name.to_owned());
            }
        }
    }
    found
}

#[derive(Deserialize)]
struct Recorded {
    id: String,
    turns: Vec<RecordedTurn>,
    #[serde(default)]
    labels: serde_json::Value,
}

#[derive(Deserialize)]
struct RecordedTurn {
    who: Who,
    #[serde(default)]
    text: String,
    t: Option<f64>,
    kind: Option<String>,
    service: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_without_text_are_left_out_and_the_close_is_kept() {
        let line = r#"{"id":"a","turns":[
            {"t":5,"who":"consumer","text":"oi"},{"t":7,"who":"agent","kind":"lookup","text":""},
            {"t":9,"who":"agent","text":"olá"},{"t":9,"who":"consumer","kind":"close","text":""}],
            "labels":{"tasks":["weather"]}}"#
            .replace('\n', "");
        let all = parse(&line).expect("reads");
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].turns.len(), 2);
        assert_eq!(all[0].turns[1].at_ms, 4_000);
        assert!(all[0].consumer_closes);
        assert_eq!(all[0].labels, ["weather"]);
    }

    #[test]
    fn services_are_the_path_of_transfers() {
        let line = r#"{"id":"a","turns":[{"who":"consumer","text":"1","service":"A"},{"who":"agent","text":"2","service":"A"},{"who":"consumer","text":"3","service":"B"},{"who":"agent","text":"4","service":"A"}]}"#;
        let all = parse(line).expect("reads");
        assert_eq!(all[0].services(), ["A", "B", "A"]);
        assert_eq!(all[0].turns[2].at_ms, 2 * TYPING_MS);
    }

    #[test]
    fn a_broken_line_is_named() {
        let (line, why) = parse("\n{\"id\":1}\n").expect_err("an id is text");
        assert_eq!(line, 2);
        assert!(why.contains("expected a string"), "{why}");
    }
}
