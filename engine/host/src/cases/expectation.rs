//! What an answer meets: the `[expect]` under which it passes, for cases that are made from calls.

use serde_json::{Map, Value, json};

use super::expect::{action_word, rewritten};
use crate::failure::Failure;
use crate::input::Target;
use crate::merge::explanations;
use crate::question::{
    Answer, AttachmentAnswer, EmojiAnswer, MessageAnswer, Question, TransferAnswer,
};
use crate::verdict::BotAction;

/// `[expect]` as JSON, in the words of a case.
pub fn expectation(question: &Question, answer: &Result<Answer, Failure>) -> Value {
    let answer = match answer {
        Ok(Answer::NotApplicable) => return json!({ "error": "not-applicable" }),
        Err(failure) => return json!({ "error": failure.kind().name() }),
        Ok(answer) => answer,
    };
    let mut expect = Map::new();
    let mut expects = |key: &str, value: Value| expect.insert(key.to_owned(), value);
    match answer {
        Answer::NotApplicable | Answer::Observed => {}
        Answer::Setup(problems) => {
            expects("problems", problems.iter().map(|problem| problem.path.as_str()).collect());
        }
        Answer::Classify(suggested) => {
            let mut ranked: Vec<_> = suggested.iter().collect();
            ranked.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
            expects("suggests", ranked.iter().map(|one| &*one.node).collect());
        }
        Answer::Transfer(answer) => {
            let (word, target) = match answer {
                TransferAnswer::Abstain => ("abstain", None),
                TransferAnswer::Stay(_) => ("stay", None),
                TransferAnswer::MoveTo(target, _) => ("move-to", Some(target)),
                TransferAnswer::Forbid(target, _) => ("forbid", Some(target)),
            };
            expects("decision", word.into());
            if let Some(target) = target {
                expects("target", written_target(target));
            }
        }
        Answer::Message(answer) => {
            let word = match answer {
                MessageAnswer::Allow => "allow",
                MessageAnswer::Warn(_) => "warn",
                MessageAnswer::Rewrite(_) => "rewrite",
                MessageAnswer::Deny(_) => "deny",
            };
            expects("verdict", word.into());
            if let (MessageAnswer::Rewrite(edits), Question::Message { message, .. }) =
                (answer, question)
            {
                expects("text", rewritten(&message.text, edits).into());
            }
        }
        Answer::Emoji(answers) => {
            let word = |answer: &EmojiAnswer| match answer {
                EmojiAnswer::Allow => "allow".to_owned(),
                EmojiAnswer::Strip(_) => "strip".to_owned(),
                EmojiAnswer::Deny(_) => "deny".to_owned(),
                EmojiAnswer::Replace(replacement, _) => format!("replace:{replacement}"),
            };
            expects("verdicts", answers.iter().map(word).collect());
        }
        Answer::Attachment(answer) => {
            let word = match answer {
                AttachmentAnswer::Allow => "allow",
                AttachmentAnswer::Warn(_) => "warn",
                AttachmentAnswer::Deny(_) => "deny",
            };
            expects("verdict", word.into());
        }
        Answer::Replies(replies) => {
            let mut ranked: Vec<_> = replies.iter().collect();
            ranked.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
            expects("replies", ranked.iter().map(|one| one.text.as_str()).collect());
        }
        Answer::Bot(None) => {
            expects("answers", false.into());
        }
        Answer::Bot(Some(reply)) => {
            expects("actions", reply.actions.iter().map(action_word).collect());
            let said = reply.actions.iter().find_map(|action| match action {
                BotAction::Say(text) | BotAction::Choices(text, _) => Some(text.as_str()),
                _ => None,
            });
            if let Some(text) = said {
                expects("says", text.into());
            }
        }
    }
    if let Some(why) = explanations(answer).first() {
        expects("code", (&*why.code).into());
    }
    Value::Object(expect)
}

/// `requested` and `target`, as cases write them.
pub(crate) fn written_target(target: &Target) -> Value {
    match target {
        Target::Department(id) => json!({ "department": &**id }),
        Target::Agent(id) => json!({ "agent": &**id }),
        Target::FirstContact => "first-contact".into(),
        Target::Bot => "bot".into(),
    }
}
