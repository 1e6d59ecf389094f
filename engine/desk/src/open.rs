//! Opening and ending a desk: the folder is recovered, the rules are loaded, the threads are started, in that order.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dialogo_domain::agent::Presence;
use dialogo_domain::conversation::ConsumerPresence;
use dialogo_domain::{Actor, Command, Position, Request};
use dialogo_host::{Host, HostConfig};
use dialogo_journal::disk::real::RealDisk;
use dialogo_journal::group::{GroupCommit, Settled};
use dialogo_journal::log::{Options, SegmentLog};
use dialogo_journal::progress::Progress;
use dialogo_journal::snapshot::{self, Snapshots};
use dialogo_journal::views::follower::{Follower, Running};
use dialogo_journal::{Chunk, Fault, Folder, Journal, Limit, Views, codec};
use dialogo_rules::Files;
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use crate::clock::{Clock, SystemClock};
use crate::feed::{Hub, Listener, Published, RING, audience, parties};
use crate::handle::{Desk, Inner};
use crate::publisher::{Decided, News, Publisher};
use crate::recent::Recent;
use crate::rules::tree::chain;
use crate::rules::{
    Folders, Generations, InForce, LoadError, Loader, Order, RulesDesk, RulesStatus, Tree, load,
    tree,
};
use crate::state::Durable;
use crate::writer::{Outlet, Wake, Writer};
use crate::{effects, places, promotion, recall};

/// Where a desk lives and how it is run.
#[derive(Clone, Debug)]
pub struct DeskConfig {
    /// Folder of everything that happened; made if it is not there.
    pub data: PathBuf,
    /// Folders of rules and plugins.
    pub folders: Folders,
    /// Threads that run plugins; `None`: as many as the machine has cores, four at most.
    pub plugin_threads: Option<usize>,
    /// How often the rules' folders are read though nothing was noticed.
    pub poll: Duration,
}

impl DeskConfig {
    /// The usual layout below one folder: `config/`, `plugins/`, `data/`.
    pub fn below(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self {
            data: folder.join("data"),
            folders: Folders { config: folder.join("config"), plugins: folder.join("plugins") },
            plugin_threads: None,
            poll: crate::rules::POLL,
        }
    }
}

