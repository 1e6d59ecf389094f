//! Asks the plugins before something enters the desk, and turns what they say into judgements.
//!
//! Input goes in as [`view`] makes it, answers come out as [`verdict`] makes them. Nothing is decided here.

pub(crate) mod verdict;
pub(crate) mod view;

use std::sync::Arc;

use dialogo_domain::command::{Target, TransferJudgement};
use dialogo_domain::message::{Author, Body};
use dialogo_domain::plugin::Judgement;
use dialogo_domain::{Actor, Commit, ConversationId, Event, MessageId, Millis, Refusal};
use dialogo_host::{AT_HAND, Hook, emoji, input};
use dialogo_journal::views::{Page, kind};

use crate::DeskError;
use crate::handle::{Inner, OutgoingMessage, Upload};
use crate::recall;
use crate::recent;
use crate::rules::InForce;

/// What a message's policies say, and the text as they leave it.
pub(crate) async fn message(
    inner: &Inner,
    rules: &InForce,
    actor: &Actor,
    message: &OutgoingMessage,
) -> Result<(Judgement, Arc<str>), DeskError> {
    let chain = &rules.chain;
    let has_policy = chain.has(Hook::MessagePolicy) || chain.has(Hook::EmojiPolicy);
    // Most messages have no picture in them, and a desk without a message policy has nothing to ask then.
    if !has_policy
        || (!chain.has(Hook::MessagePolicy) && emoji::find(&message.text).emojis.is_empty())
    {
        return Ok((Judgement::default(), message.text.as_str().into()));
    }
    let author = author(actor);
    let now = inner.clock.now();
    let Some(conversation) =
        look(inner, rules, message.conversation, &[Hook::MessagePolicy, Hook::EmojiPolicy])
    else {
        // Unknown: the desk says so.
        return Ok((Judgement::default(), message.text.as_str().into()));
    };
    let body = Body::text(message.text.as_str());
    let by = match &author {
        Author::Consumer => Arc::clone(&conversation.consumer),
        other => Arc::new(recent::participant(other)),
    };
    let input = recent::message(message.message, now, by, &body);
    let outcome =
        chain.judge_message(call(rules, now.0, &input.id), conversation, Arc::new(input)).await;
    Ok(verdict::message(rules.provenance(), outcome, &message.text))
}

/// What a file's policies say.
pub(crate) async fn attachment(
    inner: &Inner,
    rules: &InForce,
    actor: &Actor,
    upload: Upload,
) -> Result<Judgement, DeskError> {
    if !rules.chain.has(Hook::AttachmentPolicy) {
        return Ok(Judgement::default());
    }
    let unknown = DeskError::Refused(Refusal::ConversationUnknown(upload.conversation));
    let conversation =
        look(inner, rules, upload.conversation, &[Hook::AttachmentPolicy]).ok_or(unknown)?;
    let side = view::side(&author(actor));
    let now = inner.clock.now();
    let attachment = input::Attachment {
        id: upload.conversation.to_string().into(),
        name: upload.name.into(),
        mime: upload.declared_mime.into(),
        sniffed_mime: upload.inspection.sniffed_mime,
        bytes: upload.bytes,
        sha256: Some(
            upload.sha256.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into(),
        ),
        facts: upload.inspection.facts,
    };
    let call = call(rules, now.0, &attachment.id);
    let outcome = rules
        .chain
        .judge_attachment(call, side, conversation, Arc::new(attachment), &upload.head)
        .await;
    Ok(verdict::attachment(rules.provenance(), outcome))
}

/// What the transfer rules say of a transfer somebody asks for, and the version of the conversation they saw.
pub(crate) async fn transfer(
    inner: &Inner,
    rules: &InForce,
    conversation: ConversationId,
    target: &Target,
) -> Result<(TransferJudgement, Option<u32>), DeskError> {
    let version =
        inner.durable.read().desk.conversations.get(&conversation).map(|found| found.version);
    if !rules.chain.has(Hook::TransferRules) {
        return Ok((TransferJudgement::default(), version));
    }
    let asked = Some(verdict::host_target(target));
    let Some(outcome) =
        ask_transfer(inner, rules, conversation, input::Trigger::AgentAsked, asked).await
    else {
        return Ok((TransferJudgement::default(), version));
    };
    Ok((verdict::transfer(rules.provenance(), &outcome, target), version))
}

/// Puts a transfer question to the plugins; `None`: there is no such conversation.
pub(crate) async fn ask_transfer(
    inner: &Inner,
    rules: &InForce,
    conversation: ConversationId,
    trigger: input::Trigger,
    requested: Option<input::Target>,
) -> Option<dialogo_host::verdict::TransferOutcome> {
    let now = inner.clock.now();
    let view = look(inner, rules, conversation, &[Hook::TransferRules])?;
    let mut call = call(rules, now.0, &view.id);
    call.directory = Arc::new(view::directory(&inner.durable.read().desk, &rules.checked, now));
    Some(rules.chain.judge_transfer(call, trigger, requested, view).await)
}

/// The conversation as the plugins at these hooks see it; `None`: not in the desk's memory.
pub(crate) fn look(
    inner: &Inner,
    rules: &InForce,
    id: ConversationId,
    hooks: &[Hook],
) -> Option<Arc<input::Conversation>> {
    let wanted = hooks.iter().map(|hook| rules.chain.recent_needed(*hook)).max().unwrap_or(0);
    if inner.durable.read().recent.missing(id, wanted) {
        fill(inner, id);
    }
    let now = inner.clock.now();
    {
        let state = inner.durable.read();
        if let Some(conversation) = state.desk.conversations.get(&id) {
            return Some(Arc::new(view::conversation(&state, rules, conversation, wanted, now)));
        }
    }
    let cold = recall::cold_conversation(inner, id)?;
    Some(Arc::new(view::conversation(&inner.durable.read(), rules, &cold, wanted, now)))
}

/// Reads the last messages from the views: once per conversation, after a start.
fn fill(inner: &Inner, id: ConversationId) {
    let older = match inner.views.transcript_of(id, Page::Latest, AT_HAND, kind::MESSAGE) {
        Ok(commits) => commits.into_iter().flat_map(messages).collect(),
        Err(fault) => {
            tracing::warn!(%fault, "older messages cannot be read; plugins see the latest ones only");
            Vec::new()
        }
    };
    inner.durable.write().recent.fill(id, older);
}

fn messages(commit: Commit) -> Vec<(MessageId, Millis, Author, Body)> {
    let at = commit.stamp.at;
    let of = |event| match event {
        Event::MessageSent { message, author, body, .. } => Some((message, at, author, body)),
        _ => None,
    };
    commit.events.into_iter().filter_map(of).collect()
}

/// The frame of a call: the clock, and a seed that follows from what is asked.
pub(crate) fn call(rules: &InForce, now_ms: u64, subject: &str) -> input::Call {
    let seed = subject.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    input::Call {
        call_id: format!("{}-{now_ms:x}-{:08x}", rules.generation, seed as u32),
        now_ms,
        seed,
        ..input::Call::default()
    }
}

fn author(actor: &Actor) -> Author {
    match actor {
        Actor::Consumer(_) => Author::Consumer,
        Actor::Agent(agent) => Author::Agent(agent.clone()),
        Actor::Bot => Author::Bot,
        Actor::Engine | Actor::Operator => Author::System,
    }
}
