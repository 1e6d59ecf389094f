//! `dialogo plugin …`: the plugins of a desk, and packages tried against their own cases.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use dialogo_host::cases::{CaseOutcome, run_cases};
use dialogo_host::{Binding, Catalogue, Host, HostConfig, Package};
use serde_json::{Value, json};

use super::running::Running;
use super::{plugin_bench, plugin_install};
use crate::cli::Plugin;
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};

pub(super) async fn run(dir: &Path, verb: Plugin) -> Result<Exit> {
    match verb {
        Plugin::List(json) => show(dir, json.json).await,
        Plugin::Test { package, json } => test(dir, package, json),
        Plugin::Bench { package, calls, baseline, json } => {
            plugin_bench::run(&package, calls as usize, baseline.as_deref(), json)
        }
        Plugin::Install { package } => plugin_install::run(dir, &package),
    }
}

/// With a running desk, how each plugin does; without one, what lies in the folder.
async fn show(dir: &Path, json: bool) -> Result<Exit> {
    if let Some(desk) = Running::find(dir).await {
        let state = desk.get("/plugins").await?;
        if json {
            output::say_json(&state);
        } else {
            show_running(&state);
        }
        return Ok(Exit::Good);
    }
    let folder = DeskFolder::at(dir);
    folder.need()?;
    let packages: Vec<Value> =
        packages(&folder.plugins)?.iter().map(|path| describe(path)).collect();
    let all_read = packages.iter().all(|package| package.get("problem").is_none());
    if json {
        output::say_json(&json!({ "plugins": packages }));
    } else {
        show_packages(&packages);
    }
    Ok(if all_read { Exit::Good } else { Exit::Found })
}

fn show_running(state: &Value) {
    let columns = ["plugin", "version", "hook", "mode", "breaker", "calls", "failures", "reason"];
    let mut rows = vec![columns.map(str::to_owned).to_vec()];
    for plugin in list(state.get("plugins")) {
        let of_plugin = |column: &str| plain(plugin.get(column));
        for hook in list(plugin.get("hooks")) {
            rows.push(vec![
                of_plugin("plugin"),
                of_plugin("version"),
                plain(hook.get("hook")),
                of_plugin("mode"),
                plain(hook.get("breaker")),
                plain(hook.get("calls")),
                failures(hook.get("failures")),
                plain(hook.get("reason")),
            ]);
        }
    }
    output::say(output::table(&rows));
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// `3 deadline, 1 trap`; nothing where there was none.
fn failures(value: Option<&Value>) -> String {
    let kinds = value.and_then(Value::as_object).into_iter().flatten();
    let counted = kinds.filter(|(_, count)| count.as_u64() != Some(0));
    counted.map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}

fn show_packages(packages: &[Value]) {
    let columns = ["id", "version", "hooks", "title"];
    let mut rows = vec![columns.map(str::to_owned).to_vec()];
    for package in packages {
        match package.get("problem") {
            Some(problem) => rows.push(vec![
                plain(package.get("id")),
                format!("cannot be read: {}", plain(Some(problem))),
            ]),
            None => rows.push(columns.iter().map(|column| plain(package.get(*column))).collect()),
        }
    }
    output::say(output::table(&rows));
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            items.iter().map(|item| plain(Some(item))).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }
}

/// Folders with a manifest in them.
fn packages(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("plugin.toml").is_file())
        .collect();
    found.sort();
    Ok(found)
}

fn describe(path: &Path) -> Value {
    match Package::read(path) {
        Ok(package) => {
            let manifest = &package.manifest;
            let hooks: Vec<&str> = manifest.hooks.iter().map(|hook| hook.name()).collect();
            json!({
                "id": manifest.id, "version": manifest.version, "hooks": hooks, "title": manifest.title,
                "digest": &*package.digest, "bytes": package.component.len(),
            })
        }
        Err(fault) => json!({
            "id": path.file_name().map(|name| name.to_string_lossy().into_owned()),
            "problem": crate::client::chain(&fault),
        }),
    }
}

/// Tries packages against their own cases.
fn test(dir: &Path, package: Option<PathBuf>, json: bool) -> Result<Exit> {
    let paths = match package {
        Some(path) => vec![path],
        None => packages(&DeskFolder::at(dir).plugins)?,
    };
    if paths.is_empty() {
        return Err(Failure::usage(
            "there is no package to test",
            "name one, or a desk's folder with --dir",
        )
        .into());
    }
    let host = Host::new(HostConfig::default()).context("the plugin host cannot be started")?;
    let bar = output::progress(paths.len() as u64, "testing");
    let tried: Vec<Tried> = paths
        .iter()
        .map(|path| {
            let tried = Tried::of(&host, path);
            bar.inc(1);
            tried
        })
        .collect();
    bar.finish_and_clear();
    let good = tried.iter().all(|package| package.failed.is_empty());
    if json {
        let packages: Vec<Value> = tried.iter().map(Tried::as_json).collect();
        output::say_json(&json!({ "good": good, "packages": packages }));
    } else {
        tried.iter().for_each(Tried::show);
    }
    Ok(if good { Exit::Good } else { Exit::Found })
}

/// A package bound for its cases alone: each of them brings settings and a tree of its own.
pub(super) fn bound(
    host: &Host,
    package: Arc<Package>,
) -> Result<dialogo_host::Plugin, Vec<String>> {
    let mut binding = Binding::of(package, json!({}));
    binding.check_settings = false;
    let bound = host.plugin(&binding, &Arc::new(Catalogue::new(0, Vec::new())));
    bound.map_err(|problems| problems.iter().map(|problem| problem.message.clone()).collect())
}

/// What came of one package.
pub(super) struct Tried {
    name: String,
    ran: usize,
    pub(super) failed: Vec<String>,
}

impl Tried {
    pub(super) fn of(host: &Host, path: &Path) -> Self {
        let name =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let package = match Package::read(path) {
            Ok(package) => Arc::new(package),
            Err(fault) => return Self { name, ran: 0, failed: vec![crate::client::chain(&fault)] },
        };
        match bound(host, package) {
            Ok(plugin) => Self::from_outcomes(name, &run_cases(&plugin)),
            Err(failed) => Self { name, ran: 0, failed },
        }
    }

    fn from_outcomes(name: String, outcomes: &[CaseOutcome]) -> Self {
        let failed = outcomes.iter().filter(|outcome| !outcome.passed()).map(|outcome| {
            let why = if outcome.deterministic {
                outcome.differences.join("; ")
            } else {
                "two sandboxes answered differently".to_owned()
            };
            format!("{} ({}, {}): {why}", outcome.name, outcome.file, outcome.hook.name())
        });
        Self { name, ran: outcomes.len(), failed: failed.collect() }
    }

    fn as_json(&self) -> Value {
        json!({ "package": self.name, "cases": self.ran, "failed": self.failed })
    }

    pub(super) fn show(&self) {
        let verdict = if self.failed.is_empty() {
            "good".to_owned()
        } else {
            format!("{} FAILED", self.failed.len())
        };
        output::say(format!("{}: {} cases, {verdict}", self.name, self.ran));
        for failure in &self.failed {
            output::say(format!("  {failure}"));
        }
    }
}
