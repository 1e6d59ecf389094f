//! Everything that is read: transcripts, lists, cold conversations, files, search, figures, sessions. Kept in sled, in one
//! tree, written by one [`Follower`](follower::Follower) from durable commits, one batch for each group.
//!
//! Sled can lose nothing that matters: all of it except sessions comes from the log, and is made again when sled is
//! empty, damaged, of another form or ahead of the log ([`Views::open`]). Nothing here is on the way of an
//! acknowledgement; a reader who needs its own write waits for the position.

mod count;
pub mod figures;
pub mod follower;
mod keys;
mod measure;
mod open;
mod read;
pub mod search;
mod sessions;
mod stage;
mod summary;
pub mod trials;
mod words;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dialogo_domain::{Commit, Desk, Position};

use crate::fault::Fault;
use crate::head::{Follow, Head};
use crate::port::Journal;
use stage::Stage;

pub use open::SetAside;
pub use read::{AttachmentAt, Cold, Page, Quarter};
pub use stage::kind;
pub use summary::Summary;
pub use words::{by_people, fold};

/// Names what the keys and values look like. Views of another form are set aside and made anew.
const FORM: &str = "views-5";

/// How far the views may be behind before the writer has to wait: at the slowest measured, less than a second's work.
pub const MAX_LAG: u64 = 20_000;

/// The views of one desk.
#[derive(Debug)]
pub struct Views {
    /// Kept for its drop, which flushes.
    _db: sled::Db,
    tree: sled::Tree,
    journal: Arc<dyn Journal>,
    applied: Head,
    folder: PathBuf,
    set_aside: Option<SetAside>,
    /// The furthest position that anybody has waited for.
    wanted: AtomicU64,
}

impl Views {
    /// How far the views have come.
    pub fn applied(&self) -> Position {
        self.applied.position()
    }

    /// Follows how far they come.
    pub fn follow(&self) -> Follow {
        self.applied.follow()
    }

    /// Waits until the views hold `position`; `false` when `patience` ran out first.
    ///
    /// # Errors
    /// When the follower has ended.
    pub fn wait_for(&self, position: Position, patience: Duration) -> Result<bool, Fault> {
        self.wanted.fetch_max(position.0, Ordering::Relaxed);
        match position.0.checked_sub(1) {
            None => Ok(true),
            Some(before) => Ok(self.follow().wait_past(Position(before), patience)?.is_some()),
        }
    }

    /// Whether a reader waits for what is not applied yet.
    fn somebody_waits(&self) -> bool {
        self.wanted.load(Ordering::Relaxed) > self.applied().0
    }

    /// How many durable commits they are behind.
    pub fn lag(&self) -> u64 {
        self.journal.head().0.saturating_sub(self.applied().0)
    }

    /// Waits while they are more than [`MAX_LAG`] behind: the writer calls this before it takes more, so that the lag
    /// stays within bounds. `false` when `patience` ran out first.
    pub fn wait_for_room(&self, patience: Duration) -> Result<bool, Fault> {
        if self.lag() <= MAX_LAG {
            return Ok(true);
        }
        self.wait_for(Position(self.journal.head().0 - MAX_LAG), patience)
    }

    /// Why earlier views were set aside when these were opened, if they were.
    pub fn set_aside(&self) -> Option<&SetAside> {
        self.set_aside.as_ref()
    }

    /// Applies a group of commits that follows what is applied, and folds them into `desk`, which stands there too.
    pub fn apply(&self, desk: &mut Desk, commits: &[Commit]) -> Result<(), Fault> {
        let mut stage = Stage::new(self);
        stage.group(desk, commits)?;
        self.finish(stage, commits)
    }

    /// Applies only the entries of a group: for commits before the oldest known state.
    fn apply_entries(&self, commits: &[Commit]) -> Result<(), Fault> {
        let mut stage = Stage::new(self);
        stage.entries_only(commits);
        self.finish(stage, commits)
    }

    fn finish(&self, stage: Stage<'_>, commits: &[Commit]) -> Result<(), Fault> {
        let Some(last) = commits.last() else { return Ok(()) };
        let position = last.stamp.position;
        self.tree.apply_batch(stage.finish(position)).map_err(|error| broken("write", &error))?;
        self.applied.advance(position);
        Ok(())
    }
}

fn broken(operation: &'static str, error: &sled::Error) -> Fault {
    Fault::Views { operation, reason: error.to_string() }
}