/// Why a desk cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The journal cannot be used.
    #[error("the journal cannot be opened")]
    Journal(#[source] Fault),
    /// The rules are wrong, and there is no earlier generation to go on with.
    #[error("the rules cannot be used\n{0}")]
    Rules(String),
    /// The rule files cannot be read, and there is no earlier generation to go on with.
    #[error("the rules cannot be read")]
    Unreadable(#[source] tree::ReadError),
    /// The plugin host cannot be started.
    #[error("the plugin host cannot be started")]
    Host(#[source] dialogo_host::HostError),
    /// A folder cannot be made or a thread not started.
    #[error("cannot {what}")]
    Io {
        /// What was being done.
        what: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// A journal of so many commits is replayed from its beginning where the only snapshots are too new to leave a recent past
/// for those who come back: about a second.
const REPLAYED_ANYWAY: u64 = 50_000;

/// Commands that may wait for the writer.
const WAITING_COMMANDS: usize = 4_096;

/// How often the desk's own timers are looked at.
const TICK: Duration = Duration::from_millis(100);

/// How often a tick comes even though nothing is due: old answers and consumers are forgotten with it.
const TICK_ANYWAY_MS: u64 = 60_000;

impl Desk {
    /// Opens a desk and starts everything. `progress` hears of long work. Must be called within a tokio runtime.
    pub fn open(config: DeskConfig, progress: &mut dyn FnMut(Progress)) -> Result<Self, OpenError> {
        Self::open_at(config, Arc::new(SystemClock), progress)
    }

    /// The same with a clock of one's own.
    pub fn open_at(
        config: DeskConfig,
        clock: Arc<dyn Clock>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, OpenError> {
        let io = |what: &str| {
            let what = what.to_owned();
            move |source| OpenError::Io { what, source }
        };
        let folder = Folder::new(&config.data);
        std::fs::create_dir_all(folder.log()).map_err(io("make the data folder"))?;
        let disk = RealDisk::new(folder.log()).map_err(io("open the journal's folder"))?;
        let journal: Arc<dyn Journal> = Arc::new(
            SegmentLog::open(Arc::new(disk), Options::default()).map_err(OpenError::Journal)?,
        );
        let snapshots = Snapshots::new(folder.snapshots()).map_err(OpenError::Journal)?;
        let (state, recent, hub) = recover(journal.as_ref(), &snapshots, progress)?;
        let views = Views::open(folder.views(), Arc::clone(&journal))
            .map(Arc::new)
            .map_err(OpenError::Journal)?;
        let follower = Follower::new(Arc::clone(&journal), Arc::clone(&views), snapshots, progress);
        let mut follower = follower.map_err(OpenError::Journal)?;
        follower.catch_up(progress).map_err(OpenError::Journal)?;
        let follower = follower.spawn().map_err(io("start the thread of the views"))?;

        let host = host(&config)?;
        let generations = Generations::open(config.data.join("generations"))
            .map_err(io("make the folder of generations"))?;
        let (first, status, seen) = first_rules(&config, &host, &generations, clock.as_ref())?;
        let (orders, order_queue) = crossbeam_channel::unbounded();
        let rules = Arc::new(RulesDesk::new(
            Arc::clone(&first),
            status,
            generations,
            orders.clone(),
            host.clone(),
        ));

        let durable = Arc::new(Durable::new(state.clone(), recent));
        let (wake, commands) = mpsc::channel(WAITING_COMMANDS);
        let (news, news_queue) = crossbeam_channel::unbounded();
        let (effect_sender, effect_queue) = mpsc::unbounded_channel();
        let (failed_sender, failed) = watch::channel(None);
        let decided = Arc::new(AtomicU64::new(state.position.0));
        let stopping = Arc::new(AtomicBool::new(false));

        let publisher = Publisher {
            durable: Arc::clone(&durable),
            hub: Arc::clone(&hub),
            rules: Arc::clone(&rules),
            recall: {
                let journal = Arc::clone(&journal);
                Box::new(move |position| recall::commit(journal.as_ref(), position))
            },
            effects: effect_sender.clone(),
            on_failure: Box::new(move |reason| {
                failed_sender.send_if_modified(|failed| {
                    let first = failed.is_none();
                    failed.get_or_insert_with(|| reason.to_owned());
                    first
                });
            }),
            waiting: BTreeMap::new(),
        };
        let publisher =
            spawn("publisher", move || publisher.run(&news_queue)).map_err(io("start a thread"))?;

        let settled = news.clone();
        let log = GroupCommit::start(Arc::clone(&journal), move |group| settle(group, &settled))
            .map_err(io("start the journal's thread"))?;
        let outlet =
            LogOutlet { log, news, views: Arc::clone(&views), decided: Arc::clone(&decided) };
        let writer = Writer::new(state, Arc::clone(&first), Arc::clone(&clock), Box::new(outlet));
        let writer = spawn("writer", move || writer.run(commands)).map_err(io("start a thread"))?;

        let loader = Loader {
            folders: config.folders.clone(),
            host,
            clock: Arc::clone(&clock),
            desk: wake.clone(),
            rules: Arc::clone(&rules),
            poll: config.poll,
            seen,
        };
        let (presence, presence_queue) = mpsc::unbounded_channel();
        let threads = Threads {
            decided,
            stopping: Arc::clone(&stopping),
            orders,
            follower: Mutex::new(Some(follower)),
            handles: Mutex::new(vec![writer, publisher]),
        };
        let inner = Arc::new(Inner {
            wake,
            durable,
            hub,
            rules,
            views,
            journal,
            clock,
            connections: AtomicU64::new(1),
            places: Mutex::default(),
            presence,
            failed,
            threads,
        });
        let desk = Self(inner);
        desk.activate_first(&first);
        let loader =
            spawn("rules", move || loader.run(&order_queue)).map_err(io("start a thread"))?;
        desk.0.threads.handles.lock().push(loader);
        let weak = Arc::downgrade(&desk.0);
        spawn("ticker", move || tick(&weak, &stopping)).map_err(io("start a thread"))?;
        tokio::spawn(presence_of(Arc::downgrade(&desk.0), presence_queue));
        tokio::spawn(places::watch(Arc::downgrade(&desk.0)));
        tokio::spawn(promotion::watch(Arc::downgrade(&desk.0)));
        tokio::spawn(effects::run(Arc::downgrade(&desk.0), effect_queue));
        desk.nobody_is_connected();
        for effect in effects::after_start(&desk.0) {
            let _ = effect_sender.send(effect);
        }
        Ok(desk)
    }

    /// The first command of every run says which rules are in force.
    fn activate_first(&self, rules: &Arc<InForce>) {
        let (reply, _) = tokio::sync::oneshot::channel();
        if self.read(|desk| desk.generation) != rules.generation {
            let rules = Arc::clone(rules);
            let by = Actor::Engine;
            let wake = Wake::Activate { rules, by, stepped_back: None, reply };
            let _ = self.0.wake.try_send(wake);
        }
    }

    /// After a start nobody is connected, whatever the journal says: grace periods and time-outs begin now.
    fn nobody_is_connected(&self) {
        let (agents, consumers) = self.read(|desk| {
            let agents = desk.agents.iter().filter(|(_, agent)| {
                agent.active && agent.presence != Presence::Offline && agent.dropped_at.is_none()
            });
            let here = desk.conversations.values().filter(|conversation| {
                conversation.closed.is_none()
                    && conversation.consumer_presence == ConsumerPresence::Here
            });
            let agents: Vec<_> = agents.map(|(id, _)| id.clone()).collect();
            (agents, here.map(|conversation| conversation.consumer).collect::<Vec<_>>())
        });
        for id in agents {
            let _ = self.0.presence.send(Listener::Agent { id, sees_all: false });
        }
        for consumer in consumers {
            let _ = self.0.presence.send(Listener::Consumer(consumer));
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(work)
}

/// The desk's state as of the last durable commit, the last words of its conversations, and the feed's recent past.
fn recover(
    journal: &dyn Journal,
    snapshots: &Snapshots,
    progress: &mut dyn FnMut(Progress),
) -> Result<(dialogo_domain::Desk, Recent, Arc<Hub>), OpenError> {
    let head = journal.head();
    let warm_from = Position(head.0.saturating_sub(RING as u64));
    // An older snapshot leaves more of the tail to fold, and so more of the recent past for those who come back.
    let young = head.0 <= REPLAYED_ANYWAY && journal.floor() == Position(0);
    let newest = || if young { None } else { snapshots.newest(head) };
    let mut desk = snapshots.newest(warm_from).or_else(newest).unwrap_or_default();
    if desk.position < journal.floor() {
        desk = snapshot::recover(journal, snapshots, progress).map_err(OpenError::Journal)?;
    } else if desk.position < warm_from {
        snapshot::fold(journal, &mut desk, warm_from, progress).map_err(OpenError::Journal)?;
    }
    let mut recent = Recent::default();
    let hub = Arc::new(Hub::default());
    hub.begin_at(desk.position);
    let mut chunk = Chunk::new();
    while desk.position < head {
        journal.read(desk.position, Limit::GROUP, &mut chunk).map_err(OpenError::Journal)?;
        if chunk.is_empty() {
            break;
        }
        for (position, payload) in chunk.iter() {
            let commit = codec::decode(payload).map_err(|fault| {
                OpenError::Journal(Fault::Undecodable { position, source: fault })
            })?;
            let before = parties(&desk, &commit);
            dialogo_domain::apply_commit(&mut desk, &commit);
            let after = parties(&desk, &commit);
            recent.take_in(&commit, &commit.stamp);
            let audience = audience(before, after, &commit);
            hub.remember(Arc::new(Published { commit: Arc::new(commit), audience, origin: None }));
        }
    }
    Ok((desk, recent, hub))
}

fn host(config: &DeskConfig) -> Result<Host, OpenError> {
    let cores = thread::available_parallelism().map_or(2, usize::from);
    let host = Host::new(HostConfig {
        worker_threads: config.plugin_threads.unwrap_or(cores.min(4)),
        cache_dir: Some(config.data.join("cache")),
        recordings_dir: Some(config.data.join("recordings")),
        ..HostConfig::default()
    });
    host.map_err(OpenError::Host)
}

/// The rules to start with: what lies in the folders, or, if that cannot be used, the last generation that could.
fn first_rules(
    config: &DeskConfig,
    host: &Host,
    generations: &Generations,
    clock: &dyn Clock,
) -> Result<(Arc<InForce>, RulesStatus, [u8; 32]), OpenError> {
    let now = clock.now();
    let (error, seen, files) = match tree::read(&config.folders) {
        Ok(tree) => {
            if let Some((rules, record)) = rolled_back(&tree, host, generations, now) {
                tracing::warn!(
                    "going on with generation {}, which was rolled back to; the files are as they were then",
                    &record.generation[..16]
                );
                let status = RulesStatus {
                    rolled_back: true,
                    ..status_of(&rules, tree.files.clone(), None)
                };
                return Ok((Arc::new(rules), status, tree.digest));
            }
            match load(host, &tree, None, now) {
                Ok(rules) => {
                    keep(generations, &rules, &tree, config)?;
                    let status = status_of(&rules, tree.files.clone(), None);
                    return Ok((Arc::new(rules), status, tree.digest));
                }
                Err(error) => (error, tree.digest, tree.files),
            }
        }
        Err(fault) => (LoadError::fault(chain(&fault)), [0; 32], Files::default()),
    };
    for record in generations.list() {
        let Some(tree) = generations.tree(&record) else { continue };
        if let Ok(rules) = load(host, &tree, None, now) {
            tracing::error!(
                "the rules cannot be used; going on with generation {}:\n{}",
                rules.generation,
                error.report
            );
            let status = status_of(&rules, files, Some(error));
            return Ok((Arc::new(rules), status, seen));
        }
    }
    Err(OpenError::Rules(error.report))
}

/// The generation that a rollback left in force, as long as the files are what they were then.
fn rolled_back(
    tree: &Tree,
    host: &Host,
    generations: &Generations,
    now: dialogo_domain::Millis,
) -> Option<(InForce, crate::rules::GenerationRecord)> {
    let record = generations.held(&tree.digest)?;
    let rules = load(host, &generations.tree(&record)?, None, now).ok()?;
    Some((rules, record))
}

fn keep(
    generations: &Generations,
    rules: &InForce,
    tree: &Tree,
    config: &DeskConfig,
) -> Result<(), OpenError> {
    let kept = generations.keep(
        rules.generation,
        rules.since,
        &rules.summary,
        tree,
        &config.folders.plugins,
    );
    kept.map_err(|source| OpenError::Io { what: "keep the generation of rules".into(), source })
}

fn status_of(rules: &InForce, files: Files, error: Option<LoadError>) -> RulesStatus {
    let mut status = RulesStatus {
        files,
        generation: rules.generation,
        since: rules.since,
        summary: rules.summary.clone(),
        last_reload_ok: error.is_none(),
        ..RulesStatus::default()
    };
    if let Some(error) = error {
        status.reloads.1 = 1;
        status.last_reload_at = Some(rules.since);
        status.problems = error.problems;
        status.report = error.report;
    }
    status
}

/// Takes a settled group on to the publisher.
fn settle(group: Settled<'_, Decided>, news: &crossbeam_channel::Sender<News>) {
    let tickets: Vec<Decided> = group.tickets.drain(..).collect();
    let item = match group.outcome {
        Ok(_) => News::Durable(tickets),
        Err(fault) => News::Failed { reason: chain(&fault).into(), lost: tickets },
    };
    let _ = news.send(item);
}

/// The writer's way to the log and past it.
struct LogOutlet {
    log: GroupCommit<Decided>,
    news: crossbeam_channel::Sender<News>,
    views: Arc<Views>,
    decided: Arc<AtomicU64>,
}

impl Outlet for LogOutlet {
    fn commit(&mut self, decided: Decided) {
        let commit = Arc::clone(&decided.commit);
        self.decided.store(commit.stamp.position.0, Ordering::Relaxed);
        if let Err((ticket, fault)) =
            self.log.submit(decided, |bytes| codec::encode(&commit, bytes))
        {
            let _ =
                self.news.send(News::Failed { reason: chain(&fault).into(), lost: vec![ticket] });
        }
    }

    fn news(&mut self, news: News) {
        let _ = self.news.send(news);
    }

    fn wait_for_room(&mut self) {
        // Views that have failed are rebuilt at the next start; until then nobody waits for them.
        let _ = self.views.wait_for_room(Duration::from_secs(1));
    }
}

/// Lets what is due happen. Looks at the durable state, so a tick may come a moment late, never early.
fn tick(desk: &std::sync::Weak<Inner>, stopping: &AtomicBool) {
    let mut last = 0;
    while !stopping.load(Ordering::Relaxed) {
        thread::sleep(TICK);
        let Some(inner) = desk.upgrade() else { return };
        let now = inner.clock.now();
        let due = inner.durable.read().desk.next_due().is_some_and(|due| due <= now);
        if due || now.0.saturating_sub(last) >= TICK_ANYWAY_MS {
            last = now.0;
            let _ = inner.wake.try_send(Wake::Tick);
        }
    }
}

/// Tells the desk who is connected, in order: what counts is how many connections there are when it is told.
async fn presence_of(desk: std::sync::Weak<Inner>, mut changes: mpsc::UnboundedReceiver<Listener>) {
    while let Some(listener) = changes.recv().await {
        let Some(inner) = desk.upgrade() else { return };
        let command = match &listener {
            Listener::Agent { id, .. } => Command::AgentConnection {
                agent: id.clone(),
                connected: inner.hub.agent_connections(id) > 0,
            },
            Listener::Consumer(consumer) => {
                let conversation = inner
                    .durable
                    .read()
                    .desk
                    .consumers
                    .get(consumer)
                    .and_then(|consumer| consumer.conversation);
                let Some(conversation) = conversation else { continue };
                let connected = inner.hub.consumer_connections(*consumer) > 0;
                Command::ConsumerConnection { conversation, connected }
            }
        };
        let (reply, _) = tokio::sync::oneshot::channel();
        let request = Request { id: None, actor: Actor::Engine, command };
        let submission = crate::writer::Submission { request, recalled: None, origin: None, reply };
        if inner.wake.send(Wake::Command(submission)).await.is_err() {
            return;
        }
    }
}

/// What has to be ended in order.
pub(crate) struct Threads {
    pub(crate) decided: Arc<AtomicU64>,
    stopping: Arc<AtomicBool>,
    orders: crossbeam_channel::Sender<Order>,
    follower: Mutex<Option<Running>>,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

impl Threads {
    /// Ends the loader, then the writer (which lets the log finish), then the publisher, then the views.
    pub(crate) fn stop(&self, inner: &Inner) {
        if self.stopping.swap(true, Ordering::SeqCst) {
            return;
        }
        let _ = self.orders.send(Order::Stop);
        let _ = inner.wake.blocking_send(Wake::Stop);
        let handles: Vec<JoinHandle<()>> = self.handles.lock().drain(..).rev().collect();
        for handle in handles {
            let _ = handle.join();
        }
        // The views apply what is durable and save a snapshot as they end.
        drop(self.follower.lock().take());
    }
}
