//! What the desk needs to know of the rule files, already checked. `dialogo-rules` makes it from text.
//!
//! Opening hours depend on time zones and are therefore answered at the rim: see
//! [`Context::closed`](crate::decide::Context).

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{AgentId, DepartmentId, NodeId};
use crate::tree::Tree;

/// A text in several languages: language code (`pt`, `en`, `es`) to text.
pub type Text = BTreeMap<String, String>;

/// One immutable generation of rules, as far as the desk's own decisions depend on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// `desk.toml`.
    pub desk: DeskRules,
    /// `departments.toml`.
    pub departments: BTreeMap<DepartmentId, DepartmentRules>,
    /// `classifications.toml`.
    pub tree: Tree,
}

/// What holds for the whole desk.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskRules {
    /// Name shown to consumers.
    pub name: Text,
    /// Languages of the desk, the first being the default.
    pub languages: Vec<String>,
    /// Most conversations an agent may hold at once.
    pub limit: u32,
    /// Whether agents may set a lower limit for themselves.
    pub agents_may_lower_limit: bool,
    /// What finishing without a classification does.
    pub finish: FinishPolicy,
    /// How long after the close a new message reopens the same conversation, in milliseconds.
    pub reopen_window_ms: u64,
    /// How long an agent may undo a finish, in milliseconds.
    pub undo_window_ms: u64,
    /// Silence of the consumer after an agent's message that closes the conversation; `None`: never.
    pub idle_timeout_ms: Option<u64>,
    /// Absence of the consumer's connection that closes the conversation; `None`: never.
    pub connection_timeout_ms: Option<u64>,
    /// How long an agent who dropped off may come back with nothing changed, in milliseconds.
    pub grace_ms: u64,
    /// How long answered conversations wait for an agent who did not come back in the grace period, in milliseconds.
    pub sticky_ms: u64,
    /// Window in which a consumer returns to the last agent, in milliseconds; 0: never.
    pub recontact_ms: u64,
    /// Whether a conversation opens at once or waits for the agent to accept it.
    pub offers: OfferMode,
    /// Most transfers in one segment of a conversation.
    pub max_hops: u32,
    /// How long a closed conversation stays in the desk's memory before it goes cold, in milliseconds.
    pub keep_closed_ms: u64,
}

impl Default for DeskRules {
    fn default() -> Self {
        Self {
            name: Text::new(),
            languages: vec!["pt".into()],
            limit: 4,
            agents_may_lower_limit: true,
            finish: FinishPolicy::Remind,
            reopen_window_ms: 24 * 3_600_000,
            undo_window_ms: 10_000,
            idle_timeout_ms: None,
            connection_timeout_ms: None,
            grace_ms: 30_000,
            sticky_ms: 120_000,
            recontact_ms: 24 * 3_600_000,
            offers: OfferMode::Immediate,
            max_hops: 5,
            keep_closed_ms: 600_000,
        }
    }
}

/// What finishing without a classification does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishPolicy {
    /// Nothing; the conversation needs no classification.
    Off,
    /// It goes to the agent's "to classify" list.
    Remind,
    /// An agent cannot finish without one; other closers leave it in the list.
    Require,
}

/// How an assignment reaches an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferMode {
    /// The window just opens.
    Immediate,
    /// The agent accepts within the time-out, or the next one is asked.
    Manual {
        /// Milliseconds an agent has to accept.
        timeout_ms: u64,
    },
}

/// What holds for one department.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DepartmentRules {
    /// Name in the desk's languages.
    pub name: Text,
    /// Who belongs to it.
    pub members: BTreeSet<AgentId>,
    /// Most conversations an agent may hold here; `None`: the desk's limit alone binds.
    pub limit: Option<u32>,
    /// Where its agents may transfer to.
    pub may_transfer_to: TransferTargets,
    /// Where conversations go when its queue is full, with weights.
    pub overflow: Vec<(DepartmentId, u32)>,
    /// Most conversations that may wait; `None`: no limit.
    pub max_waiting: Option<u32>,
    /// What happens to one more.
    pub when_full: WhenFull,
    /// What happens to a conversation that comes outside the hours.
    pub when_closed: WhenClosed,
    /// What a transfer to an agent at the limit does.
    pub full_agent: FullAgent,
    /// Classification taken when a conversation ends by itself, without one.
    pub default_classification: Option<NodeId>,
    /// Priority of its conversations; the higher goes first.
    pub priority: i32,
}

/// Departments that may be transferred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferTargets {
    /// `"*"`.
    All,
    /// These and no other.
    Only(BTreeSet<DepartmentId>),
}

impl Default for TransferTargets {
    fn default() -> Self {
        Self::Only(BTreeSet::new())
    }
}

/// What a full queue does with one more conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// Waits all the same.
    #[default]
    Wait,
    /// Goes to the overflow departments.
    Overflow,
    /// The consumer leaves a callback; the conversation closes.
    Callback,
}

/// What happens to a conversation that comes outside a department's hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenClosed {
    /// It waits in the queue.
    #[default]
    Wait,
    /// The consumer leaves a callback; the conversation closes.
    Callback,
}

/// What a transfer to an agent at the limit does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FullAgent {
    /// It is refused.
    #[default]
    Refuse,
    /// It waits for that agent so long, then goes to the department.
    Wait {
        /// Milliseconds.
        ms: u64,
    },
}
