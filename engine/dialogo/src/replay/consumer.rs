//! The people who ask: each plays one dialogue after the other, every time as somebody new.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

use super::agent::ToAgent;
use super::dialogue::{Dialogue, Who};
use super::report::Tally;
use super::talk::{Arrival, Fate, Move, Talk, View};
use super::world::World;
use crate::client::frames::{Event, Frame, Say};
use crate::client::link::{Came, Link};
use crate::client::{CallError, Verb};

/// Plays dialogues until there are none left.
pub async fn run(world: Arc<World>) {
    while let Some(dialogue) = world.take_next() {
        match play(&world, dialogue.clone()).await {
            Ok(()) => Tally::add(&world.tally.conversations),
            Err(why) => world.tally.fail(format!("{}: {why}", dialogue.id)),
        }
        world.one_ended();
    }
}

async fn play(world: &Arc<World>, dialogue: Arc<Dialogue>) -> Result<(), String> {
    let (talk, woken, cursor) = begin(world, dialogue).await.map_err(|fault| fault.to_string())?;
    let mut link = Link::new(world.api.socket_url(), talk.token.clone(), cursor);
    link.open().await.map_err(|fault| fault.to_string())?;
    let mut view = View::default();
    if talk.dialogue.turns.first().is_some_and(|turn| turn.who == Who::Agent) || world.bot {
        // Somebody else may have spoken before the cursor was read, as a page finds it when it loads.
        let history = world.api.transcript(talk.conversation, &talk.token).await;
        view.fetched(&history.map_err(|fault| fault.to_string())?);
    }
    let mut consumer = Consumer { world, talk: &talk, woken, link, view, gone: false };
    let outcome = consumer.stay().await;
    let Consumer { link, view, .. } = consumer;
    world.tally.reconnects.fetch_add(link.losses, Ordering::Relaxed);
    let failure = {
        let mut script = talk.script.lock();
        script.consumer_view = Some(view);
        if let Err(why) = &outcome {
            script.failure.get_or_insert_with(|| why.clone());
        }
        script.failure.clone()
    };
    link.close().await;
    match failure {
        Some(why) => Err(why),
        None => outcome,
    }
}

type Begun = (Arc<Talk>, mpsc::UnboundedReceiver<()>, Option<u64>);

async fn begin(world: &Arc<World>, dialogue: Arc<Dialogue>) -> Result<Begun, CallError> {
    let mut body = json!({ "name": dialogue.id, "channel": "web" });
    let department =
        dialogue.services().first().and_then(|&service| world.departments.get(service)).cloned();
    if let Some(department) = department.or_else(|| world.departments.get("").cloned()) {
        body["department"] = department.into();
    }
    let answer: Value = world.api.call(Verb::Post, "/conversations", None, Some(&body)).await?;
    let malformed = |why: &str| CallError::Malformed {
        what: "POST /api/v1/conversations".into(),
        why: why.to_owned(),
    };
    let token =
        answer.get("token").and_then(Value::as_str).ok_or_else(|| malformed("no token in it"))?;
    let id = answer
        .pointer("/conversation/id")
        .or_else(|| answer.get("conversation"))
        .and_then(Value::as_str);
    let id = id
        .and_then(|id| Uuid::parse_str(id).ok())
        .ok_or_else(|| malformed("no conversation in it"))?;
    let cursor = answer.get("cursor").and_then(Value::as_u64);
    let (talk, woken) = Talk::new(dialogue, id, token.to_owned());
    world.register(&talk);
    Ok((talk, woken, cursor))
}

/// What a consumer does next.
enum Todo {
    Say(Uuid, usize),
    Close,
    Wait(Option<Instant>),
}

struct Consumer<'a> {
    world: &'a Arc<World>,
    talk: &'a Arc<Talk>,
    woken: mpsc::UnboundedReceiver<()>,
    link: Link,
    view: View,
    gone: bool,
}

