//! The people who answer: each keeps one socket open and takes what the desk gives it.
//!
//! An agent never asks whether it may answer a conversation; it learns from events what it holds,
//! as the console does. Slow calls run beside the socket and come back through the inbox.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

use super::Call;
use super::consumer::{note_ack, note_arrival, note_own};
use super::dialogue::Who;
use super::report::Tally;
use super::talk::{Fate, Holder, Move, Talk, View};
use super::world::World;
use crate::client::frames::{Event, Frame, Message, Say};
use crate::client::link::{Came, Link};
use crate::client::{CallError, Session, Verb};

/// What an agent is told besides what the socket says.
pub enum ToAgent {
    /// A conversation it was given is part of the replay.
    Registered(Arc<Talk>),
    /// Something has changed in a conversation that no frame tells.
    Look(Uuid),
    /// The history of a conversation has come.
    Loaded(Uuid, Result<Vec<Message>, CallError>),
    /// A transfer was answered.
    Transferred(Uuid, String, Result<(), CallError>),
    /// A close was answered.
    Closed(Uuid, Result<(), CallError>),
    /// The list of what it holds has come.
    Mine(Result<Vec<Uuid>, CallError>),
    /// Send again what was not acknowledged.
    Resend,
    /// Everything is played.
    Over,
}

/// A login of an agent.
#[derive(Clone, Debug)]
pub struct Account {
    /// The login.
    pub login: String,
    /// Its password.
    pub password: String,
}

/// An agent at work.
pub struct Agent {
    world: Arc<World>,
    account: Account,
    session: Session,
    link: Link,
    inbox: mpsc::UnboundedReceiver<ToAgent>,
    own_inbox: mpsc::UnboundedSender<ToAgent>,
    held: HashMap<Uuid, Held>,
    unacknowledged: VecDeque<(Uuid, Arc<Talk>)>,
}

/// A conversation the agent has.
struct Held {
    talk: Option<Arc<Talk>>,
    view: View,
    /// The commit that gave it.
    since: u64,
    loaded: bool,
    /// Times the history was asked for.
    asked: u32,
    /// Whether a transfer or close is under way.
    busy: bool,
    due: Option<Instant>,
}

/// What an agent does next in a conversation.
enum Todo {
    Say(Uuid, usize),
    Transfer(String),
    Close,
}

/// The history may be asked for so often until it holds all that came before the assignment.
const HISTORY_TRIES: u32 = 40;

impl Agent {
    /// Logs in, connects and goes online.
    pub async fn arrive(world: Arc<World>, account: Account) -> Result<Self, CallError> {
        let session = world.api.log_in(&account.login, &account.password).await?;
        let mut link = Link::new(world.api.socket_url(), session.token.clone(), None);
        link.open().await?;
        go_online(&world, &session).await?;
        let (own_inbox, inbox) = mpsc::unbounded_channel();
        Ok(Self {
            world,
            account,
            session,
            link,
            inbox,
            own_inbox,
            held: HashMap::new(),
            unacknowledged: VecDeque::new(),
        })
    }

    /// Where it hears.
    pub fn inbox(&self) -> mpsc::UnboundedSender<ToAgent> {
        self.own_inbox.clone()
    }

    /// Answers until it is told that everything is played.
    pub async fn work(mut self) {
        loop {
            let due = self.held.values().filter_map(|held| held.due).min();
            let wake = due.unwrap_or_else(|| Instant::now() + Duration::from_hours(1));
            tokio::select! {
                came = self.link.next() => {
                    if !self.take(came).await {
                        break;
                    }
                }
                Some(told) = self.inbox.recv() => {
                    if matches!(told, ToAgent::Over) {
                        break;
                    }
                    self.hear(told).await;
                }
                () = tokio::time::sleep_until(wake) => self.act_on_all().await,
            }
        }
        self.leave().await;
    }

    async fn leave(mut self) {
        let all: Vec<Uuid> = self.held.keys().copied().collect();
        for conversation in all {
            self.release(conversation);
        }
        self.world.tally.reconnects.fetch_add(self.link.losses, Ordering::Relaxed);
        self.link.close().await;
    }

