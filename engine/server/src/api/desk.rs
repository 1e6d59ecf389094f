//! What a client has to know of the desk's rules, so that it need not guess.

use dialogo_domain::rules::{FinishPolicy, OfferMode, Text};
use serde::Serialize;
use utoipa::ToSchema;

/// What holds at this desk, as far as the caller has to do with it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DeskView {
    /// The desk's name by language.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub name: Text,
    /// Its languages, the first being the default.
    pub languages: Vec<String>,
    /// The rules this was read from.
    pub generation: String,
    /// How long a message may be.
    pub message: MessageBounds,
    /// Which files may be sent.
    pub attachments: AttachmentBounds,
    /// How long after the end a new message goes on with the same conversation, in milliseconds.
    pub reopen_window_ms: u64,
    /// What only accounts have to do with.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub work: Option<WorkRules>,
}

/// What holds for those who work at the desk.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WorkRules {
    /// Name of the time zone hours and days are meant in.
    pub timezone: String,
    /// Conversations at once, before departments and agents lower it.
    pub limit: u32,
    /// Whether agents may set a lower limit for themselves.
    pub agents_may_lower_limit: bool,
    /// What a finish does.
    pub finish: FinishRules,
    /// How an assignment reaches an agent.
    pub offers: OfferRules,
    /// Most transfers in one segment of a conversation.
    pub max_transfers: u32,
    /// What agents choose from when they pause, by language. The presence keeps the first language's text.
    #[schema(value_type = Vec<std::collections::BTreeMap<String, String>>)]
    pub pause_reasons: Vec<Text>,
}

/// What a finish does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FinishRules {
    /// What it does without a classification: `off` nothing, `remind` puts it in the list to classify, `require` refuses.
    pub classification: &'static str,
    /// How long it can be taken back, in milliseconds.
    pub undo_ms: u64,
}

/// How an assignment reaches an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OfferRules {
    /// Whether it has to be accepted.
    pub manual: bool,
    /// How long there is for that, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept_within_ms: Option<u64>,
}

/// How long a message may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MessageBounds {
    /// Most bytes of its text in UTF-8.
    pub max_bytes: usize,
}

/// Which files may be sent. A policy may refuse what these bounds let through: it looks into the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttachmentBounds {
    /// Largest file taken at all.
    pub max_bytes: u64,
    /// Most files in one message.
    pub max_per_message: u32,
    /// What the policies' settings say of the caller's side, as a hint for choosing files: types (`image/png`, `image/*`)
    /// and the words `office` and `archive`. Absent where they say nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<Vec<String>>,
}

impl From<OfferMode> for OfferRules {
    fn from(mode: OfferMode) -> Self {
        match mode {
            OfferMode::Immediate => Self { manual: false, accept_within_ms: None },
            OfferMode::Manual { timeout_ms } => {
                Self { manual: true, accept_within_ms: Some(timeout_ms) }
            }
        }
    }
}

/// The finish policy's name.
pub(crate) fn finish_policy(policy: FinishPolicy) -> &'static str {
    match policy {
        FinishPolicy::Off => "off",
        FinishPolicy::Remind => "remind",
        FinishPolicy::Require => "require",
    }
}
