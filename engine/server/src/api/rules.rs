//! Rules, generations, plugins, replies and histories as the API shows them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::event::Event;

/// The rules in force and how the last reload went.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RulesView {
    /// The generation in force (16 hexadecimal digits).
    pub generation: String,
    /// Since when, in milliseconds UTC.
    pub since: u64,
    /// What changed, in one line.
    pub summary: String,
    /// Whether what lies on disk is in force.
    pub healthy: bool,
    /// The files.
    pub files: Vec<RuleFile>,
    /// What is wrong with what lies on disk.
    pub problems: Vec<DiagnosticView>,
    /// Known generations, latest first.
    pub generations: Vec<GenerationView>,
}

/// A rule file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleFile {
    /// Path in the rules folder.
    pub path: String,
    /// `ok`, or `broken` while it keeps the files on disk from being put in force.
    pub state: &'static str,
}

/// Something wrong in a rule file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiagnosticView {
    /// `error` or `warning`.
    pub severity: String,
    /// Machine-readable kind.
    pub code: String,
    /// Path in the rules folder.
    pub file: String,
    /// Counted from 1; 0 where there is none.
    pub line: usize,
    /// Counted from 1; 0 where there is none.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A generation of the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GenerationView {
    /// Its name (16 hexadecimal digits).
    pub generation: String,
    /// When it came into force, in milliseconds UTC.
    pub at: u64,
    /// What changed, in one line.
    pub summary: String,
}

/// `POST /rules/rollback`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RollbackBody {
    /// Which generation; without one: the one before.
    pub to: Option<String>,
}

/// What differs between two generations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RulesDiff {
    /// The earlier one.
    pub from: String,
    /// The later one.
    pub to: String,
    /// Unified diff over the rule files.
    pub text: String,
}

/// Plugins as they run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PluginList {
    /// One object per binding.
    #[schema(value_type = Vec<Object>)]
    pub plugins: Vec<Value>,
}

/// A canned reply.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reply {
    /// Its id.
    pub id: String,
    /// Short title by language.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub title: std::collections::BTreeMap<String, String>,
    /// The text by language.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub text: std::collections::BTreeMap<String, String>,
    /// Departments it is meant for; empty: all.
    pub departments: Vec<String>,
}

/// Canned replies.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReplyList {
    /// The replies.
    pub replies: Vec<Reply>,
}

/// The events of one commit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StampedEvents {
    /// Its place in the journal.
    pub position: u64,
    /// When, in milliseconds UTC.
    pub at: u64,
    /// The rules it was decided under.
    pub generation: String,
    /// What happened, as far as the caller may see it.
    pub events: Vec<Event>,
}

/// A conversation's history.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventList {
    /// The commits, oldest first.
    pub commits: Vec<StampedEvents>,
    /// Whether there are more.
    pub more: bool,
}

/// Why a conversation stands where it stands: its decisions with their reasons, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The conversation.
    pub conversation: String,
    /// The decisions: queueing, offers, assignments, transfers, classifications, policies, closing.
    pub decisions: Vec<StampedEvents>,
}
