//! What follows from what happened: classifiers, bots, transfer rules and observers are asked, off everybody's critical
//! path, and what they say comes back as a command; replies for the agent are asked for, too ([`crate::replies`]).
//!
//! When a question is asked is in [`turns`]. After a start every open conversation is looked at again, so nothing that was
//! due is forgotten; what comes out the same changes nothing.

mod turns;

use std::sync::{Arc, Weak};

use dialogo_domain::command::{BotAction, JudgedAt, Target, TransferJudgement, TransferVerdict};
use dialogo_domain::conversation::{Closer, State};
use dialogo_domain::effects::{Effect, Observed, Trigger};
use dialogo_domain::message::{Body, Choice};
use dialogo_domain::plugin::Judgement;
use dialogo_domain::{Actor, Command, ConversationId, DepartmentId, MessageId, Request};
use dialogo_host::verdict::{BotOutcome, Decision, Mode, Proposal};
use dialogo_host::{Hook, input};
use tokio::sync::mpsc;

use crate::handle::{Desk, Inner};
use crate::judge::{self, verdict, view};
use crate::replies;

use turns::{Place, Turns};

/// Suggestions asked for: the desk keeps three, but may have to drop some that are out of scope.
const SUGGESTIONS_ASKED: u32 = 8;

/// How often conversations that wait are put to the transfer rules.
const WAITING_LOOK: std::time::Duration = std::time::Duration::from_secs(15);

/// A question to be asked about a conversation. Two of the same kind are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Question {
    Classify,
    Replies,
    Bot,
    Transfer(input::Trigger),
    Observe(input::Event),
    Closed,
}

/// Runs until the desk ends.
pub(crate) async fn run(inner: Weak<Inner>, mut effects: mpsc::UnboundedReceiver<Effect>) {
    let (done, mut finished) = mpsc::unbounded_channel();
    let mut turns = Turns::default();
    let mut look = tokio::time::interval(WAITING_LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            effect = effects.recv() => match effect {
                Some(effect) => {
                    let (conversation, question) = question(effect);
                    turns.add(conversation, question);
                }
                None => return,
            },
            Some(place) = finished.recv() => turns.finished(place),
            _ = look.tick() => {
                let Some(inner) = inner.upgrade() else { return };
                for conversation in long_waiting(&inner) {
                    turns.add(conversation, Question::Transfer(input::Trigger::WaitedTooLong));
                }
            }
        };
        let Some(inner) = inner.upgrade() else { return };
        while let Some((place, questions)) = turns.next() {
            start(&inner, place, questions, &done);
        }
    }
}

fn question(effect: Effect) -> (ConversationId, Question) {
    match effect {
        Effect::AskClassifiers { conversation } => (conversation, Question::Classify),
        Effect::AskReplies { conversation } => (conversation, Question::Replies),
        Effect::AskBot { conversation, .. } => (conversation, Question::Bot),
        Effect::AskTransferRules { conversation, trigger } => {
            (conversation, Question::Transfer(host_trigger(trigger)))
        }
        Effect::Observe { conversation, what } => {
            (conversation, Question::Observe(host_event(what)))
        }
        Effect::SayWhenClosed { conversation } => (conversation, Question::Closed),
    }
}

fn start(
    inner: &Arc<Inner>,
    place: Place,
    mut questions: Vec<Question>,
    done: &mpsc::UnboundedSender<Place>,
) {
    let rules = inner.rules.current();
    questions.retain(|question| question.hook().is_none_or(|hook| rules.chain.has(hook)));
    let (inner, finished) = (Arc::downgrade(inner), Finished { place, done: done.clone() });
    if questions.is_empty() {
        return;
    }
    tokio::spawn(async move {
        for question in questions {
            let Some(inner) = inner.upgrade() else { return };
            ask(Desk(inner), place.conversation, question).await;
        }
        drop(finished);
    });
}

/// Says when it is dropped, whatever becomes of the asking, that the next may have its turn.
struct Finished {
    place: Place,
    done: mpsc::UnboundedSender<Place>,
}

impl Drop for Finished {
    fn drop(&mut self) {
        let _ = self.done.send(self.place);
    }
}

impl Question {
    /// Whether a consumer waits for what comes of it.
    fn is_waited_for(self) -> bool {
        matches!(self, Self::Bot | Self::Closed)
    }

    fn hook(self) -> Option<Hook> {
        match self {
            Self::Classify => Some(Hook::Classifier),
            Self::Replies => Some(Hook::Replies),
            Self::Bot => Some(Hook::Bot),
            Self::Transfer(_) => Some(Hook::TransferRules),
            Self::Observe(_) => Some(Hook::Observer),
            Self::Closed => None,
        }
    }
}

/// The hook an effect is for, so that nobody is woken for a hook without plugins; `None`: the rules alone answer.
pub(crate) fn hook(effect: &Effect) -> Option<Hook> {
    match effect {
        Effect::AskClassifiers { .. } => Some(Hook::Classifier),
        Effect::AskReplies { .. } => Some(Hook::Replies),
        Effect::AskBot { .. } => Some(Hook::Bot),
        Effect::AskTransferRules { .. } => Some(Hook::TransferRules),
        Effect::Observe { .. } => Some(Hook::Observer),
        Effect::SayWhenClosed { .. } => None,
    }
}

