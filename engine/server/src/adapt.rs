//! Where the server meets what the desk, the rules and the plugin host say of themselves: generations, diagnostics,
//! plugins, reports. Only translation; the routes and the control socket decide who may ask.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::http::StatusCode;
use dialogo_desk::OnTrial;
use dialogo_desk::rules::RulesStatus;
use dialogo_domain::{Actor, Commit, Event, Generation, Millis, PluginId};
use dialogo_host::inspect::Inspection;
use dialogo_host::metrics::{BUCKETS_US, HistogramMetrics};
use dialogo_host::recording::RecordingMetrics;
use dialogo_host::{BreakerState, PluginMetrics};
use dialogo_journal::Views;
use dialogo_rules::{
    Diagnostic, Files, HookPolicy, Located, Mode, OnFailure, PluginBinding, Report,
};

use crate::api::{
    ActivationView, DiagnosticView, GenerationView, HookView, PluginList, PluginView, PromoteBody,
    PromotionView, RelatedView, RollbackBody, RuleFile, RuleFileView, RulesView, SettingsView,
    StepBackView,
};
use crate::auth::{Session, SessionStore, StoreFault, hex, unhex};
use crate::problem::{Problem, log_fault};
use crate::state::App;

/// Problems with the places they have in `files`.
pub(crate) fn diagnostics(files: &Files, problems: &[Diagnostic]) -> Vec<DiagnosticView> {
    let located = Report::new(files, problems).located();
    let view = |(problem, at): (&Diagnostic, Located)| DiagnosticView {
        severity: if problem.is_error() { "error" } else { "warning" }.to_owned(),
        code: at.code,
        file: problem.place.file.to_string(),
        line: at.line,
        column: at.column,
        end_line: at.end_line,
        end_column: at.end_column,
        message: at.message,
        label: at.label,
        hint: (!at.help.is_empty()).then(|| at.help.join("; ")),
        related: at
            .related
            .into_iter()
            .map(|place| RelatedView { file: place.file, line: place.line, message: place.message })
            .collect(),
    };
    problems.iter().zip(located).map(view).collect()
}

/// The rule files, those on disk and those in force.
pub(crate) fn rule_files(status: &RulesStatus, in_force: &Files) -> Vec<RuleFile> {
    let paths: BTreeSet<&str> = status.files.paths().chain(in_force.paths()).collect();
    let file =
        |path: &str| RuleFile { path: path.to_owned(), state: state_of(path, status, in_force) };
    paths.into_iter().map(file).collect()
}

fn state_of(path: &str, status: &RulesStatus, in_force: &Files) -> &'static str {
    let broken = |problem: &&Diagnostic| problem.is_error() && &*problem.place.file == path;
    match (status.files.get(path), in_force.get(path)) {
        _ if status.problems.iter().any(|problem| broken(&problem)) => "broken",
        (None, _) => "removed",
        (_, None) => "added",
        (Some(here), Some(there)) if here == there => "ok",
        _ => "changed",
    }
}

/// A rule file as it lies on disk, or as it is in force where it lies there no more.
pub(crate) fn rule_file(app: &App, path: &str) -> Option<RuleFileView> {
    let status = app.desk.rules_status();
    let rules = app.desk.rules();
    let (here, there) = (status.files.text(path), rules.checked.files.text(path));
    let mut problems = diagnostics(&status.files, &status.problems);
    if status.problems.is_empty() && here == there {
        problems = diagnostics(&rules.checked.files, &rules.warnings);
    }
    problems.retain(|problem| problem.file == path);
    Some(RuleFileView {
        path: path.to_owned(),
        state: state_of(path, &status, &rules.checked.files),
        text: here.as_ref().or(there.as_ref())?.to_string(),
        in_force: there.filter(|there| here.as_ref() != Some(there)).map(Into::into),
        problems,
    })
}

/// How the rules came into force, latest first.
pub(crate) fn history(app: &App, most: usize) -> Result<Vec<ActivationView>, Problem> {
    crate::reads::wait_for_views(app);
    let commits = app.desk.views().activations(most);
    let commits = commits.map_err(|error| log_fault("reading the history of the rules", &error))?;
    Ok(commits.iter().filter_map(activation).collect())
}

