//! Recordings: calls that a running desk put to a plugin, kept so that they can be repeated without the desk.
//!
//! A recording is a file of JSON lines. The first, [`Header`], has what held for all its calls: the plugin, its settings and
//! limits, the tree. Every other line is a call: clock, seed, what was asked in the form of a case's `input`, and what was
//! answered then. What the host answers a plugin follows from these (patterns from the settings and the text, the tree, the
//! history and directory that stand in `input`) and from the package's own assets, so that another plugin, which asks other
//! things, can be put to the same calls.
//!
//! Writing, off the critical path: [`recorder`] (queue and thread), [`written`] (a question as text), [`redact`] (what of it
//! is masked), [`shelf`] (files and their bounds). Reading: here; asking again: [`crate::Plugin::under`] and
//! [`crate::Plugin::repeat`].

pub(crate) mod recorder;
mod redact;
pub(crate) mod shelf;
mod written;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cases::NodeText;
use crate::cases::input::{self, InputText};
use crate::catalogue::Catalogue;
use crate::hook::Hook;
use crate::input::Call;
use crate::prepare::Limits;
use crate::question::Question;

pub use recorder::RecordingMetrics;
pub use shelf::files;

/// Version of the format; another one is not read.
const FORMAT: u32 = 1;

/// How the calls of a binding are recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Of which share of conversations, 0 to 1; of these, all calls.
    pub share: f64,
    /// Milliseconds after which a recording is deleted.
    pub keep_ms: u64,
    /// Bytes of all recordings of the binding.
    pub max_bytes: u64,
    /// Whether what names people is masked.
    pub redact: bool,
    /// At these hooks; none for all.
    pub hooks: Option<Vec<Hook>>,
}

/// What holds for all calls of a recording.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    dialogo_recording: u32,
    /// The binding's id.
    pub plugin: String,
    /// The package's id.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// SHA-256 of its component, in hexadecimal.
    pub digest: String,
    /// When it was begun, in milliseconds since 1970.
    pub begun: u64,
    /// Milliseconds after that at which the desk deletes it.
    pub keep_ms: u64,
    /// The share of conversations that were recorded, 0 to 1.
    pub share: f64,
    /// Whether what names people was masked.
    pub redacted: bool,
    /// So many of the last messages the plugin asked for: there are no more in the calls.
    pub recent_messages: usize,
    /// The operator's limits.
    pub limits: Limits,
    /// SHA-256 of each file of the package, by name.
    pub assets: BTreeMap<String, String>,
    /// What the plugin was told as the revision of its settings.
    pub settings_revision: u64,
    /// Its settings.
    pub settings: Value,
    catalogue: Tree,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Tree {
    revision: u64,
    nodes: Vec<NodeText>,
}

impl Header {
    /// The classification tree.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        let nodes = self.catalogue.nodes.iter().cloned().map(Into::into).collect();
        Arc::new(Catalogue::new(self.catalogue.revision, nodes))
    }

    /// The tree as a case has it.
    pub fn nodes(&self) -> Value {
        serde_json::to_value(&self.catalogue.nodes).unwrap_or_default()
    }
}

/// One line of a recording.
#[derive(Serialize, Deserialize)]
struct Line {
    call: String,
    hook: Hook,
    answered: String,
    took_us: u64,
    input: Value,
}

/// A call, ready to be repeated.
#[derive(Clone, Debug)]
pub struct RecordedCall {
    /// Which hook was asked.
    pub hook: Hook,
    /// Clock, seed, history, directory.
    pub call: Arc<Call>,
    /// What was asked.
    pub question: Question,
    /// The same as the `input` of a case.
    pub input: Value,
    /// What was answered then, in a word or two; not the same as now where the text was masked since.
    pub answered: String,
    /// How long that took, in microseconds.
    pub took_us: u64,
}

impl RecordedCall {
    /// The conversation's id.
    pub fn conversation(&self) -> &str {
        self.question.conversation().map_or("", |conversation| &conversation.id)
    }
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The disk said no.
    #[error("cannot read {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Its first line is not that of a recording.
    #[error("{path} is no recording: {what}")]
    NotOne {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// It was written by another version.
    #[error("{path} has format {found}, this program reads {FORMAT}")]
    Format {
        /// Which file.
        path: PathBuf,
        /// The format it has.
        found: u32,
    },
    /// A line is no call.
    #[error("{path}:{line}: this is no recorded call: {what}")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, counted from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// A recording that is read call by call.
#[derive(Debug)]
pub struct Recording {
    /// The file.
    pub path: PathBuf,
    /// What holds for all calls.
    pub header: Header,
    reader: BufReader<File>,
    line: usize,
}

impl Recording {
    /// Opens it and reads what holds for all calls.
    pub fn open(path: &Path) -> Result<Self, RecordingError> {
        let read = |source| RecordingError::Read { path: path.into(), source };
        let mut reader = BufReader::new(File::open(path).map_err(read)?);
        let mut first = String::new();
        reader.read_line(&mut first).map_err(read)?;
        let header = header(&first).map_err(|fault| match fault {
            HeaderFault::Format(found) => RecordingError::Format { path: path.into(), found },
            HeaderFault::NotOne(what) => RecordingError::NotOne { path: path.into(), what },
        })?;
        Ok(Recording { path: path.into(), header, reader, line: 1 })
    }

    fn parse(&self, text: &str) -> Result<RecordedCall, RecordingError> {
        parse(text).map_err(|what| RecordingError::Line {
            path: self.path.clone(),
            line: self.line,
            what,
        })
    }
}

impl Iterator for Recording {
    type Item = Result<RecordedCall, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut text = String::new();
        if let Err(source) = self.reader.read_line(&mut text) {
            return Some(Err(RecordingError::Read { path: self.path.clone(), source }));
        }
        self.line += 1;
        // A line without its end is being written at this moment, or was when the desk was killed.
        text.ends_with('\n').then(|| self.parse(&text))
    }
}

enum HeaderFault {
    Format(u32),
    NotOne(String),
}

fn header(line: &str) -> Result<Header, HeaderFault> {
    #[derive(Deserialize)]
    struct Mark {
        dialogo_recording: u32,
    }
    let not_one = |fault: serde_json::Error| HeaderFault::NotOne(fault.to_string());
    let mark: Mark = serde_json::from_str(line).map_err(not_one)?;
    if mark.dialogo_recording != FORMAT {
        return Err(HeaderFault::Format(mark.dialogo_recording));
    }
    serde_json::from_str(line).map_err(not_one)
}

fn parse(text: &str) -> Result<RecordedCall, String> {
    let line: Line = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
    let form: InputText =
        serde_json::from_value(line.input.clone()).map_err(|fault| format!("`input`: {fault}"))?;
    let (call, question) = input::question(line.hook, form, "{}".into(), &BTreeMap::new())?;
    Ok(RecordedCall {
        hook: line.hook,
        call: Arc::new(Call { call_id: line.call, dry_run: false, ..call }),
        question,
        input: line.input,
        answered: line.answered,
        took_us: line.took_us,
    })
}

#[cfg(test)]
mod tests;
