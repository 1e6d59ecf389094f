//! A question as a call of the exported function, and the answer checked against the contract's bounds.
//!
//! The only module that touches the generated verdict types. Nothing here decides anything.

use std::sync::Arc;

use wasmtime::component::InstancePre;

use crate::catalogue::Catalogue;
use crate::failure::Failure;
use crate::function::{Function, Signature};
use crate::hook::Hook;
use crate::input::{
    Attachment, CallContext, CannedReply, Conversation, Emoji, Event, Explanation, Message,
    PluginError, Side, Target, Text, Trigger,
};
use crate::question::{
    Answer, AttachmentAnswer, BotAnswer, EditAnswer, EmojiAnswer, MessageAnswer, Question,
    ReplyAnswer, SetupProblem, Suggested, TransferAnswer,
};
use crate::sandbox::{Guest, Sandbox};
use crate::verdict::BotAction;
use crate::view;
use crate::wire::exports::dialogo::plugin as wire;

const MAX_SUGGESTIONS: usize = 20;
const MAX_REPLIES: usize = 3;
const MAX_EDITS: usize = 64;
const MAX_ACTIONS: usize = 16;
const MAX_CHOICES: usize = 20;
const MAX_PROBLEMS: usize = 200;
const MAX_ID: usize = 200;
const MAX_CODE: usize = 64;
const MAX_DETAIL: usize = 1_000;
const MAX_EVIDENCE: usize = 16;
const MAX_EVIDENCE_TEXT: usize = 300;
const MAX_SAID: usize = 8 << 10;
const MAX_REPLACEMENT: usize = 4 << 10;
const MAX_STATE: usize = 64 << 10;
const MAX_ERROR: usize = 2_000;

/// The functions of the contract, one for each hook.
macro_rules! signatures {
    ($($name:ident: $hook:ident $function:literal ($($given:ty),* $(,)?) -> $answer:ty;)*) => {$(
        struct $name;
        impl Signature for $name {
            const HOOK: Hook = Hook::$hook;
            const NAME: &'static str = $function;
            type Params<'a> = ($($given,)*);
            type Answer = $answer;
        }
    )*};
}

