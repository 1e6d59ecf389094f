//! The language in which the files' keys are described: one table drives the checks, the readers' defaults and the JSON
//! Schemas of editors, so that the three cannot drift apart.
//!
//! The tables themselves are in [`crate::shapes`]. What a key *means* for other keys is not said here but in the reader of
//! each file.

use std::fmt;

use crate::calendar::parse_time;
use crate::diagnostic::{Diagnostic, Span};
use crate::document::{Data, Document, Table, Value};
use crate::duration;
use crate::suggest::did_you_mean;

/// What a value may be.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A text of at most so many characters.
    Text(usize),
    /// The id of something that is defined here: small letters, digits, `-`, `_` and `.`.
    Id,
    /// A login, department, node … that must exist; looked up later.
    Ref(&'static str),
    Bool,
    Int(i64, i64),
    Number(f64, f64),
    /// Least and most milliseconds.
    Duration(u64, u64),
    /// `09:00`, up to `24:00`.
    Time,
    /// `2026-12-25`.
    Date,
    /// `2026-11-23 10:00`.
    Moment,
    /// Names and what they mean.
    Choice(&'static [(&'static str, &'static str)]),
    /// A text in the desk's first language, or a table of language to text.
    Localized,
    /// Every item of one kind.
    List(&'static Kind),
    Table(&'static Shape),
    /// Any keys, every value of one kind.
    Map(&'static Kind),
    /// The first that fits.
    Either(&'static [Kind]),
    /// Anything at all.
    Any,
}

/// One key of a table.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) doc: &'static str,
    /// A line as it could stand in the file.
    pub(crate) example: &'static str,
    pub(crate) required: bool,
    /// As TOML; taken when the key is not there.
    pub(crate) default: Option<&'static str>,
}

impl Key {
    pub(crate) const fn new(
        name: &'static str,
        kind: Kind,
        example: &'static str,
        doc: &'static str,
    ) -> Self {
        Self { name, kind, doc, example, required: false, default: None }
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn default(mut self, toml: &'static str) -> Self {
        self.default = Some(toml);
        self
    }
}

/// The keys a table may have.
#[derive(Debug)]
pub(crate) struct Shape {
    /// What it is, for people: `a department`.
    pub(crate) what: &'static str,
    pub(crate) keys: &'static [Key],
}

impl Shape {
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// Checks a table against its shape and tells every problem.
pub(crate) fn check_table(
    doc: &Document,
    table: &Table,
    span: Span,
    shape: &Shape,
    out: &mut Vec<Diagnostic>,
) {
    for entry in &table.0 {
        match shape.key(&entry.key) {
            Some(key) => Check { doc, key }.value(&entry.value, &key.kind, out),
            None => out.push(unknown_key(doc, entry.key.as_str(), entry.key_span, shape)),
        }
    }
    for key in shape.keys.iter().filter(|key| key.required && table.get(key.name).is_none()) {
        let message = format!("{} needs the key `{}`", shape.what, key.name);
        out.push(
            Diagnostic::error("missing-key", doc.place(head(doc, span)), message)
                .label(format!("`{}` is missing here", key.name))
                .help(format!("such as: {}", key.example)),
        );
    }
}

/// A table as a whole is underlined at its first line only.
fn head(doc: &Document, span: Span) -> Span {
    let text = doc.text.get(span.start..span.end).unwrap_or_default();
    let width = text.find('\n').unwrap_or(text.len());
    Span { start: span.start, end: span.start + width }
}

fn unknown_key(doc: &Document, key: &str, span: Span, shape: &Shape) -> Diagnostic {
    let known = shape.keys.iter().map(|key| key.name);
    let mut near = did_you_mean(key, known.clone());
    if near.is_none() {
        let all: Vec<&str> = known.collect();
        near = Some(format!("{} may have: {}", shape.what, all.join(", ")));
    }
    let message = format!("{} has no key `{key}`", shape.what);
    Diagnostic::error("unknown-key", doc.place(span), message)
        .label("not known here")
        .maybe_help(near)
}

/// Checks one key's value.
struct Check<'a> {
    doc: &'a Document,
    key: &'a Key,
}

impl Check<'_> {
    fn value(&self, value: &Value, kind: &Kind, out: &mut Vec<Diagnostic>) {
        if matches!(value.data, Data::Broken) {
            return;
        }
        if !fits(kind, &value.data) {
            out.push(self.wrong_type(value, kind));
            return;
        }
        match (kind, &value.data) {
            (Kind::Text(most), Data::Text(text)) => self.text(value, text, *most, out),
            (Kind::Id, Data::Text(text)) => self.id(value, text, out),
            (Kind::Int(least, most), Data::Int(number)) => {
                self.range(value, (least..=most).contains(&number), least, most, out);
            }
            (Kind::Number(least, most), Data::Int(_) | Data::Float(_)) => {
                self.range(
                    value,
                    (*least..=*most).contains(&number(&value.data)),
                    least,
                    most,
                    out,
                );
            }
            (Kind::Duration(least, most), Data::Text(text)) => {
                self.duration(value, text, *least, *most, out);
            }
            (Kind::Time, Data::Text(text)) => {
                self.parsed("bad-time", value, parse_time(text).map(drop), out);
            }
            (Kind::Date, Data::Text(text)) => {
                self.parsed("bad-date", value, parse_date(text).map(drop), out);
            }
            (Kind::Moment, Data::Text(text)) => {
                self.parsed("bad-time", value, parse_moment(text).map(drop), out);
            }
            (Kind::Choice(choices), Data::Text(text)) => self.choice(value, text, choices, out),
            (Kind::List(kind), Data::List(list)) => {
                for item in list {
                    self.value(item, kind, out);
                }
            }
            (Kind::Table(shape), Data::Table(table)) => {
                check_table(self.doc, table, value.span, shape, out);
            }
            (Kind::Map(kind), Data::Table(table)) => {
                for entry in &table.0 {
                    self.value(&entry.value, kind, out);
                }
            }
            (Kind::Localized, Data::Table(table)) => {
                table
                    .0
                    .iter()
                    .for_each(|entry| self.value(&entry.value, &Kind::Text(LONGEST), out));
            }
            (Kind::Localized, Data::Text(text)) => self.text(value, text, LONGEST, out),
            (Kind::Either(kinds), _) => self.either(value, kinds, out),
            _ => {}
        }
    }

    fn range(
        &self,
        value: &Value,
        inside: bool,
        least: &dyn fmt::Display,
        most: &dyn fmt::Display,
        out: &mut Vec<Diagnostic>,
    ) {
        if !inside {
            out.push(self.out_of_range(value, &least.to_string(), &most.to_string()));
        }
    }

    fn text(&self, value: &Value, text: &str, most: usize, out: &mut Vec<Diagnostic>) {
        if text.trim().is_empty() {
            out.push(
                self.bad("empty-text", value, format!("`{}` is empty", self.key.name))
                    .label("write something here"),
            );
        } else if text.chars().count() > most {
            let message = format!("`{}` is longer than {most} characters", self.key.name);
            out.push(self.bad("too-long", value, message));
        }
    }

    fn id(&self, value: &Value, text: &str, out: &mut Vec<Diagnostic>) {
        let fine =
            |next: char| next.is_ascii_lowercase() || next.is_ascii_digit() || "-_.".contains(next);
        if text.is_empty() || text.len() > 64 || !text.chars().all(fine) {
            let problem = self
                .bad("bad-id", value, format!("`{text}` cannot be an id"))
                .label("small letters without accents, digits, `-`, `_` and `.`, at most 64");
            let proposed = plain(text);
            let proposed =
                (!proposed.is_empty() && proposed != text).then(|| format!("such as `{proposed}`"));
            out.push(problem.maybe_help(proposed));
        }
    }

    fn duration(
        &self,
        value: &Value,
        text: &str,
        least: u64,
        most: u64,
        out: &mut Vec<Diagnostic>,
    ) {
        match duration::parse(text) {
            Err(why) => {
                let problem = self.bad("bad-duration", value, why).label("a number and a unit");
                out.push(
                    problem.help("write it like \"30 s\", \"10 min\", \"24 h\" or \"7 days\""),
                );
            }
            Ok(ms) if ms < least || ms > most => {
                out.push(self.out_of_range(value, &duration::shown(least), &duration::shown(most)));
            }
            Ok(_) => {}
        }
    }

    fn choice(
        &self,
        value: &Value,
        text: &str,
        choices: &[(&str, &str)],
        out: &mut Vec<Diagnostic>,
    ) {
        if choices.iter().any(|(name, _)| *name == text) {
            return;
        }
        let mut problem =
            self.bad("unknown-value", value, format!("`{}` cannot be `{text}`", self.key.name));
        problem = problem.maybe_help(did_you_mean(text, choices.iter().map(|(name, _)| *name)));
        for (name, meaning) in choices.iter().filter(|(_, meaning)| !meaning.is_empty()) {
            problem = problem.help(format!("`{name}`: {meaning}"));
        }
        out.push(problem);
    }

    fn parsed(
        &self,
        code: &str,
        value: &Value,
        result: Result<(), String>,
        out: &mut Vec<Diagnostic>,
    ) {
        if let Err(why) = result {
            out.push(self.bad(code, value, why).help(format!("such as: {}", self.key.example)));
        }
    }

    fn either(&self, value: &Value, kinds: &[Kind], out: &mut Vec<Diagnostic>) {
        let mut last = Vec::new();
        for kind in kinds.iter().filter(|kind| fits(kind, &value.data)) {
            last.clear();
            self.value(value, kind, &mut last);
            if last.is_empty() {
                return;
            }
        }
        out.append(&mut last);
    }

    fn bad(&self, code: &str, value: &Value, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.doc.place(head(self.doc, value.span)), message)
    }

    fn out_of_range(&self, value: &Value, least: &str, most: &str) -> Diagnostic {
        self.bad(
            "out-of-range",
            value,
            format!("`{}` must be from {least} to {most}", self.key.name),
        )
        .label("out of these bounds")
    }

    fn wrong_type(&self, value: &Value, kind: &Kind) -> Diagnostic {
        let message = format!(
            "`{}` must be {}, and this is {}",
            self.key.name,
            wanted(kind),
            value.data.what()
        );
        self.bad("wrong-type", value, message)
            .label(format!("wanted: {}", wanted(kind)))
            .help(format!("such as: {}", self.key.example))
    }
}

/// Longest text in several languages, in characters.
const LONGEST: usize = 4_000;

/// Whether a value is of the right sort at all, before its content is looked at.
fn fits(kind: &Kind, data: &Data) -> bool {
    match kind {
        Kind::Text(_) | Kind::Id | Kind::Ref(_) | Kind::Duration(..) | Kind::Choice(_) => {
            matches!(data, Data::Text(_))
        }
        Kind::Time | Kind::Date | Kind::Moment => matches!(data, Data::Text(_) | Data::Date(_)),
        Kind::Bool => matches!(data, Data::Bool(_)),
        Kind::Int(..) => matches!(data, Data::Int(_)),
        Kind::Number(..) => matches!(data, Data::Int(_) | Data::Float(_)),
        Kind::Localized => matches!(data, Data::Text(_) | Data::Table(_)),
        Kind::List(_) => matches!(data, Data::List(_)),
        Kind::Table(_) | Kind::Map(_) => matches!(data, Data::Table(_)),
        Kind::Either(kinds) => kinds.iter().any(|kind| fits(kind, data)),
        Kind::Any => true,
    }
}

/// What a kind is called.
fn wanted(kind: &Kind) -> String {
    match kind {
        Kind::Text(_) => "a text".to_owned(),
        Kind::Id => "an id".to_owned(),
        Kind::Ref(what) => format!("the id of {what}"),
        Kind::Bool => "true or false".to_owned(),
        Kind::Int(..) => "a whole number".to_owned(),
        Kind::Number(..) => "a number".to_owned(),
        Kind::Duration(..) => "a duration in quotes".to_owned(),
        Kind::Time => "a time of day in quotes".to_owned(),
        Kind::Date => "a date in quotes".to_owned(),
        Kind::Moment => "a date and time in quotes".to_owned(),
        Kind::Choice(choices) => {
            let names: Vec<String> =
                choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            names.join(" or ")
        }
        Kind::Localized => "a text, or one text for each language".to_owned(),
        Kind::List(kind) => format!("a list, each item {}", wanted(kind)),
        Kind::Table(shape) => format!("{} (a table)", shape.what),
        Kind::Map(_) => "a table".to_owned(),
        Kind::Either(kinds) => kinds.iter().map(wanted).collect::<Vec<_>>().join(" or "),
        Kind::Any => "anything".to_owned(),
    }
}

/// The number in a number.
pub(crate) fn number(data: &Data) -> f64 {
    match data {
        Data::Int(number) => *number as f64,
        Data::Float(number) => *number,
        _ => 0.0,
    }
}

/// A date such as `2026-12-25`.
pub(crate) fn parse_date(text: &str) -> Result<jiff::civil::Date, String> {
    text.trim().parse().map_err(|_| format!("`{text}` is not a date; write year-month-day"))
}

/// A date and time such as `2026-11-23 10:00`.
pub(crate) fn parse_moment(text: &str) -> Result<jiff::civil::DateTime, String> {
    let wrong = || format!("`{text}` is not a date and time; write year-month-day hours:minutes");
    let (date, time) = text.trim().split_once([' ', 'T']).ok_or_else(wrong)?;
    let date = parse_date(date).map_err(|_| wrong())?;
    let minutes = parse_time(time.get(..5).unwrap_or(time)).map_err(|_| wrong())?;
    if minutes >= 24 * 60 {
        return Err(wrong());
    }
    Ok(date.at((minutes / 60) as i8, (minutes % 60) as i8, 0, 0))
}

/// A text turned into an id, as a proposal.
fn plain(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let folded = lower.chars().map(|next| match next {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'ê' | 'è' => 'e',
        'í' | 'ì' => 'i',
        'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        next if next.is_ascii_alphanumeric() || "-_.".contains(next) => next,
        _ => '-',
    });
    folded.take(64).collect()
}