impl Consumer<'_> {
    /// Writes and listens until the conversation is closed.
    async fn stay(&mut self) -> Result<(), String> {
        loop {
            let due = self.act().await?;
            if self.gone {
                return Ok(());
            }
            let patience = Instant::now() + Duration::from_secs(5);
            tokio::select! {
                came = self.link.next() => self.take(came).await?,
                Some(()) = self.woken.recv() => {}
                () = tokio::time::sleep_until(due.unwrap_or(patience).min(patience)) => {
                    if due.is_some() {
                        self.world.progress();
                    } else if self.world.is_stuck() {
                        return Err(self.where_it_stands());
                    }
                }
            }
        }
    }

    /// Does whatever may be done; the instant is when more is due.
    async fn act(&mut self) -> Result<Option<Instant>, String> {
        loop {
            match self.decide()? {
                Todo::Say(id, turn) => self.say(id, turn).await,
                Todo::Close => self.close().await?,
                Todo::Wait(due) => return Ok(due),
            }
        }
    }

    /// What is to be done now, noted as begun.
    fn decide(&self) -> Result<Todo, String> {
        let mut script = self.talk.script.lock();
        if let Some(failure) = &script.failure {
            return Err(failure.clone());
        }
        Ok(match self.talk.next_move(&script, Who::Consumer, &self.view, self.world.speed) {
            Move::Send(turn) => Todo::Say(script.sending(turn), turn),
            Move::Wait(due) => Todo::Wait(Some(due)),
            Move::Over if self.talk.dialogue.consumer_closes => {
                script.closing = true;
                Todo::Close
            }
            Move::Over | Move::Transfer(_) | Move::Nothing => Todo::Wait(None),
        })
    }

    async fn say(&mut self, id: Uuid, turn: usize) {
        let text = &self.talk.dialogue.turns[turn].text;
        self.link.say(&Say::Send { conversation: self.talk.conversation, id, text }).await;
    }

    async fn close(&mut self) -> Result<(), String> {
        let path = format!("/conversations/{}/close", self.talk.conversation);
        let answer: Result<Value, CallError> =
            self.world.api.post(&path, &self.talk.token, &json!({})).await;
        match answer {
            Ok(_) => Ok(()),
            Err(fault) => Err(format!("the consumer could not close: {fault}")),
        }
    }

    async fn take(&mut self, came: Came) -> Result<(), String> {
        match came {
            Came::Frame(frame) => self.frame(&frame).await,
            Came::Resumed => {
                self.resend().await;
                Ok(())
            }
            Came::Refresh => self.reload().await,
            Came::Unauthorized => Err("the consumer's token is no longer good".into()),
            Came::Lost(fault) => Err(fault.to_string()),
        }
    }

    async fn frame(&mut self, frame: &Frame) -> Result<(), String> {
        match frame.kind.as_str() {
            "ack" => self.acknowledged(frame),
            "event" => {
                self.world.saw_commit(frame);
                for event in &frame.events {
                    self.event(event, frame.position);
                }
                if let Some(position) = frame.position {
                    self.link.advance(position);
                }
                Ok(())
            }
            "watermark" => {
                self.link.advance(frame.position.unwrap_or(0));
                Ok(())
            }
            "error" => self.refused(frame).await,
            _ => Ok(()),
        }
    }

    fn acknowledged(&mut self, frame: &Frame) -> Result<(), String> {
        let Some(id) = frame.id else { return Err("an acknowledgement without an id".into()) };
        if frame.conversation != Some(self.talk.conversation) {
            return Err(format!("the message went to {:?}", frame.conversation));
        }
        note_ack(self.world, self.talk, id, frame);
        self.wake_agent();
        Ok(())
    }

    fn event(&mut self, event: &Event, position: Option<u64>) {
        if event.conversation != Some(self.talk.conversation) {
            return;
        }
        match event.kind.as_str() {
            "message_sent" => {
                let Some(message) = &event.message else { return };
                if self.talk.script.lock().turn_of(message.id).is_some_and(|turn| self.is_own(turn))
                {
                    return note_own(self.world, self.talk, message, position);
                }
                note_arrival(
                    self.world,
                    self.talk,
                    self.view.came(message),
                    message.id,
                    "the consumer",
                );
            }
            "conversation_closed" => self.closed(),
            _ => {}
        }
        self.world.progress();
    }

    fn is_own(&self, turn: usize) -> bool {
        self.talk.dialogue.turns[turn].who == Who::Consumer
    }

    fn closed(&mut self) {
        let mut script = self.talk.script.lock();
        script.closed = true;
        self.gone = true;
        if !script.closing {
            script.failure.get_or_insert_with(|| "it was closed before its end".into());
        }
    }

    async fn resend(&mut self) {
        let unacknowledged: Vec<(Uuid, usize)> = {
            let script = self.talk.script.lock();
            let own = script.lines.iter().enumerate().filter(|(turn, _)| self.is_own(*turn));
            own.filter(|(_, line)| line.fate == Fate::Sent)
                .map(|(turn, line)| (line.id, turn))
                .collect()
        };
        for (id, turn) in unacknowledged {
            Tally::add(&self.world.tally.resent);
            self.say(id, turn).await;
        }
    }

    /// The cursor was too old: what was missed comes by REST.
    async fn reload(&mut self) -> Result<(), String> {
        Tally::add(&self.world.tally.refreshes);
        let history = self.world.api.transcript(self.talk.conversation, &self.talk.token).await;
        self.view.fetched(&history.map_err(|fault| fault.to_string())?);
        let path = format!("/conversations/{}", self.talk.conversation);
        let state: Value =
            self.world.api.get(&path, &self.talk.token).await.map_err(|fault| fault.to_string())?;
        if state.pointer("/state").or_else(|| state.pointer("/conversation/state"))
            == Some(&json!("closed"))
        {
            self.closed();
        }
        self.resend().await;
        Ok(())
    }

    async fn refused(&mut self, frame: &Frame) -> Result<(), String> {
        let status =
            frame.problem.as_ref().and_then(|problem| problem.get("status")?.as_u64()).unwrap_or(0);
        if matches!(status, 429 | 503) && frame.id.is_some() {
            // Asked to slow down: the same message again, a little later.
            tokio::time::sleep(Duration::from_millis(250)).await;
            self.resend().await;
            return Ok(());
        }
        Err(format!("the desk did not take a message: {:?}", frame.problem))
    }

    fn wake_agent(&self) {
        // An agent acts on what it sees; only a refused line is nothing it would ever see.
        let script = self.talk.script.lock();
        if let Some(holder) = &script.holder {
            let _ = holder.inbox.send(ToAgent::Look(self.talk.conversation));
        }
    }

    fn where_it_stands(&self) -> String {
        let script = self.talk.script.lock();
        format!(
            "nothing has moved for a minute in conversation {}: at turn {} of {}, agent {:?}, service {:?}",
            self.talk.conversation,
            script.next,
            script.lines.len(),
            script.holder.as_ref().map(|holder| &holder.agent),
            script.service
        )
    }
}