    async fn take(&mut self, came: Came) -> bool {
        match came {
            Came::Frame(frame) => self.frame(&frame).await,
            Came::Resumed => {
                self.online_again();
                self.resend().await;
            }
            Came::Refresh => {
                Tally::add(&self.world.tally.refreshes);
                self.ask_mine();
                self.resend().await;
            }
            Came::Unauthorized => return self.log_in_again().await,
            Came::Lost(fault) => {
                self.world.tally.fail(format!("{}: {fault}", self.account.login));
                return false;
            }
        }
        true
    }

    async fn frame(&mut self, frame: &Frame) {
        match frame.kind.as_str() {
            "ack" => self.acknowledged(frame).await,
            "event" => {
                self.world.saw_commit(frame);
                let position = frame.position.unwrap_or(0);
                for event in &frame.events {
                    if let Some(conversation) = event.conversation {
                        self.event(event, conversation, position).await;
                    }
                }
                self.link.advance(position);
            }
            "watermark" => self.link.advance(frame.position.unwrap_or(0)),
            "error" => self.refused(frame),
            _ => {}
        }
    }

    async fn event(&mut self, event: &Event, conversation: Uuid, position: u64) {
        match event.kind.as_str() {
            "conversation_assigned" if event.agent_id() == Some(self.session.agent.as_str()) => {
                self.hold(conversation, position).await;
            }
            "conversation_offered" if event.agent_id() == Some(self.session.agent.as_str()) => {
                self.accept(conversation);
            }
            "conversation_assigned" | "conversation_queued" => self.release(conversation),
            "conversation_transferred" if self.held.contains_key(&conversation) => {
                Tally::add(&self.world.tally.transfers);
                self.release(conversation);
            }
            "conversation_closed" if self.held.contains_key(&conversation) => {
                self.classify_late(conversation);
                self.release(conversation);
            }
            "message_sent" => {
                if let Some(message) = &event.message {
                    self.message(conversation, message, position).await;
                }
            }
            "classification_suggested" => self.suggested(event, conversation, position),
            _ => {}
        }
    }

    async fn message(&mut self, conversation: Uuid, message: &Message, position: u64) {
        let Some(held) = self.held.get_mut(&conversation) else { return };
        self.world.progress();
        if let Some(talk) = &held.talk {
            let author =
                talk.script.lock().turn_of(message.id).map(|turn| talk.dialogue.turns[turn].who);
            if author == Some(Who::Agent) {
                note_own(&self.world, talk, message, Some(position));
                held.view.fetched(std::slice::from_ref(message));
                self.unacknowledged.retain(|(id, _)| *id != message.id);
            } else {
                note_arrival(
                    &self.world,
                    talk,
                    held.view.came(message),
                    message.id,
                    &self.account.login,
                );
            }
        } else {
            held.view.came(message);
        }
        self.act(conversation).await;
    }

    fn suggested(&self, event: &Event, conversation: Uuid, position: u64) {
        let Some(talk) = self.held.get(&conversation).and_then(|held| held.talk.as_ref()) else {
            return;
        };
        let tally = &self.world.tally;
        Tally::add(&tally.suggestions);
        if event.suggestions.iter().any(|one| self.world.is_hit(&one.node, &talk.dialogue.labels)) {
            Tally::add(&tally.suggestion_hits);
        }
        if let Some(asked) = talk.script.lock().last_asked_before(position, &talk.dialogue) {
            tally.suggestion.add(asked.elapsed());
        }
        if let Some(set) = event.set.filter(|_| !event.suggestions.is_empty()) {
            self.saw(conversation, set);
        }
    }

    async fn hold(&mut self, conversation: Uuid, position: u64) {
        self.release(conversation);
        let talk = self.world.talk_or_tell(conversation, &self.own_inbox);
        let held = Held {
            talk: None,
            view: View::default(),
            since: position,
            loaded: false,
            asked: 0,
            busy: false,
            due: None,
        };
        self.held.insert(conversation, held);
        if let Some(talk) = talk {
            self.registered(talk).await;
        }
        self.ask_history(conversation);
    }

