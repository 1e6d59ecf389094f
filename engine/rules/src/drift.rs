//! Keeps the descriptions of keys honest: every described key is read by somebody, every example is right, and every
//! default fits its own description.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Document;
use crate::files::Files;
use crate::reader::seen;
use crate::shapes;
use crate::spec::{Key, Kind, Shape, check_table};

fn shapes_within(shape: &'static Shape, found: &mut BTreeMap<&'static str, &'static Shape>) {
    if found.insert(shape.what, shape).is_none() {
        shape.keys.iter().for_each(|key| kinds_within(&key.kind, found));
    }
}

fn kinds_within(kind: &'static Kind, found: &mut BTreeMap<&'static str, &'static Shape>) {
    match kind {
        Kind::Table(shape) => shapes_within(shape, found),
        Kind::List(kind) | Kind::Map(kind) => kinds_within(kind, found),
        Kind::Either(kinds) => kinds.iter().for_each(|kind| kinds_within(kind, found)),
        _ => {}
    }
}

fn all() -> BTreeMap<&'static str, &'static Shape> {
    let mut found = BTreeMap::new();
    let roots = [
        &shapes::DESK,
        &shapes::DEPARTMENTS,
        &shapes::CLASSIFICATIONS,
        &shapes::REPLIES,
        &shapes::PLUGINS,
        &shapes::SETTINGS_TESTS,
    ];
    for shape in roots {
        shapes_within(shape, &mut found);
    }
    found
}

/// A desk in which every kind of table stands somewhere.
fn everything() -> Files {
    let desk = r#"
name = "A"
[finish]
[conversation]
[routing]
offers = { accept_within = "30 s" }
[visitor]
[attachments]
[widget]
[retention]
[[calendar]]
id = "c"
hours = [{ days = "mon", from = "09:00", to = "18:00", breaks = [{ from = "12:00", to = "13:00" }] }]
closed = [{ on = "2026-12-25" }]
"#;
    let departments = r#"
[[department]]
id = "a"
name = "A"
members = ["ana"]
hours = "c"
overflow = [{ to = "b" }]
queue = { max_waiting = 3, when_full = "overflow" }
full_agent = { wait = "2 min" }
[[department]]
id = "b"
name = "B"
members = ["ana"]
[[test]]
name = "one"
turns = [{ consumer = "a" }]
suggests = []
[[test]]
name = "two"
attachment = { name = "a.txt" }
accepted = true
[[test]]
name = "three"
transfer = { from = "a", to_agent = "ana" }
state = { a = { open = true } }
allowed = true
"#;
    let tree = "[[node]]\nid = \"n\"\nname = \"N\"\nconfidence = { suggest = 0.1 }\n";
    let replies = "[[reply]]\nid = \"r\"\ntitle = \"R\"\ntext = \"r\"\n";
    let plugins = "[[plugin]]\nid = \"p\"\nfile = \"p.wasm\"\nper_hook = { bot = { mode = \"off\" } }\nlimits = {}\ninstances = { reuse = 3 }\nrecord = { share = 0.1 }\nsettings = \"plugins/p.toml\"\n";
    Files::from_map(
        [
            ("desk.toml", desk),
            ("departments.toml", departments),
            ("classifications.toml", tree),
            ("replies.toml", replies),
            ("plugins.toml", plugins),
            ("plugins/p.toml", ""),
        ]
        .map(|(path, text)| (path, text.as_bytes().to_vec())),
    )
}

#[test]
fn every_described_key_is_read() {
    seen::take();
    let loaded = crate::load(&everything());
    assert!(loaded.checked.is_some(), "{}", loaded.report().text(false, None));
    let mut read = seen::take();
    // Read before the descriptions come into play, since every text depends on it.
    read.insert(("desk.toml", "languages".to_owned()));
    let described: BTreeSet<(&str, String)> = all()
        .values()
        .flat_map(|shape| shape.keys.iter().map(|key| (shape.what, key.name.to_owned())))
        .collect();
    let unread: Vec<_> = described.difference(&read).collect();
    assert!(unread.is_empty(), "described and never read: {unread:?}");
}

fn alone(key: &'static Key, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(document) = Document::parse("example.toml", text.as_bytes(), &mut problems) {
        let shape = Shape { what: "example", keys: std::slice::from_ref(key) };
        check_table(&document, document.table(), document.root.span, &shape, &mut problems);
    }
    problems.into_iter().map(|problem| format!("{text}: {}", problem.message)).collect()
}

#[test]
fn examples_and_defaults_fit_their_descriptions() {
    let mut wrong = Vec::new();
    for key in all().values().flat_map(|shape| shape.keys) {
        if !key.example.starts_with("[[") {
            wrong.extend(alone(key, key.example));
        }
        if let Some(default) = key.default {
            wrong.extend(alone(key, &format!("{} = {default}", key.name)));
        }
        if key.doc.is_empty() {
            wrong.push(format!("{} is not explained", key.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
