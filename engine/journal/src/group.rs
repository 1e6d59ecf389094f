//! Group commit: many producers, one thread that takes what waits (at most 128 commits), appends it with one write and
//! one sync, answers all of them, and only then lets readers see them.
//!
//! A producer hands in bytes and a *ticket*; the tickets of a group come back together, in order, to one function that
//! runs on the log's thread. So a commit costs no allocation, no channel and no wake of its own here; what a ticket
//! means is the caller's business. Two sets of buffers go round: producers fill one while the other is on the disk.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dialogo_domain::Position;
use parking_lot::{Condvar, Mutex};

use crate::batch::Batch;
use crate::fault::Fault;
use crate::port::Journal;

/// Most commits in one group: what keeps a group's latency even, and a batch of the views small (sled's memory grows
/// with it).
pub const MAX_GROUP: usize = 128;

/// Bytes after which a group is closed early, so that large commits do not pile up in one write.
const MAX_GROUP_BYTES: usize = 4 << 20;

/// How long the thread waits for as many commits as the last group had. Producers that were answered together come back
/// together; without this the first of them would have a sync of its own and the others would wait for it.
const GATHER: Duration = Duration::from_micros(60);

/// Most commits that wait; beyond, producers wait too.
const MAX_WAITING: usize = 64 * MAX_GROUP;

/// A group that is durable, or will never be.
#[derive(Debug)]
pub struct Settled<'t, T> {
    /// Position of the first commit, if durable: the others follow without a gap.
    pub outcome: Result<Position, Fault>,
    /// The tickets, in order; take them out with `drain`.
    pub tickets: &'t mut Vec<T>,
}

/// Producers' end of the group commit. Dropping it lets what waits be written and ends the thread.
#[derive(Debug)]
pub struct GroupCommit<T: Send + 'static> {
    queue: Arc<Queue<T>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    /// The log's thread waits for work.
    work: Condvar,
    /// Producers wait for room.
    room: Condvar,
}

#[derive(Debug)]
struct Waiting<T> {
    groups: VecDeque<Group<T>>,
    unused: Vec<Group<T>>,
    /// Handed in and not settled.
    commits: usize,
    /// Handed in and not taken by the thread.
    queued: usize,
    last: Position,
    /// The thread sleeps until this many wait; 0: it is awake.
    wake_at: usize,
    crowded: usize,
    closed: bool,
    broken: Option<Fault>,
}

#[derive(Debug)]
struct Group<T> {
    batch: Batch,
    tickets: Vec<T>,
    /// How many tickets there were when the thread took it.
    tickets_taken: usize,
}

impl<T> Default for Group<T> {
    fn default() -> Self {
        Self { batch: Batch::new(), tickets: Vec::with_capacity(MAX_GROUP), tickets_taken: 0 }
    }
}

impl<T: Send + 'static> GroupCommit<T> {
    /// Starts the thread. `settle` runs on it after each group, before readers see the group: it should hand the
    /// answers on and return.
    pub fn start(
        journal: Arc<dyn Journal>,
        settle: impl FnMut(Settled<'_, T>) + Send + 'static,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::new(journal.head()));
        let shared = Arc::clone(&queue);
        let thread = thread::Builder::new()
            .name("journal".into())
            .spawn(move || run(&*journal, &shared, settle))?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Hands in one payload, written by `write` into the group's buffer, and says which position it will have. Blocks
    /// while too many wait.
    ///
    /// # Errors
    /// Once an append has failed: the ticket comes back with the fault and was never handed in.
    pub fn submit(
        &self,
        ticket: T,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<Position, (T, Fault)> {
        let mut waiting = self.queue.waiting.lock();
        while waiting.commits >= MAX_WAITING && waiting.broken.is_none() {
            waiting.crowded += 1;
            self.queue.room.wait(&mut waiting);
            waiting.crowded -= 1;
        }
        if let Some(fault) = &waiting.broken {
            return Err((ticket, fault.clone()));
        }
        let group = waiting.open_group();
        group.batch.push_with(write);
        group.tickets.push(ticket);
        waiting.commits += 1;
        waiting.queued += 1;
        waiting.last = waiting.last.next();
        let position = waiting.last;
        let wake = waiting.wake_at > 0 && waiting.queued >= waiting.wake_at;
        if wake {
            waiting.wake_at = 0;
        }
        drop(waiting);
        if wake {
            self.queue.work.notify_one();
        }
        Ok(position)
    }

    /// Hands in several at once, with one wake of the log's thread: `next` is called until it has no more, and writes a
    /// payload into the buffer it is given. Returns how many were taken.
    ///
    /// # Errors
    /// Once an append has failed; nothing was taken then.
    pub fn submit_all(
        &self,
        mut next: impl FnMut(Position, &mut Vec<u8>) -> Option<T>,
    ) -> Result<usize, Fault> {
        let mut waiting = self.queue.waiting.lock();
        while waiting.commits >= MAX_WAITING && waiting.broken.is_none() {
            waiting.crowded += 1;
            self.queue.room.wait(&mut waiting);
            waiting.crowded -= 1;
        }
        if let Some(fault) = &waiting.broken {
            return Err(fault.clone());
        }
        let mut taken = 0;
        loop {
            let position = waiting.last.next();
            let group = waiting.open_group();
            let mut ticket = None;
            group.batch.try_push_with(|bytes| {
                ticket = next(position, bytes);
                ticket.is_some()
            });
            let Some(ticket) = ticket else { break };
            group.tickets.push(ticket);
            waiting.last = position;
            taken += 1;
        }
        waiting.drop_empty_group();
        waiting.commits += taken;
        waiting.queued += taken;
        let wake = waiting.wake_at > 0 && waiting.queued >= waiting.wake_at;
        if wake {
            waiting.wake_at = 0;
        }
        drop(waiting);
        if wake {
            self.queue.work.notify_one();
        }
        Ok(taken)
    }

    /// Commits that wait or are being written.
    pub fn waiting(&self) -> usize {
        self.queue.waiting.lock().commits
    }
}

impl<T: Send + 'static> Drop for GroupCommit<T> {
    fn drop(&mut self) {
        self.queue.waiting.lock().closed = true;
        self.queue.work.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic in `settle` has been printed by then, and there is nobody left to answer.
            let _ = thread.join();
        }
    }
}

