//! The plugins of one generation of the rules, in order, and the questions one can put to them.
//!
//! One hop per event: the question goes to a worker thread, there all plugins bound to the hook are asked one after the
//! other, and one merged answer comes back. Nothing bound: answered at once, without a hop. How answers are merged is in
//! `merge.rs`, how one plugin is asked in `unit.rs`.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::breaker::Permit;
use crate::cases;
use crate::catalogue::Catalogue;
use crate::emoji::{self, EmojisFound};
use crate::failure::Failure;
use crate::hook::Hook;
use crate::host::Shared;
use crate::input::{
    Attachment, Call, CannedReply, Conversation, Event, Message, Side, Target, Trigger,
};
use crate::merge::{self, Said};
use crate::metrics::HookCounters;
use crate::question::{Answer, Question};
use crate::recording::recorder::Tape;
use crate::share;
use crate::unit::{Cost, Unit};
use crate::verdict::{
    AttachmentOutcome, BotOutcome, ClassifyOutcome, Decision, MessageOutcome, Mode, ObserveOutcome,
    OnFailure, RepliesOutcome, TransferOutcome,
};
use crate::workers::{Lane, Warm};

/// Bytes of a file that plugins see.
pub const HEAD_BYTES: usize = 4_096;

/// A plugin at a hook.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) unit: Arc<Unit>,
    pub(crate) hook: Hook,
    pub(crate) order: i32,
    pub(crate) mode: Mode,
    pub(crate) on_failure: OnFailure,
    pub(crate) departments: Arc<[Arc<str>]>,
    pub(crate) percent: u8,
    pub(crate) replaces: Option<Arc<str>>,
    pub(crate) counters: Arc<HookCounters>,
    pub(crate) tape: Option<Arc<Tape>>,
}

impl Seat {
    fn covers(&self, conversation: &Conversation) -> bool {
        self.departments.is_empty()
            || conversation
                .department
                .as_ref()
                .is_some_and(|department| self.departments.contains(department))
    }

    /// Its word does not count: it is asked in shadow, and a failure is no refusal.
    fn watch_only(&mut self) {
        self.mode = Mode::Shadow;
        self.on_failure = OnFailure::Open;
    }

    fn said(&self, result: Result<Answer, Failure>, took_us: u64) -> Said {
        Said {
            plugin: self.unit.id.clone(),
            version: self.unit.version.clone(),
            digest: self.unit.digest.clone(),
            hook: self.hook,
            mode: self.mode,
            on_failure: self.on_failure,
            took_us,
            result,
        }
    }
}

/// Cheap to clone. A call keeps its chain to the end, whatever is activated meanwhile.
#[derive(Clone, Debug)]
pub struct Chain {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    host: Arc<Shared>,
    units: Vec<Arc<Unit>>,
    by_hook: [Arc<[Seat]>; Hook::ALL.len()],
    catalogue: Arc<Catalogue>,
}

impl Chain {
    pub(crate) fn new(
        host: Arc<Shared>,
        units: Vec<Arc<Unit>>,
        mut seats: Vec<Seat>,
        catalogue: Arc<Catalogue>,
    ) -> Self {
        seats.sort_by_key(|seat| seat.order);
        let by_hook =
            Hook::ALL.map(|hook| seats.iter().filter(|seat| seat.hook == hook).cloned().collect());
        Chain { inner: Arc::new(Inner { host, units, by_hook, catalogue }) }
    }

    /// Whether any plugin is asked at this hook.
    pub fn has(&self, hook: Hook) -> bool {
        !self.inner.by_hook[hook as usize].is_empty()
    }

