//! The ids of a conversation's messages, which make sending idempotent.
//!
//! A desk remembers every one of them for as long as the conversation is in memory, more than once: they are packed, and
//! sorted by id.

use crate::id::{MessageId, Position};

/// A conversation's messages by id, each with its number and the commit that holds it.
///
/// 28 bytes a message and an eighth of slack; a `BTreeMap` takes some 60. Adding one moves what sorts behind it: some
/// microseconds where a conversation has ten thousand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownMessages(Vec<Known>);

/// Packed to four bytes: its fields are copied, never borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(Rust, packed(4))]
struct Known {
    id: u128,
    number: u32,
    position: u64,
}

impl KnownMessages {
    /// Remembers a message; one that is known already is replaced.
    pub fn insert(&mut self, id: MessageId, number: u32, position: Position) {
        let known = Known { id: id.0, number, position: position.0 };
        match self.find(id) {
            Ok(at) => self.0[at] = known,
            Err(at) => {
                if self.0.len() == self.0.capacity() {
                    // Doubling would leave a third unused.
                    self.0.reserve_exact(self.0.len() / 8 + 8);
                }
                self.0.insert(at, known);
            }
        }
    }

    /// The commit that holds a message.
    pub fn position(&self, id: MessageId) -> Option<Position> {
        self.find(id).ok().map(|at| Position(self.0[at].position))
    }

    /// Whether there is such a message.
    pub fn contains(&self, id: MessageId) -> bool {
        self.find(id).is_ok()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, by id: each with its number and the commit that holds it.
    pub fn iter(&self) -> impl Iterator<Item = (MessageId, u32, Position)> {
        self.0.iter().map(|known| (MessageId(known.id), known.number, Position(known.position)))
    }

    fn find(&self, id: MessageId) -> Result<usize, usize> {
        self.0.binary_search_by(|known| { known.id }.cmp(&id.0))
    }
}

impl FromIterator<(MessageId, u32, Position)> for KnownMessages {
    /// Of messages that share an id, the last counts.
    fn from_iter<I: IntoIterator<Item = (MessageId, u32, Position)>>(messages: I) -> Self {
        let mut known = Self::default();
        for (id, number, position) in messages {
            known.insert(id, number, position);
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_message_takes_28_bytes() {
        assert_eq!(size_of::<Known>(), 28);
    }

    #[test]
    fn it_knows_what_a_map_would_know() {
        // Multiples of a prime: every order, and each id but one comes twice.
        let id = |at: u32| MessageId(u128::from(at) << 100 | 7);
        let said = (0..999_u32).map(|at| (id(at * 7919 % 500), at, Position(u64::from(at) << 33)));
        let map: BTreeMap<_, _> =
            said.clone().map(|(id, number, position)| (id, (number, position))).collect();
        let known: KnownMessages = said.collect();
        let all: Vec<_> =
            map.iter().map(|(id, (number, position))| (*id, *number, *position)).collect();
        assert_eq!(known.iter().collect::<Vec<_>>(), all);
        assert_eq!(known.len(), 500);
        for id in (0..600).map(id) {
            assert_eq!(known.position(id), map.get(&id).map(|(_, position)| *position));
            assert_eq!(known.contains(id), map.contains_key(&id));
        }
    }
}
