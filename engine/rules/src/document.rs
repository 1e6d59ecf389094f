//! One TOML file as a tree of values, each with its place, in the order they were written.
//!
//! Only TOML's own grammar is checked here. What keys may stand where is in [`crate::spec`].

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

use crate::diagnostic::{Diagnostic, Place, Span};
use crate::files::MAX_FILE_BYTES;

/// A file that could be read as TOML.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) path: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) root: Value,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) span: Span,
    pub(crate) data: Data,
}

/// What a value holds.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    Date(Datetime),
    List(Vec<Value>),
    Table(Table),
    /// Told to the reader already.
    Broken,
}

/// A table, its entries in the order of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table(pub(crate) Vec<Entry>);

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Value,
}

impl Table {
    /// The entry of that name.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }
}

impl Data {
    /// What it is, for people.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Int(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::Date(_) => "a date or time",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Broken => "something unreadable",
        }
    }
}

impl Document {
    /// Reads the bytes; `None` and at least one problem if they are no TOML.
    pub(crate) fn parse(path: &str, bytes: &[u8], problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let path: Arc<str> = path.into();
        if bytes.len() > MAX_FILE_BYTES {
            let message = format!(
                "this file is too large: {} bytes, the most is {MAX_FILE_BYTES}",
                bytes.len()
            );
            problems.push(Diagnostic::error("file-too-large", Place::file(path), message));
            return None;
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                problems.push(not_utf8(path, bytes, error));
                return None;
            }
        };
        let (root, errors) = DeTable::parse_recoverable(text);
        let span = root.span();
        let broken = !errors.is_empty();
        let mut reader = Tree { path: &path, problems, failed: broken };
        let root = reader.table(root.into_inner());
        let failed = reader.failed;
        syntax_errors(&path, text, &root, &errors, problems);
        if failed {
            return None;
        }
        let root = Value { span: span.into(), data: Data::Table(root) };
        Some(Self { path, text: text.into(), root })
    }

    /// The table at the top.
    pub(crate) fn table(&self) -> &Table {
        static EMPTY: Table = Table(Vec::new());
        if let Data::Table(table) = &self.root.data { table } else { &EMPTY }
    }

    /// A place in this file.
    pub(crate) fn place(&self, span: Span) -> Place {
        Place { file: Arc::clone(&self.path), span: Some(span) }
    }
}

/// Turns the parser's tree into ours.
struct Tree<'a> {
    path: &'a Arc<str>,
    problems: &'a mut Vec<Diagnostic>,
    failed: bool,
}

impl Tree<'_> {
    fn table(&mut self, table: DeTable<'_>) -> Table {
        let mut entries: Vec<Entry> = table
            .into_iter()
            .map(|(key, value)| {
                let key_span = key.span().into();
                Entry { key: key.into_inner().into_owned(), key_span, value: self.value(value) }
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_span.start);
        Table(entries)
    }

    fn value(&mut self, value: Spanned<DeValue<'_>>) -> Value {
        let span = value.span();
        let data = match value.into_inner() {
            DeValue::String(text) => Data::Text(text.into_owned()),
            DeValue::Integer(number) => self.integer(&span, number.as_str(), number.radix()),
            DeValue::Float(number) => self.float(&span, number.as_str()),
            DeValue::Boolean(flag) => Data::Bool(flag),
            DeValue::Datetime(date) => Data::Date(date),
            DeValue::Array(list) => {
                Data::List(list.into_iter().map(|item| self.value(item)).collect())
            }
            DeValue::Table(table) => Data::Table(self.table(table)),
        };
        Value { span: span.into(), data }
    }

    fn integer(&mut self, span: &Range<usize>, text: &str, radix: u32) -> Data {
        i64::from_str_radix(text, radix).map_or_else(
            |_| {
                self.broken(
                    "number-too-large",
                    span,
                    "this number is too large",
                    "at most 9223372036854775807",
                )
            },
            Data::Int,
        )
    }

    fn float(&mut self, span: &Range<usize>, text: &str) -> Data {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Data::Float(number),
            _ => self.broken(
                "not-a-number",
                span,
                "this is not a number that can be reckoned with",
                "such as 0.75",
            ),
        }
    }

    fn broken(&mut self, code: &str, span: &Range<usize>, message: &str, label: &str) -> Data {
        let place = Place::at(Arc::clone(self.path), span.clone());
        self.problems.push(Diagnostic::error(code, place, message).label(label));
        self.failed = true;
        Data::Broken
    }
}

