//! What a desk is and what it decides: conversations, queues, agents, transfers and classifications.
//!
//! Everything here is pure. There is no I/O, no clock, no randomness, no async and no serialisation: the time, fresh
//! ids, the plugins' verdicts and the rules come in as arguments, and a decision comes out as events. The order in which
//! events are applied is the journal's order; the same events give the same [`Desk`] on every machine.
//!
//! Start with [`step`](step::step), which the writer calls; it is [`decide`](decide::decide) (command in, events out) and
//! [`apply`](apply::apply) (event in, state changed), and what follows from them. How events become bytes is the business of `dialogo-journal`; how rule files become [`Rules`] that of
//! `dialogo-rules`.

pub mod id;
pub mod time;

pub mod rules;
pub mod tree;

pub mod agent;
pub mod conversation;
pub mod desk;
pub mod known;
pub mod message;
pub mod plugin;

pub mod command;
pub mod event;
pub mod refusal;

pub mod apply;
pub mod capacity;
pub mod decide;
pub mod routing;
pub mod step;
pub mod timers;

pub mod effects;
pub mod explain;
pub mod invariants;
pub mod visibility;

pub use apply::apply_commit;
pub use command::{Actor, Command, Request};
pub use decide::Context;
pub use desk::Desk;
pub use event::{Commit, Event, Stamp};
pub use id::{
    AgentId, AttachmentId, CommandId, ConsumerId, ConversationId, DepartmentId, Generation,
    MessageId, NodeId, PluginId, Position,
};
pub use refusal::Refusal;
pub use rules::Rules;
pub use step::{Step, step};
pub use time::Millis;