fn activation(commit: &Commit) -> Option<ActivationView> {
    let (generation, summary) = commit.events.iter().find_map(|event| match event {
        Event::RulesActivated { generation, summary } => Some((generation, summary)),
        _ => None,
    })?;
    let (by, account) = match &commit.stamp.actor {
        Actor::Agent(id) => ("account", Some(id.to_string())),
        Actor::Operator => ("operator", None),
        Actor::Engine | Actor::Bot | Actor::Consumer(_) => (own_doing(commit, summary), None),
    };
    Some(ActivationView {
        generation: generation.to_string(),
        at: commit.stamp.at.0,
        summary: summary.to_string(),
        by,
        account,
    })
}

/// Why the engine itself put rules in force.
fn own_doing(commit: &Commit, summary: &str) -> &'static str {
    if commit.events.iter().any(|event| matches!(event, Event::PluginSteppedBack(_))) {
        "desk"
    } else if summary == dialogo_desk::rules::AT_THE_START {
        "start"
    } else {
        "files"
    }
}

/// Known generations, latest first.
pub(crate) fn generations(app: &App, most: usize) -> Vec<GenerationView> {
    let records = app.desk.rules_desk().generations().list();
    let view = |record: &dialogo_desk::rules::GenerationRecord| GenerationView {
        generation: record.generation.chars().take(16).collect(),
        at: record.at,
        summary: record.summary.clone(),
    };
    records.iter().take(most).map(view).collect()
}

/// The generation whose name begins so.
pub(crate) fn generation_named(app: &App, prefix: &str) -> Option<Generation> {
    let record = app.desk.rules_desk().generations().find(&prefix.to_ascii_lowercase())?;
    unhex::<32>(&record.generation).map(Generation)
}

/// The generation kept before this one.
pub(crate) fn generation_before(app: &App, generation: Generation) -> Option<Generation> {
    let name = hex(&generation.0);
    let records = app.desk.rules_desk().generations().list();
    let before = records.iter().skip_while(|record| record.generation != name).nth(1)?;
    unhex::<32>(&before.generation).map(Generation)
}

/// The rule files of a generation.
pub(crate) fn files_of(app: &App, generation: Generation) -> Option<Files> {
    let rules = app.desk.rules();
    if rules.generation == generation {
        return Some(rules.checked.files.clone());
    }
    app.desk.rules_desk().generations().files(&hex(&generation.0))
}

/// Puts an older generation in force.
pub(crate) async fn roll_back(
    app: &App,
    body: RollbackBody,
    by: Actor,
) -> Result<RulesView, Problem> {
    let to = match body.to {
        Some(text) => Some(crate::routes::parse_generation(app, "to", &text)?),
        None => None,
    };
    app.desk.rules_desk().roll_back(to, by).await.map_err(|why| {
        Problem::new(
            StatusCode::CONFLICT,
            "cannot-roll-back",
            "that generation cannot be put in force",
            why,
        )
    })?;
    app.follow_rules();
    let app = app.clone();
    crate::routes::off_thread(move || crate::routes::rules_view(&app)).await
}

/// The plugins as they are bound and as they run.
pub(crate) fn plugins(app: &App) -> Vec<PluginView> {
    let rules = app.desk.rules();
    let counted = app.desk.rules_desk().host().metrics();
    let bindings = rules.checked.plugins.iter().map(|binding| {
        let id = binding.id.as_str();
        let bound = rules.chain.plugins().find(|(bound, ..)| *bound == id);
        let here = counted.iter().filter(|one| &*one.plugin == id);
        PluginView {
            plugin: id.to_owned(),
            version: bound.map(|(_, version, _)| version.to_owned()),
            digest: bound.map(|(.., digest)| digest.chars().take(16).collect()),
            file: binding.file.clone(),
            mode: mode(binding.policy.mode),
            on_failure: on_failure(binding.policy.on_failure),
            grants: binding.grants.iter().cloned().collect(),
            departments: binding.departments.iter().map(ToString::to_string).collect(),
            settings: binding.settings.as_ref().map(|settings| SettingsView {
                file: settings.path().to_owned(),
                revision: hex(&settings.digest()[..8]),
            }),
            promotion: promotion(binding, app.desk.trial(&binding.id).as_ref()),
            hooks: here.map(|one| hook(one, binding.at(one.hook.name()))).collect(),
        }
    });
    bindings.collect()
}

