//! A whole conversation as stored: in `ConversationRecalled`, in the views once it is cold, and in snapshots.

use std::sync::Arc;

use dialogo_domain::conversation::{
    Chosen as DomainChosen, Classification as DomainClassification, Closed as DomainClosed,
    Closer as DomainCloser, ConsumerPresence as DomainConsumerPresence,
    Conversation as DomainConversation, Offer as DomainOffer,
    PendingTransfer as DomainPendingTransfer, ReadMark as DomainReadMark, State as DomainState,
    Suggested,
};
use dialogo_domain::{
    AgentId, ConsumerId, ConversationId, DepartmentId, MessageId, Millis, Position,
};
use minicbor::{Decode, Encode};

use super::ids::{Id, text, time, time_back};
use super::message::Channel;
use super::plugin::{Suggestion, join_suggestions, split_suggestions};
use super::sealed::{Personal, Sealed};
use crate::codec::CodecFault;

#[derive(Clone, Copy, Debug, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum State {
    #[n(0)]
    Bot,
    #[n(1)]
    Queued,
    #[n(2)]
    Offered,
    #[n(3)]
    Active,
    #[n(4)]
    OnHold,
    #[n(5)]
    Closed,
}

impl State {
    pub(crate) fn of(state: DomainState) -> Self {
        match state {
            DomainState::Bot => Self::Bot,
            DomainState::Queued => Self::Queued,
            DomainState::Offered => Self::Offered,
            DomainState::Active => Self::Active,
            DomainState::OnHold => Self::OnHold,
            DomainState::Closed => Self::Closed,
        }
    }

    pub(crate) fn into_domain(self) -> DomainState {
        match self {
            Self::Bot => DomainState::Bot,
            Self::Queued => DomainState::Queued,
            Self::Offered => DomainState::Offered,
            Self::Active => DomainState::Active,
            Self::OnHold => DomainState::OnHold,
            Self::Closed => DomainState::Closed,
        }
    }
}

#[derive(Debug, Encode, Decode)]
pub(crate) enum Closer<'a> {
    #[n(0)]
    Agent(#[b(0)] &'a str),
    #[n(1)]
    Supervisor(#[b(0)] &'a str),
    #[n(2)]
    Consumer,
    #[n(3)]
    ConnectionTimeout,
    #[n(4)]
    MessageTimeout,
    #[n(5)]
    Bot,
    #[n(6)]
    Callback,
}

impl<'a> Closer<'a> {
    pub(crate) fn of(closer: &'a DomainCloser) -> Self {
        match closer {
            DomainCloser::Agent(agent) => Self::Agent(agent.as_str()),
            DomainCloser::Supervisor(agent) => Self::Supervisor(agent.as_str()),
            DomainCloser::Consumer => Self::Consumer,
            DomainCloser::ConnectionTimeout => Self::ConnectionTimeout,
            DomainCloser::MessageTimeout => Self::MessageTimeout,
            DomainCloser::Bot => Self::Bot,
            DomainCloser::Callback => Self::Callback,
        }
    }

    pub(crate) fn into_domain(self) -> DomainCloser {
        match self {
            Self::Agent(agent) => DomainCloser::Agent(agent.into()),
            Self::Supervisor(agent) => DomainCloser::Supervisor(agent.into()),
            Self::Consumer => DomainCloser::Consumer,
            Self::ConnectionTimeout => DomainCloser::ConnectionTimeout,
            Self::MessageTimeout => DomainCloser::MessageTimeout,
            Self::Bot => DomainCloser::Bot,
            Self::Callback => DomainCloser::Callback,
        }
    }
}

#[derive(Debug, Encode, Decode)]
pub(crate) struct Chosen<'a> {
    #[b(0)]
    node: &'a str,
    #[b(1)]
    tree: &'a str,
    #[b(2)]
    by: Option<&'a str>,
}

impl<'a> Chosen<'a> {
    pub(crate) fn of(chosen: &'a DomainChosen) -> Self {
        let DomainChosen { node, tree, by } = chosen;
        Self { node: node.as_str(), tree, by: text!(by) }
    }

    pub(crate) fn into_domain(self) -> DomainChosen {
        DomainChosen {
            node: self.node.into(),
            tree: self.tree.into(),
            by: self.by.map(AgentId::from),
        }
    }
}

