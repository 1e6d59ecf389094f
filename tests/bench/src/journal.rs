//! Durable commits per second through the same channels as in production, against the same bytes in the same groups
//! written with a bare append and `fdatasync`.
//!
//! The way of a commit is the one `engine/desk/src/open.rs` wires: tasks send a command over a bounded tokio channel to the
//! writer's thread, which makes a commit, encodes it into the group commit's buffer and goes on; the log's thread appends
//! and syncs a group and hands its tickets over a channel to the publisher's thread, which answers each task. Only the
//! domain's decision and the application are left out: this is the log alone. The bare side has no tasks, no channels,
//! no frames, no checksums: one buffer, one write, one sync for each group that the other side had made.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use dialogo_domain::{Commit, Position};
use dialogo_journal::disk::real::RealDisk;
use dialogo_journal::group::{GroupCommit, Settled};
use dialogo_journal::log::Options;
use dialogo_journal::{Journal, SegmentLog, Views, codec};
use tokio::sync::{mpsc, oneshot};

use crate::commits::{COMMIT_BYTES, Talk};
use crate::figures::{Bar, Figure};
use crate::say::progress;
use crate::statistics::{mean, median};

/// Commands that may wait for the writer, as on a desk.
const WAITING: usize = 4_096;

/// Commands the writer takes at once, as on a desk.
const TAKEN_AT_ONCE: usize = 128;

/// A command on its way to the writer.
struct Asked {
    writer: usize,
    reply: oneshot::Sender<Position>,
}

/// A commit on its way through the log.
struct Decided {
    commit: Arc<Commit>,
    reply: oneshot::Sender<Position>,
}

/// Writer, log and publisher, as a desk has them.
pub(crate) struct Line {
    wake: Option<mpsc::Sender<Asked>>,
    groups: Arc<Mutex<Vec<u32>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Line {
    /// Starts the threads. With views the writer waits for them as it does on a desk.
    pub(crate) fn start(
        journal: &Arc<dyn Journal>,
        writers: usize,
        views: Option<Arc<Views>>,
    ) -> Result<Self> {
        let (wake, mut queue) = mpsc::channel::<Asked>(WAITING);
        let (news, news_queue) = crossbeam_channel::unbounded::<Vec<Decided>>();
        let groups: Arc<Mutex<Vec<u32>>> = Arc::default();
        let counted = Arc::clone(&groups);
        let log = GroupCommit::start(Arc::clone(journal), move |group: Settled<'_, Decided>| {
            // A failed group drops its tickets, and with them everybody who waits: the round ends with an error.
            let tickets: Vec<Decided> = group.tickets.drain(..).collect();
            counted.lock().unwrap_or_else(PoisonError::into_inner).push(tickets.len() as u32);
            if group.outcome.is_ok() {
                let _ = news.send(tickets);
            }
        })?;
        let mut position = journal.head();
        let decide = move || {
            let mut talks: Vec<Talk> = (0..writers).map(Talk::new).collect();
            let mut taken = Vec::with_capacity(TAKEN_AT_ONCE);
            while queue.blocking_recv_many(&mut taken, TAKEN_AT_ONCE) > 0 {
                if let Some(views) = &views {
                    let _ = views.wait_for_room(Duration::from_secs(1));
                }
                for Asked { writer, reply } in taken.drain(..) {
                    position = position.next();
                    let commit = Arc::new(talks[writer].next(position));
                    let kept = Arc::clone(&commit);
                    let _ =
                        log.submit(Decided { commit, reply }, |bytes| codec::encode(&kept, bytes));
                }
            }
        };
        let answer = move || {
            for group in news_queue {
                for Decided { commit, reply } in group {
                    let _ = reply.send(commit.stamp.position);
                }
            }
        };
        let threads = vec![
            thread::Builder::new().name("writer".into()).spawn(decide)?,
            thread::Builder::new().name("publisher".into()).spawn(answer)?,
        ];
        Ok(Self { wake: Some(wake), groups, threads })
    }

