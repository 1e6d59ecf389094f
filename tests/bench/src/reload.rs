//! From the write of a rule file to the first commit that names the new generation, under load.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use toml_edit::{Item, value};

use crate::desk::{Plugins, Template, edit};
use crate::figures::{Bar, Figure};
use crate::rooms;
use crate::say::progress;
use crate::socket::member;
use crate::statistics::{median, percentile};

/// How long an edit may take to come into force before something is wrong.
const PATIENCE: Duration = Duration::from_secs(15);

/// Between two edits.
const PAUSE: Duration = Duration::from_millis(150);

/// Milliseconds of quiet that a reload waits for by design: what an edit costs at least.
const SETTLE_MS: f64 = 120.0;

/// The generations seen so far, with the time of the newest one.
#[derive(Default)]
struct Seen {
    all: BTreeSet<String>,
    newest: Option<Instant>,
}

/// `reload`.
pub(crate) async fn figure(template: &Template, edits: usize) -> Result<Figure> {
    let desk = template.serve(Plugins::All).await?;
    let rooms = rooms::on_desk(&desk).await?;
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let stop = Arc::new(AtomicBool::new(false));
    let talking: Vec<_> = rooms
        .into_iter()
        .map(|mut room| {
            let (seen, stop) = (Arc::clone(&seen), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut last = String::new();
                while !stop.load(Ordering::Relaxed) {
                    room.exchange(|frame| note(&seen, &mut last, frame)).await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    tokio::time::sleep(PAUSE * 2).await;
    let file = desk.folder.join("config/replies.toml");
    let mut took = Vec::new();
    for number in 1..=edits {
        took.push(one(&file, number, &seen).await? * 1e3);
        if number % 5 == 0 {
            progress("reload", number, edits);
        }
        tokio::time::sleep(PAUSE).await;
    }
    stop.store(true, Ordering::Relaxed);
    for room in talking {
        room.await.context("a room panicked")??;
    }
    Ok(Figure {
        name: "reload",
        value: percentile(&took, 0.95),
        unit: "ms",
        limit: SETTLE_MS,
        bar: Bar::AtMost(500.0),
        note: format!(
            "rule file written → first commit under it, p95 of {edits} under load (p50 {:.0}); limit: the quiet it waits for",
            median(&took)
        ),
    })
}

fn note(seen: &Mutex<Seen>, last: &mut String, frame: &str) {
    let Some(generation) = member("generation", frame).filter(|generation| generation != last)
    else {
        return;
    };
    generation.clone_into(last);
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.all.insert(generation.to_owned()) {
        seen.newest = Some(Instant::now());
    }
}

/// Seconds until an edit is in force.
async fn one(file: &Path, number: usize, seen: &Mutex<Seen>) -> Result<f64> {
    // In place and by renaming, as editors do, in turn.
    let written_to =
        if number % 2 == 0 { file.to_owned() } else { file.with_extension("toml.new") };
    if written_to != file {
        std::fs::copy(file, &written_to)?;
    }
    let before = Instant::now();
    edit(&written_to, |doc| {
        let replies = doc.get_mut("reply").and_then(Item::as_array_of_tables_mut);
        if let Some(reply) = replies.and_then(|replies| replies.iter_mut().next()) {
            reply.insert("text", value(format!("Olá! ({number})")));
        }
    })?;
    if written_to != file {
        std::fs::rename(&written_to, file)?;
    }
    while before.elapsed() < PATIENCE {
        let newest = seen.lock().unwrap_or_else(PoisonError::into_inner).newest;
        if let Some(at) = newest.filter(|at| *at > before) {
            return Ok((at - before).as_secs_f64());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    bail!("edit {number} was not in force after {} s", PATIENCE.as_secs())
}
