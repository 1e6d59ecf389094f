//! `[expect]` of a case, compared with what was answered. Tells every difference, in words.

use serde::Deserialize;

use super::input::TargetForm;
use crate::failure::Failure;
use crate::hook::Hook;
use crate::input::{Explanation, Target};
use crate::merge::{explanations, strongest_emoji, summary};
use crate::question::{
    Answer, AttachmentAnswer, BotAnswer, EditAnswer, EmojiAnswer, MessageAnswer, Question,
    ReplyAnswer, Suggested, TransferAnswer,
};
use crate::verdict::BotAction;

/// What a case expects. Every key that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expected {
    error: Option<String>,
    code: Option<String>,
    detail: Option<String>,
    evidence: Vec<String>,
    verdict: Option<String>,
    verdicts: Option<Vec<String>>,
    text: Option<String>,
    edits: Option<Vec<ExpectedEdit>>,
    suggests: Option<OneOrMany>,
    includes: Option<OneOrMany>,
    suggests_not: Option<OneOrMany>,
    confidence: Option<Range>,
    decision: Option<String>,
    target: Option<TargetForm>,
    answers: Option<bool>,
    actions: Option<Vec<String>>,
    says: Option<String>,
    choices: Option<Vec<String>>,
    department: Option<String>,
    node: Option<String>,
    state: Option<String>,
    replies: Option<OneOrMany>,
    canned: Option<OneOrMany>,
    problems: Option<Vec<String>>,
    message: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedEdit {
    covers: String,
    replacement: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn list(&self) -> &[String] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    #[serde(default)]
    min: Option<f32>,
    #[serde(default)]
    max: Option<f32>,
}

impl Expected {
    /// Whether the keys are those of the hook.
    pub(super) fn fits(&self, hook: Hook) -> Result<(), String> {
        let keys: [(&str, bool, &[Hook]); 21] = [
            (
                "verdict",
                self.verdict.is_some(),
                &[Hook::MessagePolicy, Hook::EmojiPolicy, Hook::AttachmentPolicy],
            ),
            ("verdicts", self.verdicts.is_some(), &[Hook::EmojiPolicy]),
            ("text", self.text.is_some(), &[Hook::MessagePolicy]),
            ("edits", self.edits.is_some(), &[Hook::MessagePolicy]),
            ("suggests", self.suggests.is_some(), &[Hook::Classifier]),
            ("includes", self.includes.is_some(), &[Hook::Classifier]),
            ("suggests_not", self.suggests_not.is_some(), &[Hook::Classifier]),
            ("confidence", self.confidence.is_some(), &[Hook::Classifier, Hook::Replies]),
            ("decision", self.decision.is_some(), &[Hook::TransferRules]),
            ("target", self.target.is_some(), &[Hook::TransferRules]),
            ("answers", self.answers.is_some(), &[Hook::Bot]),
            ("actions", self.actions.is_some(), &[Hook::Bot]),
            ("says", self.says.is_some(), &[Hook::Bot]),
            ("choices", self.choices.is_some(), &[Hook::Bot]),
            ("department", self.department.is_some(), &[Hook::Bot]),
            ("node", self.node.is_some(), &[Hook::Bot]),
            ("state", self.state.is_some(), &[Hook::Bot]),
            ("replies", self.replies.is_some(), &[Hook::Replies]),
            ("canned", self.canned.is_some(), &[Hook::Replies]),
            ("problems", self.problems.is_some(), &[Hook::Setup]),
            ("message", self.message.is_some(), &[Hook::Setup]),
        ];
        if let Some((key, ..)) =
            keys.iter().find(|(_, given, hooks)| *given && !hooks.contains(&hook))
        {
            return Err(format!("`expect.{key}` makes no sense for `{hook}`"));
        }
        if *self == Expected::default() && hook != Hook::Observer {
            return Err("`expect` is empty: such a case could not fail".into());
        }
        Ok(())
    }

