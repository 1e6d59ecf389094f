//! One question to one plugin, and its answer: the unit that cases, probes and chains share.
//!
//! How a question becomes a call is in `hooks.rs`; how several answers become a verdict is in `merge.rs`.

use std::hash::BuildHasher;
use std::sync::Arc;

use crate::hook::Hook;
use crate::input::{
    Attachment, CannedReply, Conversation, Emoji, Event, Explanation, Message, Side, Target,
    Trigger,
};
use crate::verdict::BotAction;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// Are these settings good?
    Setup {
        /// JSON text.
        settings: Arc<str>,
    },
    /// What is this conversation about?
    Classify {
        /// The conversation.
        conversation: Arc<Conversation>,
        /// Suggestions at most.
        limit: u32,
    },
    /// May it, should it go elsewhere?
    Transfer {
        /// Why asked.
        trigger: Trigger,
        /// What an agent asks for.
        requested: Option<Target>,
        /// The conversation.
        conversation: Arc<Conversation>,
    },
    /// May this be said?
    Message {
        /// The conversation.
        conversation: Arc<Conversation>,
        /// The message.
        message: Arc<Message>,
    },
    /// May these emojis be used?
    Emoji {
        /// By whom.
        by: Side,
        /// The conversation.
        conversation: Arc<Conversation>,
        /// The emojis.
        emojis: Arc<[Emoji]>,
    },
    /// May this file be sent?
    Attachment {
        /// By whom.
        by: Side,
        /// The conversation.
        conversation: Arc<Conversation>,
        /// The file.
        attachment: Arc<Attachment>,
        /// Its first bytes, 4,096 at most.
        head: Arc<[u8]>,
    },
    /// What do you answer?
    Bot {
        /// The conversation.
        conversation: Arc<Conversation>,
        /// The message; none when the consumer has just arrived.
        message: Option<Arc<Message>>,
        /// What the last answer returned.
        state: Option<Arc<[u8]>>,
    },
    /// This happened.
    Observe {
        /// What.
        event: Event,
        /// The conversation.
        conversation: Arc<Conversation>,
    },
    /// What could the agent answer?
    Replies {
        /// The conversation.
        conversation: Arc<Conversation>,
        /// The canned replies that may be used in it.
        canned: Arc<[CannedReply]>,
        /// Replies at most.
        limit: u32,
    },
}

impl Question {
    /// The hook it is for.
    pub fn hook(&self) -> Hook {
        match self {
            Question::Setup { .. } => Hook::Setup,
            Question::Classify { .. } => Hook::Classifier,
            Question::Transfer { .. } => Hook::TransferRules,
            Question::Message { .. } => Hook::MessagePolicy,
            Question::Emoji { .. } => Hook::EmojiPolicy,
            Question::Attachment { .. } => Hook::AttachmentPolicy,
            Question::Bot { .. } => Hook::Bot,
            Question::Observe { .. } => Hook::Observer,
            Question::Replies { .. } => Hook::Replies,
        }
    }

    /// The conversation it is about.
    pub fn conversation(&self) -> Option<&Arc<Conversation>> {
        match self {
            Question::Setup { .. } => None,
            Question::Classify { conversation, .. }
            | Question::Transfer { conversation, .. }
            | Question::Message { conversation, .. }
            | Question::Emoji { conversation, .. }
            | Question::Attachment { conversation, .. }
            | Question::Bot { conversation, .. }
            | Question::Observe { conversation, .. }
            | Question::Replies { conversation, .. } => Some(conversation),
        }
    }

    /// Whether somebody waits for the answer: a consumer, or an agent who asked for it.
    pub(crate) fn is_waited_for(&self) -> bool {
        match self {
            Question::Setup { .. }
            | Question::Message { .. }
            | Question::Emoji { .. }
            | Question::Attachment { .. }
            | Question::Bot { .. } => true,
            Question::Transfer { requested, .. } => requested.is_some(),
            Question::Classify { .. } | Question::Observe { .. } | Question::Replies { .. } => {
                false
            }
        }
    }

