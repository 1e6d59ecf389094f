//! Makes the views and a snapshot anew from the log, while no desk runs on the folder. The old views are removed only
//! when the new ones are whole.

use std::fs;
use std::sync::Arc;

use dialogo_domain::Position;

use crate::disk::real::RealDisk;
use crate::fault::Fault;
use crate::folder::Folder;
use crate::log::{Options, SegmentLog};
use crate::port::Journal;
use crate::progress::Reporter;
use crate::snapshot::Snapshots;
use crate::views::Views;
use crate::views::follower::Follower;

/// Rebuilds the views of a data folder and says up to which position.
///
/// # Errors
/// [`Fault::Locked`] while a desk runs on the folder; [`Fault::Corrupt`] if the log itself is damaged.
pub fn rebuild(folder: &Folder, progress: Reporter<'_>) -> Result<Position, Fault> {
    let place = folder.log().display().to_string();
    let disk = RealDisk::existing(folder.log()).map_err(|error| Fault::io("open", place, error))?;
    let log =
        SegmentLog::open(Arc::new(disk), Options { prepare_ahead: false, ..Options::default() })?;
    let journal: Arc<dyn Journal> = Arc::new(log);
    let (views, old) = (folder.views(), folder.root().join("views.old"));
    remove(&old)?;
    if views.exists() {
        fs::rename(&views, &old)
            .map_err(|error| Fault::io("rename", views.display().to_string(), error))?;
    }
    let fresh = Arc::new(Views::open(&views, Arc::clone(&journal))?);
    let mut follower =
        Follower::new(journal, fresh, Snapshots::new(folder.snapshots())?, progress)?;
    follower.catch_up(progress)?;
    follower.save()?;
    let position = follower.desk().position;
    drop(follower);
    remove(&old)?;
    Ok(position)
}

fn remove(folder: &std::path::Path) -> Result<(), Fault> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Fault::io("remove", folder.display().to_string(), error))
        }
        _ => Ok(()),
    }
}
