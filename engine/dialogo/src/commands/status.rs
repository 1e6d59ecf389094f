//! `dialogo status`: what the running desk says of itself.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use super::running::Running;
use crate::output::{self, Exit};

pub(super) async fn run(dir: &Path, json: bool) -> Result<Exit> {
    let desk = Running::need(dir).await?;
    let status = desk.get("/status").await?;
    if json {
        output::say_json(&status);
    } else {
        show(&status);
    }
    let healthy =
        status.get("ready").and_then(Value::as_bool).unwrap_or(false) && !has_errors(&status);
    Ok(if healthy { Exit::Good } else { Exit::Found })
}

fn has_errors(status: &Value) -> bool {
    let problems = status
        .pointer("/rules/problems")
        .or_else(|| status.get("problems"))
        .and_then(Value::as_array);
    problems.is_some_and(|all| {
        all.iter().any(|one| one.get("severity").and_then(Value::as_str) != Some("warning"))
    })
}

fn show(status: &Value) {
    let text = |pointer: &str| status.pointer(pointer).map(plain).unwrap_or_default();
    let mut rows = vec![
        vec!["version".into(), text("/version")],
        vec![
            "state".into(),
            format!(
                "{}{}",
                text("/state"),
                if text("/ready") == "true" { ", ready" } else { ", NOT ready" }
            ),
        ],
        vec!["running for".into(), duration(status.get("uptime_ms").and_then(Value::as_u64))],
        vec!["journal".into(), format!("position {}", text("/journal/head"))],
        vec![
            "rules".into(),
            format!(
                "{} since {} ({})",
                text("/rules/generation"),
                when(status.pointer("/rules/since")),
                text("/rules/summary")
            ),
        ],
        vec!["conversations".into(), counts(status.get("conversations"))],
        vec!["agents".into(), counts(status.get("agents"))],
        vec!["connections".into(), text("/sockets")],
    ];
    if let Some(bytes) = status.get("rss_bytes").and_then(Value::as_u64) {
        rows.push(vec!["memory".into(), format!("{:.1} MiB", bytes as f64 / 1_048_576.0)]);
    }
    for queue in status.get("queues").and_then(Value::as_array).into_iter().flatten() {
        let wait = duration(queue.get("longest_wait_ms").and_then(Value::as_u64));
        let department = queue.get("department").map(plain).unwrap_or_default();
        let length = queue.get("length").map(plain).unwrap_or_default();
        rows.push(vec![
            format!("queue {department}"),
            format!("{length} waiting, the longest for {wait}"),
        ]);
    }
    for line in super::promote::worth_telling(status) {
        rows.push(vec!["plugin".into(), line]);
    }
    output::say(output::table(&rows));
    for reason in status.get("reasons").and_then(Value::as_array).into_iter().flatten() {
        output::say(format!("  ! {}", plain(reason)));
    }
    show_problems(status.get("rules").unwrap_or(status));
}

/// Prints what is wrong with the rule files, as far as a list says it.
pub(super) fn show_problems(state: &Value) {
    let problems =
        state.get("problems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if problems.is_empty() {
        return;
    }
    output::say("what lies in the folder is not in force as it is:");
    for problem in problems {
        output::say(format!("  {}", problem_line(problem)));
    }
}

/// One problem on one line: place, severity, code and what it says.
pub(super) fn problem_line(problem: &Value) -> String {
    let text = |key: &str| problem.get(key).map(plain).unwrap_or_default();
    let mut line = text("file");
    for key in ["line", "column"] {
        if problem.get(key).is_some_and(Value::is_number) {
            let _ = write!(line, ":{}", text(key));
        }
    }
    let severity = if text("severity").is_empty() { "error".to_owned() } else { text("severity") };
    format!("{line}: {severity}[{}]: {}", text("code"), text("message"))
}

fn counts(value: Option<&Value>) -> String {
    let fields = value.and_then(Value::as_object);
    let listed = fields
        .map(|all| all.iter().map(|(name, count)| format!("{} {name}", plain(count))).collect());
    listed.map(|all: Vec<String>| all.join(", ")).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Milliseconds as people say them.
fn duration(ms: Option<u64>) -> String {
    let Some(seconds) = ms.map(|ms| ms / 1000) else { return "—".to_owned() };
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// A time in milliseconds UTC as date and time; texts stay as they are.
pub(super) fn when(value: Option<&Value>) -> String {
    let Some(ms) = value.and_then(Value::as_i64) else {
        return value.map(plain).unwrap_or_default();
    };
    let (days, second) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000) / 1000);
    let (year, month, day) = date(days);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Day of the civil calendar from days since 1970-01-01 (the usual reckoning in eras of 400 years).
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_dates() {
        assert_eq!(when(Some(&json!(0))), "1970-01-01 00:00:00 UTC");
        assert_eq!(when(Some(&json!(1_795_429_845_000_i64))), "2026-11-23 10:30:45 UTC");
        assert_eq!(when(Some(&json!(951_782_400_000_i64))), "2000-02-29 00:00:00 UTC");
    }

    #[test]
    fn durations_are_said_as_people_do() {
        assert_eq!(duration(Some(59_000)), "59 s");
        assert_eq!(duration(Some(3_700_000)), "1 h 1 min");
        assert_eq!(duration(Some(90_000_000)), "1 d 1 h");
    }

    #[test]
    fn a_problem_is_one_line() {
        let problem = json!({ "file": "config/desk.toml", "line": 3, "column": 1, "severity": "error", "code": "unknown-key", "message": "no such key" });
        assert_eq!(problem_line(&problem), "config/desk.toml:3:1: error[unknown-key]: no such key");
    }
}
