//! One problem found in text that a person wrote: where it is, what is wrong, what would be right.
//!
//! How problems look on a terminal, and the list of them as JSON, is in [`crate::report`].

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The files cannot be used.
    Error,
    /// They can be used, but something in them does not do what its writer hoped.
    Warning,
}

/// A byte range that can be copied and ordered, unlike `std::ops::Range`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

/// A stretch of one rule file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Path below the folder of the rules.
    pub file: Arc<str>,
    /// Bytes in it; `None`: the file as a whole.
    pub span: Option<Span>,
}

impl Place {
    /// A file as a whole.
    pub fn file(path: impl Into<Arc<str>>) -> Self {
        Self { file: path.into(), span: None }
    }

    /// A stretch of a file.
    pub fn at(path: impl Into<Arc<str>>, span: impl Into<Span>) -> Self {
        Self { file: path.into(), span: Some(span.into()) }
    }
}

/// Another place that matters for a problem: the first of two duplicates, the rule that hides this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What stands there.
    pub message: String,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Its kind in a word or two, stable, for scripts and for the manual: `unknown-node`.
    pub code: String,
    /// What is wrong, in lower case, without a full stop.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What stands under the marked text.
    pub label: Option<String>,
    /// What would be right, or how to go on; one line each.
    pub help: Vec<String>,
    /// Other places that matter.
    pub related: Vec<Related>,
}

impl Diagnostic {
    /// A problem that keeps the files from being used.
    pub fn error(code: impl Into<String>, place: Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, place, message)
    }

    /// A problem they can be used with.
    pub fn warning(code: impl Into<String>, place: Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, place, message)
    }

    fn new(
        severity: Severity,
        code: impl Into<String>,
        place: Place,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            code: code.into(),
            message: message.into(),
            place,
            label: None,
            help: Vec::new(),
            related: Vec::new(),
        }
    }

    /// Adds the words under the marked text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds a line that says what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a line that says what would be right, if there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help.extend(help);
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, place: Place, message: impl Into<String>) -> Self {
        self.related.push(Related { place, message: message.into() });
        self
    }

    /// Whether the files cannot be used because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
