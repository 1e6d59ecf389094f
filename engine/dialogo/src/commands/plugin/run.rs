//! `dialogo plugin run`: one question to a plugin, outside of any desk.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use dialogo_host::cases::{self, Case, CaseOutcome, cases_of, run_case};
use dialogo_host::{Hook, Package};
use serde_json::{Value, json};

use super::opened::Opened;
use super::tried::{bound, host};
use super::{advice, answer};
use crate::output::{self, Exit, Failure};

pub(super) struct Asked<'a> {
    pub(super) question: Option<String>,
    pub(super) package: &'a Path,
    pub(super) hook: Option<&'a str>,
    pub(super) settings: Option<&'a Path>,
    pub(super) json: bool,
}

pub(super) fn run(asked: &Asked<'_>) -> Result<Exit> {
    let opened = Opened::at(asked.package)?;
    let question = match &asked.question {
        Some(question) => question.clone(),
        None => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
    };
    let settings = asked.settings.map(read_settings).transpose()?;
    let questions = questions(&opened.package, &question, asked.hook, settings.as_ref())?;
    let host = host()?;
    let plugin = bound(&host, Arc::new(opened.package.clone())).map_err(|problems| {
        let what: Vec<String> = problems.into_iter().map(|problem| problem.what).collect();
        let what = format!("{} cannot be run: {}", opened.package.manifest.id, what.join("; "));
        Failure::usage(what, "`dialogo plugin check` says more")
    })?;
    let outcomes: Vec<(bool, CaseOutcome)> = questions
        .iter()
        .map(|question| (question.expects, run_case(&plugin, &question.case)))
        .collect();
    if asked.json {
        let manifest = &opened.package.manifest;
        let answers: Vec<Value> = outcomes.iter().map(as_json).collect();
        output::say_json(
            &json!({ "plugin": manifest.id, "version": manifest.version, "answers": answers }),
        );
    } else {
        outcomes.iter().for_each(show);
    }
    let good = outcomes
        .iter()
        .all(|(expects, outcome)| if *expects { outcome.passed() } else { outcome.answer.is_ok() });
    Ok(if good { Exit::Good } else { Exit::Found })
}

/// A case, and whether it says what is expected.
struct Question {
    case: Case,
    expects: bool,
}

fn questions(
    package: &Package,
    text: &str,
    hook: Option<&str>,
    settings: Option<&Value>,
) -> Result<Vec<Question>> {
    let hook = hook.map(|name| known_hook(package, name)).transpose()?;
    if text.trim_start().starts_with('{') {
        return Ok(vec![of_case(package, text, hook, settings)?]);
    }
    let hooks: Vec<Hook> = match hook {
        Some(hook) => vec![hook],
        None => package.manifest.hooks.iter().copied().filter(|hook| about_text(*hook)).collect(),
    };
    if hooks.is_empty() {
        let todo = "ask with a case: '{\"hook\": \"…\", \"input\": {…}}' (docs/guide/plugin-packages.md lists the keys)";
        return Err(Failure::usage("none of its hooks can be asked about a mere text", todo).into());
    }
    hooks.into_iter().map(|hook| question(package, about(hook, text), settings)).collect()
}

fn known_hook(package: &Package, name: &str) -> Result<Hook> {
    let hook: Hook = name.parse().map_err(|fault: String| {
        Failure::usage(fault, "hooks are named in the plugin's plugin.toml")
    })?;
    if !package.manifest.has(hook) {
        let hooks: Vec<&str> = package.manifest.hooks.iter().map(|hook| hook.name()).collect();
        let what = format!("{} has no hook `{hook}`", package.manifest.id);
        return Err(Failure::usage(what, format!("it has {}", hooks.join(", "))).into());
    }
    Ok(hook)
}

fn about_text(hook: Hook) -> bool {
    !matches!(hook, Hook::Setup | Hook::AttachmentPolicy | Hook::Observer)
}

