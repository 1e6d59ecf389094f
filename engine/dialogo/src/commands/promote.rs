//! `dialogo promote`: how far the word of a plugin counts, and how it does.

use std::path::Path;

use anyhow::Result;
use dialogo_domain::PluginId;
use serde_json::{Value, json};

use super::running::Running;
use super::status::when;
use crate::cli::Promote;
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};

pub(super) async fn run(dir: &Path, asked: &Promote) -> Result<Exit> {
    let Some(desk) = Running::find(dir).await else { return in_the_file(dir, asked) };
    let path = format!("/plugins/{}/promote", asked.plugin);
    let state = desk.call("POST", &path, Some(&json!({ "percent": asked.percent }))).await?;
    let plugin = list(&state).find(|plugin| plugin["plugin"] == asked.plugin.as_str());
    if asked.json {
        output::say_json(plugin.unwrap_or(&Value::Null));
    } else {
        output::say(in_words(plugin.unwrap_or(&Value::Null)));
    }
    Ok(Exit::Good)
}

/// Where no desk runs, the file is all there is; what the rules say of it is checked at the next start, and by
/// `dialogo check`.
fn in_the_file(dir: &Path, asked: &Promote) -> Result<Exit> {
    let folder = DeskFolder::at(dir);
    folder.need()?;
    let path = folder.config.join("plugins.toml");
    let unreadable = |fault: std::io::Error| {
        Failure::unavailable(
            format!("{}: {fault}", path.display()),
            "see that it is there and yours",
        )
    };
    let text = std::fs::read_to_string(&path).map_err(unreadable)?;
    let plugin = PluginId::from(asked.plugin.as_str());
    let edited =
        dialogo_rules::edit::promoted(&text, &plugin, asked.percent).map_err(Failure::refused)?;
    std::fs::write(&path, edited).map_err(unreadable)?;
    let state = json!({ "plugin": asked.plugin, "mode": "enforce", "percent": asked.percent });
    if asked.json {
        output::say_json(&state);
    } else {
        output::say(format!(
            "written into {}: {} counts in {} % of conversations. No desk runs here",
            path.display(),
            asked.plugin,
            asked.percent
        ));
    }
    Ok(Exit::Good)
}

fn list(state: &Value) -> impl Iterator<Item = &Value> {
    state["plugins"].as_array().into_iter().flatten()
}

/// `keywords counts in 10 % of conversations; right: 160 of the last 200 (80.0 %, 70 % asked for)`
pub(super) fn in_words(plugin: &Value) -> String {
    let promotion = &plugin["promotion"];
    let number = |key: &str| promotion[key].as_u64().unwrap_or_default();
    let name = plugin["plugin"].as_str().unwrap_or_default();
    let mut said = vec![match plugin["mode"].as_str() {
        Some("enforce") if number("percent") == 100 => format!("{name} counts"),
        Some("enforce") => format!("{name} counts in {} % of conversations", number("percent")),
        Some("shadow") => format!("{name} is asked in shadow"),
        _ => format!("{name} is off"),
    }];
    if let Some(precision) = promotion["precision"].as_f64() {
        let asked = promotion["min_precision"].as_f64();
        let asked = asked.map(|asked| format!(", {:.0} % asked for", asked * 100.0));
        said.push(format!(
            "right: {} of the last {} ({:.1} %{})",
            number("window_right"),
            number("window_of"),
            precision * 100.0,
            asked.unwrap_or_default()
        ));
    }
    if number("agreed") + number("differed") > 0 {
        let of = number("agreed") + number("differed");
        said.push(format!("in shadow it agreed in {} of {of}", number("agreed")));
    }
    if let Some(back) = promotion["stepped_back"].as_object() {
        said.push(format!("STEPPED BACK on {}", when(back.get("at"))));
    }
    said.join("; ")
}

/// What is worth telling of the plugins: a line for each that does not simply count.
pub(super) fn worth_telling(state: &Value) -> Vec<String> {
    let told = list(state).filter(|plugin| {
        let promotion = &plugin["promotion"];
        plugin["mode"] == "shadow"
            || promotion["percent"] != 100
            || promotion["falls_short"] == true
            || !promotion["min_precision"].is_null()
    });
    told.map(in_words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_plugin_does_in_one_line() {
        let plugin = json!({ "plugin": "learned", "mode": "enforce", "promotion": {
            "percent": 10, "window_right": 160, "window_of": 200, "precision": 0.8, "min_precision": 0.7,
            "agreed": 3, "differed": 1,
        }});
        assert_eq!(
            in_words(&plugin),
            "learned counts in 10 % of conversations; right: 160 of the last 200 (80.0 %, 70 % asked for); \
             in shadow it agreed in 3 of 4"
        );
        let plain =
            json!({ "plugin": "emoji", "mode": "enforce", "promotion": { "percent": 100 } });
        assert_eq!(worth_telling(&json!({ "plugins": [plain, plugin] })).len(), 1);
    }
}
