//! Two threads that are never idle while there is something to do. Which of them does a job decides nothing: jobs share nothing.

use std::sync::{Mutex, PoisonError};

/// Something to do that leaves its result where it was told to.
pub(crate) type Job<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Does all jobs, the first ones first: the longest should stand there.
pub(crate) fn side_by_side(jobs: Vec<Job<'_>>) {
    let left = Mutex::new(jobs.into_iter());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some(job) = next() {
            job();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
}
