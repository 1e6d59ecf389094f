//! A consistent copy of a journal, also while a desk writes to it: every segment up to the last whole frame, the anchor,
//! and the newest snapshot. Views are not copied, they come back by themselves. Stored files are the caller's business,
//! and must be copied *after* the log: a commit names only files that were synced before it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use dialogo_domain::Position;

use crate::disk::real::{RealDisk, sync_folder};
use crate::disk::{Disk, DiskFile, read_full};
use crate::fault::Fault;
use crate::folder::Folder;
use crate::log::anchor::{self, Anchor};
use crate::log::segment::{self, Walk};
use crate::progress::{Progress, Reporter};
use crate::snapshot::Snapshots;

/// Bytes copied at a time.
const PIECE: usize = 1 << 20;

/// Copies a journal into a folder that holds none, and says up to which position.
pub fn backup(from: &Folder, to: &Folder, progress: Reporter<'_>) -> Result<Position, Fault> {
    let source_place = from.log().display().to_string();
    let source =
        RealDisk::existing(from.log()).map_err(|error| Fault::io("open", &source_place, error))?;
    let place = to.log().display().to_string();
    let target = RealDisk::new(to.log()).map_err(|error| Fault::io("make", &place, error))?;
    let there = target.list().map_err(|error| Fault::io("list", &place, error))?;
    if !segment::bases(&there).is_empty() {
        return Err(Fault::io("back up into", place, io::ErrorKind::AlreadyExists.into()));
    }

    let anchor = Anchor::read(&source)?;
    if anchor != Anchor::NONE {
        copy(&to.log().join(anchor::NAME), &*open(&source, anchor::NAME)?, u64::MAX)?;
    }
    let names = source.list().map_err(|error| Fault::io("list", &source_place, error))?;
    let bases: Vec<u64> =
        segment::bases(&names).into_iter().filter(|base| *base > anchor.floor).collect();
    let mut last = anchor.floor;
    for (at, &base) in bases.iter().enumerate() {
        let name = segment::name(base);
        let file = open(&source, &name)?;
        let newest = at + 1 == bases.len();
        let end = if newest { whole_frames(&*file, &name, &mut last)? } else { u64::MAX };
        copy(&to.log().join(&name), &*file, end)?;
        progress(Progress {
            doing: "copy segments",
            done: at as u64 + 1,
            total: bases.len() as u64,
        });
    }
    sync_folder(&to.log()).map_err(|error| Fault::io("sync", &place, error))?;
    copy_snapshot(from, to, Position(last))?;
    Ok(Position(last))
}

/// Where the whole frames of the newest segment end.
fn whole_frames(file: &dyn DiskFile, name: &str, last: &mut u64) -> Result<u64, Fault> {
    let mut walk = Walk::from(file, segment::HEADER);
    *last = segment::base_of(name).map_or(0, |base| base - 1);
    while let Some((_, frame)) = walk.step().map_err(|error| Fault::io("read", name, error))? {
        *last = frame.position;
    }
    Ok(walk.offset())
}

fn open(disk: &RealDisk, name: &str) -> Result<std::sync::Arc<dyn DiskFile>, Fault> {
    disk.open(name, false).map_err(|error| Fault::io("open", name, error))
}

fn copy(to: &Path, file: &dyn DiskFile, end: u64) -> Result<(), Fault> {
    let fail = |error| Fault::io("write", to.display().to_string(), error);
    let mut target = File::create(to).map_err(fail)?;
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    while at < end {
        let wanted = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
        let got = read_full(file, &mut piece[..wanted], at)
            .map_err(|error| Fault::io("read for", to.display().to_string(), error))?;
        target.write_all(&piece[..got]).map_err(fail)?;
        at += got as u64;
        if got < wanted {
            break;
        }
    }
    target.sync_all().map_err(fail)
}

fn copy_snapshot(from: &Folder, to: &Folder, last: Position) -> Result<(), Fault> {
    if !from.snapshots().exists() {
        return Ok(());
    }
    fs::create_dir_all(to.snapshots())
        .map_err(|error| Fault::io("make", to.snapshots().display().to_string(), error))?;
    match Snapshots::new(from.snapshots())?.newest(last) {
        Some(desk) => Snapshots::new(to.snapshots())?.save(&desk),
        None => Ok(()),
    }
}
