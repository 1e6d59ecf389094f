//! What is said on the socket and in message lists, as far as a client needs it.
//!
//! Frames are flat on purpose: one struct with optional fields parses several times faster than a
//! tagged enum, and a client that shares two cores with the desk it measures must be cheap.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A frame from the desk; which fields are there follows from [`Frame::kind`].
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Frame {
    /// `welcome`, `ack`, `event`, `watermark`, `refresh`, `error`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The commit.
    pub position: Option<u64>,
    /// Where the feed stands (`welcome`, `refresh`).
    pub cursor: Option<u64>,
    /// The rules the commit was made under, 16 hexadecimal digits.
    pub generation: Option<String>,
    /// What happened in it.
    pub events: Vec<Event>,
    /// The message an `ack` or `error` answers.
    pub id: Option<Uuid>,
    /// The conversation.
    pub conversation: Option<Uuid>,
    /// The number the message got.
    pub number: Option<u32>,
    /// `sent` or `refused`.
    pub state: Option<String>,
    /// The text as stored, where a policy changed it.
    pub text: Option<String>,
    /// RFC 9457, in an `error`.
    pub problem: Option<Value>,
    /// Why the desk hangs up, in a `bye`.
    pub reason: Option<String>,
}

/// One event of a commit.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Event {
    /// The domain event in `snake_case`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where.
    pub conversation: Option<Uuid>,
    /// The message, in `message_sent`.
    pub message: Option<Message>,
    /// Who: an id for agents, a shown name for consumers.
    pub agent: Option<Value>,
    /// Who had it, in `conversation_transferred`.
    pub from_agent: Option<Value>,
    /// Which set, in `classification_suggested`.
    pub set: Option<u32>,
    /// Best first, in `classification_suggested`.
    pub suggestions: Vec<Suggestion>,
    /// The team.
    pub department: Option<Value>,
}

impl Event {
    /// The agent it names, by id.
    pub fn agent_id(&self) -> Option<&str> {
        id_of(self.agent.as_ref()?)
    }

    /// The agent a transfer takes it from, by id.
    pub fn from_agent_id(&self) -> Option<&str> {
        id_of(self.from_agent.as_ref()?)
    }
}

fn id_of(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("id")?.as_str())
}

/// One suggested classification.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Suggestion {
    /// The node.
    pub node: String,
    /// 0..=1.
    pub confidence: f32,
}

/// A message as the desk shows it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Message {
    /// The sender's own id for it.
    pub id: Uuid,
    /// Its number in the conversation; 0 for a refused one.
    #[serde(deserialize_with = "number_or_none")]
    pub number: u32,
    /// Who wrote it.
    pub author: Author,
    /// What it says.
    pub text: String,
    /// Whether it is a private note.
    pub note: bool,
    /// Why a policy refused it; nobody but its sender sees it then.
    pub refused: Option<Value>,
    /// Quick replies that a bot offers.
    pub choices: Vec<Choice>,
}

/// A quick reply.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// What is shown.
    pub title: String,
    /// What is meant.
    pub payload: Option<String>,
}

fn number_or_none<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    Ok(Option::<u32>::deserialize(from)?.unwrap_or(0))
}

impl Message {
    /// Whether it is part of what both sides see: neither a note nor refused.
    pub fn is_shared(&self) -> bool {
        !self.note && self.refused.is_none()
    }
}

/// Who wrote a message.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Author {
    /// `consumer`, `agent`, `bot`, `system`.
    pub side: String,
}

/// A page of messages.
#[derive(Debug, Deserialize)]
pub struct Page {
    /// The messages.
    pub messages: Vec<Message>,
    /// Whether there are more in the direction asked.
    pub more: bool,
}

/// A frame to the desk.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Say<'a> {
    /// The first frame.
    Hello {
        /// Who.
        token: &'a str,
        /// From where on.
        #[serde(skip_serializing_if = "Option::is_none")]
        cursor: Option<u64>,
    },
    /// A message.
    Send {
        /// Where.
        conversation: Uuid,
        /// Its id, chosen here.
        id: Uuid,
        /// What it says.
        text: &'a str,
    },
    /// Received and read up to.
    Read {
        /// Where.
        conversation: Uuid,
        /// Received up to.
        delivered: u32,
        /// Read up to.
        read: u32,
    },
    /// Somebody is typing.
    Typing {
        /// Where.
        conversation: Uuid,
    },
    /// Still there.
    Ping,
}
