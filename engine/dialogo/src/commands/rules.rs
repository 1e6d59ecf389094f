//! `dialogo rules …`: generations of the running desk.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::running::Running;
use super::status::when;
use crate::cli::Rules;
use crate::output::{self, Exit};

pub(super) async fn run(dir: &Path, verb: Rules) -> Result<Exit> {
    let desk = Running::need(dir).await?;
    match verb {
        Rules::List(json) => {
            let state = desk.get("/rules").await?;
            show_state(&state, json.json, show_list);
            Ok(Exit::Good)
        }
        Rules::Diff { from, to, json } => diff(&desk, from, to, json).await,
        Rules::Rollback { to, json } => {
            let state = desk.call("POST", "/rules/rollback", Some(&json!({ "to": to }))).await?;
            show_state(&state, json, show_present);
            Ok(Exit::Good)
        }
        Rules::Reload(json) => reload(&desk, json.json).await,
    }
}

fn show_state(state: &Value, json: bool, show: fn(&Value)) {
    if json { output::say_json(state) } else { show(state) }
}

fn show_list(state: &Value) {
    let present = text(state, "generation");
    let row = |generation: &Value| {
        let id = text(generation, "generation");
        let mark = if id == present { "*" } else { " " };
        vec![
            format!("{mark} {id}"),
            when(generation.get("at")),
            text(generation, "summary").to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = state
        .get("generations")
        .and_then(Value::as_array)
        .map(|all| all.iter().map(row).collect())
        .unwrap_or_default();
    output::say(output::table(&rows));
    super::status::show_problems(state);
}

fn show_present(state: &Value) {
    output::say(format!("in force: {} ({})", text(state, "generation"), text(state, "summary")));
}

async fn diff(
    desk: &Running,
    from: Option<String>,
    to: Option<String>,
    json: bool,
) -> Result<Exit> {
    let mut query = Vec::new();
    query.extend(from.map(|from| format!("from={from}")));
    query.extend(to.map(|to| format!("to={to}")));
    let answer = desk.get(&format!("/rules/diff?{}", query.join("&"))).await?;
    if json {
        output::say_json(&answer);
    } else {
        output::say(text(&answer, "text").trim_end());
    }
    Ok(Exit::Good)
}

async fn reload(desk: &Running, json: bool) -> Result<Exit> {
    let (status, state) = desk.ask("POST", "/rules/reload", None).await?;
    if json {
        output::say_json(&state);
    } else if status == 200 {
        show_present(&state);
    } else {
        output::say(format!("the rules were not taken over: {}", text(&state, "detail")));
        super::status::show_problems(&state);
    }
    Ok(if status == 200 { Exit::Good } else { Exit::Found })
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
