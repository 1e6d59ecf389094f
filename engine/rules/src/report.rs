//! Problems shown to people, in the manner of rustc, and to programs, as JSON.
//!
//! Finds nothing by itself; [`crate::load`] does that.

use std::fmt::Write as _;

use codespan_reporting::diagnostic::{self as codespan, Label, LabelStyle};
use codespan_reporting::files::{Files as _, SimpleFiles};
use codespan_reporting::term::termcolor::{Ansi, NoColor, WriteColor};
use codespan_reporting::term::{self, Chars, Config, Styles};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::files::Files;

/// Most problems of one report that are written out; the rest are counted only.
const MOST_SHOWN: usize = 500;

/// Problems together with the files they are in.
#[derive(Debug)]
pub struct Report<'a> {
    problems: &'a [Diagnostic],
    paths: Vec<String>,
    texts: SimpleFiles<String, String>,
    count_of_files: usize,
}

/// One problem as JSON. Lines and columns count from 1, columns in characters; 0 where a problem is about a whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Located {
    /// How bad it is.
    pub severity: Severity,
    /// Its kind.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// Path as shown to people.
    pub file: String,
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column after the last character.
    pub end_column: usize,
    /// Words under the marked text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What would be right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
    /// Other places that matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<LocatedNote>,
}

/// Another place, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocatedNote {
    /// Path as shown to people.
    pub file: String,
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
    /// What stands there.
    pub message: String,
}

impl<'a> Report<'a> {
    /// Puts problems and files together.
    pub fn new(files: &Files, problems: &'a [Diagnostic]) -> Self {
        let mut texts = SimpleFiles::new();
        let mut paths = Vec::new();
        for (path, bytes) in files.iter() {
            texts.add(files.shown(path), String::from_utf8_lossy(bytes).into_owned());
            paths.push(path.to_owned());
        }
        for problem in problems {
            // A file that is missing has a place all the same, so that its name is shown.
            let path: &str = &problem.place.file;
            if !paths.iter().any(|known| known == path) {
                texts.add(files.shown(path), String::new());
                paths.push(path.to_owned());
            }
        }
        Self { problems, paths, texts, count_of_files: files.len() }
    }

    /// Every problem and the line that sums them up. `colour` with terminal codes; `last` is put after the sum, such as
    /// `the running desk keeps generation 41`.
    pub fn text(&self, colour: bool, last: Option<&str>) -> String {
        let mut out = String::new();
        for problem in self.problems.iter().take(MOST_SHOWN) {
            out.push_str(&self.problem_text(problem, colour));
            out.push('\n');
        }
        if self.problems.len() > MOST_SHOWN {
            let _ = writeln!(out, "… and {} more\n", self.problems.len() - MOST_SHOWN);
        }
        out.push_str(&self.summary());
        if let Some(last) = last {
            out.push(' ');
            out.push_str(last);
        }
        out.push('\n');
        out
    }

    /// `2 errors, 1 warning in 8 files.`
    pub fn summary(&self) -> String {
        let errors = self.problems.iter().filter(|problem| problem.is_error()).count();
        let warnings = self.problems.len() - errors;
        let mut parts = Vec::new();
        if errors > 0 {
            parts.push(counted(errors, "error"));
        }
        if warnings > 0 {
            parts.push(counted(warnings, "warning"));
        }
        if parts.is_empty() {
            parts.push("no problems".to_owned());
        }
        format!("{} in {}.", parts.join(", "), counted(self.count_of_files, "file"))
    }

    /// One problem as it stands on a terminal.
    pub fn problem_text(&self, problem: &Diagnostic, colour: bool) -> String {
        if colour {
            let mut writer = Ansi::new(Vec::new());
            self.emit(&mut writer, problem);
            without_empty_gutters(&writer.into_inner())
        } else {
            let mut writer = NoColor::new(Vec::new());
            self.emit(&mut writer, problem);
            without_empty_gutters(&writer.into_inner())
        }
    }

    /// Every problem with lines and columns, to be written as JSON.
    pub fn located(&self) -> Vec<Located> {
        self.problems.iter().map(|problem| self.locate(problem)).collect()
    }

