//! A package against the desk's own host: bound, and its cases asked.

use std::sync::Arc;

use dialogo_host::cases::{CaseOutcome, run_cases};
use dialogo_host::{Binding, Catalogue, Host, HostConfig, Package, Plugin, PluginProblem};
use serde::Serialize;
use serde_json::{Value, json};

use crate::output;

/// A host for tools.
pub(super) fn host() -> anyhow::Result<Host> {
    use anyhow::Context as _;
    Host::new(HostConfig::default()).context("the plugin host cannot be started")
}

/// A package bound for its cases alone: each of them brings settings and a tree of its own.
pub(super) fn bound(host: &Host, package: Arc<Package>) -> Result<Plugin, Vec<Problem>> {
    let mut binding = Binding::of(package, json!({}));
    binding.check_settings = false;
    let bound = host.plugin(&binding, &Arc::new(Catalogue::new(0, Vec::new())));
    bound.map_err(|problems| problems.iter().map(Problem::of).collect())
}

/// Something that is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    pub(super) what: String,
    pub(super) todo: Option<String>,
}

impl Problem {
    pub(super) fn new(what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { what: what.into(), todo: Some(todo.into()) }
    }

    fn of(problem: &PluginProblem) -> Self {
        Self { what: problem.message.clone(), todo: problem.hint.clone() }
    }

    /// Two lines at most.
    pub(super) fn say(&self) {
        output::say(format!("  {}", self.what));
        if let Some(todo) = &self.todo {
            output::say(format!("    what to do: {todo}"));
        }
    }
}

/// One case and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) hook: &'static str,
    pub(super) verdict: String,
    /// The whole answer, a line for each thing it says.
    pub(super) answer: Vec<String>,
    /// Why it failed, if it did.
    pub(super) problem: Option<Problem>,
    /// A used sandbox answers as a fresh one does.
    pub(super) reusable: bool,
}

impl Case {
    fn of(outcome: &CaseOutcome) -> Self {
        Self {
            name: outcome.name.clone(),
            file: outcome.file.clone(),
            hook: outcome.hook.name(),
            verdict: outcome.verdict.clone(),
            answer: super::answer::lines(&outcome.answer),
            problem: problem(outcome),
            reusable: outcome.reusable,
        }
    }

    /// How it is named in a list of failures.
    pub(super) fn place(&self) -> String {
        format!("{} ({}, {})", self.name, self.file, self.hook)
    }
}

fn problem(outcome: &CaseOutcome) -> Option<Problem> {
    if !outcome.deterministic {
        return Some(Problem::new(
            "two sandboxes answered differently",
            "a plugin has no clock and no randomness: take both from the call's context, and do not depend on the order of a hash map",
        ));
    }
    if outcome.differences.is_empty() {
        return None;
    }
    let todo = outcome.answer.as_ref().err().and_then(super::advice::todo);
    Some(Problem { what: outcome.differences.join("; "), todo })
}

/// What came of one package.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub(super) name: String,
    pub(super) cases: Vec<Case>,
    /// It could not even be bound.
    pub(super) problems: Vec<Problem>,
}

impl Tried {
    pub(super) fn of(host: &Host, package: Package) -> Self {
        let name = package.manifest.id.clone();
        match bound(host, Arc::new(package)) {
            Ok(plugin) => Self {
                name,
                cases: run_cases(&plugin).iter().map(Case::of).collect(),
                problems: Vec::new(),
            },
            Err(problems) => Self { name, cases: Vec::new(), problems },
        }
    }

    /// One that cannot even be read.
    pub(super) fn unreadable(name: String, fault: &anyhow::Error) -> Self {
        let known = fault.chain().find_map(|cause| cause.downcast_ref::<output::Failure>());
        let todo = known.and_then(|known| known.todo.clone());
        Self {
            name,
            cases: Vec::new(),
            problems: vec![Problem { what: format!("{fault:#}"), todo }],
        }
    }

    pub(super) fn good(&self) -> bool {
        self.problems.is_empty() && self.cases.iter().all(|case| case.problem.is_none())
    }

    fn failed(&self) -> usize {
        self.problems.len() + self.cases.iter().filter(|case| case.problem.is_some()).count()
    }

    pub(super) fn as_json(&self) -> Value {
        let failed = self.cases.iter().filter_map(|case| {
            let problem = case.problem.as_ref()?;
            Some(json!({ "case": case.name, "file": case.file, "hook": case.hook, "what": problem.what, "todo": problem.todo }))
        });
        let failed: Vec<Value> =
            self.problems.iter().map(|problem| json!(problem)).chain(failed).collect();
        json!({ "package": self.name, "cases": self.cases.len(), "failed": failed, "answers": self.cases })
    }

    pub(super) fn show(&self) {
        let verdict = match self.failed() {
            0 => "good".to_owned(),
            failed => format!("{failed} FAILED"),
        };
        output::say(format!("{}: {} cases, {verdict}", self.name, self.cases.len()));
        self.problems.iter().for_each(Problem::say);
        for case in &self.cases {
            if let Some(problem) = &case.problem {
                let what = format!("{}: {}", case.place(), problem.what);
                Problem { what, todo: problem.todo.clone() }.say();
            }
        }
    }
}
