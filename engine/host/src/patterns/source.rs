//! Where in a plugin's settings its patterns stand.
//!
//! A manifest's `[patterns]` names pointers with stars; without any, the settings' own top-level `patterns` counts. The
//! names that hits carry are JSON pointers, followed by labels if the manifest asks for them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::set::Pattern;

/// One entry of the manifest's `[patterns] sets`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternSource {
    /// The set's name.
    pub name: String,
    /// JSON pointer in which `*` stands for one index or key.
    pub pointer: String,
    /// Pointers whose values go with every hit, each after a tab; their stars are filled with what the pointer's stood for.
    #[serde(default)]
    pub label: Vec<String>,
}

/// Something in the settings that should be a pattern and is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceProblem {
    /// JSON pointer.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

/// All pattern sets of the settings, by name.
pub fn patterns_in(
    settings: &Value,
    sources: &[PatternSource],
) -> Result<BTreeMap<String, Vec<Pattern>>, Vec<SourceProblem>> {
    let mut sets: BTreeMap<String, Vec<Pattern>> = BTreeMap::new();
    let mut problems = Vec::new();
    if let Some(own) = settings.get("patterns").and_then(Value::as_object) {
        for (name, list) in own {
            let source = PatternSource {
                name: name.clone(),
                pointer: format!("/patterns/{}/*", escape(name)),
                label: Vec::new(),
            };
            if list.is_array() {
                collect(settings, &source, sets.entry(name.clone()).or_default(), &mut problems);
            }
        }
    }
    for source in sources {
        collect(settings, source, sets.entry(source.name.clone()).or_default(), &mut problems);
    }
    if problems.is_empty() { Ok(sets) } else { Err(problems) }
}

fn collect(
    settings: &Value,
    source: &PatternSource,
    into: &mut Vec<Pattern>,
    problems: &mut Vec<SourceProblem>,
) {
    for (pointer, stars, value) in reach(settings, &source.pointer) {
        let Value::String(text) = value else {
            problems.push(SourceProblem { pointer, message: "a pattern must be a text".into() });
            continue;
        };
        let mut name = pointer;
        for label in &source.label {
            name.push('\t');
            name.push_str(&labelled(settings, label, &stars));
        }
        into.push(Pattern { name: name.into(), source: text.clone() });
    }
}

/// Every value that a pointer with stars reaches, with its full pointer and what the stars stood for.
fn reach<'v>(root: &'v Value, pointer: &str) -> Vec<(String, Vec<String>, &'v Value)> {
    let mut reached = vec![(String::new(), Vec::new(), root)];
    for part in pointer.split('/').skip(1) {
        let mut next = Vec::new();
        for (path, stars, value) in reached {
            if part == "*" {
                for (key, child) in children(value) {
                    let mut stars = stars.clone();
                    stars.push(key.clone());
                    next.push((format!("{path}/{key}"), stars, child));
                }
            } else if let Some(child) = value.pointer(&format!("/{part}")) {
                next.push((format!("{path}/{part}"), stars, child));
            }
        }
        reached = next;
    }
    reached
}

fn children(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Array(list) => {
            list.iter().enumerate().map(|(index, child)| (index.to_string(), child)).collect()
        }
        Value::Object(table) => table.iter().map(|(key, child)| (escape(key), child)).collect(),
        _ => Vec::new(),
    }
}

fn labelled(settings: &Value, label: &str, stars: &[String]) -> String {
    let mut stars = stars.iter();
    let parts: Vec<&str> = label
        .split('/')
        .map(|part| if part == "*" { stars.next().map_or("*", String::as_str) } else { part })
        .collect();
    match settings.pointer(&parts.join("/")) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_pointers_and_labels_follow() {
        let settings = json!({ "rule": [
            { "node": "a", "any": ["x", "y"], "weight": 0.5 },
            { "node": "b", "any": ["z"] },
        ], "patterns": { "own": ["w"] } });
        let source = PatternSource {
            name: "any".into(),
            pointer: "/rule/*/any/*".into(),
            label: vec!["/rule/*/node".into(), "/rule/*/weight".into()],
        };
        let sets = patterns_in(&settings, &[source]).expect("good");
        let names: Vec<&str> = sets["any"].iter().map(|pattern| &*pattern.name).collect();
        assert_eq!(names, ["/rule/0/any/0\ta\t0.5", "/rule/0/any/1\ta\t0.5", "/rule/1/any/0\tb\t"]);
        assert_eq!(&*sets["own"][0].name, "/patterns/own/0");
    }

    #[test]
    fn what_is_not_a_text_is_told() {
        let source =
            PatternSource { name: "any".into(), pointer: "/any/*".into(), label: Vec::new() };
        let problems = patterns_in(&json!({ "any": ["x", 3] }), &[source]).expect_err("bad");
        assert_eq!(problems[0].pointer, "/any/1");
    }
}
