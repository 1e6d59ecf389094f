//! The port: one ordered, durable stream of payloads. Whatever stands behind it (a folder of segments, memory, some day
//! a replicated stream), nobody outside may assume a local disk.
//!
//! Payloads are opaque here; [`crate::codec`] makes them of commits. Group commit is built on top in [`crate::group`].

use dialogo_domain::Position;

use crate::batch::{Batch, Chunk};
use crate::fault::Fault;
use crate::head::Follow;

/// How much one read may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// At most this many payloads.
    pub commits: usize,
    /// Stop once this many bytes are there (one payload is always brought).
    pub bytes: usize,
}

impl Limit {
    /// As many as one group of the log.
    pub const GROUP: Self = Self { commits: 128, bytes: 1 << 20 };

    /// At most `commits`, of ordinary size.
    pub const fn commits(commits: usize) -> Self {
        Self { commits, bytes: 4 << 20 }
    }
}

/// One ordered, durable stream.
pub trait Journal: Send + Sync + std::fmt::Debug {
    /// Appends a batch right after `expected` and returns the new head once all of it is durable. `before_shown` is
    /// called in between: durable already, not yet visible to readers, so that senders are answered before anybody
    /// else sees their commits.
    ///
    /// # Errors
    /// [`Fault::OutOfTurn`] if the head is not `expected`. After a failed write or sync everything is refused with
    /// [`Fault::Poisoned`]: a sync that failed once may not be tried again.
    fn append(
        &self,
        expected: Position,
        batch: &Batch,
        before_shown: &mut dyn FnMut(Position),
    ) -> Result<Position, Fault>;

    /// Reads durable payloads after `after` into `chunk` (which is cleared first). An empty chunk: there are no more.
    ///
    /// # Errors
    /// [`Fault::BelowFloor`] if the next one has been dropped by retention.
    fn read(&self, after: Position, limit: Limit, chunk: &mut Chunk) -> Result<(), Fault>;

    /// The last durable position; 0 when empty.
    fn head(&self) -> Position;

    /// Follows what becomes durable.
    fn follow(&self) -> Follow;

    /// Everything up to here has been dropped by retention; 0 when nothing was.
    fn floor(&self) -> Position;
}
