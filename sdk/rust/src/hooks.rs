//! The hooks: one trait each. Implement what your plugin does and name it in [`crate::export!`].
//!
//! The functions have no `self`: a sandbox lives for one call, and what outlives a call when an
//! instance is reused belongs in a [`crate::Prepared`]. All that a call may know comes in its
//! arguments, so that every call can be replayed from its recording.

use std::marker::PhantomData;

/// Joins a plugin's traits to the generated exports; [`crate::export!`] names it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Adapter<T>(PhantomData<T>);

/// Everything for `setup`: settings are checked once per generation of the rules.
#[cfg(feature = "setup")]
pub mod setup {
    use super::Adapter;
    use crate::bindings;
    pub use bindings::setup::exports::dialogo::plugin::setup::Problem;

    /// Checks the settings and builds what the calls need.
    pub trait Setup {
        /// Called once per generation of the rules, and once in each instance that is to be reused.
        ///
        /// # Errors
        /// All problems at once, each with its place in the settings; the engine shows them in the admin's
        /// file with line and column.
        fn prepare(settings: &str) -> Result<(), Vec<Problem>>;
    }

    impl<T: Setup> bindings::setup::exports::dialogo::plugin::setup::Guest for Adapter<T> {
        fn prepare(settings: String) -> Result<(), Vec<Problem>> {
            crate::panics::install();
            T::prepare(&settings)
        }
    }

    /// Reads the settings that `prepare` was given.
    ///
    /// # Errors
    /// One problem at the top of the settings with serde's words. The package's schema should have caught it before.
    pub fn read<T: serde::de::DeserializeOwned>(settings: &str) -> Result<T, Vec<Problem>> {
        serde_json::from_str(settings).map_err(|fault| vec![problem("", fault.to_string())])
    }

    /// A problem at `path`, a JSON pointer into the settings (`/rule/0/node`).
    pub fn problem(path: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { path: path.into(), message: message.into() }
    }
}
#[cfg(feature = "setup")]
pub use setup::Setup;

/// Everything for `classifier`.
#[cfg(feature = "classifier")]
pub mod classifier {
    use super::Adapter;
    use crate::bindings;
    use crate::{CallContext, Conversation, PluginError};
    pub use bindings::classifier::exports::dialogo::plugin::classifier::Suggestion;

    /// Suggests what a conversation is about.
    pub trait Classifier {
        /// At most `limit` nodes of the tree, the surest first, each with a confidence of 0 to 1.
        fn suggest(
            context: &CallContext,
            conversation: &Conversation,
            limit: usize,
        ) -> Result<Vec<Suggestion>, PluginError>;
    }

    impl<T: Classifier> bindings::classifier::exports::dialogo::plugin::classifier::Guest
        for Adapter<T>
    {
        fn suggest(
            context: CallContext,
            conversation: Conversation,
            limit: u32,
        ) -> Result<Vec<Suggestion>, PluginError> {
            crate::panics::install();
            T::suggest(&context, &conversation, limit as usize)
        }
    }
}
#[cfg(feature = "classifier")]
pub use classifier::Classifier;

/// Everything for `transfer-rules`.
#[cfg(feature = "transfer-rules")]
pub mod transfer_rules {
    use super::Adapter;
    use crate::bindings;
    use crate::{CallContext, Conversation, PluginError};
    pub use bindings::transfer_rules::exports::dialogo::plugin::transfer_rules::{
        Decision, Target, Trigger,
    };

    /// Judges a transfer that was asked for, or proposes one.
    pub trait TransferRules {
        /// `requested` is what an agent asks for; without it the engine asks on its own, see `trigger`.
        fn decide(
            context: &CallContext,
            trigger: Trigger,
            requested: Option<&Target>,
            conversation: &Conversation,
        ) -> Result<Decision, PluginError>;
    }

    impl<T: TransferRules> bindings::transfer_rules::exports::dialogo::plugin::transfer_rules::Guest
        for Adapter<T>
    {
        fn decide(
            context: CallContext,
            trigger: Trigger,
            requested: Option<Target>,
            conversation: Conversation,
        ) -> Result<Decision, PluginError> {
            crate::panics::install();
            T::decide(&context, trigger, requested.as_ref(), &conversation)
        }
    }
}
#[cfg(feature = "transfer-rules")]
pub use transfer_rules::TransferRules;

/// Everything for `message-policy`.
#[cfg(feature = "message-policy")]
pub mod message_policy {
    use super::Adapter;
    use crate::bindings;
    use crate::{CallContext, Conversation, Message, PluginError};
    pub use bindings::message_policy::exports::dialogo::plugin::message_policy::{Edit, Verdict};

    /// Judges a message before it is stored.
    pub trait MessagePolicy {
        /// Allow, warn, rewrite by edits, or deny.
        fn check(
            context: &CallContext,
            conversation: &Conversation,
            message: &Message,
        ) -> Result<Verdict, PluginError>;
    }

    impl<T: MessagePolicy> bindings::message_policy::exports::dialogo::plugin::message_policy::Guest
        for Adapter<T>
    {
        fn check(
            context: CallContext,
            conversation: Conversation,
            message: Message,
        ) -> Result<Verdict, PluginError> {
            crate::panics::install();
            T::check(&context, &conversation, &message)
        }
    }
}
#[cfg(feature = "message-policy")]
pub use message_policy::MessagePolicy;

