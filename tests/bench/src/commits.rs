//! Commits as a desk makes them: each writer is a conversation that begins, says its messages, ends, goes cold, and is
//! followed by the next one. Nothing here decides; the events are those that the domain would have decided on.

use std::sync::Arc;

use dialogo_domain::conversation::Closer;
use dialogo_domain::desk::Profile;
use dialogo_domain::message::{Author, Body, Channel};
use dialogo_domain::plugin::Verdict;
use dialogo_domain::{
    Actor, Commit, ConsumerId, ConversationId, Event, Generation, MessageId, Millis, Position,
    Stamp,
};
use dialogo_journal::codec;

/// Size of an encoded commit of one message, in bytes.
pub(crate) const COMMIT_BYTES: usize = 300;

/// Messages of a conversation before the next one begins.
const MESSAGES: u32 = 40;

/// One conversation after the other.
#[derive(Debug)]
pub(crate) struct Talk {
    writer: u128,
    round: u128,
    said: u32,
    text: Arc<str>,
    generation: Generation,
}

impl Talk {
    /// The talk of one writer.
    pub(crate) fn new(writer: usize) -> Self {
        let mut talk = Self {
            writer: writer as u128,
            round: 1,
            said: 1,
            text: "".into(),
            generation: Generation([7; 32]),
        };
        // As much text as fills a commit up to its size.
        let mut bytes = Vec::new();
        codec::encode(&talk.message(Position(1 << 20), 2), &mut bytes);
        talk.text = "a".repeat(COMMIT_BYTES.saturating_sub(bytes.len() + 1)).into();
        (talk.round, talk.said) = (0, MESSAGES);
        talk
    }

    /// What is committed next.
    pub(crate) fn next(&mut self, position: Position) -> Commit {
        if self.said < MESSAGES {
            self.said += 1;
            return self.message(position, self.said);
        }
        let before = (self.round > 0).then(|| self.conversation());
        self.round += 1;
        self.said = 0;
        let mut events = Vec::new();
        if let Some(conversation) = before {
            events.push(Event::ConversationClosed { conversation, by: Closer::Consumer });
            events.push(Event::ConversationWentCold { conversation });
            events.push(Event::ConsumerForgotten { consumer: ConsumerId(conversation.0) });
        }
        events.push(Event::ConversationStarted {
            conversation: self.conversation(),
            consumer: self.consumer(),
            channel: Channel::Web,
            profile: Profile::default(),
            previous: None,
            bot: true,
        });
        Commit { stamp: self.stamp(position), events }
    }

    fn message(&self, position: Position, number: u32) -> Commit {
        let event = Event::MessageSent {
            conversation: self.conversation(),
            message: MessageId(self.conversation().0 << 8 | u128::from(number)),
            number,
            author: Author::Consumer,
            body: Body::text(Arc::clone(&self.text)),
            verdict: Verdict::Allow,
            decisions: Vec::new(),
        };
        Commit { stamp: self.stamp(position), events: vec![event] }
    }

    fn stamp(&self, position: Position) -> Stamp {
        Stamp {
            position,
            at: Millis(1_790_000_000_000 + position.0 / 20),
            generation: self.generation,
            command: None,
            actor: Actor::Consumer(self.consumer()),
        }
    }

    fn conversation(&self) -> ConversationId {
        ConversationId(0x0190_f5e4_7b1c_7000_8000 << 48 | self.writer << 32 | self.round)
    }

    fn consumer(&self) -> ConsumerId {
        ConsumerId(self.conversation().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_fills_its_commit() {
        let mut talk = Talk::new(200);
        let mut sizes = Vec::new();
        for position in 1..=200 {
            let commit = talk.next(Position(position));
            let mut bytes = Vec::new();
            codec::encode(&commit, &mut bytes);
            if matches!(commit.events[0], Event::MessageSent { .. }) {
                sizes.push(bytes.len());
            }
        }
        assert!(sizes.iter().all(|bytes| bytes.abs_diff(COMMIT_BYTES) <= 12), "{sizes:?}");
    }

    #[test]
    fn a_desk_follows_it_and_stays_small() {
        let mut desk = dialogo_domain::Desk::default();
        let mut talks: Vec<Talk> = (0..4).map(Talk::new).collect();
        for position in 1..=1_000 {
            let commit = talks[position as usize % 4].next(Position(position));
            dialogo_domain::apply_commit(&mut desk, &commit);
        }
        assert_eq!(desk.position, Position(1_000));
        assert_eq!(desk.conversations.len(), 4);
    }
}