    /// What makes two questions the same to a plugin that fails on it: what was said or sent, not when.
    pub(crate) fn essence(&self, hasher: &impl BuildHasher) -> u64 {
        let recent = |conversation: &Conversation| -> u64 {
            hasher.hash_one(
                conversation.recent.iter().map(|message| message.text.clone()).collect::<Vec<_>>(),
            )
        };
        match self {
            Question::Setup { settings } => hasher.hash_one((0_u8, settings)),
            Question::Classify { conversation, .. } => {
                hasher.hash_one((1_u8, &conversation.id, recent(conversation)))
            }
            Question::Transfer { trigger, requested, conversation } => {
                hasher.hash_one((2_u8, trigger, requested, &conversation.id, recent(conversation)))
            }
            Question::Message { message, .. } => {
                hasher.hash_one((3_u8, &message.text, &message.attachments))
            }
            Question::Emoji { by, emojis, .. } => hasher.hash_one((4_u8, by, emojis)),
            Question::Attachment { attachment, head, .. } => {
                hasher.hash_one((5_u8, &attachment.name, attachment.bytes, &attachment.facts, head))
            }
            Question::Bot { conversation, message, state } => hasher.hash_one((
                6_u8,
                &conversation.id,
                message.as_ref().map(|message| &message.text),
                state,
            )),
            Question::Observe { event, conversation } => {
                hasher.hash_one((7_u8, event, &conversation.id))
            }
            Question::Replies { conversation, .. } => {
                hasher.hash_one((8_u8, &conversation.id, recent(conversation)))
            }
        }
    }
}

/// Something wrong with settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupProblem {
    /// JSON pointer into the settings.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

/// One suggestion of one classifier.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggested {
    /// Node of the tree.
    pub node: Arc<str>,
    /// 0 to 1.
    pub confidence: f32,
    /// Why.
    pub why: Option<Explanation>,
}

/// What one plugin says about a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferAnswer {
    /// Nothing.
    Abstain,
    /// It should stay.
    Stay(Explanation),
    /// It should go there.
    MoveTo(Target, Explanation),
    /// It must not go there.
    Forbid(Target, Explanation),
}

/// An edit as one plugin wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditAnswer {
    /// First byte.
    pub start: u32,
    /// After the last byte.
    pub end: u32,
    /// What should stand there.
    pub replacement: String,
    /// Why.
    pub why: Explanation,
}

/// What one plugin says about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageAnswer {
    /// Fine.
    Allow,
    /// Fine, but.
    Warn(Explanation),
    /// Fine when changed.
    Rewrite(Vec<EditAnswer>),
    /// No.
    Deny(Explanation),
}

/// What one plugin says about one emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmojiAnswer {
    /// Fine.
    Allow,
    /// Take it out.
    Strip(Explanation),
    /// Put this instead.
    Replace(String, Explanation),
    /// Refuse the message.
    Deny(Explanation),
}

/// What one plugin says about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachmentAnswer {
    /// Fine.
    Allow,
    /// Fine, but.
    Warn(Explanation),
    /// No.
    Deny(Explanation),
}

/// What one bot answers.
#[derive(Clone, Debug, PartialEq)]
pub struct BotAnswer {
    /// 0 to 1.
    pub confidence: f32,
    /// In order.
    pub actions: Vec<BotAction>,
    /// For the next call.
    pub state: Option<Vec<u8>>,
}

/// A reply that one plugin suggests.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplyAnswer {
    /// What the agent could send.
    pub text: String,
    /// The canned reply it is made from.
    pub canned: Option<String>,
    /// 0 to 1.
    pub confidence: f32,
    /// Why.
    pub why: Option<Explanation>,
}

/// What is answered: checked against the contract's bounds.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// What is wrong with the settings; nothing if empty.
    Setup(Vec<SetupProblem>),
    /// Suggestions as given.
    Classify(Vec<Suggested>),
    /// About a transfer.
    Transfer(TransferAnswer),
    /// About a message.
    Message(MessageAnswer),
    /// One for each emoji.
    Emoji(Vec<EmojiAnswer>),
    /// About a file.
    Attachment(AttachmentAnswer),
    /// The bot's reply, if it has one.
    Bot(Option<BotAnswer>),
    /// Seen.
    Observed,
    /// Replies as given.
    Replies(Vec<ReplyAnswer>),
    /// It has no opinion.
    NotApplicable,
}
