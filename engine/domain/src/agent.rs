//! Accounts and what the desk knows of the people behind them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::id::ConversationId;
use crate::time::Millis;

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Answers conversations of the own departments.
    Agent,
    /// Watches and helps in every department.
    Supervisor,
    /// A supervisor who also edits rules and accounts.
    Admin,
}

/// Whether an agent takes conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Takes conversations.
    Online,
    /// Paused by choice, with a reason; keeps what is open, gets nothing new.
    Busy {
        /// Why.
        reason: Arc<str>,
    },
    /// Not connected for longer than the grace period, or disconnected by choice.
    Offline,
}

/// An account and its present state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Name shown to consumers and colleagues.
    pub name: Arc<str>,
    /// What the account may do.
    pub role: Role,
    /// Password as a PHC string (argon2id); made and checked at the rim.
    pub password_hash: Arc<str>,
    /// False once removed; removed accounts stay for old references.
    pub active: bool,
    /// Whether conversations may be given.
    pub presence: Presence,
    /// Since when without any connection, while the grace period runs.
    pub dropped_at: Option<Millis>,
    /// When the grace period ends; set together with `dropped_at`.
    pub grace_until: Option<Millis>,
    /// Since when offline; `None` while online or busy. The sticky window of answered conversations counts from here.
    pub away_since: Option<Millis>,
    /// The own, lower limit, if any.
    pub own_limit: Option<u32>,
    /// Conversations held (active and on hold) and offered.
    pub holds: BTreeSet<ConversationId>,
    /// How many of `holds` are on hold and therefore do not count against the limit.
    pub on_hold: u32,
    /// Since when nothing new was given: ties go to the longest idle.
    pub idle_since: Millis,
}