    /// Every way in which the answer is not what was expected.
    pub(super) fn differences(
        &self,
        question: &Question,
        answer: &Result<Answer, Failure>,
    ) -> Vec<String> {
        let mut differences = Differences(Vec::new());
        let answer = match (answer, &self.error) {
            (Ok(Answer::NotApplicable), Some(expected)) => {
                differences.same("error", expected, "not-applicable");
                return differences.0;
            }
            (Err(failure), Some(expected)) => {
                differences.same("error", expected, failure.kind().name());
                return differences.0;
            }
            (Ok(answer), Some(expected)) => {
                differences
                    .0
                    .push(format!("expected the error `{expected}`, got {}", summary(answer)));
                return differences.0;
            }
            (Err(failure), None) => {
                differences.0.push(format!("it failed: {failure}"));
                return differences.0;
            }
            (Ok(answer), None) => answer,
        };
        self.compare(question, answer, &mut differences);
        self.compare_explanations(&explanations(answer), &mut differences);
        differences.0
    }

    fn compare(&self, question: &Question, answer: &Answer, differences: &mut Differences) {
        match answer {
            Answer::Message(answer) => self.compare_message(question, answer, differences),
            Answer::Emoji(answers) => self.compare_emojis(answers, differences),
            Answer::Attachment(answer) => {
                let word = match answer {
                    AttachmentAnswer::Allow => "allow",
                    AttachmentAnswer::Warn(_) => "warn",
                    AttachmentAnswer::Deny(_) => "deny",
                };
                differences.same_if("verdict", self.verdict.as_deref(), word);
            }
            Answer::Classify(suggested) => self.compare_suggestions(suggested, differences),
            Answer::Transfer(answer) => self.compare_transfer(answer, differences),
            Answer::Bot(reply) => self.compare_reply(reply.as_ref(), differences),
            Answer::Setup(problems) => {
                if let Some(expected) = &self.problems {
                    let sorted = |mut list: Vec<String>| {
                        list.sort();
                        list.join(" ")
                    };
                    let got = sorted(problems.iter().map(|problem| problem.path.clone()).collect());
                    differences.same("problems", &sorted(expected.clone()), &got);
                }
                if let Some(message) = &self.message
                    && !problems.iter().any(|problem| problem.message.contains(message))
                {
                    let got: Vec<&str> =
                        problems.iter().map(|problem| problem.message.as_str()).collect();
                    differences.0.push(format!("no problem says \"{message}\"; they say {got:?}"));
                }
            }
            Answer::Observed => {}
            Answer::Replies(replies) => self.compare_replies(replies, differences),
            Answer::NotApplicable => {
                differences.0.push("it has no opinion (not-applicable)".into())
            }
        }
    }

    fn compare_message(
        &self,
        question: &Question,
        answer: &MessageAnswer,
        differences: &mut Differences,
    ) {
        let word = match answer {
            MessageAnswer::Allow => "allow",
            MessageAnswer::Warn(_) => "warn",
            MessageAnswer::Rewrite(_) => "rewrite",
            MessageAnswer::Deny(_) => "deny",
        };
        differences.same_if("verdict", self.verdict.as_deref(), word);
        let Question::Message { message, .. } = question else { return };
        let edits = match answer {
            MessageAnswer::Rewrite(edits) => edits.as_slice(),
            _ => &[],
        };
        if let Some(expected) = &self.text {
            differences.same("text", expected, &rewritten(&message.text, edits));
        }
        if let Some(expected) = &self.edits {
            differences.same(
                "number of edits",
                &expected.len().to_string(),
                &edits.len().to_string(),
            );
            for (expected, edit) in expected.iter().zip(edits) {
                let covered =
                    message.text.get(edit.start as usize..edit.end as usize).unwrap_or_default();
                differences.same("edit covers", &expected.covers, covered);
                differences.same_if(
                    "replacement",
                    expected.replacement.as_deref(),
                    &edit.replacement,
                );
            }
        }
    }

