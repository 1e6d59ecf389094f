//! The host's own threads, and the bounded queues before them. Never tokio's threads: a guest's milliseconds would be stolen
//! from every socket.
//!
//! There are two lanes with threads of their own: what somebody waits for (a message, a file, a bot's answer, a transfer
//! that was asked for) never stands behind what nobody waits for (suggestions, observers, backtests).
//!
//! A worker keeps one warm sandbox per reusable plugin. What a job does is in `chain.rs`.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::thread;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::host::HostError;
use crate::sandbox::Sandbox;
use crate::unit::Unit;

/// Jobs after which sandboxes of plugins that are gone are let go.
const SWEEP_EVERY: u32 = 256;

/// Work for one worker; gets the worker's warm sandboxes.
pub(crate) type Job = Box<dyn FnOnce(&mut Warm) + Send>;

/// Whether somebody waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Somebody does.
    WaitedFor,
    /// Nobody does.
    Later,
}

/// The threads' queues. Dropping them ends the threads when the queues are empty.
#[derive(Debug)]
pub(crate) struct Workers {
    waited_for: Sender<Job>,
    later: Sender<Job>,
}

impl Workers {
    /// So many threads for each lane, and so much room in each queue.
    pub(crate) fn start(threads: usize, queue: usize) -> Result<Self, HostError> {
        Ok(Workers {
            waited_for: lane(threads, queue, "plugin")?,
            later: lane(threads, queue, "plugin-later")?,
        })
    }

    /// Gives the job back if there is no room.
    pub(crate) fn submit(&self, lane: Lane, job: Job) -> Result<(), Job> {
        let queue = match lane {
            Lane::WaitedFor => &self.waited_for,
            Lane::Later => &self.later,
        };
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(job) | TrySendError::Disconnected(job) => job,
        })
    }
}

fn lane(threads: usize, queue: usize, name: &str) -> Result<Sender<Job>, HostError> {
    let (sender, receiver) = bounded(queue.max(1));
    for number in 0..threads {
        let receiver = receiver.clone();
        let thread = thread::Builder::new().name(format!("{name}-{number}"));
        thread.spawn(move || work(&receiver)).map_err(HostError::Thread)?;
    }
    Ok(sender)
}

fn work(jobs: &Receiver<Job>) {
    let mut warm = Warm::default();
    while let Ok(job) = jobs.recv() {
        // A panic of ours loses one event's answer (its asker is told), not the worker.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut warm))).is_err() {
            tracing::error!("a plugin worker panicked; going on with fresh sandboxes");
            warm = Warm::default();
        }
        warm.sweep();
    }
}

/// One worker's sandboxes that may serve again.
#[derive(Default)]
pub(crate) struct Warm {
    sandboxes: HashMap<u64, (Weak<Unit>, Sandbox)>,
    jobs: u32,
}

impl Warm {
    pub(crate) fn take(&mut self, unit: &Unit) -> Option<Sandbox> {
        self.sandboxes.remove(&unit.uid).map(|(_, sandbox)| sandbox)
    }

    pub(crate) fn put(&mut self, unit: &Arc<Unit>, sandbox: Option<Sandbox>) {
        if let Some(sandbox) = sandbox {
            self.sandboxes.insert(unit.uid, (Arc::downgrade(unit), sandbox));
        }
    }

    fn sweep(&mut self) {
        self.jobs += 1;
        if self.jobs >= SWEEP_EVERY {
            self.jobs = 0;
            self.sandboxes.retain(|_, (unit, _)| unit.strong_count() > 0);
        }
    }
}
