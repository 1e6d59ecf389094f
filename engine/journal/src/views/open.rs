//! Opening the views, or finding that they cannot be: then they are set aside (`views.broken-1`, `-2`, …) and begun
//! anew. Sled 0.34.7 is known to panic on open after a power cut, so it is opened behind `catch_unwind`.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use dialogo_domain::Position;

use crate::fault::Fault;
use crate::head::Head;
use crate::port::Journal;

use super::{FORM, Views, keys};

/// Sled's cache, as sled counts it: by what pages take on the disk. In memory they take several
/// times as much: with 12 MiB less, a desk of half a million messages had 59 MiB less.
const CACHE_BYTES: u64 = 4 << 20;

/// How often sled writes out. A crash costs this much replay, and nothing else.
const FLUSH_EVERY_MS: u64 = 1_000;

/// Views that were set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where they are now.
    pub now_at: PathBuf,
    /// What was wrong with them.
    pub reason: String,
}

impl Views {
    /// Opens the views in a folder. Whatever is wrong with them, they come back empty instead of failing; the follower
    /// then fills them from the log.
    ///
    /// # Errors
    /// Only when not even fresh views can be made there.
    pub fn open(folder: impl Into<PathBuf>, journal: Arc<dyn Journal>) -> Result<Self, Fault> {
        let folder = folder.into();
        match try_open(&folder, &*journal) {
            Ok((db, applied)) => Ok(Self::of(db, applied, folder, journal, None)),
            Err(reason) => {
                let now_at = set_aside(&folder)?;
                tracing::warn!(
                    reason,
                    set_aside = %now_at.display(),
                    "the views cannot be used; they are rebuilt from the journal, which may take a while"
                );
                let (db, applied) = try_open(&folder, &*journal)
                    .map_err(|reason| Fault::Views { operation: "be opened anew", reason })?;
                Ok(Self::of(db, applied, folder, journal, Some(SetAside { now_at, reason })))
            }
        }
    }

    fn of(
        db: sled::Db,
        applied: Position,
        folder: PathBuf,
        journal: Arc<dyn Journal>,
        set_aside: Option<SetAside>,
    ) -> Self {
        // The default tree: one tree, so that a batch is whole or not there.
        let tree = (*db).clone();
        let (applied, wanted) = (Head::at(applied), AtomicU64::new(0));
        Self { _db: db, tree, journal, applied, folder, set_aside, wanted }
    }

    /// Leaves a note that the views failed while running, so that the next start does not trust them.
    pub(super) fn distrust(&self, reason: &str) {
        let noted = fs::write(suspect(&self.folder), reason);
        if let Err(error) = noted {
            tracing::warn!(%error, "cannot note that the views have failed");
        }
    }
}

fn suspect(folder: &Path) -> PathBuf {
    folder.with_extension("suspect")
}

/// Opens sled and says how far it has come; the error is for people.
fn try_open(folder: &Path, journal: &dyn Journal) -> Result<(sled::Db, Position), String> {
    if let Ok(reason) = fs::read_to_string(suspect(folder)) {
        return Err(format!("they failed in the last run: {reason}"));
    }
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let config = sled::Config::new()
            .path(folder)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .mode(sled::Mode::HighThroughput);
        let db = config.open()?;
        let applied = db.get(keys::APPLIED)?;
        Ok::<_, sled::Error>((db, applied))
    }));
    let (db, applied) = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => return Err(error.to_string()),
        Err(_) => return Err("sled panicked while opening them".into()),
    };
    let applied = match applied {
        None => Position(0),
        Some(value) => applied_in(&value).ok_or("they are of another form")?,
    };
    if applied > journal.head() {
        return Err(format!(
            "they are at position {applied}, ahead of the journal at {}",
            journal.head()
        ));
    }
    if applied < journal.floor() && applied != Position(0) {
        return Err(format!("they end at position {applied}, before what the journal still holds"));
    }
    Ok((db, applied))
}

fn applied_in(value: &[u8]) -> Option<Position> {
    let (position, form) = value.split_first_chunk::<8>()?;
    (form == FORM.as_bytes()).then_some(Position(u64::from_be_bytes(*position)))
}

/// Moves the folder out of the way. Of those set aside before only the newest is kept: they are for looking into, not
/// for using again.
fn set_aside(folder: &Path) -> Result<PathBuf, Fault> {
    let name = folder
        .file_name()
        .map_or_else(|| "views".into(), |name| name.to_string_lossy().into_owned());
    let parent = folder.parent().unwrap_or(Path::new("."));
    let prefix = format!("{name}.broken-");
    let numbers =
        fs::read_dir(parent).into_iter().flatten().flatten().filter_map(|entry| {
            entry.file_name().to_str()?.strip_prefix(&prefix)?.parse::<u32>().ok()
        });
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    let next = numbers.last().map_or(1, |last| last + 1);
    numbers.pop();
    for old in numbers {
        let old = parent.join(format!("{prefix}{old}"));
        fs::remove_dir_all(&old)
            .map_err(|error| Fault::io("remove", old.display().to_string(), error))?;
    }
    let to = parent.join(format!("{prefix}{next}"));
    let fail = |error| Fault::io("set aside", folder.display().to_string(), error);
    if folder.exists() {
        fs::rename(folder, &to).map_err(fail)?;
    }
    if suspect(folder).exists() {
        fs::remove_file(suspect(folder)).map_err(fail)?;
    }
    Ok(to)
}