fn not_utf8(path: Arc<str>, bytes: &[u8], error: std::str::Utf8Error) -> Diagnostic {
    let at = error.valid_up_to();
    let found = bytes.get(at).copied().unwrap_or_default();
    Diagnostic::error(
        "not-utf8",
        Place::at(path, at..at + 1),
        format!("this file is not UTF-8: byte {at} is 0x{found:02x}"),
    )
    .label("here")
    .help("save the file as UTF-8 in your editor (in Windows' Notepad: Save as, Encoding: UTF-8)")
}

/// The parser goes on after a mistake and then often trips over what follows it, so only the first problem of each line
/// is told.
fn syntax_errors(
    path: &Arc<str>,
    text: &str,
    root: &Table,
    errors: &[toml::de::Error],
    problems: &mut Vec<Diagnostic>,
) {
    let mut found: Vec<(Range<usize>, &str)> =
        errors.iter().map(|error| (error.span().unwrap_or(0..0), error.message())).collect();
    found.sort_by_key(|(span, _)| span.start);
    let mut last_line = None;
    for (span, message) in found {
        let line = text.get(..span.start).unwrap_or_default().matches('\n').count();
        if last_line == Some(line) {
            continue;
        }
        last_line = Some(line);
        problems.push(syntax_error(path, text, root, span, message));
    }
}

fn syntax_error(
    path: &Arc<str>,
    text: &str,
    root: &Table,
    span: Range<usize>,
    message: &str,
) -> Diagnostic {
    let place = Place::at(Arc::clone(path), widened(text, span.clone()));
    if message == "duplicate key" {
        let key = text.get(span.clone()).unwrap_or_default();
        let mut problem =
            Diagnostic::error("duplicate-key", place, format!("`{key}` stands here twice"))
                .label("the second time")
                .help("keep one of them; a list of tables is written `[[…]]`, with two brackets");
        if let Some(first) = nearest_before(root, key, span.start) {
            problem = problem.related(Place::at(Arc::clone(path), first), "the first time");
        }
        return problem;
    }
    let (what, wanted) = message.split_once(", expected ").unwrap_or((message, ""));
    let mut problem =
        Diagnostic::error("syntax", place, format!("this cannot be read as TOML: {what}"));
    if what.contains("must be quoted") {
        problem = problem.label("a text needs quotes");
    } else if !wanted.is_empty() && wanted != "nothing" {
        problem = problem.label(format!("expected {wanted}"));
    }
    problem.maybe_help(syntax_help(what).map(str::to_owned))
}

fn syntax_help(what: &str) -> Option<&'static str> {
    [
        ("must be quoted", "put texts between quotes: name = \"Suporte\""),
        (
            "missing escaped value",
            "a backslash needs single quotes around the text: '\\bboleto\\b'",
        ),
        (
            "unclosed array table",
            "a list of tables is written with two brackets on both sides: [[department]]",
        ),
        ("unclosed array", "every [ needs its ]"),
        ("missing comma", "put a comma between the parts of a list"),
        ("unexpected key or value", "one key to a line: key = value"),
        ("invalid literal string", "every ' needs its second '"),
        ("invalid basic string", "every \" needs its second \""),
    ]
    .into_iter()
    .find_map(|(part, help)| what.contains(part).then_some(help))
}

/// An empty span is widened to one character, so that there is something to underline.
fn widened(text: &str, span: Range<usize>) -> Range<usize> {
    if span.start < span.end {
        return span;
    }
    let rest = text.get(span.start..).unwrap_or_default();
    let width = rest.chars().next().filter(|next| *next != '\n').map_or(0, char::len_utf8);
    span.start..span.start + width
}

/// The key of that name which stands nearest before a place.
fn nearest_before(table: &Table, key: &str, before: usize) -> Option<Span> {
    let mut best: Option<Span> = None;
    let mut look = |span: Option<Span>| {
        if let Some(span) = span.filter(|span| best.is_none_or(|known| span.start > known.start)) {
            best = Some(span);
        }
    };
    for entry in &table.0 {
        if entry.key == key && entry.key_span.start < before {
            look(Some(entry.key_span));
        }
        look(nearest_inside(&entry.value, key, before));
    }
    best
}

fn nearest_inside(value: &Value, key: &str, before: usize) -> Option<Span> {
    match &value.data {
        Data::Table(table) => nearest_before(table, key, before),
        Data::List(list) => list.iter().filter_map(|item| nearest_inside(item, key, before)).max(),
        _ => None,
    }
}
