//! Conversations as the API shows them: all of it to accounts, the little that concerns them to consumers.

use std::collections::BTreeMap;

use dialogo_desk::Moment;
use dialogo_domain::conversation as domain;
use dialogo_domain::{Desk, desk, plugin};
use serde::Serialize;
use utoipa::ToSchema;

use super::account::AgentRef;
use super::event::Viewer;
use super::names;

/// One conversation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Conversation {
    /// Its id (UUID).
    pub id: String,
    /// Where it stands: `bot`, `queued`, `offered`, `active`, `on_hold` or `closed`.
    pub state: &'static str,
    /// Where it came in.
    pub channel: &'static str,
    /// When it began, in milliseconds UTC.
    pub opened_at: u64,
    /// Whose queue or team it is in.
    pub department: Option<String>,
    /// Who has it; consumers see the name only.
    pub agent: Option<AgentRef>,
    /// As of which position of the feed this is: what the feed tells up to there is in it.
    pub position: u64,
    /// Place in the queue, counted from 1, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<usize>,
    /// How long it will probably wait, rounded to minutes; absent where there is no basis to say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_wait_ms: Option<u64>,
    /// Messages and notes so far.
    pub last_number: u32,
    /// How far the consumer has come.
    pub consumer_read: ReadMark,
    /// How far the agent has come.
    pub agent_read: ReadMark,
    /// The earlier conversation it is linked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// How it ended, while it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// Where the words that were searched for stand, if they stand in a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit: Option<Hit>,
    /// What only accounts see.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub inside: Option<Inside>,
}

/// Where searched words stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hit {
    /// Number of the message.
    pub number: u32,
    /// When it was sent, in milliseconds UTC.
    pub at: u64,
    /// The text around the words, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether it was searched for.
    pub hit: bool,
}

/// What the consumer said of late, cut short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Excerpt {
    /// The earliest message known here.
    pub first: String,
    /// The latest.
    pub last: String,
}

/// What only accounts see of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Inside {
    /// Whose it is (UUID).
    pub consumer: String,
    /// What is known of the person.
    pub profile: Profile,
    /// `here`, `away` or `left`.
    pub consumer_presence: &'static str,
    /// Grows with every change that matters for verdicts.
    pub version: u32,
    /// Grows with every reopening.
    pub segment: u32,
    /// The agent of first contact.
    pub first_agent: Option<String>,
    /// The last agent who had it.
    pub last_agent: Option<String>,
    /// Since when the consumer waits, in milliseconds UTC.
    pub waiting_since: Option<u64>,
    /// The higher goes first.
    pub priority: i32,
    /// An unanswered offer.
    pub offer: Option<OfferView>,
    /// Transfers in this segment.
    pub hops: u32,
    /// A transfer that waits for an agent.
    pub transfer: Option<WaitingTransfer>,
    /// When the consumer last wrote, in milliseconds UTC.
    pub consumer_wrote_at: Option<u64>,
    /// When an agent last wrote, in milliseconds UTC.
    pub agent_wrote_at: Option<u64>,
    /// What the consumer said, while nobody has it yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// What it was about.
    pub classification: Classification,
    /// The suggestions that stand.
    pub suggestions: Suggestions,
}

/// How far somebody has come, by message number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadMark {
    /// Received up to.
    pub delivered: u32,
    /// Read up to.
    pub read: u32,
}

/// How a conversation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Closed {
    /// When, in milliseconds UTC.
    pub at: u64,
    /// `agent`, `supervisor`, `consumer`, `connection_timeout`, `message_timeout`, `bot` or `callback`.
    pub by: &'static str,
}

/// An offer that waits to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OfferView {
    /// When it was made, in milliseconds UTC.
    pub at: u64,
    /// When it goes to the next agent, in milliseconds UTC.
    pub until: u64,
}