    fn compare_emojis(&self, answers: &[EmojiAnswer], differences: &mut Differences) {
        differences.same_if("verdict", self.verdict.as_deref(), strongest_emoji(answers));
        let Some(expected) = &self.verdicts else { return };
        differences.same(
            "number of verdicts",
            &expected.len().to_string(),
            &answers.len().to_string(),
        );
        for (expected, answer) in expected.iter().zip(answers) {
            let got = match answer {
                EmojiAnswer::Allow => "allow".to_owned(),
                EmojiAnswer::Strip(_) => "strip".to_owned(),
                EmojiAnswer::Deny(_) => "deny".to_owned(),
                EmojiAnswer::Replace(..) if expected == "replace" => "replace".to_owned(),
                EmojiAnswer::Replace(replacement, _) => format!("replace:{replacement}"),
            };
            differences.same("verdict", expected, &got);
        }
    }

    fn compare_suggestions(&self, suggested: &[Suggested], differences: &mut Differences) {
        let mut ranked: Vec<&Suggested> = suggested.iter().collect();
        ranked.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let got: Vec<&str> = ranked.iter().map(|one| &*one.node).collect();
        differences.first("suggestion", self.suggests.as_ref(), &got);
        for node in self
            .includes
            .iter()
            .flat_map(OneOrMany::list)
            .filter(|node| !got.contains(&node.as_str()))
        {
            differences.0.push(format!("expected `{node}` among the suggestions, got {got:?}"));
        }
        for node in self
            .suggests_not
            .iter()
            .flat_map(OneOrMany::list)
            .filter(|node| got.contains(&node.as_str()))
        {
            differences.0.push(format!("expected `{node}` not to be suggested, got {got:?}"));
        }
        self.compare_confidence(ranked.first().map(|one| one.confidence), differences);
    }

    fn compare_replies(&self, replies: &[ReplyAnswer], differences: &mut Differences) {
        let mut ranked: Vec<&ReplyAnswer> = replies.iter().collect();
        ranked.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let texts: Vec<&str> = ranked.iter().map(|one| one.text.as_str()).collect();
        differences.first("reply", self.replies.as_ref(), &texts);
        let canned: Vec<&str> = ranked.iter().filter_map(|one| one.canned.as_deref()).collect();
        differences.first("canned reply", self.canned.as_ref(), &canned);
        self.compare_confidence(ranked.first().map(|one| one.confidence), differences);
    }

    /// Of what is surest; nothing counts as 0.
    fn compare_confidence(&self, surest: Option<f32>, differences: &mut Differences) {
        let Some(range) = self.confidence else { return };
        let first = surest.unwrap_or(0.0);
        if range.min.is_some_and(|min| first < min) || range.max.is_some_and(|max| first > max) {
            differences.0.push(format!("expected a confidence within {range:?}, got {first}"));
        }
    }

    fn compare_transfer(&self, answer: &TransferAnswer, differences: &mut Differences) {
        let (word, target) = match answer {
            TransferAnswer::Abstain => ("abstain", None),
            TransferAnswer::Stay(_) => ("stay", None),
            TransferAnswer::MoveTo(target, _) => ("move-to", Some(target)),
            TransferAnswer::Forbid(target, _) => ("forbid", Some(target)),
        };
        differences.same_if("decision", self.decision.as_deref(), word);
        if let Some(expected) = self.target.as_ref().map(Target::from)
            && target != Some(&expected)
        {
            differences.0.push(format!("expected the target {expected:?}, got {target:?}"));
        }
    }