    /// The same, with the word of one plugin counting also where it is asked in shadow: for trying its rules.
    #[must_use]
    pub fn counting(&self, plugin: &str) -> Self {
        let by_hook = self.inner.by_hook.each_ref().map(|seats| {
            let seats = seats.iter().cloned().map(|mut seat| {
                if *seat.unit.id == *plugin {
                    (seat.mode, seat.percent) = (Mode::Enforce, 100);
                } else if seat.replaces.as_deref() == Some(plugin) {
                    seat.watch_only();
                }
                seat
            });
            seats.collect()
        });
        Chain {
            inner: Arc::new(Inner {
                host: Arc::clone(&self.inner.host),
                units: self.inner.units.clone(),
                by_hook,
                catalogue: Arc::clone(&self.inner.catalogue),
            }),
        }
    }

    /// How many of the last messages `conversation.recent` should hold for this hook.
    pub fn recent_needed(&self, hook: Hook) -> usize {
        self.inner.by_hook[hook as usize].iter().map(|seat| seat.unit.sees()).max().unwrap_or(0)
    }

    /// The tree it was prepared with.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.inner.catalogue
    }

    /// Id, version and component digest of every plugin bound.
    pub fn plugins(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.inner.units.iter().map(|unit| (&*unit.id, &*unit.version, &*unit.digest))
    }

    pub(crate) fn unit(&self, id: &str) -> Option<&Arc<Unit>> {
        self.inner.units.iter().find(|unit| *unit.id == *id)
    }

    /// Message policies over the text and emoji policies over the emojis in it.
    pub fn judge_message(
        &self,
        call: Call,
        conversation: Arc<Conversation>,
        message: Arc<Message>,
    ) -> Pending<MessageOutcome> {
        let found = if self.has(Hook::MessagePolicy) || self.has(Hook::EmojiPolicy) {
            emoji::find(&message.text)
        } else {
            EmojisFound::default()
        };
        let message = with_emojis(message, &found);
        let mut questions = vec![Question::Message {
            conversation: conversation.clone(),
            message: message.clone(),
        }];
        if !found.emojis.is_empty() {
            let emojis = found.emojis.clone().into();
            questions.push(Question::Emoji { by: message.author.side, conversation, emojis });
        }
        self.ask(call, questions, move |said| {
            merge::message(said, &message.text, &found, !message.attachments.is_empty())
        })
    }

    /// Attachment policies over one file. `head`: its first bytes; cut to [`HEAD_BYTES`].
    pub fn judge_attachment(
        &self,
        call: Call,
        by: Side,
        conversation: Arc<Conversation>,
        attachment: Arc<Attachment>,
        head: &[u8],
    ) -> Pending<AttachmentOutcome> {
        let head = head[..head.len().min(HEAD_BYTES)].into();
        self.ask(
            call,
            vec![Question::Attachment { by, conversation, attachment, head }],
            merge::attachment,
        )
    }

    /// Classifiers over a conversation: at most `limit` suggestions.
    pub fn classify(
        &self,
        call: Call,
        conversation: Arc<Conversation>,
        limit: u32,
    ) -> Pending<ClassifyOutcome> {
        self.ask(call, vec![Question::Classify { conversation, limit }], move |said| {
            merge::classify(said, limit)
        })
    }

    /// Transfer rules: over what an agent asks for (`requested`), or on the engine's own account.
    pub fn judge_transfer(
        &self,
        call: Call,
        trigger: Trigger,
        requested: Option<Target>,
        conversation: Arc<Conversation>,
    ) -> Pending<TransferOutcome> {
        let question = Question::Transfer { trigger, requested: requested.clone(), conversation };
        self.ask(call, vec![question], move |said| merge::transfer(said, requested.as_ref()))
    }

    /// Bots. `message`: none when the consumer has just arrived. `state`: as the last answer left it.
    pub fn answer(
        &self,
        call: Call,
        conversation: Arc<Conversation>,
        message: Option<Arc<Message>>,
        state: Option<Arc<[u8]>>,
    ) -> Pending<BotOutcome> {
        self.ask(call, vec![Question::Bot { conversation, message, state }], merge::bot)
    }

    /// Observers, after the fact.
    pub fn observe(
        &self,
        call: Call,
        event: Event,
        conversation: Arc<Conversation>,
    ) -> Pending<ObserveOutcome> {
        self.ask(call, vec![Question::Observe { event, conversation }], merge::observe)
    }

    /// What the agent could answer: at most `limit` replies. `canned`: what the desk keeps ready for this conversation.
    pub fn suggest_replies(
        &self,
        call: Call,
        conversation: Arc<Conversation>,
        canned: Arc<[CannedReply]>,
        limit: u32,
    ) -> Pending<RepliesOutcome> {
        let question = Question::Replies { conversation, canned, limit };
        self.ask(call, vec![question], move |said| merge::replies(said, limit))
    }

    /// Who is asked, and whose word counts in this very conversation.
    fn seated(&self, question: &Question) -> Vec<Seat> {
        let conversation = question.conversation();
        let mut seats: Vec<Seat> = self.inner.by_hook[question.hook() as usize]
            .iter()
            .filter(|seat| conversation.is_none_or(|one| seat.covers(one)))
            .cloned()
            .collect();
        let Some(conversation) = conversation else { return seats };
        for seat in &mut seats {
            if seat.mode == Mode::Enforce
                && !share::counts(&seat.unit.id, &conversation.id, seat.percent)
            {
                seat.watch_only();
            }
        }
        let replaced: Vec<Arc<str>> = seats
            .iter()
            .filter(|seat| seat.mode == Mode::Enforce)
            .filter_map(|seat| seat.replaces.clone())
            .collect();
        for seat in seats.iter_mut().filter(|seat| replaced.contains(&seat.unit.id)) {
            seat.watch_only();
        }
        seats
    }

    fn ask<T: Outcome>(
        &self,
        call: Call,
        questions: Vec<Question>,
        merge: impl FnOnce(&[Said]) -> T + Send + 'static,
    ) -> Pending<T> {
        let asked: Vec<(Seat, usize)> = questions
            .iter()
            .enumerate()
            .flat_map(|(index, question)| {
                let seats = self.seated(question).into_iter();
                seats.map(move |seat| (seat, index))
            })
            .collect();
        if asked.is_empty() {
            return Pending::Ready(Some(merge(&[])));
        }
        let waited_for = !call.dry_run && questions.iter().any(Question::is_waited_for);
        let lane = if waited_for { Lane::WaitedFor } else { Lane::Later };
        let (sender, receiver) = oneshot::channel();
        let event = Errand {
            host: self.inner.host.clone(),
            call: Arc::new(call),
            questions,
            asked,
            queued: Instant::now(),
        };
        let finish = move |event: &Errand, said: &[Said]| {
            let outcome = merge(said);
            event.count_agreement(outcome.decisions());
            // Nobody waits any more: nothing to tell.
            let _ = sender.send(outcome);
        };
        // Shared between the job and the refusal, of which only one happens.
        let parcel = Arc::new(parking_lot::Mutex::new(Some((event, finish))));
        let taken = parcel.clone();
        let job = Box::new(move |warm: &mut Warm| {
            if let Some((event, finish)) = taken.lock().take() {
                let said = event.run(warm);
                finish(&event, &said);
            }
        });
        if self.inner.host.workers.submit(lane, job).is_err()
            && let Some((event, finish)) = parcel.lock().take()
        {
            let said = event.refuse("too many events wait for a plugin worker");
            finish(&event, &said);
        }
        Pending::Waiting(receiver)
    }
}

