//! The async shell around the desk: the single writer, the rules that reload, the policies before a message and the
//! suggestions after it, and the feed that shows what became durable.
//!
//! Decisions are `dialogo-domain`'s, bytes are `dialogo-journal`'s, sandboxes `dialogo-host`'s, texts of rules
//! `dialogo-rules`'s; here they are put together. Start with [`Desk::open`]. The way of a message: [`Desk::send_message`]
//! (policies) → `writer` (decide, apply) → the log (durable) → `publisher` (answer, feed, effects).

pub mod backtest;
pub mod clock;
pub mod feed;
pub mod rules;

mod answer;
mod effects;
mod handle;
mod judge;
mod moment;
mod open;
mod places;
mod promotion;
mod publisher;
mod recall;
mod recent;
mod replies;
mod state;
mod writer;

pub use answer::{Answer, DeskError};
pub use feed::{
    ConnectionId, Ephemeral, FeedItem, Listener, Published, Scope, Subscription, SuggestedReply,
    TooOld,
};
pub use handle::{Desk, DeskMetrics, OutgoingMessage, Upload};
pub use moment::Moment;
pub use open::{DeskConfig, OpenError};
pub use promotion::OnTrial;
pub use rules::{Folders, InForce, RulesStatus};
