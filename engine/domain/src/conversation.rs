//! One consumer's contact, from the first message to the close and beyond.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::desk::QueueKey;
use crate::id::{AgentId, ConsumerId, ConversationId, DepartmentId, NodeId};
use crate::known::KnownMessages;
use crate::message::Channel;
use crate::plugin::Suggestion;
use crate::time::Millis;
use crate::tree::TreeVersion;

/// Where a conversation stands: `bot → queued → offered → active ⇄ on_hold → closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Answered by a bot.
    Bot,
    /// Waits in the queue of its department.
    Queued,
    /// Offered to an agent who has not accepted yet.
    Offered,
    /// With an agent.
    Active,
    /// With an agent, parked; does not count against the limit.
    OnHold,
    /// Over, until reopened.
    Closed,
}

/// A conversation that the desk holds in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Whose it is.
    pub consumer: ConsumerId,
    /// Where it came in.
    pub channel: Channel,
    /// Where it stands.
    pub state: State,
    /// Grows with every event that changes what a verdict may rest on: messages, state, department, agent and
    /// classification. Receipts, presence, notes and suggestions leave it alone, or every verdict would be stale.
    pub version: u32,
    /// Grows by one with every reopening.
    pub segment: u32,
    /// When it began.
    pub opened_at: Millis,
    /// The earlier conversation it is linked to, if the consumer came back after the reopen window.
    pub previous: Option<ConversationId>,
    /// Whose queue or team it is in.
    pub department: Option<DepartmentId>,
    /// Who has it, or to whom it is offered.
    pub agent: Option<AgentId>,
    /// The agent of first contact.
    pub first_agent: Option<AgentId>,
    /// The last agent who had it.
    pub last_agent: Option<AgentId>,
    /// Since when the consumer waited for an agent in this segment; kept through assignment, so that a conversation
    /// that returns to a queue has its original place in time.
    pub waiting_since: Option<Millis>,
    /// The higher goes first.
    pub priority: i32,
    /// An unanswered offer.
    pub offer: Option<Offer>,
    /// Agents who let the present offer pass.
    pub passed: BTreeSet<AgentId>,
    /// Transfers in this segment.
    pub hops: u32,
    /// A transfer that waits for an agent.
    pub transfer: Option<PendingTransfer>,
    /// Messages and notes so far; the next one gets this number plus one.
    pub last_number: u32,
    /// Every message's id with its number and the commit that holds it: makes sending idempotent.
    pub messages: KnownMessages,
    /// When the consumer last wrote.
    pub consumer_wrote_at: Option<Millis>,
    /// When an agent last wrote.
    pub agent_wrote_at: Option<Millis>,
    /// Up to which number the consumer has received and read.
    pub consumer_read: ReadMark,
    /// Up to which number the agent has received and read.
    pub agent_read: ReadMark,
    /// Whether the consumer is there.
    pub consumer_presence: ConsumerPresence,
    /// What it was about.
    pub classification: Classification,
    /// The suggestions that stand at present.
    pub suggestions: Suggested,
    /// How it ended, while it is closed.
    pub closed: Option<Closed>,
    /// What the bot keeps between its answers.
    pub bot_state: Option<Arc<[u8]>>,
    /// Whether the agent who has it has written since it was assigned.
    pub answered: bool,
    /// Whether the consumer wrote last, so that an answer is due.
    pub consumer_waits: bool,
    /// The segment that was rated last.
    pub rated_segment: Option<u32>,
    /// When it has to be looked at next; its entry in [`Desk::timers`](crate::desk::Desk::timers). May be too early,
    /// never too late.
    pub timer: Option<Millis>,
}

impl Conversation {
    /// A conversation that has just begun and is nowhere yet.
    pub fn new(id: ConversationId, consumer: ConsumerId, channel: Channel, now: Millis) -> Self {
        Self {
            id,
            consumer,
            channel,
            state: State::Queued,
            version: 1,
            segment: 1,
            opened_at: now,
            previous: None,
            department: None,
            agent: None,
            first_agent: None,
            last_agent: None,
            waiting_since: None,
            priority: 0,
            offer: None,
            passed: BTreeSet::new(),
            hops: 0,
            transfer: None,
            last_number: 0,
            messages: KnownMessages::default(),
            consumer_wrote_at: None,
            agent_wrote_at: None,
            consumer_read: ReadMark::default(),
            agent_read: ReadMark::default(),
            consumer_presence: ConsumerPresence::Here,
            classification: Classification::None,
            suggestions: Suggested::default(),
            closed: None,
            bot_state: None,
            answered: false,
            consumer_waits: false,
            rated_segment: None,
            timer: None,
        }
    }

    /// Its place in a queue.
    pub fn queue_key(&self) -> QueueKey {
        QueueKey {
            negated_priority: self.priority.saturating_neg(),
            waiting_since: self.waiting_since.unwrap_or(self.opened_at),
            conversation: self.id,
        }
    }
}

/// An offer that waits to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// When it was made.
    pub at: Millis,
    /// When it goes to the next agent.
    pub until: Millis,
}

/// A transfer that waits for an agent who is at the limit. Meanwhile the conversation stands in the department's queue,
/// from which nobody but that agent is given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTransfer {
    /// For whom.
    pub agent: AgentId,
    /// The department it goes to when the wait is over.
    pub department: DepartmentId,
    /// When the wait is over.
    pub until: Millis,
}

/// How far somebody has come in a conversation, by message number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadMark {
    /// Received up to here.
    pub delivered: u32,
    /// Read up to here.
    pub read: u32,
}

/// Whether the consumer is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumerPresence {
    /// Connected.
    Here,
    /// Not connected since then.
    Away(Millis),
    /// Has ended the visit.
    Left,
}

/// What a conversation was about, on an axis of its own beside the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Classification {
    /// Not said yet.
    #[default]
    None,
    /// Said for now; becomes final at the close unless changed.
    Draft(Chosen),
    /// Said.
    Final(Chosen),
    /// Nobody needs to say.
    Waived,
}

/// A node as it was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The node.
    pub node: NodeId,
    /// The tree it was chosen from.
    pub tree: TreeVersion,
    /// Who chose it; `None`: the desk by a rule.
    pub by: Option<AgentId>,
}

/// Suggestions that stand at present, with what became of them so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suggested {
    /// Grows with every new set, so that an answer names the set it was given to.
    pub set: u32,
    /// Best first, at most three.
    pub items: Vec<Suggestion>,
    /// Whether an agent has seen this set.
    pub shown: bool,
    /// Whether it was said what became of this set.
    pub settled: bool,
}

/// How a conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: Millis,
    /// Who and why.
    pub by: Closer,
}

/// Who or what closed a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closer {
    /// Its agent.
    Agent(AgentId),
    /// A supervisor who was not its agent.
    Supervisor(AgentId),
    /// The consumer.
    Consumer,
    /// The consumer's connection was gone for too long.
    ConnectionTimeout,
    /// The consumer was silent for too long.
    MessageTimeout,
    /// The bot.
    Bot,
    /// The queue was full or the department closed, and the consumer left a callback.
    Callback,
}
