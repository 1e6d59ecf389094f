//! What the host counts about each plugin and hook, as plain numbers. How they are published is the server's business.
//!
//! Counters live as long as the host, across generations, so that they only ever grow.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::breaker::BreakerState;
use crate::failure::FailureKind;
use crate::hook::Hook;

/// Upper bounds of the buckets, in microseconds; one more bucket holds what is above.
pub const BUCKETS_US: [u64; 14] =
    [5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 200_000];

/// Times counted into [`BUCKETS_US`].
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    counts: [AtomicU64; BUCKETS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    pub(crate) fn add(&self, us: u64) {
        let bucket = BUCKETS_US.partition_point(|bound| *bound < us);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    fn read(&self) -> HistogramMetrics {
        HistogramMetrics {
            counts: self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect(),
            sum_us: self.sum_us.load(Ordering::Relaxed),
        }
    }
}

/// Counters of one plugin at one hook.
#[derive(Debug, Default)]
pub(crate) struct HookCounters {
    calls: AtomicU64,
    failures: [AtomicU64; FailureKind::ALL.len()],
    took: Histogram,
    queue_wait: Histogram,
    peak_memory: AtomicU64,
    agreed: AtomicU64,
    disagreed: AtomicU64,
}

impl HookCounters {
    /// A call was made.
    pub(crate) fn called(&self, took_us: u64, peak_memory: u64) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.took.add(took_us);
        self.peak_memory.fetch_max(peak_memory, Ordering::Relaxed);
    }

    /// A call failed, or was not made for this reason.
    pub(crate) fn failed(&self, kind: FailureKind) {
        self.failures[kind as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// An event waited so long for a worker.
    pub(crate) fn waited(&self, us: u64) {
        self.queue_wait.add(us);
    }

    /// A plugin in shadow agreed or not.
    pub(crate) fn compared(&self, agreed: bool) {
        if agreed { &self.agreed } else { &self.disagreed }.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self, plugin: &Arc<str>, hook: Hook) -> PluginMetrics {
        let failures = FailureKind::ALL
            .into_iter()
            .map(|kind| (kind, self.failures[kind as usize].load(Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0);
        PluginMetrics {
            plugin: plugin.clone(),
            hook,
            calls: self.calls.load(Ordering::Relaxed),
            failures: failures.collect(),
            took: self.took.read(),
            queue_wait: self.queue_wait.read(),
            peak_memory_bytes: self.peak_memory.load(Ordering::Relaxed),
            shadow_agreed: self.agreed.load(Ordering::Relaxed),
            shadow_disagreed: self.disagreed.load(Ordering::Relaxed),
            quarantine: None,
        }
    }
}

/// A histogram as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistogramMetrics {
    /// One per bucket of [`BUCKETS_US`] and one above; not cumulative.
    pub counts: Vec<u64>,
    /// All times together, in microseconds.
    pub sum_us: u64,
}

impl HistogramMetrics {
    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// A plugin that is not asked at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantine {
    /// Waiting or being probed.
    pub state: BreakerState,
    /// Milliseconds until a probe is due; 0 while it runs.
    pub retry_in_ms: u64,
    /// Why.
    pub reason: String,
}

/// Counters of one plugin at one hook, as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginMetrics {
    /// The binding's id.
    pub plugin: Arc<str>,
    /// Which hook.
    pub hook: Hook,
    /// Calls made.
    pub calls: u64,
    /// Failures by kind, those that occurred.
    pub failures: Vec<(FailureKind, u64)>,
    /// Wall time of calls.
    pub took: HistogramMetrics,
    /// Time events waited for a worker.
    pub queue_wait: HistogramMetrics,
    /// The most linear memory a call had.
    pub peak_memory_bytes: u64,
    /// In shadow: times the merged verdict was the same.
    pub shadow_agreed: u64,
    /// In shadow: times it was not.
    pub shadow_disagreed: u64,
    /// Whether it is left alone at present.
    pub quarantine: Option<Quarantine>,
}
