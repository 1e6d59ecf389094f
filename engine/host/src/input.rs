//! What a call hands to the plugins: conversations, messages, attachments, as plain values.
//!
//! These types *are* the contract's records (they derive the component model's lowering), so a call needs no second copy:
//! text is shared (`Arc<str>`), messages are shared (`Arc<Message>`). They know nothing of the desk's own types; the desk
//! converts at its rim. Redaction of what a plugin may not see is in `view.rs`; the answers are in [`crate::verdict`].

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use wasmtime::component::{ComponentType, Lift, Lower};

/// Shared text.
pub type Text = Arc<str>;

/// The value of a [`Fact`].
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
pub enum FactValue {
    /// Yes or no.
    #[component(name = "flag")]
    Flag(bool),
    /// A number; its unit is part of the key's documentation.
    #[component(name = "number")]
    Number(f64),
    /// A text.
    #[component(name = "text")]
    Text(Text),
    /// Several texts.
    #[component(name = "texts")]
    Texts(Vec<Text>),
}

impl Hash for FactValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            FactValue::Flag(flag) => (0_u8, flag).hash(state),
            FactValue::Number(number) => (1_u8, number.to_bits()).hash(state),
            FactValue::Text(text) => (2_u8, text).hash(state),
            FactValue::Texts(texts) => (3_u8, texts).hash(state),
        }
    }
}

/// One typed key/value pair: where the contract grows. The known keys are in [`crate::facts`].
#[derive(Clone, Debug, PartialEq, Hash, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Fact {
    /// For example `content.kind`.
    #[component(name = "key")]
    pub key: Text,
    /// Its value.
    #[component(name = "value")]
    pub value: FactValue,
}

impl Fact {
    /// A yes/no fact.
    pub fn flag(key: &str, value: bool) -> Self {
        Fact { key: key.into(), value: FactValue::Flag(value) }
    }
    /// A numeric fact.
    pub fn number(key: &str, value: f64) -> Self {
        Fact { key: key.into(), value: FactValue::Number(value) }
    }
    /// A textual fact.
    pub fn text(key: &str, value: &str) -> Self {
        Fact { key: key.into(), value: FactValue::Text(value.into()) }
    }
    /// A fact of several texts.
    pub fn texts<T: AsRef<str>>(key: &str, values: &[T]) -> Self {
        let values = values.iter().map(|value| value.as_ref().into()).collect();
        Fact { key: key.into(), value: FactValue::Texts(values) }
    }
}

/// Who somebody is in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum Side {
    /// Who wrote in.
    #[component(name = "consumer")]
    Consumer,
    /// Who answers.
    #[component(name = "agent")]
    Agent,
    /// An automatic answerer.
    #[component(name = "bot")]
    Bot,
    /// The desk itself.
    #[component(name = "system")]
    System,
}

/// How a conversation came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum Channel {
    /// The widget on a site.
    #[component(name = "web")]
    Web,
    /// An app.
    #[component(name = "mobile")]
    Mobile,
    /// Electronic mail.
    #[component(name = "email")]
    Email,
    /// A social network.
    #[component(name = "social")]
    Social,
    /// A transcribed call.
    #[component(name = "voice")]
    Voice,
    /// Another program.
    #[component(name = "api")]
    Api,
}

/// Whether an agent is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum Presence {
    /// Takes conversations.
    #[component(name = "online")]
    Online,
    /// There, but takes no new ones.
    #[component(name = "busy")]
    Busy,
    /// Not at the desk.
    #[component(name = "away")]
    Away,
    /// Not connected.
    #[component(name = "offline")]
    Offline,
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum State {
    /// A bot answers.
    #[component(name = "bot")]
    Bot,
    /// Waits for an agent.
    #[component(name = "queued")]
    Queued,
    /// Shown to an agent, not yet taken.
    #[component(name = "offered")]
    Offered,
    /// An agent has it.
    #[component(name = "active")]
    Active,
    /// Put aside by the agent.
    #[component(name = "on-hold")]
    OnHold,
    /// Over.
    #[component(name = "closed")]
    Closed,
}

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Hash, ComponentType, Lower)]
#[component(record)]
pub struct Participant {
    /// Opaque id.
    #[component(name = "id")]
    pub id: Text,
    /// Which side.
    #[component(name = "side")]
    pub side: Side,
    /// Shown name; emptied for plugins without `participant.name`.
    #[component(name = "name")]
    pub name: Option<Text>,
    /// Language tag; emptied for plugins without `participant.locale`.
    #[component(name = "locale")]
    pub locale: Option<Text>,
    /// More about them.
    #[component(name = "facts")]
    pub facts: Vec<Fact>,
}

