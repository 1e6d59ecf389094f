//! A plugin's settings: TOML turned into JSON, with the way back from any JSON pointer to line and column.
//!
//! The schema comes from the plugin's package. What only the plugin or its host can judge (does this pattern compile?)
//! comes back as a pointer and is placed here: [`Settings::problem_at`].

use std::ops::Range;
use std::sync::Arc;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::{Map, Number, Value as Json};
use sha2::{Digest, Sha256};

use crate::diagnostic::{Diagnostic, Place, Span};
use crate::document::{Data, Document, Table, Value};
use crate::names::{Names, Sort};
use crate::suggest::did_you_mean;

/// The settings of one plugin.
#[derive(Clone, Debug)]
pub struct Settings {
    json: Arc<Json>,
    digest: [u8; 32],
    document: Arc<Document>,
    names: Arc<Names>,
}

impl Settings {
    pub(crate) fn new(document: Arc<Document>, names: Arc<Names>) -> Self {
        let mut map = table_json(document.table());
        map.remove("test");
        let json = Json::Object(map);
        let digest = Sha256::digest(json.to_string().as_bytes()).into();
        Self { json: Arc::new(json), digest, document, names }
    }

    /// What the plugin gets: everything but the `[[test]]` cases.
    pub fn json(&self) -> &Arc<Json> {
        &self.json
    }

    /// SHA-256 of the JSON text; unchanged when only comments or tests change.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Path of the file, below the folder of the rules.
    pub fn path(&self) -> &str {
        &self.document.path
    }

    /// Where a JSON pointer (`/rule/0/any/1`) leads to; the nearest thing above it if there is nothing.
    pub fn place(&self, pointer: &str) -> Place {
        self.document.place(self.lookup(pointer).0)
    }

    /// Where a stretch of the text at a pointer stands, `inside` being bytes of the text; the whole value where the file
    /// writes the text with escapes.
    pub fn place_inside(&self, pointer: &str, inside: Range<usize>) -> Place {
        let (whole, value) = self.lookup(pointer);
        let exact = value.and_then(|value| self.inside(value, inside));
        self.document.place(exact.unwrap_or(whole))
    }

    /// A problem that the plugin or the host found, at its place. `inside`: bytes within the text at the pointer.
    pub fn problem_at(
        &self,
        pointer: &str,
        inside: Option<Range<usize>>,
        code: &str,
        message: impl Into<String>,
    ) -> Diagnostic {
        let place = match inside {
            Some(inside) => self.place_inside(pointer, inside),
            None => self.place(pointer),
        };
        Diagnostic::error(code, place, message)
    }

    /// Every way in which the settings do not fit a JSON Schema. Beyond the standard, the schema may say of a text that it
    /// is `"format": "dialogo-node"`, `"dialogo-node-pattern"` (`reclamacao.*`), `"dialogo-department"`,
    /// `"dialogo-target"` (a department, or `agent:ID`, `first-contact`, `bot`, `*`), `"dialogo-calendar"` or
    /// `"dialogo-reply"` (a canned reply): then it must exist. Of a node that is switched off a warning is given.
    pub fn check(&self, schema: &Json) -> Vec<Diagnostic> {
        let mut options = jsonschema::options().should_validate_formats(true);
        for (format, sort) in FORMATS {
            let names = Arc::clone(&self.names);
            options = options.with_format(format, move |text: &str| {
                name_in(format, text)
                    .is_none_or(|name| names.problem(sort, name, Place::file("")).is_none())
            });
        }
        match options.build(schema) {
            Ok(validator) => {
                let mut problems = Vec::new();
                for error in validator.iter_errors(&self.json) {
                    self.explain(&error, schema, &mut problems);
                }
                if problems.is_empty() {
                    self.switched_off(schema, &mut problems);
                }
                problems
            }
            Err(error) => {
                let message = format!("the plugin's own schema cannot be used: {error}");
                vec![
                    Diagnostic::error(
                        "schema",
                        Place::file(Arc::clone(&self.document.path)),
                        message,
                    )
                    .help("tell the plugin's author"),
                ]
            }
        }
    }

    /// Warns of nodes that are named and switched off.
    fn switched_off(&self, schema: &Json, out: &mut Vec<Diagnostic>) {
        if self.names.switched_off.is_empty() {
            return;
        }
        let mut options = jsonschema::options().should_validate_formats(true);
        for (format, _) in FORMATS {
            let names = Arc::clone(&self.names);
            options = options.with_format(format, move |text: &str| {
                format != "dialogo-node" || !names.switched_off.contains(text)
            });
        }
        let Ok(validator) = options.build(schema) else { return };
        for error in validator.iter_errors(&self.json) {
            let Some(node) = error.instance().as_str() else { continue };
            let message = format!("the classification `{node}` is switched off");
            let place = self.place(error.instance_path().as_str());
            out.push(
                Diagnostic::warning("inactive-node", place, message)
                    .label("it is never suggested or chosen")
                    .help("in classifications.toml: active = true; or take this out"),
            );
        }
    }

