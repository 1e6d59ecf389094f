//! The files of recordings: `FOLDER/PLUGIN/BEGUN.jsonl`, bounded in bytes and in age, for nobody's eyes but the desk's.
//!
//! A file holds calls of one plugin under one set of settings, and ends after an eighth of the time and of the room that the
//! operator gives: so that what goes, goes in small pieces. Knows nothing of what stands in the lines.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Header, Record, Recording};
use crate::precompiled::private_folder;
use crate::prepare::Limits;

/// A file has this part of the time and of the room.
const PARTS: u64 = 8;
/// How names of files end.
const ENDING: &str = "jsonl";
/// How long a file is kept that does not say so: one whose first line was cut off.
const KEEP_UNREADABLE_MS: u64 = 7 * 24 * 3_600_000;

/// What a file's calls have in common. Where it differs, another file begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    /// The plugin with these settings in this process.
    pub(crate) unit: u64,
    pub(crate) record: Record,
    pub(crate) limits: Limits,
}

/// All files, and those that are being written.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    open: HashMap<Arc<str>, Open>,
}

#[derive(Debug)]
struct Open {
    key: Key,
    file: BufWriter<File>,
    begun_ms: u64,
    bytes: u64,
}

impl Open {
    fn takes(&self, now_ms: u64, key: &Key, bytes: u64) -> bool {
        self.key == *key
            && !self.is_old(now_ms)
            && self.bytes + bytes <= key.record.max_bytes / PARTS
    }

    fn is_old(&self, now_ms: u64) -> bool {
        now_ms >= self.begun_ms + self.key.record.keep_ms / PARTS
    }
}

impl Shelf {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Shelf { folder, open: HashMap::new() }
    }

    /// Adds a line to the plugin's file, or to a new one that begins with `header`.
    pub(crate) fn put(
        &mut self,
        now_ms: u64,
        plugin: &Arc<str>,
        key: &Key,
        header: &dyn Fn(u64) -> Header,
        line: &str,
    ) -> io::Result<()> {
        let bytes = line.len() as u64 + 1;
        // Whatever goes wrong, the next line gets a new file.
        let open = match self.open.remove(plugin) {
            Some(open) if open.takes(now_ms, key, bytes) => Some(open),
            Some(mut full) => {
                full.file.flush()?;
                None
            }
            None => None,
        };
        let mut open = match open {
            Some(open) => open,
            None => self.begin(now_ms, plugin, key, header, bytes)?,
        };
        writeln!(open.file, "{line}")?;
        open.bytes += bytes;
        self.open.insert(plugin.clone(), open);
        Ok(())
    }

    /// Gives what was written to the disk.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.open.values_mut().try_for_each(|open| open.file.flush())
    }

    /// Deletes what is older than its recording says, also of plugins that are not recorded any more.
    pub(crate) fn sweep(&mut self, now_ms: u64) {
        self.open.retain(|_, open| !open.is_old(now_ms));
        let Ok(folders) = fs::read_dir(&self.folder) else { return };
        for folder in folders.flatten().map(|entry| entry.path()) {
            for (begun_ms, file) in files(&folder) {
                let keep_ms =
                    Recording::open(&file).map_or(KEEP_UNREADABLE_MS, |read| read.header.keep_ms);
                if now_ms >= begun_ms.saturating_add(keep_ms) {
                    remove(&file);
                }
            }
            // Refused unless it is empty.
            let _ = fs::remove_dir(&folder);
        }
    }

    fn begin(
        &self,
        now_ms: u64,
        plugin: &str,
        key: &Key,
        header: &dyn Fn(u64) -> Header,
        bytes: u64,
    ) -> io::Result<Open> {
        let folder = self.folder.join(plugin);
        private_folder(&self.folder)?;
        private_folder(&folder)?;
        let name = |begun_ms: u64| folder.join(format!("{begun_ms:013}.{ENDING}"));
        let mut begun_ms = now_ms;
        while name(begun_ms).exists() {
            begun_ms += 1;
        }
        let header = serde_json::to_string(&header(begun_ms))?;
        let needs = header.len() as u64 + 1 + bytes;
        let most = key.record.max_bytes;
        make_room(&folder, most.saturating_sub(needs.max(most / PARTS)));
        let mut file = BufWriter::new(create(&name(begun_ms))?);
        writeln!(file, "{header}")?;
        Ok(Open { key: key.clone(), file, begun_ms, bytes: header.len() as u64 + 1 })
    }
}

/// A plugin's files with the time they begin at, the oldest first.
pub fn files(folder: &Path) -> Vec<(u64, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<(u64, PathBuf)> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == ENDING))
        .filter_map(|path| Some((path.file_stem()?.to_str()?.parse().ok()?, path)))
        .collect();
    files.sort();
    files
}

