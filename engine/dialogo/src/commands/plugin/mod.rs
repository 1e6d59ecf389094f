//! `dialogo plugin …`: a partner's way from an empty folder to an installed plugin, and the plugins of a desk.
//!
//! One module a verb. [`opened`] makes a package of whatever a verb is given, [`tried`] asks it its cases in the desk's own
//! host; how sources become a component is in `dialogo-toolkit`.

pub(crate) mod advice;
mod answer;
mod bench;
mod build;
mod check;
pub(super) mod install;
mod keys;
mod new;
mod opened;
mod pack;
mod packed;
mod recordings;
mod replay;
mod run;
mod tried;
mod watch;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dialogo_host::{Host, Package};
use serde_json::{Value, json};

use super::running::Running;
use crate::cli::Plugin;
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};
use crate::project::Project;
use opened::Opened;
use tried::Tried;

pub(super) async fn run(dir: &Path, verb: Plugin) -> Result<Exit> {
    match verb {
        Plugin::New { name, hook, lang, folder, json } => {
            new::run(&new::Wanted { name: &name, hooks: &hook, lang, folder, json })
        }
        Plugin::Build { project, json } => build::run(&project, json),
        Plugin::Check { package, json } => check::run(&package, json),
        Plugin::Test { package, json } => test(dir, package, json),
        Plugin::Run { question, package, hook, settings, json } => run::run(&run::Asked {
            question,
            package: &package,
            hook: hook.as_deref(),
            settings: settings.as_deref(),
            json,
        }),
        Plugin::Watch { project, json } => watch::run(&project, json),
        Plugin::Bench { package, calls, baseline, json } => {
            bench::run(&package, calls as usize, baseline.as_deref(), json)
        }
        Plugin::Pack { package, key, out, json } => pack::run(&package, key.as_deref(), &out, json),
        Plugin::Keygen { name, out, json } => keys::generate(&name, &out, json),
        Plugin::Sign { package, key } => keys::sign(&package, &key),
        Plugin::Verify { package, keyring, json } => keys::verify(dir, &package, keyring, json),
        Plugin::Install { package } => install::run(dir, &package),
        Plugin::Recordings { plugin, json } => recordings::list(dir, plugin.as_deref(), json),
        Plugin::Replay { recordings, plugin, against, settings, call, cases, json, exit_code } => {
            let asked = replay::Asked {
                recordings: &recordings,
                plugin: plugin.as_deref(),
                against: against.as_deref(),
                settings: settings.as_deref(),
                calls: &call,
                cases: cases.as_deref(),
                json,
                exit_code,
            };
            replay::run(dir, &asked)
        }
        Plugin::List(json) => show(dir, json.json).await,
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
                plain(hook.get("mode")),
                plain(hook.get("breaker")),
                plain(hook.get("calls")),
                failures(hook.get("failures")),
                plain(hook.get("reason")),
            ]);
        }
    }
    output::say(output::table(&rows));
    for line in super::promote::worth_telling(state) {
        output::say(line);
    }
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
        None if Project::find(Path::new("."))?.is_some() => vec![PathBuf::from(".")],
        None => packages(&DeskFolder::at(dir).plugins)?,
    };
    if paths.is_empty() {
        return Err(Failure::usage(
            "there is no package to test",
            "go into a project's folder, name a package, or name a desk's folder with --dir",
        )
        .into());
    }
    let host = tried::host()?;
    let bar = output::progress(paths.len() as u64, "testing");
    let tried: Vec<Tried> = paths
        .iter()
        .map(|path| {
            let tried = try_one(&host, path);
            bar.inc(1);
            tried
        })
        .collect();
    bar.finish_and_clear();
    let good = tried.iter().all(Tried::good);
    if json {
        let packages: Vec<Value> = tried.iter().map(Tried::as_json).collect();
        output::say_json(&json!({ "good": good, "packages": packages }));
    } else {
        tried.iter().for_each(Tried::show);
    }
    Ok(if good { Exit::Good } else { Exit::Found })
}

fn try_one(host: &Host, path: &Path) -> Tried {
    match Opened::at(path) {
        Ok(opened) => Tried::of(host, opened.package),
        Err(fault) => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            Tried::unreadable(name.unwrap_or_default(), &fault)
        }
    }
}
