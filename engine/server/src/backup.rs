//! A copy of everything that cannot be made again: the log, its snapshots, generations, files and keys.
//!
//! The views are left out: they are rebuilt from the log. The log is copied first and only ever grows, and files are
//! there before the log names them, so what is copied after it holds all that it names; a frame that was being written
//! is cut off when the copy is opened, as after a power cut.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Not part of a backup: rebuilt, or meaningless elsewhere.
const LEFT_OUT: [&str; 5] = ["views", "control.sock", "tmp", "lock", "cache"];
/// Copied before everything else.
const FIRST: &str = "log";

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Copied {
    /// Files.
    pub(crate) files: u64,
    /// Bytes in them.
    pub(crate) bytes: u64,
}

/// A backup failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    /// Something is there already.
    #[error("{} is not an empty folder", .0.display())]
    NotEmpty(PathBuf),
    /// A relative path would mean a folder of the server's, not of whoever asks.
    #[error("{} is not an absolute path", .0.display())]
    NotAbsolute(PathBuf),
    /// The disk.
    #[error("cannot copy {}", path.display())]
    Disk {
        /// What.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Copies the data folder to `to`, which has to be absent or empty.
pub(crate) fn copy(data: &Path, to: &Path) -> Result<Copied, BackupError> {
    if !to.is_absolute() {
        return Err(BackupError::NotAbsolute(to.to_owned()));
    }
    if fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) || to.is_file() {
        return Err(BackupError::NotEmpty(to.to_owned()));
    }
    let mut copied = Copied::default();
    let mut names: Vec<_> = fs::read_dir(data)
        .map_err(|source| BackupError::Disk { path: data.to_owned(), source })?
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    names.sort_by_key(|name| (name != FIRST, name.clone()));
    for name in names.iter().filter(|name| !LEFT_OUT.iter().any(|left| name == left)) {
        let from = data.join(name);
        // Never copies into itself.
        if to.starts_with(&from) {
            continue;
        }
        copy_all(&from, &to.join(name), &mut copied)?;
    }
    Ok(copied)
}

fn copy_all(from: &Path, to: &Path, copied: &mut Copied) -> Result<(), BackupError> {
    let disk = |source| BackupError::Disk { path: from.to_owned(), source };
    let kind = match fs::symlink_metadata(from) {
        Ok(found) => found.file_type(),
        // Removed meanwhile: a segment that was retired, a file that was swept.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(disk(error)),
    };
    if kind.is_dir() {
        fs::create_dir_all(to).map_err(disk)?;
        for entry in fs::read_dir(from).map_err(disk)?.flatten() {
            copy_all(&entry.path(), &to.join(entry.file_name()), copied)?;
        }
        return fs::File::open(to).and_then(|folder| folder.sync_all()).map_err(disk);
    }
    if !kind.is_file() {
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(disk)?;
    }
    match fs::copy(from, to) {
        Ok(bytes) => {
            fs::File::open(to).and_then(|file| file.sync_all()).map_err(disk)?;
            copied.files += 1;
            copied.bytes += bytes;
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(disk(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_truth_is_copied_and_the_views_are_not() {
        let data = tempfile::tempdir().unwrap();
        for (path, text) in
            [("log/0001.seg", "frames"), ("keys/consumer", "key"), ("views/db", "sled")]
        {
            let path = data.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let to = tempfile::tempdir().unwrap();
        let copied = copy(data.path(), to.path()).unwrap();
        assert_eq!(copied, Copied { files: 2, bytes: 9 });
        assert_eq!(fs::read(to.path().join("log/0001.seg")).unwrap(), b"frames");
        assert!(!to.path().join("views").exists());
        assert!(matches!(copy(data.path(), to.path()), Err(BackupError::NotEmpty(_))));
        assert!(matches!(copy(data.path(), Path::new("here")), Err(BackupError::NotAbsolute(_))));
    }
}