    /// Lets `writers` tasks commit, each one after the other, for so long.
    pub(crate) async fn round(&self, writers: usize, lasts: Duration) -> Result<Round> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let stop = Arc::new(AtomicBool::new(false));
        let done = Arc::new(AtomicU64::new(0));
        let started = Instant::now();
        let mut tasks = Vec::new();
        for writer in 0..writers {
            let wake = self.wake.clone().context("the line has ended")?;
            let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
            tasks.push(tokio::spawn(async move {
                let mut own = 0;
                while !stop.load(Ordering::Relaxed) {
                    let (reply, answer) = oneshot::channel();
                    let sent = wake.send(Asked { writer, reply }).await;
                    sent.ok().context("the writer has ended")?;
                    answer.await.context("the log has failed")?;
                    own += 1;
                }
                done.fetch_add(own, Ordering::Relaxed);
                anyhow::Ok(())
            }));
        }
        tokio::time::sleep(lasts).await;
        stop.store(true, Ordering::Relaxed);
        for task in tasks {
            task.await.context("a writer panicked")??;
        }
        let seconds = started.elapsed().as_secs_f64();
        let groups =
            std::mem::take(&mut *self.groups.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Round { per_second: done.load(Ordering::Relaxed) as f64 / seconds, groups })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.wake = None;
        for thread in self.threads.drain(..) {
            // A panic has been printed by then.
            let _ = thread.join();
        }
    }
}

/// What one round gave.
pub(crate) struct Round {
    /// Commits per second, answered to their writers.
    pub(crate) per_second: f64,
    /// Commits in each group, in order.
    pub(crate) groups: Vec<u32>,
}

/// The bare file.
pub(crate) struct Bare {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Bare {
    /// A file in this folder, made anew for each round.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { path: folder.join("bare"), bytes: vec![0x5a; COMMIT_BYTES * 256] }
    }

    /// Appends and syncs groups of these sizes, over and over, for so long; commits per second.
    pub(crate) fn round(&self, groups: &[u32], lasts: Duration) -> Result<f64> {
        anyhow::ensure!(!groups.is_empty(), "nothing was written in the round before");
        let mut file: File = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .context("the bare file")?;
        file.sync_all()?;
        let (started, mut commits) = (Instant::now(), 0);
        for group in groups.iter().cycle() {
            file.write_all(&self.bytes[..COMMIT_BYTES * (*group as usize).min(256)])?;
            file.sync_data()?;
            commits += u64::from(*group);
            if started.elapsed() >= lasts {
                break;
            }
        }
        let per_second = commits as f64 / started.elapsed().as_secs_f64();
        drop(file);
        std::fs::remove_file(&self.path)?;
        Ok(per_second)
    }
}

/// A log in a folder of its own.
pub(crate) fn log_in(folder: &Path) -> Result<Arc<dyn Journal>> {
    let disk = RealDisk::new(folder.join("log")).context("the folder of the log")?;
    Ok(Arc::new(SegmentLog::open(Arc::new(disk), Options::default())?))
}

/// `journal_N`.
pub(crate) async fn figure(
    name: &'static str,
    writers: usize,
    bar: Bar,
    seconds: f64,
) -> Result<Figure> {
    const ROUNDS: usize = 7;
    let folder = crate::say::temporary()?;
    let journal = log_in(folder.path())?;
    let line = Line::start(&journal, writers, None)?;
    let bare = Bare::new(folder.path());
    let lasts = Duration::from_secs_f64((seconds / (2 * ROUNDS) as f64).max(0.1));
    let warm = line.round(writers, lasts).await?;
    bare.round(&warm.groups, lasts)?;
    let (mut ours, mut theirs, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let own = line.round(writers, lasts).await?;
        theirs.push(bare.round(&own.groups, lasts)?);
        ours.push(own.per_second);
        sizes.push(mean(&own.groups.iter().map(|group| f64::from(*group)).collect::<Vec<_>>()));
        progress(name, round, ROUNDS);
    }
    Ok(Figure {
        name,
        value: median(&ours),
        unit: "commits/s",
        limit: median(&theirs),
        bar,
        note: format!(
            "groups of {:.1} on average; limit: append + fdatasync in the same groups",
            median(&sizes)
        ),
    })
}
