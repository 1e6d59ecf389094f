//! Many payloads in one flat buffer: what goes into the journal ([`Batch`]) and what comes out ([`Chunk`]). Both are
//! meant to be used again, so that a commit costs no allocation of its own. They know nothing of frames or codecs.

use std::ops::Range;

use dialogo_domain::Position;

/// Payloads to append, in order.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one payload.
    pub fn push(&mut self, payload: &[u8]) {
        self.push_with(|bytes| bytes.extend_from_slice(payload));
    }

    /// Adds one payload that `write` appends to the buffer. It must not touch what is there already.
    pub fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push(self.bytes.len());
    }

    /// Adds one payload if `write` says that it wrote one; otherwise nothing is added.
    pub fn try_push_with(&mut self, write: impl FnOnce(&mut Vec<u8>) -> bool) {
        let before = self.bytes.len();
        if write(&mut self.bytes) {
            self.ends.push(self.bytes.len());
        } else {
            self.bytes.truncate(before);
        }
    }

    /// Takes the payloads out of it; the room stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// How many payloads there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all payloads together.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The payloads in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(self.ends.iter().copied()).map(|(start, end)| &self.bytes[start..end])
    }
}

/// Payloads as read back, each with its position.
#[derive(Clone, Debug, Default)]
pub struct Chunk {
    pub(crate) bytes: Vec<u8>,
    pub(crate) spans: Vec<(Position, Range<usize>)>,
    /// What was read from the disk last: only its room is of use.
    pub(crate) read: Vec<u8>,
}

impl Chunk {
    /// An empty chunk.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes everything out of it; the room stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.spans.clear();
    }

    /// How many payloads there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The position of the last payload.
    pub fn last(&self) -> Option<Position> {
        self.spans.last().map(|(position, _)| *position)
    }

    /// The payloads in order.
    pub fn iter(&self) -> impl Iterator<Item = (Position, &[u8])> {
        self.spans.iter().map(|(position, span)| (*position, &self.bytes[span.clone()]))
    }
}
