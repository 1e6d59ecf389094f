//! The simulated people of the demo desk: consumers who write, and agents who answer some of them.
//!
//! They are polite and slow, and hold no more than a demo needs: an agent that a visitor logs in as is
//! left alone, and a consumer goes on whoever answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::{ACCOUNTS, PASSWORD, Sample, samples};
use crate::client::frames::{Event, Message, Say};
use crate::client::link::{Came, Link};
use crate::client::{Api, CallError, Session, Verb};
use crate::replay::dialogue::Who;

/// Consumers at a time, and windows of each simulated agent: a few always wait, so that a visitor who goes online has
/// something to do at once, and four windows full within a minute; and no more than a few, so that the queue is one that
/// people believe.
const CONSUMERS: usize = 14;
const WINDOWS: u32 = 2;
/// Between the first consumers.
const STAGGER: Duration = Duration::from_millis(1_500);

/// How long somebody waits whom nobody has answered, and how long for the next answer: whoever tries the desk may not
/// have seen it.
const PATIENCE: Duration = Duration::from_secs(150);
const LONG_PATIENCE: Duration = Duration::from_mins(10);

/// The department of the account that the README names: every other consumer goes there.
const MAIN: &str = "suporte";

/// What the simulated people share.
struct Stage {
    api: Api,
    /// For the main department, and for all others.
    samples: [Vec<Arc<Sample>>; 2],
    next: AtomicUsize,
    /// What is being played where.
    talks: Mutex<HashMap<Uuid, Arc<Sample>>>,
}

impl Stage {
    /// What the consumer with this number says.
    fn sample(&self, number: usize) -> Arc<Sample> {
        let samples = &self.samples[number % 2];
        Arc::clone(&samples[number / 2 % samples.len()])
    }
}

/// Lets the people live for as long as the desk serves at `url`.
pub async fn live(url: &str) -> Result<(), CallError> {
    let stage = Arc::new(Stage {
        api: Api::new(url)?,
        samples: samples().into_iter().partition::<Vec<_>, _>(|it| it.department == MAIN).into(),
        next: AtomicUsize::new(0),
        talks: Mutex::default(),
    });
    let mut people = tokio::task::JoinSet::new();
    for (login, ..) in ACCOUNTS.iter().filter(|account| account.3) {
        people.spawn(agent(stage.clone(), login));
    }
    for number in 0..CONSUMERS {
        people.spawn(consumer(stage.clone(), STAGGER * number as u32));
    }
    while people.join_next().await.is_some() {}
    Ok(())
}

/// A pause between two bounds, in seconds, different every time.
fn pause(from: u64, to: u64) -> Duration {
    let mut byte = [0; 2];
    let share = if getrandom::fill(&mut byte).is_ok() {
        f64::from(u16::from_le_bytes(byte)) / 65_536.0
    } else {
        0.5
    };
    Duration::from_secs_f64(from as f64 + (to - from) as f64 * share)
}

async fn consumer(stage: Arc<Stage>, after: Duration) {
    tokio::time::sleep(after).await;
    loop {
        let number = stage.next.fetch_add(1, Ordering::Relaxed);
        let sample = stage.sample(number);
        // Some do not say where they want to go: the bot asks them.
        let knows_where = number % 4 != 2;
        if let Err(fault) = Visit::make(&stage, &sample, knows_where).await {
            tracing::debug!(%fault, sample = sample.id, "a simulated consumer gave up");
        }
        tokio::time::sleep(pause(10, 40)).await;
    }
}

/// One consumer's visit.
struct Visit {
    sample: Arc<Sample>,
    conversation: Uuid,
    link: Link,
    next: usize,
    /// When the next line is due.
    due: Option<Instant>,
    /// Until when it waits for an answer.
    patience: Instant,
}