fn with_emojis(message: Arc<Message>, found: &EmojisFound) -> Arc<Message> {
    if message.emojis == found.emojis {
        return message;
    }
    Arc::new(Message { emojis: found.emojis.clone(), ..Message::clone(&message) })
}

/// One event on its way to a worker, with everybody who is to be asked about it.
struct Errand {
    host: Arc<Shared>,
    call: Arc<Call>,
    questions: Vec<Question>,
    asked: Vec<(Seat, usize)>,
    queued: Instant,
}

impl Errand {
    fn run(&self, warm: &mut Warm) -> Vec<Said> {
        let waited_us = self.queued.elapsed().as_micros() as u64;
        for (seat, _) in self.asked.iter().filter(|_| !self.call.dry_run) {
            seat.counters.waited(waited_us);
        }
        if waited_us > self.host.config.queue_wait_ms.saturating_mul(1_000) {
            return self.refuse("the event waited too long for a plugin worker");
        }
        self.asked
            .iter()
            .map(|(seat, index)| self.ask_seat(warm, seat, &self.questions[*index]))
            .collect()
    }

    fn refuse(&self, why: &str) -> Vec<Said> {
        self.asked
            .iter()
            .map(|(seat, _)| self.kept_back(seat, Failure::Overloaded(why.into())))
            .collect()
    }