fn host_trigger(trigger: Trigger) -> input::Trigger {
    match trigger {
        Trigger::NewMessage => input::Trigger::NewMessage,
        Trigger::Classified => input::Trigger::Classified,
        Trigger::AgentLeft => input::Trigger::AgentLeft,
    }
}

fn host_event(what: Observed) -> input::Event {
    match what {
        Observed::Opened => input::Event::Opened,
        Observed::Assigned => input::Event::Assigned,
        Observed::Transferred => input::Event::Transferred,
        Observed::Classified => input::Event::Classified,
        Observed::MessageSent => input::Event::MessageSent,
        Observed::MessageDenied => input::Event::MessageDenied,
        Observed::Closed => input::Event::Closed,
        Observed::Rated => input::Event::Rated,
    }
}

async fn ask(desk: Desk, conversation: ConversationId, question: Question) {
    match question {
        Question::Classify => classify(&desk, conversation).await,
        Question::Replies => replies::suggest(&desk, conversation).await,
        Question::Bot => bot(&desk, conversation).await,
        Question::Transfer(trigger) => transfer(&desk, conversation, trigger).await,
        Question::Observe(event) => observe(&desk, conversation, event).await,
        Question::Closed => say_when_closed(&desk, conversation).await,
    }
}

/// Hands in what a plugin proposed. A refusal is ordinary here: the conversation has moved on meanwhile.
async fn hand_in(desk: &Desk, actor: Actor, command: Command) {
    if let Err(refused) = desk.execute(Request { id: None, actor, command }).await {
        tracing::debug!(%refused, "a plugin's proposal came too late");
    }
}

fn judged_at(
    desk: &Desk,
    conversation: ConversationId,
    rules: &crate::InForce,
) -> Option<JudgedAt> {
    let version =
        desk.read(|desk| desk.conversations.get(&conversation).map(|found| found.version))?;
    Some(JudgedAt { generation: rules.generation, version: Some(version) })
}

async fn classify(desk: &Desk, conversation: ConversationId) {
    let inner = &desk.0;
    let rules = inner.rules.current();
    let Some(judged_at) = judged_at(desk, conversation, &rules) else { return };
    let Some(view) = judge::look(inner, &rules, conversation, &[Hook::Classifier]) else { return };
    let now = inner.clock.now();
    let call = judge::call(&rules, now.0, &view.id);
    let outcome = rules.chain.classify(call, view, SUGGESTIONS_ASKED).await;
    let suggestions = verdict::suggestions(&outcome);
    let known = desk.read(|desk| {
        let known = desk.conversations.get(&conversation)?;
        Some((known.suggestions.items.clone(), known.suggestions.set))
    });
    let Some((standing, set)) = known else { return };
    let nothing_new = standing == suggestions || (suggestions.is_empty() && set == 0);
    // What is asked in shadow changes nothing that stands, and is recorded all the same: it is to be measured.
    let to_record =
        |decision: &Decision| decision.failure.is_some() || decision.mode == Mode::Shadow;
    if nothing_new && !outcome.decisions.iter().any(to_record) {
        return;
    }
    let decisions = verdict::decisions(rules.provenance(), &outcome.decisions);
    // Messages that came meanwhile have asked again already, so what is stale is simply dropped by the desk.
    let command = Command::Suggest { conversation, suggestions, decisions, judged_at };
    hand_in(desk, Actor::Engine, command).await;
}

async fn bot(desk: &Desk, conversation: ConversationId) {
    let inner = &desk.0;
    let rules = inner.rules.current();
    let found = desk.read(|desk| {
        let found = desk.conversations.get(&conversation)?;
        (found.state == State::Bot).then(|| (found.version, found.bot_state.clone()))
    });
    let Some((version, state)) = found else { return };
    let Some(view) = judge::look(inner, &rules, conversation, &[Hook::Bot]) else { return };
    let message = inner.durable.read().recent.last(conversation, 1).pop();
    let message = message.filter(|message| message.author.side == input::Side::Consumer);
    let now = inner.clock.now();
    let mut call = judge::call(&rules, now.0, &view.id);
    call.directory = Arc::new(view::directory(&inner.durable.read().desk, &rules.checked, now));
    let outcome = rules.chain.answer(call, view, message, state).await;
    let start = rules.checked.desk.start_department.as_ref();
    let (actions, state) = bot_actions(&outcome, start);
    let decisions = verdict::decisions(rules.provenance(), &outcome.decisions);
    let command = Command::AnswerAsBot { conversation, actions, state, decisions, version };
    hand_in(desk, Actor::Bot, command).await;
}

