//! Which rules the `[[test]]` cases try: a rule is tried if it speaks in some case, or if some case would be answered
//! otherwise without it.
//!
//! Plugins that say which of their settings spoke are taken at their word. Every other rule is taken out in turn, the plugin
//! is bound anew with what is left, and the cases of its file are asked again. So it holds for every plugin, whatever its
//! settings look like: a rule is an entry of a list or a number of its own. What cannot be taken out (the plugin refuses the
//! rest) is passed over.

use std::sync::Arc;

use dialogo_domain::Millis;
use dialogo_host::{Chain, Host, Surroundings};
use dialogo_rules::lines::{Line, Lines};
use dialogo_rules::{Checked, Files};
use serde_json::Value;

use super::tree::Tree;
use super::{cases, load};
use crate::judge::view;

/// How far the cases of one file try its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Path below the folder of the rules.
    pub file: String,
    /// Cases in it.
    pub tests: usize,
    /// Rules that could be taken out.
    pub rules: usize,
    /// Where the ones stand that no case would miss.
    pub untried: Vec<Line>,
}

impl Coverage {
    /// Rules that some case would miss, of 100; 100 where there are none.
    pub fn percent(&self) -> f64 {
        if self.rules == 0 {
            return 100.0;
        }
        100.0 * (self.rules - self.untried.len()) as f64 / self.rules as f64
    }
}

/// Every settings file in turn. `progress` hears how many rules of how many have been taken out.
pub fn coverage(
    host: &Host,
    tree: &Tree,
    checked: &Checked,
    chain: &Chain,
    now: Millis,
    progress: &mut dyn FnMut(usize, usize),
) -> Vec<Coverage> {
    let settings: Vec<_> = checked
        .plugins
        .iter()
        .filter_map(|binding| Some((binding.id.as_str(), binding.settings.as_ref()?)))
        .collect();
    let parts = settings.iter().map(|(_, settings)| rules_in(settings.json()));
    let parts: Vec<Vec<String>> = parts.collect();
    let total = parts.iter().map(Vec::len).sum();
    let surroundings = Surroundings {
        catalogue: Arc::clone(chain.catalogue()),
        directory: Arc::new(view::directory(&dialogo_domain::Desk::default(), checked, now)),
    };
    let mut done = 0;
    let mut all = Vec::new();
    for ((plugin, settings), rules) in settings.into_iter().zip(parts) {
        let answers =
            |chain: &Chain| cases::answers(checked, &chain.counting(plugin), settings.path());
        let (expected, spoke) = answers(chain);
        let mut found = Coverage {
            file: settings.path().to_owned(),
            tests: expected.len(),
            rules: 0,
            untried: Vec::new(),
        };
        for pointer in rules {
            if spoke.iter().any(|one| **one == pointer || is_below(one, &pointer)) {
                found.rules += 1;
                done += 1;
                progress(done, total);
                continue;
            }
            let mut bindings = load::bindings(checked, tree);
            for binding in bindings.iter_mut().filter(|binding| binding.id == plugin) {
                take_out(&mut binding.settings, &pointer);
                // Another revision, so that nothing of the plugin as it was is carried over.
                binding.settings_revision ^= done as u64 + 1;
                binding.probe = false;
            }
            done += 1;
            if let Ok(without) = host.prepare(bindings, &surroundings, Some(chain)) {
                found.rules += 1;
                if answers(&without).0 == expected {
                    found.untried.extend(line(&checked.files, plugin, &pointer));
                }
            }
            progress(done, total);
        }
        all.push(found);
    }
    all
}

fn is_below(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

fn line(files: &Files, plugin: &str, pointer: &str) -> Option<Line> {
    Lines::of(files).of_setting(plugin, pointer)
}

/// JSON pointers of what counts as a rule: entries of lists, and numbers that stand in no list.
fn rules_in(settings: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => {
                found.extend((0..items.len()).map(|index| format!("{at}/{index}")));
            }
            Value::Object(fields) => {
                for (key, inner) in fields {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    walk(inner, &format!("{at}/{key}"), found);
                }
            }
            Value::Number(_) => found.push(at.to_owned()),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(settings, "", &mut found);
    found
}

fn take_out(settings: &mut Value, pointer: &str) {
    let Some((above, last)) = pointer.rsplit_once('/') else { return };
    match settings.pointer_mut(above) {
        Some(Value::Array(items)) => {
            if let Some(index) = last.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        Some(Value::Object(fields)) => {
            fields.shift_remove(&last.replace("~1", "/").replace("~0", "~"));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_are_found_and_taken_out() {
        let settings = json!({ "rule": [{ "any": ["a", "b"], "weight": 0.5 }, {}], "agent": { "deny": ["x"], "max": 3, "when": "strip" } });
        assert_eq!(rules_in(&settings), ["/rule/0", "/rule/1", "/agent/deny/0", "/agent/max"]);
        let mut less = settings.clone();
        take_out(&mut less, "/rule/0");
        take_out(&mut less, "/agent/max");
        assert_eq!(less, json!({ "rule": [{}], "agent": { "deny": ["x"], "when": "strip" } }));
    }
}
