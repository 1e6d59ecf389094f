//! What a task tells while it works: one line when a step begins, one when it ends, on stderr.

use anyhow::{Context as _, Result, ensure};
use std::process::Command;
use std::time::Instant;

/// A line of progress.
pub(crate) fn line(text: &str) {
    eprintln!("xtask: {text}");
}

/// The end of a task that failed: the whole chain of causes, once.
pub(crate) fn failed(fault: &anyhow::Error) {
    eprintln!("xtask: error: {fault:#}");
}

/// Runs one step between its two lines.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    line(&format!("{what} …"));
    let begun = Instant::now();
    let result = work();
    let end = if result.is_ok() { "done" } else { "FAILED" };
    line(&format!("{what}: {end} after {:.1} s", begun.elapsed().as_secs_f64()));
    result
}

/// Runs a program to its end; anything but success is an error that names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(status.success(), "{} ended with {status}", command.get_program().to_string_lossy());
    Ok(())
}