impl Visit {
    async fn make(stage: &Stage, sample: &Arc<Sample>, knows_where: bool) -> Result<(), CallError> {
        let department = knows_where.then_some(&sample.department);
        let body = json!({
            "name": sample.name, "locale": sample.locale, "channel": "web", "department": department,
        });
        let begun: Value = stage.api.call(Verb::Post, "/conversations", None, Some(&body)).await?;
        let token = begun.get("token").and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = begun
            .pointer("/conversation/id")
            .and_then(Value::as_str)
            .and_then(|id| Uuid::parse_str(id).ok());
        let Some(conversation) = id else {
            return Err(CallError::Malformed {
                what: "POST /api/v1/conversations".into(),
                why: "no id".into(),
            });
        };
        stage.talks.lock().insert(conversation, sample.clone());
        let cursor = begun.get("cursor").and_then(Value::as_u64);
        let mut link = Link::new(stage.api.socket_url(), token.clone(), cursor);
        link.open().await?;
        let due = Some(Instant::now() + pause(1, 4));
        let mut visit = Self {
            sample: sample.clone(),
            conversation,
            link,
            next: 0,
            due,
            patience: Instant::now() + PATIENCE,
        };
        let outcome = visit.stay(stage, &token).await;
        stage.talks.lock().remove(&conversation);
        visit.link.close().await;
        outcome
    }

    async fn stay(&mut self, stage: &Stage, token: &str) -> Result<(), CallError> {
        loop {
            let patience = self.patience;
            tokio::select! {
                came = self.link.next() => match came {
                    Came::Frame(frame) => {
                        for event in &frame.events {
                            if event.kind == "conversation_closed" {
                                return Ok(());
                            }
                            self.listen(event).await;
                        }
                        self.link.advance(frame.position.unwrap_or(0));
                    }
                    Came::Resumed | Came::Refresh => {}
                    Came::Unauthorized => return Ok(()),
                    Came::Lost(fault) => return Err(fault),
                },
                () = tokio::time::sleep_until(self.due.unwrap_or(patience).min(patience)) => {
                    if Instant::now() >= patience || self.next >= self.sample.turns.len() {
                        let path = format!("/conversations/{}/close", self.conversation);
                        let _: Value = stage.api.post(&path, token, &json!({})).await?;
                        return Ok(());
                    }
                    self.speak().await;
                }
            }
        }
    }

    /// Says the next lines of the consumer.
    async fn speak(&mut self) {
        self.due = None;
        while let Some(turn) =
            self.sample.turns.get(self.next).filter(|turn| turn.who == Who::Consumer)
        {
            let text = turn.text.clone();
            self.write(&text).await;
            self.next += 1;
        }
    }

    async fn write(&mut self, text: &str) {
        self.link
            .say(&Say::Send { conversation: self.conversation, id: Uuid::new_v4(), text })
            .await;
    }

    /// Hears an answer, whoever gave it, and goes on after a while.
    async fn listen(&mut self, event: &Event) {
        let Some(message) = event.message.as_ref().filter(|_| event.kind == "message_sent") else {
            return;
        };
        match message.author.side.as_str() {
            "agent" => {
                self.patience = Instant::now() + LONG_PATIENCE;
                self.link.say(&Say::Typing { conversation: self.conversation }).await;
                while self.sample.turns.get(self.next).is_some_and(|turn| turn.who == Who::Agent) {
                    self.next += 1;
                }
                self.due = Some(
                    Instant::now()
                        + if self.next < self.sample.turns.len() {
                            pause(4, 10)
                        } else {
                            pause(20, 40)
                        },
                );
            }
            "bot" if self.next > 0 => self.choose(message).await,
            _ => {}
        }
    }

    /// Answers a bot's menu with the department the dialogue is about.
    async fn choose(&mut self, message: &Message) {
        let wanted = message.choices.iter().find(|choice| {
            let title = choice.title.to_lowercase();
            title.contains(&self.sample.department)
                || choice.payload.as_deref() == Some(self.sample.department.as_str())
        });
        if let Some(choice) = wanted.or(message.choices.first()) {
            let text = choice.payload.clone().unwrap_or_else(|| choice.title.clone());
            self.write(&text).await;
        }
    }
}