/// A transfer that waits for an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaitingTransfer {
    /// For whom.
    pub agent: String,
    /// Where it goes when the wait is over.
    pub department: String,
    /// When the wait is over, in milliseconds UTC.
    pub until: u64,
}

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Profile {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// What the site says of the visitor.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
}

/// What a conversation was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Classification {
    /// `none`, `draft`, `final` or `waived`.
    pub state: &'static str,
    /// The node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The version of the tree it was chosen from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// Who chose it; absent: a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The suggestions that stand.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Suggestions {
    /// Number of the set: name it when one is accepted.
    pub set: u32,
    /// Best first, at most three.
    pub items: Vec<Suggestion>,
}

/// One suggested classification.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Suggestion {
    /// The node.
    pub node: String,
    /// 0 to 1.
    pub confidence: f32,
    /// Who proposed it.
    pub plugins: Vec<String>,
    /// The words that led to it.
    pub evidence: Vec<String>,
}

/// Conversations, best first in a queue and latest first elsewhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConversationList {
    /// The conversations.
    pub conversations: Vec<Conversation>,
    /// Give it as `before` to get the next page; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// As of which position of the feed this is: whoever follows the feed from here misses nothing.
    pub position: u64,
    /// How far a search has looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searched: Option<Searched>,
}

/// How far a search has looked. Beyond `back_to` it has not: `next` goes on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Searched {
    /// Closed conversations that were looked at.
    pub looked_at: usize,
    /// When the oldest of them ended (with `consumer`: began), in milliseconds UTC; absent: all were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_to: Option<u64>,
}

/// A consumer has begun.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConversationBegun {
    /// The consumer's token, when one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// When the token ends, in milliseconds UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// The consumer (UUID).
    pub consumer: String,
    /// The conversation.
    pub conversation: Conversation,
    /// Where to follow the feed from.
    pub cursor: u64,
}

/// Longest excerpt, in characters: a line of a list.
const MAX_EXCERPT: usize = 160;

/// The beginning of a text, on one line.
pub(crate) fn cut_short(text: &str) -> String {
    let mut short = String::new();
    for (count, word) in text.split_whitespace().enumerate() {
        if count > 0 {
            short.push(' ');
        }
        short.push_str(word);
        if let Some((at, _)) = short.char_indices().nth(MAX_EXCERPT) {
            short.truncate(at);
            short.push('…');
            break;
        }
    }
    short
}

impl Excerpt {
    fn of(conversation: &domain::Conversation, moment: &Moment<'_>) -> Option<Self> {
        use domain::State;
        let waits = matches!(conversation.state, State::Bot | State::Queued | State::Offered);
        let said = moment.said(conversation.id).filter(|(consumer, _)| waits && *consumer);
        let mut texts = said.map(|(_, text)| text).filter(|text| !text.trim().is_empty());
        let first = texts.next()?;
        let last = texts.last().unwrap_or(first);
        Some(Self { first: cut_short(first), last: cut_short(last) })
    }
}

impl From<domain::ReadMark> for ReadMark {
    fn from(mark: domain::ReadMark) -> Self {
        Self { delivered: mark.delivered, read: mark.read }
    }
}

impl From<&desk::Profile> for Profile {
    fn from(profile: &desk::Profile) -> Self {
        Self {
            name: profile.name.clone(),
            email: profile.email.clone(),
            locale: profile.locale.clone(),
            facts: profile.facts.clone(),
        }
    }
}

impl From<&domain::Classification> for Classification {
    fn from(classification: &domain::Classification) -> Self {
        let chosen = |state, chosen: &domain::Chosen| Self {
            state,
            node: Some(chosen.node.to_string()),
            tree: Some(chosen.tree.to_string()),
            by: chosen.by.as_ref().map(ToString::to_string),
        };
        let bare = |state| Self { state, node: None, tree: None, by: None };
        match classification {
            domain::Classification::None => bare("none"),
            domain::Classification::Draft(choice) => chosen("draft", choice),
            domain::Classification::Final(choice) => chosen("final", choice),
            domain::Classification::Waived => bare("waived"),
        }
    }
}

