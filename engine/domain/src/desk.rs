//! The whole state that decisions are made on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::agent::Agent;
use crate::conversation::Conversation;
use crate::id::{
    AgentId, CommandId, ConsumerId, ConversationId, DepartmentId, Generation, Position,
};
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
    /// Agents whose grace period ends then.
    pub agent_timers: BTreeSet<(Millis, AgentId)>,
    /// Consumers without a conversation in memory, by the time the last one went cold.
    pub idle_consumers: BTreeSet<(Millis, ConsumerId)>,
    /// The "to classify" lists: closed conversations without a classification, by the agent who had them last (`None`:
    /// nobody did), with the time of the close. They stand here even when the conversation has gone cold.
    pub unclassified: BTreeMap<Option<AgentId>, BTreeMap<ConversationId, Millis>>,
    /// Commands that were answered, with the commit that is the answer.
    pub answers: BTreeMap<CommandId, Position>,
    /// The same commands, oldest first, for forgetting.
    pub answers_by_age: VecDeque<(Millis, CommandId)>,
}

impl Desk {
    /// When the next thing becomes due that a `Tick` has to see to.
    pub fn next_due(&self) -> Option<Millis> {
        let conversation = self.timers.first().map(|(at, _)| *at);
        let agent = self.agent_timers.first().map(|(at, _)| *at);
        [conversation, agent].into_iter().flatten().min()
    }

    /// An agent's closed conversations that still want a classification, with the time of their close.
    pub fn to_classify(
        &self,
        agent: &AgentId,
    ) -> impl Iterator<Item = (ConversationId, Millis)> + '_ {
        self.unclassified.get(&Some(agent.clone())).into_iter().flatten().map(|(id, at)| (*id, *at))
    }

    /// Everybody's, for supervisors: by the agent who had the conversation last, if anybody had.
    pub fn all_to_classify(
        &self,
    ) -> impl Iterator<Item = (Option<&AgentId>, ConversationId, Millis)> + '_ {
        self.unclassified
            .iter()
            .flat_map(|(agent, list)| list.iter().map(move |(id, at)| (agent.as_ref(), *id, *at)))
    }

    /// A conversation's place in its queue, counted from 1. Walks the queue: for showing, not for deciding.
    pub fn queue_position(&self, conversation: &Conversation) -> Option<usize> {
        let queue = self.queues.get(conversation.department.as_ref()?)?;
        let key = conversation.queue_key();
        queue.contains(&key).then(|| queue.range(..key).count() + 1)
    }

    /// How many wait in a department's queue.
    pub fn waiting(&self, department: &DepartmentId) -> usize {
        self.queues.get(department).map_or(0, BTreeSet::len)
    }
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
    /// Since when no conversation of this consumer is in memory; its entry in [`Desk::idle_consumers`].
    pub idle_since: Option<Millis>,
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
