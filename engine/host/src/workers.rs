//! The host's own threads, and the bounded queue before them. Never tokio's threads: a guest's milliseconds would be stolen
//! from every socket.
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

/// The threads' queue. Dropping it ends the threads when the queue is empty.
#[derive(Debug)]
pub(crate) struct Workers {
    queue: Sender<Job>,
}

impl Workers {
    pub(crate) fn start(threads: usize, queue: usize) -> Result<Self, HostError> {
        let (sender, receiver) = bounded(queue.max(1));
        for number in 0..threads {
            let receiver = receiver.clone();
            let thread = thread::Builder::new().name(format!("plugin-{number}"));
            thread.spawn(move || work(&receiver)).map_err(HostError::Thread)?;
        }
        Ok(Workers { queue: sender })
    }

    /// Gives the job back if there is no room.
    pub(crate) fn submit(&self, job: Job) -> Result<(), Job> {
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(job) | TrySendError::Disconnected(job) => job,
        })
    }
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