/// Everything for `emoji-policy`.
#[cfg(feature = "emoji-policy")]
pub mod emoji_policy {
    use super::Adapter;
    use crate::bindings;
    use crate::{CallContext, Conversation, Emoji, PluginError, Side};
    pub use bindings::emoji_policy::exports::dialogo::plugin::emoji_policy::Verdict;

    /// Judges the emojis of a message.
    pub trait EmojiPolicy {
        /// One verdict for each emoji, in order.
        fn check(
            context: &CallContext,
            by: Side,
            conversation: &Conversation,
            emojis: &[Emoji],
        ) -> Result<Vec<Verdict>, PluginError>;
    }

    impl<T: EmojiPolicy> bindings::emoji_policy::exports::dialogo::plugin::emoji_policy::Guest
        for Adapter<T>
    {
        fn check(
            context: CallContext,
            by: Side,
            conversation: Conversation,
            emojis: Vec<Emoji>,
        ) -> Result<Vec<Verdict>, PluginError> {
            crate::panics::install();
            T::check(&context, by, &conversation, &emojis)
        }
    }
}
#[cfg(feature = "emoji-policy")]
pub use emoji_policy::EmojiPolicy;

/// Everything for `attachment-policy`.
#[cfg(feature = "attachment-policy")]
pub mod attachment_policy {
    use super::Adapter;
    use crate::bindings;
    use crate::{Attachment, CallContext, Conversation, PluginError, Side};
    pub use bindings::attachment_policy::exports::dialogo::plugin::attachment_policy::Verdict;

    /// Judges a file before it is stored.
    pub trait AttachmentPolicy {
        /// `head` holds the first 4,096 bytes at most; what the host found inside stands in the facts.
        fn check(
            context: &CallContext,
            by: Side,
            conversation: &Conversation,
            attachment: &Attachment,
            head: &[u8],
        ) -> Result<Verdict, PluginError>;
    }

    impl<T: AttachmentPolicy>
        bindings::attachment_policy::exports::dialogo::plugin::attachment_policy::Guest
        for Adapter<T>
    {
        fn check(
            context: CallContext,
            by: Side,
            conversation: Conversation,
            attachment: Attachment,
            head: Vec<u8>,
        ) -> Result<Verdict, PluginError> {
            crate::panics::install();
            T::check(&context, by, &conversation, &attachment, &head)
        }
    }
}
#[cfg(feature = "attachment-policy")]
pub use attachment_policy::AttachmentPolicy;

/// Everything for `bot`.
#[cfg(feature = "bot")]
pub mod bot {
    use super::Adapter;
    use crate::bindings;
    use crate::{CallContext, Conversation, Message, PluginError};
    pub use bindings::bot::exports::dialogo::plugin::bot::{Action, QuickReply, Reply};

    /// Answers before a human does.
    pub trait Bot {
        /// `message`: none when the consumer has just arrived. `state`: what the last answer returned for this
        /// conversation. None as the answer: the bot has nothing to say.
        fn answer(
            context: &CallContext,
            conversation: &Conversation,
            message: Option<&Message>,
            state: Option<&[u8]>,
        ) -> Result<Option<Reply>, PluginError>;
    }

    impl<T: Bot> bindings::bot::exports::dialogo::plugin::bot::Guest for Adapter<T> {
        fn answer(
            context: CallContext,
            conversation: Conversation,
            message: Option<Message>,
            state: Option<Vec<u8>>,
        ) -> Result<Option<Reply>, PluginError> {
            crate::panics::install();
            T::answer(&context, &conversation, message.as_ref(), state.as_deref())
        }
    }
}
#[cfg(feature = "bot")]
pub use bot::Bot;

/// Everything for `observer`.
#[cfg(feature = "observer")]
pub mod observer {
    use super::Adapter;
    use crate::bindings;
    use crate::{CallContext, Conversation};
    pub use bindings::observer::exports::dialogo::plugin::observer::Event;

    /// Sees what happened, after the fact.
    pub trait Observer {
        /// Its end never changes anything.
        fn seen(context: &CallContext, event: Event, conversation: &Conversation);
    }

    impl<T: Observer> bindings::observer::exports::dialogo::plugin::observer::Guest for Adapter<T> {
        fn seen(context: CallContext, event: Event, conversation: Conversation) {
            crate::panics::install();
            T::seen(&context, event, &conversation);
        }
    }
}
#[cfg(feature = "observer")]
pub use observer::Observer;

/// Everything for `replies`.
#[cfg(feature = "replies")]
pub mod replies {
    use super::Adapter;
    use crate::bindings;
    use crate::{CallContext, Conversation, PluginError};
    pub use bindings::replies::exports::dialogo::plugin::replies::{CannedReply, SuggestedReply};

    /// Suggests to the agent what could be answered.
    pub trait Replies {
        /// At most `limit` texts, the surest first, each with a confidence of 0 to 1. `canned`: what the desk keeps ready
        /// for this conversation.
        fn suggest(
            context: &CallContext,
            conversation: &Conversation,
            canned: &[CannedReply],
            limit: usize,
        ) -> Result<Vec<SuggestedReply>, PluginError>;
    }

    impl<T: Replies> bindings::replies::exports::dialogo::plugin::replies::Guest for Adapter<T> {
        fn suggest(
            context: CallContext,
            conversation: Conversation,
            canned: Vec<CannedReply>,
            limit: u32,
        ) -> Result<Vec<SuggestedReply>, PluginError> {
            crate::panics::install();
            T::suggest(&context, &conversation, &canned, limit as usize)
        }
    }
}
#[cfg(feature = "replies")]
pub use replies::Replies;
