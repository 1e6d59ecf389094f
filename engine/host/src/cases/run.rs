//! Asks a case four times, twice in fresh sandboxes and twice in one that is reused, and compares.

use std::sync::Arc;

use crate::bind::PluginProblem;
use crate::cases::Case;
use crate::catalogue::Catalogue;
use crate::failure::Failure;
use crate::hook::Hook;
use crate::prepare;
use crate::question::Answer;
use crate::unit::{Cost, Unit};
use crate::{Plugin, merge};

/// Enough for a sandbox that serves one case.
const CALLS: u32 = u32::MAX;

/// What became of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseOutcome {
    /// File it is from.
    pub file: String,
    /// Its name.
    pub name: String,
    /// The hook it asked.
    pub hook: Hook,
    /// How the answer differs from what was expected; empty if it passed.
    pub differences: Vec<String>,
    /// Both fresh sandboxes gave the same answer.
    pub deterministic: bool,
    /// The reused sandbox gave that answer too, both times.
    pub reusable: bool,
    /// The answer in a word or two.
    pub verdict: String,
    /// The whole of it, from the first fresh sandbox.
    pub answer: Result<Answer, Failure>,
    /// What the second fresh call cost.
    pub cost: Cost,
}

impl CaseOutcome {
    /// Whether the plugin did what the case says, every time.
    pub fn passed(&self) -> bool {
        self.differences.is_empty() && self.deterministic
    }
}

/// Runs all cases of a plugin. Slow: not for a thread that verdicts wait for.
pub fn run_cases(plugin: &Plugin) -> Vec<CaseOutcome> {
    plugin.unit.cases.iter().map(|case| run_one(&plugin.unit, case)).collect()
}

/// Runs one case that need not be the plugin's own.
pub fn run_case(plugin: &Plugin, case: &Case) -> CaseOutcome {
    run_one(&plugin.unit, case)
}

/// What many calls of a case cost, each list in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseTimes {
    /// Its name.
    pub name: String,
    /// The hook it asks.
    pub hook: Hook,
    /// Each in a sandbox of its own, in microseconds of wall time.
    pub fresh_us: Vec<u64>,
    /// All in one sandbox.
    pub reused_us: Vec<u64>,
    /// The most linear memory a call had, in bytes.
    pub memory_bytes: u64,
    /// What a call may take, in microseconds of processor time.
    pub budget_us: u64,
    /// Linear memory it may have, in bytes.
    pub memory_budget_bytes: u64,
}

/// Asks each case of a plugin so many times. Cases whose settings are refused are left out: nothing is asked in them.
pub fn time_cases(plugin: &Plugin, calls: usize) -> Vec<CaseTimes> {
    let of = |case: &Case| {
        let unit = for_case(&plugin.unit, case).ok()?;
        let mut warm = None;
        let mut memory_bytes = 0;
        let mut took = |cost: Cost| {
            memory_bytes = memory_bytes.max(cost.peak_memory_bytes);
            cost.took_us
        };
        let mut fresh_us: Vec<u64> =
            (0..calls).map(|_| took(unit.ask_fresh(&case.call, &case.question).1)).collect();
        let mut reused_us: Vec<u64> = (0..calls)
            .map(|_| took(unit.ask_warm(&mut warm, CALLS, &case.call, &case.question).1))
            .collect();
        fresh_us.sort_unstable();
        reused_us.sort_unstable();
        Some(CaseTimes {
            name: case.name.clone(),
            hook: case.hook,
            fresh_us,
            reused_us,
            memory_bytes,
            budget_us: plugin.budget_us(case.hook),
            memory_budget_bytes: plugin.memory_bytes() as u64,
        })
    };
    plugin.unit.cases.iter().filter_map(of).collect()
}

/// Runs one case.
pub(crate) fn run_one(unit: &Unit, case: &Case) -> CaseOutcome {
    let outcome = |differences, verdict: String, cost| CaseOutcome {
        file: case.file.clone(),
        name: case.name.clone(),
        hook: case.hook,
        differences,
        deterministic: true,
        reusable: true,
        verdict,
        answer: Err(Failure::Misconfigured("the settings are refused".into())),
        cost,
    };
    let unit = match for_case(unit, case) {
        Ok(unit) => unit,
        Err(problems) => {
            // A case about settings may be about patterns that do not compile.
            return outcome(
                pattern_differences(case, problems),
                "settings refused".into(),
                Cost::default(),
            );
        }
    };
    let (first, _) = unit.ask_fresh(&case.call, &case.question);
    let (second, cost) = unit.ask_fresh(&case.call, &case.question);
    let mut warm = None;
    let reused = [(); 2].map(|()| unit.ask_warm(&mut warm, CALLS, &case.call, &case.question).0);
    let verdict =
        first.as_ref().map_or_else(|failure| failure.kind().name().to_owned(), merge::summary);
    let whole = CaseOutcome {
        deterministic: same(&first, &second),
        reusable: reused.iter().all(|answer| same(answer, &first)),
        ..outcome(case.expected.differences(&case.question, &first), verdict, cost)
    };
    CaseOutcome { answer: first, ..whole }
}

fn for_case(unit: &Unit, case: &Case) -> Result<Unit, Vec<PluginProblem>> {
    let catalogue = case.catalogue.clone().unwrap_or_else(|| Arc::new(Catalogue::open()));
    prepare::under(unit, &case.settings, 1, catalogue)
}

fn pattern_differences(case: &Case, problems: Vec<PluginProblem>) -> Vec<String> {
    let found = problems.iter().map(|problem| crate::question::SetupProblem {
        path: problem.pointer.clone().unwrap_or_default(),
        message: problem.message.clone(),
    });
    if case.hook == Hook::Setup {
        return case.expected.differences(&case.question, &Ok(Answer::Setup(found.collect())));
    }
    found.map(|problem| format!("settings at {}: {}", problem.path, problem.message)).collect()
}

/// Whether two answers are the same. Failures are compared by kind: times and addresses differ.
pub fn same(one: &Result<Answer, Failure>, other: &Result<Answer, Failure>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one == other,
        (Err(one), Err(other)) => one.kind() == other.kind(),
        _ => false,
    }
}
