//! Where a conversation could be transferred to at this moment, and why not elsewhere.

use dialogo_domain::rules::Text;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// Where a conversation could go.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TargetList {
    /// All departments but its own, in order of their ids.
    pub departments: Vec<DepartmentTarget>,
    /// Colleagues, and whoever else can be reached, in order of their logins.
    pub agents: Vec<AgentTarget>,
    /// The agent of first contact, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_contact: Option<AgentTarget>,
    /// How often it can still be passed on.
    pub transfers_left: u32,
}

/// A department as a target.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DepartmentTarget {
    /// Its id.
    pub id: String,
    /// Name by language.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub name: Text,
    /// Whether it is within its hours.
    pub open: bool,
    /// Conversations that wait there.
    pub waiting: usize,
    /// Windows that are free there now.
    pub free: u32,
    /// How long one more would probably wait, rounded to minutes; absent: nobody waits, or there is no basis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_wait_ms: Option<u64>,
    /// Whether a transfer there would be carried out.
    #[serde(flatten)]
    pub reach: Reach,
}

/// An agent as a target.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgentTarget {
    /// The login.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// `online`, `busy` or `offline`.
    pub presence: &'static str,
    /// Conversations that count against the limit.
    pub load: u32,
    /// Conversations at once, where it would go.
    pub limit: u32,
    /// Whether a transfer to this agent would be carried out.
    #[serde(flatten)]
    pub reach: Reach,
}

/// Whether a transfer would be carried out, by the desk's rules. Policies are asked only when it is really tried.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reach {
    /// Whether it would.
    pub possible: bool,
    /// The department it would go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_department: Option<String>,
    /// How long it would wait for that agent before it goes to the department, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_ms: Option<u64>,
    /// Why not: the problem that the transfer would be answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}
