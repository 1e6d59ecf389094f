//! Figures for Prometheus: counted here as things happen, or read from the desk when somebody looks.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64};

use dialogo_domain::agent::Presence;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::api::{SendState, names};
use crate::state::App;

/// Buckets of a request, in seconds: from a read out of memory to a large upload.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Code {
    code: String,
}

/// What is counted as it happens.
pub struct Metrics {
    registry: Registry,
    requests: Family<Asked, Counter>,
    seconds: Family<Route, Histogram>,
    problems: Family<Code, Counter>,
    messages: Counter,
    refused: Counter,
    uploads: Counter,
    upload_bytes: Counter,
    panics: Counter,
    sockets: Gauge<i64, AtomicI64>,
    sockets_total: Counter<u64, AtomicU64>,
}

/// Counts a socket for as long as it is held.
pub(crate) struct OpenSocket(Gauge<i64, AtomicI64>);

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("dialogo");
        let seconds = Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        let metrics = Self {
            requests: Family::default(),
            seconds,
            problems: Family::default(),
            messages: Counter::default(),
            refused: Counter::default(),
            uploads: Counter::default(),
            upload_bytes: Counter::default(),
            panics: Counter::default(),
            sockets: Gauge::default(),
            sockets_total: Counter::default(),
            registry: Registry::default(),
        };
        registry.register("http_requests", "HTTP requests", metrics.requests.clone());
        registry.register("http_request_seconds", "Time to answer", metrics.seconds.clone());
        registry.register("http_problems", "Error answers by code", metrics.problems.clone());
        registry.register("messages", "Messages sent", metrics.messages.clone());
        registry.register(
            "messages_refused",
            "Messages refused by a policy",
            metrics.refused.clone(),
        );
        registry.register("uploads", "Files stored", metrics.uploads.clone());
        registry.register("upload_bytes", "Bytes of files stored", metrics.upload_bytes.clone());
        registry.register(
            "panics",
            "Panics caught while a request was answered",
            metrics.panics.clone(),
        );
        registry.register("sockets", "Sockets open", metrics.sockets.clone());
        registry.register(
            "sockets_opened",
            "Sockets opened since the start",
            metrics.sockets_total.clone(),
        );
        Self { registry, ..metrics }
    }
}

impl Metrics {
    /// A request was answered.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16, seconds: f64) {
        let asked = Asked { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&asked).inc();
        self.seconds.get_or_create(&Route { route: route.to_owned() }).observe(seconds);
    }

    /// An answer was a problem.
    pub(crate) fn problem(&self, code: &str) {
        self.problems.get_or_create(&Code { code: code.to_owned() }).inc();
    }

    /// A message was answered.
    pub(crate) fn message(&self, state: SendState) {
        match state {
            SendState::Sent => self.messages.inc(),
            SendState::Refused => self.refused.inc(),
        };
    }

    /// A file was stored.
    pub(crate) fn upload(&self, bytes: u64) {
        self.uploads.inc();
        self.upload_bytes.inc_by(bytes);
    }

    /// A panic was caught.
    pub(crate) fn panic(&self) {
        self.panics.inc();
    }

    /// A socket was opened.
    pub(crate) fn socket_opened(&self) -> OpenSocket {
        self.sockets.inc();
        self.sockets_total.inc();
        OpenSocket(self.sockets.clone())
    }

    /// Sockets open now.
    pub(crate) fn sockets(&self) -> i64 {
        self.sockets.get()
    }
}

/// Resident memory of this process, in bytes; 0 where the system does not tell.
pub(crate) fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// What the desk looks like at one moment.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    pub(crate) by_state: BTreeMap<&'static str, u64>,
    pub(crate) queues: Vec<(String, usize, u64)>,
    pub(crate) agents: BTreeMap<&'static str, u64>,
}

/// Looks at the desk once, shortly.
pub(crate) fn picture(app: &App) -> Picture {
    let now = app.now();
    app.desk.read(|desk| {
        let mut picture = Picture {
            by_state: names::STATES.iter().map(|state| (names::state(*state), 0)).collect(),
            agents: ["online", "busy", "offline"].into_iter().map(|name| (name, 0)).collect(),
            queues: Vec::new(),
        };
        for conversation in desk.conversations.values() {
            *picture.by_state.entry(names::state(conversation.state)).or_default() += 1;
        }
        for (department, queue) in &desk.queues {
            let longest = queue.iter().map(|key| now.since(key.waiting_since)).max().unwrap_or(0);
            picture.queues.push((department.to_string(), queue.len(), longest));
        }
        for agent in desk.agents.values().filter(|agent| agent.active) {
            let presence =
                if agent.dropped_at.is_some() { &Presence::Offline } else { &agent.presence };
            *picture.agents.entry(names::presence(presence)).or_default() += 1;
        }
        picture
    })
}

