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
    let mut nights = Nights::default();
    loop {
        let due = match hour(&desk) {
            Some((hour, zone)) => nights.is_due(hour, Timestamp::now(), &zone),
            None => false,
        };
        if due {
            learn(&folder).await;
            search.run().await;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Which nights are done.
#[derive(Debug, Default)]
struct Nights {
    hour: Option<Hour>,
    done: Option<Date>,
}

impl Nights {
    /// Whether it is time, said once a day. Where the hour is new, and has passed on that day, nothing is caught up: a desk that
    /// restarts, and one that was taught by hand a moment ago, would learn at once.
    fn is_due(&mut self, hour: Hour, now: Timestamp, zone: &TimeZone) -> bool {
        let come = hour.come(now, zone);
        let is_new = self.hour.replace(hour) != Some(hour);
        let is_due = !is_new && come.is_some() && come != self.done;
        if is_new || come.is_some() {
            self.done = come;
        }
        is_due
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

    #[test]
    fn it_is_time_once_a_night_and_nothing_is_caught_up() {
        let at = |hour| Hour { hour, minute: 0 };
        let mut nights = Nights::default();
        let mut due =
            |hour, now: &str| nights.is_due(at(hour), now.parse().expect("a time"), &TimeZone::UTC);
        assert!(!due(3, "2026-11-23T10:00:00Z"), "the desk was started after the hour");
        assert!(!due(3, "2026-11-24T02:59:00Z"));
        assert!(due(3, "2026-11-24T03:00:10Z"));
        assert!(!due(3, "2026-11-24T03:00:40Z"));
        assert!(due(3, "2026-11-25T05:00:00Z"), "the machine slept through the hour");
        assert!(!due(4, "2026-11-25T05:00:30Z"), "another hour, which has passed today");
        assert!(!due(6, "2026-11-25T05:01:00Z"));
        assert!(due(6, "2026-11-25T06:00:00Z"), "and one that has not");
    }
}
