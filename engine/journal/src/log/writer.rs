//! The writing end of a log: frames a batch, writes it in one piece, syncs it once. After any failure it refuses
//! everything: the kernel may have thrown the unsynced pages away, so a second sync that succeeds would prove nothing.

use std::sync::Arc;

use dialogo_domain::Position;

use crate::batch::Batch;
use crate::disk::{Disk, DiskFile, Room};
use crate::fault::Fault;

use super::anchor::Anchor;
use super::catalog::{Catalog, Segment};
use super::frame::{self, Hash};
use super::recover::End;
use super::segment::{self, Begin};
use super::spare::Spare;
use super::{Options, SPARE};

/// File name of a segment that the writer makes itself, until it is put in place.
const FRESH: &str = "segment.tmp";

/// The writing end of a log.
#[derive(Debug)]
pub(crate) struct Writer {
    disk: Arc<dyn Disk>,
    catalog: Arc<Catalog>,
    options: Options,
    spare: Spare,
    segment: Arc<Segment>,
    file: Arc<dyn DiskFile>,
    name: String,
    capacity: u64,
    offset: u64,
    last: u64,
    hash: Hash,
    buffer: Vec<u8>,
    marks: Vec<(u64, usize)>,
    broken: Option<String>,
}

impl Writer {
    /// Goes on where a log ends.
    pub(crate) fn at(
        disk: Arc<dyn Disk>,
        catalog: Arc<Catalog>,
        options: Options,
        end: End,
    ) -> Self {
        let spare = Spare::new(&disk, options);
        let name = segment::name(end.segment.base());
        Self {
            disk,
            catalog,
            options,
            spare,
            name,
            segment: end.segment,
            file: end.file,
            capacity: end.capacity,
            offset: end.offset,
            last: end.last,
            hash: end.hash,
            buffer: Vec::new(),
            marks: Vec::new(),
            broken: None,
        }
    }

    /// Begins a log after its anchor.
    pub(crate) fn begin(
        disk: Arc<dyn Disk>,
        catalog: Arc<Catalog>,
        options: Options,
        anchor: Anchor,
    ) -> Result<Self, Fault> {
        let begin = Begin { base: anchor.floor + 1, before: anchor.hash };
        let file = create(&*disk, options.segment_bytes)?;
        let end = put_in_place(&*disk, &catalog, (FRESH, file), begin)?;
        Ok(Self::at(disk, catalog, options, end))
    }

    /// The last position written and synced.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Whether it still takes anything.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        match &self.broken {
            None => Ok(()),
            Some(first) => Err(Fault::Poisoned { first: first.clone() }),
        }
    }

    /// Writes and syncs a batch after `expected`.
    pub(crate) fn append(&mut self, expected: Position, batch: &Batch) -> Result<Position, Fault> {
        self.check()?;
        let head = Position(self.last);
        if expected != head {
            return Err(Fault::OutOfTurn { expected, head });
        }
        if let Some(payload) =
            batch.iter().find(|payload| payload.len() > frame::MAX_PAYLOAD || payload.is_empty())
        {
            return Err(Fault::TooLarge { bytes: payload.len(), limit: frame::MAX_PAYLOAD });
        }
        if batch.is_empty() {
            return Ok(head);
        }
        self.write(batch).inspect_err(|fault| self.broken = Some(fault.in_one_line()))
    }

    fn write(&mut self, batch: &Batch) -> Result<Position, Fault> {
        let (last, hash) = self.frame(batch);
        let needed = self.buffer.len() as u64;
        if self.offset + needed > self.capacity {
            self.roll(needed)?;
        }
        self.file
            .write_at(&self.buffer, self.offset)
            .map_err(|error| Fault::io("write", &self.name, error))?;
        self.file.sync().map_err(|error| Fault::io("sync", &self.name, error))?;
        for &(position, at) in &self.marks {
            self.segment.mark(position, self.offset + at as u64);
        }
        self.offset += needed;
        (self.last, self.hash) = (last, hash);
        if self.offset > self.capacity / 2 {
            self.spare.wanted();
        }
        Ok(Position(last))
    }

    fn frame(&mut self, batch: &Batch) -> (u64, Hash) {
        self.buffer.clear();
        self.marks.clear();
        let (mut last, mut hash) = (self.last, self.hash);
        for (in_group, payload) in batch.iter().enumerate() {
            last += 1;
            self.marks.push((last, self.buffer.len()));
            hash = frame::write(&mut self.buffer, last, in_group as u32, &hash, payload);
        }
        (last, hash)
    }

    /// Goes on in a new segment. Everything in the present one is synced by now.
    fn roll(&mut self, needed: u64) -> Result<(), Fault> {
        let begin = Begin { base: self.last + 1, before: self.hash };
        let wanted = segment::HEADER + needed;
        let file = match self.spare.take() {
            Some(file) if wanted <= self.options.segment_bytes => (SPARE, file),
            _ => (FRESH, create(&*self.disk, self.options.segment_bytes.max(wanted))?),
        };
        let end = put_in_place(&*self.disk, &self.catalog, file, begin)?;
        self.name = segment::name(begin.base);
        self.segment = end.segment;
        self.file = end.file;
        self.capacity = end.capacity;
        self.offset = end.offset;
        Ok(())
    }
}

fn create(disk: &dyn Disk, len: u64) -> Result<Arc<dyn DiskFile>, Fault> {
    disk.create(FRESH, len, Room::Reserved).map_err(|error| Fault::io("create", FRESH, error))
}

/// Writes a segment's header and gives the file its name: from then on it belongs to the log.
fn put_in_place(
    disk: &dyn Disk,
    catalog: &Catalog,
    (made_as, file): (&str, Arc<dyn DiskFile>),
    begin: Begin,
) -> Result<End, Fault> {
    let name = segment::name(begin.base);
    file.write_at(&begin.to_bytes(), 0).map_err(|error| Fault::io("write", &name, error))?;
    file.sync().map_err(|error| Fault::io("sync", &name, error))?;
    let capacity = file.len().map_err(|error| Fault::io("read", &name, error))?;
    disk.rename(made_as, &name).map_err(|error| Fault::io("rename", made_as, error))?;
    disk.sync_names().map_err(|error| Fault::io("sync", disk.place(), error))?;
    let segment = Arc::new(Segment::fresh(begin.base, Arc::clone(&file)));
    catalog.add(Arc::clone(&segment));
    Ok(End {
        segment,
        file,
        capacity,
        offset: segment::HEADER,
        last: begin.base - 1,
        hash: begin.before,
    })
}
