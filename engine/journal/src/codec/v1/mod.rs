//! The stored form, version 1: types of its own with numbered fields, converted by hand from and to the domain's.
//!
//! Once released nothing here is changed except by *adding* optional fields with new numbers and new variants at the end
//! of an enum; whatever else has to change gets a `v2` beside it and a step in [`super::upcast`]. Numbers are never used
//! twice. Everything borrows from the bytes it was read from, or from the domain value it is about to write.

pub(crate) mod agent;
pub(crate) mod conversation;
pub(crate) mod desk;
pub(crate) mod event;
pub(crate) mod event_back;
pub(crate) mod ids;
pub(crate) mod message;
pub(crate) mod plugin;
pub(crate) mod sealed;
pub(crate) mod stamp;
pub(crate) mod summary;

use dialogo_domain::Commit as DomainCommit;
use minicbor::{Decode, Encode};

use super::CodecFault;
use event::Event;
use stamp::Stamp;

/// One commit.
#[derive(Debug, Encode, Decode)]
pub(crate) struct Commit<'a> {
    #[b(0)]
    stamp: Stamp<'a>,
    #[b(1)]
    events: Vec<Event<'a>>,
}

impl<'a> Commit<'a> {
    pub(crate) fn of(commit: &'a DomainCommit) -> Self {
        Self {
            stamp: Stamp::of(&commit.stamp),
            events: commit.events.iter().map(Event::of).collect(),
        }
    }

    pub(crate) fn into_domain(self) -> Result<DomainCommit, CodecFault> {
        Ok(DomainCommit {
            stamp: self.stamp.into_domain(),
            events: self.events.into_iter().map(Event::into_domain).collect::<Result<_, _>>()?,
        })
    }
}