signatures! {
    Prepare: Setup "prepare" (&'a str) -> (Result<(), Vec<wire::setup::Problem>>,);
    Suggest: Classifier "suggest" (&'a CallContext, &'a Conversation, u32)
        -> (Result<Vec<wire::classifier::Suggestion>, PluginError>,);
    Decide: TransferRules "decide"
        (&'a CallContext, wire::transfer_rules::Trigger, Option<&'a wire::transfer_rules::Target>, &'a Conversation)
        -> (Result<wire::transfer_rules::Decision, PluginError>,);
    CheckMessage: MessagePolicy "check" (&'a CallContext, &'a Conversation, &'a Message)
        -> (Result<wire::message_policy::Verdict, PluginError>,);
    CheckEmojis: EmojiPolicy "check" (&'a CallContext, Side, &'a Conversation, &'a [Emoji])
        -> (Result<Vec<wire::emoji_policy::Verdict>, PluginError>,);
    CheckAttachment: AttachmentPolicy "check" (&'a CallContext, Side, &'a Conversation, &'a Attachment, &'a [u8])
        -> (Result<wire::attachment_policy::Verdict, PluginError>,);
    Reply: Bot "answer" (&'a CallContext, &'a Conversation, Option<&'a Message>, Option<&'a [u8]>)
        -> (Result<Option<wire::bot::Reply>, PluginError>,);
    Seen: Observer "seen" (&'a CallContext, wire::observer::Event, &'a Conversation) -> ();
    SuggestReplies: Replies "suggest" (&'a CallContext, &'a Conversation, &'a [CannedReply], u32)
        -> (Result<Vec<wire::replies::SuggestedReply>, PluginError>,);
}

/// Where each exported hook is in a component.
#[derive(Default)]
pub(crate) struct Exports {
    setup: Option<Function<Prepare>>,
    classifier: Option<Function<Suggest>>,
    transfer: Option<Function<Decide>>,
    message: Option<Function<CheckMessage>>,
    emoji: Option<Function<CheckEmojis>>,
    attachment: Option<Function<CheckAttachment>>,
    bot: Option<Function<Reply>>,
    observer: Option<Function<Seen>>,
    replies: Option<Function<SuggestReplies>>,
}

impl Exports {
    /// Finds one hook's function; the error says what of the interface is missing.
    pub(crate) fn find(&mut self, hook: Hook, pre: &InstancePre<Guest>) -> wasmtime::Result<()> {
        match hook {
            Hook::Setup => self.setup = Some(Function::find(pre)?),
            Hook::Classifier => self.classifier = Some(Function::find(pre)?),
            Hook::TransferRules => self.transfer = Some(Function::find(pre)?),
            Hook::MessagePolicy => self.message = Some(Function::find(pre)?),
            Hook::EmojiPolicy => self.emoji = Some(Function::find(pre)?),
            Hook::AttachmentPolicy => self.attachment = Some(Function::find(pre)?),
            Hook::Bot => self.bot = Some(Function::find(pre)?),
            Hook::Observer => self.observer = Some(Function::find(pre)?),
            Hook::Replies => self.replies = Some(Function::find(pre)?),
        }
        Ok(())
    }

    /// Checks the types of everything found in an instance; the error says which type is not the contract's.
    pub(crate) fn check_types(&self, sandbox: &mut Sandbox) -> Result<(), (Hook, wasmtime::Error)> {
        macro_rules! check {
            ($($field:ident: $hook:expr),* $(,)?) => {$(
                if let Some(function) = &self.$field {
                    function.check(sandbox).map_err(|error| ($hook, error))?;
                }
            )*};
        }
        check!(
            setup: Hook::Setup, classifier: Hook::Classifier, transfer: Hook::TransferRules, message: Hook::MessagePolicy,
            emoji: Hook::EmojiPolicy, attachment: Hook::AttachmentPolicy, bot: Hook::Bot, observer: Hook::Observer,
            replies: Hook::Replies,
        );
        Ok(())
    }

    /// Calls the hook that the question is for.
    pub(crate) fn ask(
        &self,
        sandbox: &mut Sandbox,
        question: &Question,
        context: &CallContext,
        recent: usize,
    ) -> Result<Answer, Failure> {
        let guest = sandbox.store.data_mut();
        guest.conversation = question.conversation().cloned();
        let environment = guest.environment.clone();
        let seen = |whole| view::conversation(whole, recent, environment.grants);
        let catalogue = &*environment.catalogue;
        match question {
            Question::Setup { settings } => {
                let (answer,) = call(self.setup.as_ref(), sandbox, (settings,))?;
                Ok(Answer::Setup(answer.err().map(problems).unwrap_or_default()))
            }
            Question::Classify { conversation, limit } => {
                let given = (context, &seen(conversation), *limit);
                let (answer,) = call(self.classifier.as_ref(), sandbox, given)?;
                finish(answer, |suggestions| {
                    suggested(suggestions, catalogue).map(Answer::Classify)
                })
            }
            Question::Transfer { trigger, requested, conversation } => {
                let requested = requested.as_ref().map(target_to_wire);
                let trigger = trigger_to_wire(*trigger);
                let given = (context, trigger, requested.as_ref(), &seen(conversation));
                let (answer,) = call(self.transfer.as_ref(), sandbox, given)?;
                finish(answer, |decision| transfer(decision).map(Answer::Transfer))
            }
            Question::Message { conversation, message } => {
                let message = view::message(message, environment.grants);
                let given = (context, &seen(conversation), &*message);
                let (answer,) = call(self.message.as_ref(), sandbox, given)?;
                finish(answer, |verdict| {
                    message_answer(verdict, &message.text).map(Answer::Message)
                })
            }
            Question::Emoji { by, conversation, emojis } => {
                let given = (context, *by, &seen(conversation), &**emojis);
                let (answer,) = call(self.emoji.as_ref(), sandbox, given)?;
                finish(answer, |verdicts| emoji_answers(verdicts, emojis.len()).map(Answer::Emoji))
            }
            Question::Attachment { by, conversation, attachment, head } => {
                let given = (context, *by, &seen(conversation), &**attachment, &**head);
                let (answer,) = call(self.attachment.as_ref(), sandbox, given)?;
                finish(answer, |verdict| Ok(Answer::Attachment(attachment_answer(verdict))))
            }
            Question::Bot { conversation, message, state } => {
                let message =
                    message.as_ref().map(|message| view::message(message, environment.grants));
                let given = (context, &seen(conversation), message.as_deref(), state.as_deref());
                let (answer,) = call(self.bot.as_ref(), sandbox, given)?;
                finish(answer, |reply| {
                    reply.map(|reply| bot(reply, catalogue)).transpose().map(Answer::Bot)
                })
            }
            Question::Observe { event, conversation } => {
                let given = (context, event_to_wire(*event), &seen(conversation));
                call(self.observer.as_ref(), sandbox, given)?;
                Ok(Answer::Observed)
            }
            Question::Replies { conversation, canned, limit } => {
                let given = (context, &seen(conversation), &**canned, *limit);
                let (answer,) = call(self.replies.as_ref(), sandbox, given)?;
                finish(answer, |replies| {
                    suggested_replies(replies, canned, *limit).map(Answer::Replies)
                })
            }
        }
    }
}

fn call<S: Signature>(
    function: Option<&Function<S>>,
    sandbox: &mut Sandbox,
    given: S::Params<'_>,
) -> Result<S::Answer, Failure> {
    let missing = || Failure::Missing("the plugin does not have this hook".into());
    let function = function.ok_or_else(missing)?;
    sandbox.enter(|store, instance| function.call(store, instance, given))
}

fn finish<T>(
    answer: Result<T, PluginError>,
    check: impl FnOnce(T) -> Result<Answer, String>,
) -> Result<Answer, Failure> {
    match answer {
        Ok(answer) => check(answer).map_err(|what| Failure::Invalid { what }),
        Err(PluginError::NotApplicable) => Ok(Answer::NotApplicable),
        Err(PluginError::Misconfigured(text)) => {
            Err(Failure::Misconfigured(cut(&text, MAX_ERROR).to_owned()))
        }
        Err(PluginError::Unavailable(text)) => {
            Err(Failure::Unavailable(cut(&text, MAX_ERROR).to_owned()))
        }
        Err(PluginError::Internal(text)) => {
            Err(Failure::Internal(cut(&text, MAX_ERROR).to_owned()))
        }
    }
}

fn problems(problems: Vec<wire::setup::Problem>) -> Vec<SetupProblem> {
    let problem = |problem: wire::setup::Problem| SetupProblem {
        path: cut(&problem.path, MAX_DETAIL).to_owned(),
        message: cut(&problem.message, MAX_DETAIL).to_owned(),
    };
    let mut problems: Vec<_> = problems.into_iter().take(MAX_PROBLEMS).map(problem).collect();
    if problems.is_empty() {
        problems.push(SetupProblem {
            path: String::new(),
            message: "the settings are refused without a reason".into(),
        });
    }
    problems
}

fn suggested(
    suggestions: Vec<wire::classifier::Suggestion>,
    catalogue: &Catalogue,
) -> Result<Vec<Suggested>, String> {
    at_most(suggestions.len(), MAX_SUGGESTIONS, "suggestions")?;
    let mut checked: Vec<Suggested> = Vec::with_capacity(suggestions.len());
    for suggestion in suggestions {
        let node = cut(&suggestion.node, MAX_ID);
        confidence(suggestion.confidence)?;
        if !catalogue.knows(node) {
            return Err(format!("there is no node `{node}`"));
        }
        if checked.iter().any(|known| *known.node == *node) {
            return Err(format!("node `{node}` is suggested twice"));
        }
        if catalogue.may_choose(node) {
            let why = suggestion.why.map(explanation);
            checked.push(Suggested { node: node.into(), confidence: suggestion.confidence, why });
        }
    }
    Ok(checked)
}

fn suggested_replies(
    replies: Vec<wire::replies::SuggestedReply>,
    canned: &[CannedReply],
    limit: u32,
) -> Result<Vec<ReplyAnswer>, String> {
    at_most(replies.len(), MAX_REPLIES.min(limit as usize), "replies")?;
    let checked = |reply: wire::replies::SuggestedReply| {
        confidence(reply.confidence)?;
        at_most(reply.text.len(), MAX_SAID, "bytes of a reply")?;
        if reply.text.trim().is_empty() {
            return Err("a reply without a text".into());
        }
        let unknown = |id: &&String| !canned.iter().any(|known| *known.id == ***id);
        if let Some(id) = reply.canned.as_ref().filter(unknown) {
            return Err(format!("there is no canned reply `{}`", cut(id, MAX_ID)));
        }
        Ok(ReplyAnswer {
            text: reply.text,
            canned: reply.canned,
            confidence: reply.confidence,
            why: reply.why.map(explanation),
        })
    };
    replies.into_iter().map(checked).collect()
}

fn transfer(decision: wire::transfer_rules::Decision) -> Result<TransferAnswer, String> {
    use wire::transfer_rules::Decision;
    Ok(match decision {
        Decision::Abstain => TransferAnswer::Abstain,
        Decision::Stay(why) => TransferAnswer::Stay(explanation(why)),
        Decision::MoveTo((target, why)) => {
            TransferAnswer::MoveTo(target_from_wire(target)?, explanation(why))
        }
        Decision::Forbid((target, why)) => {
            TransferAnswer::Forbid(target_from_wire(target)?, explanation(why))
        }
    })
}

fn message_answer(
    verdict: wire::message_policy::Verdict,
    text: &str,
) -> Result<MessageAnswer, String> {
    use wire::message_policy::Verdict;
    Ok(match verdict {
        Verdict::Allow => MessageAnswer::Allow,
        Verdict::Warn(why) => MessageAnswer::Warn(explanation(why)),
        Verdict::Deny(why) => MessageAnswer::Deny(explanation(why)),
        Verdict::Rewrite(edits) => {
            at_most(edits.len(), MAX_EDITS, "edits")?;
            let edits: Vec<EditAnswer> =
                edits.into_iter().map(|edit| checked_edit(edit, text)).collect::<Result<_, _>>()?;
            if edits.is_empty() { MessageAnswer::Allow } else { MessageAnswer::Rewrite(edits) }
        }
    })
}

fn checked_edit(edit: wire::message_policy::Edit, text: &str) -> Result<EditAnswer, String> {
    let (start, end) = (edit.start as usize, edit.end as usize);
    if start > end || end > text.len() {
        return Err(format!("edit {start}..{end} is not inside the text of {} bytes", text.len()));
    }
    if !text.is_char_boundary(start) || !text.is_char_boundary(end) {
        return Err(format!("edit {start}..{end} cuts a character"));
    }
    at_most(edit.replacement.len(), MAX_REPLACEMENT, "bytes of replacement")?;
    Ok(EditAnswer {
        start: edit.start,
        end: edit.end,
        replacement: edit.replacement,
        why: explanation(edit.why),
    })
}

fn emoji_answers(
    verdicts: Vec<wire::emoji_policy::Verdict>,
    asked: usize,
) -> Result<Vec<EmojiAnswer>, String> {
    use wire::emoji_policy::Verdict;
    if verdicts.len() != asked {
        return Err(format!("{} verdicts for {asked} emojis", verdicts.len()));
    }
    let answer = |verdict| {
        Ok(match verdict {
            Verdict::Allow => EmojiAnswer::Allow,
            Verdict::Strip(why) => EmojiAnswer::Strip(explanation(why)),
            Verdict::Deny(why) => EmojiAnswer::Deny(explanation(why)),
            Verdict::Replace((replacement, why)) => {
                at_most(replacement.len(), MAX_ID, "bytes of replacement")?;
                EmojiAnswer::Replace(replacement, explanation(why))
            }
        })
    };
    verdicts.into_iter().map(answer).collect()
}

fn attachment_answer(verdict: wire::attachment_policy::Verdict) -> AttachmentAnswer {
    use wire::attachment_policy::Verdict;
    match verdict {
        Verdict::Allow => AttachmentAnswer::Allow,
        Verdict::Warn(why) => AttachmentAnswer::Warn(explanation(why)),
        Verdict::Deny(why) => AttachmentAnswer::Deny(explanation(why)),
    }
}

fn bot(reply: wire::bot::Reply, catalogue: &Catalogue) -> Result<BotAnswer, String> {
    confidence(reply.confidence)?;
    at_most(reply.actions.len(), MAX_ACTIONS, "actions")?;
    at_most(reply.state.as_ref().map_or(0, Vec::len), MAX_STATE, "bytes of state")?;
    let actions = reply
        .actions
        .into_iter()
        .map(|action| bot_action(action, catalogue))
        .collect::<Result<_, _>>()?;
    Ok(BotAnswer { confidence: reply.confidence, actions, state: reply.state })
}

fn bot_action(action: wire::bot::Action, catalogue: &Catalogue) -> Result<BotAction, String> {
    use wire::bot::Action;
    Ok(match action {
        Action::Say(text) => {
            at_most(text.len(), MAX_SAID, "bytes said")?;
            BotAction::Say(text)
        }
        Action::Choices((text, choices)) => {
            at_most(text.len(), MAX_SAID, "bytes said")?;
            at_most(choices.len(), MAX_CHOICES, "choices")?;
            let choice = |choice: wire::bot::QuickReply| {
                at_most(choice.title.len(), MAX_ID, "bytes of a choice's title")?;
                at_most(choice.payload.len(), MAX_DETAIL, "bytes of a choice's payload")?;
                Ok::<_, String>((choice.title, choice.payload))
            };
            BotAction::Choices(text, choices.into_iter().map(choice).collect::<Result<_, _>>()?)
        }
        Action::Classify(node) => {
            if !catalogue.may_choose(&node) {
                return Err(format!("there is no active node `{}`", cut(&node, MAX_ID)));
            }
            BotAction::Classify(node)
        }
        Action::HandOver((department, why)) => {
            at_most(
                department.as_ref().map_or(0, String::len),
                MAX_ID,
                "bytes of a department's id",
            )?;
            BotAction::HandOver(department, explanation(why))
        }
        Action::Close(why) => BotAction::Close(explanation(why)),
    })
}

fn confidence(value: f32) -> Result<(), String> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(format!("confidence {value} is not within 0 to 1"))
    }
}

fn at_most(count: usize, most: usize, what: &str) -> Result<(), String> {
    if count <= most { Ok(()) } else { Err(format!("{count} {what}, at most {most}")) }
}

/// Explanations are for reading: what is too long is shortened, not refused.
fn explanation(given: Explanation) -> Explanation {
    Explanation {
        code: shorten(given.code, MAX_CODE),
        detail: shorten(given.detail, MAX_DETAIL),
        evidence: given
            .evidence
            .into_iter()
            .take(MAX_EVIDENCE)
            .map(|text| shorten(text, MAX_EVIDENCE_TEXT))
            .collect(),
    }
}

fn shorten(text: Text, most: usize) -> Text {
    if text.len() <= most { text } else { Arc::from(cut(&text, most)) }
}

fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

fn target_to_wire(target: &Target) -> wire::transfer_rules::Target {
    match target {
        Target::Department(id) => wire::transfer_rules::Target::Department(id.to_string()),
        Target::Agent(id) => wire::transfer_rules::Target::Agent(id.to_string()),
        Target::FirstContact => wire::transfer_rules::Target::FirstContact,
        Target::Bot => wire::transfer_rules::Target::Bot,
    }
}

fn target_from_wire(target: wire::transfer_rules::Target) -> Result<Target, String> {
    let id =
        |id: String| at_most(id.len(), MAX_ID, "bytes of a target's id").map(|()| Text::from(id));
    Ok(match target {
        wire::transfer_rules::Target::Department(department) => Target::Department(id(department)?),
        wire::transfer_rules::Target::Agent(agent) => Target::Agent(id(agent)?),
        wire::transfer_rules::Target::FirstContact => Target::FirstContact,
        wire::transfer_rules::Target::Bot => Target::Bot,
    })
}

fn trigger_to_wire(trigger: Trigger) -> wire::transfer_rules::Trigger {
    match trigger {
        Trigger::NewMessage => wire::transfer_rules::Trigger::NewMessage,
        Trigger::Classified => wire::transfer_rules::Trigger::Classified,
        Trigger::AgentLeft => wire::transfer_rules::Trigger::AgentLeft,
        Trigger::WaitedTooLong => wire::transfer_rules::Trigger::WaitedTooLong,
        Trigger::AgentAsked => wire::transfer_rules::Trigger::AgentAsked,
    }
}

fn event_to_wire(event: Event) -> wire::observer::Event {
    match event {
        Event::Opened => wire::observer::Event::Opened,
        Event::Assigned => wire::observer::Event::Assigned,
        Event::Transferred => wire::observer::Event::Transferred,
        Event::Classified => wire::observer::Event::Classified,
        Event::MessageSent => wire::observer::Event::MessageSent,
        Event::MessageDenied => wire::observer::Event::MessageDenied,
        Event::Closed => wire::observer::Event::Closed,
        Event::Rated => wire::observer::Event::Rated,
    }
}
