//! `dialogo backtest`: judges the past by the rules in use and by a candidate, and tells what would differ.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use dialogo_desk::backtest::files::Contents;
use dialogo_desk::backtest::history::{Outline, Past, Untold};
use dialogo_desk::backtest::simulate::compare::compare;
use dialogo_desk::backtest::simulate::invent::{self, Made};
use dialogo_desk::backtest::simulate::measure::Measure;
use dialogo_desk::backtest::simulate::record::Recorder;
use dialogo_desk::backtest::simulate::{Assignments, Script, play};
use dialogo_desk::backtest::{Judges, Report};
use dialogo_desk::{InForce, backtest};
use dialogo_domain::Millis;
use dialogo_journal::Progress;
use dialogo_server::attachments::Attachments;
use indicatif::ProgressBar;
use tokio::sync::mpsc;

use super::check;
use crate::backtest::past::JournalCopy;
use crate::backtest::{page, past, text};
use crate::cli::Backtest;
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};
use crate::replay::dialogue;

const DAY_MS: u64 = 86_400_000;

/// Conversations read ahead of those that are judged.
const AHEAD: usize = 64;

/// What is to be judged and played.
struct ThePast {
    /// How many conversations come.
    conversations: usize,
    pasts: mpsc::Receiver<Past>,
    untold: Untold,
    contents: Contents,
    /// What is played, with what really happened where something did.
    script: Option<(Script, Option<Measure>)>,
    /// Ends with the last conversation, or with what is wrong with the journal.
    reading: tokio::task::JoinHandle<Result<()>>,
}

pub(super) async fn run(dir: &Path, asked: &Backtest) -> Result<Exit> {
    let present = asked.against.as_deref().unwrap_or(dir);
    let Some(old) = rules(present, "in use", asked.json)? else { return Ok(Exit::Found) };
    let Some(new) = rules(&asked.config, "the candidate", asked.json)? else {
        return Ok(Exit::Found);
    };
    let same = old.generation == new.generation;
    let past = match &asked.dialogues {
        Some(file) => of_recording(file, asked, &old, &new)?,
        None => of_desk(dir, asked).await?,
    };
    if past.conversations == 0 {
        let todo = "begin earlier with --days, or play a recording with --dialogues FILE.jsonl";
        return Err(Failure::usage("there is no conversation to judge", todo).into());
    }
    let report = report(past, old, new).await?;
    if same {
        output::note("note: both are the same rules, so nothing can differ");
    }
    for note in text::notes(&report) {
        output::note(format!("note: {note}"));
    }
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
    Ok(if asked.exit_code && report.differs() { Exit::Found } else { Exit::Good })
}

/// Plays first, on both cores, then judges.
async fn report(past: ThePast, old: Arc<InForce>, new: Arc<InForce>) -> Result<Report> {
    let assignments = match past.script {
        Some((script, was)) => Some(assignments(script, was, &old, &new).await?),
        None => None,
    };
    let bar = output::progress(past.conversations as u64, "judging");
    let shown = bar.clone();
    let judges = Judges { old, new, contents: past.contents };
    let mut report =
        backtest::run(past.pasts, judges, &mut move |done| shown.set_position(done)).await;
    bar.finish_and_clear();
    past.reading.await.context("reading the journal panicked")??;
    report.untold = past.untold;
    report.assignments = assignments;
    Ok(report)
}