async fn agent(stage: Arc<Stage>, login: &'static str) {
    loop {
        if let Err(fault) = Shift::work(&stage, login).await {
            tracing::debug!(%fault, login, "a simulated agent starts again");
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

/// One agent's shift.
struct Shift {
    session: Session,
    link: Link,
    held: HashMap<Uuid, Window>,
}

/// A conversation in front of a simulated agent.
#[derive(Default)]
struct Window {
    /// How many answers were given.
    said: usize,
    due: Option<Instant>,
}

impl Shift {
    async fn work(stage: &Stage, login: &str) -> Result<(), CallError> {
        let session = stage.api.log_in(login, PASSWORD).await?;
        let mut link = Link::new(stage.api.socket_url(), session.token.clone(), None);
        link.open().await?;
        let path = format!("/agents/{}/presence", session.agent);
        let limit = format!("/agents/{}/limit", session.agent);
        let windows = json!({ "limit": WINDOWS });
        let _: Value =
            stage.api.call(Verb::Put, &limit, Some(&session.token), Some(&windows)).await?;
        let body = json!({ "presence": "online" });
        let _: Value = stage.api.call(Verb::Put, &path, Some(&session.token), Some(&body)).await?;
        let mut shift = Self { session, link, held: HashMap::new() };
        loop {
            let far = Instant::now() + Duration::from_hours(1);
            let due = shift.held.values().filter_map(|window| window.due).min().unwrap_or(far);
            tokio::select! {
                came = shift.link.next() => match came {
                    Came::Frame(frame) => {
                        for event in &frame.events {
                            shift.listen(event);
                        }
                        shift.link.advance(frame.position.unwrap_or(0));
                    }
                    Came::Resumed => {}
                    Came::Refresh | Came::Unauthorized => return Ok(()),
                    Came::Lost(fault) => return Err(fault),
                },
                () = tokio::time::sleep_until(due) => shift.answer(stage).await?,
            }
        }
    }

    fn listen(&mut self, event: &Event) {
        let Some(conversation) = event.conversation else { return };
        match event.kind.as_str() {
            "conversation_assigned" if event.agent_id() == Some(self.session.agent.as_str()) => {
                let window =
                    Window { due: Some(Instant::now() + pause(5, 12)), ..Window::default() };
                self.held.insert(conversation, window);
            }
            "conversation_assigned"
            | "conversation_transferred"
            | "conversation_closed"
            | "conversation_queued" => {
                self.held.remove(&conversation);
            }
            "message_sent"
                if event
                    .message
                    .as_ref()
                    .is_some_and(|message| message.author.side == "consumer") =>
            {
                if let Some(window) = self.held.get_mut(&conversation) {
                    window.due = Some(Instant::now() + pause(4, 12));
                }
            }
            _ => {}
        }
    }

    /// Answers wherever an answer is due; finishes where everything is said.
    async fn answer(&mut self, stage: &Stage) -> Result<(), CallError> {
        let now = Instant::now();
        let due = |window: &Window| window.due.is_some_and(|due| due <= now);
        let ready: Vec<Uuid> =
            self.held.iter().filter(|(_, window)| due(window)).map(|(id, _)| *id).collect();
        for conversation in ready {
            let Some(window) = self.held.get_mut(&conversation) else { continue };
            window.due = None;
            let sample = stage.talks.lock().get(&conversation).cloned();
            let Some(sample) = sample else {
                // Somebody who tries the widget: a real person is answered in general terms.
                window.said += 1;
                let text = "Olá! Este é um atendente simulado do modo de demonstração. 🙂";
                if window.said == 1 {
                    self.link.say(&Say::Send { conversation, id: Uuid::new_v4(), text }).await;
                }
                continue;
            };
            let answer = sample.turns.iter().filter(|turn| turn.who == Who::Agent).nth(window.said);
            window.said += 1;
            match answer {
                Some(turn) => {
                    self.link
                        .say(&Say::Send { conversation, id: Uuid::new_v4(), text: &turn.text })
                        .await;
                }
                None => self.finish(stage, conversation, &sample).await?,
            }
        }
        Ok(())
    }

    async fn finish(
        &self,
        stage: &Stage,
        conversation: Uuid,
        sample: &Sample,
    ) -> Result<(), CallError> {
        let path = format!("/conversations/{conversation}/close");
        let body = json!({ "classify": { "node": sample.labels.node } });
        match stage.api.post::<Value>(&path, &self.session.token, &body).await {
            Err(fault) if !fault.is_refusal() => Err(fault),
            _ => Ok(()),
        }
    }
}