    /// The plugin was not asked.
    fn kept_back(&self, seat: &Seat, failure: Failure) -> Said {
        if !self.call.dry_run {
            seat.counters.failed(failure.kind());
        }
        seat.said(Err(failure), 0)
    }

    fn ask_seat(&self, warm: &mut Warm, seat: &Seat, question: &Question) -> Said {
        let unit = &seat.unit;
        if let Err(reason) = &unit.loaded {
            return self.kept_back(seat, Failure::Missing(reason.clone()));
        }
        if let Err(failure) = self.permitted(unit, question) {
            return self.kept_back(seat, failure);
        }
        let asked = catch_unwind(AssertUnwindSafe(|| match unit.reuse {
            Some(calls) => {
                let mut sandbox = warm.take(unit);
                let asked = unit.ask_warm(&mut sandbox, calls, &self.call, question);
                warm.put(unit, sandbox);
                asked
            }
            None => unit.ask_fresh(&self.call, question),
        }));
        let (answer, cost) = asked.unwrap_or_else(|_| {
            tracing::error!(plugin = &*unit.id, "the plugin host panicked while asking");
            (Err(Failure::Internal("the host panicked while asking".into())), Cost::default())
        });
        self.note(seat, question, cost, answer.as_ref().err());
        if let Some(tape) = seat.tape.as_ref().filter(|_| !self.call.dry_run) {
            tape.take(unit, &self.call, question, &answer, cost.took_us);
        }
        seat.said(answer, cost.took_us)
    }

    /// What is only tried out is not counted, opens no breaker, and is not kept back by what live calls did to it.
    fn permitted(&self, unit: &Arc<Unit>, question: &Question) -> Result<(), Failure> {
        if self.call.dry_run {
            return Ok(());
        }
        let mut breaker = unit.breaker.lock();
        let input = breaker.remembers_inputs().then(|| question.essence(&self.host.hasher));
        match breaker.permit(self.host.now_ms(), input) {
            Permit::Go => Ok(()),
            Permit::Wait { retry_in_ms } => Err(Failure::Quarantined {
                reason: breaker.reason().to_owned(),
                retry_in_ms: Some(retry_in_ms),
            }),
            Permit::SkipInput => Err(Failure::Quarantined {
                reason: "it failed twice on this very input".into(),
                retry_in_ms: None,
            }),
            Permit::Probe => {
                let failure = Failure::Quarantined {
                    reason: breaker.reason().to_owned(),
                    retry_in_ms: Some(0),
                };
                drop(breaker);
                probe(self.host.clone(), unit.clone());
                Err(failure)
            }
        }
    }

