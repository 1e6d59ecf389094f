//! `attachment-policy`: which files may be sent, by whom, and how large.
//!
//! This file is only the glue between the host and [`logic`], where the rules are. It opens no file: the
//! host has looked inside within bounds and tells what it found as facts. Next: [`kinds`] for what
//! `office` or `image/*` mean, `cases/` for what it must answer.

pub mod kinds;
pub mod logic;

use dialogo_plugin::attachment_policy::Verdict;
use dialogo_plugin::setup::{self, Problem, problem};
use dialogo_plugin::{
    Attachment, AttachmentPolicy, CallContext, Channel, Conversation, Facts as _, PluginError,
    Prepared, Setup, Side, explain,
};
use logic::{File, Judgement, Limits, Settings};

/// The plugin.
#[derive(Debug)]
pub struct AttachmentRules;

static SETTINGS: Prepared<Settings> = Prepared::new();

impl Setup for AttachmentRules {
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

impl AttachmentPolicy for AttachmentRules {
    fn check(
        _: &CallContext,
        by: Side,
        conversation: &Conversation,
        attachment: &Attachment,
        head: &[u8],
    ) -> Result<Verdict, PluginError> {
        let settings = SETTINGS.get(dialogo_plugin::settings::parse)?;
        let side = match by {
            Side::Consumer => "consumer",
            Side::Agent => "agent",
            Side::Bot | Side::System => "bot",
        };
        let (channel, department) =
            (channel(conversation.channel), conversation.department.as_deref());
        let limits = settings.limits(side, channel, department);
        let judgement = judge(settings, &limits, attachment, head);
        let setting = settings.speaks(side, channel, department, &judgement);
        Ok(verdict(judgement, setting.as_deref()))
    }
}

fn judge(settings: &Settings, limits: &Limits, attachment: &Attachment, head: &[u8]) -> Judgement {
    let count = |key| attachment.number(key).map(|number| number as u64);
    let file = File {
        name: &attachment.name,
        declared: &attachment.mime,
        sniffed: attachment.sniffed_mime.as_deref(),
        bytes: attachment.bytes,
        head,
        kind: attachment.text_of("content.kind"),
        matches_name: attachment.flag("content.matches-name"),
        active: attachment.flag("content.active").unwrap_or(false),
        encrypted: attachment.flag("archive.encrypted").unwrap_or(false),
        entries: count("archive.entries"),
        expanded_bytes: count("archive.expanded-bytes"),
        pixels: count("image.pixels"),
    };
    logic::judge(settings, limits, &file)
}

fn verdict(judgement: Judgement, setting: Option<&str>) -> Verdict {
    let why = |reason: logic::Reason, detail: String, evidence: Vec<String>| {
        let why = explain(reason.code(), detail).with_evidence(evidence);
        match setting {
            Some(pointer) => why.by_setting(pointer),
            None => why,
        }
    };
    match judgement {
        Judgement::Allow => Verdict::Allow,
        Judgement::Warn(reason, detail, evidence) => Verdict::Warn(why(reason, detail, evidence)),
        Judgement::Deny(reason, detail, evidence) => Verdict::Deny(why(reason, detail, evidence)),
    }
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "web",
        Channel::Mobile => "mobile",
        Channel::Email => "email",
        Channel::Social => "social",
        Channel::Voice => "voice",
        Channel::Api => "api",
    }
}

dialogo_plugin::export!(AttachmentRules: attachment_policy, setup);
