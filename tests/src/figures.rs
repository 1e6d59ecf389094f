//! Figures that a test measures. Nothing passes or fails by them; cargo hides what a test prints, so that the end of
//! `cargo xtask test` tells them once more, from a file that it names in `DIALOGO_FIGURES`.

use std::fmt::Display;
use std::fs::File;
use std::io::Write as _;

use anyhow::{Context as _, Result};

/// Notes a figure of the running test.
pub fn note(what: &str, value: impl Display) -> Result<()> {
    println!("{what}: {value}");
    let Some(file) = std::env::var_os("DIALOGO_FIGURES") else { return Ok(()) };
    // One write: other tests note theirs at the same time.
    let line = format!("{what}\t{value}\n");
    let noted = File::options().create(true).append(true).open(&file);
    let noted = noted.and_then(|mut file| file.write_all(line.as_bytes()));
    noted.with_context(|| format!("cannot note a figure in {}", file.display()))
}
