//! What a replay found: counters and latencies while it runs, one object or table at the end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde::Serialize;

/// Counters and latencies of a running replay, shared by all its people.
#[derive(Debug, Default)]
pub struct Tally {
    /// Conversations that were played to the end.
    pub conversations: AtomicU64,
    /// Messages acknowledged as sent.
    pub messages: AtomicU64,
    /// Acknowledged, and missing somewhere.
    pub lost: AtomicU64,
    /// Seen twice by somebody.
    pub duplicated: AtomicU64,
    /// Seen after a later one.
    pub out_of_order: AtomicU64,
    /// Refused by a policy.
    pub refused: AtomicU64,
    /// Changed by a policy before they were stored.
    pub rewritten: AtomicU64,
    /// Server errors, breaches of the contract, conversations that got stuck.
    pub failed: AtomicU64,
    /// Sets of suggestions that reached an agent.
    pub suggestions: AtomicU64,
    /// Sets that held the label.
    pub suggestion_hits: AtomicU64,
    /// Transfers that happened.
    pub transfers: AtomicU64,
    /// Transfers the desk refused.
    pub transfers_refused: AtomicU64,
    /// Conversations classified with their label.
    pub classified: AtomicU64,
    /// Connections that were lost and resumed.
    pub reconnects: AtomicU64,
    /// Cursors that were too old.
    pub refreshes: AtomicU64,
    /// Messages sent again after a lost connection.
    pub resent: AtomicU64,
    /// Send to acknowledgement.
    pub ack: Latencies,
    /// Send to the other side's socket.
    pub delivery: Latencies,
    /// Consumer's message to the suggestions that followed it.
    pub suggestion: Latencies,
    /// The first faults, in words.
    pub faults: Mutex<Vec<String>>,
}

/// At most so many faults are kept in words; the counters hold the rest.
const FAULTS_KEPT: usize = 20;

impl Tally {
    /// Counts one more.
    pub fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a failure and keeps it in words.
    pub fn fail(&self, what: impl Into<String>) {
        self.fault(&self.failed, what);
    }

    /// Counts a fault of some kind and keeps it in words.
    pub fn fault(&self, counter: &AtomicU64, what: impl Into<String>) {
        Self::add(counter);
        let mut faults = self.faults.lock();
        if faults.len() < FAULTS_KEPT {
            faults.push(what.into());
        }
    }
}

/// Latencies, kept one by one: a replay has some ten thousands.
#[derive(Debug, Default)]
pub struct Latencies(Mutex<Vec<f32>>);

impl Latencies {
    /// One more.
    pub fn add(&self, took: Duration) {
        self.0.lock().push(took.as_secs_f32() * 1000.0);
    }

    /// Percentiles of all so far.
    pub fn summary(&self) -> Percentiles {
        let mut all = self.0.lock().clone();
        all.sort_by(f32::total_cmp);
        Percentiles {
            p50: rank(&all, 0.50),
            p95: rank(&all, 0.95),
            p99: rank(&all, 0.99),
            max: all.last().map_or(0.0, |&ms| round(ms)),
            count: all.len() as u64,
        }
    }
}

fn rank(sorted: &[f32], share: f64) -> f64 {
    let index = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(index).map_or(0.0, |&ms| round(ms))
}

fn round(ms: f32) -> f64 {
    (f64::from(ms) * 1000.0).round() / 1000.0
}

/// Percentiles in milliseconds; zeros where nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// Half were faster.
    pub p50: f64,
    /// 95 of 100 were faster.
    pub p95: f64,
    /// 99 of 100 were faster.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
    /// How many were measured.
    pub count: u64,
}

/// What is printed at the end; the fields are part of the command's contract.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Conversations played to the end.
    pub conversations: u64,
    /// Messages acknowledged as sent.
    pub messages: u64,
    /// Acknowledged, and missing somewhere.
    pub lost: u64,
    /// Seen twice by somebody.
    pub duplicated: u64,
    /// Seen after a later one.
    pub out_of_order: u64,
    /// Server errors, breaches of the contract, conversations that got stuck.
    pub failed: u64,
    /// Refused by a policy.
    pub refused: u64,
    /// Changed by a policy.
    pub rewritten: u64,
    /// Sets of suggestions that reached an agent.
    pub suggestions: u64,
    /// Sets that held the label.
    pub suggestion_hits: u64,
    /// Conversations classified with their label.
    pub classified: u64,
    /// Transfers that happened.
    pub transfers: u64,
    /// Transfers the desk refused.
    pub transfers_refused: u64,
    /// Generations of rules seen taking effect.
    pub reloads: u64,
    /// Broken rule files that were written and mended.
    pub breaks: u64,
    /// How often the server was killed and started again.
    pub kills: u64,
    /// Connections that were lost and resumed.
    pub reconnects: u64,
    /// Cursors that were too old.
    pub refreshes: u64,
    /// Messages sent again after a lost connection.
    pub resent: u64,
    /// First message to last close, in seconds.
    pub seconds: f64,
    /// Acknowledged messages per second.
    pub messages_per_second: f64,
    /// Send to acknowledgement.
    pub ack_ms: Percentiles,
    /// Send to the other side's socket.
    pub delivery_ms: Percentiles,
    /// Consumer's message to the suggestions that followed it.
    pub suggestion_ms: Percentiles,
    /// Last write of a rule file (or of a plugin already in the code cache) to the first commit under it.
    pub reload_ms: Percentiles,
    /// The same for a plugin whose bytes are new, which has to be compiled.
    pub reload_new_plugin_ms: Percentiles,
    /// Peak memory of the server, in MiB; `None` for one that runs elsewhere.
    pub peak_rss_mib: Option<f64>,
    /// Where the desk's folder was kept, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// The first faults, in words.
    pub faults: Vec<String>,
}

