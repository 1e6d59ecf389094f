//! The in-memory twin of the segment log, for tests and for desks that may forget. It keeps the same promises as the
//! segment log except the one that matters.

use dialogo_domain::Position;
use parking_lot::RwLock;

use crate::batch::{Batch, Chunk};
use crate::fault::Fault;
use crate::head::{Follow, Head};
use crate::port::{Journal, Limit};

/// A journal in memory.
#[derive(Debug, Default)]
pub struct MemoryLog {
    payloads: RwLock<Vec<Box<[u8]>>>,
    head: Head,
}

impl MemoryLog {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Journal for MemoryLog {
    fn append(
        &self,
        expected: Position,
        batch: &Batch,
        before_shown: &mut dyn FnMut(Position),
    ) -> Result<Position, Fault> {
        let mut payloads = self.payloads.write();
        let head = Position(payloads.len() as u64);
        if head != expected {
            return Err(Fault::OutOfTurn { expected, head });
        }
        payloads.extend(batch.iter().map(Box::from));
        let head = Position(payloads.len() as u64);
        drop(payloads);
        before_shown(head);
        self.head.advance(head);
        Ok(head)
    }

    fn read(&self, after: Position, limit: Limit, chunk: &mut Chunk) -> Result<(), Fault> {
        chunk.clear();
        let durable = self.head.position().0;
        let payloads = self.payloads.read();
        for at in after.0..durable {
            if chunk.len() >= limit.commits
                || (!chunk.is_empty() && chunk.bytes.len() >= limit.bytes)
            {
                break;
            }
            let start = chunk.bytes.len();
            chunk.bytes.extend_from_slice(&payloads[at as usize]);
            chunk.spans.push((Position(at + 1), start..chunk.bytes.len()));
        }
        Ok(())
    }

    fn head(&self) -> Position {
        self.head.position()
    }

    fn follow(&self) -> Follow {
        self.head.follow()
    }

    fn floor(&self) -> Position {
        Position(0)
    }
}
