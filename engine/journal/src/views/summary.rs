//! What a list shows of a conversation, and in which lists it stands. Kept for open and closed ones alike; written only
//! when one of its fields changes, never for a message.

use dialogo_domain::conversation::{Classification, Closer, Conversation, State};
use dialogo_domain::message::Channel;
use dialogo_domain::{AgentId, ConsumerId, ConversationId, DepartmentId, Millis, NodeId};

use crate::codec::{self, CodecFault};

use super::keys::{self, Key};

/// What a list shows of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its id.
    pub conversation: ConversationId,
    /// Whose.
    pub consumer: ConsumerId,
    /// Where it came in.
    pub channel: Channel,
    /// Where it stands.
    pub state: State,
    /// Whose queue or team it is in.
    pub department: Option<DepartmentId>,
    /// Who has it, or had it last.
    pub agent: Option<AgentId>,
    /// When it began.
    pub opened_at: Millis,
    /// When and by whom it was closed, while it is.
    pub closed: Option<(Millis, Closer)>,
    /// Its classification, final or draft.
    pub node: Option<NodeId>,
    /// Whether the classification is settled: final or waived.
    pub settled: bool,
    /// Messages and notes so far.
    pub messages: u32,
}

impl Summary {
    /// Of a conversation as it is now.
    pub fn of(conversation: &Conversation) -> Self {
        let (node, settled) = match &conversation.classification {
            Classification::None => (None, false),
            Classification::Draft(chosen) => (Some(chosen.node.clone()), false),
            Classification::Final(chosen) => (Some(chosen.node.clone()), true),
            Classification::Waived => (None, true),
        };
        Self {
            conversation: conversation.id,
            consumer: conversation.consumer,
            channel: conversation.channel,
            state: conversation.state,
            department: conversation.department.clone(),
            agent: conversation.agent.clone().or_else(|| conversation.last_agent.clone()),
            opened_at: conversation.opened_at,
            closed: conversation.closed.as_ref().map(|closed| (closed.at, closed.by.clone())),
            node,
            settled,
            messages: conversation.last_number,
        }
    }

    /// The lists it stands in.
    pub(super) fn places(&self) -> Vec<Key> {
        let id = self.conversation;
        let mut places = vec![keys::listed(keys::of_consumer(self.consumer), self.opened_at, id)];
        let Some((closed_at, _)) = self.closed else { return places };
        places.push(keys::listed(keys::closed(), closed_at, id));
        places.push(keys::listed(keys::of_department(self.department.as_ref()), closed_at, id));
        places.extend(
            self.agent.as_ref().map(|agent| keys::listed(keys::of_agent(agent), closed_at, id)),
        );
        if !self.settled {
            places.push(keys::listed(keys::to_classify(), closed_at, id));
        }
        places
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        codec::encode_summary(self, &mut bytes);
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CodecFault> {
        codec::decode_summary(bytes)
    }
}
