//! Takes calls on their way and gives them to a thread of its own: a desk is never slowed by what it records.
//!
//! The queue is bounded. A call for which there is no room, or that the disk refuses, is counted and forgotten.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::redact::Redactor;
use super::shelf::{Key, Shelf};
use super::written::{self, Sight};
use super::{FORMAT, Header, Line, Record, Tree};
use crate::failure::Failure;
use crate::hook::Hook;
use crate::host::HostError;
use crate::input::Call;
use crate::merge;
use crate::package::hex;
use crate::prepare::{Binding, Limits, Source};
use crate::question::{Answer, Question};
use crate::share;
use crate::unit::Unit;

/// Calls that may wait to be written. Each holds what the desk has in memory anyway for a while.
const QUEUE: usize = 1_024;
/// How often what is too old is deleted.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// See the module. Lives as long as the host and the tapes it gave out.
#[derive(Debug)]
pub(crate) struct Recorder {
    queue: Sender<Taken>,
    counters: Mutex<BTreeMap<Arc<str>, Arc<Counters>>>,
}

/// What was recorded of a plugin since the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingMetrics {
    /// The binding's id.
    pub plugin: Arc<str>,
    /// Calls written.
    pub recorded: u64,
    /// Calls that should have been: there was no room for them, or the disk refused.
    pub dropped: u64,
}

#[derive(Debug, Default)]
struct Counters {
    recorded: AtomicU64,
    dropped: AtomicU64,
}

impl Recorder {
    /// Starts the thread. `folder` is made when there is something to write.
    pub(crate) fn start(folder: PathBuf) -> Result<Self, HostError> {
        let (queue, taken) = bounded(QUEUE);
        let thread = thread::Builder::new().name("plugin-recorder".into());
        thread.spawn(move || work(&taken, Shelf::new(folder))).map_err(HostError::Thread)?;
        Ok(Recorder { queue, counters: Mutex::default() })
    }

    /// What a binding's calls are recorded with, if the operator wants them.
    pub(crate) fn tape(&self, binding: &Binding) -> Option<Arc<Tape>> {
        let (Some(record), Source::Package(package)) = (&binding.record, &binding.source) else {
            return None;
        };
        let plugin: Arc<str> = binding.id.as_str().into();
        let counters = self.counters.lock().entry(plugin.clone()).or_default().clone();
        Some(Arc::new(Tape {
            plugin,
            package: package.manifest.id.clone(),
            record: record.clone(),
            limits: binding.limits,
            counters,
            queue: self.queue.clone(),
        }))
    }

    /// What was recorded since the start.
    pub(crate) fn metrics(&self) -> Vec<RecordingMetrics> {
        let read = |(plugin, counters): (&Arc<str>, &Arc<Counters>)| RecordingMetrics {
            plugin: plugin.clone(),
            recorded: counters.recorded.load(Ordering::Relaxed),
            dropped: counters.dropped.load(Ordering::Relaxed),
        };
        self.counters.lock().iter().map(read).collect()
    }
}

/// A binding's way to the recorder.
#[derive(Debug)]
pub(crate) struct Tape {
    plugin: Arc<str>,
    package: String,
    record: Record,
    limits: Limits,
    counters: Arc<Counters>,
    queue: Sender<Taken>,
}

impl Tape {
    /// Whether calls at this hook are recorded.
    pub(crate) fn is_for(&self, hook: Hook) -> bool {
        self.record.hooks.as_ref().is_none_or(|hooks| hooks.contains(&hook))
    }

    /// Takes a call if its conversation is one of those that are recorded.
    pub(crate) fn take(
        self: &Arc<Self>,
        unit: &Arc<Unit>,
        call: &Arc<Call>,
        question: &Question,
        answer: &Result<Answer, Failure>,
        took_us: u64,
    ) {
        let Some(conversation) = question.conversation() else { return };
        if !share::recorded(&self.plugin, &conversation.id, self.record.share) {
            return;
        }
        let answered = match answer {
            Ok(answer) => merge::summary(answer),
            Err(failure) => failure.kind().name().to_owned(),
        };
        let taken = Taken {
            tape: self.clone(),
            unit: unit.clone(),
            call: call.clone(),
            question: question.clone(),
            answered,
            took_us,
        };
        if self.queue.try_send(taken).is_err() {
            self.counters.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A call on its way to the disk.
#[derive(Debug)]
struct Taken {
    tape: Arc<Tape>,
    unit: Arc<Unit>,
    call: Arc<Call>,
    question: Question,
    answered: String,
    took_us: u64,
}

fn work(queue: &Receiver<Taken>, mut shelf: Shelf) {
    let mut failing = false;
    let mut swept = None;
    loop {
        let now = SystemTime::now();
        if swept.is_none_or(|at| now.duration_since(at).is_ok_and(|since| since >= SWEEP_EVERY)) {
            shelf.sweep(millis(now));
            swept = Some(now);
        }
        let taken = match queue.recv_timeout(SWEEP_EVERY) {
            Ok(taken) => taken,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let counters = &taken.tape.counters;
        match taken.write(&mut shelf, millis(SystemTime::now()), queue.is_empty()) {
            Ok(()) => {
                counters.recorded.fetch_add(1, Ordering::Relaxed);
                failing = false;
            }
            Err(fault) => {
                counters.dropped.fetch_add(1, Ordering::Relaxed);
                if !failing {
                    tracing::warn!(plugin = &*taken.tape.plugin, %fault, "calls of a plugin cannot be recorded");
                }
                failing = true;
            }
        }
    }
}

fn millis(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

impl Taken {
    /// `last`: nothing else waits, so what was written is given to the disk.
    fn write(&self, shelf: &mut Shelf, now_ms: u64, last: bool) -> std::io::Result<()> {
        let record = &self.tape.record;
        let key = Key { unit: self.unit.uid, record: record.clone(), limits: self.tape.limits };
        let line = serde_json::to_string(&self.line())?;
        shelf.put(now_ms, &self.tape.plugin, &key, &|begun| self.header(begun), &line)?;
        if last { shelf.flush() } else { Ok(()) }
    }

    fn line(&self) -> Line {
        let unit = &self.unit;
        let redactor = if self.tape.record.redact { Redactor::On } else { Redactor::Off };
        let sight = Sight { grants: unit.environment.grants, recent: unit.sees(), redactor };
        Line {
            call: self.call.call_id.clone(),
            hook: self.question.hook(),
            answered: self.answered.clone(),
            took_us: self.took_us,
            input: written::input(&self.call, &self.question, sight),
        }
    }

    fn header(&self, begun: u64) -> Header {
        let (tape, unit) = (&self.tape, &self.unit);
        let environment = &unit.environment;
        let digest = |bytes: &[u8]| hex(&Sha256::digest(bytes));
        let assets = environment.assets.iter();
        Header {
            dialogo_recording: FORMAT,
            plugin: tape.plugin.to_string(),
            package: tape.package.clone(),
            version: unit.version.to_string(),
            digest: unit.digest.to_string(),
            begun,
            keep_ms: tape.record.keep_ms,
            share: tape.record.share,
            redacted: tape.record.redact,
            recent_messages: unit.sees(),
            limits: tape.limits,
            assets: assets.map(|(name, bytes)| (name.clone(), digest(bytes))).collect(),
            settings_revision: environment.settings_revision,
            settings: serde_json::from_str(&environment.settings).unwrap_or_default(),
            catalogue: Tree {
                revision: environment.catalogue.revision(),
                nodes: environment.catalogue.nodes().iter().map(Into::into).collect(),
            },
        }
    }
}