/// Notes an acknowledgement of either side.
pub(super) fn note_ack(world: &World, talk: &Talk, id: Uuid, frame: &Frame) {
    let refused = frame.state.as_deref() == Some("refused");
    let fate = match (refused, frame.number) {
        (true, _) => Fate::Refused,
        (false, Some(number)) => Fate::Stored { number, rewritten: frame.text.clone() },
        (false, None) => {
            return world.tally.fail(format!("the acknowledgement of {id} has no number"));
        }
    };
    if let Some(took) = talk.script.lock().acknowledged(id, fate, frame.position) {
        world.tally.ack.add(took);
        Tally::add(if refused { &world.tally.refused } else { &world.tally.messages });
        if frame.text.is_some() && !refused {
            Tally::add(&world.tally.rewritten);
        }
    }
    world.progress();
}

/// Notes one's own message that came back as an event: the acknowledgement was lost with the connection.
pub(super) fn note_own(
    world: &World,
    talk: &Talk,
    message: &crate::client::frames::Message,
    position: Option<u64>,
) {
    let mut script = talk.script.lock();
    let Some(turn) = script.turn_of(message.id) else { return };
    let rewritten = (message.text != talk.dialogue.turns[turn].text).then(|| message.text.clone());
    let fate = Fate::Stored { number: message.number, rewritten };
    if script.acknowledged(message.id, fate, position).is_some() {
        Tally::add(&world.tally.messages);
    }
}

/// Notes a message of the other side that came over the socket.
pub(super) fn note_arrival(world: &World, talk: &Talk, arrival: Arrival, id: Uuid, who: &str) {
    match arrival {
        Arrival::Fresh => {
            let script = talk.script.lock();
            let sent = script.turn_of(id).and_then(|turn| script.lines[turn].sent_at);
            if let Some(sent) = sent {
                world.tally.delivery.add(sent.elapsed());
            }
        }
        Arrival::Known => {}
        Arrival::Doubled => {
            world.tally.fault(
                &world.tally.duplicated,
                format!("message {id} came twice to {who} in {}", talk.conversation),
            );
        }
        Arrival::OutOfOrder => {
            world.tally.fault(
                &world.tally.out_of_order,
                format!("message {id} came late to {who} in {}", talk.conversation),
            );
        }
    }
}
