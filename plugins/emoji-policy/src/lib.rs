//! `emoji-policy`: which emojis may be sent, by whom, and how many.
//!
//! This file is only the glue between the host and [`logic`], where the rules are. It does not look for
//! emojis in the text (the host hands over whole grapheme clusters) and changes no text (it answers
//! with verdicts). Next: [`groups`] for the table of emoji groups, `cases/` for what it must answer.

pub mod groups;
pub mod logic;
pub mod shortcodes;

use dialogo_plugin::emoji_policy::Verdict;
use dialogo_plugin::setup::{self, Problem, problem};
use dialogo_plugin::{
    CallContext, Conversation, Emoji, EmojiPolicy, PluginError, Prepared, Setup, Side, explain,
};
use logic::{By, Fault, Limits, Settings, WhenDenied};

/// The plugin.
#[derive(Debug)]
pub struct EmojiRules;

/// Parsed once per instance; most sandboxes are fresh, so parsing must stay cheap.
static SETTINGS: Prepared<Settings> = Prepared::new();

impl Setup for EmojiRules {
    fn prepare(settings: &str) -> Result<(), Vec<Problem>> {
        let settings: Settings = setup::read(settings)?;
        let problems: Vec<Problem> =
            settings.problems().into_iter().map(|(path, what)| problem(path, what)).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        SETTINGS.keep(settings);
        Ok(())
    }
}

impl EmojiPolicy for EmojiRules {
    fn check(
        _: &CallContext,
        by: Side,
        conversation: &Conversation,
        emojis: &[Emoji],
    ) -> Result<Vec<Verdict>, PluginError> {
        let allowed = || vec![Verdict::Allow; emojis.len()];
        let by = match by {
            Side::Consumer => By::Consumer,
            Side::Agent => By::Agent,
            Side::Bot => By::Bot,
            Side::System => return Ok(allowed()),
        };
        if emojis.is_empty() {
            return Ok(Vec::new());
        }
        let settings = SETTINGS.get(dialogo_plugin::settings::parse)?;
        let department = conversation.department.as_deref();
        Ok(settings.limits(by, department).map_or_else(allowed, |limits| {
            verdicts(limits, emojis, || settings.place(by, department))
        }))
    }
}

fn verdicts(limits: &Limits, emojis: &[Emoji], place: impl Fn() -> String) -> Vec<Verdict> {
    let faults = limits.judge(emojis.iter().map(|emoji| (emoji.text.as_str(), emoji.count)));
    emojis
        .iter()
        .zip(faults)
        .map(|(emoji, fault)| {
            let Some(fault) = fault else { return Verdict::Allow };
            let setting = format!("{}{}", place(), limits.against(&emoji.text, fault));
            verdict(limits.when_denied, emoji, fault, &setting)
        })
        .collect()
}

fn verdict(when_denied: WhenDenied, emoji: &Emoji, fault: Fault, setting: &str) -> Verdict {
    let why = match fault {
        Fault::Denied => {
            explain("denied", format!("{} is on the list of denied emojis", emoji.text))
        }
        Fault::NotAllowed => {
            explain("not-allowed", format!("{} is not among the allowed emojis", emoji.text))
        }
        Fault::TooMany(most) => {
            explain("too-many", format!("a message may hold {most} emojis at most"))
        }
    };
    let why = why.with_evidence([emoji.text.as_str()]).by_setting(setting);
    match when_denied {
        WhenDenied::Strip => Verdict::Strip(why),
        WhenDenied::Refuse => Verdict::Deny(why),
    }
}

dialogo_plugin::export!(EmojiRules: emoji_policy, setup);
