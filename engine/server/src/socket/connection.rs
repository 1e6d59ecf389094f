//! The life of one connection: hello, what was missed, then frames and feed side by side until either end has enough.
//!
//! Order: messages of one conversation are executed one after the other, so they enter the desk as they were sent;
//! conversations do not wait for each other. When too many wait, the socket is not read further.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use dialogo_desk::{
    Answer, ConnectionId, Ephemeral, FeedItem, Listener, Published, Scope, Subscription,
};
use dialogo_domain::{
    AttachmentId, Command, ConversationId, Event as DomainEvent, MessageId, Position, Request,
};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::{Instant, timeout, timeout_at};

use super::frames::{ClientFrame, ServerFrame, SuggestedReply, You, read};
use crate::api::{self, Sent, bits};
use crate::auth::{Caller, identify};
use crate::problem::{Problem, log_fault};
use crate::reads;
use crate::sight::{Eyes, seen};
use crate::state::App;

/// How long a client may take to say who it is.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// A ping goes out when nothing was heard for so long; twice that ends the connection.
const KEEPALIVE: Duration = Duration::from_secs(25);
/// How long writing may take before the connection counts as dead.
const WRITE_WITHIN: Duration = Duration::from_secs(20);
/// Messages of one connection that may wait before the socket is read no further.
const MAX_WAITING: usize = 32;
/// Feed items written before one flush.
const MAX_BATCH: usize = 64;
/// Conversations one connection may watch: the windows of a supervisor with many screens.
const MAX_WATCHED: usize = 64;
/// Turns given to other tasks while the feed catches up with an answer: it follows within microseconds.
const MAX_YIELDS: usize = 10_000;
/// Bad frames after which a client is not worth more answers.
const MAX_BAD_FRAMES: u32 = 16;

