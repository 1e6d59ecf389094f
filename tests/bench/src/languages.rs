//! The example plugin in each language, side by side: how large it is, how long it takes until it can be asked, and what a call
//! costs. CPU time of the calling thread for calls, wall time for compiling, which takes every core.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use dialogo_host::question::Question;
use dialogo_host::{Binding, Package, Surroundings};
use serde_json::{Value, json};

use crate::desk::repository;
use crate::policy::{answered, call, calls_in, conversation, host, one_turn, written};
use crate::say::progress;
use crate::statistics::median;

/// In the order of the table; the first is what the others are compared with.
const LANGUAGES: [&str; 4] = ["rust", "c", "js", "python"];

/// Turns of each.
const ROUNDS: usize = 5;

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    language: &'static str,
    /// Of the component, in bytes.
    size: usize,
    /// Until it can be asked, with nothing in the cache, in milliseconds.
    ready_ms: f64,
    /// CPU of a call in a sandbox of its own, in microseconds.
    fresh_us: f64,
    /// CPU of a call in a sandbox that is there already, in microseconds.
    reused_us: f64,
    /// The most linear memory it had, in bytes.
    memory: u64,
}

/// Measures all of them.
pub(crate) fn measure(seconds: f64) -> Result<Vec<Row>> {
    let rows = LANGUAGES.iter().enumerate().map(|(at, language)| {
        let row = one(language, seconds / (2 * LANGUAGES.len()) as f64)
            .with_context(|| format!("the example in {language}"));
        progress("languages", at + 1, LANGUAGES.len());
        row
    });
    rows.collect()
}

fn one(language: &'static str, seconds: f64) -> Result<Row> {
    let folder = std::env::var_os("DIALOGO_EXAMPLES")
        .map_or_else(|| repository().join("target/examples"), PathBuf::from);
    let package = Package::read(&folder.join(language))
        .context("it is not built: run `cargo xtask examples` first")?;
    let size = package.component.len();
    let settings = json!({
        "rule": [{ "node": "billing", "words": ["\\bboletos?\\b", "segunda via"], "weight": 60 }],
        "denied": ["\\bidiota\\b"],
    });
    let mut binding = Binding::of(Arc::new(package), settings);
    // A neighbour of this process may take the core for longer than a call may last; that is not what is measured.
    binding.limits.time_ms = Some(200);
    // An interpreter in a sandbox that is used again and again lets its heap grow.
    binding.limits.memory_mib = Some(64);
    let host = host()?;
    let begun = Instant::now();
    let plugin = host
        .plugin(&binding, &Surroundings::default())
        .map_err(|problems| anyhow!("it cannot be bound: {problems:?}"))?;
    let ready_ms = begun.elapsed().as_secs_f64() * 1e3;
    let call = call();
    let message = written("Bom dia, preciso da segunda via do boleto, seu idiota");
    let question = Question::Message { conversation: Arc::new(conversation(Vec::new())), message };
    let memory = plugin.ask(&call, &question).1.peak_memory_bytes;
    let fresh_us = timed(seconds, || answered(plugin.ask(&call, &question).0))?;
    let mut warm = plugin.reused();
    let reused_us = timed(seconds, || answered(warm.ask(&call, &question).0))?;
    Ok(Row { language, size, ready_ms, fresh_us, reused_us, memory })
}

/// Microseconds of CPU a call.
fn timed(seconds: f64, mut ask: impl FnMut() -> Result<()>) -> Result<f64> {
    let calls = calls_in(seconds / ROUNDS as f64, &mut ask)?;
    let turns: Result<Vec<f64>> = (0..ROUNDS).map(|_| one_turn(calls, &mut ask)).collect();
    Ok(median(&turns?))
}

/// The table for people.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<10} {:>10} {:>12} {:>12} {:>12} {:>10}\n",
        "language", "size", "ready after", "fresh call", "reused call", "memory"
    );
    for row in rows {
        text.push_str(&format!(
            "{:<10} {:>6} KiB {:>9.0} ms {:>9.0} µs {:>9.1} µs {:>6} KiB\n",
            row.language,
            row.size.div_ceil(1024),
            row.ready_ms,
            row.fresh_us,
            row.reused_us,
            row.memory / 1024,
        ));
    }
    text
}

/// The same for programs.
pub(crate) fn json(rows: &[Row]) -> Value {
    let row = |row: &Row| {
        json!({
            "language": row.language,
            "bytes": row.size,
            "ready_ms": row.ready_ms,
            "fresh_us": row.fresh_us,
            "reused_us": row.reused_us,
            "memory_bytes": row.memory,
        })
    };
    rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_its_units() {
        let row = Row {
            language: "c",
            size: 2_049,
            ready_ms: 12.4,
            fresh_us: 30.6,
            reused_us: 1.25,
            memory: 131_072,
        };
        let text = table(&[row]);
        let line = text.lines().nth(1).expect("a row");
        for part in ["3 KiB", "12 ms", "31 µs", "1.2 µs", "128 KiB"] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
    }
}
