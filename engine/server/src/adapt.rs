//! Where the server meets what the desk, the rules and the plugin host say of themselves: generations, diagnostics,
//! plugins, reports. Only translation; the routes and the control socket decide who may ask.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::http::StatusCode;
use dialogo_domain::{Generation, Millis};
use dialogo_host::inspect::Inspection;
use dialogo_host::metrics::BUCKETS_US;
use dialogo_host::{BreakerState, PluginMetrics};
use dialogo_journal::Views;
use dialogo_rules::{Diagnostic, Files};
use serde_json::{Value, json};

use crate::api::{DiagnosticView, GenerationView, RollbackBody, RulesView};
use crate::auth::{Session, SessionStore, StoreFault, hex, unhex};
use crate::problem::{Problem, log_fault};
use crate::state::App;

/// Line and column of a byte in a text, both counted from 1, the column in characters.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// What is wrong with what lies in the rules' folder.
pub(crate) fn diagnostics(app: &App, problems: &[Diagnostic]) -> Vec<DiagnosticView> {
    // The text that is wrong lies on disk, not among the files in force: its report names the places.
    let report = app.desk.rules_status().report;
    let places = places(&report);
    problems
        .iter()
        .enumerate()
        .map(|(at, problem)| {
            let file = problem.place.file.to_string();
            let (line, column) = places
                .get(at)
                .filter(|(named, ..)| named.ends_with(&file))
                .map_or_else(|| in_force(app, problem), |(_, line, column)| (*line, *column));
            DiagnosticView {
                severity: if problem.is_error() { "error" } else { "warning" }.to_owned(),
                code: problem.code.clone(),
                file,
                line,
                column,
                message: problem.message.clone(),
                hint: (!problem.help.is_empty()).then(|| problem.help.join("; ")),
            }
        })
        .collect()
}

/// The places that a report in the manner of rustc names, in order: `┌─ config/desk.toml:3:9`.
fn places(report: &str) -> Vec<(String, usize, usize)> {
    let marked = report
        .lines()
        .filter_map(|line| line.split_once("┌─ ").or_else(|| line.split_once("--> ")));
    marked
        .filter_map(|(_, place)| {
            let mut parts = place.trim().rsplitn(3, ':');
            let column = parts.next()?.parse().ok()?;
            let line = parts.next()?.parse().ok()?;
            Some((parts.next()?.to_owned(), line, column))
        })
        .collect()
}

fn in_force(app: &App, problem: &Diagnostic) -> (usize, usize) {
    let rules = app.desk.rules();
    let text = rules.checked.files.text(&problem.place.file);
    let start = problem.place.span.map(|span| span.start);
    text.zip(start).map_or((0, 0), |(text, start)| line_and_column(text.as_ref(), start))
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
pub(crate) async fn roll_back(app: &App, body: RollbackBody) -> Result<RulesView, Problem> {
    let to = match body.to {
        Some(text) => Some(crate::routes::parse_generation(app, "to", &text)?),
        None => None,
    };
    app.desk.rules_desk().roll_back(to).await.map_err(|why| {
        Problem::new(
            StatusCode::CONFLICT,
            "cannot-roll-back",
            "that generation cannot be put in force",
            why,
        )
    })?;
    app.follow_rules();
    Ok(crate::routes::rules_view(app))
}

/// The plugins as they run, one object per binding.
pub(crate) fn plugins(app: &App) -> Vec<Value> {
    let rules = app.desk.rules();
    let counted = app.desk.rules_desk().host().metrics();
    let bindings = rules.checked.plugins.iter().map(|binding| {
        let id = binding.id.as_str();
        let hooks: Vec<Value> =
            counted.iter().filter(|one| &*one.plugin == id).map(hook_value).collect();
        json!({
            "plugin": id,
            "version": rules.chain.plugins().find(|(bound, ..)| *bound == id).map(|(_, version, _)| version),
            "file": binding.file,
            "mode": format!("{:?}", binding.policy.mode).to_lowercase(),
            "on_failure": format!("{:?}", binding.policy.on_failure).to_lowercase(),
            "grants": binding.grants,
            "departments": binding.departments.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "hooks": hooks,
        })
    });
    bindings.collect()
}

fn hook_value(counted: &PluginMetrics) -> Value {
    let failures: BTreeMap<&str, u64> =
        counted.failures.iter().map(|(kind, count)| (kind.name(), *count)).collect();
    json!({
        "hook": counted.hook.name(),
        "calls": counted.calls,
        "failures": failures,
        "breaker": breaker(counted),
        "reason": counted.quarantine.as_ref().map(|quarantine| quarantine.reason.clone()),
        "retry_in_ms": counted.quarantine.as_ref().map(|quarantine| quarantine.retry_in_ms),
        "peak_memory_bytes": counted.peak_memory_bytes,
        "shadow_agreed": counted.shadow_agreed,
        "shadow_disagreed": counted.shadow_disagreed,
    })
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
    plugin_text(&app.desk.rules_desk().host().metrics())
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

/// Closed conversations and the fate of suggestions by node.
pub(crate) fn classification_report(
    app: &App,
    from: Millis,
    to: Millis,
) -> Result<Vec<Value>, Problem> {
    let views = app.desk.views();
    let fault = |error: &dyn std::error::Error| log_fault("reading a report", error);
    let mut nodes: BTreeMap<Option<String>, (u64, Vec<Value>)> = BTreeMap::new();
    for tally in views.tally(from..Millis(to.0.saturating_add(1))).map_err(|error| fault(&error))? {
        nodes.entry(tally.node.map(|node| node.to_string())).or_default().0 += tally.conversations;
    }
    for (plugin, node, count) in views.suggestion_counts().map_err(|error| fault(&error))? {
        let fate = json!({
            "plugin": plugin.as_str(), "shown": count.shown, "accepted": count.accepted,
            "changed": count.changed, "ignored": count.ignored,
        });
        nodes.entry(Some(node.to_string())).or_default().1.push(fate);
    }
    let rows = nodes.into_iter().map(|(node, (conversations, suggestions))| {
        json!({ "node": node, "conversations": conversations, "suggestions_ever": suggestions })
    });
    Ok(rows.collect())
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
    use super::*;

    #[test]
    fn places_are_found_in_a_report() {
        let report = "error[x]: wrong\n   ┌─ config/desk.toml:3:9\n   │\nerror: y\n  --> plugins/a.toml:10:1\n";
        assert_eq!(
            places(report),
            [("config/desk.toml".to_owned(), 3, 9), ("plugins/a.toml".to_owned(), 10, 1)]
        );
        assert_eq!(line_and_column("a\nçb", 4), (2, 2));
    }

    #[test]
    fn sessions_are_read_as_they_were_written() {
        let session = Session { agent: "ana".into(), expires: Millis(77) };
        assert_eq!(read_session(&session_bytes(&session)), Some(session));
        assert_eq!(read_session(b"short"), None);
    }
}