    async fn registered(&mut self, talk: Arc<Talk>) {
        let conversation = talk.conversation;
        let Some(held) = self.held.get_mut(&conversation) else { return };
        talk.script.lock().holder =
            Some(Holder { agent: self.account.login.clone(), inbox: self.own_inbox.clone() });
        held.talk = Some(talk);
        self.act(conversation).await;
    }

    fn release(&mut self, conversation: Uuid) {
        let Some(held) = self.held.remove(&conversation) else { return };
        let Some(talk) = held.talk else { return };
        let mut script = talk.script.lock();
        script.agent_views.push(held.view);
        if script.holder.as_ref().is_some_and(|holder| holder.inbox.same_channel(&self.own_inbox)) {
            script.holder = None;
        }
    }

    async fn act_on_all(&mut self) {
        self.world.progress();
        let all: Vec<Uuid> = self.held.keys().copied().collect();
        for conversation in all {
            self.act(conversation).await;
        }
    }

    /// Does what may be done in a conversation now.
    async fn act(&mut self, conversation: Uuid) {
        while let Some((talk, todo)) = self.decide(conversation) {
            match todo {
                Todo::Say(id, turn) => {
                    self.unacknowledged.push_back((id, talk.clone()));
                    self.link
                        .say(&Say::Send { conversation, id, text: &talk.dialogue.turns[turn].text })
                        .await;
                }
                Todo::Transfer(service) => return self.transfer(conversation, service),
                Todo::Close => return self.close(&talk),
            }
        }
    }

    /// What is to be done in a conversation now, noted as begun.
    fn decide(&mut self, conversation: Uuid) -> Option<(Arc<Talk>, Todo)> {
        let held = self.held.get_mut(&conversation)?;
        let talk = held.talk.clone()?;
        if !held.loaded || held.busy {
            return None;
        }
        held.due = None;
        let todo = {
            let mut script = talk.script.lock();
            match talk.next_move(&script, Who::Agent, &held.view, self.world.speed) {
                Move::Send(turn) => Todo::Say(script.sending(turn), turn),
                Move::Transfer(service) => Todo::Transfer(service),
                Move::Over if !talk.dialogue.consumer_closes => {
                    script.closing = true;
                    Todo::Close
                }
                Move::Wait(due) => {
                    held.due = Some(due);
                    return None;
                }
                Move::Over | Move::Nothing => return None,
            }
        };
        held.busy = !matches!(todo, Todo::Say(..));
        Some((talk, todo))
    }

    async fn hear(&mut self, told: ToAgent) {
        match told {
            ToAgent::Registered(talk) => self.registered(talk).await,
            ToAgent::Look(conversation) => self.act(conversation).await,
            ToAgent::Loaded(conversation, history) => self.loaded(conversation, history).await,
            ToAgent::Transferred(conversation, service, answer) => {
                self.transfer_answered(conversation, service, answer).await;
            }
            ToAgent::Closed(conversation, Err(fault)) => {
                self.give_up(conversation, &format!("close: {fault}"));
            }
            ToAgent::Mine(Ok(mine)) => self.compare_with(&mine).await,
            ToAgent::Mine(Err(fault)) => {
                self.world.tally.fail(format!("{}: {fault}", self.account.login));
            }
            ToAgent::Resend => self.resend().await,
            ToAgent::Closed(_, Ok(())) | ToAgent::Over => {}
        }
    }

    async fn loaded(&mut self, conversation: Uuid, history: Result<Vec<Message>, CallError>) {
        let Some(held) = self.held.get_mut(&conversation) else { return };
        let history = match history {
            Ok(history) => history,
            // It was transferred on or closed before the history came.
            Err(fault) if fault.is_refusal() => return,
            Err(fault) => return self.give_up(conversation, &format!("history: {fault}")),
        };
        held.view.fetched(&history);
        let missing =
            held.talk.as_ref().is_some_and(|talk| misses_something(talk, &held.view, held.since));
        if missing && held.asked < HISTORY_TRIES {
            return self.ask_history(conversation);
        }
        if missing {
            let why =
                format!("the history of {conversation} lacks what came before the assignment");
            self.world.tally.fault(&self.world.tally.lost, why);
        }
        held.loaded = true;
        self.act(conversation).await;
    }

