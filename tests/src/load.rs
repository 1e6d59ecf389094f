//! People who talk as fast as they can, and a recorder that knows what the desk has acknowledged to them.
//!
//! The recorder is independent of the desk: what is in it was answered with `ack`, so it must be there for ever, exactly
//! once, whatever happens to the process or the power. What was sent and not answered may be there or not, and must
//! become exactly one message when it is sent again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::api::{Api, Person};
use crate::socket::{Came, Socket, events};

/// A message somebody sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Where.
    pub conversation: String,
    /// Its id.
    pub id: Uuid,
    /// What it says.
    pub text: String,
    /// Who sent it.
    pub who: Person,
}

/// An acknowledged message.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// What was sent.
    pub sent: Sent,
    /// Its number in the conversation.
    pub number: u64,
    /// Its place in the journal.
    pub position: u64,
    /// The text as stored, where a policy changed it.
    pub stored: String,
}

/// What the desk has acknowledged, and what it has not answered.
#[derive(Debug, Default)]
pub struct Recorder {
    acknowledged: Mutex<Vec<Acknowledged>>,
    open: Mutex<BTreeMap<Uuid, Sent>>,
    faults: Mutex<Vec<String>>,
}

impl Recorder {
    /// Messages acknowledged so far.
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        lock(&self.acknowledged).clone()
    }

    /// How many.
    pub fn count(&self) -> usize {
        lock(&self.acknowledged).len()
    }

    /// Messages that were sent and not answered.
    pub fn open(&self) -> Vec<Sent> {
        lock(&self.open).values().cloned().collect()
    }

    /// What went wrong besides lost connections.
    pub fn faults(&self) -> Vec<String> {
        lock(&self.faults).clone()
    }

    fn sending(&self, sent: Sent) {
        lock(&self.open).insert(sent.id, sent);
    }

    fn answered(&self, frame: &Value) {
        let id = frame["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
        let Some(sent) = lock(&self.open).remove(&id) else { return };
        if frame["type"] != "ack" || frame["state"] != "sent" {
            lock(&self.faults).push(format!("{:?} was answered with {frame}", sent.text));
            return;
        }
        let stored = frame["text"].as_str().unwrap_or(&sent.text).to_owned();
        let (number, position) =
            (frame["number"].as_u64().unwrap_or(0), frame["position"].as_u64().unwrap_or(0));
        lock(&self.acknowledged).push(Acknowledged { sent, number, position, stored });
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// People at work; they end when the connection does, or when told to.
pub struct Load {
    tasks: JoinSet<Result<()>>,
    stop: Arc<AtomicBool>,
}

/// Who takes part.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// Consumers who write all the time.
    pub consumers: usize,
    /// Messages a consumer has under way at once.
    pub ahead: usize,
}

/// Agents of the department `suporte` in the default rules.
const AGENTS: [&str; 4] = ["ana", "bruno", "carla", "davi"];

impl Load {
    /// Brings the agents on duty and starts the consumers.
    pub async fn start(
        api: &Api,
        crowd: Crowd,
        recorder: &Arc<Recorder>,
        sentences: &Arc<Vec<String>>,
    ) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for login in AGENTS {
            let agent = api.on_duty(login).await?;
            let socket = Socket::open(&agent).await?;
            tasks.spawn(answer(
                socket,
                agent,
                Arc::clone(recorder),
                Arc::clone(sentences),
                Arc::clone(&stop),
            ));
        }
        for at in 0..crowd.consumers {
            let visit = api.begin("suporte").await?;
            let socket = Socket::open(&visit.consumer).await?;
            let (recorder, sentences, stop) =
                (Arc::clone(recorder), Arc::clone(sentences), Arc::clone(&stop));
            tasks.spawn(write(
                socket,
                visit.consumer,
                visit.id,
                at,
                crowd.ahead,
                recorder,
                sentences,
                stop,
            ));
        }
        Ok(Self { tasks, stop })
    }

    /// Ends what is still going on, after the desk was killed or to let it rest.
    pub async fn end(mut self) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        let end = tokio::time::Instant::now() + Duration::from_secs(15);
        while let Ok(Some(joined)) = tokio::time::timeout_at(end, self.tasks.join_next()).await {
            joined.context("somebody of the load panicked")??;
        }
        self.tasks.abort_all();
        Ok(())
    }
}

#[expect(clippy::too_many_arguments, reason = "a task owns each of these")]
async fn write(
    mut socket: Socket,
    who: Person,
    conversation: String,
    at: usize,
    ahead: usize,
    recorder: Arc<Recorder>,
    sentences: Arc<Vec<String>>,
    stop: Arc<AtomicBool>,
) -> Result<()> {
    let mut under_way = 0;
    for round in 0.. {
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        let text = format!("{} ({at}.{round})", sentences[(at * 31 + round) % sentences.len()]);
        let sent =
            Sent { conversation: conversation.clone(), id: Uuid::new_v4(), text, who: who.clone() };
        if !send(&mut socket, &recorder, sent).await {
            return Ok(());
        }
        under_way += 1;
        while under_way >= ahead {
            let Some(frame) = next(&mut socket, &stop).await? else { return Ok(()) };
            if matches!(frame["type"].as_str(), Some("ack" | "error")) {
                recorder.answered(&frame);
                under_way -= 1;
            }
        }
    }
    Ok(())
}

