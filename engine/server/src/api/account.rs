//! Accounts, departments and the classification tree as the API shows them.

use dialogo_domain::agent::Presence;
use dialogo_domain::capacity::effective_limit;
use dialogo_domain::rules::Text;
use dialogo_domain::tree;
use dialogo_domain::{AgentId, Desk, NodeId, Rules, agent};
use serde::Serialize;
use utoipa::ToSchema;

use super::event::Viewer;
use super::names;

/// An agent by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgentRef {
    /// The login; not shown to consumers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name shown.
    pub name: String,
}

impl AgentRef {
    /// As `viewer` sees the agent.
    pub fn of(id: &AgentId, desk: &Desk, viewer: &Viewer<'_>) -> Self {
        let known = desk.agents.get(id).map(|agent| agent.name.to_string());
        // A consumer never sees a login, not even where the name is not known.
        let name = known
            .unwrap_or_else(|| if viewer.is_account() { id.to_string() } else { String::new() });
        Self { id: viewer.is_account().then(|| id.to_string()), name }
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Agent {
    /// The login.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// `agent`, `supervisor` or `admin`.
    pub role: &'static str,
    /// Departments by the rules in force.
    pub departments: Vec<String>,
    /// `online`, `busy` or `offline`.
    pub presence: &'static str,
    /// Why paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the connection is lost and the grace period runs.
    pub dropped: bool,
    /// False once removed.
    pub active: bool,
    /// The own, lower limit.
    pub own_limit: Option<u32>,
    /// Conversations at once, by the rules and the own limit.
    pub limit: u32,
    /// Conversations held and offered.
    pub holds: usize,
}

impl Agent {
    /// An account under these rules.
    pub fn of(id: &AgentId, agent: &agent::Agent, rules: &Rules) -> Self {
        Self {
            id: id.to_string(),
            name: agent.name.to_string(),
            role: names::role(agent.role),
            departments: departments_of(id, rules),
            presence: names::presence(&agent.presence),
            reason: match &agent.presence {
                Presence::Busy { reason } => Some(reason.to_string()),
                Presence::Online | Presence::Offline => None,
            },
            dropped: agent.dropped_at.is_some(),
            active: agent.active,
            own_limit: agent.own_limit,
            limit: effective_limit(rules, None, agent).value,
            holds: agent.holds.len(),
        }
    }
}

/// The departments an account belongs to.
pub(crate) fn departments_of(id: &AgentId, rules: &Rules) -> Vec<String> {
    let member = rules.departments.iter().filter(|(_, department)| department.members.contains(id));
    member.map(|(id, _)| id.to_string()).collect()
}

/// Accounts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgentList {
    /// The accounts.
    pub agents: Vec<Agent>,
    /// As of which position of the feed this is.
    pub position: u64,
}

/// A session was begun.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionBegun {
    /// Send it as `Authorization: Bearer TOKEN`.
    pub token: String,
    /// When it ends unless it is used, in milliseconds UTC.
    pub expires_at: u64,
    /// Whose it is.
    pub agent: Agent,
}

/// Who is calling.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// `agent` or `consumer`.
    pub side: &'static str,
    /// The login or the consumer's UUID.
    pub id: String,
    /// The account, for those who have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// The effective limit of conversations at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// What is known of the consumer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<super::Profile>,
    /// The consumer's open or last conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
}

/// An account's own figures of the day, which begins and ends with the desk's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Today {
    /// Conversations closed that the account had last.
    pub finished: usize,
    /// How long they lasted in the mean, from their beginning, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_duration_ms: Option<u64>,
    /// Conversations put off, whenever they were closed.
    pub to_classify: usize,
}

/// A department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Department {
    /// Its id.
    pub id: String,
    /// Name by language.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub name: Text,
    /// Whether it is within its hours now.
    pub open: bool,
    /// Whether the caller belongs to it.
    pub mine: bool,
    /// Conversations that wait; accounts only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<usize>,
    /// How long one more would probably wait, rounded to minutes; absent: nobody waits, or there is no basis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_wait_ms: Option<u64>,
}

/// Departments.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DepartmentList {
    /// The departments, in order of their ids.
    pub departments: Vec<Department>,
}

/// A node of the classification tree.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// The node above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Name by language.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub name: Text,
    /// False once deactivated.
    pub active: bool,
    /// Departments it is meant for; empty: all.
    pub departments: Vec<String>,
    /// Channels it is meant for; empty: all.
    pub channels: Vec<&'static str>,
    /// Confidence from which a suggestion is shown.
    pub suggest: f32,
    /// Confidence from which it is preselected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preselect: Option<f32>,
}

impl Node {
    /// A node of the tree in force.
    pub fn of(id: &NodeId, node: &tree::Node) -> Self {
        Self {
            id: id.to_string(),
            parent: node.parent.as_ref().map(ToString::to_string),
            name: node.name.clone(),
            active: node.active,
            departments: node.departments.iter().map(ToString::to_string).collect(),
            channels: node.channels.iter().map(|channel| names::channel(*channel)).collect(),
            suggest: node.confidence.suggest,
            preselect: node.confidence.preselect,
        }
    }
}

/// The classification tree.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NodeList {
    /// Version of the tree, from its content.
    pub version: String,
    /// All nodes, the deactivated ones too.
    pub nodes: Vec<Node>,
}