impl From<&plugin::Suggestion> for Suggestion {
    fn from(suggestion: &plugin::Suggestion) -> Self {
        Self {
            node: suggestion.node.to_string(),
            confidence: suggestion.confidence,
            plugins: suggestion.plugins.iter().map(ToString::to_string).collect(),
            evidence: suggestion.evidence.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Place in the queue, counted from 1.
pub(crate) fn place(desk: &Desk, conversation: &domain::Conversation) -> Option<usize> {
    if conversation.state != domain::State::Queued {
        return None;
    }
    let queue = desk.queues.get(conversation.department.as_ref()?)?;
    queue.iter().position(|key| key.conversation == conversation.id).map(|at| at + 1)
}

impl Conversation {
    /// As `viewer` sees it.
    pub fn of(
        conversation: &domain::Conversation,
        moment: &Moment<'_>,
        viewer: &Viewer<'_>,
    ) -> Self {
        let desk = moment.desk;
        let place = place(desk, conversation);
        let queue = conversation.department.as_ref().zip(place);
        Self {
            id: conversation.id.to_string(),
            position: desk.position.0,
            state: names::state(conversation.state),
            channel: names::channel(conversation.channel),
            opened_at: conversation.opened_at.0,
            department: conversation.department.as_ref().map(ToString::to_string),
            agent: conversation.agent.as_ref().map(|id| AgentRef::of(id, desk, viewer)),
            place,
            expected_wait_ms: queue.and_then(|(id, place)| moment.expected_wait_ms(id, place)),
            last_number: conversation.last_number,
            consumer_read: conversation.consumer_read.into(),
            agent_read: conversation.agent_read.into(),
            previous: conversation.previous.map(|id| id.to_string()),
            closed: conversation
                .closed
                .as_ref()
                .map(|closed| Closed { at: closed.at.0, by: names::closer(&closed.by) }),
            hit: None,
            inside: viewer.is_account().then(|| Inside::of(conversation, moment)),
        }
    }
}

impl Inside {
    fn of(conversation: &domain::Conversation, moment: &Moment<'_>) -> Self {
        let desk = moment.desk;
        let text = |id: &Option<dialogo_domain::AgentId>| id.as_ref().map(ToString::to_string);
        Self {
            consumer: conversation.consumer.to_string(),
            profile: desk
                .consumers
                .get(&conversation.consumer)
                .map(|consumer| Profile::from(&consumer.profile))
                .unwrap_or_default(),
            consumer_presence: match conversation.consumer_presence {
                domain::ConsumerPresence::Here => "here",
                domain::ConsumerPresence::Away(_) => "away",
                domain::ConsumerPresence::Left => "left",
            },
            version: conversation.version,
            segment: conversation.segment,
            first_agent: text(&conversation.first_agent),
            last_agent: text(&conversation.last_agent),
            waiting_since: conversation.waiting_since.map(|at| at.0),
            priority: conversation.priority,
            offer: conversation
                .offer
                .map(|offer| OfferView { at: offer.at.0, until: offer.until.0 }),
            hops: conversation.hops,
            transfer: conversation.transfer.as_ref().map(|waiting| WaitingTransfer {
                agent: waiting.agent.to_string(),
                department: waiting.department.to_string(),
                until: waiting.until.0,
            }),
            consumer_wrote_at: conversation.consumer_wrote_at.map(|at| at.0),
            agent_wrote_at: conversation.agent_wrote_at.map(|at| at.0),
            excerpt: Excerpt::of(conversation, moment),
            classification: Classification::from(&conversation.classification),
            suggestions: Suggestions {
                set: conversation.suggestions.set,
                items: conversation.suggestions.items.iter().map(Suggestion::from).collect(),
            },
        }
    }
}
