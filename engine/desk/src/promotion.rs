//! Plugins on trial: how they do, how their word comes to count step by step, and how the desk takes it back.
//!
//! How far a plugin counts stands in `plugins.toml` and nowhere else; [`Desk::promote`] and the step back write it there, so
//! that each is a generation of the rules that can be shown, compared and rolled back. How it does is counted from the
//! journal (`dialogo_journal::views::trials`). See `docs/decisions/0008-promotion-is-a-change-of-the-rules.md`.

use std::collections::HashMap;
use std::sync::Weak;
use std::time::{Duration, Instant};

use dialogo_domain::plugin::SteppedBack;
use dialogo_domain::{Actor, PluginId};
use dialogo_journal::views::trials::Trial;
use dialogo_rules::{Mode, PluginBinding, edit};

use crate::handle::{Desk, Inner};
use crate::rules::{Edit, InForce, RulesStatus};

/// How often the figures of guarded plugins are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// After a step back that failed, it is tried again so much later.
const AGAIN: Duration = Duration::from_mins(1);

/// How far a plugin is let count.
#[derive(Clone, Debug, PartialEq)]
enum Change {
    /// In so many of 100 conversations.
    Promote { percent: u8 },
    /// Not at all: it was wrong too often.
    StepBack(SteppedBack),
}

impl Change {
    /// The text of `plugins.toml` with it.
    fn apply(&self, text: &str, plugin: &PluginId) -> Result<String, String> {
        match self {
            Self::Promote { percent } => edit::promoted(text, plugin, *percent),
            Self::StepBack(back) => edit::in_shadow(text, plugin, &why(back)),
        }
    }

    /// One line for people.
    fn summary(&self, plugin: &PluginId) -> String {
        match self {
            Self::Promote { percent: 100 } => format!("{plugin} counts in all conversations"),
            Self::Promote { percent } => format!("{plugin} counts in {percent} % of conversations"),
            Self::StepBack(back) => format!("{plugin} stepped back to shadow: {}", why(back)),
        }
    }

    /// As a change of `plugins.toml`.
    fn edit(self, plugin: PluginId) -> Edit {
        let summary = self.summary(&plugin);
        let stepped_back = match &self {
            Self::Promote { .. } => None,
            Self::StepBack(back) => Some(back.clone()),
        };
        let change = Box::new(move |text: &str| self.apply(text, &plugin));
        Edit { file: "plugins.toml", change, summary, stepped_back }
    }
}

fn why(back: &SteppedBack) -> String {
    let SteppedBack { right, of, min_precision, .. } = back;
    format!(
        "{right} of the last {of} suggestions were right, the rules ask for {:.0} %",
        min_precision * 100.0
    )
}

/// A plugin with what was measured of its present revision.
#[derive(Clone, Debug)]
pub struct OnTrial {
    /// Package and settings as one number.
    pub revision: u64,
    /// What was measured of it.
    pub trial: Trial,
    /// What shows that it falls short of what the rules ask, if it does.
    pub falls_short: Option<SteppedBack>,
}

impl Desk {
    /// How a plugin does at its present revision; `None` where the rules in force do not bind it.
    pub fn trial(&self, plugin: &PluginId) -> Option<OnTrial> {
        let rules = self.rules();
        let binding = rules.checked.plugins.iter().find(|binding| binding.id == *plugin)?;
        on_trial(&self.0, &rules, binding)
    }

    /// Lets a plugin's word count in `percent` (1 to 100) of 100 conversations: writes that into `plugins.toml` and puts it
    /// in force. Refused, with the reason for people, where what was measured of its present revision falls short of what
    /// the rules ask, and where what lies in the folders is not what is in force.
    pub async fn promote(
        &self,
        plugin: &PluginId,
        percent: u8,
        by: Actor,
    ) -> Result<RulesStatus, String> {
        if !(1..=100).contains(&percent) {
            return Err(format!("{percent} % is no share: it goes from 1 to 100"));
        }
        let Some(now) = self.trial(plugin) else {
            let rules = self.rules();
            let known: Vec<&str> =
                rules.checked.plugins.iter().map(|binding| binding.id.as_str()).collect();
            return Err(format!(
                "plugins.toml binds no plugin `{plugin}`; it has {}",
                known.join(", ")
            ));
        };
        if let Some(back) = now.falls_short {
            return Err(format!(
                "{}. Mend it (changed settings or another package begin anew), or ask for less in plugins.toml",
                why(&back)
            ));
        }
        let promoted = Change::Promote { percent }.edit(plugin.clone());
        self.rules_desk().edit(promoted, by).await?;
        Ok(self.rules_status())
    }
}

fn on_trial(inner: &Inner, rules: &InForce, binding: &PluginBinding) -> Option<OnTrial> {
    let revision = *rules.revisions.get(&binding.id)?;
    let trial = inner.views.trial(&binding.id, revision).inspect_err(|fault| {
        tracing::warn!(%fault, plugin = %binding.id, "what was measured of a plugin cannot be read");
    });
    let trial = trial.unwrap_or_default();
    let promotion = &binding.promotion;
    let falls_short = promotion.min_precision.and_then(|min_precision| {
        let score = trial.falls_short(promotion.window, min_precision)?;
        Some(SteppedBack {
            plugin: binding.id.clone(),
            revision,
            right: score.right,
            of: score.of,
            min_precision,
        })
    });
    Some(OnTrial { revision, trial, falls_short })
}

/// Takes plugins back to shadow that are wrong more often than the rules allow; runs until the desk ends.
pub(crate) async fn watch(inner: Weak<Inner>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut seen = None;
    let mut failed: HashMap<PluginId, Instant> = HashMap::new();
    loop {
        look.tick().await;
        let Some(inner) = inner.upgrade() else { return };
        let rules = inner.rules.current();
        let now = (rules.generation, inner.views.applied());
        if seen == Some(now) && failed.is_empty() {
            continue;
        }
        seen = Some(now);
        failed.retain(|_, since| since.elapsed() < AGAIN);
        let guarded = rules.checked.plugins.iter().filter(|binding| counts(binding));
        for binding in guarded {
            if failed.contains_key(&binding.id) {
                continue;
            }
            let Some(back) = on_trial(&inner, &rules, binding).and_then(|now| now.falls_short)
            else {
                continue;
            };
            tracing::error!(plugin = %binding.id, "{}; it goes back to shadow", why(&back));
            let change = Change::StepBack(back).edit(binding.id.clone());
            if let Err(reason) = inner.rules.edit(change, Actor::Engine).await {
                tracing::error!(plugin = %binding.id, %reason, "it cannot be taken back to shadow");
                failed.insert(binding.id.clone(), Instant::now());
            }
        }
    }
}

/// Whether the suggestions of a plugin count anywhere, and the rules ask something of them.
fn counts(binding: &PluginBinding) -> bool {
    binding.promotion.min_precision.is_some() && binding.at("classifier").mode == Mode::Enforce
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_say_what_they_are() {
        let plugin = PluginId::from("learned");
        let back = SteppedBack {
            plugin: plugin.clone(),
            revision: 1,
            right: 120,
            of: 200,
            min_precision: 0.7,
        };
        assert_eq!(
            Change::StepBack(back).summary(&plugin),
            "learned stepped back to shadow: 120 of the last 200 suggestions were right, the rules ask for 70 %"
        );
        let half = Change::Promote { percent: 50 };
        assert_eq!(half.summary(&plugin), "learned counts in 50 % of conversations");
    }
}
