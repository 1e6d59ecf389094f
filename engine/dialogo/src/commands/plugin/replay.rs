//! `dialogo plugin replay`: recorded calls, put to two plugins in the desk's own host, and every verdict that differs.
//!
//! [`side`] is a plugin that is asked, [`told`] what is said of the two, [`made`] makes cases of calls.

mod made;
mod side;
mod told;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use dialogo_host::Package;
use dialogo_host::cases::same;
use dialogo_host::recording::{Header, Recording};
use serde_json::Value;

use super::opened::Opened;
use super::recordings;
use super::run::read_settings;
use super::tried::host;
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};
use side::Side;
use told::{Difference, Told};

/// What the command was given.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) recordings: &'a [PathBuf],
    pub(super) plugin: Option<&'a Path>,
    pub(super) against: Option<&'a Path>,
    pub(super) settings: Option<&'a Path>,
    pub(super) calls: &'a [String],
    pub(super) cases: Option<&'a Path>,
    pub(super) json: bool,
    pub(super) exit_code: bool,
}

pub(super) fn run(dir: &Path, asked: &Asked<'_>) -> Result<Exit> {
    let files = recordings::files(asked.recordings)?;
    let all = files.iter().map(|file| recordings::open(file)).collect::<Result<Vec<_>>>()?;
    let first = one_plugin(&all)?;
    if asked.against.is_none() && asked.settings.is_none() && asked.calls.is_empty() {
        let todo = "name a package to compare with (--against), or other settings (--settings), or calls to make cases of (--call, --cases)";
        return Err(Failure::usage("there is nothing to compare with", todo).into());
    }
    let then = match asked.plugin {
        Some(path) => Opened::at(path)?.package,
        None => installed(dir, &first)?,
    };
    let now = match asked.against {
        Some(path) => Opened::at(path)?.package,
        None => then.clone(),
    };
    note_what_is_missing(&first, &now);
    let settings = asked.settings.map(read_settings).transpose()?;
    replay(asked, all, (then, now), settings)
}

fn replay(
    asked: &Asked<'_>,
    all: Vec<Recording>,
    (then, now): (Package, Package),
    settings: Option<Value>,
) -> Result<Exit> {
    let host = host()?;
    let mut then = Side::new(&host, Arc::new(then), None);
    let mut now = Side::new(&host, Arc::new(now), settings);
    let total: usize = all.iter().map(|one| recordings::calls(&one.path)).sum::<Result<usize>>()?;
    let bar = output::progress(total as u64, "replaying");
    let mut told = Told::new(then.named(), now.named(), all.len());
    let mut chosen = made::Chosen::default();
    for recording in all {
        let header = Arc::new(recording.header.clone());
        told.note_masked(header.redacted);
        let (old, new) = (then.under(&header)?, now.under(&header)?);
        for call in recording {
            let call = call.map_err(|fault| recordings::unreadable(&fault))?;
            bar.inc(1);
            if !asked.calls.is_empty() && !asked.calls.contains(&call.call.call_id) {
                continue;
            }
            let (before, cost_before) = old.repeat(&call);
            let (after, cost_after) = new.repeat(&call);
            let differs = !same(&before, &after);
            told.add(&after, cost_before, cost_after);
            if asked.cases.is_some() && (differs || !asked.calls.is_empty()) {
                chosen.add(&header, &new, &call)?;
            }
            if differs {
                told.differences.push(Difference::of(&call, &before, &after));
            }
        }
    }
    bar.finish_and_clear();
    if told.calls == 0 && !asked.calls.is_empty() {
        let what = format!("none of these recordings has a call {}", asked.calls.join(" or "));
        return Err(Failure::usage(what, "call ids are printed beside each difference").into());
    }
    if let Some(folder) = asked.cases {
        let written = chosen.write(folder)?;
        output::note(format!("{} in {}", count(written, "case"), folder.display()));
    }
    if asked.json {
        output::say_json(&told.as_json())
    } else {
        told.show()
    }
    let differs = asked.exit_code && !told.differences.is_empty();
    Ok(if differs { Exit::Found } else { Exit::Good })
}

/// What holds for the first of them; all must be of one plugin.
fn one_plugin(all: &[Recording]) -> Result<Header> {
    let first = &all.first().context("no recording")?.header;
    match all.iter().find(|one| one.header.package != first.package) {
        None => Ok(first.clone()),
        Some(other) => {
            let what = format!(
                "these are recordings of several plugins: {} and {}",
                first.package, other.header.package
            );
            Err(Failure::usage(what, "name the recordings of one").into())
        }
    }
}

/// The package that recorded, if the desk still has it.
fn installed(dir: &Path, header: &Header) -> Result<Package> {
    let folder = DeskFolder::at(dir).plugins.join(&header.package);
    let recorded = format!("{} {}", header.package, header.version);
    let todo =
        format!("name the package with --plugin; its component has the digest {}", header.digest);
    if !folder.join("plugin.toml").is_file() {
        let what = format!("{recorded}, which was recorded, is not in {}", folder.display());
        return Err(Failure::usage(what, todo).into());
    }
    let package = Opened::at(&folder)?.package;
    if *package.digest != *header.digest {
        let what = format!(
            "{} has {} {}, built otherwise than {recorded}, which was recorded",
            folder.display(),
            package.manifest.id,
            package.manifest.version
        );
        return Err(Failure::usage(what, todo).into());
    }
    Ok(package)
}

/// A recording has what the plugin saw that was recorded, and no more.
fn note_what_is_missing(header: &Header, now: &Package) {
    let wants = now.manifest.needs.recent_messages as usize;
    if wants > header.recent_messages {
        output::note(format!(
            "note: {} asks for the last {wants} messages, the recording has {}: its verdicts may rest on less than they would",
            now.manifest.id, header.recent_messages
        ));
    }
}

/// `1 call`, `2 calls`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
