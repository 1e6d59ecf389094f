//! A conversation's summary as stored in the views. Like all of the views it may be thrown away, so it is never upcast.

use dialogo_domain::{AgentId, ConsumerId, ConversationId, DepartmentId, Millis, NodeId};
use minicbor::{Decode, Encode};

use super::conversation::{Closer, State};
use super::ids::{Id, text};
use super::message::Channel;
use crate::views::Summary as ViewSummary;

#[derive(Debug, Encode, Decode)]
pub(crate) struct Summary<'a> {
    #[n(0)]
    conversation: Id,
    #[n(1)]
    consumer: Id,
    #[n(2)]
    channel: Channel,
    #[n(3)]
    state: State,
    #[b(4)]
    department: Option<&'a str>,
    #[b(5)]
    agent: Option<&'a str>,
    #[n(6)]
    opened_at: u64,
    #[b(7)]
    closed: Option<(u64, Closer<'a>)>,
    #[b(8)]
    node: Option<&'a str>,
    #[n(9)]
    settled: bool,
    #[n(10)]
    messages: u32,
}

impl<'a> Summary<'a> {
    pub(crate) fn of(summary: &'a ViewSummary) -> Self {
        let ViewSummary {
            conversation,
            consumer,
            channel,
            state,
            department,
            agent,
            opened_at,
            closed,
            node,
            settled,
            messages,
        } = summary;
        Self {
            conversation: Id(conversation.0),
            consumer: Id(consumer.0),
            channel: Channel::of(*channel),
            state: State::of(*state),
            department: text!(department),
            agent: text!(agent),
            opened_at: opened_at.0,
            closed: closed.as_ref().map(|(at, by)| (at.0, Closer::of(by))),
            node: text!(node),
            settled: *settled,
            messages: *messages,
        }
    }

    pub(crate) fn into_view(self) -> ViewSummary {
        ViewSummary {
            conversation: ConversationId(self.conversation.0),
            consumer: ConsumerId(self.consumer.0),
            channel: self.channel.into_domain(),
            state: self.state.into_domain(),
            department: self.department.map(DepartmentId::from),
            agent: self.agent.map(AgentId::from),
            opened_at: Millis(self.opened_at),
            closed: self.closed.map(|(at, by)| (Millis(at), by.into_domain())),
            node: self.node.map(NodeId::from),
            settled: self.settled,
            messages: self.messages,
        }
    }
}
