//! Rules, generations, plugins, replies and histories as the API shows them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event::{Event, Skipped};

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
    /// Whether an older generation holds until the files change.
    pub rolled_back: bool,
    /// The files.
    pub files: Vec<RuleFile>,
    /// What is wrong with what lies on disk.
    pub problems: Vec<DiagnosticView>,
    /// What is doubtful about the rules in force, though they work.
    pub warnings: Vec<DiagnosticView>,
    /// Known generations, latest first.
    pub generations: Vec<GenerationView>,
    /// How the rules came into force, latest first.
    pub history: Vec<ActivationView>,
}

/// A rule file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleFile {
    /// Path in the rules folder.
    pub path: String,
    /// `ok` when it is in force as it lies on disk; `broken` while it keeps the files on disk from being put in force;
    /// `changed`, `added` or `removed` when it differs from what is in force without being broken itself.
    pub state: &'static str,
}

/// A rule file as it lies on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleFileView {
    /// Path in the rules folder.
    pub path: String,
    /// As in the list of files.
    pub state: &'static str,
    /// What stands in it; what is not UTF-8 is replaced.
    pub text: String,
    /// What of it is in force, where that differs from what lies on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_force: Option<String>,
    /// Problems and warnings in it.
    pub problems: Vec<DiagnosticView>,
}

/// Rules that came into force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActivationView {
    /// Which generation (16 hexadecimal digits).
    pub generation: String,
    /// When, in milliseconds UTC.
    pub at: u64,
    /// What changed, in one line.
    pub summary: String,
    /// `start` when the desk began with them, `files` when files on disk had changed, `desk` when it took a plugin back to
    /// shadow, `account` or `operator` for a rollback or a promotion.
    pub by: &'static str,
    /// The account that asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
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
    /// Counted from 1 in characters; 0 where there is none.
    pub column: usize,
    /// Last line; 0 where there is none.
    pub end_line: usize,
    /// Column after the last character; 0 where there is none.
    pub end_column: usize,
    /// What is wrong.
    pub message: String,
    /// Words under the marked text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Other places that matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<RelatedView>,
}

/// Another place that matters for a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RelatedView {
    /// Path as people know it.
    pub file: String,
    /// Counted from 1; 0 where there is none.
    pub line: usize,
    /// What stands there.
    pub message: String,
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
    /// One per binding, in the order of `plugins.toml`.
    pub plugins: Vec<PluginView>,
}

/// A plugin as it is bound and as it runs. Figures count since the start of the desk.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PluginView {
    /// The binding's id.
    pub plugin: String,
    /// The package's version.
    pub version: Option<String>,
    /// The package's digest (16 hexadecimal digits).
    pub digest: Option<String>,
    /// Its package in the plugins' folder.
    pub file: String,
    /// `enforce`, `shadow` or `off`, where a hook says nothing else.
    pub mode: &'static str,
    /// `open` or `closed`, where a hook says nothing else.
    pub on_failure: &'static str,
    /// What it may ask of the engine.
    pub grants: Vec<String>,
    /// Departments it is asked for; empty: all.
    pub departments: Vec<String>,
    /// Its settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsView>,
    /// How far its word counts, and how it does. Counted from the journal, for its present version and settings.
    pub promotion: PromotionView,
    /// Where it is asked.
    pub hooks: Vec<HookView>,
}

/// How far a plugin's word counts, and how it does at its present revision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromotionView {
    /// Package and settings as one number (16 hexadecimal digits); figures are kept for each revision.
    pub revision: String,
    /// In mode `enforce`: of so many of 100 conversations its word counts.
    pub percent: u8,
    /// The plugin whose place it takes there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// The least share of right suggestions that the rules ask for, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_precision: Option<f64>,
    /// Of how many of the last choices the share is taken.
    pub window: u32,
    /// When this revision was first heard, in milliseconds UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// In shadow: times it would have decided what was decided.
    pub agreed: u64,
    /// In shadow: times it would not.
    pub differed: u64,
    /// Conversations in which people chose what it had suggested first.
    pub right: u64,
    /// Conversations in which they chose something else.
    pub wrong: u64,
    /// Of the last `window` of these: how many were right …
    pub window_right: u32,
    /// … of so many.
    pub window_of: u32,
    /// `window_right / window_of`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// Whether that falls short of what the rules ask: it is not promoted, and steps back where it counts.
    pub falls_short: bool,
    /// The last time the desk took this revision back to shadow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stepped_back: Option<StepBackView>,
}

/// The desk took a plugin back to shadow.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StepBackView {
    /// When, in milliseconds UTC.
    pub at: u64,
    /// Right suggestions …
    pub right: u32,
    /// … of so many …
    pub of: u32,
    /// … where the rules asked for this share.
    pub min_precision: f64,
}

/// `POST /plugins/{plugin}/promote`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromoteBody {
    /// Of so many of 100 conversations its word is to count, 1 to 100.
    pub percent: u8,
}

/// The settings of a plugin.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettingsView {
    /// Their file.
    pub file: String,
    /// Changes with what stands in it (16 hexadecimal digits).
    pub revision: String,
}

/// A plugin at one hook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HookView {
    /// Which: `classifier`, `message-policy`, …
    pub hook: &'static str,
    /// `enforce`, `shadow` or `off`.
    pub mode: &'static str,
    /// `open` or `closed`.
    pub on_failure: &'static str,
    /// Calls made.
    pub calls: u64,
    /// Failures by kind, those that occurred.
    pub failures: BTreeMap<&'static str, u64>,
    /// `closed` when it is asked, `open` while it is left alone, `probing` when it is tried again.
    pub breaker: &'static str,
    /// Why it is left alone.
    pub reason: Option<String>,
    /// Milliseconds until it is tried again.
    pub retry_in_ms: Option<u64>,
    /// Half of the calls took no longer, in microseconds, as near as the histogram tells.
    pub p50_us: Option<u64>,
    /// 99 of 100 calls took no longer.
    pub p99_us: Option<u64>,
    /// The most memory of a call.
    pub peak_memory_bytes: u64,
    /// In shadow: times the decision would have been the same.
    pub shadow_agreed: u64,
    /// In shadow: times it would not.
    pub shadow_disagreed: u64,
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

/// How a conversation stands now, and what stands against giving it to each agent of its department.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Standing {
    /// As in the conversation.
    pub state: &'static str,
    /// Its department.
    pub department: Option<String>,
    /// Whether the department is outside its hours.
    pub department_closed: bool,
    /// Who has it or is offered it.
    pub agent: Option<String>,
    /// Place in the queue, counted from 1.
    pub position: Option<usize>,
    /// Estimated wait for one more conversation of this department, in milliseconds; absent: nobody is there.
    pub estimated_wait_ms: Option<u64>,
    /// It waits for this agent by name.
    pub awaits: Option<String>,
    /// The agent it would return to because they know each other.
    pub recontact: Option<String>,
    /// Agents who could be given it, with their load.
    pub free: Vec<(String, u32)>,
    /// Agents who could not, with the reason.
    pub skipped: Vec<Skipped>,
}

/// Why a conversation stands where it stands: its decisions with their reasons, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The conversation.
    pub conversation: String,
    /// How it stands now, unless it has left the desk's memory.
    pub now: Option<Standing>,
    /// The decisions: queueing, offers, assignments, transfers, classifications, policies, closing.
    pub decisions: Vec<StampedEvents>,
}
