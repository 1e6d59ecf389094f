//! The frames of the socket, in and out.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::api::{Event, SendState, Sent, Verdict};
use crate::problem::{Problem, TextPosition};

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientFrame {
    /// Who it is, and from where on it wants to know what happened.
    Hello {
        token: String,
        #[serde(default)]
        cursor: Option<u64>,
        #[serde(default)]
        watch: Vec<Uuid>,
    },
    /// A message.
    Send {
        conversation: Uuid,
        id: Uuid,
        #[serde(default)]
        text: String,
        #[serde(default)]
        attachments: Vec<Uuid>,
    },
    /// How far it has received and read.
    Read {
        conversation: Uuid,
        #[serde(default)]
        delivered: u32,
        #[serde(default)]
        read: u32,
    },
    /// Somebody is typing.
    Typing { conversation: Uuid },
    /// Wants everything of a conversation.
    Watch { conversation: Uuid },
    /// No more.
    Unwatch { conversation: Uuid },
    /// Is anybody there?
    Ping,
}

/// What the server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerFrame<'a> {
    /// The client is known.
    Welcome { cursor: u64, you: You<'a> },
    /// What became of a message.
    Ack {
        id: &'a str,
        conversation: &'a str,
        position: u64,
        at: u64,
        number: u32,
        state: SendState,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<&'a str>,
        verdict: &'a Verdict,
    },
    /// What happened.
    Event { position: u64, at: u64, generation: String, events: Vec<Event> },
    /// Somebody is typing.
    Typing {
        conversation: String,
        by: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
    },
    /// Where a waiting conversation stands in its queue now.
    Place {
        conversation: String,
        place: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        expected_wait_ms: Option<u64>,
    },
    /// What the agent could answer to a message; only ever to the agent who has the conversation.
    Replies { conversation: String, message: &'a str, replies: Vec<SuggestedReply<'a>> },
    /// How long one more conversation would wait in a queue now.
    Queue {
        department: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        expected_wait_ms: Option<u64>,
    },
    /// Nothing for this client up to here.
    Watermark { position: u64 },
    /// Too much was missed: reload, and go on from here.
    Refresh { cursor: u64 },
    /// Something in a frame was wrong.
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        problem: Problem,
    },
    /// Somebody is.
    Pong,
    /// The connection ends.
    Bye { reason: &'static str },
}

/// A text that the agent could send.
#[derive(Debug, Serialize)]
pub(super) struct SuggestedReply<'a> {
    /// With placeholders in braces, as in canned replies.
    text: &'a str,
    /// The canned reply it is made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    canned: Option<&'a str>,
    /// The plugin that suggests it.
    plugin: &'a str,
    /// 0 to 1.
    confidence: f32,
    /// The words that led to it.
    evidence: Vec<&'a str>,
}

impl<'a> SuggestedReply<'a> {
    pub(super) fn of(reply: &'a dialogo_desk::SuggestedReply) -> Self {
        Self {
            text: &reply.text,
            canned: reply.canned.as_deref(),
            plugin: &reply.plugin,
            confidence: reply.confidence,
            evidence: reply.evidence.iter().map(|word| &**word).collect(),
        }
    }
}

/// Who the client is.
#[derive(Debug, Serialize)]
pub(super) struct You<'a> {
    pub(super) side: &'static str,
    pub(super) id: &'a str,
}

impl ServerFrame<'_> {
    /// As the text of a frame.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_else(|_| r#"{"type":"bye","reason":"internal"}"#.to_owned())
    }

    /// The acknowledgement of a message.
    pub(super) fn ack(sent: &Sent) -> ServerFrame<'_> {
        ServerFrame::Ack {
            id: &sent.id,
            conversation: &sent.conversation,
            position: sent.position,
            at: sent.at,
            number: sent.number,
            state: sent.state,
            text: sent.text.as_deref(),
            verdict: &sent.verdict,
        }
    }
}

/// Reads a frame; what is wrong is told with its place.
pub(super) fn read(text: &str) -> Result<ClientFrame, Problem> {
    serde_json::from_str(text).map_err(|error| {
        let whole = error.to_string();
        let what = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(what, _)| what);
        let field =
            what.split('`').nth(1).filter(|_| what.starts_with("missing field")).unwrap_or("frame");
        let mut problem = Problem::invalid(field, what);
        if error.line() > 0 {
            problem.position = Some(TextPosition { line: error.line(), column: error.column() });
        }
        problem
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_and_faults_placed() {
        assert!(matches!(read(r#"{"type":"ping"}"#), Ok(ClientFrame::Ping)));
        assert!(matches!(
            read(r#"{"type":"hello","token":"t","extra":1}"#),
            Ok(ClientFrame::Hello { cursor: None, .. })
        ));
        let unknown = read(r#"{"type":"shout"}"#).unwrap_err();
        assert!(unknown.detail.contains("shout"), "{unknown:?}");
        let missing = read(r#"{"type":"hello"}"#).unwrap_err();
        assert_eq!(missing.field.as_deref(), Some("token"));
        let broken = read("{").unwrap_err();
        assert_eq!(broken.position.map(|position| position.line), Some(1));
    }
}