    async fn transfer_answered(
        &mut self,
        conversation: Uuid,
        service: String,
        answer: Result<(), CallError>,
    ) {
        let Some(talk) = self.world.talk_or_tell(conversation, &self.own_inbox) else { return };
        match answer {
            // The service was set before the call, since the next agent may act before this one hears.
            Ok(()) => {}
            Err(fault) if fault.is_refusal() => {
                Tally::add(&self.world.tally.transfers_refused);
                talk.script.lock().service = Some(service);
                if let Some(held) = self.held.get_mut(&conversation) {
                    held.busy = false;
                }
                self.act(conversation).await;
            }
            Err(fault) => self.give_up(conversation, &format!("transfer: {fault}")),
        }
    }

    async fn compare_with(&mut self, mine: &[Uuid]) {
        let cursor = self.link.cursor().unwrap_or(0);
        let gone: Vec<Uuid> =
            self.held.keys().filter(|held| !mine.contains(held)).copied().collect();
        for conversation in gone {
            self.release(conversation);
        }
        for &conversation in mine {
            if self.held.contains_key(&conversation) {
                self.ask_history(conversation);
            } else {
                self.hold(conversation, cursor).await;
            }
        }
    }

    async fn acknowledged(&mut self, frame: &Frame) {
        let Some(id) = frame.id else {
            return self.world.tally.fail("an acknowledgement without an id");
        };
        let Some(at) = self.unacknowledged.iter().position(|(known, _)| *known == id) else {
            return;
        };
        let Some((_, talk)) = self.unacknowledged.remove(at) else { return };
        note_ack(&self.world, &talk, id, frame);
        if frame.conversation != Some(talk.conversation) {
            self.world.tally.fail(format!("the answer {id} went to {:?}", frame.conversation));
        }
        // The consumer acts on what it sees; only a refused line is nothing it would ever see.
        let _ = talk.wake_consumer.send(());
        self.act(talk.conversation).await;
    }

    fn refused(&mut self, frame: &Frame) {
        let field =
            |name: &str| frame.problem.as_ref().and_then(|problem| problem.get(name).cloned());
        let status = field("status").and_then(|status| status.as_u64()).unwrap_or(0);
        let at = self.unacknowledged.iter().position(|(known, _)| Some(*known) == frame.id);
        if matches!(status, 429 | 503) && at.is_some() {
            return self.resend_later();
        }
        match at.and_then(|at| self.unacknowledged.remove(at)) {
            Some((id, talk)) if matches!(status, 404 | 409) => {
                // It went elsewhere while the answer was on its way: the next agent says it.
                let inbox = {
                    let mut script = talk.script.lock();
                    script.take_back(id);
                    script.holder.as_ref().map(|holder| holder.inbox.clone())
                };
                if let Some(held) = self.held.get_mut(&talk.conversation) {
                    held.busy = true;
                } else if let Some(inbox) = inbox {
                    let _ = inbox.send(ToAgent::Look(talk.conversation));
                }
            }
            _ => self.world.tally.fail(format!(
                "{}: the desk did not take a message: {:?}",
                self.account.login, frame.problem
            )),
        }
    }

    async fn resend(&mut self) {
        for (id, talk) in &self.unacknowledged {
            let turn = talk.script.lock().turn_of(*id);
            let Some(turn) = turn else { continue };
            Tally::add(&self.world.tally.resent);
            let text = &talk.dialogue.turns[turn].text;
            self.link.say(&Say::Send { conversation: talk.conversation, id: *id, text }).await;
        }
    }

