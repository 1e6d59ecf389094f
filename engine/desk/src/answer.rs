//! What whoever asked gets back.

use std::sync::Arc;

use dialogo_domain::{Commit, Refusal};

/// A command was carried out, and that is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The commit it led to; its events are the answer. No events: there was nothing to do.
    pub commit: Arc<Commit>,
    /// Whether this is the first answer, given again.
    pub replayed: bool,
}

/// A command was not carried out.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DeskError {
    /// The desk says no.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// Too much is waiting: try again in a moment.
    #[error("the desk has more to do than it can: try again in a moment")]
    Overloaded,
    /// The desk has stopped; nothing that was not acknowledged has happened.
    #[error("the desk has stopped: {0}")]
    Stopped(String),
}

impl From<Refusal> for DeskError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
