//! The desk's figures over a span of days, as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;

/// What was counted in a span of days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Insights {
    /// First day (`2026-11-23`), in the desk's time zone.
    pub from: String,
    /// Last day.
    pub to: String,
    /// The desk's time zone.
    pub timezone: String,
    /// The department, where only one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// All of it.
    pub total: Sums,
    /// Every day of the span.
    pub by_day: Vec<DayFigures>,
    /// The hours of the day, all days of the span together.
    pub by_hour: Vec<HourFigures>,
    /// Departments in which something was counted.
    pub by_department: Vec<DepartmentFigures>,
    /// Ended conversations by classification.
    pub by_classification: Vec<NodeFigures>,
    /// What became of suggestions, by plugin and node.
    pub suggestions: Vec<SuggestionFigures>,
}

/// Counts and times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sums {
    /// Conversations that came, and those taken up again by a new message.
    pub contacts: u64,
    /// Conversations that ended.
    pub closed: u64,
    /// Of these, without any agent.
    pub abandoned: u64,
    /// From the wish for an agent to the first one.
    pub waiting: Spread,
    /// From the first agent to the end.
    pub handling: Spread,
}

/// How times lie. They are known to a thirtieth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Spread {
    /// How many were measured.
    pub count: u64,
    /// Half of them were no longer, in milliseconds.
    pub median_ms: Option<u64>,
    /// Nine of ten were no longer, in milliseconds.
    pub p90_ms: Option<u64>,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayFigures {
    /// Which.
    pub day: String,
    /// Conversations that came.
    pub contacts: u64,
    /// Conversations that ended.
    pub closed: u64,
}

/// One hour of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HourFigures {
    /// 0 to 23.
    pub hour: u8,
    /// Conversations that came.
    pub contacts: u64,
    /// Conversations that ended.
    pub closed: u64,
}

/// One department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DepartmentFigures {
    /// Which; absent: conversations that reached none.
    pub department: Option<String>,
    /// Its figures.
    #[serde(flatten)]
    pub sums: Sums,
}

/// One node of the classification tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NodeFigures {
    /// Which; absent: not classified.
    pub node: Option<String>,
    /// Conversations that ended with it.
    pub conversations: u64,
}

/// What became of a plugin's suggestions of one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuggestionFigures {
    /// Whose.
    pub plugin: String,
    /// Which node.
    pub node: String,
    /// Seen by an agent.
    pub shown: u64,
    /// Chosen.
    pub accepted: u64,
    /// Another node was chosen.
    pub changed: u64,
    /// Closed without a choice.
    pub ignored: u64,
}
