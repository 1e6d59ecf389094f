//! `dialogo verify`, `rebuild` and `backup`: work on a desk's data folder.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use dialogo_journal::disk::real::RealDisk;
use dialogo_journal::{Fault, Folder, Progress};
use indicatif::ProgressBar;
use serde_json::json;

use crate::cli::Backup;
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};

/// Checks the log from end to end; a desk may be writing to it meanwhile.
pub(super) async fn verify(dir: &Path, json: bool) -> Result<Exit> {
    let log = journal_of(dir)?.log();
    let bar = output::progress(0, "verifying");
    let shown = bar.clone();
    let place = log.clone();
    let report = tokio::task::spawn_blocking(move || {
        let disk = RealDisk::existing(&place)
            .with_context(|| format!("cannot read {}", place.display()))?;
        Ok::<_, anyhow::Error>(dialogo_journal::verify(&disk, &mut |progress| {
            show(&shown, progress)
        })?)
    });
    let report = report.await.context("the check panicked")??;
    bar.finish_and_clear();
    let hash: String = report.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let problem = report.problem.as_ref();
    if json {
        let problem = problem.map(|problem| {
            json!({ "segment": problem.segment, "offset": problem.offset, "position": problem.position.0, "what": problem.what })
        });
        output::say_json(&json!({
            "good": problem.is_none(), "segments": report.segments, "commits": report.commits, "first": report.first.0,
            "last": report.last.0, "hash": hash, "bytes": report.bytes, "unfinished": report.unfinished, "problem": problem,
        }));
    } else {
        output::say(format!(
            "{} commits in {} segments, positions {} to {}, {} bytes",
            report.commits, report.segments, report.first.0, report.last.0, report.bytes
        ));
        output::say(format!("hash of the last: {hash}"));
        if report.unfinished > 0 {
            output::say(format!(
                "{} bytes of an unfinished write at the end; nothing acknowledged is in them",
                report.unfinished
            ));
        }
        match problem {
            None => output::say("the journal is whole"),
            Some(problem) => output::say(format!(
                "DAMAGED at position {} ({}, byte {}): {}\nwhat to do: restore the folder from a backup; all before that position is good",
                problem.position.0,
                log.join(&problem.segment).display(),
                problem.offset,
                problem.what
            )),
        }
    }
    Ok(if problem.is_none() { Exit::Good } else { Exit::Found })
}

/// Makes the views anew, while no desk runs.
pub(super) async fn rebuild(dir: &Path, json: bool) -> Result<Exit> {
    let folder = journal_of(dir)?;
    let bar = output::progress(0, "rebuilding");
    let shown = bar.clone();
    let outcome = tokio::task::spawn_blocking(move || {
        dialogo_journal::rebuild(&folder, &mut |progress| show(&shown, progress))
    });
    let outcome = outcome.await.context("the work panicked")?;
    bar.finish_and_clear();
    let position = outcome.map_err(|fault| explain(dir, &fault))?;
    if json {
        output::say_json(&json!({ "position": position.0 }));
    } else {
        output::say(format!("everything is made anew, up to position {}", position.0));
    }
    Ok(Exit::Good)
}

/// What lies beside the log and cannot be made anew, in the order in which it has to be copied: after the log.
const BESIDE_THE_LOG: [&str; 4] = ["attachments", "keys", "generations", "reasons"];

