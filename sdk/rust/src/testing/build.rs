//! What is asked, with the same defaults as in cases; each part can be given.

use crate::host::catalogue::Node;
use crate::{
    Attachment, CallContext, Channel, Conversation, Emoji, Fact, FactValue, Message, Participant,
    Side, State,
};

/// 2026-01-05T12:00:00Z, a Monday.
const NOW_MS: u64 = 1_767_614_400_000;
const MINUTE_MS: u64 = 60_000;

/// A call that nothing will come of.
pub fn context() -> CallContext {
    CallContext {
        call_id: "test".to_owned(),
        now: NOW_MS,
        seed: 1,
        dry_run: true,
        budget_micros: 20_000,
    }
}

/// An active conversation in which nobody has said anything.
pub fn conversation() -> Conversation {
    Conversation {
        id: "conversation-1".to_owned(),
        channel: Channel::Web,
        state: State::Active,
        opened_at: NOW_MS - 10 * MINUTE_MS,
        department: None,
        agent: None,
        consumer: participant(Side::Consumer),
        classification: None,
        recent: Vec::new(),
        total_messages: 0,
        facts: Vec::new(),
    }
}

/// What the consumer has just said.
pub fn message(text: &str) -> Message {
    Message {
        id: "message-1".to_owned(),
        author: participant(Side::Consumer),
        at: NOW_MS,
        text: text.to_owned(),
        emojis: Vec::new(),
        attachments: Vec::new(),
        facts: Vec::new(),
    }
}

/// A file as it is declared.
pub fn attachment(name: &str, mime: &str, bytes: u64) -> Attachment {
    Attachment {
        id: "attachment-1".to_owned(),
        name: name.to_owned(),
        mime: mime.to_owned(),
        sniffed_mime: Some(mime.to_owned()),
        bytes,
        sha256: None,
        facts: Vec::new(),
    }
}

/// An emoji that occurs once, at the beginning.
pub fn emoji(text: &str) -> Emoji {
    Emoji { text: text.to_owned(), shortcode: None, offset: 0, count: 1 }
}

/// A node of the tree that may be chosen; `a.b` is below `a`.
pub fn node(id: &str) -> Node {
    Node {
        id: id.to_owned(),
        parent: id.rsplit_once('.').map(|(parent, _)| parent.to_owned()),
        title: id.to_owned(),
        active: true,
        synonyms: Vec::new(),
    }
}

fn participant(side: Side) -> Participant {
    let id = match side {
        Side::Consumer => "consumer-1",
        Side::Agent => "agent-1",
        Side::Bot => "bot",
        Side::System => "system",
    };
    Participant { id: id.to_owned(), side, name: None, locale: None, facts: Vec::new() }
}

/// Only in native tests.
impl Conversation {
    /// With one more message of the consumer.
    #[must_use]
    pub fn said(self, text: &str) -> Self {
        self.with(message(text))
    }

    /// With one more message of the agent.
    #[must_use]
    pub fn answered(self, text: &str) -> Self {
        self.with(message(text).by(Side::Agent))
    }

    /// With one more message.
    #[must_use]
    pub fn with(mut self, mut message: Message) -> Self {
        message.id = format!("recent-{}", self.recent.len() + 1);
        self.recent.push(message);
        self.total_messages += 1;
        self
    }

    /// In a department.
    #[must_use]
    pub fn in_department(mut self, department: &str) -> Self {
        self.department = Some(department.to_owned());
        self
    }

    /// With a fact.
    #[must_use]
    pub fn with_fact(mut self, key: &str, value: impl Into<FactValue>) -> Self {
        self.facts.push(Fact { key: key.to_owned(), value: value.into() });
        self
    }
}

/// Only in native tests.
impl Message {
    /// From another side.
    #[must_use]
    pub fn by(mut self, side: Side) -> Self {
        self.author = participant(side);
        self
    }
}

/// Only in native tests.
impl Attachment {
    /// With a fact.
    #[must_use]
    pub fn with_fact(mut self, key: &str, value: impl Into<FactValue>) -> Self {
        self.facts.push(Fact { key: key.to_owned(), value: value.into() });
        self
    }
}

impl From<bool> for FactValue {
    fn from(flag: bool) -> Self {
        FactValue::Flag(flag)
    }
}

impl From<f64> for FactValue {
    fn from(number: f64) -> Self {
        FactValue::Number(number)
    }
}

impl From<&str> for FactValue {
    fn from(text: &str) -> Self {
        FactValue::Text(text.to_owned())
    }
}