fn promotion(binding: &PluginBinding, on_trial: Option<&OnTrial>) -> PromotionView {
    let asked = &binding.promotion;
    let trial = on_trial.map(|now| now.trial.clone()).unwrap_or_default();
    let score = trial.score(asked.window);
    PromotionView {
        revision: format!("{:016x}", on_trial.map_or(0, |now| now.revision)),
        percent: asked.percent,
        replaces: asked.replaces.as_ref().map(ToString::to_string),
        min_precision: asked.min_precision,
        window: asked.window,
        since: (trial.since > 0).then_some(trial.since),
        agreed: trial.agreed,
        differed: trial.differed,
        right: trial.right,
        wrong: trial.wrong,
        window_right: score.right,
        window_of: score.of,
        precision: score.precision(),
        falls_short: on_trial.is_some_and(|now| now.falls_short.is_some()),
        stepped_back: trial.stepped_back.map(|back| StepBackView {
            at: back.at,
            right: back.right,
            of: back.of,
            min_precision: back.min_precision,
        }),
    }
}

/// Lets the word of a plugin count in a share of the conversations.
pub(crate) async fn promote(
    app: &App,
    plugin: &str,
    body: &PromoteBody,
    by: Actor,
) -> Result<PluginList, Problem> {
    if !(1..=100).contains(&body.percent) {
        return Err(Problem::invalid("percent", "a share goes from 1 to 100"));
    }
    let plugin = PluginId::from(plugin);
    if app.desk.trial(&plugin).is_none() {
        return Err(Problem::not_found("plugin"));
    }
    app.desk.promote(&plugin, body.percent, by).await.map_err(|why| {
        let title = "that plugin cannot be promoted";
        Problem::new(StatusCode::CONFLICT, "cannot-promote", title, why)
    })?;
    app.follow_rules();
    Ok(crate::routes::plugins_view(app))
}

fn hook(counted: &PluginMetrics, policy: HookPolicy) -> HookView {
    let quarantine = counted.quarantine.as_ref();
    HookView {
        hook: counted.hook.name(),
        mode: mode(policy.mode),
        on_failure: on_failure(policy.on_failure),
        calls: counted.calls,
        failures: counted.failures.iter().map(|(kind, count)| (kind.name(), *count)).collect(),
        breaker: breaker(counted),
        reason: quarantine.map(|quarantine| quarantine.reason.clone()),
        retry_in_ms: quarantine.map(|quarantine| quarantine.retry_in_ms),
        p50_us: quantile(&counted.took, 0.5),
        p99_us: quantile(&counted.took, 0.99),
        peak_memory_bytes: counted.peak_memory_bytes,
        shadow_agreed: counted.shadow_agreed,
        shadow_disagreed: counted.shadow_disagreed,
    }
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "enforce",
        Mode::Shadow => "shadow",
        Mode::Off => "off",
    }
}

fn on_failure(what: OnFailure) -> &'static str {
    match what {
        OnFailure::Open => "open",
        OnFailure::Closed => "closed",
    }
}

/// The time that this share of the calls did not exceed, taken as evenly spread within a bucket; above the last bound
/// that bound itself.
fn quantile(took: &HistogramMetrics, share: f64) -> Option<u64> {
    let wanted = (share * took.count() as f64).ceil();
    let (mut below, mut from) = (0.0, 0);
    for (count, to) in took.counts.iter().zip(BUCKETS_US.iter().chain(BUCKETS_US.last())) {
        let within = *count as f64;
        if within > 0.0 && below + within >= wanted {
            return Some(from + ((wanted - below) / within * (to - from) as f64) as u64);
        }
        (below, from) = (below + within, *to);
    }
    None
}

fn breaker(counted: &PluginMetrics) -> &'static str {
    match counted.quarantine.as_ref().map(|quarantine| &quarantine.state) {
        None | Some(BreakerState::Closed) => "closed",
        Some(BreakerState::Open { .. }) => "open",
        Some(BreakerState::Probing) => "probing",
    }
}

/// What the plugins did, in the text format of Prometheus.
pub(crate) fn plugin_metrics(app: &App) -> String {
    let host = app.desk.rules_desk().host();
    let mut text = plugin_text(&host.metrics());
    text.push_str(&recording_text(&host.recording_metrics()));
    text.push_str(&promotion_text(&plugins(app)));
    text
}

