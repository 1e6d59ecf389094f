//! What happens to a log when it is opened: leftovers are cleared away, the newest segments are checked frame by frame,
//! and a torn tail is cut off. Older segments are checked when they are read, and all of them by `dialogo verify`.
//!
//! A bad frame is a *torn tail* when nothing behind it proves that it was ever durable (see [`super::frame`]), and
//! *damage* otherwise. Only the former is repaired; nothing here ever removes a frame that was acknowledged.

use std::sync::Arc;

use dialogo_domain::Position;

use crate::disk::{Disk, DiskFile};
use crate::fault::Fault;

use super::SPARE;
use super::anchor::Anchor;
use super::catalog::{Catalog, Segment};
use super::frame::Hash;
use super::segment::{self, Begin, Behind, Walk};

/// How many of the newest segments are checked when a log is opened.
const CHECKED: usize = 2;

/// What was cut off the end of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The segment file.
    pub segment: String,
    /// Where the cut is.
    pub offset: u64,
    /// The position that stood (unfinished) there.
    pub position: Position,
    /// Bytes that were zeroed.
    pub bytes: u64,
}

/// Where a log ends.
#[derive(Debug)]
pub(crate) struct End {
    /// The segment that is written to.
    pub(crate) segment: Arc<Segment>,
    /// Its file.
    pub(crate) file: Arc<dyn DiskFile>,
    /// Its size.
    pub(crate) capacity: u64,
    /// Where the next frame goes.
    pub(crate) offset: u64,
    /// The last position.
    pub(crate) last: u64,
    /// Hash of its frame.
    pub(crate) hash: Hash,
}

/// What opening found.
#[derive(Debug)]
pub(crate) struct Recovered {
    /// Where the log begins.
    pub(crate) anchor: Anchor,
    /// Its segments.
    pub(crate) catalog: Catalog,
    /// Where it ends; `None` when there is no segment yet.
    pub(crate) end: Option<End>,
    /// What was cut off.
    pub(crate) torn: Option<Torn>,
}

/// Opens the log in a folder.
pub(crate) fn recover(disk: &dyn Disk) -> Result<Recovered, Fault> {
    let anchor = Anchor::read(disk)?;
    let names = disk.list().map_err(|error| Fault::io("list", disk.place(), error))?;
    clear_leftovers(disk, &names)?;
    let bases = drop_below(disk, segment::bases(&names), anchor)?;
    if bases.first().is_some_and(|first| *first != anchor.floor + 1) {
        return Err(damage(
            &segment::name(bases[0]),
            0,
            anchor.floor + 1,
            "the segment before this one is missing",
        ));
    }
    let checked_from = bases.len().saturating_sub(CHECKED);
    let catalog = super::catalog::open_for_reading(disk, &bases[..checked_from])?;
    let mut run = Run { disk, catalog: &catalog, previous: None, torn: None, end: None };
    if checked_from == 0 {
        run.previous = Some((anchor.floor, anchor.hash));
    }
    for (at, &base) in bases.iter().enumerate().skip(checked_from) {
        run.segment(base, at + 1 == bases.len())?;
    }
    let Run { torn, end, .. } = run;
    Ok(Recovered { anchor, catalog, end, torn })
}

fn clear_leftovers(disk: &dyn Disk, names: &[String]) -> Result<(), Fault> {
    for name in names.iter().filter(|name| *name == SPARE || is_aside(name)) {
        disk.remove(name).map_err(|error| Fault::io("remove", name, error))?;
    }
    Ok(())
}

/// Whether a file was being written aside. Our own names, so case matters.
fn is_aside(name: &str) -> bool {
    name.strip_suffix(".tmp").is_some()
}

/// Removes what retention had dropped when it was interrupted.
fn drop_below(disk: &dyn Disk, bases: Vec<u64>, anchor: Anchor) -> Result<Vec<u64>, Fault> {
    let (gone, kept): (Vec<_>, Vec<_>) = bases.into_iter().partition(|base| *base <= anchor.floor);
    for base in gone {
        let name = segment::name(base);
        disk.remove(&name).map_err(|error| Fault::io("remove", name, error))?;
    }
    Ok(kept)
}

struct Run<'a> {
    disk: &'a dyn Disk,
    catalog: &'a Catalog,
    /// Last position and hash before the segment to check; `None` when that one was not read.
    previous: Option<(u64, Hash)>,
    torn: Option<Torn>,
    end: Option<End>,
}

impl Run<'_> {
    fn segment(&mut self, base: u64, newest: bool) -> Result<(), Fault> {
        let name = segment::name(base);
        let fail = |operation| {
            let name = name.clone();
            move |error| Fault::io(operation, name, error)
        };
        let file = self.disk.open(&name, newest).map_err(fail("open"))?;
        let begin = Begin::read(&*file)
            .map_err(fail("read"))?
            .map_err(|what| damage(&name, 0, base, what))?;
        if begin.base != base {
            return Err(damage(
                &name,
                0,
                base,
                "the segment's header names another position than its file name",
            ));
        }
        if let Some((last, hash)) = self.previous
            && (last + 1, hash) != (base, begin.before)
        {
            return Err(damage(&name, 0, last + 1, "the segment does not follow the one before"));
        }

        let segment = Arc::new(Segment::fresh(base, Arc::clone(&file)));
        let (mut last, mut hash) = (base - 1, begin.before);
        let mut walk = Walk::from(&*file, segment::HEADER);
        while let Some((offset, frame)) = walk.step().map_err(fail("read"))? {
            if frame.position != last + 1 || frame.before != hash {
                return Err(damage(
                    &name,
                    offset,
                    last + 1,
                    "the frame does not follow the one before",
                ));
            }
            segment.mark(frame.position, offset);
            (last, hash) = (frame.position, frame.hash());
        }
        let offset = walk.offset();
        let capacity = file.len().map_err(fail("read"))?;
        if newest {
            self.cut(&name, &*file, offset, last + 1)?;
        }
        self.catalog.add(Arc::clone(&segment));
        self.previous = Some((last, hash));
        self.end = Some(End { segment, file, capacity, offset, last, hash });
        Ok(())
    }

    fn cut(
        &mut self,
        name: &str,
        file: &dyn DiskFile,
        offset: u64,
        position: u64,
    ) -> Result<(), Fault> {
        let behind = segment::look_behind(file, offset, position)
            .map_err(|error| Fault::io("read", name, error))?;
        match behind {
            Behind::Nothing => Ok(()),
            Behind::Valid { offset: valid, position: at } => {
                let what = format!(
                    "the frame is broken, yet position {at} behind it (byte {valid}) is whole"
                );
                Err(damage(name, offset, position, &what))
            }
            Behind::Torn { bytes } => {
                file.zero_from(offset).map_err(|error| Fault::io("cut", name, error))?;
                file.sync().map_err(|error| Fault::io("sync", name, error))?;
                self.torn = Some(Torn {
                    segment: name.into(),
                    offset,
                    position: Position(position),
                    bytes,
                });
                Ok(())
            }
        }
    }
}

fn damage(segment: &str, offset: u64, position: u64, what: &str) -> Fault {
    Fault::Corrupt {
        segment: segment.into(),
        offset,
        position: Position(position),
        what: what.into(),
    }
}
