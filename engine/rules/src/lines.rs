//! From a name or a JSON pointer to the line that people wrote: for explanations of what was decided long ago.
//!
//! Files of an older generation are read as they are; what is wrong with them does not matter here.

use std::sync::Arc;

use crate::diagnostic::Place;
use crate::document::{Data, Document};
use crate::files::Files;
use crate::reader::Reader;
use crate::report::Report;
use crate::settings::Settings;
use crate::shapes;

/// A line of a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file as it is shown to people.
    pub file: String,
    /// Counted from 1.
    pub number: usize,
    /// What stands there, without the space around it; of a table its first key.
    pub text: String,
}

/// Rule files in which lines are looked up.
pub struct Lines<'f> {
    files: &'f Files,
}

impl<'f> Lines<'f> {
    /// Looks into these.
    pub fn of(files: &'f Files) -> Self {
        Self { files }
    }

    /// Where a JSON pointer leads to in the settings of a plugin.
    pub fn of_setting(&self, plugin: &str, pointer: &str) -> Option<Line> {
        let bindings = self.document("plugins.toml")?;
        let tables = Reader::root(&bindings, &shapes::PLUGINS).tables("plugin");
        let binding =
            tables.iter().find(|table| table.text("id").is_some_and(|id| id.value == plugin))?;
        self.at(&binding.text("settings")?.value, pointer)
    }

    /// Where a JSON pointer leads to in a file.
    pub fn at(&self, path: &str, pointer: &str) -> Option<Line> {
        let settings = Settings::new(Arc::new(self.document(path)?), Arc::default());
        self.line(&settings.place(pointer))
    }

    /// A key of the department with this id.
    pub fn of_department(&self, id: &str, key: &str) -> Option<Line> {
        let document = self.document("departments.toml")?;
        let Data::List(departments) = &document.table().get("department")?.value.data else {
            return None;
        };
        let is_it = |value: &crate::document::Value| match &value.data {
            Data::Table(table) => table
                .get("id")
                .is_some_and(|entry| matches!(&entry.value.data, Data::Text(text) if text == id)),
            _ => false,
        };
        let index = departments.iter().position(is_it)?;
        self.at("departments.toml", &format!("/department/{index}/{key}"))
    }

    fn document(&self, path: &str) -> Option<Document> {
        Document::parse(path, self.files.get(path)?, &mut Vec::new())
    }

    fn line(&self, place: &Place) -> Option<Line> {
        let (number, _) = Report::new(self.files, &[]).line_and_column(place)?;
        let text = self.files.text(&place.file)?;
        let mut lines = text.lines().skip(number - 1).map(str::trim);
        let first = lines.next()?;
        let shown = if first.starts_with("[[") { lines.next().unwrap_or(first) } else { first };
        Some(Line { file: self.files.shown(&place.file), number, text: shown.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_its_line() {
        let files = Files::from_map([
            ("desk.toml", &b"# the desk\nlimit = 4\n"[..]),
            (
                "departments.toml",
                b"[[department]]\nid = \"a\"\n[[department]]\nid = \"b\"\nlimit = 2\n",
            ),
            (
                "plugins.toml",
                b"[[plugin]]\nid = \"k\"\nfile = \"k.wasm\"\nsettings = \"plugins/k.toml\"\n",
            ),
            ("plugins/k.toml", b"[[rule]]\nnode = \"a\"\n\n[[rule]]\nnode = \"b\"\n"),
        ])
        .shown_under("config");
        let lines = Lines::of(&files);
        let line = |file: &str, number, text: &str| {
            Some(Line { file: format!("config/{file}"), number, text: text.to_owned() })
        };
        assert_eq!(lines.at("desk.toml", "/limit"), line("desk.toml", 2, "limit = 4"));
        assert_eq!(lines.of_setting("k", "/rule/1"), line("plugins/k.toml", 4, "node = \"b\""));
        assert_eq!(lines.of_department("b", "limit"), line("departments.toml", 5, "limit = 2"));
        assert_eq!(lines.of_department("c", "limit"), None);
    }
}