    fn resend_later(&self) {
        let inbox = self.own_inbox.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(250)).await;
            let _ = inbox.send(ToAgent::Resend);
        });
    }

    fn give_up(&mut self, conversation: Uuid, why: &str) {
        self.world.tally.fail(format!("{} in {conversation}: {why}", self.account.login));
        if let Some(talk) = self.held.get(&conversation).and_then(|held| held.talk.as_ref()) {
            talk.script.lock().failure.get_or_insert_with(|| why.to_owned());
            let _ = talk.wake_consumer.send(());
        }
    }

    async fn log_in_again(&mut self) -> bool {
        match self.world.api.log_in(&self.account.login, &self.account.password).await {
            Ok(session) => {
                self.link.set_token(session.token.clone());
                self.session = session;
                true
            }
            Err(fault) => {
                self.world
                    .tally
                    .fail(format!("{}: cannot log in again: {fault}", self.account.login));
                false
            }
        }
    }
}

/// Who calls, beside the socket.
struct Caller {
    world: Arc<World>,
    account: Account,
    token: String,
}

impl Caller {
    /// Calls; a session that was lost with the views is made anew once.
    async fn call(&self, verb: Verb, path: &str, body: Option<&Value>) -> Result<Value, CallError> {
        let answer = self.world.api.call(verb, path, Some(&self.token), body).await;
        match answer {
            Err(fault) if fault.status() == Some(401) => {
                let session =
                    self.world.api.log_in(&self.account.login, &self.account.password).await?;
                self.world.api.call(verb, path, Some(&session.token), body).await
            }
            answer => answer,
        }
    }

    async fn history(&self, conversation: Uuid) -> Result<Vec<Message>, CallError> {
        match self.world.api.transcript(conversation, &self.token).await {
            Err(fault) if fault.status() == Some(401) => {
                let session =
                    self.world.api.log_in(&self.account.login, &self.account.password).await?;
                self.world.api.transcript(conversation, &session.token).await
            }
            history => history,
        }
    }
}

// The calls: each runs beside the socket and tells the inbox what came of it.
impl Agent {
    fn caller(&self) -> Caller {
        Caller {
            world: self.world.clone(),
            account: self.account.clone(),
            token: self.session.token.clone(),
        }
    }