/// What was recorded of plugins.
fn recording_text(recorded: &[RecordingMetrics]) -> String {
    let mut text = String::new();
    let mut counter = |name: &str, help: &str, value: &dyn Fn(&RecordingMetrics) -> u64| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP dialogo_{name} {help}.\n# TYPE dialogo_{name} counter");
        for one in recorded {
            let _ =
                writeln!(text, "dialogo_{name}_total{{plugin=\"{}\"}} {}", one.plugin, value(one));
        }
    };
    counter("plugin_calls_recorded", "Calls of plugins that were recorded", &|one| one.recorded);
    counter(
        "plugin_recordings_dropped",
        "Calls of plugins that should have been recorded and were not",
        &|one| one.dropped,
    );
    text
}

/// What is measured of the present revisions.
fn promotion_text(plugins: &[PluginView]) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, value: &dyn Fn(&PluginView) -> Option<f64>| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP dialogo_{name} {help}.\n# TYPE dialogo_{name} gauge");
        for plugin in plugins {
            let Some(value) = value(plugin) else { continue };
            let _ = writeln!(text, "dialogo_{name}{{plugin=\"{}\"}} {value}", plugin.plugin);
        }
    };
    gauge(
        "plugin_percent",
        "Share of conversations in which the word of a plugin counts",
        &|plugin| {
            let counts = plugin.mode == "enforce";
            Some(if counts { f64::from(plugin.promotion.percent) } else { 0.0 })
        },
    );
    gauge("plugin_precision", "Share of right suggestions in the window of the rules", &|plugin| {
        plugin.promotion.precision
    });
    gauge("plugin_stepped_back", "Whether the desk took the plugin back to shadow", &|plugin| {
        let back = plugin.mode != "enforce" && plugin.promotion.stepped_back.is_some();
        Some(f64::from(u8::from(back)))
    });
    text
}

fn plugin_text(counted: &[PluginMetrics]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut family =
        |name: &str, kind: &str, help: &str, lines: &mut dyn Iterator<Item = String>| {
            let _ = writeln!(text, "# HELP dialogo_{name} {help}.\n# TYPE dialogo_{name} {kind}");
            for line in lines {
                let _ = writeln!(text, "dialogo_{line}");
            }
        };
    let labels =
        |one: &PluginMetrics| format!("plugin=\"{}\",hook=\"{}\"", one.plugin, one.hook.name());
    family(
        "plugin_calls",
        "counter",
        "Calls of plugins",
        &mut counted
            .iter()
            .map(|one| format!("plugin_calls_total{{{}}} {}", labels(one), one.calls)),
    );
    family(
        "plugin_failures",
        "counter",
        "Failures of plugins by kind",
        &mut counted.iter().flat_map(|one| {
            let labels = labels(one);
            one.failures.iter().map(move |(kind, count)| {
                format!("plugin_failures_total{{{labels},kind=\"{}\"}} {count}", kind.name())
            })
        }),
    );
    family(
        "plugin_breaker_open",
        "gauge",
        "Whether a plugin is left alone",
        &mut counted.iter().map(|one| {
            format!("plugin_breaker_open{{{}}} {}", labels(one), u8::from(breaker(one) != "closed"))
        }),
    );
    family(
        "plugin_peak_memory_bytes",
        "gauge",
        "Most memory of a call",
        &mut counted.iter().map(|one| {
            format!("plugin_peak_memory_bytes{{{}}} {}", labels(one), one.peak_memory_bytes)
        }),
    );
    family(
        "plugin_call_us",
        "histogram",
        "Time of calls in microseconds",
        &mut counted.iter().flat_map(|one| {
            let labels = labels(one);
            let bounds = BUCKETS_US.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
            let mut below = 0;
            let mut lines: Vec<String> = bounds
                .zip(&one.took.counts)
                .map(|(bound, count)| {
                    below += count;
                    format!("plugin_call_us_bucket{{{labels},le=\"{bound}\"}} {below}")
                })
                .collect();
            lines.push(format!("plugin_call_us_sum{{{labels}}} {}", one.took.sum_us));
            lines.push(format!("plugin_call_us_count{{{labels}}} {below}"));
            lines
        }),
    );
    text
}

/// Files looked into at once: each is held in memory meanwhile.
static LOOKS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);

/// What the host finds inside a file.
pub(crate) async fn inspect(
    path: &std::path::Path,
    name: &str,
    declared: &str,
) -> Result<Inspection, Problem> {
    let _turn =
        LOOKS.acquire().await.map_err(|error| log_fault("waiting to look into a file", &error))?;
    let content =
        tokio::fs::read(path).await.map_err(|error| log_fault("reading an upload", &error))?;
    let (name, declared) = (name.to_owned(), declared.to_owned());
    tokio::task::spawn_blocking(move || dialogo_host::inspect::inspect(&content, &name, &declared))
        .await
        .map_err(|error| log_fault("looking into a file", &error))
}

