//! The whole state that decisions are made on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::agent::Agent;
use crate::conversation::Conversation;
use crate::id::{AgentId, CommandId, ConsumerId, ConversationId, DepartmentId, Generation, Position};
use crate::time::Millis;

/// How long the answer to a command is kept, in milliseconds: long enough for a phone that was off for a weekend's day.
pub const ANSWERS_KEPT_MS: u64 = 48 * 3_600_000;

/// Everything the desk knows and decides on. Closed conversations leave it after a while; the shell hands them back in
/// through [`Context::recalled`](crate::decide::Context) when they are needed again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desk {
    /// The last commit applied.
    pub position: Position,
    /// The time of the last commit: time never runs backwards.
    pub now: Millis,
    /// The rules in force.
    pub generation: Generation,
    /// Open conversations, and closed ones that are still warm.
    pub conversations: BTreeMap<ConversationId, Conversation>,
    /// Accounts.
    pub agents: BTreeMap<AgentId, Agent>,
    /// What is kept of consumers who are here or were lately.
    pub consumers: BTreeMap<ConsumerId, Consumer>,
    /// Who waits where, best first.
    pub queues: BTreeMap<DepartmentId, BTreeSet<QueueKey>>,
    /// Conversations to look at when their time has come: kept in step by `apply`.
    pub timers: BTreeSet<(Millis, ConversationId)>,
    /// Commands that were answered, with the commit that is the answer.
    pub answers: BTreeMap<CommandId, Position>,
    /// The same commands, oldest first, for forgetting.
    pub answers_by_age: VecDeque<(Millis, CommandId)>,
}

/// What orders a queue: priority first (higher is better), then the longest waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueKey {
    /// The priority, negated so that the highest sorts first.
    pub negated_priority: i32,
    /// Since when the consumer waits.
    pub waiting_since: Millis,
    /// Which conversation.
    pub conversation: ConversationId,
}

/// What the desk keeps of a consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consumer {
    /// What is known of the person; kept together so that it can be sealed.
    pub profile: Profile,
    /// The open (or last) conversation.
    pub conversation: Option<ConversationId>,
    /// The agent who last answered, and when that conversation closed: for the recontact rule.
    pub last_agent: Option<(AgentId, Millis)>,
}

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Name, if given.
    pub name: Option<String>,
    /// E-mail address, if given.
    pub email: Option<String>,
    /// Language tag such as `pt-BR`, if known.
    pub locale: Option<String>,
    /// What the site says of the visitor: key to value.
    pub facts: BTreeMap<String, String>,
}