/// Copies a desk, running or not.
pub(super) async fn backup(dir: &Path, asked: &Backup) -> Result<Exit> {
    let from = DeskFolder::at(dir);
    let journal = journal_of(dir)?;
    let to = DeskFolder::at(&asked.dest);
    refuse_if_not_empty(&asked.dest)?;
    fs::create_dir_all(&to.data).with_context(|| format!("cannot make {}", to.data.display()))?;
    let bar = output::progress(0, "copying");
    let shown = bar.clone();
    let target = Folder::new(&to.data);
    let (source, dest) = (from.clone(), to.clone());
    let outcome = tokio::task::spawn_blocking(move || {
        let position =
            dialogo_journal::backup(&journal, &target, &mut |progress| show(&shown, progress))?;
        let mut bytes = 0;
        for part in BESIDE_THE_LOG {
            bytes += copy(&source.data.join(part), &dest.data.join(part))?;
        }
        bytes += copy(&source.config, &dest.config)? + copy(&source.plugins, &dest.plugins)?;
        bytes += size(&dest.data.join("log"))?;
        Ok::<_, anyhow::Error>((position, bytes))
    });
    let (position, bytes) = outcome.await.context("the work panicked")??;
    bar.finish_and_clear();
    if asked.json {
        output::say_json(&json!({ "to": asked.dest, "position": position.0, "bytes": bytes }));
    } else {
        output::say(format!(
            "copied to {} up to position {} ({bytes} bytes)",
            asked.dest.display(),
            position.0
        ));
        output::say(format!("check it with: dialogo --dir {} verify", asked.dest.display()));
    }
    Ok(Exit::Good)
}

fn journal_of(dir: &Path) -> Result<Folder> {
    let folder = Folder::new(DeskFolder::at(dir).data);
    if folder.log().is_dir() {
        return Ok(folder);
    }
    let what = format!("there is no journal in {}", folder.log().display());
    Err(Failure::usage(what, "name the desk's folder with --dir").into())
}

fn explain(dir: &Path, fault: &Fault) -> anyhow::Error {
    let todo = match fault {
        Fault::Locked { .. } => format!(
            "stop the desk on {} first; it makes views anew by itself if they are damaged",
            dir.display()
        ),
        _ => format!("`dialogo --dir {} verify` says how much is damaged", dir.display()),
    };
    Failure::unavailable(crate::client::chain(fault), todo).into()
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_message(progress.doing);
    bar.set_length(progress.total);
    bar.set_position(progress.done);
}

fn refuse_if_not_empty(dest: &Path) -> Result<()> {
    let holds_something = fs::read_dir(dest).is_ok_and(|mut entries| entries.next().is_some());
    if holds_something {
        let what = format!("{} is not empty", dest.display());
        return Err(Failure::usage(
            what,
            "name a folder that does not exist yet; nothing was copied",
        )
        .into());
    }
    Ok(())
}

/// Copies a folder and syncs every file; what is not there is nothing to copy. Returns the bytes.
fn copy(from: &Path, to: &Path) -> Result<u64> {
    if !from.is_dir() {
        return Ok(0);
    }
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let mut bytes = 0;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry.with_context(|| format!("cannot read {}", from.display()))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            bytes += copy(&source, &target)?;
        } else if source.is_file() {
            bytes += fs::copy(&source, &target)
                .with_context(|| format!("cannot copy {}", source.display()))?;
            let file = fs::File::open(&target)
                .with_context(|| format!("cannot open {}", target.display()))?;
            file.sync_all().with_context(|| format!("cannot sync {}", target.display()))?;
        }
    }
    Ok(bytes)
}

fn size(folder: &Path) -> Result<u64> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    Ok(entries.flatten().filter_map(|entry| Some(entry.metadata().ok()?.len())).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_copied_with_what_is_below_it() {
        let place = tempfile::tempdir().expect("a folder");
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        fs::create_dir_all(from.join("below")).expect("made");
        fs::write(from.join("below/a"), "abc").expect("written");
        assert_eq!(copy(&from, &to).expect("copied"), 3);
        assert_eq!(fs::read(to.join("below/a")).expect("there"), b"abc");
        assert_eq!(copy(&place.path().join("missing"), &to).expect("nothing"), 0);
    }

    #[test]
    fn nothing_is_copied_over_something() {
        let place = tempfile::tempdir().expect("a folder");
        assert!(refuse_if_not_empty(place.path()).is_ok());
        fs::write(place.path().join("a"), "").expect("written");
        assert!(refuse_if_not_empty(place.path()).is_err());
    }
}
