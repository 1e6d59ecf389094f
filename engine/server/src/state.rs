//! What every request needs: the desk's handle and the server's own pieces, behind one cheap clone.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use dialogo_desk::Desk;
use dialogo_domain::Millis;
use tokio::sync::watch;

use crate::attachments::Attachments;
use crate::auth::{ConsumerTokens, Passwords, Sessions};
use crate::config::ServerConfig;
use crate::limits::{Limits, Rate, VisitorLimits};
use crate::metrics::Metrics;

/// The server's state. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<AppState>);

/// What is behind [`App`].
pub struct AppState {
    /// What the operator has set.
    pub config: ServerConfig,
    /// The desk.
    pub desk: Desk,
    /// Logins of accounts.
    pub sessions: Sessions,
    /// Tokens of consumers.
    pub consumer_tokens: ConsumerTokens,
    /// Password hashes.
    pub passwords: Passwords,
    /// Limits per visitor.
    pub limits: Limits,
    /// Files.
    pub attachments: Attachments,
    /// Figures.
    pub metrics: Metrics,
    /// Turns true once when the server begins to stop.
    pub stopping: watch::Sender<bool>,
    /// When the server was started.
    pub started_at: Millis,
    /// Why the desk has stopped, once it has.
    pub failed: parking_lot::Mutex<Option<String>>,
}

impl App {
    /// Wraps the state.
    pub fn new(state: AppState) -> Self {
        Self(Arc::new(state))
    }

    /// The time the desk goes by.
    pub fn now(&self) -> Millis {
        self.desk.now()
    }

    /// Whether the server has begun to stop.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Why the desk has stopped, once it has.
    pub fn stopped_because(&self) -> Option<String> {
        self.failed.lock().clone()
    }

    /// Makes the limits follow the rules in force.
    pub fn follow_rules(&self) {
        self.limits.follow(visitor_limits(&self.desk));
    }

    /// Largest file taken now: the smaller of the operator's and the rules' bounds.
    pub fn max_upload_bytes(&self) -> u64 {
        self.config.max_upload_bytes.min(self.desk.rules().checked.desk.attachments.max_bytes)
    }
}

impl Deref for App {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.0
    }
}

/// What one visitor may do under the rules in force.
pub(crate) fn visitor_limits(desk: &Desk) -> VisitorLimits {
    let rules = desk.rules();
    let visitor = &rules.checked.desk.visitor;
    let hour = Duration::from_secs(3_600);
    VisitorLimits {
        messages: Rate { times: visitor.messages, per: Duration::from_millis(visitor.per_ms) },
        uploads: Rate { times: visitor.uploads_per_hour, per: hour },
        new_consumers: Rate { times: visitor.new_per_hour, per: hour },
    }
}
