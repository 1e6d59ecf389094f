//! What other rules would have done: conversations of the past are judged by two generations side by side, and every
//! difference is told. No desk is touched and nothing is written.
//!
//! [`history`] makes conversations of a journal's commits, `judged` is one conversation under one generation, and
//! [`report`] says what differs. Who would have been given a conversation, and how long it would have waited, is not
//! played: only what plugins judge.

pub mod history;
mod judged;
pub mod report;

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::rules::InForce;
use history::Past;
use judged::judge;
pub use report::Report;
use report::{Gathering, compare};

/// Conversations in work at the same time: enough to keep the plugins' threads busy, far below what their queue holds.
const AT_ONCE: usize = 16;

/// Judges every conversation by both generations. `done` hears how many are finished.
pub async fn run(
    pasts: Vec<Past>,
    old: Arc<InForce>,
    new: Arc<InForce>,
    done: &mut (dyn FnMut(u64) + Send),
) -> Report {
    let mut gathering = Gathering::default();
    let mut working = JoinSet::new();
    let mut finished = 0;
    let mut waiting = pasts.into_iter().enumerate();
    loop {
        while working.len() < AT_ONCE {
            let Some((number, past)) = waiting.next() else { break };
            let (old, new) = (Arc::clone(&old), Arc::clone(&new));
            working.spawn(async move {
                let (before, after) = (judge(&old, &past).await, judge(&new, &past).await);
                (number, compare(&past, &before, &after))
            });
        }
        match working.join_next().await {
            None => break,
            Some(Ok((number, compared))) => gathering.add(number, compared),
            Some(Err(fault)) => std::panic::resume_unwind(fault.into_panic()),
        }
        finished += 1;
        done(finished);
    }
    gathering.finish()
}
