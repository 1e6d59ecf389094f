//! `replies.toml`: texts kept for use again.

use std::collections::BTreeSet;

use dialogo_domain::id::DepartmentId;
use dialogo_domain::rules::Text;

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::names::{Ids, Names, Sort};
use crate::reader::Reader;
use crate::shapes;
use crate::spec::check_table;
use crate::suggest::did_you_mean;

/// A canned reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Short code.
    pub id: String,
    /// Name in the list.
    pub title: Text,
    /// The text, with placeholders in braces.
    pub text: Text,
    /// Departments it is meant for; empty: all.
    pub departments: BTreeSet<DepartmentId>,
}

/// What may stand in braces.
pub const PLACEHOLDERS: [&str; 4] = ["consumer", "agent", "department", "protocol"];

pub(crate) fn read(doc: &Document, names: &Names, out: &mut Vec<Diagnostic>) -> Vec<Reply> {
    check_table(doc, doc.table(), doc.root.span, &shapes::REPLIES, out);
    let mut ids = Ids::new("replies");
    let mut replies = Vec::new();
    for table in Reader::root(doc, &shapes::REPLIES).tables("reply") {
        let Some(id) = table.text("id") else { continue };
        if !ids.add(doc, &id, out) {
            continue;
        }
        let departments = table.texts("departments");
        for department in &departments {
            names.check(Sort::Department, doc, department, out);
        }
        let text = names.text(&table, "text", out);
        placeholders(&table, &text, out);
        replies.push(Reply {
            id: id.value,
            title: names.text(&table, "title", out),
            text,
            departments: departments.into_iter().map(|at| DepartmentId::from(at.value)).collect(),
        });
    }
    replies
}

fn placeholders(table: &Reader<'_>, text: &Text, out: &mut Vec<Diagnostic>) {
    let Some(value) = table.value("text") else { return };
    let unknown: BTreeSet<&str> = text
        .values()
        .flat_map(|text| braces(text))
        .filter(|name| !PLACEHOLDERS.contains(name))
        .collect();
    for name in unknown {
        let message = format!("nothing is filled in for {{{name}}}");
        let problem = Diagnostic::warning("unknown-placeholder", table.place(value.span), message);
        out.push(
            problem
                .label("it would be sent as it stands")
                .maybe_help(did_you_mean(name, PLACEHOLDERS)),
        );
    }
}

/// The words in braces.
fn braces(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).filter(
        |name| {
            !name.is_empty() && name.chars().all(|next| next.is_ascii_alphanumeric() || next == '_')
        },
    )
}