#[derive(Debug, Encode, Decode)]
pub(crate) enum Classification<'a> {
    #[n(0)]
    None,
    #[n(1)]
    Draft(#[b(0)] Chosen<'a>),
    #[n(2)]
    Final(#[b(0)] Chosen<'a>),
    #[n(3)]
    Waived,
}

impl<'a> Classification<'a> {
    pub(crate) fn of(classification: &'a DomainClassification) -> Self {
        match classification {
            DomainClassification::None => Self::None,
            DomainClassification::Draft(chosen) => Self::Draft(Chosen::of(chosen)),
            DomainClassification::Final(chosen) => Self::Final(Chosen::of(chosen)),
            DomainClassification::Waived => Self::Waived,
        }
    }

    pub(crate) fn into_domain(self) -> DomainClassification {
        match self {
            Self::None => DomainClassification::None,
            Self::Draft(chosen) => DomainClassification::Draft(chosen.into_domain()),
            Self::Final(chosen) => DomainClassification::Final(chosen.into_domain()),
            Self::Waived => DomainClassification::Waived,
        }
    }
}

#[derive(Debug, Encode, Decode)]
enum ConsumerPresence {
    #[n(0)]
    Here,
    #[n(1)]
    Away(#[n(0)] u64),
    #[n(2)]
    Left,
}

#[derive(Debug, Encode, Decode)]
struct ReadMark {
    #[n(0)]
    delivered: u32,
    #[n(1)]
    read: u32,
}

impl ReadMark {
    fn of(DomainReadMark { delivered, read }: DomainReadMark) -> Self {
        Self { delivered, read }
    }

    fn into_domain(self) -> DomainReadMark {
        DomainReadMark { delivered: self.delivered, read: self.read }
    }
}

#[derive(Debug, Encode, Decode)]
struct Offer {
    #[n(0)]
    at: u64,
    #[n(1)]
    until: u64,
}

#[derive(Debug, Encode, Decode)]
struct PendingTransfer<'a> {
    #[b(0)]
    agent: &'a str,
    #[b(1)]
    department: &'a str,
    #[n(2)]
    until: u64,
}

#[derive(Debug, Encode, Decode)]
pub(crate) struct Closed<'a> {
    #[n(0)]
    at: u64,
    #[b(1)]
    by: Closer<'a>,
}

impl<'a> Closed<'a> {
    pub(crate) fn of(DomainClosed { at, by }: &'a DomainClosed) -> Self {
        Self { at: at.0, by: Closer::of(by) }
    }

    pub(crate) fn into_domain(self) -> DomainClosed {
        DomainClosed { at: Millis(self.at), by: self.by.into_domain() }
    }
}

#[derive(Debug, Encode, Decode)]
#[expect(clippy::struct_excessive_bools, reason = "stored as the domain has them")]
pub(crate) struct Conversation<'a> {
    #[n(0)]
    id: Id,
    #[n(1)]
    consumer: Id,
    #[n(2)]
    channel: Channel,
    #[n(3)]
    state: State,
    #[n(4)]
    version: u32,
    #[n(5)]
    segment: u32,
    #[n(6)]
    opened_at: u64,
    #[n(7)]
    previous: Option<Id>,
    #[b(8)]
    department: Option<&'a str>,
    #[b(9)]
    agent: Option<&'a str>,
    #[b(10)]
    first_agent: Option<&'a str>,
    #[b(11)]
    last_agent: Option<&'a str>,
    #[n(12)]
    waiting_since: Option<u64>,
    #[n(13)]
    priority: i32,
    #[n(14)]
    offer: Option<Offer>,
    #[b(15)]
    passed: Vec<&'a str>,
    #[n(16)]
    hops: u32,
    #[b(17)]
    transfer: Option<PendingTransfer<'a>>,
    #[n(18)]
    last_number: u32,
    #[n(19)]
    messages: Vec<(Id, u32, u64)>,
    #[n(20)]
    consumer_wrote_at: Option<u64>,
    #[n(21)]
    agent_wrote_at: Option<u64>,
    #[n(22)]
    consumer_read: ReadMark,
    #[n(23)]
    agent_read: ReadMark,
    #[n(24)]
    consumer_presence: ConsumerPresence,
    #[b(25)]
    classification: Classification<'a>,
    #[n(26)]
    set: u32,
    #[b(27)]
    suggestions: Vec<Suggestion<'a>>,
    #[n(28)]
    shown: bool,
    #[n(29)]
    settled: bool,
    #[b(30)]
    closed: Option<Closed<'a>>,
    #[b(31)]
    personal: Option<Sealed<'a>>,
    #[n(32)]
    answered: bool,
    #[n(33)]
    consumer_waits: bool,
    #[n(34)]
    rated_segment: Option<u32>,
    #[n(35)]
    timer: Option<u64>,
}

