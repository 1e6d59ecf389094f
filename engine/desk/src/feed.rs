//! What became durable, shown to everyone who may see it.
//!
//! One thread publishes; listeners are sockets, tests, observers. A listener holds a cursor, not a queue: past
//! [`QUEUE`] waiting commits it is told that it is behind, and catches up from the ring of recent commits. Which *parts*
//! of a commit a listener may see is decided here only between [`Scope::Full`] and [`Scope::Lifecycle`]; what is redacted
//! inside an event is the business of the server's JSON.

mod audience;
mod hub;
mod subscription;

use std::sync::Arc;

use dialogo_domain::{AgentId, Commit, ConsumerId, ConversationId, DepartmentId, Position};

pub(crate) use audience::{audience, parties};
pub(crate) use hub::Hub;
pub use subscription::Subscription;

/// Commits that may wait for one listener before it has to catch up by its cursor.
pub const QUEUE: usize = 256;

/// Commits kept in memory for those who come back: minutes of a busy desk, a few megabytes.
pub const RING: usize = 8_192;

/// A connection, so that its own sends are not echoed to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Who listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listener {
    /// A consumer: the own conversations.
    Consumer(ConsumerId),
    /// An account.
    Agent {
        /// Who.
        id: AgentId,
        /// Whether everything may be seen (supervisors and admins).
        sees_all: bool,
    },
}

/// A durable commit with the groups of listeners it concerns.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// What happened.
    pub commit: Arc<Commit>,
    /// Whom it concerns.
    pub audience: Audience,
    /// The connection it came from, if any.
    pub origin: Option<ConnectionId>,
}

impl Published {
    /// Its place in the feed.
    pub fn position(&self) -> Position {
        self.commit.stamp.position
    }
}

/// Groups of listeners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Conversations it is about, for those who watch them.
    pub conversations: Vec<ConversationId>,
    /// Their consumers.
    pub consumers: Vec<ConsumerId>,
    /// Agents who hold them now or held them until now.
    pub agents: Vec<AgentId>,
    /// Departments whose lists it changes.
    pub departments: Vec<DepartmentId>,
    /// Whether everybody with an account wants to know (rules, presence).
    pub accounts: bool,
}

/// How much of a commit a listener gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything that its side may see.
    Full,
    /// Only where conversations stand.
    Lifecycle,
}

/// Something that is true for a moment only; it has no place in the feed.
#[derive(Clone, Debug, PartialEq)]
pub enum Ephemeral {
    /// Somebody is typing.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// `None`: the consumer.
        agent: Option<AgentId>,
    },
    /// Somebody who waits has another place, or will wait differently long.
    Place {
        /// Whose.
        conversation: ConversationId,
        /// Counted from 1.
        place: usize,
        /// Rounded to minutes; `None`: there is no basis.
        expected_wait_ms: Option<u64>,
    },
    /// What the agent who has a conversation could answer.
    Replies {
        /// Where.
        conversation: ConversationId,
        /// The consumer's message that is answered: once somebody has said more, they are out of date.
        message: Arc<str>,
        /// Most confident first; empty: nothing fits any more.
        replies: Vec<SuggestedReply>,
    },
    /// One more conversation would wait differently long in a queue.
    Queue {
        /// Which.
        department: DepartmentId,
        /// Rounded to minutes; `None`: nobody waits, or there is no basis.
        expected_wait_ms: Option<u64>,
    },
}

/// A text that an agent could send. The desk never does by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct SuggestedReply {
    /// What could be sent, with placeholders in braces.
    pub text: Arc<str>,
    /// The canned reply it is made from.
    pub canned: Option<Arc<str>>,
    /// Who suggests it: the plugin's id in the rules.
    pub plugin: Arc<str>,
    /// 0 to 1.
    pub confidence: f32,
    /// The words that led to it.
    pub evidence: Vec<Arc<str>>,
}

/// What a subscription yields.
#[derive(Clone, Debug)]
pub enum FeedItem {
    /// A commit and how much of it to show.
    Published(Arc<Published>, Scope),
    /// A moment's news.
    Ephemeral(Arc<Ephemeral>),
    /// Some were passed over: catch up from the cursor.
    Behind,
    /// The desk has stopped.
    Stopped,
}

/// The cursor lies before everything that can still be served: reload and go on from the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is too old: the feed can be followed from position {floor} on")]
pub struct TooOld {
    /// The oldest cursor that can be served.
    pub floor: Position,
}
