//! `dialogo backtest`: judges the past by the rules in use and by a candidate, and tells what would differ.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use dialogo_desk::backtest::history::{Past, Untold};
use dialogo_desk::{InForce, backtest};
use dialogo_domain::Millis;
use dialogo_journal::Progress;

use super::check;
use crate::backtest::{page, past, text};
use crate::cli::Backtest;
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};
use crate::replay::dialogue;

const DAY_MS: u64 = 86_400_000;

pub(super) async fn run(dir: &Path, asked: &Backtest) -> Result<Exit> {
    let present = asked.against.as_deref().unwrap_or(dir);
    let Some(old) = rules(present, "in use", asked.json)? else { return Ok(Exit::Found) };
    let Some(new) = rules(&asked.config, "the candidate", asked.json)? else {
        return Ok(Exit::Found);
    };
    let (pasts, untold) = the_past(dir, asked, &old, &new).await?;
    if pasts.is_empty() {
        let todo = "begin earlier with --days, or play a recording with --dialogues FILE.jsonl";
        return Err(Failure::usage("there is no conversation to judge", todo).into());
    }
    let bar = output::progress(pasts.len() as u64, "judging");
    let shown = bar.clone();
    let same = old.generation == new.generation;
    let report = backtest::run(pasts, old, new, &mut move |done| shown.set_position(done)).await;
    bar.finish_and_clear();
    if same {
        output::note("note: both are the same rules, so nothing can differ");
    }
    told(&untold);
    if let Some(file) = &asked.html {
        let what = format!("{} compared with {}", asked.config.display(), present.display());
        fs::write(file, page::page(&report, &what))
            .with_context(|| format!("cannot write {}", file.display()))?;
        output::note(format!("wrote {}", file.display()));
    }
    if asked.json {
        output::say_json(&report);
    } else {
        output::say(text::text(&report, asked.show));
    }
    Ok(if asked.exit_code && report.differing > 0 { Exit::Found } else { Exit::Good })
}

/// The rules in a folder, checked as a reload would; `None`: they are wrong, which has been said.
fn rules(folder: &Path, which: &str, json: bool) -> Result<Option<Arc<InForce>>> {
    let looked = check::look(&check::folders(folder)?, &mut |_, _| ())?;
    if looked.loaded.rules.is_none() {
        output::note(format!("error: the rules of {which} ({}) are wrong:", folder.display()));
        looked.say(json);
    }
    Ok(looked.loaded.rules.map(Arc::new))
}

async fn the_past(
    dir: &Path,
    asked: &Backtest,
    old: &InForce,
    new: &InForce,
) -> Result<(Vec<Past>, Untold)> {
    let (mut pasts, untold) = match &asked.dialogues {
        Some(file) => {
            let knows = |rules: &InForce, name: &str| {
                rules.checked.domain.departments.keys().any(|id| id.as_str() == name)
            };
            let known = |name: &str| knows(old, name) && knows(new, name);
            if let Some(department) = asked.department.as_deref().filter(|name| !known(name)) {
                let todo = "name one that both rule folders have in departments.toml";
                let what = format!("there is no department `{department}`");
                return Err(Failure::usage(what, todo).into());
            }
            let department = asked.department.as_deref().map(Into::into);
            let dialogues = dialogue::read(file)?;
            (past::of_dialogues(&dialogues, department.as_ref(), known), Untold::default())
        }
        None => {
            let folder = DeskFolder::at(dir);
            folder.need()?;
            let since = asked
                .days
                .map_or(Millis(0), |days| Millis(now().saturating_sub(u64::from(days) * DAY_MS)));
            let bar = output::progress(0, "reading");
            let shown = bar.clone();
            let read = tokio::task::spawn_blocking(move || {
                past::of_journal(&folder.data, since, &mut |progress: Progress| {
                    shown.set_length(progress.total);
                    shown.set_position(progress.done);
                })
            });
            let read = read.await.context("reading the journal panicked")??;
            bar.finish_and_clear();
            read
        }
    };
    if let Some(limit) = asked.limit {
        pasts.drain(..pasts.len().saturating_sub(limit));
    }
    Ok((pasts, untold))
}

/// What could not be judged as it was.
fn told(untold: &Untold) {
    if untold.rewritten > 0 {
        output::note(format!(
            "note: of {} rewritten messages only the new text is kept; that is what was judged",
            untold.rewritten
        ));
    }
    if untold.refused_transfers > 0 {
        output::note(format!(
            "note: {} refused transfers are left out: where they were to go is not kept",
            untold.refused_transfers
        ));
    }
    if untold.files > 0 {
        output::note(format!("note: {} files are left out", untold.files));
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}
