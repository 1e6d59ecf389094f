//! Progress on standard error, and the folder everything temporary lies in.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

static PLACE: OnceLock<PathBuf> = OnceLock::new();

/// Where temporary folders are made from now on.
pub(crate) fn measure_in(folder: PathBuf) {
    // Set once, before anything is measured.
    let _ = PLACE.set(folder);
}

/// A temporary folder on the disk that is measured.
pub(crate) fn temporary() -> Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("dialogo-bench.");
    let made = match PLACE.get() {
        Some(place) => builder.tempdir_in(place),
        None => builder.tempdir(),
    };
    made.context("cannot make a temporary folder (name another place with --on)")
}

/// A line of progress.
pub(crate) fn line(text: &str) {
    // Whoever has closed standard error does not want to know.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// So much of a measure is done.
pub(crate) fn progress(what: &str, done: usize, of: usize) {
    line(&format!("  {what}: {done}/{of}"));
}