/// A case about a text that a consumer has just written.
fn about(hook: Hook, text: &str) -> Value {
    let input = match hook {
        Hook::MessagePolicy | Hook::EmojiPolicy | Hook::Bot => json!({ "text": text }),
        _ => json!({ "conversation": { "recent": [text] } }),
    };
    json!({ "hook": hook.name(), "input": input })
}

fn of_case(
    package: &Package,
    text: &str,
    hook: Option<Hook>,
    settings: Option<&Value>,
) -> Result<Question> {
    let mut case: Value = serde_json::from_str(text).map_err(|fault| {
        let todo =
            "write it like a case in cases/, as JSON: {\"hook\": \"classifier\", \"input\": {…}}";
        Failure::usage(format!("the question is no JSON: {fault}"), todo)
    })?;
    if let Some(hook) = hook {
        case["hook"] = hook.name().into();
    }
    let named = case.get("hook").and_then(Value::as_str).map(str::to_owned);
    let name = named
        .as_deref()
        .ok_or_else(|| Failure::usage("the question names no hook", "add \"hook\", or --hook"))?;
    known_hook(package, name)?;
    question(package, case, settings)
}

fn question(package: &Package, mut case: Value, settings: Option<&Value>) -> Result<Question> {
    let expects = case.get("expect").is_some();
    if !expects {
        // A case must expect something; what this one does is not compared.
        case["expect"] = json!({ "error": "internal" });
    }
    let own_settings = case.get("settings").is_some();
    if let Some(settings) = settings {
        case["settings"] = settings.clone();
    }
    let text = toml_edit::ser::to_string(&case).context("the question cannot be a case")?;
    let parsed = cases::parse("question", &text, &package.case_files).map_err(|problems| {
        let what: Vec<String> = problems.iter().map(|problem| problem.message.clone()).collect();
        Failure::usage(
            format!("the question is no case: {}", what.join("; ")),
            "docs/guide/plugin-packages.md lists the keys of a case",
        )
    })?;
    let mut case = parsed.into_iter().next().context("the question is no case")?;
    // What a plugin says depends on its settings: those that its author thought of are the best there are.
    if !own_settings && settings.is_none() {
        let known = cases_of(package).unwrap_or_default();
        if let Some(model) = known.into_iter().find(|known| known.hook == case.hook) {
            case.settings = model.settings;
            case.catalogue = case.catalogue.or(model.catalogue);
        }
    }
    Ok(Question { case, expects })
}

pub(super) fn read_settings(file: &Path) -> Result<Value> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut settings: BTreeMap<String, Value> =
        toml_edit::de::from_str(&text).map_err(|fault| {
            Failure::usage(
                format!("{} is no TOML: {fault}", file.display()),
                "`dialogo check` shows where, once it is in a desk",
            )
        })?;
    // Cases of rule files never reach a plugin.
    settings.remove("test");
    Ok(json!(settings))
}

fn as_json((expects, outcome): &(bool, CaseOutcome)) -> Value {
    json!({
        "hook": outcome.hook.name(), "verdict": outcome.verdict, "answer": answer::json(&outcome.answer),
        "differences": if *expects { outcome.differences.as_slice() } else { &[] },
        "deterministic": outcome.deterministic, "reusable": outcome.reusable,
        "took_us": outcome.cost.took_us, "memory_bytes": outcome.cost.peak_memory_bytes,
    })
}

fn show((expects, outcome): &(bool, CaseOutcome)) {
    output::say(format!(
        "{}: {}   ({} µs, {} KiB)",
        outcome.hook,
        outcome.verdict,
        outcome.cost.took_us,
        outcome.cost.peak_memory_bytes.div_ceil(1024)
    ));
    for line in answer::lines(&outcome.answer) {
        output::say(format!("  {line}"));
    }
    if let Some(todo) = outcome.answer.as_ref().err().and_then(advice::todo) {
        output::say(format!("    what to do: {todo}"));
    }
    if *expects {
        match outcome.differences.as_slice() {
            [] => output::say("  as expected"),
            differences => output::say(format!("  EXPECTED OTHERWISE: {}", differences.join("; "))),
        }
    }
}
