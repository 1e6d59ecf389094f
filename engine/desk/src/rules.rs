//! The rules in force, how they got there, and how they are changed while the desk runs.
//!
//! [`tree`] reads the folders, [`load`] checks, compiles and tests aside, [`generations`] keeps what each generation was made
//! of, [`watch`] notices changes, and [`loader`] is the thread that puts it together. A change applies as a whole or not at
//! all: until everything has passed, nothing of it is visible.

pub mod cases;
pub mod coverage;
mod generations;
mod hours;
pub mod load;
mod loader;
pub mod tree;
mod watch;

pub use watch::POLL;

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use dialogo_domain::{Actor, AgentId, DepartmentId, Generation, Millis, PluginId};
use dialogo_host::{Chain, Hook, Host};
use dialogo_rules::{Checked, Diagnostic, Files};
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch as tokio_watch};

use crate::judge::verdict::Provenance;
pub use generations::{GenerationRecord, Generations};
pub(crate) use hours::{Clockwork, Hours};
pub use load::{AT_THE_START, LoadError, Loaded, load};
pub use loader::Edit;
pub(crate) use loader::{Loader, Order};
pub use tree::{Folders, Tree};

/// One generation, ready to judge and decide by.
pub struct InForce {
    /// The rules, checked.
    pub checked: Arc<Checked>,
    /// The plugins, compiled, bound and tested.
    pub chain: Chain,
    /// Its name: the digest of what it was made of.
    pub generation: Generation,
    /// When it was loaded.
    pub since: Millis,
    /// One line for people: what changed.
    pub summary: String,
    /// What is doubtful about it, though it works.
    pub warnings: Vec<Diagnostic>,
    /// The packages it was made of: name to identity.
    pub packages: BTreeMap<String, [u8; 32]>,
    /// Package and settings of each plugin as one number, under which what it says is measured.
    pub revisions: BTreeMap<PluginId, u64>,
    pub(crate) clockwork: Clockwork,
}

impl InForce {
    /// What is open at that moment.
    pub(crate) fn hours(&self, now: Millis) -> Arc<Hours> {
        self.clockwork.at(now, &self.checked)
    }

    /// What the journal keeps beside an answer given under these rules.
    pub(crate) fn provenance(&self) -> Provenance<'_> {
        Provenance { tree: &self.checked.domain.tree, revisions: &self.revisions }
    }

    /// Whether a bot answers first.
    pub fn has_bot(&self) -> bool {
        self.chain.has(Hook::Bot)
    }
}

/// How the rules stand.
#[derive(Clone, Debug, Default)]
pub struct RulesStatus {
    /// The generation in force.
    pub generation: Generation,
    /// Since when.
    pub since: Millis,
    /// What changed with it.
    pub summary: String,
    /// When the folders were last found changed.
    pub last_reload_at: Option<Millis>,
    /// How long checking, compiling and testing took then, in milliseconds.
    pub last_reload_ms: u64,
    /// Whether that led to a generation in force.
    pub last_reload_ok: bool,
    /// Reloads that were put in force, and that were not, since the start.
    pub reloads: (u64, u64),
    /// The rule files as they lie in the folder, in force or not.
    pub files: Files,
    /// What is wrong with what lies in the folders now; empty when that is what is in force.
    pub problems: Vec<Diagnostic>,
    /// The same, as `dialogo check` prints it.
    pub report: String,
    /// Whether a rollback holds until the files change.
    pub rolled_back: bool,
}

/// Holds the generation in force and knows how it came to be. Readers take an `Arc` and keep it to the end of what they do.
pub struct RulesDesk {
    current: ArcSwap<InForce>,
    published: tokio_watch::Sender<Generation>,
    status: Mutex<RulesStatus>,
    generations: Generations,
    orders: crossbeam_channel::Sender<Order>,
    host: Host,
}

impl RulesDesk {
    pub(crate) fn new(
        first: Arc<InForce>,
        status: RulesStatus,
        generations: Generations,
        orders: crossbeam_channel::Sender<Order>,
        host: Host,
    ) -> Self {
        let published = tokio_watch::Sender::new(first.generation);
        Self {
            current: ArcSwap::new(first),
            published,
            status: Mutex::new(status),
            generations,
            orders,
            host,
        }
    }

    /// The generation in force.
    pub fn current(&self) -> Arc<InForce> {
        self.current.load_full()
    }

    /// How the rules stand.
    pub fn status(&self) -> RulesStatus {
        self.status.lock().clone()
    }

    /// What each generation was made of.
    pub fn generations(&self) -> &Generations {
        &self.generations
    }

    /// The plugin host: its counters and quarantines.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Called by the publisher once the activation is durable.
    pub(crate) fn in_force(&self, rules: Arc<InForce>) {
        {
            let mut status = self.status.lock();
            status.generation = rules.generation;
            status.since = rules.since;
            status.summary.clone_from(&rules.summary);
        }
        let generation = rules.generation;
        self.current.store(rules);
        self.published.send_replace(generation);
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut RulesStatus)) {
        change(&mut self.status.lock());
    }

    /// Waits a moment for `generation` to be in force: the writer may be a sync ahead.
    pub(crate) async fn wait_for(&self, generation: Generation) {
        let mut published = self.published.subscribe();
        let arrival = published.wait_for(|now| *now == generation);
        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), arrival).await;
    }

    /// The departments an agent belongs to, under the rules in force.
    pub fn departments_of(&self, agent: &AgentId) -> Vec<DepartmentId> {
        let rules = self.current.load();
        dialogo_domain::routing::departments_of(&rules.checked.domain, agent).cloned().collect()
    }

    /// Reads the folders now, without waiting for a hint, and says how the rules stand then.
    pub async fn reload(&self) -> RulesStatus {
        let (reply, done) = oneshot::channel();
        if self.orders.send(Order::Reload(reply)).is_ok() {
            let _ = done.await;
        }
        self.status()
    }

    /// Changes a rule file, and puts that in force at once. Refused, with the reason for people, where what lies in the
    /// folders is not what is in force, or the change would break the rules.
    pub async fn edit(&self, edit: Edit, by: Actor) -> Result<(), String> {
        let (reply, done) = oneshot::channel();
        let stopping = || "the desk is stopping".to_owned();
        self.orders.send(Order::Edit { edit, by, reply }).map_err(|_| stopping())?;
        done.await.unwrap_or_else(|_| Err(stopping()))
    }

    /// Puts an older generation in force (`None`: the one before the present). It holds until the files change.
    pub async fn roll_back(
        &self,
        to: Option<Generation>,
        by: Actor,
    ) -> Result<RulesStatus, String> {
        let (reply, done) = oneshot::channel();
        self.orders
            .send(Order::RollBack { to, by, reply })
            .map_err(|_| "the desk is stopping".to_owned())?;
        done.await.unwrap_or_else(|_| Err("the desk is stopping".to_owned()))?;
        Ok(self.status())
    }
}
