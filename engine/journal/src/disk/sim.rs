//! A disk in memory that keeps what a real one promises and nothing more. At a power cut everything that was not synced
//! is kept, lost or torn, sector by sector, as a seed decides; the same for names. It also fails on request.
//!
//! For tests only, but part of the crate so that the desk's own tests can stand on it. It has no notion of time.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::{Disk, DiskFile, Lock, Room};

/// What a disk writes in one piece; inside of one a write may still be torn.
const SECTOR: usize = 512;

/// A small generator of numbers (splitmix64): the same seed gives the same run everywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 for 0.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.roll() % end }
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// What goes wrong next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The disk is full when the n-th operation from now on wants to write (0: the next).
    FullAfter(u64),
    /// The n-th sync from now on fails, and what it should have kept may be gone.
    SyncFailsAfter(u64),
    /// The power is cut at the n-th write, sync or change of a name from now on: it and all later ones fail.
    PowerCutAfter(u64),
}

/// A disk in memory.
#[derive(Clone, Debug, Default)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<u64, Content>,
    /// Names as programs see them.
    names: BTreeMap<String, u64>,
    /// Names as they are after a power cut, before the pending changes.
    durable_names: BTreeMap<String, u64>,
    pending_names: Vec<NameChange>,
    next_file: u64,
    failure: Option<Failure>,
    dead: bool,
    locked: Option<Arc<AtomicBool>>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Set(String, u64),
    Remove(String),
}

#[derive(Debug, Default, Clone)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Write>,
}

#[derive(Debug, Clone)]
struct Write {
    offset: usize,
    bytes: Vec<u8>,
}

impl SimDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Arms a failure.
    pub fn fail(&self, failure: Failure) {
        self.state.lock().failure = Some(failure);
    }

    /// Cuts the power and starts again: what was not synced is kept, lost or torn as the seed decides. Files that were
    /// open before must not be used any more.
    pub fn power_cut(&self, seed: u64) {
        let mut dice = Dice::new(seed);
        let mut state = self.state.lock();
        let state = &mut *state;
        for content in state.files.values_mut() {
            content.cut(&mut dice);
        }
        for change in std::mem::take(&mut state.pending_names) {
            if dice.once_in(2) {
                change.apply(&mut state.durable_names);
            }
        }
        state.names = state.durable_names.clone();
        let State { names, files, .. } = state;
        files.retain(|file, _| names.values().any(|named| named == file));
        state.failure = None;
        state.dead = false;
        state.locked = None;
    }

    /// Flips one bit of a file, synced: what a failing disk does behind everybody's back.
    pub fn flip_bit(&self, name: &str, bit: usize) {
        let mut state = self.state.lock();
        let Some(&file) = state.names.get(name) else { return };
        if let Some(content) = state.files.get_mut(&file)
            && bit / 8 < content.now.len()
        {
            content.now[bit / 8] ^= 1 << (bit % 8);
            content.durable[bit / 8] ^= 1 << (bit % 8);
        }
    }

    /// The content of a file as programs see it now.
    pub fn content(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state.lock();
        state
            .names
            .get(name)
            .and_then(|file| state.files.get(file))
            .map(|content| content.now.clone())
    }
}

impl NameChange {
    fn apply(self, names: &mut BTreeMap<String, u64>) {
        match self {
            Self::Set(name, file) => {
                names.insert(name, file);
            }
            Self::Remove(name) => {
                names.remove(&name);
            }
        }
    }
}

impl Content {
    fn sync(&mut self) {
        self.durable.clone_from(&self.now);
        self.pending.clear();
    }

    fn write(&mut self, bytes: &[u8], offset: usize) {
        put(&mut self.now, bytes, offset);
        self.pending.push(Write { offset, bytes: bytes.to_vec() });
    }

    fn cut(&mut self, dice: &mut Dice) {
        // Some cuts keep nearly everything, some nearly nothing: both ends find faults that an even coin does not.
        let keep_of_16 = dice.below(17);
        for Write { offset, bytes } in std::mem::take(&mut self.pending) {
            let mut at = 0;
            while at < bytes.len() {
                let here = offset + at;
                let sector_end = (here / SECTOR + 1) * SECTOR - offset;
                let mut end = sector_end.min(bytes.len());
                let kept = dice.below(16) < keep_of_16;
                let next = end;
                if kept && dice.once_in(8) {
                    end = at + dice.below((end - at) as u64) as usize;
                }
                if kept {
                    put(&mut self.durable, &bytes[at..end], here);
                }
                at = next;
            }
        }
        self.now.clone_from(&self.durable);
    }
}

fn put(content: &mut Vec<u8>, bytes: &[u8], offset: usize) {
    if content.len() < offset + bytes.len() {
        content.resize(offset + bytes.len(), 0);
    }
    content[offset..offset + bytes.len()].copy_from_slice(bytes);
}

