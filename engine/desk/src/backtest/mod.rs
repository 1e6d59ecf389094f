//! What other rules would have done: conversations of the past are judged by two generations side by side, and every
//! difference is told. No desk is touched and nothing is written.
//!
//! [`history`] makes conversations of a journal's commits, [`files`] looks into what was sent with them, `judged` is one
//! conversation under one generation, and [`report`] says what differs. [`simulate`] plays who would have been given a
//! conversation, and how long it would have waited.

pub mod files;
pub mod history;
mod judged;
pub mod report;
pub mod simulate;

use std::sync::Arc;

use dialogo_host::Hook;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::rules::InForce;
use files::{Contents, Files, Looked};
use history::Past;
use judged::judge;
pub use report::Report;
use report::{Compared, Tally, compare};

/// Conversations in work at the same time: enough to keep the plugins' threads busy, far below what their queue holds.
const AT_ONCE: usize = 16;

/// Both generations, and where files are.
#[derive(Clone)]
pub struct Judges {
    /// The rules in use.
    pub old: Arc<InForce>,
    /// The candidate's.
    pub new: Arc<InForce>,
    /// The content of files.
    pub contents: Contents,
}

/// Judges every conversation that comes by both generations. `done` hears how many are finished.
pub async fn run(
    mut pasts: mpsc::Receiver<Past>,
    judges: Judges,
    done: &mut (dyn FnMut(u64) + Send),
) -> Report {
    let mut tally = Tally::default();
    let mut working = JoinSet::new();
    let (mut begun, mut finished, mut more) = (0, 0, true);
    while more || !working.is_empty() {
        tokio::select! {
            past = pasts.recv(), if more && working.len() < AT_ONCE => match past {
                None => more = false,
                Some(past) => {
                    let (number, judges) = (begun, judges.clone());
                    working.spawn(async move { (number, judges.both(&past).await) });
                    begun += 1;
                }
            },
            Some(compared) = working.join_next() => {
                match compared {
                    Ok((number, compared)) => tally.add(number, compared),
                    Err(fault) => std::panic::resume_unwind(fault.into_panic()),
                }
                finished += 1;
                done(finished);
            }
        }
    }
    tally.finish()
}

impl Judges {
    async fn both(&self, past: &Past) -> Compared {
        let policy = |rules: &InForce| rules.chain.has(Hook::AttachmentPolicy);
        let any_policy = policy(&self.old) || policy(&self.new);
        let looked: Vec<Option<Looked>> = if any_policy {
            files::look(past, &self.contents).await
        } else {
            past.moments.iter().map(|_| None).collect()
        };
        let mut before = judge(&self.old, past, &looked).await;
        let mut after = judge(&self.new, past, &looked).await;
        let mut files = Files::default();
        if any_policy {
            files = files::settle(past, &mut before, &mut after);
        }
        compare(past, files, &before, &after)
    }
}