    fn compare_reply(&self, reply: Option<&BotAnswer>, differences: &mut Differences) {
        if let Some(expected) = self.answers {
            differences.same("answers", &expected.to_string(), &reply.is_some().to_string());
        }
        let empty = Vec::new();
        let actions = reply.map_or(&empty, |reply| &reply.actions);
        if let Some(expected) = &self.actions {
            let got: Vec<&str> = actions.iter().map(action_word).collect();
            if got != *expected {
                differences.0.push(format!("expected the actions {expected:?}, got {got:?}"));
            }
        }
        let (mut said, mut titles, mut departments, mut nodes) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for action in actions {
            match action {
                BotAction::Say(text) => said.push(text.as_str()),
                BotAction::Choices(text, choices) => {
                    said.push(text);
                    titles.extend(choices.iter().map(|(title, _)| title.as_str()));
                }
                BotAction::HandOver(department, _) => departments.extend(department.as_deref()),
                BotAction::Classify(node) => nodes.push(node.as_str()),
                BotAction::Close(_) => {}
            }
        }
        if let Some(expected) = &self.says
            && !said.iter().any(|text| text.contains(expected))
        {
            differences.0.push(format!("expected it to say \"{expected}\", it says {said:?}"));
        }
        if let Some(expected) = &self.choices
            && titles != *expected
        {
            differences.0.push(format!("expected the choices {expected:?}, got {titles:?}"));
        }
        differences.same_if("department", self.department.as_deref(), &departments.join(" "));
        differences.same_if("node", self.node.as_deref(), &nodes.join(" "));
        if let Some(expected) = &self.state {
            let state = reply.and_then(|reply| reply.state.as_deref()).unwrap_or_default();
            differences.same("state", expected, &String::from_utf8_lossy(state));
        }
    }

    fn compare_explanations(&self, given: &[Explanation], differences: &mut Differences) {
        let codes: Vec<&str> = given.iter().map(|one| &*one.code).collect();
        if let Some(code) = &self.code
            && !codes.contains(&code.as_str())
        {
            differences.0.push(format!("expected the code `{code}`, got {codes:?}"));
        }
        if let Some(detail) = &self.detail
            && !given.iter().any(|one| one.detail.contains(detail))
        {
            let details: Vec<&str> = given.iter().map(|one| &*one.detail).collect();
            differences.0.push(format!("expected a detail with \"{detail}\", got {details:?}"));
        }
        for evidence in &self.evidence {
            if !given.iter().any(|one| one.evidence.iter().any(|text| text.contains(evidence))) {
                differences.0.push(format!("expected evidence with \"{evidence}\""));
            }
        }
    }
}

/// A text with its edits made.
pub(super) fn rewritten(text: &str, edits: &[EditAnswer]) -> String {
    let mut text = text.to_owned();
    let mut ordered: Vec<_> = edits.iter().collect();
    ordered.sort_by_key(|edit| std::cmp::Reverse(edit.start));
    for edit in ordered {
        // Overlapping edits cannot be shown as one text.
        if text.get(edit.start as usize..edit.end as usize).is_some() {
            text.replace_range(edit.start as usize..edit.end as usize, &edit.replacement);
        }
    }
    text
}

pub(super) fn action_word(action: &BotAction) -> &'static str {
    match action {
        BotAction::Say(_) => "say",
        BotAction::Choices(..) => "choices",
        BotAction::Classify(_) => "classify",
        BotAction::HandOver(..) => "hand-over",
        BotAction::Close(_) => "close",
    }
}

struct Differences(Vec<String>);

impl Differences {
    /// What must come first, in this order; an empty list: nothing at all.
    fn first(&mut self, what: &str, expected: Option<&OneOrMany>, got: &[&str]) {
        let Some(expected) = expected.map(OneOrMany::list) else { return };
        if expected.is_empty() && !got.is_empty() {
            self.0.push(format!("expected no {what}, got {got:?}"));
        } else if !got.iter().copied().take(expected.len()).eq(expected) {
            self.0.push(format!("expected {expected:?} first, got {got:?}"));
        }
    }

    fn same(&mut self, what: &str, expected: &str, got: &str) {
        if expected != got {
            self.0.push(format!("{what}: expected `{expected}`, got `{got}`"));
        }
    }

    fn same_if(&mut self, what: &str, expected: Option<&str>, got: &str) {
        if let Some(expected) = expected {
            self.same(what, expected, got);
        }
    }
}
