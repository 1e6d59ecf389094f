//! What is printed, and how a command ends: text or JSON, faults with what to do, exit codes.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// How a command ended; see the help text for the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing wrong.
    Good,
    /// It was done and something was found.
    Found,
    /// The command line was wrong in a way only seen later.
    Usage,
    /// The desk cannot be reached, its folder is locked, or something outside broke.
    Unavailable,
    /// The desk said no.
    Refused,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Good => 0,
            Exit::Found => 1,
            Exit::Usage => 2,
            Exit::Unavailable => 3,
            Exit::Refused => 4,
        })
    }
}

/// A fault that says how the command ends and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// What went wrong, and where.
    pub what: String,
    /// What to do.
    pub todo: Option<String>,
    /// How the command ends.
    pub exit: Exit,
}

impl Failure {
    /// Something outside broke or cannot be reached.
    pub fn unavailable(what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { what: what.into(), todo: Some(todo.into()), exit: Exit::Unavailable }
    }

    /// What was asked for makes no sense.
    pub fn usage(what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { what: what.into(), todo: Some(todo.into()), exit: Exit::Usage }
    }

    /// The desk said no.
    pub fn refused(what: impl Into<String>) -> Self {
        Self { what: what.into(), todo: None, exit: Exit::Refused }
    }
}

/// Prints a fault with everything under it, once, and says how the command ends.
pub fn report_fault(fault: &anyhow::Error) -> Exit {
    let known = fault.chain().find_map(|cause| cause.downcast_ref::<Failure>());
    let mut err = std::io::stderr().lock();
    // Where even standard error is gone there is nobody to tell.
    let _ = writeln!(err, "error: {fault}");
    for cause in fault.chain().skip(1) {
        let _ = writeln!(err, "  because: {cause}");
    }
    if let Some(todo) = known.and_then(|known| known.todo.as_ref()) {
        let _ = writeln!(err, "  what to do: {todo}");
    }
    known.map_or(Exit::Unavailable, |known| known.exit)
}

/// Prints a line to standard output.
pub fn say(line: impl AsRef<str>) {
    // A reader that has gone (`dialogo … | head`) is no fault of ours.
    let _ = writeln!(std::io::stdout().lock(), "{}", line.as_ref());
}

/// Prints a note to standard error, beside the answer.
pub fn note(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr().lock(), "{}", line.as_ref());
}

/// Prints one JSON object.
pub fn say_json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => say(text),
        Err(fault) => note(format!("error: cannot write the answer as JSON: {fault}")),
    }
}

/// Rows of two or more columns, as wide as their contents.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count().min(*width)));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.trim_end().to_owned()
}

/// A progress bar on a terminal, and nothing elsewhere.
pub fn progress(total: u64, what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total).with_message(what);
    let style = ProgressStyle::with_template("{msg:12} {bar:40} {pos}/{len} {elapsed} {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [vec!["a".to_owned(), "b".to_owned()], vec!["ação".to_owned(), "c".to_owned()]];
        assert_eq!(table(&rows), "a     b\nação  c");
    }

    #[test]
    fn the_exit_code_comes_from_below() {
        let fault = anyhow::Error::new(Failure::refused("no")).context("cannot do it");
        assert_eq!(report_fault(&fault), Exit::Refused);
        assert_eq!(report_fault(&anyhow::anyhow!("broken")), Exit::Unavailable);
    }
}
