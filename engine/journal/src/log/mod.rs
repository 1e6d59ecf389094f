//! The segment log: the one place where the truth is kept. Frames in preallocated segments, one write and one sync for
//! each batch, a hash chain through all of them.
//!
//! It has no thread of its own except the one that prepares the next segment; group commit is in [`crate::group`].
//! Layout of bytes: [`frame`] and [`segment`]. What happens at start: [`recover`].

pub mod anchor;
mod catalog;
pub mod frame;
pub mod recover;
pub mod segment;
mod spare;
mod writer;

use std::sync::Arc;

use dialogo_domain::Position;
use parking_lot::{Mutex, MutexGuard};

use crate::batch::{Batch, Chunk};
use crate::disk::{Disk, Lock};
use crate::fault::Fault;
use crate::head::{Follow, Head};
use crate::port::{Journal, Limit};

use anchor::Anchor;
use catalog::Catalog;
pub use recover::Torn;
use writer::Writer;

/// File name of the segment that is prepared ahead.
pub(crate) const SPARE: &str = "spare";

/// How a log lays out its files.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Size of a segment in bytes.
    pub segment_bytes: u64,
    /// Whether a thread prepares the next segment, written full of zeros, while the present one is filled.
    pub prepare_ahead: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, prepare_ahead: true }
    }
}

/// A log in one folder, open for its single writer.
#[derive(Debug)]
pub struct SegmentLog {
    disk: Arc<dyn Disk>,
    writer: Mutex<Writer>,
    catalog: Arc<Catalog>,
    head: Head,
    anchor: Mutex<Anchor>,
    torn: Option<Torn>,
    _lock: Lock,
}

impl SegmentLog {
    /// Opens the log in a folder, or begins one.
    ///
    /// # Errors
    /// [`Fault::Locked`] when another process has it, [`Fault::Corrupt`] when what was durable once is damaged.
    pub fn open(disk: Arc<dyn Disk>, options: Options) -> Result<Self, Fault> {
        let lock = disk.lock().map_err(|error| Fault::io("lock", disk.place(), error))?;
        let Some(lock) = lock else { return Err(Fault::Locked { folder: disk.place() }) };
        let recovered = recover::recover(&*disk)?;
        if let Some(torn) = &recovered.torn {
            tracing::warn!(
                segment = torn.segment,
                offset = torn.offset,
                position = torn.position.0,
                bytes = torn.bytes,
                "an unfinished write at the end of the journal was cut off; nothing acknowledged was in it"
            );
        }
        let catalog = Arc::new(recovered.catalog);
        let anchor = recovered.anchor;
        let writer = match recovered.end {
            Some(end) => Writer::at(Arc::clone(&disk), Arc::clone(&catalog), options, end),
            None => Writer::begin(Arc::clone(&disk), Arc::clone(&catalog), options, anchor)?,
        };
        let head = Head::at(Position(writer.last()));
        Ok(Self {
            disk,
            writer: Mutex::new(writer),
            catalog,
            head,
            anchor: Mutex::new(anchor),
            torn: recovered.torn,
            _lock: lock,
        })
    }

    /// What was cut off when it was opened.
    pub fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    /// Drops whole segments that hold nothing after `position`, never the newest. Returns the new floor.
    pub fn drop_behind(&self, position: Position) -> Result<Position, Fault> {
        let writer: MutexGuard<'_, Writer> = self.writer.lock();
        writer.check()?;
        let mut anchor = self.anchor.lock();
        let bases = self.catalog.bases();
        let Some(&first_kept) = bases.iter().rev().find(|base| **base <= position.0 + 1) else {
            return Ok(Position(anchor.floor));
        };
        if first_kept <= anchor.floor + 1 {
            return Ok(Position(anchor.floor));
        }
        let begin = self.begin_of(first_kept)?;
        let next = Anchor { floor: first_kept - 1, hash: begin.before };
        next.write(&*self.disk)?;
        *anchor = next;
        self.catalog.forget_before(first_kept);
        for base in bases.into_iter().filter(|base| *base < first_kept) {
            let name = segment::name(base);
            self.disk.remove(&name).map_err(|error| Fault::io("remove", name, error))?;
        }
        self.disk.sync_names().map_err(|error| Fault::io("sync", self.disk.place(), error))?;
        Ok(Position(next.floor))
    }

    fn begin_of(&self, base: u64) -> Result<segment::Begin, Fault> {
        let name = segment::name(base);
        let file = self.disk.open(&name, false).map_err(|error| Fault::io("open", &name, error))?;
        segment::Begin::read(&*file).map_err(|error| Fault::io("read", &name, error))?.map_err(
            |what| Fault::Corrupt {
                segment: name,
                offset: 0,
                position: Position(base),
                what: what.into(),
            },
        )
    }
}

impl Journal for SegmentLog {
    fn append(
        &self,
        expected: Position,
        batch: &Batch,
        before_shown: &mut dyn FnMut(Position),
    ) -> Result<Position, Fault> {
        let mut writer = self.writer.lock();
        let appended = writer.append(expected, batch);
        if let Ok(position) = appended {
            before_shown(position);
            self.head.advance(position);
        } else if let Err(fault) = writer.check() {
            self.head.end(fault);
        }
        appended
    }

    fn read(&self, after: Position, limit: Limit, chunk: &mut Chunk) -> Result<(), Fault> {
        let floor = self.floor();
        if after < floor {
            chunk.clear();
            return Err(Fault::BelowFloor { asked: after.next(), floor });
        }
        self.catalog.read(after.next(), self.head.position(), limit, chunk)
    }

    fn head(&self) -> Position {
        self.head.position()
    }

    fn follow(&self) -> Follow {
        self.head.follow()
    }

    fn floor(&self) -> Position {
        Position(self.anchor.lock().floor)
    }
}
