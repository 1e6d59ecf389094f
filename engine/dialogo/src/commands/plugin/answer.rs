//! A plugin's answer, as people and as scripts read it.

use dialogo_host::Failure;
use dialogo_host::input::{Explanation, Target};
use dialogo_host::question::{
    Answer, AttachmentAnswer, BotAnswer, EmojiAnswer, MessageAnswer, ReplyAnswer, TransferAnswer,
};
use dialogo_host::verdict::BotAction;
use serde_json::{Value, json};

/// One line for each thing it says.
pub(super) fn lines(answer: &Result<Answer, Failure>) -> Vec<String> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return vec![super::advice::what(failure)],
    };
    let one = |line: String| vec![line];
    match answer {
        Answer::NotApplicable => one("no opinion".into()),
        Answer::Observed => one("seen".into()),
        Answer::Setup(problems) if problems.is_empty() => one("the settings are accepted".into()),
        Answer::Setup(problems) => problems
            .iter()
            .map(|problem| format!("{}: {}", problem.path, problem.message))
            .collect(),
        Answer::Classify(suggested) if suggested.is_empty() => one("suggests nothing".into()),
        Answer::Classify(suggested) => suggested
            .iter()
            .map(|suggested| {
                let why = suggested.why.as_ref().map(|why| format!(", {}", because(why)));
                format!(
                    "suggests {} ({:.2}){}",
                    suggested.node,
                    suggested.confidence,
                    why.unwrap_or_default()
                )
            })
            .collect(),
        Answer::Transfer(answer) => one(transfer(answer)),
        Answer::Message(MessageAnswer::Allow) | Answer::Attachment(AttachmentAnswer::Allow) => {
            one("allow".into())
        }
        Answer::Message(MessageAnswer::Warn(why))
        | Answer::Attachment(AttachmentAnswer::Warn(why)) => one(format!("warn, {}", because(why))),
        Answer::Message(MessageAnswer::Deny(why))
        | Answer::Attachment(AttachmentAnswer::Deny(why)) => one(format!("deny, {}", because(why))),
        Answer::Message(MessageAnswer::Rewrite(edits)) => edits
            .iter()
            .map(|edit| {
                format!(
                    "rewrite bytes {}..{} to “{}”, {}",
                    edit.start,
                    edit.end,
                    edit.replacement,
                    because(&edit.why)
                )
            })
            .collect(),
        Answer::Emoji(answers) => answers.iter().map(emoji).collect(),
        Answer::Bot(None) => one("says nothing".into()),
        Answer::Bot(Some(reply)) => bot(reply),
        Answer::Replies(replies) if replies.is_empty() => one("suggests nothing".into()),
        Answer::Replies(replies) => replies.iter().map(suggested_reply).collect(),
    }
}

/// `code: detail [evidence]`
fn because(why: &Explanation) -> String {
    let evidence: Vec<&str> = why.evidence.iter().map(|text| &**text).collect();
    let evidence =
        if evidence.is_empty() { String::new() } else { format!(" [{}]", evidence.join(", ")) };
    format!("{}: {}{evidence}", why.code, why.detail)
}

fn transfer(answer: &TransferAnswer) -> String {
    match answer {
        TransferAnswer::Abstain => "abstain".into(),
        TransferAnswer::Stay(why) => format!("stay, {}", because(why)),
        TransferAnswer::MoveTo(to, why) => format!("move to {}, {}", target(to), because(why)),
        TransferAnswer::Forbid(to, why) => format!("forbid {}, {}", target(to), because(why)),
    }
}

fn target(target: &Target) -> String {
    match target {
        Target::Department(id) => format!("department {id}"),
        Target::Agent(id) => format!("agent {id}"),
        Target::FirstContact => "first contact".into(),
        Target::Bot => "bot".into(),
    }
}

fn emoji(answer: &EmojiAnswer) -> String {
    match answer {
        EmojiAnswer::Allow => "allow".into(),
        EmojiAnswer::Strip(why) => format!("strip, {}", because(why)),
        EmojiAnswer::Replace(by, why) => format!("replace by {by}, {}", because(why)),
        EmojiAnswer::Deny(why) => format!("deny, {}", because(why)),
    }
}

fn bot(reply: &BotAnswer) -> Vec<String> {
    let action = |action: &BotAction| match action {
        BotAction::Say(text) => format!("says “{text}”"),
        BotAction::Choices(text, choices) => {
            let titles: Vec<&str> = choices.iter().map(|(title, _)| title.as_str()).collect();
            format!("says “{text}”, offers {}", titles.join(" | "))
        }
        BotAction::Classify(node) => format!("classifies as {node}"),
        BotAction::HandOver(to, why) => {
            format!("hands over to {}, {}", to.as_deref().unwrap_or("people"), because(why))
        }
        BotAction::Close(why) => format!("closes, {}", because(why)),
    };
    reply.actions.iter().map(action).collect()
}