async fn assignments(
    script: Script,
    was: Option<Measure>,
    old: &Arc<InForce>,
    new: &Arc<InForce>,
) -> Result<Assignments> {
    let bar = output::progress(script.visits() as u64 * 2, "playing");
    let script = Arc::new(script);
    let playing = |rules: &Arc<InForce>| {
        let (script, rules, bar) = (Arc::clone(&script), Arc::clone(rules), bar.clone());
        tokio::task::spawn_blocking(move || play(&script, &rules.checked, &mut || bar.inc(1)))
    };
    let (before, after) =
        tokio::try_join!(playing(old), playing(new)).context("playing assignments panicked")?;
    bar.finish_and_clear();
    Ok(compare(&script, was, before, after))
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

/// The desk's own journal: read once for an outline and for what is played, and again for what is judged, meanwhile.
async fn of_desk(dir: &Path, asked: &Backtest) -> Result<ThePast> {
    let folder = DeskFolder::at(dir);
    folder.need()?;
    let since =
        asked.days.map_or(Millis(0), |days| Millis(now().saturating_sub(u64::from(days) * DAY_MS)));
    let contents = contents(folder.data.join("attachments"));
    let bar = output::progress(0, "reading");
    let shown = bar.clone();
    let first = tokio::task::spawn_blocking(move || {
        let mut progress = |progress: Progress| show(&shown, progress);
        let journal = JournalCopy::of(&folder.data, &mut progress)?;
        let (mut outline, mut recorder) = (Outline::default(), Recorder::since(since));
        journal.read(&mut progress, &mut |commit| {
            outline.take_in(commit);
            recorder.take_in(commit);
            true
        })?;
        anyhow::Ok((journal, outline, recorder.finish()))
    });
    let (journal, outline, (script, was)) =
        first.await.context("reading the journal panicked")??;
    bar.finish_and_clear();
    let mut gathering = outline.gather(since, asked.limit);
    let (conversations, untold) = (gathering.conversations(), gathering.untold());
    let (sender, pasts) = mpsc::channel(AHEAD);
    let reading = tokio::task::spawn_blocking(move || {
        journal.read(&mut |_| (), &mut |commit| {
            let mut wanted = true;
            gathering.take_in(commit, &mut |past| wanted &= sender.blocking_send(past).is_ok());
            wanted
        })
    });
    let script = Some((script, Some(was)));
    Ok(ThePast { conversations, pasts, untold, contents, script, reading })
}

/// Recorded dialogues, with arrivals and agents made up if that is asked for.
fn of_recording(file: &Path, asked: &Backtest, old: &InForce, new: &InForce) -> Result<ThePast> {
    let departments = |rules: &InForce| -> BTreeSet<_> {
        rules.checked.domain.departments.keys().cloned().collect()
    };
    let (olds, news) = (departments(old), departments(new));
    let known = |name: &str| olds.contains(name) && news.contains(name);
    if let Some(department) = asked.department.as_deref().filter(|name| !known(name)) {
        let todo = "name one that both rule folders have in departments.toml";
        let what = format!("there is no department `{department}`");
        return Err(Failure::usage(what, todo).into());
    }
    let department = asked.department.as_deref().map(Into::into);
    let mut pasts = past::of_dialogues(&dialogue::read(file)?, department.as_ref(), known);
    let script = match asked.arrivals {
        Some(per_hour) => {
            let start = old.checked.desk.start_department.clone();
            let somewhere = department.or(start).or_else(|| olds.first().cloned());
            let todo = "name one in departments.toml";
            let department = somewhere
                .ok_or_else(|| Failure::usage("the rules in use have no department", todo))?;
            let members = |rules: &InForce| -> BTreeSet<_> {
                let departments = rules.checked.domain.departments.values();
                departments.flat_map(|it| it.members.iter().cloned()).collect()
            };
            let all = members(old).into_iter().chain(members(new)).collect::<BTreeSet<_>>();
            let agents = all.into_iter().take(asked.agents.unwrap_or(usize::MAX)).collect();
            let made = Made { began: past::RECORDED_AT, per_hour, agents, department };
            Some((invent::script(&pasts, &made), None))
        }
        None => None,
    };
    pasts.drain(..pasts.len().saturating_sub(asked.limit.unwrap_or(usize::MAX)));
    let conversations = pasts.len();
    let (sender, receiver) = mpsc::channel(AHEAD);
    let reading = tokio::spawn(async move {
        for past in pasts {
            if sender.send(past).await.is_err() {
                break;
            }
        }
        Ok(())
    });
    let (untold, contents): (_, Contents) = (Untold::default(), Arc::new(|_, _| None));
    Ok(ThePast { conversations, pasts: receiver, untold, contents, script, reading })
}

/// Reads files where the desk keeps them; what cannot be read counts as gone.
fn contents(folder: PathBuf) -> Contents {
    Arc::new(move |consumer, sha256| {
        fs::read(Attachments::content_path(&folder, consumer, sha256)).ok()
    })
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_length(progress.total);
    bar.set_position(progress.done);
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}
