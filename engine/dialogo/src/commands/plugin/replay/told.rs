//! What is said of two plugins that were put to the same calls.

use dialogo_host::question::Answer;
use dialogo_host::recording::RecordedCall;
use dialogo_host::{Cost, Failure};
use serde_json::{Value, json};

use super::super::{advice, answer};
use super::count;
use crate::output;

/// A call that the two answer differently.
#[derive(Debug)]
pub(super) struct Difference {
    call: String,
    hook: &'static str,
    conversation: String,
    at_ms: u64,
    recorded: String,
    then: Said,
    now: Said,
}

/// An answer, as people and as scripts read it.
#[derive(Debug)]
struct Said {
    lines: Vec<String>,
    todo: Option<String>,
    json: Value,
}

impl Said {
    fn of(answer: &Result<Answer, Failure>) -> Self {
        Self {
            lines: answer::lines(answer),
            todo: answer.as_ref().err().and_then(advice::todo),
            json: answer::json(answer),
        }
    }

    fn show(&self, name: &str) {
        for (number, line) in self.lines.iter().enumerate() {
            output::say(format!("  {:4}  {line}", if number == 0 { name } else { "" }));
        }
    }
}

impl Difference {
    pub(super) fn of(
        call: &RecordedCall,
        then: &Result<Answer, Failure>,
        now: &Result<Answer, Failure>,
    ) -> Self {
        Self {
            call: call.call.call_id.clone(),
            hook: call.hook.name(),
            conversation: call.conversation().to_owned(),
            at_ms: call.call.now_ms,
            recorded: call.answered.clone(),
            then: Said::of(then),
            now: Said::of(now),
        }
    }

    fn show(&self) {
        output::say(format!(
            "call {}  {}  conversation {}",
            self.call, self.hook, self.conversation
        ));
        self.then.show("then");
        self.now.show("now");
        if let Some(todo) = &self.now.todo {
            output::say(format!("        what to do: {todo}"));
        }
        output::say("");
    }

    fn as_json(&self) -> Value {
        json!({
            "call": self.call, "hook": self.hook, "conversation": self.conversation, "at": self.at_ms,
            "recorded": self.recorded, "then": self.then.json, "now": self.now.json,
        })
    }
}

/// Everything together.
#[derive(Debug)]
pub(super) struct Told {
    then: Value,
    now: Value,
    recordings: usize,
    masked: bool,
    pub(super) calls: usize,
    /// Calls that the second failed at.
    failed: usize,
    then_us: Vec<u64>,
    now_us: Vec<u64>,
    pub(super) differences: Vec<Difference>,
}

impl Told {
    pub(super) fn new(then: Value, now: Value, recordings: usize) -> Self {
        Self {
            then,
            now,
            recordings,
            masked: false,
            calls: 0,
            failed: 0,
            then_us: Vec::new(),
            now_us: Vec::new(),
            differences: Vec::new(),
        }
    }

    /// Some of the texts are not those that the desk had.
    pub(super) fn note_masked(&mut self, masked: bool) {
        self.masked |= masked;
    }

    pub(super) fn add(&mut self, now: &Result<Answer, Failure>, then: Cost, after: Cost) {
        self.calls += 1;
        self.failed += usize::from(now.is_err());
        self.then_us.push(then.took_us);
        self.now_us.push(after.took_us);
    }

    fn same(&self) -> usize {
        self.calls - self.differences.len()
    }

    pub(super) fn as_json(&self) -> Value {
        let differences: Vec<Value> = self.differences.iter().map(Difference::as_json).collect();
        json!({
            "then": self.then, "now": self.now, "recordings": self.recordings, "masked": self.masked,
            "calls": self.calls, "same": self.same(), "differ": self.differences.len(), "failed": self.failed,
            "p50_us": { "then": median(&self.then_us), "now": median(&self.now_us) },
            "differences": differences,
        })
    }

    pub(super) fn show(&self) {
        self.differences.iter().for_each(Difference::show);
        let name = |one: &Value| {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            format!(
                "{} {} ({})",
                text("id"),
                text("version"),
                text("digest").get(..8).unwrap_or_default()
            )
        };
        output::say(format!("then {}, now {}", name(&self.then), name(&self.now)));
        output::say(format!(
            "{} in {}: {} the same, {} differ, {} failed now; median {} µs then, {} µs now",
            count(self.calls, "call"),
            count(self.recordings, "recording"),
            self.same(),
            self.differences.len(),
            self.failed,
            median(&self.then_us),
            median(&self.now_us),
        ));
        if self.masked {
            output::say(
                "what names people is masked in these calls: both plugins were asked about the masked texts",
            );
        }
    }
}

fn median(times: &[u64]) -> u64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