enum Operation {
    Write,
    Sync,
    Names,
}

impl State {
    /// Counts the armed failure down; an error when it strikes.
    fn meet(&mut self, operation: &Operation) -> io::Result<()> {
        if self.dead {
            return Err(io::Error::other("the power is off"));
        }
        let strikes = match (&mut self.failure, operation) {
            (Some(Failure::PowerCutAfter(left)), _)
            | (Some(Failure::SyncFailsAfter(left)), Operation::Sync)
            | (Some(Failure::FullAfter(left)), Operation::Write) => {
                let strikes = *left == 0;
                *left = left.saturating_sub(1);
                strikes
            }
            _ => false,
        };
        if !strikes {
            return Ok(());
        }
        match self.failure {
            Some(Failure::PowerCutAfter(_)) => {
                self.dead = true;
                Err(io::Error::other("the power is off"))
            }
            Some(Failure::FullAfter(_)) => Err(io::ErrorKind::StorageFull.into()),
            _ => Err(io::Error::other("simulated I/O error")),
        }
    }

    fn file(&mut self, file: u64) -> io::Result<&mut Content> {
        self.files.get_mut(&file).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Disk for SimDisk {
    fn create(&self, name: &str, len: u64, _room: Room) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state.lock();
        state.meet(&Operation::Write)?;
        let file = state.next_file;
        state.next_file += 1;
        let zeros = vec![0; len as usize];
        state
            .files
            .insert(file, Content { now: zeros.clone(), durable: zeros, pending: Vec::new() });
        state.names.insert(name.into(), file);
        state.pending_names.push(NameChange::Set(name.into(), file));
        Ok(Arc::new(SimFile { state: Arc::clone(&self.state), file }))
    }

    fn open(&self, name: &str, _write: bool) -> io::Result<Arc<dyn DiskFile>> {
        let state = self.state.lock();
        let Some(&file) = state.names.get(name) else { return Err(io::ErrorKind::NotFound.into()) };
        Ok(Arc::new(SimFile { state: Arc::clone(&self.state), file }))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.state.lock().names.keys().cloned().collect())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        state.meet(&Operation::Names)?;
        let Some(file) = state.names.remove(from) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        state.names.insert(to.into(), file);
        state.pending_names.push(NameChange::Set(to.into(), file));
        state.pending_names.push(NameChange::Remove(from.into()));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        state.meet(&Operation::Names)?;
        state.names.remove(name).ok_or(io::ErrorKind::NotFound)?;
        state.pending_names.push(NameChange::Remove(name.into()));
        Ok(())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        state.meet(&Operation::Sync)?;
        state.durable_names = state.names.clone();
        state.pending_names.clear();
        Ok(())
    }

    fn lock(&self) -> io::Result<Option<Lock>> {
        struct Release(Arc<AtomicBool>);
        impl Drop for Release {
            fn drop(&mut self) {
                self.0.store(false, Ordering::SeqCst);
            }
        }
        let mut state = self.state.lock();
        if state.locked.as_ref().is_some_and(|held| held.load(Ordering::SeqCst)) {
            return Ok(None);
        }
        let held = Arc::new(AtomicBool::new(true));
        state.locked = Some(Arc::clone(&held));
        Ok(Some(Lock::holding(Release(held))))
    }

    fn place(&self) -> String {
        "simulated disk".into()
    }
}

#[derive(Debug)]
struct SimFile {
    state: Arc<Mutex<State>>,
    file: u64,
}

impl DiskFile for SimFile {
    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.state.lock();
        let content = &state.file(self.file)?.now;
        let rest = content.get(offset as usize..).unwrap_or(&[]);
        let len = rest.len().min(into.len());
        into[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.state.lock();
        let met = state.meet(&Operation::Write);
        let dead = state.dead;
        let content = state.file(self.file)?;
        match met {
            Ok(()) => content.write(bytes, offset as usize),
            // A full disk takes a part; a power cut may catch the write halfway.
            Err(error) => {
                let part = if dead { bytes.len() } else { bytes.len() / 2 };
                content.write(&bytes[..part], offset as usize);
                return Err(error);
            }
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        state.meet(&Operation::Sync)?;
        state.file(self.file)?.sync();
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        let mut state = self.state.lock();
        Ok(state.file(self.file)?.now.len() as u64)
    }

    fn zero_from(&self, offset: u64) -> io::Result<()> {
        let mut state = self.state.lock();
        state.meet(&Operation::Write)?;
        let content = state.file(self.file)?;
        let zeros = vec![0; content.now.len().saturating_sub(offset as usize)];
        content.write(&zeros, offset as usize);
        Ok(())
    }
}
