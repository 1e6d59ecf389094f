//! The reference of all keys in `docs/guide/rule-files.md` is what the schemas of the editors say. `UPDATE_EXPECT=1` writes it
//! anew.

use std::fmt::Write as _;

use serde_json::Value;

const HEAD: &str = "\
# Every key of the rule files

Made from the schemas that `dialogo check --schemas` writes for editors; a test keeps it so. What the files are for, and how to change
them without fear, is in [admin.md](admin.md). The keys of a plugin's own settings come with its package: its schema is
written beside the others.

A key with **!** has to be there. Without a value of one's own the one after *else* holds.
";

fn reference() -> String {
    let mut text = HEAD.to_owned();
    for (file, schema) in dialogo_rules::schemas() {
        let _ = writeln!(text, "\n## {file}");
        let tables = schema["$defs"].as_object().expect("definitions");
        for (name, table) in tables {
            let top = schema["$ref"] == format!("#/$defs/{name}");
            let _ = writeln!(text, "\n### {}\n", if top { "at the top" } else { name.as_str() });
            text.push_str("| key | what it means | such as |\n| --- | --- | --- |\n");
            for (key, property) in table["properties"].as_object().expect("keys") {
                text.push_str(&row(key, property, table));
            }
        }
    }
    text
}

fn row(key: &str, property: &Value, table: &Value) -> String {
    let told = property["description"].as_str().expect("a description");
    let (meaning, example) = told.split_once("\n\nSuch as: ").expect("an example");
    let required = table["required"].as_array().is_some_and(|all| all.iter().any(|one| one == key));
    let mark = if required { " **!**" } else { "" };
    let default = property.get("default").map(|value| format!(" *else* `{value}`"));
    let bounds = property["minimum"]
        .as_f64()
        .zip(property["maximum"].as_f64())
        .map(|(least, most)| format!(" From {least} to {most}."));
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    format!(
        "| `{key}`{mark} | {}{}{}{} | `{}` |\n",
        cell(meaning),
        bounds.unwrap_or_default(),
        words(property),
        default.unwrap_or_default(),
        cell(example)
    )
}

/// The words a key may have, with their meanings.
fn words(property: &Value) -> String {
    let choices = [property, &property["items"]].into_iter().find(|one| one["enum"].is_array());
    let Some(choices) = choices else { return String::new() };
    let meanings = choices["enumDescriptions"].as_array();
    let told = choices["enum"].as_array().into_iter().flatten().enumerate().map(|(at, word)| {
        let meaning = meanings.and_then(|all| all[at].as_str()).unwrap_or_default();
        if meaning.is_empty() { format!("`{word}`") } else { format!("`{word}` {meaning}") }
    });
    format!(" One of: {}.", told.collect::<Vec<_>>().join("; "))
}

#[test]
fn the_reference_is_what_the_schemas_say() {
    expect_test::expect_file!["../../../docs/guide/rule-files.md"].assert_eq(&reference());
}