impl Report {
    /// What the tally holds now.
    pub fn from_tally(tally: &Tally) -> Self {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Self {
            conversations: count(&tally.conversations),
            messages: count(&tally.messages),
            lost: count(&tally.lost),
            duplicated: count(&tally.duplicated),
            out_of_order: count(&tally.out_of_order),
            failed: count(&tally.failed),
            refused: count(&tally.refused),
            rewritten: count(&tally.rewritten),
            suggestions: count(&tally.suggestions),
            suggestion_hits: count(&tally.suggestion_hits),
            classified: count(&tally.classified),
            transfers: count(&tally.transfers),
            transfers_refused: count(&tally.transfers_refused),
            reconnects: count(&tally.reconnects),
            refreshes: count(&tally.refreshes),
            resent: count(&tally.resent),
            ack_ms: tally.ack.summary(),
            delivery_ms: tally.delivery.summary(),
            suggestion_ms: tally.suggestion.summary(),
            faults: tally.faults.lock().clone(),
            ..Self::default()
        }
    }

    /// Whether everything reached everybody, once and in order, and nothing failed.
    pub fn is_good(&self) -> bool {
        self.lost == 0 && self.duplicated == 0 && self.out_of_order == 0 && self.failed == 0
    }

    /// The report as rows of a table.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let ms = |percentiles: &Percentiles| {
            if percentiles.count == 0 {
                return "—".to_owned();
            }
            let Percentiles { p50, p95, p99, max, count } = percentiles;
            format!("p50 {p50:.2}  p95 {p95:.2}  p99 {p99:.2}  max {max:.2} ms  ({count})")
        };
        let mut rows = vec![
            ("conversations", self.conversations.to_string()),
            (
                "messages",
                format!(
                    "{} in {:.1} s = {:.0}/s",
                    self.messages, self.seconds, self.messages_per_second
                ),
            ),
            ("lost", self.lost.to_string()),
            ("duplicated", self.duplicated.to_string()),
            ("out of order", self.out_of_order.to_string()),
            ("failed", self.failed.to_string()),
            ("refused, rewritten", format!("{}, {}", self.refused, self.rewritten)),
            (
                "suggestions",
                format!("{} ({} held the label)", self.suggestions, self.suggestion_hits),
            ),
            ("classified", self.classified.to_string()),
            ("transfers", format!("{} ({} refused)", self.transfers, self.transfers_refused)),
            ("acknowledged", ms(&self.ack_ms)),
            ("delivered", ms(&self.delivery_ms)),
            ("suggested", ms(&self.suggestion_ms)),
        ];
        if self.reloads + self.breaks > 0 {
            rows.push(("reloads", format!("{} ({} broken and mended)", self.reloads, self.breaks)));
            rows.push(("in force", ms(&self.reload_ms)));
            rows.push(("new plugin", ms(&self.reload_new_plugin_ms)));
        }
        if self.kills + self.reconnects > 0 {
            rows.push((
                "kills, reconnects",
                format!("{}, {} ({} resent)", self.kills, self.reconnects, self.resent),
            ));
        }
        if let Some(mib) = self.peak_rss_mib {
            rows.push(("server's memory", format!("{mib:.1} MiB at its peak")));
        }
        if let Some(kept) = &self.kept {
            rows.push(("kept", kept.clone()));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let all = Latencies::default();
        for ms in 1..=100 {
            all.add(Duration::from_millis(ms));
        }
        let summary = all.summary();
        assert_eq!((summary.p50, summary.p95, summary.p99, summary.max), (50.0, 95.0, 99.0, 100.0));
    }

    #[test]
    fn nothing_measured_is_zero() {
        assert_eq!(Latencies::default().summary(), Percentiles::default());
    }

    #[test]
    fn one_loss_is_not_good() {
        let tally = Tally::default();
        assert!(Report::from_tally(&tally).is_good());
        tally.fault(&tally.lost, "gone");
        let report = Report::from_tally(&tally);
        assert!(!report.is_good());
        assert_eq!(report.faults, ["gone"]);
    }
}
