//! Accounts as stored.

use dialogo_domain::ConversationId;
use dialogo_domain::Millis;
use dialogo_domain::agent::{Agent as DomainAgent, Presence as DomainPresence, Role as DomainRole};
use minicbor::{Decode, Encode};

use super::ids::{Id, time, time_back};

#[derive(Clone, Copy, Debug, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum Role {
    #[n(0)]
    Agent,
    #[n(1)]
    Supervisor,
    #[n(2)]
    Admin,
}

impl Role {
    pub(crate) fn of(role: DomainRole) -> Self {
        match role {
            DomainRole::Agent => Self::Agent,
            DomainRole::Supervisor => Self::Supervisor,
            DomainRole::Admin => Self::Admin,
        }
    }

    pub(crate) fn into_domain(self) -> DomainRole {
        match self {
            Self::Agent => DomainRole::Agent,
            Self::Supervisor => DomainRole::Supervisor,
            Self::Admin => DomainRole::Admin,
        }
    }
}

#[derive(Debug, Encode, Decode)]
pub(crate) enum Presence<'a> {
    #[n(0)]
    Online,
    #[n(1)]
    Busy(#[b(0)] &'a str),
    #[n(2)]
    Offline,
}

impl<'a> Presence<'a> {
    pub(crate) fn of(presence: &'a DomainPresence) -> Self {
        match presence {
            DomainPresence::Online => Self::Online,
            DomainPresence::Busy { reason } => Self::Busy(reason),
            DomainPresence::Offline => Self::Offline,
        }
    }

    pub(crate) fn into_domain(self) -> DomainPresence {
        match self {
            Self::Online => DomainPresence::Online,
            Self::Busy(reason) => DomainPresence::Busy { reason: reason.into() },
            Self::Offline => DomainPresence::Offline,
        }
    }
}

/// An account with its state, for snapshots.
#[derive(Debug, Encode, Decode)]
pub(crate) struct Agent<'a> {
    #[b(0)]
    name: &'a str,
    #[n(1)]
    role: Role,
    #[b(2)]
    password_hash: &'a str,
    #[n(3)]
    active: bool,
    #[b(4)]
    presence: Presence<'a>,
    #[n(5)]
    dropped_at: Option<u64>,
    #[n(6)]
    grace_until: Option<u64>,
    #[n(7)]
    away_since: Option<u64>,
    #[n(8)]
    own_limit: Option<u32>,
    #[n(9)]
    holds: Vec<Id>,
    #[n(10)]
    on_hold: u32,
    #[n(11)]
    idle_since: u64,
}

impl<'a> Agent<'a> {
    pub(crate) fn of(agent: &'a DomainAgent) -> Self {
        let DomainAgent {
            name,
            role,
            password_hash,
            active,
            presence,
            dropped_at,
            grace_until,
            away_since,
            own_limit,
            holds,
            on_hold,
            idle_since,
        } = agent;
        Self {
            name,
            role: Role::of(*role),
            password_hash,
            active: *active,
            presence: Presence::of(presence),
            dropped_at: time(*dropped_at),
            grace_until: time(*grace_until),
            away_since: time(*away_since),
            own_limit: *own_limit,
            holds: holds.iter().map(|id| Id(id.0)).collect(),
            on_hold: *on_hold,
            idle_since: idle_since.0,
        }
    }

    pub(crate) fn into_domain(self) -> DomainAgent {
        DomainAgent {
            name: self.name.into(),
            role: self.role.into_domain(),
            password_hash: self.password_hash.into(),
            active: self.active,
            presence: self.presence.into_domain(),
            dropped_at: time_back(self.dropped_at),
            grace_until: time_back(self.grace_until),
            away_since: time_back(self.away_since),
            own_limit: self.own_limit,
            holds: self.holds.into_iter().map(|id| ConversationId(id.0)).collect(),
            on_hold: self.on_hold,
            idle_since: Millis(self.idle_since),
        }
    }
}