/// An agent, for `directory`.
#[derive(Clone, Debug, PartialEq, Hash, ComponentType, Lower)]
#[component(record)]
pub struct Agent {
    /// Opaque id.
    #[component(name = "id")]
    pub id: Text,
    /// Whether there.
    #[component(name = "presence")]
    pub presence: Presence,
    /// Conversations held now.
    #[component(name = "load")]
    pub load: u32,
    /// Conversations at most.
    #[component(name = "capacity")]
    pub capacity: u32,
    /// Departments they belong to.
    #[component(name = "departments")]
    pub departments: Vec<Text>,
    /// What they can do.
    #[component(name = "skills")]
    pub skills: Vec<Text>,
}

/// A department, for `directory`.
#[derive(Clone, Debug, PartialEq, Hash, ComponentType, Lower)]
#[component(record)]
pub struct Department {
    /// Its id in the rules.
    #[component(name = "id")]
    pub id: Text,
    /// Its name.
    #[component(name = "name")]
    pub name: Text,
    /// Within its hours at the call's `now`.
    #[component(name = "open-now")]
    pub open_now: bool,
    /// Conversations waiting.
    #[component(name = "waiting")]
    pub waiting: u32,
    /// Agents online.
    #[component(name = "online-agents")]
    pub online_agents: u32,
}

/// A file somebody sends. Its facts come from [`crate::inspect`].
#[derive(Clone, Debug, PartialEq, Hash, ComponentType, Lower)]
#[component(record)]
pub struct Attachment {
    /// Opaque id.
    #[component(name = "id")]
    pub id: Text,
    /// File name as sent.
    #[component(name = "name")]
    pub name: Text,
    /// Type as declared by the sender.
    #[component(name = "mime")]
    pub mime: Text,
    /// Type as found in the bytes.
    #[component(name = "sniffed-mime")]
    pub sniffed_mime: Option<Text>,
    /// Size in bytes.
    #[component(name = "bytes")]
    pub bytes: u64,
    /// Digest in hexadecimal.
    #[component(name = "sha256")]
    pub sha256: Option<Text>,
    /// What the host found inside.
    #[component(name = "facts")]
    pub facts: Vec<Fact>,
}

/// One kind of emoji in a text, however often it occurs. See [`crate::emoji`].
#[derive(Clone, Debug, PartialEq, Hash, ComponentType, Lower)]
#[component(record)]
pub struct Emoji {
    /// One grapheme cluster, in its fully qualified form where it is a known one.
    #[component(name = "text")]
    pub text: Text,
    /// GitHub's shortcode without colons.
    #[component(name = "shortcode")]
    pub shortcode: Option<Text>,
    /// Byte offset of the first occurrence.
    #[component(name = "offset")]
    pub offset: u32,
    /// Times it occurs.
    #[component(name = "count")]
    pub count: u32,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Hash, ComponentType, Lower)]
#[component(record)]
pub struct Message {
    /// Opaque id.
    #[component(name = "id")]
    pub id: Text,
    /// Who said it.
    #[component(name = "author")]
    pub author: Arc<Participant>,
    /// Milliseconds since 1970.
    #[component(name = "at")]
    pub at: u64,
    /// What was said.
    #[component(name = "text")]
    pub text: Text,
    /// Emojis in the text; the host fills it in for the message under judgement when it is empty.
    #[component(name = "emojis")]
    pub emojis: Vec<Emoji>,
    /// Files that came with it.
    #[component(name = "attachments")]
    pub attachments: Vec<Attachment>,
    /// More about it.
    #[component(name = "facts")]
    pub facts: Vec<Fact>,
}

