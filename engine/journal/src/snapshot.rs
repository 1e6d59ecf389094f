//! Snapshots of the desk's state, so that a start reads one and a short tail of the log. They are folded by a follower
//! from durable commits; the writer never clones its state. A snapshot that is damaged, of another schema or ahead of
//! the log is passed over with a warning: the log alone is enough.
//!
//! ```text
//! "DLGSNP1\n"  schema (u16 length + text)  position u64  length u64  SHA-256 of what follows  state as CBOR
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dialogo_domain::apply::apply_commit;
use dialogo_domain::{Desk, Position};
use sha2::{Digest, Sha256};

use crate::batch::Chunk;
use crate::codec;
use crate::disk::real::sync_folder;
use crate::fault::Fault;
use crate::port::{Journal, Limit};
use crate::progress::{Progress, Reporter};

const MAGIC: &[u8; 8] = b"DLGSNP1\n";

/// How many are kept: one to start from, one in case the newest is damaged or the views lag behind it.
const KEPT: usize = 2;

/// The snapshots in one folder.
#[derive(Clone, Debug)]
pub struct Snapshots {
    folder: PathBuf,
}

impl Snapshots {
    /// The folder, made if it is not there.
    pub fn new(folder: impl Into<PathBuf>) -> Result<Self, Fault> {
        let folder = folder.into();
        fs::create_dir_all(&folder)
            .map_err(|error| Fault::io("make", folder.display().to_string(), error))?;
        Ok(Self { folder })
    }

    /// Writes one aside, puts it in place, and removes all but the newest two.
    pub fn save(&self, desk: &Desk) -> Result<(), Fault> {
        let mut state = Vec::new();
        codec::encode_desk(desk, &mut state);
        let path = self.path(desk.position);
        let fail = |error| Fault::io("write", path.display().to_string(), error);
        write_aside(&self.folder, &path, &frame(desk.position, &state)).map_err(fail)?;
        for old in self.positions().into_iter().rev().skip(KEPT) {
            let path = self.path(old);
            fs::remove_file(&path)
                .map_err(|error| Fault::io("remove", path.display().to_string(), error))?;
        }
        Ok(())
    }

    /// The newest that can be used at or before `at_most`; `None`: begin with nothing.
    pub fn newest(&self, at_most: Position) -> Option<Desk> {
        let usable = self.positions().into_iter().rev().filter(|position| *position <= at_most);
        usable.into_iter().find_map(|position| self.load(position))
    }

    /// The oldest that can be used at or after `at_least`: where a log begins whose start was dropped.
    pub fn oldest(&self, at_least: Position) -> Option<Desk> {
        let usable = self.positions().into_iter().filter(|position| *position >= at_least);
        usable.into_iter().find_map(|position| self.load(position))
    }

    /// The positions there are snapshots of, ascending, whether they can be used or not.
    pub fn positions(&self) -> Vec<Position> {
        let names = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut positions: Vec<_> = names.filter_map(|entry| position_of(&entry.path())).collect();
        positions.sort_unstable();
        positions
    }

    fn load(&self, position: Position) -> Option<Desk> {
        let path = self.path(position);
        let read = fs::read(&path)
            .map_err(|error| error.to_string())
            .and_then(|bytes| unframe(&bytes, position));
        read.inspect_err(|reason| {
            tracing::warn!(file = %path.display(), reason, "a snapshot cannot be used; going on without it");
        })
        .ok()
    }

    fn path(&self, position: Position) -> PathBuf {
        self.folder.join(format!("{:020}.snapshot", position.0))
    }
}

/// The desk's state at the journal's head: the newest snapshot that can be used, and the tail.
pub fn recover(
    journal: &dyn Journal,
    snapshots: &Snapshots,
    progress: Reporter<'_>,
) -> Result<Desk, Fault> {
    let mut desk = begin(journal, snapshots, journal.head())?;
    fold(journal, &mut desk, journal.head(), progress)?;
    Ok(desk)
}

/// The state to begin a fold with that shall come past `before`: a snapshot, or nothing at all.
pub(crate) fn begin(
    journal: &dyn Journal,
    snapshots: &Snapshots,
    before: Position,
) -> Result<Desk, Fault> {
    let floor = journal.floor();
    match snapshots.newest(before).filter(|desk| desk.position >= floor) {
        Some(desk) => Ok(desk),
        None if floor == Position(0) => Ok(Desk::default()),
        None => snapshots.oldest(floor).ok_or(Fault::BelowFloor { asked: Position(1), floor }),
    }
}

/// Applies the commits after the desk's position up to `to`.
pub fn fold(
    journal: &dyn Journal,
    desk: &mut Desk,
    to: Position,
    progress: Reporter<'_>,
) -> Result<(), Fault> {
    let mut chunk = Chunk::new();
    let from = desk.position;
    while desk.position < to {
        journal.read(desk.position, Limit { commits: 4096, ..Limit::GROUP }, &mut chunk)?;
        if chunk.is_empty() {
            break;
        }
        for (position, bytes) in chunk.iter().take_while(|(position, _)| *position <= to) {
            let commit =
                codec::decode(bytes).map_err(|source| Fault::Undecodable { position, source })?;
            apply_commit(desk, &commit);
        }
        progress(Progress {
            doing: "replay",
            done: desk.position.0 - from.0,
            total: to.0 - from.0,
        });
    }
    Ok(())
}

fn position_of(path: &Path) -> Option<Position> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(".snapshot")?.parse().ok().map(Position)
}

fn frame(position: Position, state: &[u8]) -> Vec<u8> {
    let schema = codec::SCHEMA.as_bytes();
    let mut bytes = Vec::with_capacity(state.len() + 128);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(schema.len() as u16).to_le_bytes());
    bytes.extend_from_slice(schema);
    bytes.extend_from_slice(&position.0.to_le_bytes());
    bytes.extend_from_slice(&(state.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&Sha256::digest(state));
    bytes.extend_from_slice(state);
    bytes
}

fn unframe(bytes: &[u8], position: Position) -> Result<Desk, String> {
    let mut rest = bytes;
    let mut take = |len: usize| {
        let (taken, left) = rest.split_at_checked(len).ok_or("it is cut short")?;
        rest = left;
        Ok::<_, &str>(taken)
    };
    if take(8)? != MAGIC {
        return Err("it is not a snapshot".into());
    }
    let schema_len = take(2)?;
    let schema = take(usize::from(u16::from_le_bytes([schema_len[0], schema_len[1]])))?;
    if schema != codec::SCHEMA.as_bytes() {
        return Err(format!(
            "its schema is `{}`, not `{}`",
            String::from_utf8_lossy(schema),
            codec::SCHEMA
        ));
    }
    let stated = take(8)?;
    take(8)?;
    let digest = take(32)?;
    if stated != position.0.to_le_bytes() || digest != Sha256::digest(rest).as_slice() {
        return Err("it is damaged".into());
    }
    let desk = codec::decode_desk(rest).map_err(|fault| fault.to_string())?;
    if desk.position == position { Ok(desk) } else { Err("it holds another position".into()) }
}

fn write_aside(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = folder.join("snapshot.tmp");
    let mut file = File::create(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&aside, path)?;
    sync_folder(folder)
}
