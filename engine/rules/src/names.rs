//! What the files name and what exists: references from one file to another.
//!
//! Where the file that should define a name could not be read, nothing is said about names: the first problem is the one to
//! mend.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dialogo_domain::rules::Text;

use crate::diagnostic::{Diagnostic, Place, Span};
use crate::document::{Data, Document, Table, Value};
use crate::reader::{At, Reader};
use crate::suggest::did_you_mean;

/// Names of one sort: where each is defined. `None`: not known.
type Defined = Option<BTreeMap<String, Place>>;

/// Everything that can be referred to.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) languages: Vec<String>,
    pub(crate) calendars: Defined,
    pub(crate) departments: Defined,
    pub(crate) nodes: Defined,
    pub(crate) replies: Defined,
    /// Nodes that exist and are out of use.
    pub(crate) switched_off: BTreeSet<String>,
}

/// A sort of name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sort {
    Calendar,
    Department,
    Node,
    Reply,
}

impl Sort {
    const fn code(self) -> &'static str {
        match self {
            Self::Calendar => "unknown-calendar",
            Self::Department => "unknown-department",
            Self::Node => "unknown-node",
            Self::Reply => "unknown-reply",
        }
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Calendar => ("calendar", "desk.toml"),
            Self::Department => ("department", "departments.toml"),
            Self::Node => ("classification", "classifications.toml"),
            Self::Reply => ("canned reply", "replies.toml"),
        }
    }
}

impl Names {
    fn defined(&self, sort: Sort) -> Option<&BTreeMap<String, Place>> {
        match sort {
            Sort::Calendar => self.calendars.as_ref(),
            Sort::Department => self.departments.as_ref(),
            Sort::Node => self.nodes.as_ref(),
            Sort::Reply => self.replies.as_ref(),
        }
    }

    /// Tells if a name is not defined.
    pub(crate) fn check(
        &self,
        sort: Sort,
        doc: &Document,
        name: &At<String>,
        out: &mut Vec<Diagnostic>,
    ) {
        out.extend(self.problem(sort, &name.value, doc.place(name.span)));
    }

    /// The problem with a name, if it is not defined.
    pub(crate) fn problem(&self, sort: Sort, name: &str, place: Place) -> Option<Diagnostic> {
        let defined = self.defined(sort)?;
        if defined.contains_key(name) {
            return None;
        }
        let (what, file) = sort.words();
        let problem = Diagnostic::error(sort.code(), place, format!("there is no {what} `{name}`"));
        let problem = problem.label(format!("not in {file}"));
        Some(problem.maybe_help(did_you_mean(name, defined.keys().map(String::as_str))))
    }

    /// Reads a text in several languages.
    pub(crate) fn text(&self, reader: &Reader<'_>, key: &str, out: &mut Vec<Diagnostic>) -> Text {
        let Some(value) = reader.value(key) else { return Text::new() };
        match &value.data {
            Data::Text(text) => Text::from([(self.first_language().to_owned(), text.clone())]),
            Data::Table(table) => self.translations(reader.doc, key, value, table, out),
            _ => Text::new(),
        }
    }

    /// A list of texts, each for the first language alone or in several.
    pub(crate) fn texts(
        &self,
        reader: &Reader<'_>,
        key: &str,
        out: &mut Vec<Diagnostic>,
    ) -> Vec<Text> {
        let Some(Data::List(list)) = reader.value(key).map(|value| &value.data) else {
            return Vec::new();
        };
        let text = |item: &Value| match &item.data {
            Data::Text(text) => Text::from([(self.first_language().to_owned(), text.clone())]),
            Data::Table(table) => self.translations(reader.doc, key, item, table, out),
            _ => Text::new(),
        };
        list.iter().map(text).filter(|text| !text.is_empty()).collect()
    }

