//! The little of a file system that the log needs, as a trait, so that a simulated disk can stand below it and lose what
//! was not synced. Names are plain file names in one folder.
//!
//! What a caller may rely on: only what was written *before* a successful `sync` of that file is there after a power
//! cut, and only names made, renamed or removed before a successful `sync_names` are as they were left.

pub mod real;
pub mod sim;

use std::fmt;
use std::io;
use std::sync::Arc;

/// How a fresh file gets its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Reserved: reads as zeros; the first write of a block still changes the file's metadata.
    Reserved,
    /// Written full of zeros, so that a later sync has no metadata to write.
    Zeroed,
}

/// One folder.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Makes a file of `len` zeros (replacing one of that name), content and size synced, the name not yet.
    fn create(&self, name: &str, len: u64, room: Room) -> io::Result<Arc<dyn DiskFile>>;
    /// Opens a file that is there; `write`: also for writing.
    fn open(&self, name: &str, write: bool) -> io::Result<Arc<dyn DiskFile>>;
    /// The names in the folder, in no order.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Gives a file another name, replacing what has it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes the names durable.
    fn sync_names(&self) -> io::Result<()>;
    /// Takes the folder for one writer; `None` when somebody else has it. Held until dropped.
    fn lock(&self) -> io::Result<Option<Lock>>;
    /// The folder, for messages.
    fn place(&self) -> String;
}

/// One open file.
pub trait DiskFile: Send + Sync + fmt::Debug {
    /// Reads up to `into.len()` bytes at `offset`; fewer at the end of the file.
    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `bytes` at `offset`.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes the content durable.
    fn sync(&self) -> io::Result<()>;
    /// Its size.
    fn len(&self) -> io::Result<u64>;
    /// Whether it holds nothing.
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|len| len == 0)
    }
    /// Makes everything from `offset` on zeros, keeping the size; synced by the caller.
    fn zero_from(&self, offset: u64) -> io::Result<()>;
}

/// A folder taken for one writer.
pub struct Lock(#[expect(dead_code, reason = "held for its drop")] Box<dyn Send + Sync>);

impl Lock {
    /// Holds `guard` until dropped.
    pub fn holding(guard: impl Send + Sync + 'static) -> Self {
        Self(Box::new(guard))
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lock")
    }
}

/// Reads until `into` is full or the file ends; says how much there was.
pub fn read_full(file: &dyn DiskFile, into: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < into.len() {
        match file.read_at(&mut into[done..], offset + done as u64)? {
            0 => break,
            more => done += more,
        }
    }
    Ok(done)
}
