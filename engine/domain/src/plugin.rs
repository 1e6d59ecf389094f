//! What plugins said, as data: recorded in the events it led to, so that replaying them needs no plugin.

use std::sync::Arc;

use crate::id::PluginId;

/// One plugin's answer to one question, as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginDecision {
    /// Which plugin.
    pub plugin: PluginId,
    /// Its version.
    pub version: Arc<str>,
    /// SHA-256 of the component.
    pub digest: [u8; 32],
    /// Interface name: `message-policy`, `classifier`, …
    pub hook: Arc<str>,
    /// Whether it counted (`enforce`) or was only watched (`shadow`).
    pub shadow: bool,
    /// What it said in one word: `allow`, `deny`, `rewrite`, `suggest`, `failed:deadline`, …
    pub outcome: Arc<str>,
    /// Machine-readable reason, empty if none was given.
    pub code: Arc<str>,
    /// Reason for people.
    pub detail: Arc<str>,
    /// Words or facts it rests on.
    pub evidence: Vec<Arc<str>>,
}

/// The merged verdict of all policies over a message or a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What was decided.
    pub verdict: Verdict,
    /// Each plugin's part in it.
    pub decisions: Vec<PluginDecision>,
}

/// What the policies decided, strongest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// As written.
    #[default]
    Allow,
    /// As written, with a warning to the sender.
    Warn {
        /// Machine-readable reason.
        code: Arc<str>,
        /// Reason for people.
        detail: Arc<str>,
    },
    /// The text was changed before it was stored; the command carries the new one.
    Rewritten {
        /// Machine-readable reason.
        code: Arc<str>,
        /// Reason for people.
        detail: Arc<str>,
    },
    /// Not sent.
    Deny {
        /// Machine-readable reason.
        code: Arc<str>,
        /// Reason for people.
        detail: Arc<str>,
    },
}

/// One suggested classification.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The node.
    pub node: crate::id::NodeId,
    /// 0..=1.
    pub confidence: f32,
    /// Who proposed it.
    pub plugins: Vec<PluginId>,
    /// The words that led to it.
    pub evidence: Vec<Arc<str>>,
}
