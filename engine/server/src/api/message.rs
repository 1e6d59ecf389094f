//! Messages and their parts as the API shows them.

use dialogo_domain::message;
use dialogo_domain::plugin::{self, PluginDecision};
use dialogo_domain::{Desk, MessageId};
use serde::Serialize;
use utoipa::ToSchema;

use super::event::Viewer;
use crate::auth::hex;

/// One message or note.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Message {
    /// The sender's id for it (UUID).
    pub id: String,
    /// Its place in the conversation, counted from 1; notes count too, so consumers see gaps. Refused ones have 0.
    pub number: u32,
    /// When it was stored, in milliseconds UTC, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// Who wrote it.
    pub author: Author,
    /// Plain text.
    pub text: String,
    /// Files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Quick replies of a bot.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Whether it is a private note.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub note: bool,
    /// `refused` for messages a policy refused, shown to their sender only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Verdict>,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Author {
    /// `consumer`, `agent`, `bot` or `system`.
    pub side: &'static str,
    /// The login; not shown to consumers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The name shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A file in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attachment {
    /// Its id: fetch it at `/api/v1/attachments/{id}`.
    pub id: String,
    /// Name given by the sender.
    pub name: String,
    /// Type by content.
    pub mime: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Reason of a warning, if the policy gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// A quick reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Choice {
    /// What the consumer sees.
    pub title: String,
    /// What is sent when it is chosen.
    pub payload: String,
}

/// What the policies decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Verdict {
    /// `allow`, `warn`, `rewritten` or `deny`.
    pub kind: &'static str,
    /// Machine-readable reason; empty with `allow`.
    pub code: String,
    /// Reason for people; empty with `allow`.
    pub detail: String,
}

/// One plugin's part in a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Decision {
    /// The plugin as bound in the rules.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the component, hexadecimal.
    pub digest: String,
    /// The hook.
    pub hook: String,
    /// Whether it was only watched.
    pub shadow: bool,
    /// What it said, in one word.
    pub outcome: String,
    /// Machine-readable reason.
    pub code: String,
    /// Reason for people.
    pub detail: String,
    /// What it rests on.
    pub evidence: Vec<String>,
    /// What of its settings spoke. Explanations say in which line it stands, in the rules of that time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<SettingAt>,
}

/// Something in the rule files that spoke.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettingAt {
    /// JSON pointer within the file.
    pub pointer: String,
    /// The file, as people know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Messages of a conversation, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageList {
    /// The messages.
    pub messages: Vec<Message>,
    /// Whether there are more in the direction asked.
    pub more: bool,
    /// As of which position of the feed this is, at least.
    pub position: u64,
}

/// Whether a message was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendState {
    /// Durable.
    Sent,
    /// Refused by a policy; durable as refused.
    Refused,
}

/// The answer to a message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sent {
    /// The sender's id for it.
    pub id: String,
    /// The conversation it went to: another than asked when it began a new one.
    pub conversation: String,
    /// Its number there; 0 when refused.
    pub number: u32,
    /// Its place in the journal.
    pub position: u64,
    /// When the desk took it, in milliseconds UTC.
    pub at: u64,
    /// Whether it was sent.
    pub state: SendState,
    /// The text as stored, when the policies rewrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What the policies decided.
    pub verdict: Verdict,
}

impl Author {
    /// As `viewer` sees the author.
    pub fn of(author: &message::Author, desk: &Desk, viewer: &Viewer<'_>) -> Self {
        let side = |side| Self { side, agent: None, name: None };
        match author {
            message::Author::Consumer => side("consumer"),
            message::Author::Bot => side("bot"),
            message::Author::System => side("system"),
            message::Author::Agent(id) => Self {
                side: "agent",
                agent: viewer.is_account().then(|| id.to_string()),
                name: Some(
                    desk.agents
                        .get(id)
                        .map_or_else(|| id.to_string(), |agent| agent.name.to_string()),
                )
                .filter(|_| viewer.is_account() || desk.agents.contains_key(id)),
            },
        }
    }
}

impl From<&message::Attachment> for Attachment {
    fn from(attachment: &message::Attachment) -> Self {
        Self {
            id: attachment.id.to_string(),
            name: attachment.name.to_string(),
            mime: attachment.mime.to_string(),
            bytes: attachment.bytes,
            warning: attachment.warning.as_ref().map(ToString::to_string),
        }
    }
}

impl Message {
    /// A message with this body.
    pub fn new(
        id: MessageId,
        number: u32,
        at: Option<u64>,
        author: Author,
        body: &message::Body,
    ) -> Self {
        let choice = |choice: &message::Choice| Choice {
            title: choice.title.to_string(),
            payload: choice.payload.to_string(),
        };
        Self {
            id: id.to_string(),
            number,
            at,
            author,
            text: body.text.to_string(),
            attachments: body.attachments.iter().map(Attachment::from).collect(),
            choices: body.choices.iter().map(choice).collect(),
            note: false,
            refused: None,
        }
    }
}

impl From<&plugin::Verdict> for Verdict {
    fn from(verdict: &plugin::Verdict) -> Self {
        let with = |kind, code: &str, detail: &str| Self {
            kind,
            code: code.to_owned(),
            detail: detail.to_owned(),
        };
        match verdict {
            plugin::Verdict::Allow => with("allow", "", ""),
            plugin::Verdict::Warn { code, detail } => with("warn", code, detail),
            plugin::Verdict::Rewritten { code, detail } => with("rewritten", code, detail),
            plugin::Verdict::Deny { code, detail } => with("deny", code, detail),
        }
    }
}

impl From<&PluginDecision> for Decision {
    fn from(decision: &PluginDecision) -> Self {
        Self {
            plugin: decision.plugin.to_string(),
            version: decision.version.to_string(),
            digest: hex(&decision.digest),
            hook: decision.hook.to_string(),
            shadow: decision.shadow,
            outcome: decision.outcome.to_string(),
            code: decision.code.to_string(),
            detail: decision.detail.to_string(),
            evidence: decision.evidence.iter().map(ToString::to_string).collect(),
            settings: decision
                .settings
                .iter()
                .map(|pointer| SettingAt { pointer: pointer.to_string(), ..SettingAt::default() })
                .collect(),
        }
    }
}

/// Each plugin's part, as a list.
pub(crate) fn decisions(decisions: &[PluginDecision]) -> Vec<Decision> {
    decisions.iter().map(Decision::from).collect()
}
