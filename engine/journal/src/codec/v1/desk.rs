//! The whole state as stored in a snapshot. Unlike events it is never upcast: a snapshot whose schema differs is thrown
//! away and folded anew, so this form may change freely as long as [`SCHEMA`] changes with it.

use dialogo_domain::desk::{Consumer as DomainConsumer, QueueKey};
use dialogo_domain::{
    AgentId, CommandId, ConsumerId, ConversationId, DepartmentId, Desk as DomainDesk, Generation,
    Millis, Position,
};
use minicbor::{Decode, Encode};

use super::agent::Agent;
use super::conversation::Conversation;
use super::ids::{Digest, Id, time, time_back};
use super::message::Profile;
use super::sealed::{Personal, Sealed};
use crate::codec::CodecFault;

/// Names this form. Change it with every change to what is stored here *or to what the domain makes of events*.
pub(crate) const SCHEMA: &str = "dialogo-desk-1";

/// Negated priority, since when, which conversation.
type Waiting = (i32, u64, Id);

/// Which conversation, since when.
type Since = (Id, u64);

#[derive(Debug, Encode, Decode)]
pub(crate) struct Desk<'a> {
    #[n(0)]
    position: u64,
    #[n(1)]
    now: u64,
    #[n(2)]
    generation: Digest,
    #[b(3)]
    conversations: Vec<Conversation<'a>>,
    #[b(4)]
    agents: Vec<(&'a str, Agent<'a>)>,
    #[b(5)]
    consumers: Vec<(Id, Consumer<'a>)>,
    #[b(6)]
    queues: Vec<(&'a str, Vec<Waiting>)>,
    #[n(7)]
    timers: Vec<(u64, Id)>,
    #[b(8)]
    agent_timers: Vec<(u64, &'a str)>,
    #[n(9)]
    idle_consumers: Vec<(u64, Id)>,
    #[b(10)]
    unclassified: Vec<(Option<&'a str>, Vec<Since>)>,
    #[n(11)]
    answers: Vec<(Id, u64)>,
    #[n(12)]
    answers_by_age: Vec<(u64, Id)>,
}

#[derive(Debug, Encode, Decode)]
struct Consumer<'a> {
    #[b(0)]
    personal: Sealed<'a>,
    #[n(1)]
    conversation: Option<Id>,
    #[b(2)]
    last_agent: Option<(&'a str, u64)>,
    #[n(3)]
    idle_since: Option<u64>,
}

impl<'a> Consumer<'a> {
    fn of(consumer: &'a DomainConsumer) -> Self {
        let DomainConsumer { profile, conversation, last_agent, idle_since } = consumer;
        let personal = Personal { profile: Some(Profile::of(profile)), ..Personal::default() };
        Self {
            personal: Sealed::of(&personal),
            conversation: conversation.map(|id| Id(id.0)),
            last_agent: last_agent.as_ref().map(|(agent, at)| (agent.as_str(), at.0)),
            idle_since: time(*idle_since),
        }
    }

    fn into_domain(self) -> Result<DomainConsumer, CodecFault> {
        Ok(DomainConsumer {
            profile: self.personal.open()?.profile.map(Profile::into_domain).unwrap_or_default(),
            conversation: self.conversation.map(|id| ConversationId(id.0)),
            last_agent: self.last_agent.map(|(agent, at)| (AgentId::from(agent), Millis(at))),
            idle_since: time_back(self.idle_since),
        })
    }
}

impl<'a> Desk<'a> {
    pub(crate) fn of(desk: &'a DomainDesk) -> Self {
        let DomainDesk {
            position,
            now,
            generation,
            conversations,
            agents,
            consumers,
            queues,
            timers,
            agent_timers,
            idle_consumers,
            unclassified,
            answers,
            answers_by_age,
        } = desk;
        let key =
            |key: &QueueKey| (key.negated_priority, key.waiting_since.0, Id(key.conversation.0));
        Self {
            position: position.0,
            now: now.0,
            generation: Digest(generation.0),
            conversations: conversations.values().map(Conversation::of).collect(),
            agents: agents.iter().map(|(id, agent)| (id.as_str(), Agent::of(agent))).collect(),
            consumers: consumers
                .iter()
                .map(|(id, consumer)| (Id(id.0), Consumer::of(consumer)))
                .collect(),
            queues: queues
                .iter()
                .map(|(id, queue)| (id.as_str(), queue.iter().map(key).collect()))
                .collect(),
            timers: timers.iter().map(|(at, id)| (at.0, Id(id.0))).collect(),
            agent_timers: agent_timers.iter().map(|(at, id)| (at.0, id.as_str())).collect(),
            idle_consumers: idle_consumers.iter().map(|(at, id)| (at.0, Id(id.0))).collect(),
            unclassified: unclassified
                .iter()
                .map(|(agent, list)| {
                    let list = list.iter().map(|(id, at)| (Id(id.0), at.0)).collect();
                    (agent.as_ref().map(AgentId::as_str), list)
                })
                .collect(),
            answers: answers.iter().map(|(id, position)| (Id(id.0), position.0)).collect(),
            answers_by_age: answers_by_age.iter().map(|(at, id)| (at.0, Id(id.0))).collect(),
        }
    }

    pub(crate) fn into_domain(self) -> Result<DomainDesk, CodecFault> {
        let key = |(negated_priority, since, id): (i32, u64, Id)| QueueKey {
            negated_priority,
            waiting_since: Millis(since),
            conversation: ConversationId(id.0),
        };
        let mut desk = DomainDesk {
            position: Position(self.position),
            now: Millis(self.now),
            generation: Generation(self.generation.0),
            agents: self
                .agents
                .into_iter()
                .map(|(id, agent)| (AgentId::from(id), agent.into_domain()))
                .collect(),
            queues: self
                .queues
                .into_iter()
                .map(|(id, queue)| (DepartmentId::from(id), queue.into_iter().map(key).collect()))
                .collect(),
            timers: self
                .timers
                .into_iter()
                .map(|(at, id)| (Millis(at), ConversationId(id.0)))
                .collect(),
            agent_timers: self
                .agent_timers
                .into_iter()
                .map(|(at, id)| (Millis(at), AgentId::from(id)))
                .collect(),
            idle_consumers: self
                .idle_consumers
                .into_iter()
                .map(|(at, id)| (Millis(at), ConsumerId(id.0)))
                .collect(),
            unclassified: self
                .unclassified
                .into_iter()
                .map(|(agent, list)| {
                    let list = list
                        .into_iter()
                        .map(|(id, at)| (ConversationId(id.0), Millis(at)))
                        .collect();
                    (agent.map(AgentId::from), list)
                })
                .collect(),
            answers: self
                .answers
                .into_iter()
                .map(|(id, at)| (CommandId(id.0), Position(at)))
                .collect(),
            answers_by_age: self
                .answers_by_age
                .into_iter()
                .map(|(at, id)| (Millis(at), CommandId(id.0)))
                .collect(),
            ..DomainDesk::default()
        };
        for conversation in self.conversations {
            let conversation = conversation.into_domain()?;
            desk.conversations.insert(conversation.id, conversation);
        }
        for (id, consumer) in self.consumers {
            desk.consumers.insert(ConsumerId(id.0), consumer.into_domain()?);
        }
        Ok(desk)
    }
}