    /// Counts a call and tells the breaker.
    fn note(&self, seat: &Seat, question: &Question, cost: Cost, failure: Option<&Failure>) {
        if self.call.dry_run {
            return;
        }
        let (unit, hook) = (&seat.unit, seat.hook);
        seat.counters.called(cost.took_us, cost.peak_memory_bytes);
        let Some(failure) = failure else {
            unit.breaker.lock().succeeded();
            return;
        };
        seat.counters.failed(failure.kind());
        let input = question.essence(&self.host.hasher);
        tracing::warn!(plugin = &*unit.id, %hook, call = %self.call.call_id, %failure, "plugin failed");
        let opened = unit.breaker.lock().failed(
            self.host.now_ms(),
            failure.weight(),
            input,
            &failure.to_string(),
        );
        if opened {
            tracing::error!(plugin = &*unit.id, %hook, %failure, "plugin quarantined: it fails too often");
        }
    }

    fn count_agreement(&self, decisions: &[Decision]) {
        if self.call.dry_run {
            return;
        }
        // One decision per seat, in the same order.
        for ((seat, _), decision) in self.asked.iter().zip(decisions) {
            if let Some(agreed) = decision.agrees {
                seat.counters.compared(agreed);
            }
        }
    }
}

/// Runs a quarantined plugin's own cases, aside, and tells its breaker.
fn probe(host: Arc<Shared>, unit: Arc<Unit>) {
    let run = {
        let (host, unit) = (host.clone(), unit.clone());
        move || {
            let failed = catch_unwind(AssertUnwindSafe(|| {
                let mut outcomes = unit.cases.iter().map(|case| cases::run_one(&unit, case));
                outcomes
                    .find(|outcome| !outcome.passed())
                    .map(|outcome| format!("its case \"{}\" fails", outcome.name))
            }))
            .unwrap_or_else(|_| Some("the host panicked while probing".into()));
            let reason = failed.unwrap_or_default();
            tracing::info!(
                plugin = &*unit.id,
                passed = reason.is_empty(),
                reason,
                "quarantined plugin probed"
            );
            unit.breaker.lock().probed(host.now_ms(), reason.is_empty(), &reason);
        }
    };
    if std::thread::Builder::new().name("plugin-probe".into()).spawn(run).is_err() {
        unit.breaker.lock().probed(host.now_ms(), false, "no thread to probe on");
    }
}

/// What all outcomes have.
trait Outcome: Send + 'static {
    fn decisions(&self) -> &[Decision];
}

macro_rules! outcomes {
    ($($outcome:ty),* $(,)?) => {$(
        impl Outcome for $outcome {
            fn decisions(&self) -> &[Decision] {
                &self.decisions
            }
        }
    )*};
}
outcomes!(
    MessageOutcome,
    AttachmentOutcome,
    ClassifyOutcome,
    TransferOutcome,
    BotOutcome,
    ObserveOutcome,
    RepliesOutcome
);

/// An outcome on its way. Await it, or [`wait`](Pending::wait) on a thread that runs no tasks.
#[derive(Debug)]
#[must_use = "nothing has been decided until it is awaited"]
pub enum Pending<T> {
    /// Nobody had to be asked.
    Ready(Option<T>),
    /// A worker is at it.
    Waiting(oneshot::Receiver<T>),
}

impl<T> Pending<T> {
    /// Blocks until it is there. Panics on a thread that runs tasks: await it there.
    pub fn wait(self) -> T {
        match self {
            Pending::Ready(outcome) => outcome.expect("an outcome is taken once"),
            Pending::Waiting(receiver) => {
                receiver.blocking_recv().expect("merging verdicts does not panic")
            }
        }
    }

    /// Whether no worker is involved.
    pub fn is_ready(&self) -> bool {
        matches!(self, Pending::Ready(_))
    }
}

impl<T: Unpin> Future for Pending<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match self.get_mut() {
            Pending::Ready(outcome) => {
                Poll::Ready(outcome.take().expect("an outcome is taken once"))
            }
            Pending::Waiting(receiver) => Pin::new(receiver)
                .poll(context)
                .map(|outcome| outcome.expect("merging verdicts does not panic")),
        }
    }
}