/// Deletes the oldest files until the others have no more bytes than these.
fn make_room(folder: &Path, bytes: u64) {
    let files: Vec<(u64, PathBuf)> = files(folder)
        .into_iter()
        .map(|(_, path)| (fs::metadata(&path).map_or(0, |file| file.len()), path))
        .collect();
    let mut total: u64 = files.iter().map(|(bytes, _)| bytes).sum();
    for (size, path) in files {
        if total <= bytes {
            return;
        }
        remove(&path);
        total -= size;
    }
}

fn remove(file: &Path) {
    if let Err(fault) = fs::remove_file(file) {
        tracing::warn!(file = %file.display(), %fault, "an old recording cannot be deleted");
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::tests::header as some_header;

    const DAY_MS: u64 = 24 * 3_600_000;

    fn key(unit: u64, keep_ms: u64, max_bytes: u64) -> Key {
        let record = Record { share: 1.0, keep_ms, max_bytes, redact: true, hooks: None };
        Key { unit, record, limits: Limits::default() }
    }

    struct Place {
        root: tempfile::TempDir,
        shelf: Shelf,
    }

    impl Place {
        fn new() -> Self {
            let root = tempfile::tempdir().expect("a folder");
            let shelf = Shelf::new(root.path().join("recordings"));
            Place { root, shelf }
        }

        fn put(&mut self, now_ms: u64, key: &Key, line: &str) {
            let header =
                |begun| Header { begun, keep_ms: key.record.keep_ms, ..some_header("keywords") };
            self.shelf.put(now_ms, &"keywords".into(), key, &header, line).expect("written");
            self.shelf.flush().expect("flushed");
        }

        fn files(&self) -> Vec<(u64, String)> {
            let files = files(&self.root.path().join("recordings/keywords"));
            let read = |(begun, path)| (begun, fs::read_to_string(path).expect("readable"));
            files.into_iter().map(read).collect()
        }
    }

    #[test]
    fn other_settings_and_an_eighth_of_the_time_begin_another_file() {
        let mut place = Place::new();
        let (one, two) = (key(1, 8 * DAY_MS, 1 << 20), key(2, 8 * DAY_MS, 1 << 20));
        place.put(1_000, &one, "a");
        place.put(2_000, &one, "b");
        place.put(2_000, &two, "c");
        place.put(2_000, &one, "d");
        place.put(2_001 + DAY_MS, &one, "e");
        let read = place.files();
        let begun: Vec<u64> = read.iter().map(|(begun, _)| *begun).collect();
        assert_eq!(begun, [1_000, 2_000, 2_001, 2_001 + DAY_MS], "a name is never used twice");
        let lines: Vec<String> =
            read.iter().map(|(_, text)| text.lines().skip(1).collect()).collect();
        assert_eq!(lines, ["ab", "c", "d", "e"]);
    }

    #[test]
    fn the_room_is_never_exceeded_and_the_newest_calls_stay() {
        let mut place = Place::new();
        let most = 64 << 10;
        let key = key(1, DAY_MS, most);
        for number in 0..500 {
            place.put(number, &key, &format!("{number:0500}"));
            let total: usize = place.files().iter().map(|(_, text)| text.len()).sum();
            assert!(total as u64 <= most, "{total} bytes after {number}");
        }
        let read = place.files();
        assert!(read.last().expect("one").1.contains("0499\n"));
        let lines = read.iter().map(|(_, text)| text.lines().count() - 1).sum::<usize>();
        assert!(lines * 500 > most as usize / 2, "half of the room is used: {lines} lines");
    }

    #[test]
    fn what_is_too_old_goes_also_when_nothing_comes_any_more() {
        let mut place = Place::new();
        let key = key(1, 8 * DAY_MS, 1 << 20);
        place.put(0, &key, "old");
        place.put(2 * DAY_MS, &key, "newer");
        place.shelf.sweep(8 * DAY_MS - 1);
        assert_eq!(place.files().len(), 2);
        place.shelf.sweep(8 * DAY_MS);
        assert_eq!(place.files().len(), 1);
        let cut = place.root.path().join("recordings/keywords/0000000000000.jsonl");
        fs::write(&cut, "{\"dialogo_reco").expect("written");
        place.shelf.sweep(KEEP_UNREADABLE_MS);
        assert!(!cut.exists(), "one that cannot be read goes after a week");
        place.shelf.sweep(10 * DAY_MS);
        assert!(!place.root.path().join("recordings/keywords").exists());
        place.put(20 * DAY_MS, &key, "again");
        assert_eq!(place.files().len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let mut place = Place::new();
        place.put(0, &key(1, DAY_MS, 1 << 20), "a");
        let mode = |path: &str| {
            let path = place.root.path().join(path);
            fs::metadata(path).expect("it is there").permissions().mode() & 0o777
        };
        assert_eq!(mode("recordings"), 0o700);
        assert_eq!(mode("recordings/keywords/0000000000000.jsonl"), 0o600);
    }
}
