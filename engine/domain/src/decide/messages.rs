//! Messages, notes and receipts.
//!
//! A message's id is unique in its conversation: whoever sends it again gets the first answer, also when that was a
//! refusal by a policy. The policies have spoken before; the desk only checks that they spoke of the present state.

use std::sync::Arc;

use super::access::works_on;
use super::{Case, Decision, bounds, lifecycle};
use crate::agent::Role;
use crate::command::{Actor, JudgedAt};
use crate::conversation::{Conversation, State};
use crate::desk::Profile;
use crate::event::Event;
use crate::id::{ConversationId, MessageId, Position};
use crate::message::{Attachment, Author, Body};
use crate::plugin::{Judgement, Verdict};
use crate::refusal::Refusal;

/// A message as it was sent.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) conversation: ConversationId,
    pub(super) message: MessageId,
    pub(super) body: &'a Body,
    pub(super) judgement: &'a Judgement,
}

pub(super) fn send(
    case: Case,
    sent: Sent,
    judged_at: Option<JudgedAt>,
    fresh: ConversationId,
    bot: bool,
) -> Result<Decision, Refusal> {
    let it = case.conversation(sent.conversation)?;
    if let Some(position) = answered(it, sent.message) {
        return Ok(Decision::Answered(position));
    }
    let author = author(case, it)?;
    bounds::body(sent.body)?;
    if author == Author::Consumer && it.state == State::Closed {
        return send_to_closed(case, it, sent, judged_at, fresh, bot);
    }
    may_write(case, it, &author)?;
    case.fresh(judged_at, it.version)?;
    room_for_one(it)?;
    let mut events = vec![said(it, sent, &author)];
    if author == Author::Consumer && it.state == State::OnHold && !denied(sent.judgement) {
        // The consumer is back: so is the window, also when that is one too many.
        events.push(super::offers::resumed(case, it));
    }
    Ok(events.into())
}

/// A consumer writes to a closed conversation: it goes on, or a new one begins, or the one that is open gets it.
fn send_to_closed(
    case: Case,
    it: &Conversation,
    sent: Sent,
    judged_at: Option<JudgedAt>,
    fresh: ConversationId,
    bot: bool,
) -> Result<Decision, Refusal> {
    let current = case.desk.consumers.get(&it.consumer).and_then(|consumer| consumer.conversation);
    if let Some(later) = current.and_then(|id| case.find(id)).filter(|later| later.id != it.id) {
        if let Some(position) = answered(later, sent.message) {
            return Ok(Decision::Answered(position));
        }
        if later.state != State::Closed {
            let mut events = vec![Event::ConversationFound { conversation: later.id }];
            let Decision::Events(said) = send(
                case,
                Sent { conversation: later.id, ..sent },
                judged_at.map(any_version),
                fresh,
                bot,
            )?
            else {
                return Err(Refusal::ConversationUnknown(later.id));
            };
            events.extend(said);
            return Ok(events.into());
        }
    }
    case.fresh(judged_at, it.version)?;
    room_for_one(it)?;
    let said = said(it, sent, &Author::Consumer);
    if denied(sent.judgement) {
        return Ok(vec![said].into());
    }
    if lifecycle::may_reopen(case, it) {
        let mut events = lifecycle::reopened(case, it)?;
        events.insert(1, said);
        return Ok(events.into());
    }
    begin_anew(case, it, sent, fresh, bot)
}

/// A verdict that was given for the closed conversation holds for the open one if the rules are the same.
fn any_version(judged: JudgedAt) -> JudgedAt {
    JudgedAt { version: None, ..judged }
}

fn begin_anew(
    case: Case,
    old: &Conversation,
    sent: Sent,
    fresh: ConversationId,
    bot: bool,
) -> Result<Decision, Refusal> {
    if lifecycle::is_used(case, fresh, old.consumer) {
        return Err(bounds::invalid("fresh", "there is a conversation with this id already"));
    }
    let mut begun =
        lifecycle::begin(case, fresh, old.consumer, old.channel, &Profile::default(), bot);
    if let Event::ConversationStarted { previous, .. } = &mut begun {
        *previous = Some(old.id);
    }
    let new = Conversation::new(fresh, old.consumer, old.channel, case.now());
    let mut events =
        vec![begun, said(&new, Sent { conversation: fresh, ..sent }, &Author::Consumer)];
    if !bot {
        let known = old.department.as_ref().filter(|id| case.rules.departments.contains_key(*id));
        events.extend(lifecycle::enter(case, fresh, known)?);
    }
    Ok(events.into())
}

/// The commit that answered a message id, if there is one.
fn answered(it: &Conversation, message: MessageId) -> Option<Position> {
    it.messages.position(message)
}

