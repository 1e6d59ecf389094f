//! `dialogo plugin bench`: what a package's calls cost, measured with its own cases in the desk's own host.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use dialogo_host::cases::{CaseTimes, time_cases};
use serde::{Deserialize, Serialize};

use super::opened::Opened;
use super::tried::{bound, host};
use crate::output::{self, Exit, Failure};

/// What is printed with `--json`, and read again as a baseline.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    package: String,
    version: String,
    calls: usize,
    cases: Vec<Figures>,
}

/// One case. Times in microseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Figures {
    case: String,
    hook: String,
    fresh_p50: u64,
    fresh_p99: u64,
    reused_p50: u64,
    reused_p99: u64,
    memory_kib: u64,
    budget: u64,
    #[serde(default)]
    memory_budget_kib: u64,
}

pub(super) fn run(path: &Path, calls: usize, baseline: Option<&Path>, json: bool) -> Result<Exit> {
    let before = baseline.map(read).transpose()?;
    let package = Arc::new(Opened::at(path)?.package);
    let host = host()?;
    let (name, version) = (package.manifest.id.clone(), package.manifest.version.clone());
    let plugin = bound(&host, package).map_err(|problems| {
        let todo = "mend that first: `dialogo plugin test` tells the same";
        let what: Vec<String> = problems.into_iter().map(|problem| problem.what).collect();
        Failure::usage(format!("{name} cannot be run: {}", what.join("; ")), todo)
    })?;
    let cases: Vec<Figures> = time_cases(&plugin, calls).iter().map(Figures::of).collect();
    if cases.is_empty() {
        let todo = "write cases: each is a question with the answer that is expected (docs/guide/partner.md)";
        return Err(Failure::usage(format!("{name} has no case to measure with"), todo).into());
    }
    let measured =
        Measured { package: name.to_string(), version: version.to_string(), calls, cases };
    if json {
        output::say_json(&measured);
    } else {
        output::say(table(&measured, before.as_ref()));
    }
    Ok(Exit::Good)
}

fn read(file: &Path) -> Result<Measured> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).map_err(|fault| {
        let what = format!("{} is no earlier measurement: {fault}", file.display());
        Failure::usage(what, "make one with `dialogo plugin bench PACKAGE --json > FILE`").into()
    })
}

fn table(measured: &Measured, before: Option<&Measured>) -> String {
    let head = [
        "case",
        "hook",
        "fresh p50",
        "p99",
        "reused p50",
        "p99",
        "memory",
        "of the memory",
        "of the time",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    if before.is_some() {
        rows[0].push("fresh p50 before".to_owned());
    }
    for case in &measured.cases {
        let share =
            |used: u64, budget: u64| format!("{:.1} %", used as f64 * 100.0 / budget.max(1) as f64);
        let mut row = vec![
            case.case.clone(),
            case.hook.clone(),
            format!("{} µs", case.fresh_p50),
            format!("{} µs", case.fresh_p99),
            format!("{} µs", case.reused_p50),
            format!("{} µs", case.reused_p99),
            format!("{} KiB", case.memory_kib),
            share(case.memory_kib, case.memory_budget_kib),
            share(case.fresh_p99, case.budget),
        ];
        if let Some(before) = before {
            let same = |old: &&Figures| old.case == case.case && old.hook == case.hook;
            row.push(match before.cases.iter().find(same) {
                Some(old) => {
                    let change =
                        (case.fresh_p50 as f64 / old.fresh_p50.max(1) as f64 - 1.0) * 100.0;
                    format!("{} µs ({change:+.0} %)", old.fresh_p50)
                }
                None => "new".to_owned(),
            });
        }
        rows.push(row);
    }
    output::table(&rows)
}

impl Figures {
    fn of(times: &CaseTimes) -> Self {
        Self {
            case: times.name.clone(),
            hook: times.hook.name().to_owned(),
            fresh_p50: quantile(&times.fresh_us, 50),
            fresh_p99: quantile(&times.fresh_us, 99),
            reused_p50: quantile(&times.reused_us, 50),
            reused_p99: quantile(&times.reused_us, 99),
            memory_kib: times.memory_bytes.div_ceil(1024),
            budget: times.budget_us,
            memory_budget_kib: times.memory_budget_bytes / 1024,
        }
    }
}

/// The value that so many of a hundred do not exceed; `sorted` ascending and not empty.
fn quantile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!((quantile(&hundred, 50), quantile(&hundred, 99)), (50, 99));
        assert_eq!((quantile(&[7], 50), quantile(&[7], 99)), (7, 7));
    }
}
