//! Where, when, under which rules and for whom: as stored.

use dialogo_domain::{
    Actor as DomainActor, AgentId, CommandId, ConsumerId, Generation, Millis, Position,
    Stamp as DomainStamp,
};
use minicbor::{Decode, Encode};

use super::ids::{Digest, Id};

#[derive(Debug, Encode, Decode)]
pub(crate) struct Stamp<'a> {
    #[n(0)]
    position: u64,
    #[n(1)]
    at: u64,
    #[n(2)]
    generation: Digest,
    #[n(3)]
    command: Option<Id>,
    #[b(4)]
    actor: Actor<'a>,
}

impl<'a> Stamp<'a> {
    pub(crate) fn of(stamp: &'a DomainStamp) -> Self {
        let DomainStamp { position, at, generation, command, actor } = stamp;
        Self {
            position: position.0,
            at: at.0,
            generation: Digest(generation.0),
            command: command.map(|id| Id(id.0)),
            actor: Actor::of(actor),
        }
    }

    pub(crate) fn into_domain(self) -> DomainStamp {
        DomainStamp {
            position: Position(self.position),
            at: Millis(self.at),
            generation: Generation(self.generation.0),
            command: self.command.map(|id| CommandId(id.0)),
            actor: self.actor.into_domain(),
        }
    }
}

#[derive(Debug, Encode, Decode)]
pub(crate) enum Actor<'a> {
    #[n(0)]
    Consumer(#[n(0)] Id),
    #[n(1)]
    Agent(#[b(0)] &'a str),
    #[n(2)]
    Bot,
    #[n(3)]
    Engine,
    #[n(4)]
    Operator,
}

impl<'a> Actor<'a> {
    fn of(actor: &'a DomainActor) -> Self {
        match actor {
            DomainActor::Consumer(consumer) => Self::Consumer(Id(consumer.0)),
            DomainActor::Agent(agent) => Self::Agent(agent.as_str()),
            DomainActor::Bot => Self::Bot,
            DomainActor::Engine => Self::Engine,
            DomainActor::Operator => Self::Operator,
        }
    }

    fn into_domain(self) -> DomainActor {
        match self {
            Self::Consumer(consumer) => DomainActor::Consumer(ConsumerId(consumer.0)),
            Self::Agent(agent) => DomainActor::Agent(AgentId::new(agent)),
            Self::Bot => DomainActor::Bot,
            Self::Engine => DomainActor::Engine,
            Self::Operator => DomainActor::Operator,
        }
    }
}