/// Everything, as Prometheus reads it.
pub(crate) fn text(app: &App) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = encode(&mut text, &app.metrics.registry);
    let end = "# EOF\n";
    text.truncate(text.trim_end_matches(end).len());
    let mut out = Lines(text);
    let desk = app.desk.metrics();
    out.gauge("journal_position", "Last durable commit", &[("", desk.durable.0 as f64)]);
    out.gauge("journal_decided_position", "Last decided commit", &[("", desk.decided.0 as f64)]);
    out.gauge("feed_position", "Last commit shown", &[("", desk.shown.0 as f64)]);
    out.gauge(
        "commands_waiting",
        "Commands waiting for the writer",
        &[("", desk.waiting_commands as f64)],
    );
    out.gauge(
        "feed_listeners",
        "Connections that listen to the feed",
        &[("", desk.connections as f64)],
    );
    out.gauge("views_lag", "Commits the views are behind", &[("", app.desk.views().lag() as f64)]);
    let rules = app.desk.rules_status();
    let generation = format!("generation=\"{}\"", rules.generation);
    out.gauge("rules_info", "Rules in force", &[(&generation, 1.0)]);
    out.gauge(
        "rules_since_seconds",
        "When they came into force",
        &[("", rules.since.0 as f64 / 1e3)],
    );
    let healthy = rules.last_reload_ok || rules.last_reload_at.is_none();
    out.gauge(
        "rules_last_reload_ok",
        "Whether what lies on disk is in force",
        &[("", f64::from(u8::from(healthy)))],
    );
    let at = rules.last_reload_at.map_or(0.0, |at| at.0 as f64 / 1e3);
    out.gauge("rules_last_reload_seconds", "When the files were last found changed", &[("", at)]);
    out.gauge(
        "rules_last_reload_duration_seconds",
        "How long that took",
        &[("", rules.last_reload_ms as f64 / 1e3)],
    );
    out.gauge(
        "rules_problems",
        "Problems in the files on disk",
        &[("", rules.problems.len() as f64)],
    );
    out.counter(
        "rules_reloads_total",
        "Reloads since the start",
        &[
            ("outcome=\"ok\"", rules.reloads.0 as f64),
            ("outcome=\"failed\"", rules.reloads.1 as f64),
        ],
    );
    let picture = picture(app);
    let labelled = |label: &str, value: &str| format!("{label}=\"{}\"", escaped(value));
    let by_state: Vec<_> = picture
        .by_state
        .iter()
        .map(|(state, count)| (labelled("state", state), *count as f64))
        .collect();
    out.family("conversations", "Conversations in memory", &by_state);
    let lengths: Vec<_> = picture
        .queues
        .iter()
        .map(|(id, length, _)| (labelled("department", id), *length as f64))
        .collect();
    out.family("queue_length", "Conversations that wait", &lengths);
    let waits: Vec<_> = picture
        .queues
        .iter()
        .map(|(id, _, wait)| (labelled("department", id), *wait as f64 / 1e3))
        .collect();
    out.family("queue_longest_wait_seconds", "Longest wait", &waits);
    let agents: Vec<_> = picture
        .agents
        .iter()
        .map(|(presence, count)| (labelled("presence", presence), *count as f64))
        .collect();
    out.family("agents", "Accounts by presence", &agents);
    out.gauge("process_resident_memory_bytes", "Resident memory", &[("", resident_bytes() as f64)]);
    out.0.push_str(&crate::adapt::plugin_metrics(app));
    out.0.push_str(end);
    out.0
}

/// A label's value as the text format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Lines of the text format, for what is read rather than counted.
struct Lines(String);

impl Lines {
    fn gauge(&mut self, name: &str, help: &str, samples: &[(&str, f64)]) {
        self.lines(name, help, "gauge", samples.iter().copied());
    }

    fn counter(&mut self, name: &str, help: &str, samples: &[(&str, f64)]) {
        self.lines(name, help, "counter", samples.iter().copied());
    }

    fn family(&mut self, name: &str, help: &str, samples: &[(String, f64)]) {
        self.lines(
            name,
            help,
            "gauge",
            samples.iter().map(|(labels, value)| (labels.as_str(), *value)),
        );
    }

    fn lines<'a>(
        &mut self,
        name: &str,
        help: &str,
        kind: &str,
        samples: impl Iterator<Item = (&'a str, f64)>,
    ) {
        let family = name.strip_suffix("_total").filter(|_| kind == "counter").unwrap_or(name);
        let _ = writeln!(self.0, "# HELP dialogo_{family} {help}.\n# TYPE dialogo_{family} {kind}");
        for (labels, value) in samples {
            let braces = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
            let _ = writeln!(self.0, "dialogo_{name}{braces} {value}");
        }
    }
}
