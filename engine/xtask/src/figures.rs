//! What the black-box tests measured while they ran, told at the end: cargo shows nothing of a test that passes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::say;

/// The file to which the tests add lines: what, a tab, how much.
#[derive(Debug)]
pub(crate) struct Figures(PathBuf);

impl Figures {
    /// An empty one below `target`.
    pub(crate) fn begin(target: &Path) -> Self {
        let file = target.join("figures.txt");
        // Where there is none, nothing was measured before.
        let _ = fs::remove_file(&file);
        Self(file)
    }

    /// Tells a command's tests where it is.
    pub(crate) fn told(&self, mut command: Command) -> Command {
        command.env("DIALOGO_FIGURES", &self.0);
        command
    }

    /// Tells what was measured.
    pub(crate) fn end(&self) {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        let rows: Vec<(&str, &str)> =
            text.lines().filter_map(|line| line.split_once('\t')).collect();
        let Some(width) = rows.iter().map(|(what, _)| what.chars().count()).max() else { return };
        say::line("measured on this machine, while it did whatever else it did:");
        for (what, value) in rows {
            say::line(&format!("  {what:width$}  {value}"));
        }
    }
}
