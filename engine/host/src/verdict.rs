//! What comes back: merged verdicts, and one decision per plugin asked, for the journal.
//!
//! Plain values, independent of the contract's generated types. How verdicts are merged is in `merge.rs`.

use std::sync::Arc;

use crate::failure::Failure;
use crate::hook::Hook;
pub use crate::input::{Explanation, Target};

/// What is done with a plugin's verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It counts.
    Enforce,
    /// It is asked and recorded, and never counts.
    Shadow,
    /// It is not asked.
    Off,
}

/// What happens when a plugin fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnFailure {
    /// As if it had no opinion.
    Open,
    /// Deny, saying why. For hooks that cannot deny (classifier, bot, observer, replies) the same as open.
    Closed,
}

/// What one plugin said about one event. Recorded by the desk.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The binding's id.
    pub plugin: Arc<str>,
    /// The plugin's version.
    pub version: Arc<str>,
    /// SHA-256 of the component, in hexadecimal; empty if the plugin is missing.
    pub module_digest: Arc<str>,
    /// Which hook.
    pub hook: Hook,
    /// Whether it counted.
    pub mode: Mode,
    /// In a word or two: `allow`, `deny`, `strip 1 of 2`, `billing.slip 0.82`, `no opinion`, or the failure's kind.
    pub verdict: String,
    /// What it explained.
    pub explanations: Vec<Explanation>,
    /// Wall time of the call, in microseconds; 0 if it was not asked.
    pub took_us: u64,
    /// Why it gave no verdict.
    pub failure: Option<Failure>,
    /// What its failure meant, if it failed.
    pub on_failure: OnFailure,
    /// For a plugin in shadow: whether the merged verdict is the one it gave.
    pub agrees: Option<bool>,
    /// Of a classifier: the node it is surest of, and how sure.
    pub best: Option<(Arc<str>, f32)>,
}

/// An explanation and who gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The binding's id.
    pub plugin: Arc<str>,
    /// What it said.
    pub explanation: Explanation,
}

/// A replacement in the original text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// First byte in the original text.
    pub start: u32,
    /// After the last byte in the original text.
    pub end: u32,
    /// What stands there instead.
    pub replacement: String,
    /// Who wanted it and why.
    pub reason: Reason,
}

/// An edit that was left out because an earlier one overlaps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Whose edit stayed.
    pub kept: Arc<str>,
    /// The edit that was left out.
    pub dropped: Edit,
}

/// What is to become of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageVerdict {
    /// It goes out as it is.
    Allow,
    /// It goes out, with a warning.
    Warn(Vec<Reason>),
    /// It goes out changed.
    Rewrite {
        /// The new text.
        text: String,
        /// What was changed, by place in the original.
        edits: Vec<Edit>,
        /// Warnings besides.
        warnings: Vec<Reason>,
    },
    /// It does not go out.
    Deny(Vec<Reason>),
}

/// Answer to `judge_message`.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageOutcome {
    /// Merged verdict of message and emoji policies.
    pub verdict: MessageVerdict,
    /// Edits left out.
    pub conflicts: Vec<Conflict>,
    /// One per plugin asked.
    pub decisions: Vec<Decision>,
}

/// What is to become of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachmentVerdict {
    /// It is taken.
    Allow,
    /// It is taken, with a warning.
    Warn(Vec<Reason>),
    /// It is refused.
    Deny(Vec<Reason>),
}

/// Answer to `judge_attachment`.
#[derive(Clone, Debug, PartialEq)]
pub struct AttachmentOutcome {
    /// Merged verdict.
    pub verdict: AttachmentVerdict,
    /// One per plugin asked.
    pub decisions: Vec<Decision>,
}

/// What one classifier says about one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The binding's id.
    pub plugin: Arc<str>,
    /// Its confidence, 0 to 1.
    pub confidence: f32,
    /// Why.
    pub why: Option<Explanation>,
}

/// A suggested node.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// Its id in the tree.
    pub node: Arc<str>,
    /// The highest of its sources.
    pub confidence: f32,
    /// Who suggests it, most confident first.
    pub sources: Vec<Source>,
}

/// Answer to `classify`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassifyOutcome {
    /// Most confident first, at most as many as asked for.
    pub suggestions: Vec<Suggestion>,
    /// One per plugin asked.
    pub decisions: Vec<Decision>,
}

/// Where a plugin wants a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// Where it is.
    Stay(Reason),
    /// Elsewhere.
    MoveTo(Target, Reason),
}

/// Answer to `judge_transfer`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransferOutcome {
    /// Targets that are forbidden, with the reasons: the union of all denials.
    pub forbidden: Vec<(Target, Reason)>,
    /// The first proposal, in the chain's order, that is not forbidden.
    pub proposal: Option<Proposal>,
    /// One per plugin asked.
    pub decisions: Vec<Decision>,
}

impl TransferOutcome {
    /// The reasons why this target is forbidden; empty if it is not.
    pub fn why_not(&self, target: &Target) -> Vec<&Reason> {
        self.forbidden
            .iter()
            .filter(|(forbidden, _)| forbidden == target)
            .map(|(_, reason)| reason)
            .collect()
    }
}

/// One thing a bot does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BotAction {
    /// Says something.
    Say(String),
    /// Says something and offers answers: title and payload.
    Choices(String, Vec<(String, String)>),
    /// Chooses a node.
    Classify(String),
    /// Gives the conversation to people, perhaps to a department.
    HandOver(Option<String>, Explanation),
    /// Ends the conversation.
    Close(Explanation),
}

/// What a bot answers.
#[derive(Clone, Debug, PartialEq)]
pub struct BotReply {
    /// The binding's id.
    pub plugin: Arc<str>,
    /// 0 to 1.
    pub confidence: f32,
    /// In order.
    pub actions: Vec<BotAction>,
    /// To be handed in with the next call for this conversation.
    pub state: Option<Vec<u8>>,
}

/// Answer to `answer`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BotOutcome {
    /// Of the first bot, in the chain's order, that has one.
    pub reply: Option<BotReply>,
    /// One per plugin asked.
    pub decisions: Vec<Decision>,
}

/// Answer to `observe`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObserveOutcome {
    /// One per plugin told.
    pub decisions: Vec<Decision>,
}

/// A reply suggested to an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct SuggestedReply {
    /// The binding's id.
    pub plugin: Arc<str>,
    /// What the agent could send, with placeholders in braces.
    pub text: Arc<str>,
    /// The canned reply it is made from.
    pub canned: Option<Arc<str>>,
    /// 0 to 1.
    pub confidence: f32,
    /// Why.
    pub why: Option<Explanation>,
}

/// Answer to `suggest_replies`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RepliesOutcome {
    /// Most confident first, at most as many as asked for, each text once.
    pub replies: Vec<SuggestedReply>,
    /// One per plugin asked.
    pub decisions: Vec<Decision>,
}
