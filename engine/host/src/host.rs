//! The host: engine, ticker, code cache, workers and counters of one process. Make one and keep it.
//!
//! Plugins are bound by [`Host::prepare`] (`prepare.rs`) and asked through a [`crate::Chain`] (`chain.rs`).

use std::collections::{BTreeMap, HashMap};
use std::hash::RandomState;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use wasmtime::Engine;

use crate::breaker::BreakerState;
use crate::engine::{self, Ticker};
use crate::hook::Hook;
use crate::metrics::{HookCounters, PluginMetrics, Quarantine};
use crate::patterns::FindCache;
use crate::precompiled::CodeCache;
use crate::recording::RecordingMetrics;
use crate::recording::recorder::Recorder;
use crate::unit::Unit;
use crate::workers::Workers;

/// How a host is set up.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// Threads that run plugins; 0 for half of the processors, at least one.
    pub worker_threads: usize,
    /// Where compiled code is kept between starts; none to compile every time.
    pub cache_dir: Option<PathBuf>,
    /// Where calls are recorded that a binding wants recorded; none to record nothing.
    pub recordings_dir: Option<PathBuf>,
    /// Events that may wait for a worker; more are answered `overloaded`.
    pub queue: usize,
    /// Milliseconds an event may wait for a worker; then it is answered `overloaded`.
    pub queue_wait_ms: u64,
    /// Sandboxes that may exist at the same moment, the warm ones included.
    pub sandboxes: u32,
    /// The operator's limits on what any plugin may have.
    pub ceilings: Ceilings,
}

/// What no manifest and no binding can exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceilings {
    /// CPU time per call, in milliseconds.
    pub time_ms: u32,
    /// Linear memory per sandbox, in MiB. Also the size of the pool's slots.
    pub memory_mib: u32,
    /// Data a guest may give the host in one go, in KiB.
    pub output_kib: u32,
}

impl Default for HostConfig {
    fn default() -> Self {
        HostConfig {
            worker_threads: 0,
            cache_dir: None,
            recordings_dir: None,
            queue: 1_024,
            queue_wait_ms: 2_000,
            sandboxes: 128,
            ceilings: Ceilings { time_ms: 200, memory_mib: 64, output_kib: 1_024 },
        }
    }
}

/// Why a host cannot start.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// Wasmtime refused; usually the machine will not reserve the address space.
    #[error("the plugin engine cannot start (fewer sandboxes need less address space)")]
    Engine(#[source] wasmtime::Error),
    /// A thread could not be started.
    #[error("a thread of the plugin host cannot start")]
    Thread(#[source] std::io::Error),
}

/// Runs plugins. Cheap to clone; the last clone, and the last chain, stop its threads.
#[derive(Clone, Debug)]
pub struct Host {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) workers: Workers,
    pub(crate) engine: Engine,
    pub(crate) cache: Option<CodeCache>,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) config: HostConfig,
    pub(crate) found: Arc<FindCache>,
    pub(crate) hasher: RandomState,
    counters: Mutex<BTreeMap<(Arc<str>, Hook), Arc<HookCounters>>>,
    units: Mutex<HashMap<Arc<str>, Weak<Unit>>>,
    started: Instant,
    _ticker: Ticker,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Host {
    /// Starts engine, ticker and workers.
    pub fn new(config: HostConfig) -> Result<Self, HostError> {
        let engine = engine::build(config.sandboxes, (config.ceilings.memory_mib as usize) << 20)?;
        let cache = config.cache_dir.as_deref().and_then(|folder| CodeCache::open(folder, &engine));
        let threads = match config.worker_threads {
            0 => (std::thread::available_parallelism().map_or(2, usize::from) / 2).max(1),
            threads => threads,
        };
        let shared = Shared {
            workers: Workers::start(threads, config.queue)?,
            _ticker: Ticker::start(&engine)?,
            recorder: config.recordings_dir.clone().map(Recorder::start).transpose()?,
            engine,
            cache,
            config,
            found: Arc::new(FindCache::new()),
            hasher: RandomState::new(),
            counters: Mutex::default(),
            units: Mutex::default(),
            started: Instant::now(),
        };
        Ok(Host { shared: Arc::new(shared) })
    }

    /// Whether this kernel can tell which pages a sandbox wrote, which makes fresh sandboxes cheaper.
    pub fn uses_pagemap_scan(&self) -> bool {
        engine::pagemap_scan()
    }

    /// Counters of all plugins that were ever bound, by plugin and hook.
    pub fn metrics(&self) -> Vec<PluginMetrics> {
        let counters = self.shared.counters.lock().clone();
        let mut metrics: Vec<PluginMetrics> = counters
            .iter()
            .map(|((plugin, hook), counters)| counters.read(plugin, *hook))
            .collect();
        for one in &mut metrics {
            one.quarantine = self.quarantine(&one.plugin);
        }
        metrics
    }

    /// What was recorded of every plugin that was ever bound to be recorded.
    pub fn recording_metrics(&self) -> Vec<RecordingMetrics> {
        self.shared.recorder.as_ref().map(Recorder::metrics).unwrap_or_default()
    }

    /// Whether, why and for how long a plugin of the newest generation is left alone.
    pub fn quarantine(&self, plugin: &str) -> Option<Quarantine> {
        let unit = self.shared.units.lock().get(plugin)?.upgrade()?;
        let breaker = unit.breaker.lock();
        let retry_in_ms = match breaker.state() {
            BreakerState::Closed => return None,
            BreakerState::Open { until_ms } => until_ms.saturating_sub(self.shared.now_ms()),
            BreakerState::Probing => 0,
        };
        Some(Quarantine {
            state: breaker.state(),
            retry_in_ms,
            reason: breaker.reason().to_owned(),
        })
    }
}

impl Shared {
    /// The host's own clock, for waits only.
    pub(crate) fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    pub(crate) fn counters(&self, plugin: &Arc<str>, hook: Hook) -> Arc<HookCounters> {
        self.counters.lock().entry((plugin.clone(), hook)).or_default().clone()
    }

    /// Remembers which units are the newest, for `metrics`.
    pub(crate) fn remember(&self, units: &[Arc<Unit>]) {
        *self.units.lock() =
            units.iter().map(|unit| (unit.id.clone(), Arc::downgrade(unit))).collect();
    }
}
