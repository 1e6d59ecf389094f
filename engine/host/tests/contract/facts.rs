//! The page on facts, made from the table; and that no key is written anywhere but there.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use dialogo_host::facts::{FACTS, FactKind};
use expect_test::expect_file;
use regex::Regex;

use super::wit::repository;

const HEAD: &str = "\
# Facts

<!-- Made from the table in engine/host/src/facts.rs by the host's tests; change it there, then run
     `UPDATE_EXPECT=1 cargo test -p dialogo-host --test contract`. -->

What the host tells a plugin beyond the fields of the [contract](contract.md): pairs of key and value. New keys come with new
versions, so a plugin must bear keys that it does not know. A key that is absent is *not known* or does not apply; it never
means \"no\" or 0, unless it stands below that it is there only when it is so. A key always has the same type.
";

/// Each place that facts stand on, with its heading and what is said of it.
const PLACES: [(&str, &str, &str); 2] = [
    (
        "conversation",
        "Of a conversation",
        "In `conversation.facts`: the moment at which the plugin is asked. A backtest gives them as they were.",
    ),
    (
        "attachment",
        "Of a file",
        "In `attachment.facts`: what the host found inside, within bounds of size, depth and time.",
    ),
];

const TAIL: &str = "
## Of a consumer

In `conversation.consumer.facts`: what the page they write from says of them (`facts` of the widget and the API), each a text,
at most 32 of them, under keys of the page's choice. It proves nothing: give no rights by it. Agents, bots and messages have
no facts yet.
";

fn page() -> String {
    let mut page = String::from(HEAD);
    for (place, title, text) in PLACES {
        write!(page, "\n## {title}\n\n{text}\n\n| key | type | unit | it is there | meaning |\n| --- | --- | --- | --- | --- |\n")
            .expect("a string");
        for fact in FACTS.iter().filter(|fact| fact.on == place) {
            let kind = match fact.kind {
                FactKind::Flag => "flag",
                FactKind::Number => "number",
                FactKind::Text => "text",
                FactKind::Texts => "texts",
            };
            writeln!(
                page,
                "| `{}` | {kind} | {} | {} | {} |",
                fact.key, fact.unit, fact.when, fact.meaning
            )
            .expect("a string");
        }
    }
    page.push_str(TAIL);
    page
}

#[test]
fn the_page_is_what_the_table_says() {
    expect_file![repository("docs/guide/facts.md")].assert_eq(&page());
}

#[test]
fn every_key_is_described_once() {
    let keys: BTreeSet<&str> = FACTS.iter().map(|fact| fact.key).collect();
    assert_eq!(keys.len(), FACTS.len(), "a key stands in the table twice");
    for fact in FACTS {
        assert!(PLACES.iter().any(|(place, ..)| *place == fact.on), "{}: on {}", fact.key, fact.on);
        assert!(!fact.when.is_empty() && !fact.meaning.is_empty(), "{} is not described", fact.key);
        assert_eq!(fact.kind == FactKind::Number, !fact.unit.is_empty(), "{}: its unit", fact.key);
    }
}

/// A fact with a key of its own would be one that nobody has heard of: the code takes its keys from the table.
#[test]
fn the_code_writes_no_key_of_its_own() {
    let written = Regex::new(r#"Fact::(flag|number|text|texts)\(\s*""#).expect("an expression");
    let mut files = Vec::new();
    for part in ["engine/host/src", "engine/desk/src", "engine/server/src", "engine/dialogo/src"] {
        sources(&repository(part), &mut files);
    }
    assert!(files.len() > 50, "the sources are not where they were");
    let of_its_own: Vec<&PathBuf> = files
        .iter()
        .filter(|file| {
            let text = std::fs::read_to_string(file).expect("a source");
            let live = text.split("#[cfg(test)]").next().unwrap_or_default();
            written.is_match(live)
        })
        .collect();
    assert!(of_its_own.is_empty(), "take the key from dialogo_host::facts: {of_its_own:?}");
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
