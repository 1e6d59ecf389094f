//! Which segments there are and where in them a position lies: a mark every few KiB, made while writing, or by walking
//! an old segment the first time somebody reads from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialogo_domain::Position;
use parking_lot::{Mutex, RwLock};

use crate::batch::Chunk;
use crate::disk::{Disk, DiskFile};
use crate::fault::Fault;
use crate::port::Limit;

use super::segment::{self, Walk};

/// Bytes between two marks: one read of the page cache away, and 64 KiB of memory for a segment of 64 MiB.
const MARK_EVERY: u64 = 16 << 10;

/// Bytes a reader fetches at a time.
const READ_STEP: usize = 64 << 10;

/// All segments of a log.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    segments: RwLock<BTreeMap<u64, Arc<Segment>>>,
}

/// One segment as readers see it.
#[derive(Debug)]
pub(crate) struct Segment {
    base: u64,
    file: Arc<dyn DiskFile>,
    marks: Mutex<Marks>,
}

#[derive(Debug, Default)]
struct Marks {
    /// Position and offset, ascending.
    at: Vec<(u64, u64)>,
    /// Whether every frame of the segment is covered (always so for the one being written).
    complete: bool,
}

impl Segment {
    /// A segment whose frames are not known yet.
    pub(crate) fn unknown(base: u64, file: Arc<dyn DiskFile>) -> Self {
        Self { base, file, marks: Mutex::default() }
    }

    /// A segment that is marked from its first frame on while it is written.
    pub(crate) fn fresh(base: u64, file: Arc<dyn DiskFile>) -> Self {
        let marks = Marks { at: Vec::new(), complete: true };
        Self { base, file, marks: Mutex::new(marks) }
    }

    /// Position of its first frame.
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    /// Says that `position` begins at `offset`; kept if the last mark is far enough away.
    pub(crate) fn mark(&self, position: u64, offset: u64) {
        self.marks.lock().add(position, offset);
    }

    /// The closest marked frame at or before `position`.
    fn nearest(&self, position: u64) -> Result<(u64, u64), Fault> {
        let mut marks = self.marks.lock();
        if !marks.complete {
            self.walk(&mut marks)
                .map_err(|error| Fault::io("read", segment::name(self.base), error))?;
        }
        let after = marks.at.partition_point(|(marked, _)| *marked <= position);
        Ok(after.checked_sub(1).map_or((self.base, segment::HEADER), |at| marks.at[at]))
    }

    fn walk(&self, marks: &mut Marks) -> std::io::Result<()> {
        let mut walk = Walk::from(&*self.file, segment::HEADER);
        while let Some((offset, frame)) = walk.step()? {
            marks.add(frame.position, offset);
        }
        marks.complete = true;
        Ok(())
    }
}

impl Marks {
    fn add(&mut self, position: u64, offset: u64) {
        let far = self.at.last().is_none_or(|(_, last)| offset >= last + MARK_EVERY);
        if far {
            self.at.push((position, offset));
        }
    }
}

impl Catalog {
    /// Adds a segment.
    pub(crate) fn add(&self, segment: Arc<Segment>) {
        self.segments.write().insert(segment.base, segment);
    }

    /// Forgets the segments before `base`.
    pub(crate) fn forget_before(&self, base: u64) {
        let mut segments = self.segments.write();
        *segments = segments.split_off(&base);
    }

    /// The bases, ascending.
    pub(crate) fn bases(&self) -> Vec<u64> {
        self.segments.read().keys().copied().collect()
    }

    fn holding(&self, position: u64) -> Option<Arc<Segment>> {
        self.segments.read().range(..=position).next_back().map(|(_, segment)| Arc::clone(segment))
    }

    /// Reads whole frames from `from` up to `head` into `chunk`, from one segment at most.
    pub(crate) fn read(
        &self,
        from: Position,
        head: Position,
        limit: Limit,
        chunk: &mut Chunk,
    ) -> Result<(), Fault> {
        chunk.clear();
        if from > head {
            return Ok(());
        }
        let Some(segment) = self.holding(from.0) else {
            return Err(Fault::BelowFloor { asked: from, floor: Position(from.0) });
        };
        let (_, offset) = segment.nearest(from.0)?;
        let fail = |error| Fault::io("read", segment::name(segment.base), error);
        let step =
            READ_STEP.min((limit.commits.saturating_mul(1024)).max(MARK_EVERY as usize + 4096));
        let buffer = std::mem::take(&mut chunk.read);
        let mut walk = Walk::from(&*segment.file, offset).in_steps_of(step).with_buffer(buffer);
        let mut wanted = from.0;
        while chunk.len() < limit.commits && wanted <= head.0 {
            let Some((offset, frame)) = walk.step().map_err(fail)? else { break };
            if frame.position < wanted {
                continue;
            }
            if frame.position > wanted {
                return Err(segment.damaged(offset, wanted, "another position stands here"));
            }
            if !chunk.is_empty() && chunk.bytes.len() + frame.payload.len() > limit.bytes {
                break;
            }
            let start = chunk.bytes.len();
            chunk.bytes.extend_from_slice(frame.payload);
            chunk.spans.push((Position(wanted), start..chunk.bytes.len()));
            wanted += 1;
        }
        if chunk.is_empty() {
            return Err(segment.damaged(
                walk.offset(),
                wanted,
                "the frame does not match its checksum",
            ));
        }
        chunk.read = walk.into_buffer();
        Ok(())
    }
}

impl Segment {
    fn damaged(&self, offset: u64, position: u64, what: &str) -> Fault {
        Fault::Corrupt {
            segment: segment::name(self.base),
            offset,
            position: Position(position),
            what: what.into(),
        }
    }
}

/// Opens the segments of a folder for reading.
pub(crate) fn open_for_reading(disk: &dyn Disk, bases: &[u64]) -> Result<Catalog, Fault> {
    let catalog = Catalog::default();
    for &base in bases {
        let name = segment::name(base);
        let file = disk.open(&name, false).map_err(|error| Fault::io("open", name, error))?;
        catalog.add(Arc::new(Segment::unknown(base, file)));
    }
    Ok(catalog)
}