    /// Line and column where a place begins, both from 1; `None` for a whole file.
    pub fn line_and_column(&self, place: &Place) -> Option<(usize, usize)> {
        let span = place.span?;
        self.position(place, span.start)
    }

    fn locate(&self, problem: &Diagnostic) -> Located {
        let start = self.line_and_column(&problem.place).unwrap_or((0, 0));
        let end = problem
            .place
            .span
            .and_then(|span| self.position(&problem.place, span.end))
            .unwrap_or((0, 0));
        let related = problem.related.iter().map(|related| {
            let (line, column) = self.line_and_column(&related.place).unwrap_or((0, 0));
            LocatedNote {
                file: self.shown(&related.place),
                line,
                column,
                message: related.message.clone(),
            }
        });
        Located {
            severity: problem.severity,
            code: problem.code.clone(),
            message: problem.message.clone(),
            file: self.shown(&problem.place),
            line: start.0,
            column: start.1,
            end_line: end.0,
            end_column: end.1,
            label: problem.label.clone(),
            help: problem.help.clone(),
            related: related.collect(),
        }
    }

    fn index(&self, path: &str) -> Option<usize> {
        self.paths.iter().position(|known| known == path)
    }

    fn shown(&self, place: &Place) -> String {
        let name = self.index(&place.file).and_then(|index| self.texts.name(index).ok());
        name.unwrap_or_else(|| place.file.to_string())
    }

    fn position(&self, place: &Place, byte: usize) -> Option<(usize, usize)> {
        let index = self.index(&place.file)?;
        let byte = self.on_a_border(index, byte);
        let location = self.texts.location(index, byte).ok()?;
        Some((location.line_number, location.column_number))
    }

    /// The byte itself, or the nearest one before it that begins a character of the text.
    fn on_a_border(&self, index: usize, byte: usize) -> usize {
        let Ok(file) = self.texts.get(index) else { return 0 };
        let text = file.source();
        let mut byte = byte.min(text.len());
        while !text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    }

    fn label(
        &self,
        place: &Place,
        style: LabelStyle,
        message: Option<&str>,
    ) -> Option<Label<usize>> {
        let index = self.index(&place.file)?;
        let span = place.span?;
        let start = self.on_a_border(index, span.start);
        let end = self.on_a_border(index, span.end).max(start);
        Some(Label::new(style, index, start..end).with_message(message.unwrap_or_default()))
    }

    fn emit(&self, writer: &mut dyn WriteColor, problem: &Diagnostic) {
        let severity = match problem.severity {
            Severity::Error => codespan::Severity::Error,
            Severity::Warning => codespan::Severity::Warning,
        };
        let primary = self.label(&problem.place, LabelStyle::Primary, problem.label.as_deref());
        let mut notes = Vec::new();
        if primary.is_none() {
            notes.push(format!("in {}", self.shown(&problem.place)));
            notes.extend(problem.label.clone());
        }
        let mut labels: Vec<_> = primary.into_iter().collect();
        for related in &problem.related {
            match self.label(&related.place, LabelStyle::Secondary, Some(&related.message)) {
                Some(label) => labels.push(label),
                None => notes.push(format!("{}: {}", self.shown(&related.place), related.message)),
            }
        }
        notes.extend(problem.help.iter().cloned());
        let whole = codespan::Diagnostic::new(severity)
            .with_code(&problem.code)
            .with_message(&problem.message)
            .with_labels(labels)
            .with_notes(notes);
        let config = Config { chars: Chars::box_drawing(), ..Config::default() };
        // Writing into memory cannot fail, and a problem that cannot be drawn is still summed up.
        let _ = term::emit_to_write_style(
            &mut term::StylesWriter::new(writer, &Styles::default()),
            &config,
            &self.texts,
            &whole,
        );
    }
}

/// Drops the lines that hold nothing but the gutter: they help where problems are long, and ours are short.
fn without_empty_gutters(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let bare = without_colour(line);
        let bare = bare.trim();
        if bare != "│" && !bare.is_empty() {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

fn without_colour(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(next) = chars.next() {
        if next == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            out.push(next);
        }
    }
    out
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
