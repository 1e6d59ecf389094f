//! The one who keeps the views: reads what becomes durable, applies it group by group, and takes snapshots of the state
//! it folds on the way. It runs on a thread of its own and is never waited for by an acknowledgement.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dialogo_domain::{Commit, Desk, Position};

use crate::batch::Chunk;
use crate::codec;
use crate::fault::Fault;
use crate::port::{Journal, Limit};
use crate::progress::{Progress, Reporter};
use crate::snapshot::{self, Snapshots};

use super::Views;

/// How often the thread looks whether it is to stop.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How long less than a group is left to gather, unless somebody waits for it: nothing acknowledged waits for the views, and a
/// sled batch for every few commits costs more than the commits.
const GATHER: Duration = Duration::from_millis(40);

/// How often it looks whether somebody waits.
const GATHER_STEP: Duration = Duration::from_millis(4);

/// Commits between two snapshots: about a second of replay.
const SNAPSHOT_EVERY: u64 = 50_000;

/// Keeps the views.
#[derive(Debug)]
pub struct Follower {
    journal: Arc<dyn Journal>,
    views: Arc<Views>,
    snapshots: Snapshots,
    desk: Desk,
    chunk: Chunk,
    commits: Vec<Commit>,
    saved: Position,
}

/// A follower on its thread. Dropping it stops the thread.
#[derive(Debug)]
pub struct Running {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    /// Finds the state at the position of the views: a snapshot and what lies between.
    pub fn new(
        journal: Arc<dyn Journal>,
        views: Arc<Views>,
        snapshots: Snapshots,
        progress: Reporter<'_>,
    ) -> Result<Self, Fault> {
        let applied = views.applied();
        let desk = snapshot::begin(&*journal, &snapshots, applied)?;
        let saved = snapshots.positions().last().copied().unwrap_or_default();
        let mut follower = Self {
            journal,
            views,
            snapshots,
            desk,
            chunk: Chunk::new(),
            commits: Vec::new(),
            saved,
        };
        if follower.desk.position > applied {
            follower.entries_up_to_state(progress)?;
        } else {
            snapshot::fold(&*follower.journal, &mut follower.desk, applied, progress)?;
        }
        Ok(follower)
    }

    /// Applies everything that is durable now.
    pub fn catch_up(&mut self, progress: Reporter<'_>) -> Result<(), Fault> {
        let from = self.desk.position;
        loop {
            let head = self.journal.head();
            if self.group()? == 0 {
                return Ok(());
            }
            let (done, total) = (self.desk.position.0 - from.0, head.0.saturating_sub(from.0));
            progress(Progress { doing: "apply to the views", done, total: total.max(done) });
        }
    }

    /// The state it has folded so far.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Saves a snapshot of the state now.
    pub fn save(&mut self) -> Result<(), Fault> {
        self.snapshots.save(&self.desk)?;
        self.saved = self.desk.position;
        Ok(())
    }

    /// Goes on by itself.
    pub fn spawn(mut self) -> std::io::Result<Running> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let thread = thread::Builder::new().name("views".into()).spawn(move || {
            let views = Arc::clone(&self.views);
            let ran = catch_unwind(AssertUnwindSafe(|| self.run(&asked)));
            let fault = match ran {
                Ok(Ok(())) => Fault::Closed,
                Ok(Err(fault)) => fault,
                Err(_) => Fault::Views { operation: "follow the journal", reason: "sled panicked".into() },
            };
            if let Fault::Views { .. } = fault {
                views.distrust(&fault.to_string());
                tracing::error!(%fault, "the views have failed; they are rebuilt at the next start");
            } else if !matches!(fault, Fault::Closed) {
                tracing::error!(%fault, "the views cannot follow the journal any more");
            }
            views.applied.end(fault);
        })?;
        Ok(Running { stop, thread: Some(thread) })
    }

    fn run(&mut self, stop: &AtomicBool) -> Result<(), Fault> {
        let follow = self.journal.follow();
        while !stop.load(Ordering::SeqCst) {
            match follow.wait_past(self.desk.position, LOOK_EVERY) {
                Ok(None) => {}
                Ok(Some(head)) => {
                    self.gather(head);
                    self.group()?;
                    self.save_in_time();
                }
                // The journal takes nothing more: what was durable is applied, and there is nothing left to follow.
                Err(_) => break,
            }
        }
        if self.desk.position > self.saved {
            self.try_save();
        }
        Ok(())
    }

    fn gather(&self, mut head: Position) {
        let mut waited = Duration::ZERO;
        while waited < GATHER
            && head.0 - self.desk.position.0 < Limit::GROUP.commits as u64
            && !self.views.somebody_waits()
        {
            thread::sleep(GATHER_STEP);
            waited += GATHER_STEP;
            head = self.journal.head();
        }
    }

    fn save_in_time(&mut self) {
        if self.desk.position.0 >= self.saved.0 + SNAPSHOT_EVERY {
            self.try_save();
        }
    }

    /// A snapshot that cannot be written costs the next start some time, and nothing else.
    fn try_save(&mut self) {
        if let Err(fault) = self.save() {
            tracing::warn!(fault = fault.in_one_line(), "cannot write a snapshot");
            self.saved = self.desk.position;
        }
    }

    /// Applies the next group and says how many commits it had.
    fn group(&mut self) -> Result<usize, Fault> {
        self.read_group(self.desk.position)?;
        self.views.apply(&mut self.desk, &self.commits)?;
        Ok(self.commits.len())
    }

    fn read_group(&mut self, after: Position) -> Result<(), Fault> {
        self.commits.clear();
        self.journal.read(after, Limit::GROUP, &mut self.chunk)?;
        for (position, bytes) in self.chunk.iter() {
            let commit =
                codec::decode(bytes).map_err(|source| Fault::Undecodable { position, source })?;
            self.commits.push(commit);
        }
        Ok(())
    }

    /// Where retention has dropped the start of the log, what lies before the first state known gets entries only.
    fn entries_up_to_state(&mut self, progress: Reporter<'_>) -> Result<(), Fault> {
        let (from, to) = (self.journal.floor(), self.desk.position);
        let mut at = from.max(self.views.applied());
        while at < to {
            self.read_group(at)?;
            self.commits.retain(|commit| commit.stamp.position <= to);
            let Some(last) = self.commits.last() else { break };
            at = last.stamp.position;
            self.views.apply_entries(&self.commits)?;
            progress(Progress {
                doing: "apply to the views",
                done: at.0 - from.0,
                total: to.0 - from.0,
            });
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            // The thread catches its own panics.
            let _ = thread.join();
        }
    }
}