    fn translations(
        &self,
        doc: &Document,
        key: &str,
        value: &Value,
        table: &Table,
        out: &mut Vec<Diagnostic>,
    ) -> Text {
        let mut text = Text::new();
        for entry in &table.0 {
            if !self.languages.is_empty() && !self.languages.contains(&entry.key) {
                let message = format!("`{}` is not a language of this desk", entry.key);
                let near = did_you_mean(&entry.key, self.languages.iter().map(String::as_str));
                let problem =
                    Diagnostic::warning("unknown-language", doc.place(entry.key_span), message);
                out.push(problem.label("not in `languages` of desk.toml").maybe_help(near));
            }
            if let Data::Text(words) = &entry.value.data {
                text.insert(entry.key.clone(), words.clone());
            }
        }
        let first = self.first_language();
        if table.get(first).is_none() {
            let message = format!("`{key}` has no text in `{first}`, the desk's first language");
            let problem = Diagnostic::error("missing-language", doc.place(value.span), message);
            out.push(
                problem
                    .label("add it here")
                    .help(format!("such as: {key} = {{ {first} = \"…\" }}")),
            );
        }
        text
    }

    fn first_language(&self) -> &str {
        self.languages.first().map_or("pt", String::as_str)
    }
}

/// Collects ids and tells those that are given twice.
#[derive(Debug)]
pub(crate) struct Ids {
    what: &'static str,
    pub(crate) defined: BTreeMap<String, Place>,
}

impl Ids {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, defined: BTreeMap::new() }
    }

    /// Takes an id; `false` if it was there already.
    pub(crate) fn add(
        &mut self,
        doc: &Document,
        id: &At<String>,
        out: &mut Vec<Diagnostic>,
    ) -> bool {
        let place = doc.place(id.span);
        if let Some(first) = self.defined.get(&id.value) {
            let message = format!("there are two {} with the id `{}`", self.what, id.value);
            let problem = Diagnostic::error("duplicate-id", place, message).label("the second one");
            out.push(
                problem.related(first.clone(), "the first one").help("give one of them another id"),
            );
            return false;
        }
        self.defined.insert(id.value.clone(), place);
        true
    }
}

/// Ids in a list of tables, without any check: for references from other files.
pub(crate) fn ids_of(
    doc: &Document,
    list: &str,
    children: Option<&str>,
) -> BTreeMap<String, Place> {
    let mut found = BTreeMap::new();
    if let Some(entry) = doc.table().get(list) {
        collect(&doc.path, &entry.value, children, &mut found);
    }
    found
}

fn collect(
    path: &Arc<str>,
    list: &Value,
    children: Option<&str>,
    found: &mut BTreeMap<String, Place>,
) {
    let Data::List(items) = &list.data else { return };
    for item in items {
        let Data::Table(table) = &item.data else { continue };
        if let Some((id, span)) = table.get("id").and_then(|entry| text_of(&entry.value)) {
            found.entry(id.to_owned()).or_insert_with(|| Place::at(Arc::clone(path), span));
        }
        if let Some(below) = children.and_then(|key| table.get(key)) {
            collect(path, &below.value, children, found);
        }
    }
}

/// Nodes of the tree that have `active = false`.
pub(crate) fn switched_off(doc: &Document) -> BTreeSet<String> {
    fn collect(list: &Value, found: &mut BTreeSet<String>) {
        let Data::List(items) = &list.data else { return };
        for item in items {
            let Data::Table(table) = &item.data else { continue };
            let off =
                table.get("active").is_some_and(|at| matches!(at.value.data, Data::Bool(false)));
            let id = table.get("id").and_then(|entry| text_of(&entry.value));
            found.extend(id.filter(|_| off).map(|(id, _)| id.to_owned()));
            if let Some(below) = table.get("child") {
                collect(&below.value, found);
            }
        }
    }
    let mut found = BTreeSet::new();
    if let Some(entry) = doc.table().get("node") {
        collect(&entry.value, &mut found);
    }
    found
}

fn text_of(value: &Value) -> Option<(&str, Span)> {
    match &value.data {
        Data::Text(text) => Some((text, value.span)),
        _ => None,
    }
}