/// Why a connection ends.
enum End {
    /// The client left or the line broke.
    Gone,
    /// The server says goodbye with a code.
    Bye(u16, &'static str),
}

/// A message that waits for the one before it.
struct Waiting {
    message: MessageId,
    text: String,
    attachments: Vec<AttachmentId>,
}

/// What became of a message.
struct Done {
    conversation: ConversationId,
    message: MessageId,
    result: Result<(Sent, Answer), Problem>,
}

struct Connection {
    app: App,
    socket: WebSocket,
    caller: Caller,
    id: ConnectionId,
    feed: Subscription,
    watches: Vec<ConversationId>,
    /// Up to where the client has been told.
    told: Position,
    bad_frames: u32,
    in_flight: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Conversations with a message in flight, and what waits behind it.
    queues: HashMap<ConversationId, VecDeque<Waiting>>,
    waiting: usize,
}

/// Runs a connection to its end.
pub(super) async fn run(mut socket: WebSocket, app: App) {
    let _open = app.metrics.socket_opened();
    match Box::pin(welcome(&mut socket, &app)).await {
        Ok(welcomed) => Connection::begin(socket, app, welcomed).await,
        Err(end) => say_goodbye(&mut socket, &end).await,
    }
}

/// A client that has said who it is.
struct Welcomed {
    caller: Caller,
    cursor: Option<Position>,
    watch: Vec<ConversationId>,
}

async fn welcome(socket: &mut WebSocket, app: &App) -> Result<Welcomed, End> {
    let deadline = Instant::now() + HELLO_WITHIN;
    loop {
        let received = timeout_at(deadline, socket.recv()).await;
        let text = match received {
            Err(_) => return Err(End::Bye(close_code::POLICY, "hello-timeout")),
            Ok(None | Some(Ok(Message::Close(_)))) => return Err(End::Gone),
            Ok(Some(Err(error))) => return Err(line_fault(&error)),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            Ok(Some(Ok(Message::Binary(_)))) => {
                refuse(socket, None, binary()).await;
                return Err(End::Bye(close_code::UNSUPPORTED, "binary"));
            }
            Ok(Some(Ok(Message::Text(text)))) => text,
        };
        return match read(&text) {
            Ok(ClientFrame::Hello { token, cursor, watch }) => match identify(app, &token) {
                Ok(caller) => Ok(Welcomed {
                    caller,
                    cursor: cursor.map(Position),
                    watch: watch.into_iter().map(|id| ConversationId(bits(id))).collect(),
                }),
                Err(problem) => {
                    refuse(socket, None, problem).await;
                    Err(End::Bye(close_code::POLICY, "unauthorized"))
                }
            },
            Ok(_) => {
                refuse(socket, None, Problem::invalid("type", "the first frame has to be `hello`"))
                    .await;
                Err(End::Bye(close_code::POLICY, "hello-expected"))
            }
            Err(problem) => {
                refuse(socket, None, problem).await;
                Err(End::Bye(close_code::POLICY, "hello-expected"))
            }
        };
    }
}

/// Resolves once the server stops; what the channel lends must not be held while something else is awaited.
async fn stop_told(stopping: &mut tokio::sync::watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

fn binary() -> Problem {
    Problem::invalid("frame", "frames are text: JSON in UTF-8")
}

/// What the library found wrong with the line.
fn line_fault(error: &axum::Error) -> End {
    let text = error.to_string().to_ascii_lowercase();
    if text.contains("utf-8") || text.contains("utf8") {
        End::Bye(close_code::INVALID, "invalid-utf8")
    } else if text.contains("too long") || text.contains("too big") || text.contains("space limit")
    {
        End::Bye(close_code::SIZE, "too-large")
    } else {
        End::Gone
    }
}

async fn write(socket: &mut WebSocket, frame: &ServerFrame<'_>) -> Result<(), End> {
    let sent = timeout(WRITE_WITHIN, socket.send(Message::Text(frame.text().into()))).await;
    match sent {
        Ok(Ok(())) => Ok(()),
        _ => Err(End::Gone),
    }
}

async fn refuse(socket: &mut WebSocket, id: Option<String>, problem: Problem) {
    let _ = write(socket, &ServerFrame::Error { id, problem }).await;
}

async fn say_goodbye(socket: &mut WebSocket, end: &End) {
    let End::Bye(code, reason) = end else { return };
    let _ = write(socket, &ServerFrame::Bye { reason }).await;
    let close = CloseFrame { code: *code, reason: Utf8Bytes::from_static(reason) };
    let _ = timeout(WRITE_WITHIN, socket.send(Message::Close(Some(close)))).await;
}

impl Connection {
    async fn begin(socket: WebSocket, app: App, welcomed: Welcomed) {
        let Welcomed { caller, cursor, watch } = welcomed;
        let listener = match &caller {
            Caller::Consumer(consumer) => Listener::Consumer(*consumer),
            Caller::Account(account) => {
                Listener::Agent { id: account.id.clone(), sees_all: account.sees_all() }
            }
        };
        let id = app.desk.connection();
        let feed = app.desk.subscribe(listener, id);
        let told = feed.cursor();
        let mut connection = Self {
            app,
            socket,
            caller,
            id,
            feed,
            watches: Vec::new(),
            told,
            bad_frames: 0,
            in_flight: FuturesUnordered::new(),
            queues: HashMap::new(),
            waiting: 0,
        };
        for conversation in watch.into_iter().take(MAX_WATCHED) {
            // One that is not there any more must not keep the client from coming back.
            let _ = connection.watch(conversation);
        }
        let end = match Box::pin(connection.greet(cursor)).await {
            Ok(()) => connection.live().await,
            Err(end) => end,
        };
        say_goodbye(&mut connection.socket, &end).await;
        // A message that was handed over is carried out even though nobody waits for the answer any more.
        connection.finish().await;
    }

    /// Welcome, then what was missed.
    async fn greet(&mut self, cursor: Option<Position>) -> Result<(), End> {
        let head = self.feed.cursor();
        let missed = match cursor {
            // A cursor from the future is from another desk, or from a past that was lost.
            Some(cursor) if cursor > self.app.desk.head() => Err(()),
            Some(cursor) => self.feed.catch_up(cursor).map(Some).map_err(drop),
            None => Ok(None),
        };
        let (side, you) = match &self.caller {
            Caller::Consumer(consumer) => ("consumer", consumer.to_string()),
            Caller::Account(account) => ("agent", account.id.to_string()),
        };
        // Whoever breaks off while catching up has to be able to come back with the cursor it knows.
        let welcome = match (&missed, cursor) {
            (Ok(Some(_)), Some(cursor)) => cursor,
            _ => head,
        };
        let frame = ServerFrame::Welcome { cursor: welcome.0, you: You { side, id: &you } };
        write(&mut self.socket, &frame).await?;
        match missed {
            Err(()) => {
                self.told = self.feed.cursor();
                write(&mut self.socket, &ServerFrame::Refresh { cursor: self.told.0 }).await
            }
            Ok(None) => Ok(()),
            Ok(Some(missed)) => {
                self.told = welcome;
                self.show_missed(missed).await
            }
        }
    }

    async fn show_missed(
        &mut self,
        missed: Vec<(std::sync::Arc<Published>, Scope)>,
    ) -> Result<(), End> {
        for (published, scope) in missed {
            self.show(&published, scope).await?;
        }
        let reached = self.feed.cursor();
        if reached > self.told {
            self.told = reached;
            self.feed_frame(&ServerFrame::Watermark { position: reached.0 }).await?;
        }
        self.flush().await
    }

    async fn live(&mut self) -> End {
        let mut stopping = self.app.stopping.subscribe();
        // Both wait across all turns of the loop: a message must not pay for setting them up anew.
        let mut stopped = std::pin::pin!(stop_told(&mut stopping));
        let mut quiet = std::pin::pin!(tokio::time::sleep(KEEPALIVE));
        let mut heard = Instant::now();
        let mut pinged = false;
        loop {
            let readable = self.waiting < MAX_WAITING;
            let step = tokio::select! {
                biased;
                () = &mut stopped => return End::Bye(close_code::AWAY, "shutdown"),
                Some(done) = self.in_flight.next(), if !self.in_flight.is_empty() => self.answered(done).await,
                item = self.feed.next() => self.news(item).await,
                received = self.socket.recv(), if readable => {
                    heard = Instant::now();
                    pinged = false;
                    match received {
                        None | Some(Ok(Message::Close(_))) => Err(End::Gone),
                        Some(Err(error)) => Err(line_fault(&error)),
                        Some(Ok(Message::Text(text))) => self.frame(&text).await,
                        Some(Ok(Message::Binary(_))) => self.bad_frame(None, binary()).await,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                    }
                }
                () = &mut quiet => {
                    let silent = heard.elapsed();
                    if silent < KEEPALIVE {
                        quiet.as_mut().reset(heard + KEEPALIVE);
                        Ok(())
                    } else if pinged {
                        Err(End::Bye(close_code::POLICY, "silent"))
                    } else {
                        pinged = true;
                        quiet.as_mut().reset(heard + KEEPALIVE * 2);
                        self.keep_alive().await
                    }
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// A ping, and how far the feed is where nothing of it was for this client.
    async fn keep_alive(&mut self) -> Result<(), End> {
        // A session that has ended meanwhile ends its sockets too.
        if let Caller::Account(account) = &self.caller {
            let active = self
                .app
                .desk
                .read(|desk| desk.agents.get(&account.id).is_some_and(|agent| agent.active));
            if !active {
                return Err(End::Bye(close_code::POLICY, "unauthorized"));
            }
        }
        let reached = self.feed.cursor();
        if reached > self.told {
            self.told = reached;
            self.feed_frame(&ServerFrame::Watermark { position: reached.0 }).await?;
        }
        self.write_message(Message::Ping(axum::body::Bytes::new())).await?;
        self.flush().await
    }

    /// News of the feed: all that is there already goes out before one flush.
    async fn news(&mut self, first: FeedItem) -> Result<(), End> {
        let mut next = Some(first);
        let mut count = 0;
        while let Some(item) = next.take() {
            match item {
                FeedItem::Published(published, scope) => self.show(&published, scope).await?,
                FeedItem::Ephemeral(news) => self.flash(&news).await?,
                FeedItem::Behind => match self.feed.catch_up(self.feed.cursor()) {
                    Ok(missed) => self.show_missed(missed).await?,
                    Err(_) => {
                        self.told = self.feed.cursor();
                        self.feed_frame(&ServerFrame::Refresh { cursor: self.told.0 }).await?;
                    }
                },
                FeedItem::Stopped => return Err(End::Bye(close_code::AWAY, "shutdown")),
            }
            count += 1;
            if count < MAX_BATCH {
                next = self.feed.try_next();
            }
        }
        self.flush().await
    }

    async fn show(&mut self, published: &Published, scope: Scope) -> Result<(), End> {
        // The connection that sent it has its acknowledgement.
        if published.origin == Some(self.id) {
            return Ok(());
        }
        let commit = &published.commit;
        let events = self.events(commit, scope, |_| true);
        self.event_frame(commit, events).await
    }

    fn events(
        &self,
        commit: &dialogo_domain::Commit,
        scope: Scope,
        wanted: impl Fn(&DomainEvent) -> bool,
    ) -> Vec<api::Event> {
        let rules = self.app.desk.rules();
        let eyes = match &self.caller {
            Caller::Consumer(consumer) => Eyes::Consumer(*consumer),
            Caller::Account(account) => Eyes::Account {
                id: &account.id,
                sees_all: account.sees_all(),
                watches: &self.watches,
            },
        };
        self.app.desk.read(|desk| seen(commit, scope, &eyes, desk, &rules.checked.domain, wanted))
    }

    async fn event_frame(
        &mut self,
        commit: &dialogo_domain::Commit,
        events: Vec<api::Event>,
    ) -> Result<(), End> {
        if events.is_empty() {
            return Ok(());
        }
        let stamp = &commit.stamp;
        self.told = self.told.max(stamp.position);
        let generation = stamp.generation.to_string();
        let frame =
            ServerFrame::Event { position: stamp.position.0, at: stamp.at.0, generation, events };
        self.feed_frame(&frame).await
    }

    async fn flash(&mut self, news: &Ephemeral) -> Result<(), End> {
        let shown = self.caller.account().is_ok();
        let frame = match news {
            Ephemeral::Typing { conversation, agent } => ServerFrame::Typing {
                conversation: conversation.to_string(),
                by: if agent.is_some() { "agent" } else { "consumer" },
                agent: agent.as_ref().filter(|_| shown).map(ToString::to_string),
            },
            Ephemeral::Place { conversation, place, expected_wait_ms } => ServerFrame::Place {
                conversation: conversation.to_string(),
                place: *place,
                expected_wait_ms: *expected_wait_ms,
            },
            Ephemeral::Replies { conversation, message, replies } => ServerFrame::Replies {
                conversation: conversation.to_string(),
                message,
                replies: replies.iter().map(SuggestedReply::of).collect(),
            },
            Ephemeral::Queue { department, expected_wait_ms } => ServerFrame::Queue {
                department: department.as_str(),
                expected_wait_ms: *expected_wait_ms,
            },
        };
        self.feed_frame(&frame).await
    }

    async fn frame(&mut self, text: &str) -> Result<(), End> {
        match read(text) {
            Err(problem) => self.bad_frame(None, problem).await,
            Ok(frame) => self.take(frame).await,
        }
    }

    async fn take(&mut self, frame: ClientFrame) -> Result<(), End> {
        match frame {
            ClientFrame::Hello { .. } => {
                self.bad_frame(None, Problem::invalid("type", "`hello` was said already")).await
            }
            ClientFrame::Send { conversation, id, text, attachments } => {
                let conversation = ConversationId(bits(conversation));
                let attachments =
                    attachments.into_iter().map(|id| AttachmentId(bits(id))).collect();
                self.submit(
                    conversation,
                    Waiting { message: MessageId(bits(id)), text, attachments },
                );
                Ok(())
            }
            ClientFrame::Read { conversation, delivered, read } => {
                let conversation = ConversationId(bits(conversation));
                if let Err(problem) = self.app.limits.request(&self.caller) {
                    return self.error(None, problem).await;
                }
                let command =
                    Command::MarkRead { conversation, delivered: delivered.max(read), read };
                let request = Request { id: None, actor: self.caller.actor(), command };
                match self.app.desk.execute_from(request, self.id).await {
                    Ok(_) => Ok(()),
                    Err(error) => self.error(None, error.into()).await,
                }
            }
            ClientFrame::Typing { conversation } => {
                let conversation = ConversationId(bits(conversation));
                let allowed = self.app.limits.request(&self.caller).and_then(|()| {
                    reads::with_conversation(&self.app, &self.caller, conversation, |_, _| ())
                });
                match allowed {
                    Ok(()) => {
                        let agent = self.caller.account().ok().map(|account| account.id.clone());
                        self.app.desk.typing(conversation, agent, self.id);
                        Ok(())
                    }
                    Err(problem) => self.error(None, problem).await,
                }
            }
            ClientFrame::Watch { conversation } => {
                match self.watch(ConversationId(bits(conversation))) {
                    Ok(()) => Ok(()),
                    Err(problem) => self.error(None, problem).await,
                }
            }
            ClientFrame::Unwatch { conversation } => {
                let conversation = ConversationId(bits(conversation));
                self.watches.retain(|watched| *watched != conversation);
                self.feed.unwatch(conversation);
                Ok(())
            }
            ClientFrame::Ping => {
                self.feed_frame(&ServerFrame::Pong).await?;
                self.flush().await
            }
        }
    }

    fn watch(&mut self, conversation: ConversationId) -> Result<(), Problem> {
        self.caller.account()?;
        self.app.limits.request(&self.caller)?;
        if self.watches.contains(&conversation) {
            return Ok(());
        }
        if self.watches.len() >= MAX_WATCHED {
            return Err(Problem::invalid(
                "conversation",
                format!("at most {MAX_WATCHED} are watched at once"),
            ));
        }
        reads::with_conversation(&self.app, &self.caller, conversation, |_, _| ())?;
        self.watches.push(conversation);
        self.feed.watch(conversation);
        Ok(())
    }

    /// Hands a message over, or has it wait for the one before it in its conversation.
    fn submit(&mut self, conversation: ConversationId, message: Waiting) {
        if let Some(queue) = self.queues.get_mut(&conversation) {
            queue.push_back(message);
            self.waiting += 1;
            return;
        }
        self.queues.insert(conversation, VecDeque::new());
        self.start(conversation, message);
    }

    fn start(&self, conversation: ConversationId, waiting: Waiting) {
        let (app, caller, id) = (self.app.clone(), self.caller.clone(), self.id);
        self.in_flight.push(Box::pin(async move {
            let Waiting { message, text, attachments } = waiting;
            let result = crate::routes::deliver(
                &app,
                &caller,
                None,
                conversation,
                message,
                text,
                attachments,
                Some(id),
            )
            .await;
            Done { conversation, message, result }
        }));
    }

    async fn answered(&mut self, done: Done) -> Result<(), End> {
        match self.queues.get_mut(&done.conversation).and_then(VecDeque::pop_front) {
            Some(next) => {
                self.waiting -= 1;
                self.start(done.conversation, next);
            }
            None => {
                self.queues.remove(&done.conversation);
            }
        }
        match done.result {
            Ok((sent, answer)) => {
                self.feed_frame(&ServerFrame::ack(&sent)).await?;
                self.rest_of(&answer, done.message).await?;
            }
            Err(problem) => {
                let id = Some(done.message.to_string());
                self.feed_frame(&ServerFrame::Error { id, problem }).await?;
            }
        }
        self.flush().await
    }

    /// What else a message led to (a reopening, an assignment): the feed leaves the whole commit out for its sender.
    async fn rest_of(&mut self, answer: &Answer, message: MessageId) -> Result<(), End> {
        if answer.replayed || answer.commit.events.len() == 1 {
            return Ok(());
        }
        let own = |event: &DomainEvent| match event {
            DomainEvent::MessageSent { message: of, .. }
            | DomainEvent::MessageRefused { message: of, .. } => *of == message,
            _ => false,
        };
        let events = self.events(&answer.commit, Scope::Full, |event| !own(event));
        if events.is_empty() {
            return Ok(());
        }
        // Senders are answered just before the feed shows; what came before goes out first, or the client's cursor would
        // pass over it.
        let position = answer.commit.stamp.position;
        for _ in 0..MAX_YIELDS {
            if self.app.desk.head() >= position {
                break;
            }
            tokio::task::yield_now().await;
        }
        if let Some(item) = self.feed.try_next() {
            self.news(item).await?;
        }
        self.event_frame(&answer.commit, events).await
    }

    /// Carries out what was taken before the end, so that a message that was received is not lost with its connection.
    async fn finish(mut self) {
        while let Some(done) = self.in_flight.next().await {
            if let Some(next) =
                self.queues.get_mut(&done.conversation).and_then(VecDeque::pop_front)
            {
                self.start(done.conversation, next);
            }
        }
    }

    async fn bad_frame(&mut self, id: Option<String>, problem: Problem) -> Result<(), End> {
        self.bad_frames += 1;
        self.error(id, problem).await?;
        if self.bad_frames >= MAX_BAD_FRAMES {
            return Err(End::Bye(close_code::POLICY, "too-many-bad-frames"));
        }
        Ok(())
    }

    async fn error(&mut self, id: Option<String>, problem: Problem) -> Result<(), End> {
        if problem.status >= 500 && problem.status != 503 {
            let _ = log_fault("a frame", &std::io::Error::other(problem.detail.clone()));
        }
        self.feed_frame(&ServerFrame::Error { id, problem }).await?;
        self.flush().await
    }

    async fn feed_frame(&mut self, frame: &ServerFrame<'_>) -> Result<(), End> {
        self.write_message(Message::Text(frame.text().into())).await
    }

    async fn write_message(&mut self, message: Message) -> Result<(), End> {
        match timeout(WRITE_WITHIN, self.socket.feed(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Bye(close_code::POLICY, "slow")),
        }
    }

    async fn flush(&mut self) -> Result<(), End> {
        match timeout(WRITE_WITHIN, self.socket.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Bye(close_code::POLICY, "slow")),
        }
    }
}
