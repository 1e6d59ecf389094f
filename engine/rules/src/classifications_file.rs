//! `classifications.toml`: the tree, and the version that its content gives it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dialogo_domain::id::{DepartmentId, NodeId};
use dialogo_domain::message::Channel;
use dialogo_domain::tree::{Confidence, Node, Tree};
use sha2::{Digest, Sha256};

use crate::diagnostic::{Diagnostic, Span};
use crate::document::Document;
use crate::names::{Ids, Names, Sort};
use crate::reader::{At, Reader};
use crate::shapes;
use crate::spec::check_table;

/// Levels of the tree; more than anyone finds their way in.
const MOST_LEVELS: usize = 8;

pub(crate) fn read(doc: &Document, names: &Names, out: &mut Vec<Diagnostic>) -> Tree {
    check_table(doc, doc.table(), doc.root.span, &shapes::CLASSIFICATIONS, out);
    let reader = Reader::root(doc, &shapes::CLASSIFICATIONS);
    let mut tree = Builder { names, ids: Ids::new("classifications"), nodes: BTreeMap::new(), out };
    tree.level(&reader.tables("node"), None, 1);
    let nodes = tree.nodes;
    Tree { version: version(&nodes).into(), nodes }
}

struct Builder<'a> {
    names: &'a Names,
    ids: Ids,
    nodes: BTreeMap<NodeId, Node>,
    out: &'a mut Vec<Diagnostic>,
}

impl Builder<'_> {
    fn level(&mut self, tables: &[Reader<'_>], parent: Option<&NodeId>, depth: usize) {
        let mut siblings: BTreeMap<String, Span> = BTreeMap::new();
        for table in tables {
            let Some(id) = table.text("id") else { continue };
            if !self.ids.add(table.doc, &id, self.out) {
                continue;
            }
            let node = self.node(table, parent);
            self.against_parent(table, &id, &node, parent);
            self.same_name(table, &node, &mut siblings);
            let below = table.tables("child");
            if depth == MOST_LEVELS && !below.is_empty() {
                let message = format!("the tree is deeper than {MOST_LEVELS} levels");
                self.out.push(Diagnostic::error(
                    "too-deep",
                    table.place(table.key_span("child")),
                    message,
                ));
                continue;
            }
            let node_id = NodeId::from(id.value);
            self.nodes.insert(node_id.clone(), node);
            self.level(&below, Some(&node_id), depth + 1);
        }
    }

    fn node(&mut self, table: &Reader<'_>, parent: Option<&NodeId>) -> Node {
        let departments = table.texts("departments");
        for department in &departments {
            self.names.check(Sort::Department, table.doc, department, self.out);
        }
        let inherited = parent.and_then(|parent| self.nodes.get(parent));
        let departments: BTreeSet<DepartmentId> =
            departments.into_iter().map(|at| DepartmentId::from(at.value)).collect();
        let channels: BTreeSet<Channel> =
            table.texts("channels").iter().filter_map(|at| channel(&at.value)).collect();
        let or_inherited = |own: BTreeSet<DepartmentId>| match inherited {
            Some(parent) if own.is_empty() => parent.departments.clone(),
            _ => own,
        };
        Node {
            parent: parent.cloned(),
            name: self.names.text(table, "name", self.out),
            active: table.flag("active"),
            departments: or_inherited(departments),
            channels: if channels.is_empty() {
                inherited.map(|node| node.channels.clone()).unwrap_or_default()
            } else {
                channels
            },
            synonyms: table.texts("synonyms").into_iter().map(|at| at.value).collect(),
            confidence: self.confidence(table),
        }
    }

    fn confidence(&mut self, table: &Reader<'_>) -> Confidence {
        let Some(written) = table.table("confidence") else { return Confidence::default() };
        let step = |name: &str| match written.text(name) {
            Some(_) => None,
            None => written.number(name).map(|number| number as f32),
        };
        let ladder = Confidence {
            suggest: step("suggest").unwrap_or(0.35),
            preselect: step("preselect"),
            apply: step("apply"),
        };
        let rungs = [
            ("suggest", Some(ladder.suggest)),
            ("preselect", ladder.preselect),
            ("apply", ladder.apply),
        ];
        let rungs: Vec<(&str, f32)> =
            rungs.into_iter().filter_map(|(name, at)| at.map(|at| (name, at))).collect();
        for pair in rungs.windows(2) {
            if let [(lower, low), (upper, high)] = pair
                && low > high
            {
                let message = format!("`{upper}` ({high}) must not be below `{lower}` ({low})");
                let place =
                    table.place(written.value(upper).map_or(written.span, |value| value.span));
                let problem = Diagnostic::error("contradiction", place, message);
                self.out
                    .push(problem.help("the ladder goes up: suggest, then preselect, then apply"));
            }
        }
        ladder
    }

    fn against_parent(
        &mut self,
        table: &Reader<'_>,
        id: &At<String>,
        node: &Node,
        parent: Option<&NodeId>,
    ) {
        let Some((parent_id, parent)) = parent.and_then(|parent| self.nodes.get_key_value(parent))
        else {
            return;
        };
        if node.active && !parent.active {
            let message =
                format!("`{}` can never be chosen: `{parent_id}` above it is not active", id.value);
            let problem = Diagnostic::warning("unreachable-node", table.place(id.span), message);
            self.out.push(problem.help("write active = false here too, or take it away above"));
        }
        let outside = node.departments.iter().find(|own| !parent.departments.contains(*own));
        if let Some(outside) = outside.filter(|_| !parent.departments.is_empty()) {
            let message = format!(
                "`{}` names the department `{outside}`, which `{parent_id}` above it does not",
                id.value
            );
            let place = table.place(table.key_span("departments"));
            self.out.push(Diagnostic::warning("unreachable-node", place, message));
        }
    }

    fn same_name(
        &mut self,
        table: &Reader<'_>,
        node: &Node,
        siblings: &mut BTreeMap<String, Span>,
    ) {
        let Some(value) = table.value("name") else { return };
        let Some(name) = node.name.values().next().filter(|_| node.active) else { return };
        if let Some(first) = siblings.insert(name.to_lowercase(), value.span) {
            let problem = Diagnostic::warning(
                "duplicate-name",
                table.place(value.span),
                format!("`{name}` stands twice side by side"),
            );
            self.out.push(
                problem
                    .label("agents cannot tell them apart")
                    .related(table.place(first), "the first one"),
            );
        }
    }
}

/// A channel by its name in the files.
pub(crate) fn channel(name: &str) -> Option<Channel> {
    Some(match name {
        "web" => Channel::Web,
        "mobile" => Channel::Mobile,
        "email" => Channel::Email,
        "social" => Channel::Social,
        "voice" => Channel::Voice,
        "api" => Channel::Api,
        _ => return None,
    })
}

/// The first 16 hexadecimal digits of the SHA-256 of everything in the tree.
fn version(nodes: &BTreeMap<NodeId, Node>) -> String {
    let mut hasher = Sha256::new();
    for (id, node) in nodes {
        // `Debug` of domain types is stable enough for a name: a changed one only makes a new version.
        hasher.update(format!("{id} {node:?}\n"));
    }
    hasher.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