fn author(case: Case, it: &Conversation) -> Result<Author, Refusal> {
    match case.actor {
        Actor::Consumer(_) => Ok(Author::Consumer),
        Actor::Engine => Ok(Author::System),
        Actor::Agent(_) => {
            let (agent, account) = case.account()?;
            if account.role < Role::Supervisor && !works_on(it, agent) {
                return Err(Refusal::NotTheirs { agent: it.agent.clone() });
            }
            Ok(Author::Agent(agent.clone()))
        }
        Actor::Bot | Actor::Operator => Err(Refusal::NotAllowed { needs: "agent" }),
    }
}

fn may_write(case: Case, it: &Conversation, author: &Author) -> Result<(), Refusal> {
    let wrong = Refusal::WrongState { state: it.state, action: "send" };
    match (author, it.state) {
        // The desk has the last word: when a callback ends a conversation, why.
        (Author::System, State::Closed) => Ok(()),
        (_, State::Closed) | (Author::Agent(_), State::Bot) => Err(wrong),
        // A supervisor may step in where an agent has yet to accept.
        (Author::Agent(_), State::Offered) if case.supervisor().is_err() => Err(wrong),
        _ => Ok(()),
    }
}

fn room_for_one(it: &Conversation) -> Result<(), Refusal> {
    bounds::count("conversation", it.messages.len() + 1, bounds::MAX_MESSAGES)
}

fn denied(judgement: &Judgement) -> bool {
    matches!(judgement.verdict, Verdict::Deny { .. })
}

fn said(it: &Conversation, sent: Sent, author: &Author) -> Event {
    let (conversation, message, author) = (it.id, sent.message, author.clone());
    let body = sent.body.clone();
    let decisions = sent.judgement.decisions.clone();
    match &sent.judgement.verdict {
        Verdict::Deny { code, detail } => Event::MessageRefused {
            conversation,
            message,
            author,
            body,
            code: code.clone(),
            detail: detail.clone(),
            decisions,
        },
        verdict => Event::MessageSent {
            conversation,
            message,
            number: it.last_number + 1,
            author,
            body,
            verdict: verdict.clone(),
            decisions,
        },
    }
}

pub(super) fn refuse_attachment(
    case: Case,
    conversation: ConversationId,
    message: MessageId,
    attachment: &Attachment,
    judgement: &Judgement,
) -> Result<Decision, Refusal> {
    let it = case.conversation(conversation)?;
    if let Some(position) = answered(it, message) {
        return Ok(Decision::Answered(position));
    }
    let author = author(case, it)?;
    bounds::some_text("attachment.name", &attachment.name, bounds::MAX_NAME_BYTES)?;
    room_for_one(it)?;
    let Verdict::Deny { code, detail } = &judgement.verdict else {
        return Err(bounds::invalid("judgement", "does not refuse the file"));
    };
    Ok(vec![Event::MessageRefused {
        conversation,
        message,
        author,
        body: Body { attachments: vec![attachment.clone()], ..Body::default() },
        code: code.clone(),
        detail: detail.clone(),
        decisions: judgement.decisions.clone(),
    }]
    .into())
}

/// Every colleague who sees the conversation may leave a note.
pub(super) fn add_note(
    case: Case,
    conversation: ConversationId,
    message: MessageId,
    text: &Arc<str>,
) -> Result<Decision, Refusal> {
    let (agent, _) = case.account()?;
    let it = case.conversation(conversation)?;
    if let Some(position) = answered(it, message) {
        return Ok(Decision::Answered(position));
    }
    bounds::some_text("text", text, bounds::MAX_NOTE_BYTES)?;
    room_for_one(it)?;
    let number = it.last_number + 1;
    Ok(vec![Event::NoteAdded {
        conversation,
        message,
        number,
        agent: agent.clone(),
        text: text.clone(),
    }]
    .into())
}

/// Marks only move forward. A supervisor who looks on leaves no mark.
pub(super) fn mark_read(
    case: Case,
    conversation: ConversationId,
    delivered: u32,
    read: u32,
) -> Result<Vec<Event>, Refusal> {
    let it = case.conversation(conversation)?;
    let by_consumer = matches!(case.actor, Actor::Consumer(_));
    let old = if by_consumer {
        it.consumer_read
    } else {
        let (agent, account) = case.account()?;
        if it.agent.as_ref() != Some(agent) {
            if account.role >= Role::Supervisor || it.state == State::Closed {
                return Ok(Vec::new());
            }
            return Err(Refusal::NotTheirs { agent: it.agent.clone() });
        }
        it.agent_read
    };
    let read = read.min(it.last_number).max(old.read);
    let delivered = delivered.min(it.last_number).max(old.delivered).max(read);
    if (delivered, read) == (old.delivered, old.read) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::ReadMarked { conversation, by_consumer, delivered, read }])
}