    /// The value at a pointer, and the place of the nearest one on the way.
    fn lookup(&self, pointer: &str) -> (Span, Option<&Value>) {
        let mut place = self.document.root.span;
        let mut value = &self.document.root;
        // A file as a whole is shown at its beginning.
        if pointer.is_empty() || pointer == "/" {
            return (Span { start: 0, end: 0 }, Some(value));
        }
        for (depth, token) in pointer.trim_start_matches('/').split('/').enumerate() {
            let token = token.replace("~1", "/").replace("~0", "~");
            let next = match &value.data {
                Data::Table(table) if !(depth == 0 && token == "test") => {
                    table.get(&token).map(|entry| &entry.value)
                }
                Data::List(list) => token.parse::<usize>().ok().and_then(|index| list.get(index)),
                _ => None,
            };
            let Some(next) = next else {
                let nowhere =
                    if depth == 0 { Span { start: 0, end: 0 } } else { self.first_line(place) };
                return (nowhere, None);
            };
            place = next.span;
            value = next;
        }
        (self.first_line(place), Some(value))
    }

    fn first_line(&self, span: Span) -> Span {
        let text = self.document.text.get(span.start..span.end).unwrap_or_default();
        Span { start: span.start, end: span.start + text.find('\n').unwrap_or(text.len()) }
    }

    /// Where bytes of a text stand in the file, if it is written without escapes.
    fn inside(&self, value: &Value, inside: Range<usize>) -> Option<Span> {
        let Data::Text(text) = &value.data else { return None };
        let written = self.document.text.get(value.span.start..value.span.end)?;
        let quotes = ["'''", "\"\"\"", "'", "\""]
            .into_iter()
            .find(|quote| written.starts_with(quote))?
            .len();
        let bare = written.get(quotes..written.len().checked_sub(quotes)?)?;
        let skipped = if bare == text {
            0
        } else {
            bare.len()
                .checked_sub(text.len())
                .filter(|_| bare.trim_start_matches(['\r', '\n']) == text)?
        };
        text.get(inside.clone())?;
        let from = value.span.start + quotes + skipped;
        Some(Span { start: from + inside.start, end: from + inside.end })
    }

    fn key_place(&self, pointer: &str, key: &str) -> Place {
        let entry = match self.lookup(pointer).1.map(|value| &value.data) {
            Some(Data::Table(table)) => table.get(key),
            _ => None,
        };
        entry.map_or_else(|| self.place(pointer), |entry| self.document.place(entry.key_span))
    }

    fn explain(&self, error: &ValidationError<'_>, schema: &Json, out: &mut Vec<Diagnostic>) {
        let pointer = error.instance_path().as_str();
        let place = || self.place(pointer);
        let name = last_name(pointer);
        let told = |code: &str, message: String| Diagnostic::error(code, place(), message);
        let problem = match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let known = known_keys(error, schema);
                for key in unexpected {
                    let message = format!("there is no key `{key}` here");
                    let problem =
                        Diagnostic::error("unknown-key", self.key_place(pointer, key), message);
                    out.push(
                        problem
                            .label("not known here")
                            .maybe_help(did_you_mean(key, known.iter().copied())),
                    );
                }
                return;
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                told("missing-key", format!("the key `{key}` is missing"))
                    .label(format!("`{key}` is missing here"))
            }
            ValidationErrorKind::Type { kind } => {
                let found =
                    self.lookup(pointer).1.map_or("something else", |value| value.data.what());
                told("wrong-type", format!("{name} must be {}, and this is {found}", wanted(kind)))
            }
            ValidationErrorKind::Enum { options } => {
                let names: Vec<&str> =
                    options.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
                let found = error
                    .instance()
                    .as_str()
                    .map_or_else(|| error.instance().to_string(), str::to_owned);
                told("unknown-value", format!("{name} cannot be `{found}`"))
                    .maybe_help(did_you_mean(&found, names))
            }
            ValidationErrorKind::Minimum { limit } => {
                told("out-of-range", format!("{name} must be {limit} at least"))
            }
            ValidationErrorKind::Maximum { limit } => {
                told("out-of-range", format!("{name} must be {limit} at most"))
            }
            ValidationErrorKind::ExclusiveMinimum { limit } => {
                told("out-of-range", format!("{name} must be more than {limit}"))
            }
            ValidationErrorKind::ExclusiveMaximum { limit } => {
                told("out-of-range", format!("{name} must be less than {limit}"))
            }
            ValidationErrorKind::MinItems { limit } => {
                told("too-few", format!("{name} needs {limit} entries at least"))
            }
            ValidationErrorKind::MaxItems { limit } => {
                told("too-many", format!("{name} may have {limit} entries at most"))
            }
            ValidationErrorKind::MinLength { limit } => {
                told("too-short", format!("{name} needs {limit} characters at least"))
            }
            ValidationErrorKind::MaxLength { limit } => {
                told("too-long", format!("{name} may have {limit} characters at most"))
            }
            ValidationErrorKind::Constant { expected_value } => {
                told("unknown-value", format!("{name} must be {expected_value}"))
            }
            ValidationErrorKind::Format { format } => self.wrong_format(pointer, format, error),
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context } => {
                self.explain_best(pointer, context, schema, out);
                return;
            }
            _ => told("settings", error.to_string()),
        };
        out.push(problem);
    }

    fn wrong_format(&self, pointer: &str, format: &str, error: &ValidationError<'_>) -> Diagnostic {
        let text = error.instance().as_str().unwrap_or_default();
        let sort = FORMATS.iter().find(|(known, _)| *known == format).map(|(_, sort)| *sort);
        let named = sort
            .and_then(|sort| self.names.problem(sort, name_in(format, text)?, self.place(pointer)));
        named.unwrap_or_else(|| {
            let message = format!("{} is not of the form `{format}`", last_name(pointer));
            Diagnostic::error("bad-format", self.place(pointer), message)
        })
    }

    /// Of several forms a value may have, tells about the one it comes nearest to: the one whose first problem lies deepest.
    fn explain_best(
        &self,
        pointer: &str,
        context: &[Vec<ValidationError<'static>>],
        schema: &Json,
        out: &mut Vec<Diagnostic>,
    ) {
        let depth = |errors: &[ValidationError<'static>]| {
            errors
                .iter()
                .map(|error| error.instance_path().as_str().matches('/').count())
                .max()
                .unwrap_or_default()
        };
        let same_type = |errors: &[ValidationError<'static>]| {
            !errors.iter().any(|error| {
                error.instance_path().as_str() == pointer
                    && matches!(error.kind(), ValidationErrorKind::Type { .. })
            })
        };
        let best = context.iter().filter(|errors| !errors.is_empty()).max_by_key(|errors| {
            (same_type(errors), depth(errors), std::cmp::Reverse(errors.len()))
        });
        if let Some(errors) = best.filter(|errors| same_type(errors)) {
            for error in errors {
                self.explain(error, schema, out);
            }
        } else {
            let forms = context.iter().flatten().filter_map(|error| match error.kind() {
                ValidationErrorKind::Type { kind } => Some(wanted(kind)),
                _ => None,
            });
            let forms = forms.collect::<Vec<_>>().join(" or ");
            let found = self.lookup(pointer).1.map_or("something else", |value| value.data.what());
            let message = format!("{} must be {forms}, and this is {found}", last_name(pointer));
            out.push(Diagnostic::error("wrong-type", self.place(pointer), message));
        }
    }
}