impl<'a> Conversation<'a> {
    pub(crate) fn of(conversation: &'a DomainConversation) -> Self {
        let DomainConversation {
            id,
            consumer,
            channel,
            state,
            version,
            segment,
            opened_at,
            previous,
            department,
            agent,
            first_agent,
            last_agent,
            waiting_since,
            priority,
            offer,
            passed,
            hops,
            transfer,
            last_number,
            messages,
            consumer_wrote_at,
            agent_wrote_at,
            consumer_read,
            agent_read,
            consumer_presence,
            classification,
            suggestions: Suggested { set, items, shown, settled },
            closed,
            bot_state,
            answered,
            consumer_waits,
            rated_segment,
            timer,
        } = conversation;
        let (suggestions, evidence) = split_suggestions(items);
        let personal = Personal { evidence, state: bot_state.as_deref(), ..Personal::default() };
        let has_personal = personal.evidence.is_some() || personal.state.is_some();
        Self {
            id: Id(id.0),
            consumer: Id(consumer.0),
            channel: Channel::of(*channel),
            state: State::of(*state),
            version: *version,
            segment: *segment,
            opened_at: opened_at.0,
            previous: previous.map(|id| Id(id.0)),
            department: text!(department),
            agent: text!(agent),
            first_agent: text!(first_agent),
            last_agent: text!(last_agent),
            waiting_since: time(*waiting_since),
            priority: *priority,
            offer: offer.map(|DomainOffer { at, until }| Offer { at: at.0, until: until.0 }),
            passed: passed.iter().map(AgentId::as_str).collect(),
            hops: *hops,
            transfer: transfer.as_ref().map(
                |DomainPendingTransfer { agent, department, until }| PendingTransfer {
                    agent: agent.as_str(),
                    department: department.as_str(),
                    until: until.0,
                },
            ),
            last_number: *last_number,
            messages: messages
                .iter()
                .map(|(id, number, position)| (Id(id.0), number, position.0))
                .collect(),
            consumer_wrote_at: time(*consumer_wrote_at),
            agent_wrote_at: time(*agent_wrote_at),
            consumer_read: ReadMark::of(*consumer_read),
            agent_read: ReadMark::of(*agent_read),
            consumer_presence: match consumer_presence {
                DomainConsumerPresence::Here => ConsumerPresence::Here,
                DomainConsumerPresence::Away(since) => ConsumerPresence::Away(since.0),
                DomainConsumerPresence::Left => ConsumerPresence::Left,
            },
            classification: Classification::of(classification),
            set: *set,
            suggestions,
            shown: *shown,
            settled: *settled,
            closed: closed.as_ref().map(Closed::of),
            personal: has_personal.then(|| Sealed::of(&personal)),
            answered: *answered,
            consumer_waits: *consumer_waits,
            rated_segment: *rated_segment,
            timer: time(*timer),
        }
    }

    pub(crate) fn into_domain(self) -> Result<DomainConversation, CodecFault> {
        let personal = self.personal.as_ref().map(Sealed::open).transpose()?.unwrap_or_default();
        let message =
            |(id, number, position): (Id, u32, u64)| (MessageId(id.0), number, Position(position));
        Ok(DomainConversation {
            id: ConversationId(self.id.0),
            consumer: ConsumerId(self.consumer.0),
            channel: self.channel.into_domain(),
            state: self.state.into_domain(),
            version: self.version,
            segment: self.segment,
            opened_at: Millis(self.opened_at),
            previous: self.previous.map(|id| ConversationId(id.0)),
            department: self.department.map(DepartmentId::from),
            agent: self.agent.map(AgentId::from),
            first_agent: self.first_agent.map(AgentId::from),
            last_agent: self.last_agent.map(AgentId::from),
            waiting_since: time_back(self.waiting_since),
            priority: self.priority,
            offer: self
                .offer
                .map(|offer| DomainOffer { at: Millis(offer.at), until: Millis(offer.until) }),
            passed: self.passed.into_iter().map(AgentId::from).collect(),
            hops: self.hops,
            transfer: self.transfer.map(|transfer| DomainPendingTransfer {
                agent: transfer.agent.into(),
                department: transfer.department.into(),
                until: Millis(transfer.until),
            }),
            last_number: self.last_number,
            messages: self.messages.into_iter().map(message).collect(),
            consumer_wrote_at: time_back(self.consumer_wrote_at),
            agent_wrote_at: time_back(self.agent_wrote_at),
            consumer_read: self.consumer_read.into_domain(),
            agent_read: self.agent_read.into_domain(),
            consumer_presence: match self.consumer_presence {
                ConsumerPresence::Here => DomainConsumerPresence::Here,
                ConsumerPresence::Away(since) => DomainConsumerPresence::Away(Millis(since)),
                ConsumerPresence::Left => DomainConsumerPresence::Left,
            },
            classification: self.classification.into_domain(),
            suggestions: Suggested {
                set: self.set,
                items: join_suggestions(self.suggestions, personal.evidence),
                shown: self.shown,
                settled: self.settled,
            },
            closed: self.closed.map(Closed::into_domain),
            bot_state: personal.state.map(Arc::from),
            answered: self.answered,
            consumer_waits: self.consumer_waits,
            rated_segment: self.rated_segment,
            timer: time_back(self.timer),
        })
    }
}
