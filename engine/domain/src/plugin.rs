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
    /// What of its settings spoke, as JSON pointers; empty where it does not say.
    pub settings: Vec<Arc<str>>,
    /// Package and settings it answered with, as one number: answers of one revision are measured together; 0: not told.
    pub revision: u64,
    /// In shadow: whether what was decided is what it said; `None` where nobody compared.
    pub agrees: Option<bool>,
    /// The node a classifier would have had shown first; `None`: none it was sure enough of.
    pub suggests: Option<crate::id::NodeId>,
}

/// A plugin's word stops counting because too many of its suggestions were wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct SteppedBack {
    /// Which plugin.
    pub plugin: PluginId,
    /// The revision that was measured.
    pub revision: u64,
    /// Of the last choices of people, those it had suggested.
    pub right: u32,
    /// How many choices that were.
    pub of: u32,
    /// The share that the rules ask for, 0..=1.
    pub min_precision: f64,
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
