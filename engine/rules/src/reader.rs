//! Takes typed values out of a table that [`crate::spec`] has checked.
//!
//! A value that is missing or of the wrong type has been told already, so readers simply answer `None` for it.

use jiff::civil::{Date, DateTime};

use crate::calendar::parse_time;
use crate::diagnostic::{Place, Span};
use crate::document::{Data, Document, Table, Value};
use crate::duration;
use crate::spec::{Kind, Shape, number, parse_date, parse_moment};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// Reads one table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'d> {
    pub(crate) doc: &'d Document,
    pub(crate) table: &'d Table,
    pub(crate) span: Span,
    shape: &'static Shape,
}

impl<'d> Reader<'d> {
    /// The table at the top of a file.
    pub(crate) fn root(doc: &'d Document, shape: &'static Shape) -> Self {
        Self { doc, table: doc.table(), span: doc.root.span, shape }
    }

    /// A place in the file that is being read.
    pub(crate) fn place(&self, span: Span) -> Place {
        self.doc.place(span)
    }

    /// The value of a key, whatever it is.
    pub(crate) fn value(&self, name: &str) -> Option<&'d Value> {
        assert!(
            self.shape.key(name).is_some(),
            "{} has no key `{name}` in its description",
            self.shape.what
        );
        #[cfg(test)]
        seen::note(self.shape, name);
        self.table.get(name).map(|entry| &entry.value)
    }

    /// Where a key stands, or the table if it is not there.
    pub(crate) fn key_span(&self, name: &str) -> Span {
        self.table.get(name).map_or(self.span, |entry| entry.key_span)
    }

    /// Whether a key is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<At<String>> {
        let value = self.value(name)?;
        as_text(value)
    }

    /// A text, or the default that the key's description names.
    pub(crate) fn word(&self, name: &str) -> String {
        let found = self.text(name).map(|at| at.value);
        found
            .or_else(|| self.default(name).map(|text| text.trim_matches('"').to_owned()))
            .unwrap_or_default()
    }

    /// A text or a list of texts, as a list.
    pub(crate) fn texts(&self, name: &str) -> Vec<At<String>> {
        match self.value(name) {
            Some(Value { data: Data::List(list), .. }) => list.iter().filter_map(as_text).collect(),
            Some(value) => as_text(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// True or false, or the default.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.maybe_flag(name).unwrap_or_else(|| self.default(name) == Some("true"))
    }

    /// True or false, if it is there.
    pub(crate) fn maybe_flag(&self, name: &str) -> Option<bool> {
        match self.value(name)?.data {
            Data::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// A whole number, or the default if the key has one.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        match self.value(name).map(|value| &value.data) {
            Some(Data::Int(number)) => Some(*number),
            _ => self.default(name)?.parse().ok(),
        }
    }

    /// A number, or the default if the key has one.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        match self.value(name).map(|value| &value.data) {
            Some(data @ (Data::Int(_) | Data::Float(_))) => Some(number(data)),
            _ => self.default(name)?.parse().ok(),
        }
    }

    /// Milliseconds of a duration, or the default; `None` for `never`.
    pub(crate) fn duration(&self, name: &str) -> Option<u64> {
        let written = self.text(name).map(|at| at.value);
        let text =
            written.as_deref().or_else(|| self.default(name).map(|text| text.trim_matches('"')))?;
        duration::parse(text).ok()
    }

    /// Minutes since midnight.
    pub(crate) fn time(&self, name: &str) -> Option<At<u16>> {
        let value = self.value(name)?;
        let minutes = match &value.data {
            Data::Text(text) => parse_time(text).ok()?,
            Data::Date(date) => {
                date.time.map(|time| u16::from(time.hour) * 60 + u16::from(time.minute))?
            }
            _ => return None,
        };
        Some(At { value: minutes, span: value.span })
    }

    /// A day.
    pub(crate) fn date(&self, name: &str) -> Option<At<Date>> {
        let value = self.value(name)?;
        let date = match &value.data {
            Data::Text(text) => parse_date(text).ok()?,
            Data::Date(date) => parse_date(&date.date?.to_string()).ok()?,
            _ => return None,
        };
        Some(At { value: date, span: value.span })
    }

    /// A day and time without a zone.
    pub(crate) fn moment(&self, name: &str) -> Option<At<DateTime>> {
        let value = self.value(name)?;
        let moment = match &value.data {
            Data::Text(text) => parse_moment(text).ok()?,
            Data::Date(date) => parse_moment(&date.to_string()).ok()?,
            _ => return None,
        };
        Some(At { value: moment, span: value.span })
    }

    /// A table under a key.
    pub(crate) fn table(&self, name: &str) -> Option<Self> {
        self.nested(name, self.value(name)?)
    }

    /// A list of tables under a key.
    pub(crate) fn tables(&self, name: &str) -> Vec<Self> {
        match self.value(name) {
            Some(Value { data: Data::List(list), .. }) => {
                list.iter().filter_map(|item| self.nested(name, item)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A table with keys of the admin's choice, each holding a table.
    pub(crate) fn map(&self, name: &str) -> Vec<(At<String>, Self)> {
        let Some(Value { data: Data::Table(table), .. }) = self.value(name) else {
            return Vec::new();
        };
        let named = table.0.iter().filter_map(|entry| {
            let key = At { value: entry.key.clone(), span: entry.key_span };
            Some((key, self.nested(name, &entry.value)?))
        });
        named.collect()
    }

    /// An empty table in place of one that is not there, so that its defaults can be read.
    pub(crate) fn absent(&self, name: &str) -> Self {
        static EMPTY: Table = Table(Vec::new());
        let shape =
            self.shape.key(name).and_then(|key| shape_within(&key.kind)).unwrap_or(self.shape);
        Self { doc: self.doc, table: &EMPTY, span: self.span, shape }
    }

    fn nested(&self, name: &str, value: &'d Value) -> Option<Self> {
        let Data::Table(table) = &value.data else { return None };
        let shape = shape_within(&self.shape.key(name)?.kind)?;
        Some(Self { doc: self.doc, table, span: value.span, shape })
    }

    fn default(&self, name: &str) -> Option<&'static str> {
        self.shape.key(name)?.default
    }
}

/// The text in a value.
pub(crate) fn as_text(value: &Value) -> Option<At<String>> {
    match &value.data {
        Data::Text(text) => Some(At { value: text.clone(), span: value.span }),
        _ => None,
    }
}

fn shape_within(kind: &'static Kind) -> Option<&'static Shape> {
    match kind {
        Kind::Table(shape) => Some(shape),
        Kind::List(kind) | Kind::Map(kind) => shape_within(kind),
        Kind::Either(kinds) => kinds.iter().find_map(shape_within),
        _ => None,
    }
}

/// Which described keys are ever asked for: a test compares it with the descriptions.
#[cfg(test)]
pub(crate) mod seen {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use crate::spec::Shape;

    thread_local! {
        static SEEN: RefCell<BTreeSet<(&'static str, String)>> = const { RefCell::new(BTreeSet::new()) };
    }

    pub(crate) fn note(shape: &'static Shape, name: &str) {
        SEEN.with_borrow_mut(|seen| seen.insert((shape.what, name.to_owned())));
    }

    pub(crate) fn take() -> BTreeSet<(&'static str, String)> {
        SEEN.take()
    }
}
