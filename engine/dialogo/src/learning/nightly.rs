//! Learns anew every night, and looks for new reasons: starts `dialogo train --install` as a process of its own, at the lowest priority, at the hour that
//! the rules of the learned classifier say. The desk does not wait for it, and it cannot take the desk's memory.

use std::process::Stdio;
use std::time::Duration;

use dialogo_desk::Desk;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Date};
use serde_json::Value;
use tokio::process::Command;

use super::search::Searching;
use super::slots::SLOTS;
use crate::folder::DeskFolder;

/// How often it looks at the clock.
const LOOK: Duration = Duration::from_secs(30);

/// When it learns: `[retrain]` in the settings of the learned classifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hour {
    hour: i8,
    minute: i8,
}

impl Hour {
    /// `{ "retrain": { "at": "03:30" } }`
    fn of(settings: &Value) -> Option<Self> {
        let (hour, minute) = settings["retrain"]["at"].as_str()?.split_once(':')?;
        Some(Self { hour: hour.parse().ok()?, minute: minute.parse().ok()? })
    }

    /// The day whose hour has come by now: none before it on a day.
    fn come(self, now: Timestamp, zone: &TimeZone) -> Option<Date> {
        let now = now.to_zoned(zone.clone());
        ((now.hour(), now.minute()) >= (self.hour, self.minute)).then(|| now.date())
    }
}

/// Looks at the clock for as long as the desk is served.
pub async fn learn_every_night(desk: Desk, folder: DeskFolder, search: Searching) {
    // Of the day on which the desk starts after the hour, nothing is caught up: a desk that restarts would learn each time.
    let mut done = hour(&desk).and_then(|(hour, zone)| hour.come(Timestamp::now(), &zone));
    loop {
        tokio::time::sleep(LOOK).await;
        let Some((hour, zone)) = hour(&desk) else { continue };
        let come = hour.come(Timestamp::now(), &zone);
        if come.is_some() && come != done {
            done = come;
            learn(&folder).await;
            search.run().await;
        }
    }
}

/// The hour, if the rules in force name one, and the desk's time zone.
fn hour(desk: &Desk) -> Option<(Hour, TimeZone)> {
    let rules = desk.rules();
    let plugin = rules.checked.plugins.iter().find(|plugin| SLOTS.contains(&plugin.id.as_str()))?;
    let hour = Hour::of(plugin.settings.as_ref()?.json())?;
    Some((hour, rules.checked.desk.zone.clone()))
}

async fn learn(folder: &DeskFolder) {
    let Ok(program) = std::env::current_exe() else {
        tracing::warn!("cannot learn anew: this program does not find itself");
        return;
    };
    tracing::info!("learning anew from what agents decided");
    let mut command = Command::new("nice");
    command.args(["-n", "19"]).arg(program).arg("--dir").arg(&folder.root);
    command.args(["train", "--install", "--json"]);
    command.stdin(Stdio::null()).kill_on_drop(true);
    match command.output().await {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.trim();
            if output.status.success() {
                tracing::info!(said, "learned anew");
            } else {
                tracing::warn!(said, code = output.status.code(), "nothing new was learned");
            }
        }
        Err(fault) => tracing::warn!(%fault, "cannot start `nice` to learn anew"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_hour_comes_once_a_day_in_the_desk_s_own_time() {
        let hour = Hour::of(&json!({ "retrain": { "at": "03:30" } })).expect("an hour");
        let zone = TimeZone::get("America/Sao_Paulo").expect("a zone");
        let come =
            |at: &str| hour.come(at.parse().expect("a time"), &zone).map(|day| day.to_string());
        assert_eq!(come("2026-11-23T06:29:59Z"), None);
        assert_eq!(come("2026-11-23T06:30:00Z").as_deref(), Some("2026-11-23"));
        assert_eq!(come("2026-11-24T02:59:00Z").as_deref(), Some("2026-11-23"));
        assert_eq!(Hour::of(&json!({ "least": 0.1 })), None);
    }
}
