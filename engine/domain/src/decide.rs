//! The desk's one way to change: a command comes in, events come out, or a refusal.
//!
//! [`decide`] is pure and answers for one command only; what follows from it (who is given what, timers) is found in
//! [`step`](crate::step) after its events are applied. Each area has a file of its own below.

mod access;
mod accounts;
mod bot;
pub mod bounds;
mod classification;
mod lifecycle;
mod messages;
mod offers;
mod presence;
pub(crate) mod tick;
mod transfer;

use std::collections::BTreeSet;

use crate::command::{Actor, Command, JudgedAt};
use crate::conversation::Conversation;
use crate::desk::Desk;
use crate::event::Event;
use crate::id::{DepartmentId, Position};
use crate::refusal::Refusal;
use crate::rules::Rules;
use crate::time::Millis;

/// Everything a decision depends on besides the desk and the command.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time of this commit; the writer never lets it run backwards.
    pub now: Millis,
    /// The rules in force; with `ActivateRules` the ones that come into force.
    pub rules: &'a Rules,
    /// Departments that are outside their opening hours now.
    pub closed: &'a BTreeSet<DepartmentId>,
    /// A cold conversation that the command is about, read from the views.
    pub recalled: Option<&'a Conversation>,
    /// A fresh random number, for splits by percentage.
    pub dice: u64,
}

/// What a command leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// This happens; nothing if there is nothing to do.
    Events(Vec<Event>),
    /// The message it carries was answered before by that commit.
    Answered(Position),
}

impl From<Vec<Event>> for Decision {
    fn from(events: Vec<Event>) -> Self {
        Self::Events(events)
    }
}

/// One command with what is needed to decide it.
#[derive(Clone, Copy)]
struct Case<'a> {
    desk: &'a Desk,
    ctx: &'a Context<'a>,
    rules: &'a Rules,
    actor: &'a Actor,
}

/// What a command leads to, or why it is refused. For [`Command::Tick`] only the first thing that is due.
pub fn decide(
    desk: &Desk,
    actor: &Actor,
    command: &Command,
    ctx: &Context,
) -> Result<Decision, Refusal> {
    let case = Case { desk, ctx, rules: ctx.rules, actor };
    let events = match command {
        Command::ActivateRules { generation, summary, stepped_back } => {
            accounts::activate_rules(case, *generation, summary, stepped_back.as_ref())?
        }
        Command::AddAccount { agent, name, role, password_hash } => {
            accounts::add(case, agent, name, *role, password_hash)?
        }
        Command::ChangePassword { agent, password_hash } => {
            accounts::change_password(case, agent, password_hash)?
        }
        Command::RemoveAccount { agent } => accounts::remove(case, agent)?,
        Command::SetPresence { agent, presence } => presence::set(case, agent, presence)?,
        Command::AgentConnection { agent, connected } => {
            presence::agent_connection(case, agent, *connected)?
        }
        Command::SetOwnLimit { agent, limit } => presence::set_own_limit(case, agent, *limit)?,
        Command::StartConversation {
            conversation,
            consumer,
            channel,
            profile,
            department,
            bot,
        } => lifecycle::start(
            case,
            *conversation,
            *consumer,
            *channel,
            profile,
            department.as_ref(),
            *bot,
        )?,
        Command::ConsumerConnection { conversation, connected } => {
            presence::consumer_connection(case, *conversation, *connected)?
        }
        Command::SendMessage { conversation, message, body, judgement, judged_at, fresh, bot } => {
            let sent =
                messages::Sent { conversation: *conversation, message: *message, body, judgement };
            return messages::send(case, sent, *judged_at, *fresh, *bot);
        }
        Command::RefuseAttachment { conversation, message, attachment, judgement } => {
            return messages::refuse_attachment(
                case,
                *conversation,
                *message,
                attachment,
                judgement,
            );
        }
        Command::AddNote { conversation, message, text } => {
            return messages::add_note(case, *conversation, *message, text);
        }
        Command::MarkRead { conversation, delivered, read } => {
            messages::mark_read(case, *conversation, *delivered, *read)?
        }
        Command::AnswerAsBot { conversation, actions, state, decisions, version } => {
            bot::answer(case, *conversation, actions, state.as_ref(), decisions, *version)?
        }
        Command::AcceptOffer { conversation } => offers::accept(case, *conversation)?,
        Command::DeclineOffer { conversation } => offers::decline(case, *conversation)?,
        Command::Claim { conversation } => offers::claim(case, *conversation)?,
        Command::Assign { conversation, agent } => offers::assign(case, *conversation, agent)?,
        Command::Hold { conversation } => offers::hold(case, *conversation)?,
        Command::Resume { conversation } => offers::resume(case, *conversation)?,
        Command::Transfer { conversation, target, note, judgement, judged_at } => {
            transfer::transfer(case, *conversation, target, note, judgement, *judged_at)?
        }
        Command::Classify { conversation, node, from } => {
            classification::classify(case, *conversation, node, *from)?
        }
        Command::WaiveClassification { conversation } => {
            classification::waive(case, *conversation)?
        }
        Command::Suggest { conversation, suggestions, decisions, judged_at } => {
            classification::suggest(case, *conversation, suggestions, decisions, *judged_at)?
        }
        Command::MarkSuggestionsShown { conversation, set } => {
            classification::shown(case, *conversation, *set)?
        }
        Command::Close { conversation, classify } => {
            lifecycle::close(case, *conversation, classify.as_ref())?
        }
        Command::UndoClose { conversation } => lifecycle::undo(case, *conversation)?,
        Command::Rate { conversation, stars, comment } => {
            lifecycle::rate(case, *conversation, *stars, comment)?
        }
        Command::Tick => {
            case.engine()?;
            tick::first_due(desk, ctx).map(|due| tick::see_to(desk, ctx, &due)).unwrap_or_default()
        }
    };
    Ok(events.into())
}

impl Case<'_> {
    fn now(&self) -> Millis {
        self.ctx.now
    }

    /// Verdicts count only for the rules and the state they were given for.
    fn fresh(&self, judged_at: Option<JudgedAt>, version: u32) -> Result<(), Refusal> {
        let Some(judged) = judged_at else { return Ok(()) };
        if judged.generation == self.desk.generation
            && judged.version.is_none_or(|judged| judged == version)
        {
            return Ok(());
        }
        Err(Refusal::Stale { generation: self.desk.generation, version })
    }
}
