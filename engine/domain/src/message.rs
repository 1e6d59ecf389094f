//! Messages, their parts and who wrote them.

use std::sync::Arc;

use crate::id::{AgentId, AttachmentId};

/// Where a conversation comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// The widget on a page.
    #[default]
    Web,
    /// A mobile app.
    Mobile,
    /// E-mail.
    Email,
    /// A social network.
    Social,
    /// A call.
    Voice,
    /// A program.
    Api,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Author {
    /// The consumer of the conversation.
    Consumer,
    /// An agent or a supervisor.
    Agent(AgentId),
    /// The bot before the human.
    Bot,
    /// The desk itself ("transferred to Billing").
    System,
}

/// What a message says. Kept together so that it can be sealed per consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Plain text; at most [`Body::MAX_TEXT_BYTES`].
    pub text: Arc<str>,
    /// Files that go with it, judged and stored before.
    pub attachments: Vec<Attachment>,
    /// Choices a bot offers.
    pub choices: Vec<Choice>,
}

impl Body {
    /// Longest text of one message, in bytes: several screens, and far below what a socket frame may hold.
    pub const MAX_TEXT_BYTES: usize = 16 * 1024;
    /// Most files in one message.
    pub const MAX_ATTACHMENTS: usize = 10;

    /// A body of text alone.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// A file that stands in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its id in the API.
    pub id: AttachmentId,
    /// Name given by the sender.
    pub name: Arc<str>,
    /// Type by content.
    pub mime: Arc<str>,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
    /// Reason of a warning the policy gave, if it did.
    pub warning: Option<Arc<str>>,
}

/// A quick reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the consumer sees.
    pub title: Arc<str>,
    /// What is sent when it is chosen.
    pub payload: Arc<str>,
}
