//! The keys of the views: one byte that says what it is, then fixed-width parts in big-endian, so that sled's order is
//! the order wanted. A message costs one key; texts stay in the log and are read from there by position.

use dialogo_domain::{
    AgentId, AttachmentId, ConsumerId, ConversationId, DepartmentId, Millis, PluginId, Position,
};

/// How far the views have come and in which form they are.
pub(super) const APPLIED: &[u8] = b"!applied";

/// A key under construction.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(Vec<u8>);

impl Key {
    fn of(kind: u8) -> Self {
        let mut bytes = Vec::with_capacity(48);
        bytes.push(kind);
        Self(bytes)
    }

    fn wide(mut self, part: u128) -> Self {
        self.0.extend_from_slice(&part.to_be_bytes());
        self
    }

    fn number(mut self, part: u64) -> Self {
        self.0.extend_from_slice(&part.to_be_bytes());
        self
    }

    /// A text and the zero that ends it; texts of rule files hold none.
    fn text(mut self, part: &str) -> Self {
        self.0.extend_from_slice(part.as_bytes());
        self.0.push(0);
        self
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Key> for sled::IVec {
    fn from(key: Key) -> Self {
        Self::from(key.0)
    }
}

/// All entries of a conversation.
pub(super) fn entries(conversation: ConversationId) -> Key {
    Key::of(b'e').wide(conversation.0)
}

/// One entry of a conversation: a commit that changed it.
pub(super) fn entry(conversation: ConversationId, position: Position) -> Key {
    entries(conversation).number(position.0)
}

/// A cold conversation's whole record.
pub(super) fn cold(conversation: ConversationId) -> Key {
    Key::of(b'c').wide(conversation.0)
}

/// A conversation's summary.
pub(super) fn summary(conversation: ConversationId) -> Key {
    Key::of(b'd').wide(conversation.0)
}

/// A closed conversation's words, folded.
pub(super) fn words(conversation: ConversationId) -> Key {
    Key::of(b'w').wide(conversation.0)
}

/// A file.
pub(super) fn attachment(attachment: AttachmentId) -> Key {
    Key::of(b'f').wide(attachment.0)
}

/// A session, by the hash of its token.
pub(super) fn session(hash: &[u8; 32]) -> Key {
    let mut key = Key::of(b's');
    key.0.extend_from_slice(hash);
    key
}

/// All sessions.
pub(super) fn sessions() -> Key {
    Key::of(b's')
}

/// When an agent first had a conversation.
pub(super) fn first_agent(conversation: ConversationId) -> Key {
    Key::of(b'h').wide(conversation.0)
}

/// The figures of a department in one quarter of an hour, counted from 1970; the empty name: of none.
pub(super) fn figures(quarter: u64, department: Option<&DepartmentId>) -> Key {
    figures_from(quarter).text(department.map_or("", DepartmentId::as_str))
}

/// A bound in the figures: everything from this quarter on.
pub(super) fn figures_from(quarter: u64) -> Key {
    Key::of(b'i').number(quarter)
}

/// What was measured of a plugin at one revision.
pub(super) fn trial(plugin: &PluginId, revision: u64) -> Key {
    Key::of(b'j').text(plugin.as_str()).number(revision)
}

/// What classifiers suggest in a conversation that is not classified for good yet.
pub(super) fn standing(conversation: ConversationId) -> Key {
    Key::of(b'o').wide(conversation.0)
}

/// A commit that put rules in force.
pub(super) fn activation(position: Position) -> Key {
    activations().number(position.0)
}

/// All commits that put rules in force.
pub(super) fn activations() -> Key {
    Key::of(b'r')
}

/// Lists: a prefix, then the time that orders, then the conversation.
pub(super) fn of_consumer(consumer: ConsumerId) -> Key {
    Key::of(b'u').wide(consumer.0)
}

/// Closed conversations by who had them last.
pub(super) fn of_agent(agent: &AgentId) -> Key {
    Key::of(b'g').text(agent.as_str())
}

/// Closed conversations by department.
pub(super) fn of_department(department: Option<&DepartmentId>) -> Key {
    Key::of(b'p').text(department.map_or("", DepartmentId::as_str))
}

/// All closed conversations.
pub(super) fn closed() -> Key {
    Key::of(b'k')
}

/// Closed conversations nobody has classified.
pub(super) fn to_classify() -> Key {
    Key::of(b't')
}

/// A place in a list.
pub(super) fn listed(list: Key, at: Millis, conversation: ConversationId) -> Key {
    list.number(at.0).wide(conversation.0)
}

/// A bound in a list: everything from this time on.
pub(super) fn from_time(list: Key, at: Millis) -> Key {
    list.number(at.0)
}

/// The conversation at the end of a list's key.
pub(super) fn conversation_in(key: &[u8]) -> Option<ConversationId> {
    let at = key.len().checked_sub(16)?;
    key[at..].try_into().ok().map(|bytes| ConversationId(u128::from_be_bytes(bytes)))
}

/// The time before the conversation in a list's key.
pub(super) fn time_in(key: &[u8]) -> Option<Millis> {
    let at = key.len().checked_sub(24)?;
    key[at..at + 8].try_into().ok().map(|bytes| Millis(u64::from_be_bytes(bytes)))
}

/// The position at the end of an entry's key.
pub(super) fn position_in(key: &[u8]) -> Option<Position> {
    let at = key.len().checked_sub(8)?;
    key[at..].try_into().ok().map(|bytes| Position(u64::from_be_bytes(bytes)))
}

/// Quarter and department in a key of the figures.
pub(super) fn figures_in(key: &[u8]) -> Option<(u64, &str)> {
    let (quarter, department) = key.get(1..)?.split_first_chunk::<8>()?;
    let department = std::str::from_utf8(department.strip_suffix(&[0])?).ok()?;
    Some((u64::from_be_bytes(*quarter), department))
}