async fn answer(
    mut socket: Socket,
    who: Person,
    recorder: Arc<Recorder>,
    sentences: Arc<Vec<String>>,
    stop: Arc<AtomicBool>,
) -> Result<()> {
    let mut round = 0;
    while let Some(frame) = next(&mut socket, &stop).await? {
        recorder.answered(&frame);
        let heard: Vec<String> = events(&frame)
            .filter(|event| {
                event["type"] == "message_sent" && event["message"]["author"]["side"] == "consumer"
            })
            .filter_map(|event| event["conversation"].as_str().map(str::to_owned))
            .collect();
        for conversation in heard {
            round += 1;
            let text = format!("{} (re {round})", sentences[round % sentences.len()]);
            let sent = Sent { conversation, id: Uuid::new_v4(), text, who: who.clone() };
            if !send(&mut socket, &recorder, sent).await {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Whether it went out; a lost connection is the end of a load, not a fault.
async fn send(socket: &mut Socket, recorder: &Recorder, sent: Sent) -> bool {
    let frame = json!({ "type": "send", "conversation": sent.conversation, "id": sent.id, "text": sent.text });
    recorder.sending(sent);
    socket.all.clear();
    socket.say(&frame).await.is_ok()
}

/// The next frame; nothing once the connection is lost or the load is to end.
async fn next(socket: &mut Socket, stop: &AtomicBool) -> Result<Option<Value>> {
    loop {
        match socket.next(Duration::from_millis(200)).await? {
            Some(Came::Frame(frame)) => return Ok(Some(frame)),
            Some(Came::Closed(_)) => return Ok(None),
            None if stop.load(Ordering::Relaxed) => return Ok(None),
            None => {}
        }
    }
}

/// What a check has found; all zeros but `checked` is what is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Acknowledged messages that were looked for.
    pub checked: usize,
    /// Not there.
    pub lost: usize,
    /// There more than once.
    pub doubled: usize,
    /// There with another text, number or order.
    pub changed: usize,
    /// Unanswered messages that were sent again.
    pub resent: usize,
}

impl Found {
    /// Nothing lost, doubled or changed.
    pub fn is_good(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.changed == 0
    }
}

/// Looks for every acknowledged message with the eyes of somebody who sees all, sends again what was not answered, and
/// looks for that too.
pub async fn check(api: &Api, recorder: &Recorder) -> Result<Found> {
    let faults = recorder.faults();
    ensure!(faults.is_empty(), "the desk answered wrongly: {faults:?}");
    let all_seeing = api.log_in("sofia").await?;
    let mut found = Found::default();
    let resent = resend(api, recorder).await?;
    found.resent = resent.len();
    let mut by_conversation: BTreeMap<String, Vec<Acknowledged>> = BTreeMap::new();
    for one in recorder.acknowledged().into_iter().chain(resent) {
        by_conversation.entry(one.sent.conversation.clone()).or_default().push(one);
    }
    for (conversation, acknowledged) in by_conversation {
        let transcript = all_seeing.transcript(&conversation).await?;
        let numbers: Vec<u64> =
            transcript.iter().filter_map(|message| message["number"].as_u64()).collect();
        if !numbers.windows(2).all(|pair| pair[0] < pair[1]) {
            found.changed += 1;
        }
        let mut places: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for message in &transcript {
            places
                .entry(message["id"].as_str().unwrap_or_default().to_owned())
                .or_default()
                .push(message);
        }
        for one in acknowledged {
            found.checked += 1;
            match places.get(&one.sent.id.to_string()).map(Vec::as_slice) {
                None => {
                    found.lost += 1;
                    eprintln!(
                        "LOST: {:?} number {} position {} in {conversation}",
                        one.sent.text, one.number, one.position
                    );
                }
                Some([message]) => {
                    let same = message["text"] == json!(one.stored)
                        && message["number"] == json!(one.number);
                    found.changed += usize::from(!same);
                }
                Some(_) => found.doubled += 1,
            }
        }
    }
    Ok(found)
}

/// Sends what was not answered once more, and then again: both answers must name the same message.
async fn resend(api: &Api, recorder: &Recorder) -> Result<Vec<Acknowledged>> {
    let mut done = Vec::new();
    for sent in std::mem::take(&mut *lock(&recorder.open)).into_values() {
        // Tokens of accounts are sessions, which may be lost with the views; tokens of consumers are not.
        let who = api.with_token(sent.who.token()?);
        let first = who.say_as(&sent.conversation, sent.id, &sent.text).await?;
        if first.status == 401 && !sent.who.token()?.starts_with("c1.") {
            continue;
        }
        let first = first.expect(201)?;
        let second = who.say_as(&sent.conversation, sent.id, &sent.text).await?.expect(201)?;
        for member in ["number", "position", "conversation"] {
            if first[member] != second[member] {
                bail!("a message sent twice had two answers: {first} and {second}");
            }
        }
        let (Some(number), Some(position)) = (first["number"].as_u64(), first["position"].as_u64())
        else {
            bail!("no number or position in {first}");
        };
        let stored = first["text"].as_str().unwrap_or(&sent.text).to_owned();
        done.push(Acknowledged { sent, number, position, stored });
    }
    Ok(done)
}
