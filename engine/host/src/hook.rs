//! The closed lists of what a plugin may export and import. Nothing else about them; see [`crate::manifest`] for who may
//! what.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An interface that a plugin may export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// Checks settings.
    Setup,
    /// Suggests nodes of the classification tree.
    Classifier,
    /// Judges and proposes transfers.
    TransferRules,
    /// Judges messages.
    MessagePolicy,
    /// Judges emojis.
    EmojiPolicy,
    /// Judges files.
    AttachmentPolicy,
    /// Answers before a human.
    Bot,
    /// Is told afterwards.
    Observer,
    /// Suggests what an agent could answer.
    Replies,
}

impl Hook {
    /// All of them.
    pub const ALL: [Hook; 9] = [
        Hook::Setup,
        Hook::Classifier,
        Hook::TransferRules,
        Hook::MessagePolicy,
        Hook::EmojiPolicy,
        Hook::AttachmentPolicy,
        Hook::Bot,
        Hook::Observer,
        Hook::Replies,
    ];

    /// The interface's name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Hook::Setup => "setup",
            Hook::Classifier => "classifier",
            Hook::TransferRules => "transfer-rules",
            Hook::MessagePolicy => "message-policy",
            Hook::EmojiPolicy => "emoji-policy",
            Hook::AttachmentPolicy => "attachment-policy",
            Hook::Bot => "bot",
            Hook::Observer => "observer",
            Hook::Replies => "replies",
        }
    }

    /// CPU time a call has when neither manifest nor operator says otherwise, in milliseconds.
    pub fn default_time_ms(self) -> u32 {
        match self {
            Hook::MessagePolicy | Hook::EmojiPolicy | Hook::AttachmentPolicy | Hook::Observer => 5,
            Hook::Classifier | Hook::TransferRules | Hook::Replies => 20,
            Hook::Bot | Hook::Setup => 50,
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Hook {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Hook::ALL
            .into_iter()
            .find(|hook| hook.name() == text)
            .ok_or_else(|| format!("there is no hook `{text}`"))
    }
}

/// An interface that a plugin may import, or a personal field that it may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub enum Grant {
    /// Write to the host's log.
    #[serde(rename = "log")]
    Log,
    /// Read its own settings.
    #[serde(rename = "settings")]
    Settings,
    /// Match pattern sets.
    #[serde(rename = "patterns")]
    Patterns,
    /// Read the classification tree.
    #[serde(rename = "catalogue")]
    Catalogue,
    /// Read files of its own package.
    #[serde(rename = "assets")]
    Assets,
    /// Read older messages of the conversation.
    #[serde(rename = "history")]
    History,
    /// Read departments and agents.
    #[serde(rename = "directory")]
    Directory,
    /// See participants' names.
    #[serde(rename = "participant.name")]
    ParticipantName,
    /// See participants' languages.
    #[serde(rename = "participant.locale")]
    ParticipantLocale,
}

impl Grant {
    /// All of them.
    pub const ALL: [Grant; 9] = [
        Grant::Log,
        Grant::Settings,
        Grant::Patterns,
        Grant::Catalogue,
        Grant::Assets,
        Grant::History,
        Grant::Directory,
        Grant::ParticipantName,
        Grant::ParticipantLocale,
    ];

    /// As written in manifests and rule files.
    pub fn name(self) -> &'static str {
        match self {
            Grant::Log => "log",
            Grant::Settings => "settings",
            Grant::Patterns => "patterns",
            Grant::Catalogue => "catalogue",
            Grant::Assets => "assets",
            Grant::History => "history",
            Grant::Directory => "directory",
            Grant::ParticipantName => "participant.name",
            Grant::ParticipantLocale => "participant.locale",
        }
    }

    /// Whether it gives nothing away and so needs no grant.
    pub fn is_free(self) -> bool {
        matches!(self, Grant::Log | Grant::Settings)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Grant {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Grant::ALL
            .into_iter()
            .find(|grant| grant.name() == text)
            .ok_or_else(|| format!("there is no permission `{text}`"))
    }
}

/// Permissions as a small set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Grants(u16);

impl Grants {
    /// None at all.
    pub const NONE: Grants = Grants(0);

    /// Every one.
    pub fn all() -> Self {
        Grant::ALL.into_iter().collect()
    }
    /// Whether it holds this one (or this one is free).
    pub fn has(self, grant: Grant) -> bool {
        grant.is_free() || self.0 & (1 << grant as u16) != 0
    }
    /// With one more.
    #[must_use]
    pub fn with(self, grant: Grant) -> Self {
        Grants(self.0 | 1 << grant as u16)
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        grants.into_iter().fold(Grants::NONE, Grants::with)
    }
}