const FORMATS: [(&str, Sort); 6] = [
    ("dialogo-node", Sort::Node),
    ("dialogo-node-pattern", Sort::Node),
    ("dialogo-department", Sort::Department),
    ("dialogo-target", Sort::Department),
    ("dialogo-calendar", Sort::Calendar),
    ("dialogo-reply", Sort::Reply),
];

/// The name that a text of this format holds; `None`: it names nothing in the files.
fn name_in<'a>(format: &str, text: &'a str) -> Option<&'a str> {
    match format {
        "dialogo-node-pattern" if text == "*" => None,
        "dialogo-node-pattern" => Some(text.strip_suffix(".*").unwrap_or(text)),
        "dialogo-target" if matches!(text, "*" | "first-contact" | "bot") => None,
        "dialogo-target" if text.starts_with("agent:") => None,
        _ => Some(text),
    }
}

/// `` `any` `` for `/rule/0/any/1`.
fn last_name(pointer: &str) -> String {
    let name =
        pointer.rsplit('/').find(|token| token.parse::<usize>().is_err() && !token.is_empty());
    name.map_or_else(|| "this".to_owned(), |name| format!("`{name}`"))
}

/// Keys that the schema allows where an unknown one was found.
fn known_keys<'s>(error: &ValidationError<'_>, schema: &'s Json) -> Vec<&'s str> {
    let path = error.schema_path().as_str();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties =
        schema.pointer(parent).and_then(|table| table.get("properties")).and_then(Json::as_object);
    properties.into_iter().flat_map(Map::keys).map(String::as_str).collect()
}

fn wanted(kind: &TypeKind) -> String {
    let words = |json: &str| match json {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a table",
        _ => "nothing",
    };
    match kind {
        TypeKind::Single(kind) => words(&kind.to_string()).to_owned(),
        TypeKind::Multiple(kinds) => kinds
            .iter()
            .map(|kind| words(&kind.to_string()).to_owned())
            .collect::<Vec<_>>()
            .join(" or "),
    }
}

fn table_json(table: &Table) -> Map<String, Json> {
    table.0.iter().map(|entry| (entry.key.clone(), value_json(&entry.value))).collect()
}

fn value_json(value: &Value) -> Json {
    match &value.data {
        Data::Text(text) => Json::String(text.clone()),
        Data::Int(number) => Json::Number((*number).into()),
        Data::Float(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Data::Bool(flag) => Json::Bool(*flag),
        Data::Date(date) => Json::String(date.to_string()),
        Data::List(list) => Json::Array(list.iter().map(value_json).collect()),
        Data::Table(table) => Json::Object(table_json(table)),
        Data::Broken => Json::Null,
    }
}