    fn ask_history(&mut self, conversation: Uuid) {
        let Some(held) = self.held.get_mut(&conversation) else { return };
        held.asked += 1;
        let pause = Duration::from_millis(if held.asked > 1 { 50 } else { 0 });
        let (caller, inbox) = (self.caller(), self.own_inbox.clone());
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            let history = caller.history(conversation).await;
            let _ = inbox.send(ToAgent::Loaded(conversation, history));
        });
    }

    fn ask_mine(&self) {
        let (caller, inbox) = (self.caller(), self.own_inbox.clone());
        tokio::spawn(async move {
            let list = caller.call(Verb::Get, "/conversations?scope=mine&limit=100", None).await;
            let _ = inbox.send(ToAgent::Mine(list.map(|list| ids_in(&list))));
        });
    }

    fn online_again(&self) {
        let (world, session) = (self.world.clone(), self.session.clone());
        tokio::spawn(async move {
            // A session lost with the views shows at the socket, which leads to a new login.
            let _ = go_online(&world, &session).await;
        });
    }

    fn accept(&self, conversation: Uuid) {
        let caller = self.caller();
        tokio::spawn(async move {
            let path = format!("/conversations/{conversation}/accept");
            let answer = caller.call(Verb::Post, &path, Some(&json!({}))).await;
            if let Err(fault) = answer
                && !fault.is_refusal()
            {
                caller.world.tally.fail(format!("accept {conversation}: {fault}"));
            }
        });
    }

    fn transfer(&self, conversation: Uuid, service: String) {
        let Some(talk) = self.held.get(&conversation).and_then(|held| held.talk.clone()) else {
            return;
        };
        let former = talk.script.lock().service.replace(service.clone());
        let (caller, inbox) = (self.caller(), self.own_inbox.clone());
        tokio::spawn(async move {
            let answer = match caller.world.departments.get(&service) {
                Some(department) => {
                    let note = format!("from {} to {service}", former.unwrap_or_default());
                    let body = json!({ "target": { "department": department }, "note": note });
                    let path = format!("/conversations/{conversation}/transfer");
                    caller.call(Verb::Post, &path, Some(&body)).await.map(|_| ())
                }
                None => Err(CallError::Problem {
                    status: 404,
                    code: "department-unknown".into(),
                    detail: "this desk has no department for the service".into(),
                }),
            };
            let _ = inbox.send(ToAgent::Transferred(conversation, service, answer));
        });
    }

    /// Suggestions were before its eyes, which it says as the console does. A newer set, or a conversation that has ended
    /// meanwhile, is nothing to see any more.
    fn saw(&self, conversation: Uuid, set: u32) {
        let caller = self.caller();
        let call = Call::begin(&self.world);
        tokio::spawn(async move {
            let _call = call;
            let path = format!("/conversations/{conversation}/suggestions/{set}/shown");
            match caller.call(Verb::Post, &path, Some(&json!({}))).await {
                Err(fault) if !fault.is_refusal() => {
                    caller.world.tally.fail(format!("suggestions of {conversation}: {fault}"));
                }
                _ => {}
            }
        });
    }

    fn close(&self, talk: &Arc<Talk>) {
        let node = self.world.node_for(&talk.dialogue.labels).map(str::to_owned);
        let conversation = talk.conversation;
        let (caller, inbox) = (self.caller(), self.own_inbox.clone());
        tokio::spawn(async move {
            let path = format!("/conversations/{conversation}/close");
            let body = node
                .as_ref()
                .map_or_else(|| json!({}), |node| json!({ "classify": { "node": node } }));
            let mut answer = caller.call(Verb::Post, &path, Some(&body)).await;
            if answer.is_ok() && node.is_some() {
                Tally::add(&caller.world.tally.classified);
            } else if answer.as_ref().is_err_and(CallError::is_refusal) && node.is_some() {
                // The node is not meant for this department: finish without it.
                answer = caller.call(Verb::Post, &path, Some(&json!({}))).await;
            }
            let _ = inbox.send(ToAgent::Closed(conversation, answer.map(|_| ())));
        });
    }

    /// The consumer hung up: it is classified afterwards, from the "to classify" list.
    fn classify_late(&self, conversation: Uuid) {
        let Some(talk) = self.held.get(&conversation).and_then(|held| held.talk.clone()) else {
            return;
        };
        if !talk.dialogue.consumer_closes {
            return;
        }
        let Some(node) = self.world.node_for(&talk.dialogue.labels).map(str::to_owned) else {
            return;
        };
        let caller = self.caller();
        let call = Call::begin(&self.world);
        tokio::spawn(async move {
            let _call = call;
            let path = format!("/conversations/{conversation}/classification");
            let body = json!({ "node": node });
            match caller.call(Verb::Put, &path, Some(&body)).await {
                Ok(_) => Tally::add(&caller.world.tally.classified),
                Err(fault) if fault.is_refusal() => {}
                Err(fault) => caller.world.tally.fail(format!("classify {conversation}: {fault}")),
            }
        });
    }
}

async fn go_online(world: &World, session: &Session) -> Result<(), CallError> {
    let path = format!("/agents/{}/presence", session.agent);
    let body = json!({ "presence": "online" });
    let _: Value = world.api.call(Verb::Put, &path, Some(&session.token), Some(&body)).await?;
    Ok(())
}

/// Whether a consumer's message that was durable before the assignment has not reached the agent.
fn misses_something(talk: &Talk, view: &View, since: u64) -> bool {
    let script = talk.script.lock();
    script.lines.iter().zip(&talk.dialogue.turns).any(|(line, turn)| {
        turn.who == Who::Consumer
            && matches!(line.fate, Fate::Stored { .. })
            && line.position.is_some_and(|position| position <= since)
            && !view.knows(line.id)
    })
}

/// The ids in a list of conversations, bare or in an envelope.
fn ids_in(list: &Value) -> Vec<Uuid> {
    let items = list
        .as_array()
        .or_else(|| list.get("conversations")?.as_array())
        .or_else(|| list.get("items")?.as_array());
    let id = |item: &Value| Uuid::parse_str(item.get("id")?.as_str()?).ok();
    items.map(|items| items.iter().filter_map(id).collect()).unwrap_or_default()
}
