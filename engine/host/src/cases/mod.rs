//! A plugin's cases: settings, input, expected answer, as partners write them in TOML (`docs/guide/plugin-packages.md` has the format).
//!
//! `input` builds the question with its defaults, `expect` compares, `expectation` writes down what an answer meets, `run`
//! asks. Used by `dialogo plugin test`, by the probe
//! before a plugin is bound, and by the breaker before it is asked again.

mod expect;
pub(crate) mod expectation;
pub(crate) mod input;
mod run;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

pub use expect::Expected;
pub use expectation::expectation;
pub(crate) use run::run_one;
pub use run::{CaseOutcome, CaseTimes, run_case, run_cases, same, time_cases};

use crate::catalogue::{Catalogue, Node};
use crate::hook::Hook;
use crate::input::Call;
use crate::package::Package;
use crate::question::Question;

/// One case, ready to be asked.
#[derive(Clone, Debug)]
pub struct Case {
    /// File it is from.
    pub file: String,
    /// Its name.
    pub name: String,
    /// The hook it asks.
    pub hook: Hook,
    /// Settings as JSON.
    pub settings: serde_json::Value,
    /// The tree; none if every node counts as existing.
    pub catalogue: Option<Arc<Catalogue>>,
    /// Clock, seed, history, directory.
    pub call: Arc<Call>,
    /// What is asked.
    pub question: Question,
    /// What must be answered.
    pub expected: Expected,
}

/// Why a file of cases cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", case.as_deref().map(|case| format!(", case \"{case}\"")).unwrap_or_default())]
pub struct CaseProblem {
    /// Which file.
    pub file: String,
    /// Which case in it, where known.
    pub case: Option<String>,
    /// What is wrong.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    hook: Option<Hook>,
    settings: Option<Table>,
    catalogue: Option<Vec<NodeText>>,
    input: Option<Table>,
    name: Option<String>,
    expect: Option<Table>,
    case: Option<Vec<CaseText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseText {
    name: String,
    hook: Option<Hook>,
    settings: Option<Table>,
    catalogue: Option<Vec<NodeText>>,
    input: Option<Table>,
    expect: Option<Table>,
}

/// A node of the tree as it is written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeText {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    title: Option<String>,
    active: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    synonyms: Vec<String>,
}

impl From<&Node> for NodeText {
    fn from(node: &Node) -> Self {
        NodeText {
            id: node.id.to_string(),
            parent: node.parent.as_deref().map(Into::into),
            title: Some(node.title.clone()),
            active: Some(node.active),
            synonyms: node.synonyms.clone(),
        }
    }
}

impl From<NodeText> for Node {
    fn from(node: NodeText) -> Self {
        Node {
            title: node.title.unwrap_or_else(|| node.id.clone()),
            id: node.id.into(),
            parent: node.parent.map(Into::into),
            active: node.active.unwrap_or(true),
            synonyms: node.synonyms,
        }
    }
}

/// All cases of a package.
pub fn cases_of(package: &Package) -> Result<Vec<Case>, Vec<CaseProblem>> {
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    for (file, text) in &package.cases {
        match parse(file, text, &package.case_files) {
            Ok(parsed) => cases.extend(parsed),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(cases) } else { Err(problems) }
}

/// The cases of one file. `files` are those that cases may name.
pub fn parse(
    file: &str,
    text: &str,
    files: &BTreeMap<String, Arc<[u8]>>,
) -> Result<Vec<Case>, Vec<CaseProblem>> {
    let problem = |case: Option<&str>, message: String| CaseProblem {
        file: file.to_owned(),
        case: case.map(Into::into),
        message,
    };
    let parsed: CaseFile =
        toml::from_str(text).map_err(|error| vec![problem(None, error.to_string())])?;
    let texts = match parsed.case {
        Some(texts) if parsed.expect.is_none() && parsed.name.is_none() => texts,
        Some(_) => {
            return Err(vec![problem(
                None,
                "`name` and `expect` belong into each [[case]]".into(),
            )]);
        }
        None => vec![CaseText {
            name: parsed.name.unwrap_or_else(|| file.trim_end_matches(".toml").to_owned()),
            hook: None,
            settings: None,
            catalogue: None,
            input: None,
            expect: parsed.expect,
        }],
    };
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    for case in texts {
        let name = case.name.clone();
        let shared = Shared {
            hook: parsed.hook,
            settings: &parsed.settings,
            catalogue: &parsed.catalogue,
            input: &parsed.input,
        };
        match build(file, case, &shared, files) {
            Ok(case) => cases.push(case),
            Err(message) => problems.push(problem(Some(&name), message)),
        }
    }
    if problems.is_empty() { Ok(cases) } else { Err(problems) }
}

/// What stands at the top of a file.
struct Shared<'f> {
    hook: Option<Hook>,
    settings: &'f Option<Table>,
    catalogue: &'f Option<Vec<NodeText>>,
    input: &'f Option<Table>,
}

fn build(
    file: &str,
    case: CaseText,
    shared: &Shared,
    files: &BTreeMap<String, Arc<[u8]>>,
) -> Result<Case, String> {
    let hook =
        case.hook.or(shared.hook).ok_or("`hook` is missing, here and at the top of the file")?;
    let settings =
        json(&Value::Table(case.settings.or_else(|| shared.settings.clone()).unwrap_or_default()));
    let catalogue = case
        .catalogue
        .or_else(|| shared.catalogue.clone())
        .map(|nodes| Arc::new(Catalogue::new(1, nodes.into_iter().map(Into::into).collect())));
    let mut input = shared.input.clone().unwrap_or_default();
    overlay(&mut input, case.input.unwrap_or_default());
    let settings_text: Arc<str> = settings.to_string().into();
    let (call, question) = input::build(hook, input, settings_text, files)?;
    let expect = case.expect.ok_or("`expect` is missing")?;
    let expected: Expected =
        Value::Table(expect).try_into().map_err(|error| format!("`expect`: {error}"))?;
    expected.fits(hook)?;
    Ok(Case {
        file: file.into(),
        name: case.name,
        hook,
        settings,
        catalogue,
        call: Arc::new(call),
        question,
        expected,
    })
}

/// Lays one table over another, key by key.
fn overlay(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => overlay(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// TOML as JSON; dates become text.
fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::String(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Boolean(flag) => (*flag).into(),
        Value::Datetime(date) => date.to_string().into(),
        Value::Array(list) => list.iter().map(json).collect(),
        Value::Table(table) => {
            table.iter().map(|(key, value)| (key.clone(), json(value))).collect()
        }
    }
}
