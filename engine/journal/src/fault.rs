//! What can break around the journal: disks, folders and stored bytes. Nothing here is the domain's "no"; that is a
//! `Refusal`. Faults are cloneable because one failed sync answers every commit of its group.

use std::io;
use std::sync::Arc;

use dialogo_domain::Position;

use crate::codec::CodecFault;

/// A fault of the journal or of its views.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// The disk refused an operation.
    #[error("cannot {operation} `{file}`")]
    Io {
        /// What was tried, as a verb: `write`, `sync`, `open`.
        operation: &'static str,
        /// The file.
        file: String,
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// No room left (or over quota).
    #[error("the disk is full: cannot {operation} `{file}`; free some room and start again")]
    DiskFull {
        /// What was tried.
        operation: &'static str,
        /// The file.
        file: String,
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// An earlier write or sync failed; what the disk holds is uncertain, so nothing more is accepted.
    #[error(
        "the journal takes nothing more since an earlier failure ({first}); restart once the cause is gone"
    )]
    Poisoned {
        /// The first failure.
        first: String,
    },
    /// Another process writes to this folder.
    #[error("`{folder}` is in use by another dialogo process")]
    Locked {
        /// The folder.
        folder: String,
    },
    /// The log holds something it cannot have been given.
    #[error(
        "the journal is damaged at position {position} (`{segment}`, byte {offset}): {what}; run `dialogo verify` to see \
         how much is affected, then restore the folder from a backup"
    )]
    Corrupt {
        /// The segment file.
        segment: String,
        /// Byte offset in it.
        offset: u64,
        /// The position expected there.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// Somebody else appended, or the caller lost count.
    #[error("the batch was meant to follow position {expected}, but the head is {head}")]
    OutOfTurn {
        /// What the caller thought the head was.
        expected: Position,
        /// What it is.
        head: Position,
    },
    /// What was asked for has been dropped by retention.
    #[error("positions up to {floor} are no longer kept, {asked} was asked for")]
    BelowFloor {
        /// First position wanted.
        asked: Position,
        /// Everything up to here is gone.
        floor: Position,
    },
    /// A commit that does not fit.
    #[error("a commit of {bytes} bytes is larger than the journal takes ({limit})")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Stored bytes that do not decode.
    #[error("the commit at position {position} cannot be read")]
    Undecodable {
        /// Which.
        position: Position,
        /// Why.
        #[source]
        source: CodecFault,
    },
    /// The views failed; they can be rebuilt from the log.
    #[error("the views cannot {operation}: {reason}")]
    Views {
        /// What was tried.
        operation: &'static str,
        /// What sled said.
        reason: String,
    },
    /// The thread behind a handle has ended.
    #[error("the journal is shut down")]
    Closed,
}

impl Fault {
    /// Wraps what the system said, telling a full disk from the rest.
    pub fn io(operation: &'static str, file: impl Into<String>, source: io::Error) -> Self {
        let full =
            matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        let (file, source) = (file.into(), Arc::new(source));
        if full {
            Self::DiskFull { operation, file, source }
        } else {
            Self::Io { operation, file, source }
        }
    }

    /// The whole chain in one line, for answers that outlive the fault itself.
    pub fn in_one_line(&self) -> String {
        let mut line = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(inner) = cause {
            line.push_str(": ");
            line.push_str(&inner.to_string());
            cause = inner.source();
        }
        line
    }
}