/// The type by content.
pub(crate) fn sniffed(inspection: &Inspection) -> Option<String> {
    inspection.sniffed_mime.as_ref().map(ToString::to_string)
}

/// Sessions kept with the views.
pub(crate) struct SessionsInViews(pub(crate) std::sync::Arc<Views>);

/// A session as bytes: when it ends, then whose it is.
fn session_bytes(session: &Session) -> Vec<u8> {
    let mut bytes = session.expires.0.to_be_bytes().to_vec();
    bytes.extend_from_slice(session.agent.as_str().as_bytes());
    bytes
}

fn read_session(bytes: &[u8]) -> Option<Session> {
    let (expires, agent) = bytes.split_first_chunk::<8>()?;
    let agent = std::str::from_utf8(agent).ok()?;
    Some(Session { agent: agent.into(), expires: Millis(u64::from_be_bytes(*expires)) })
}

fn store_fault(error: &dialogo_journal::Fault) -> StoreFault {
    StoreFault(error.to_string())
}

impl SessionStore for SessionsInViews {
    fn put(&self, hash: &[u8; 32], session: &Session) -> Result<(), StoreFault> {
        self.0.put_session(hash, &session_bytes(session)).map_err(|error| store_fault(&error))
    }

    fn get(&self, hash: &[u8; 32]) -> Result<Option<Session>, StoreFault> {
        let found = self.0.get_session(hash).map_err(|error| store_fault(&error))?;
        Ok(found.as_deref().and_then(read_session))
    }

    fn delete(&self, hash: &[u8; 32]) -> Result<(), StoreFault> {
        self.0.delete_session(hash).map_err(|error| store_fault(&error))
    }

    fn retain(&self, keep: &mut dyn FnMut(&Session) -> bool) -> Result<(), StoreFault> {
        // What cannot be read is nobody's session.
        let wanted = |bytes: &[u8]| read_session(bytes).is_some_and(|session| keep(&session));
        self.0.retain_sessions(wanted).map(drop).map_err(|error| store_fault(&error))
    }
}

#[cfg(test)]
mod tests {
    use dialogo_rules::Place;

    use super::*;

    #[test]
    fn percentiles_of_a_histogram() {
        let took = |counts: [u64; 15]| HistogramMetrics { counts: counts.to_vec(), sum_us: 0 };
        assert_eq!(quantile(&took([0; 15]), 0.5), None);
        let mut counts = [0; 15];
        // Ten calls between 20 and 50 µs, one above everything.
        (counts[3], counts[14]) = (10, 1);
        assert_eq!(quantile(&took(counts), 0.5), Some(38));
        assert_eq!(quantile(&took(counts), 0.99), Some(200_000));
    }

    #[test]
    fn files_on_disk_and_in_force() {
        let files = |all: &[(&str, &str)]| {
            Files::from_map(all.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())))
        };
        let in_force = files(&[("desk.toml", "a"), ("replies.toml", "b"), ("old.toml", "c")]);
        let status = RulesStatus {
            files: files(&[("desk.toml", "é\nwrong"), ("replies.toml", "B"), ("new.toml", "d")]),
            problems: vec![
                Diagnostic::error("x", Place::at("desk.toml", 3..8), "is wrong").help("y"),
            ],
            ..RulesStatus::default()
        };
        let states: Vec<_> = rule_files(&status, &in_force)
            .into_iter()
            .map(|file| (file.path, file.state))
            .collect();
        let expected = [
            ("desk.toml", "broken"),
            ("new.toml", "added"),
            ("old.toml", "removed"),
            ("replies.toml", "changed"),
        ];
        assert_eq!(states, expected.map(|(path, state)| (path.to_owned(), state)));
        let found = &diagnostics(&status.files, &status.problems)[0];
        assert_eq!((found.line, found.column, found.end_column), (2, 1, 6));
        assert_eq!(found.hint.as_deref(), Some("y"));
    }

    #[test]
    fn sessions_are_read_as_they_were_written() {
        let session = Session { agent: "ana".into(), expires: Millis(77) };
        assert_eq!(read_session(&session_bytes(&session)), Some(session));
        assert_eq!(read_session(b"short"), None);
    }
}