/// A conversation as plugins see it.
#[derive(Clone, Debug, PartialEq, Hash, ComponentType, Lower)]
#[component(record)]
pub struct Conversation {
    /// Opaque id.
    #[component(name = "id")]
    pub id: Text,
    /// How it came in.
    #[component(name = "channel")]
    pub channel: Channel,
    /// Where it stands.
    #[component(name = "state")]
    pub state: State,
    /// Milliseconds since 1970.
    #[component(name = "opened-at")]
    pub opened_at: u64,
    /// Its department, if it has one.
    #[component(name = "department")]
    pub department: Option<Text>,
    /// Its agent, if it has one.
    #[component(name = "agent")]
    pub agent: Option<Text>,
    /// Who wrote in.
    #[component(name = "consumer")]
    pub consumer: Arc<Participant>,
    /// Node of the classification tree, draft or final.
    #[component(name = "classification")]
    pub classification: Option<Text>,
    /// The last messages, oldest first. Hand in as many as [`crate::Chain::recent_needed`] says; each plugin gets the
    /// number its manifest asks for.
    #[component(name = "recent")]
    pub recent: Vec<Arc<Message>>,
    /// Messages altogether.
    #[component(name = "total-messages")]
    pub total_messages: u32,
    /// More about it.
    #[component(name = "facts")]
    pub facts: Vec<Fact>,
}

/// What every call is told: with it a call can be repeated from its recording.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ComponentType, Lift, Lower)]
#[component(record)]
pub struct CallContext {
    /// The call's id.
    #[component(name = "call-id")]
    pub call_id: Text,
    /// The clock, in milliseconds since 1970.
    #[component(name = "now")]
    pub now: u64,
    /// All the randomness there is.
    #[component(name = "seed")]
    pub seed: u64,
    /// Nothing will come of it.
    #[component(name = "dry-run")]
    pub dry_run: bool,
    /// CPU time it has, in microseconds.
    #[component(name = "budget-micros")]
    pub budget_micros: u32,
}

/// Why a plugin says what it says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Explanation {
    /// A stable word, for example `denied`.
    #[component(name = "code")]
    pub code: Text,
    /// A sentence for people.
    #[component(name = "detail")]
    pub detail: Text,
    /// What it rests on.
    #[component(name = "evidence")]
    pub evidence: Vec<Text>,
}

/// How a plugin says that it has no answer.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(variant)]
pub enum PluginError {
    /// It has no opinion.
    #[component(name = "not-applicable")]
    NotApplicable,
    /// Settings or catalogue do not fit.
    #[component(name = "misconfigured")]
    Misconfigured(Text),
    /// Perhaps later.
    #[component(name = "unavailable")]
    Unavailable(Text),
    /// A defect.
    #[component(name = "internal")]
    Internal(Text),
}

/// A text that the desk keeps ready, as it may be used in the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ComponentType, Lower)]
#[component(record)]
pub struct CannedReply {
    /// Its id in the rules.
    #[component(name = "id")]
    pub id: Text,
    /// Its title.
    #[component(name = "title")]
    pub title: Text,
    /// Its text, with placeholders in braces.
    #[component(name = "text")]
    pub text: Text,
}

/// Departments and agents of the moment, for plugins with `directory`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directory {
    /// All departments.
    pub departments: Vec<Department>,
    /// All agents; each names its departments.
    pub agents: Vec<Agent>,
}

/// One event put to the plugins: its clock, its seed and what the host may tell about the moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// Recorded with every decision.
    pub call_id: String,
    /// The clock, in milliseconds since 1970.
    pub now_ms: u64,
    /// All the randomness there is.
    pub seed: u64,
    /// Nothing will come of it (a test, a backtest).
    pub dry_run: bool,
    /// Messages of the conversation, newest first, for plugins with `history`.
    pub history: Arc<[Arc<Message>]>,
    /// For plugins with `directory`.
    pub directory: Arc<Directory>,
}

/// Where a conversation could go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// To a department's queue.
    Department(Text),
    /// To one agent.
    Agent(Text),
    /// Back to where conversations arrive.
    FirstContact,
    /// To a bot.
    Bot,
}

/// Why the transfer rules are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// A message came.
    NewMessage,
    /// The classification changed.
    Classified,
    /// The agent went away.
    AgentLeft,
    /// Nobody took it for too long.
    WaitedTooLong,
    /// An agent wants it.
    AgentAsked,
}

/// What an observer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A conversation began.
    Opened,
    /// An agent got it.
    Assigned,
    /// It went elsewhere.
    Transferred,
    /// Its classification was chosen.
    Classified,
    /// A message went out.
    MessageSent,
    /// A message was refused.
    MessageDenied,
    /// It ended.
    Closed,
    /// The consumer rated it.
    Rated,
}
