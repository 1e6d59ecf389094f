//! Exports every hook and imports every interface of the contract, and says back all that it is given, so that a host that
//! reads or writes one field otherwise is found out.

use dialogo_plugin::attachment_policy::Verdict as FileVerdict;
use dialogo_plugin::bindings::imports::dialogo::plugin::settings as given;
use dialogo_plugin::bot::{Action, QuickReply, Reply};
use dialogo_plugin::classifier::Suggestion;
use dialogo_plugin::emoji_policy::Verdict as EmojiVerdict;
use dialogo_plugin::message_policy::{Edit, Verdict as MessageVerdict};
use dialogo_plugin::observer::Event;
use dialogo_plugin::setup::{Problem, problem};
use dialogo_plugin::transfer_rules::{Decision, Target, Trigger};
use dialogo_plugin::*;

struct Frozen;

/// Everything given, in pieces that fit into evidence.
fn said(code: &str, given: String) -> Explanation {
    let mut pieces: Vec<String> = Vec::new();
    for character in given.chars() {
        match pieces.last_mut() {
            Some(last) if last.len() + character.len_utf8() <= 300 => last.push(character),
            _ => pieces.push(character.to_string()),
        }
    }
    explain(code, format!("{} pieces", pieces.len())).with_evidence(pieces)
}

/// What every service of the host answers.
fn services(text: &str) -> String {
    log::info("asked", &[("text", text)]);
    format!(
        "{} {} {:?} {:?} {} {:?} {:?} {:?} {:?} {:?} {:?}",
        given::json(),
        given::revision(),
        patterns::find("words", text, 5),
        patterns::find("none", text, 5),
        catalogue::revision(),
        catalogue::get("a"),
        catalogue::children(None),
        assets::read("words.txt"),
        history::page(None, 2),
        directory::departments(),
        directory::agents("sales"),
    )
}

impl Setup for Frozen {
    fn prepare(settings: &str) -> Result<(), Vec<Problem>> {
        if settings.contains("wrong") {
            return Err(vec![problem("/wrong", settings), problem("", "and more")]);
        }
        Ok(())
    }
}

impl Classifier for Frozen {
    fn suggest(
        context: &CallContext,
        conversation: &Conversation,
        limit: usize,
    ) -> Result<Vec<Suggestion>, PluginError> {
        if conversation.recent.is_empty() {
            return Err(PluginError::Unavailable("no messages".to_owned()));
        }
        let text = &conversation.recent[0].text;
        Ok(vec![
            Suggestion {
                node: "a".to_owned(),
                confidence: 0.25,
                why: Some(said("given", format!("{limit} {context:?} {conversation:?}"))),
            },
            Suggestion {
                node: "b".to_owned(),
                confidence: 0.125,
                why: Some(said("services", services(text))),
            },
            Suggestion { node: "c".to_owned(), confidence: 0.0, why: None },
        ])
    }
}

impl TransferRules for Frozen {
    fn decide(
        context: &CallContext,
        trigger: Trigger,
        requested: Option<&Target>,
        _: &Conversation,
    ) -> Result<Decision, PluginError> {
        let why = said("transfer", format!("{} {trigger:?} {requested:?}", context.now));
        Ok(match (trigger, requested) {
            (Trigger::NewMessage, _) => Decision::Abstain,
            (Trigger::Classified, _) => Decision::Stay(why),
            (Trigger::AgentLeft, _) => Decision::MoveTo((Target::FirstContact, why)),
            (Trigger::WaitedTooLong, _) => {
                Decision::MoveTo((Target::Department("sales".to_owned()), why))
            }
            (Trigger::AgentAsked, Some(target)) => Decision::Forbid((target.clone(), why)),
            (Trigger::AgentAsked, None) => {
                return Err(PluginError::Misconfigured("nothing requested".to_owned()));
            }
        })
    }
}

impl MessagePolicy for Frozen {
    fn check(
        context: &CallContext,
        _: &Conversation,
        message: &Message,
    ) -> Result<MessageVerdict, PluginError> {
        let why = |code| said(code, format!("{context:?} {message:?}"));
        match message.text.as_str() {
            "allow" => Ok(MessageVerdict::Allow),
            "warn" => Ok(MessageVerdict::Warn(why("warn"))),
            "deny" => Ok(MessageVerdict::Deny(why("deny"))),
            "nothing" => Err(PluginError::NotApplicable),
            "broken" => Err(PluginError::Internal("broken".to_owned())),
            "panic" => panic!("asked to"),
            text => Ok(MessageVerdict::Rewrite(vec![
                Edit { start: 0, end: 0, replacement: "«".to_owned(), why: why("first") },
                Edit {
                    start: text.len() as u32,
                    end: text.len() as u32,
                    replacement: "»".to_owned(),
                    why: why("last"),
                },
            ])),
        }
    }
}

impl EmojiPolicy for Frozen {
    fn check(
        _: &CallContext,
        by: Side,
        _: &Conversation,
        emojis: &[Emoji],
    ) -> Result<Vec<EmojiVerdict>, PluginError> {
        let verdict = |(index, emoji)| {
            let why = said("emoji", format!("{by:?} {emoji:?}"));
            match index {
                0 => EmojiVerdict::Strip(why),
                1 => EmojiVerdict::Replace((":)".to_owned(), why)),
                2 => EmojiVerdict::Allow,
                _ => EmojiVerdict::Deny(why),
            }
        };
        Ok(emojis.iter().enumerate().map(verdict).collect())
    }
}

impl AttachmentPolicy for Frozen {
    fn check(
        _: &CallContext,
        by: Side,
        _: &Conversation,
        attachment: &Attachment,
        head: &[u8],
    ) -> Result<FileVerdict, PluginError> {
        let why = said("file", format!("{by:?} {attachment:?} {head:?}"));
        Ok(match attachment.bytes {
            0 => FileVerdict::Allow,
            1..1_000 => FileVerdict::Warn(why),
            _ => FileVerdict::Deny(why),
        })
    }
}

impl Bot for Frozen {
    fn answer(
        context: &CallContext,
        _: &Conversation,
        message: Option<&Message>,
        state: Option<&[u8]>,
    ) -> Result<Option<Reply>, PluginError> {
        let Some(message) = message else { return Ok(None) };
        let why = said("bot", format!("{} {state:?}", context.seed));
        let button = QuickReply { title: "Yes".to_owned(), payload: "/yes".to_owned() };
        Ok(Some(Reply {
            confidence: 0.75,
            actions: vec![
                Action::Say(message.text.clone()),
                Action::Choices(("Well?".to_owned(), vec![button])),
                Action::Classify("a".to_owned()),
                Action::HandOver((Some("sales".to_owned()), why.clone())),
                Action::HandOver((None, why.clone())),
                Action::Close(why),
            ],
            state: Some(vec![0, 1, 255]),
        }))
    }
}

impl Observer for Frozen {
    fn seen(_: &CallContext, event: Event, conversation: &Conversation) {
        assert!(!matches!(event, Event::Rated), "rated: {}", conversation.id);
    }
}

dialogo_plugin::export!(Frozen: setup, classifier, transfer_rules, message_policy, emoji_policy, attachment_policy, bot, observer);
