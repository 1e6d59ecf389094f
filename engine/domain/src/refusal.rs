//! What the desk says no to, and why. Each is mapped to an HTTP problem by the server, by one match.

use std::sync::Arc;

use crate::conversation::State;
use crate::event::LimitSource;
use crate::id::{AgentId, ConversationId, DepartmentId, Generation, NodeId};

/// Why a command was refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The kind of action is not for this actor.
    NotAllowed {
        /// What would be needed: `supervisor`, `admin`, `agent`, `consumer`.
        needs: &'static str,
    },
    /// There is no such conversation, or it is not the actor's to see: the same answer for both.
    ConversationUnknown(ConversationId),
    /// There is no such account, or it is not the actor's to see.
    AgentUnknown(AgentId),
    /// There is no such department in the rules in force.
    DepartmentUnknown(DepartmentId),
    /// There is no such node in the rules in force.
    NodeUnknown(NodeId),
    /// The node was deactivated.
    NodeInactive(NodeId),
    /// The node is not meant for this department or channel.
    NodeOutOfScope(NodeId),
    /// An account of this name exists.
    AccountExists(AgentId),
    /// The last admin cannot be removed.
    LastAdmin,
    /// The conversation is in a state in which this cannot be done.
    WrongState {
        /// Its state.
        state: State,
        /// What was asked: `hold`, `transfer`, …
        action: &'static str,
    },
    /// Another agent has it.
    NotTheirs {
        /// Who has it; `None`: nobody.
        agent: Option<AgentId>,
    },
    /// The agent holds as many as allowed.
    AgentAtLimit {
        /// Who.
        agent: AgentId,
        /// Conversations held against the limit.
        load: u32,
        /// The effective limit.
        limit: u32,
        /// Which limit binds.
        binding: LimitSource,
    },
    /// The agent is not online.
    AgentNotOnline(AgentId),
    /// The agent does not belong to the department.
    AgentNotMember {
        /// Who.
        agent: AgentId,
        /// Of which department.
        department: DepartmentId,
    },
    /// A transfer to where it already is.
    TransferToItself,
    /// A transfer to a department outside its hours.
    DepartmentClosed(DepartmentId),
    /// A transfer to a department that is not on the allowed list.
    TransferNotListed {
        /// The department it is in.
        from: DepartmentId,
        /// The department asked for.
        to: DepartmentId,
    },
    /// It has been transferred too often.
    TooManyHops {
        /// Transfers so far.
        hops: u32,
        /// The limit.
        limit: u32,
    },
    /// There is no agent of first contact.
    NoFirstContact,
    /// The rules ask for a classification before an agent finishes.
    ClassificationRequired,
    /// The undo window is over.
    TooLateToUndo {
        /// Milliseconds since the close.
        since_ms: u64,
        /// The window.
        window_ms: u64,
    },
    /// The set of suggestions has been replaced by a newer one.
    SuggestionsOutdated {
        /// The set named.
        set: u32,
        /// The set that stands.
        current: u32,
    },
    /// The node is not among the suggestions of the set.
    NotSuggested(NodeId),
    /// Agents may not set a limit of their own.
    OwnLimitForbidden,
    /// Something in the command is out of its bounds.
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: Arc<str>,
    },
    /// The verdicts were given under other rules or for another state: judge again.
    Stale {
        /// The rules in force.
        generation: Generation,
        /// The conversation's version now.
        version: u32,
    },
    /// The desk has nobody to take it: no department exists.
    NoDepartment,
    /// Already rated in this segment, or nothing to rate yet.
    CannotRate,
}