/// A bot that has no answer, or failed, hands over: nobody is left alone with a machine that is silent.
fn bot_actions(
    outcome: &BotOutcome,
    start: Option<&DepartmentId>,
) -> (Vec<BotAction>, Option<Arc<[u8]>>) {
    use dialogo_host::verdict::BotAction as Said;
    let Some(reply) = &outcome.reply else {
        return (vec![BotAction::HandOver(start.cloned())], None);
    };
    let say = |text: &str, choices: Vec<Choice>| BotAction::Say {
        message: MessageId(uuid::Uuid::now_v7().as_u128()),
        text: text.into(),
        choices,
    };
    let actions = reply
        .actions
        .iter()
        .map(|action| match action {
            Said::Say(text) => say(text, Vec::new()),
            Said::Choices(text, choices) => say(
                text,
                choices
                    .iter()
                    .map(|(title, payload)| Choice {
                        title: title.as_str().into(),
                        payload: payload.as_str().into(),
                    })
                    .collect(),
            ),
            Said::Classify(node) => BotAction::Classify(node.as_str().into()),
            Said::HandOver(department, _) => BotAction::HandOver(
                department.as_deref().map(Into::into).or_else(|| start.cloned()),
            ),
            Said::Close(_) => BotAction::Close,
        })
        .collect();
    (actions, reply.state.as_deref().map(Into::into))
}

async fn transfer(desk: &Desk, conversation: ConversationId, trigger: input::Trigger) {
    let inner = &desk.0;
    let rules = inner.rules.current();
    let Some(judged_at) = judged_at(desk, conversation, &rules) else { return };
    let Some(outcome) = judge::ask_transfer(inner, &rules, conversation, trigger, None).await
    else {
        return;
    };
    let Some(Proposal::MoveTo(target, why)) = &outcome.proposal else { return };
    let Some(target) = verdict::domain_target(target) else { return };
    if already_there(desk, conversation, &target) {
        return;
    }
    let command = Command::Transfer {
        conversation,
        target,
        note: Arc::clone(&why.explanation.detail),
        judgement: TransferJudgement {
            verdict: TransferVerdict::Allow,
            decisions: verdict::decisions(rules.provenance(), &outcome.decisions),
        },
        judged_at: Some(judged_at),
    };
    hand_in(desk, Actor::Engine, command).await;
}

fn already_there(desk: &Desk, conversation: ConversationId, target: &Target) -> bool {
    desk.read(|desk| {
        desk.conversations.get(&conversation).is_none_or(|found| match target {
            Target::Department(department) => found.department.as_ref() == Some(department),
            Target::Agent(agent) => found.agent.as_ref() == Some(agent),
            Target::FirstContact => found.first_agent == found.agent,
        })
    })
}

async fn observe(desk: &Desk, conversation: ConversationId, event: input::Event) {
    let inner = &desk.0;
    let rules = inner.rules.current();
    let Some(view) = judge::look(inner, &rules, conversation, &[Hook::Observer]) else { return };
    let call = judge::call(&rules, inner.clock.now().0, &view.id);
    let outcome = rules.chain.observe(call, event, view).await;
    for decision in outcome.decisions.iter().filter(|decision| decision.failure.is_some()) {
        tracing::warn!(plugin = %decision.plugin, failure = ?decision.failure, "an observer failed");
    }
}

/// Once in every segment: it says nothing new the second time.
async fn say_when_closed(desk: &Desk, conversation: ConversationId) {
    let rules = desk.0.rules.current();
    let found = desk.read(|desk| {
        let found = desk.conversations.get(&conversation)?;
        let left = matches!(&found.closed, Some(closed) if closed.by == Closer::Callback);
        let department =
            found.department.clone().filter(|_| found.state == State::Queued || left)?;
        let locale = desk.consumers.get(&found.consumer).and_then(|it| it.profile.locale.clone());
        Some((department, locale.unwrap_or_default(), u128::from(found.segment)))
    });
    let Some((department, locale, segment)) = found else { return };
    let Some(text) = rules.checked.closed_message(&department, &locale, desk.0.clock.now()) else {
        return;
    };
    let command = Command::SendMessage {
        conversation,
        message: MessageId(conversation.0 ^ (segment + 1)),
        body: Body { text: text.into(), attachments: Vec::new(), choices: Vec::new() },
        judgement: Judgement::default(),
        judged_at: None,
        fresh: conversation,
        bot: false,
    };
    hand_in(desk, Actor::Engine, command).await;
}

/// Conversations that have waited in a queue for more than a minute.
fn long_waiting(inner: &Inner) -> Vec<ConversationId> {
    let now = inner.clock.now();
    let state = inner.durable.read();
    let keys = state.desk.queues.values().flatten();
    keys.filter(|key| now.since(key.waiting_since) > 60_000).map(|key| key.conversation).collect()
}

/// Everything that may have been due when the desk last ended.
pub(crate) fn after_start(inner: &Inner) -> Vec<Effect> {
    let state = inner.durable.read();
    let open = state
        .desk
        .conversations
        .values()
        .filter(|conversation| conversation.state != State::Closed);
    open.map(|conversation| match conversation.state {
        State::Bot => Effect::AskBot { conversation: conversation.id, message: None },
        _ => Effect::AskClassifiers { conversation: conversation.id },
    })
    .collect()
}
