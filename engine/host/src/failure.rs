//! What can go wrong in a call: a closed list, decided by types, never by the wording of an error.
//!
//! What follows from a failure is decided in `breaker.rs` (quarantine) and `merge.rs` (open or closed).

/// Why a plugin gave no verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The sandbox stopped it.
    #[error("trap: {reason}{}", panic.as_deref().map(|p| format!(": {p}")).unwrap_or_default())]
    Trap {
        /// Which rule of the sandbox it broke.
        reason: String,
        /// What its panic said, with the place, if it did say so.
        panic: Option<String>,
        /// Function names, innermost first.
        backtrace: Vec<String>,
    },
    /// It took longer than it may.
    #[error("deadline: {used_us} µs of {budget_us} µs {}", if *wall { "of wall time" } else { "of CPU time" })]
    Deadline {
        /// Time used, in microseconds.
        used_us: u64,
        /// Time allowed, in microseconds.
        budget_us: u64,
        /// Whether the wall clock decided.
        wall: bool,
    },
    /// It wanted more memory than it may have.
    #[error("memory: more than {limit_bytes} bytes wanted")]
    Memory {
        /// What it may have.
        limit_bytes: u64,
    },
    /// It gave the host more data than it may.
    #[error("output: more than {limit_bytes} bytes given")]
    Output {
        /// What it may give in one go.
        limit_bytes: u64,
    },
    /// It asked the host for more work than it may.
    #[error("host calls: {what}")]
    HostCalls {
        /// Which bound.
        what: String,
    },
    /// Its answer breaks the contract.
    #[error("invalid answer: {what}")]
    Invalid {
        /// What is wrong with it.
        what: String,
    },
    /// It says its settings or the catalogue do not fit.
    #[error("misconfigured: {0}")]
    Misconfigured(String),
    /// It says to try later.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// It says it has a defect; or the host had one.
    #[error("internal: {0}")]
    Internal(String),
    /// There is no such plugin.
    #[error("missing: {0}")]
    Missing(String),
    /// It failed too often and was not asked.
    #[error("quarantined: {reason}")]
    Quarantined {
        /// Why.
        reason: String,
        /// When it is tried again, in milliseconds from now, where known.
        retry_in_ms: Option<u64>,
    },
    /// The host had no room for the call.
    #[error("overloaded: {0}")]
    Overloaded(String),
}

/// The kinds of [`Failure`], for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureKind {
    /// [`Failure::Trap`]
    Trap,
    /// [`Failure::Deadline`]
    Deadline,
    /// [`Failure::Memory`]
    Memory,
    /// [`Failure::Output`]
    Output,
    /// [`Failure::HostCalls`]
    HostCalls,
    /// [`Failure::Invalid`]
    Invalid,
    /// [`Failure::Misconfigured`]
    Misconfigured,
    /// [`Failure::Unavailable`]
    Unavailable,
    /// [`Failure::Internal`]
    Internal,
    /// [`Failure::Missing`]
    Missing,
    /// [`Failure::Quarantined`]
    Quarantined,
    /// [`Failure::Overloaded`]
    Overloaded,
}

impl FailureKind {
    /// All of them.
    pub const ALL: [FailureKind; 12] = [
        FailureKind::Trap,
        FailureKind::Deadline,
        FailureKind::Memory,
        FailureKind::Output,
        FailureKind::HostCalls,
        FailureKind::Invalid,
        FailureKind::Misconfigured,
        FailureKind::Unavailable,
        FailureKind::Internal,
        FailureKind::Missing,
        FailureKind::Quarantined,
        FailureKind::Overloaded,
    ];

    /// For metrics and explanations.
    pub fn name(self) -> &'static str {
        match self {
            FailureKind::Trap => "trap",
            FailureKind::Deadline => "deadline",
            FailureKind::Memory => "memory",
            FailureKind::Output => "output",
            FailureKind::HostCalls => "host-calls",
            FailureKind::Invalid => "invalid",
            FailureKind::Misconfigured => "misconfigured",
            FailureKind::Unavailable => "unavailable",
            FailureKind::Internal => "internal",
            FailureKind::Missing => "missing",
            FailureKind::Quarantined => "quarantined",
            FailureKind::Overloaded => "overloaded",
        }
    }
}

impl Failure {
    /// Its kind.
    pub fn kind(&self) -> FailureKind {
        match self {
            Failure::Trap { .. } => FailureKind::Trap,
            Failure::Deadline { .. } => FailureKind::Deadline,
            Failure::Memory { .. } => FailureKind::Memory,
            Failure::Output { .. } => FailureKind::Output,
            Failure::HostCalls { .. } => FailureKind::HostCalls,
            Failure::Invalid { .. } => FailureKind::Invalid,
            Failure::Misconfigured(_) => FailureKind::Misconfigured,
            Failure::Unavailable(_) => FailureKind::Unavailable,
            Failure::Internal(_) => FailureKind::Internal,
            Failure::Missing(_) => FailureKind::Missing,
            Failure::Quarantined { .. } => FailureKind::Quarantined,
            Failure::Overloaded(_) => FailureKind::Overloaded,
        }
    }

    /// How the breaker takes it.
    pub(crate) fn weight(&self) -> Weight {
        match self {
            Failure::Misconfigured(_)
            | Failure::Missing(_)
            | Failure::Quarantined { .. }
            | Failure::Overloaded(_) => Weight::None,
            Failure::Unavailable(_) => Weight::Slow,
            _ => Weight::Full,
        }
    }

    /// Whether the sandbox must not be entered again.
    pub(crate) fn poisons(&self) -> bool {
        !matches!(self, Failure::Misconfigured(_) | Failure::Unavailable(_) | Failure::Internal(_))
    }
}

/// How much a failure counts for the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Not the plugin's doing in this call.
    None,
    /// Counts in the share, not in the row.
    Slow,
    /// Counts in both.
    Full,
}