fn suggested_reply(reply: &ReplyAnswer) -> String {
    let of = reply.canned.as_ref().map(|id| format!(" of {id}")).unwrap_or_default();
    let why = reply.why.as_ref().map(|why| format!(", {}", because(why))).unwrap_or_default();
    format!("suggests “{}”{of} ({:.2}){why}", reply.text, reply.confidence)
}

/// The whole answer; `error` for a failure.
pub(super) fn json(answer: &Result<Answer, Failure>) -> Value {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => {
            return json!({ "error": failure.kind().name(), "detail": super::advice::what(failure) });
        }
    };
    match answer {
        Answer::NotApplicable => json!({ "error": "not-applicable" }),
        Answer::Observed => json!({}),
        Answer::Setup(problems) => {
            let problems = problems
                .iter()
                .map(|problem| json!({ "path": problem.path, "message": problem.message }));
            json!({ "problems": problems.collect::<Vec<_>>() })
        }
        Answer::Classify(suggested) => {
            let suggestions = suggested.iter().map(|suggested| {
                json!({
                    "node": &*suggested.node, "confidence": suggested.confidence,
                    "why": suggested.why.as_ref().map(why_json),
                })
            });
            json!({ "suggestions": suggestions.collect::<Vec<_>>() })
        }
        Answer::Transfer(answer) => match answer {
            TransferAnswer::Abstain => json!({ "decision": "abstain" }),
            TransferAnswer::Stay(why) => json!({ "decision": "stay", "why": why_json(why) }),
            TransferAnswer::MoveTo(to, why) => {
                json!({ "decision": "move-to", "target": target(to), "why": why_json(why) })
            }
            TransferAnswer::Forbid(to, why) => {
                json!({ "decision": "forbid", "target": target(to), "why": why_json(why) })
            }
        },
        Answer::Message(answer) => match answer {
            MessageAnswer::Allow => verdict("allow", None),
            MessageAnswer::Warn(why) => verdict("warn", Some(why)),
            MessageAnswer::Deny(why) => verdict("deny", Some(why)),
            MessageAnswer::Rewrite(edits) => {
                let edits = edits.iter().map(|edit| {
                    json!({
                        "start": edit.start, "end": edit.end, "replacement": edit.replacement,
                        "why": why_json(&edit.why),
                    })
                });
                json!({ "verdict": "rewrite", "edits": edits.collect::<Vec<_>>() })
            }
        },
        Answer::Emoji(answers) => {
            let verdicts = answers.iter().map(|answer| match answer {
                EmojiAnswer::Allow => verdict("allow", None),
                EmojiAnswer::Strip(why) => verdict("strip", Some(why)),
                EmojiAnswer::Replace(by, why) => {
                    json!({ "verdict": "replace", "by": by, "why": why_json(why) })
                }
                EmojiAnswer::Deny(why) => verdict("deny", Some(why)),
            });
            json!({ "verdicts": verdicts.collect::<Vec<_>>() })
        }
        Answer::Attachment(answer) => match answer {
            AttachmentAnswer::Allow => verdict("allow", None),
            AttachmentAnswer::Warn(why) => verdict("warn", Some(why)),
            AttachmentAnswer::Deny(why) => verdict("deny", Some(why)),
        },
        Answer::Bot(reply) => match reply {
            None => json!({ "answers": false }),
            Some(reply) => json!({
                "answers": true, "confidence": reply.confidence, "actions": bot(reply),
                "state": reply.state.as_deref().map(String::from_utf8_lossy),
            }),
        },
        Answer::Replies(replies) => {
            let replies = replies.iter().map(|reply| {
                json!({
                    "text": reply.text, "canned": reply.canned, "confidence": reply.confidence,
                    "why": reply.why.as_ref().map(why_json),
                })
            });
            json!({ "replies": replies.collect::<Vec<_>>() })
        }
    }
}

fn verdict(word: &str, why: Option<&Explanation>) -> Value {
    json!({ "verdict": word, "why": why.map(why_json) })
}

fn why_json(why: &Explanation) -> Value {
    let evidence: Vec<&str> = why.evidence.iter().map(|text| &**text).collect();
    json!({ "code": &*why.code, "detail": &*why.detail, "evidence": evidence })
}