impl<T> Queue<T> {
    fn new(last: Position) -> Self {
        let waiting = Waiting {
            groups: VecDeque::new(),
            unused: Vec::new(),
            commits: 0,
            queued: 0,
            last,
            wake_at: 0,
            crowded: 0,
            closed: false,
            broken: None,
        };
        Self { waiting: Mutex::new(waiting), work: Condvar::new(), room: Condvar::new() }
    }

    /// The next group; `None` when there will be none. `done` is the one before, for its room.
    fn take(&self, done: Option<Group<T>>) -> Option<Group<T>> {
        let mut waiting = self.waiting.lock();
        if let Some(mut group) = done {
            let expected = group.tickets_taken;
            group.batch.clear();
            group.tickets.clear();
            waiting.unused.push(group);
            if waiting.queued < expected && !waiting.closed {
                waiting.wake_at = expected;
                self.work.wait_for(&mut waiting, GATHER);
            }
        }
        loop {
            waiting.wake_at = 0;
            if let Some(mut group) = waiting.groups.pop_front() {
                group.tickets_taken = group.tickets.len();
                waiting.queued -= group.tickets_taken;
                return Some(group);
            }
            if waiting.closed {
                return None;
            }
            waiting.wake_at = 1;
            self.work.wait(&mut waiting);
        }
    }

    fn settled(&self, commits: usize, broken: Option<&Fault>) {
        let mut waiting = self.waiting.lock();
        waiting.commits -= commits;
        if let Some(fault) = broken {
            waiting.broken.get_or_insert_with(|| fault.clone());
        }
        if waiting.crowded > 0 {
            self.room.notify_all();
        }
    }
}

impl<T> Waiting<T> {
    fn drop_empty_group(&mut self) {
        if self.groups.back().is_some_and(|group| group.tickets.is_empty())
            && let Some(group) = self.groups.pop_back()
        {
            self.unused.push(group);
        }
    }

    fn open_group(&mut self) -> &mut Group<T> {
        let full = self.groups.back().is_none_or(|group| {
            group.tickets.len() >= MAX_GROUP || group.batch.bytes() >= MAX_GROUP_BYTES
        });
        if full {
            let fresh = self.unused.pop().unwrap_or_default();
            self.groups.push_back(fresh);
        }
        let at = self.groups.len() - 1;
        &mut self.groups[at]
    }
}

fn run<T>(journal: &dyn Journal, queue: &Queue<T>, mut settle: impl FnMut(Settled<'_, T>)) {
    let mut head = journal.head();
    let mut done = None;
    while let Some(mut group) = queue.take(done.take()) {
        let commits = group.tickets.len();
        let first = head.next();
        let tickets = &mut group.tickets;
        let appended = journal.append(head, &group.batch, &mut |_| {
            settle(Settled { outcome: Ok(first), tickets });
        });
        match appended {
            Ok(position) => {
                head = position;
                queue.settled(commits, None);
            }
            Err(fault) => {
                queue.settled(commits, Some(&fault));
                settle(Settled { outcome: Err(fault), tickets: &mut group.tickets });
            }
        }
        done = Some(group);
    }
}
