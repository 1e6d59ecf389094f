//! One WebSocket of a person, with everything that came over it.
//!
//! Frames wait until somebody asks for them: [`Socket::until`] takes the first that fits and leaves the others, so that
//! a test need not know in which order different things arrive. [`Socket::all`] keeps the order for those who do.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

use crate::api::{Api, Person};
use crate::deadline::SOON;

/// An open socket.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    waiting: VecDeque<Value>,
    /// Every frame so far, in order.
    pub all: Vec<Value>,
    /// The answer to the first frame.
    pub welcome: Value,
    /// The latest position this socket has reached.
    pub cursor: u64,
}

/// What came of reading.
#[derive(Debug)]
pub enum Came {
    /// A frame.
    Frame(Value),
    /// The desk has closed the connection, with a code if it gave one.
    Closed(Option<u16>),
}

impl Socket {
    /// Connects without saying hello.
    pub async fn connect(api: &Api) -> Result<Self> {
        let url = format!("ws://{}/api/v1/socket", api.authority());
        let (stream, _) =
            tokio_tungstenite::connect_async(url).await.context("cannot open the socket")?;
        Ok(Self {
            stream,
            waiting: VecDeque::new(),
            all: Vec::new(),
            welcome: Value::Null,
            cursor: 0,
        })
    }

    /// Connects as this person, live from now on.
    pub async fn open(person: &Person) -> Result<Self> {
        Self::resume(person, None).await
    }

    /// Connects as this person, from a cursor.
    pub async fn resume(person: &Person, cursor: Option<u64>) -> Result<Self> {
        let mut socket = Self::connect(person.api()).await?;
        let mut hello = json!({ "type": "hello", "token": person.token()? });
        if let Some(cursor) = cursor {
            hello["cursor"] = json!(cursor);
        }
        socket.say(&hello).await?;
        let welcome = socket.kind("welcome").await?;
        socket.cursor =
            cursor.or(welcome["cursor"].as_u64()).context("no cursor in the welcome")?;
        socket.welcome = welcome;
        Ok(socket)
    }

    /// Sends a frame.
    pub async fn say(&mut self, frame: &Value) -> Result<()> {
        self.say_raw(Message::text(frame.to_string())).await
    }

    /// Sends anything.
    pub async fn say_raw(&mut self, message: Message) -> Result<()> {
        self.stream.send(message).await.context("cannot send on the socket")
    }

    /// Sends a message and waits for its `ack`.
    pub async fn send(&mut self, conversation: &str, id: Uuid, text: &str) -> Result<Value> {
        self.say(&json!({ "type": "send", "conversation": conversation, "id": id, "text": text }))
            .await?;
        self.until("the ack", |frame| {
            (frame["id"] == json!(id) && matches!(frame["type"].as_str(), Some("ack" | "error")))
                .then(|| frame.clone())
        })
        .await
    }

    /// The next thing that comes, whatever it is.
    pub async fn next(&mut self, within: Duration) -> Result<Option<Came>> {
        let end = Instant::now() + within;
        loop {
            let Ok(next) = tokio::time::timeout_at(end, self.stream.next()).await else {
                return Ok(None);
            };
            let text = match next {
                None => return Ok(Some(Came::Closed(None))),
                Some(Ok(Message::Close(frame))) => {
                    return Ok(Some(Came::Closed(frame.map(|frame| frame.code.into()))));
                }
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Binary(_))) => bail!("a binary frame came"),
                Some(Ok(_)) => continue,
                Some(Err(fault)) => {
                    // A connection that is cut ends in one of many faults; to a client they are all the same.
                    self.all.push(json!({ "type": "cut", "by": fault.to_string() }));
                    return Ok(Some(Came::Closed(None)));
                }
            };
            let frame: Value =
                serde_json::from_str(&text).with_context(|| format!("no JSON came: {text}"))?;
            if let Some(position) = frame["position"].as_u64() {
                self.cursor = self.cursor.max(position);
            }
            self.all.push(frame.clone());
            return Ok(Some(Came::Frame(frame)));
        }
    }

    /// The first frame that fits, of those that wait and those to come.
    pub async fn until<T>(
        &mut self,
        what: &str,
        fits: impl FnMut(&Value) -> Option<T>,
    ) -> Result<T> {
        self.until_within(what, SOON, fits).await
    }

    /// The same with another deadline.
    pub async fn until_within<T>(
        &mut self,
        what: &str,
        within: Duration,
        mut fits: impl FnMut(&Value) -> Option<T>,
    ) -> Result<T> {
        for at in 0..self.waiting.len() {
            if let Some(found) = fits(&self.waiting[at]) {
                self.waiting.remove(at);
                return Ok(found);
            }
        }
        let end = Instant::now() + within;
        loop {
            match self.next(end.saturating_duration_since(Instant::now())).await? {
                Some(Came::Frame(frame)) => {
                    let mut found = None;
                    for part in one_by_one(frame) {
                        match found.is_none().then(|| fits(&part)).flatten() {
                            Some(fitting) => found = Some(fitting),
                            None => self.waiting.push_back(part),
                        }
                    }
                    if let Some(found) = found {
                        return Ok(found);
                    }
                }
                Some(Came::Closed(code)) => {
                    bail!(
                        "the desk closed the socket ({code:?}) before {what} came; {}",
                        self.said()
                    );
                }
                None => {
                    bail!("waited {} s for {what} on the socket; {}", within.as_secs(), self.said())
                }
            }
        }
    }

    /// The next frame of a kind.
    pub async fn kind(&mut self, kind: &str) -> Result<Value> {
        self.until(kind, |frame| (frame["type"] == kind).then(|| frame.clone())).await
    }

    /// The next event of a kind about a conversation: the event, with `position` and `generation` of its commit.
    pub async fn event(&mut self, kind: &str, conversation: &str) -> Result<Value> {
        let what = format!("{kind} of {conversation}");
        self.until(&what, |frame| {
            let found = events(frame)
                .find(|event| event["type"] == kind && event["conversation"] == conversation)?;
            let mut found = found.clone();
            found["position"] = frame["position"].clone();
            found["generation"] = frame["generation"].clone();
            Some(found)
        })
        .await
    }

    /// The next message of somebody else with this text.
    pub async fn message(&mut self, conversation: &str, text: &str) -> Result<Value> {
        let what = format!("{text:?} in {conversation}");
        self.until(&what, |frame| {
            let mut sent = events(frame).filter(|event| event["type"] == "message_sent");
            sent.find(|event| {
                event["conversation"] == conversation && event["message"]["text"] == text
            })
            .cloned()
        })
        .await
    }

    /// Waits until everything that was under way has come: a ping is answered after it.
    pub async fn settle(&mut self) -> Result<()> {
        self.say(&json!({ "type": "ping" })).await?;
        self.kind("pong").await.map(drop)
    }

    /// Events of a kind that have come so far, in order.
    pub fn seen(&self, kind: &str) -> Vec<Value> {
        self.all.iter().flat_map(events).filter(|event| event["type"] == kind).cloned().collect()
    }

    /// Ids of the messages that have come so far, in order.
    pub fn message_ids(&self) -> Vec<String> {
        let ids = self
            .seen("message_sent")
            .into_iter()
            .filter_map(|event| event["message"]["id"].as_str().map(str::to_owned));
        ids.collect()
    }

    /// Positions must never go back, and none may come twice.
    pub fn check_order(&self) -> Result<()> {
        let events = self.all.iter().filter(|frame| frame["type"] == "event");
        let positions: Vec<u64> = events.filter_map(|frame| frame["position"].as_u64()).collect();
        ensure!(
            positions.windows(2).all(|pair| pair[0] < pair[1]),
            "positions out of order: {positions:?}"
        );
        Ok(())
    }

    /// Hangs up without a word, as a lost network does.
    pub fn cut(self) -> u64 {
        self.cursor
    }

    fn said(&self) -> String {
        let kinds = self
            .all
            .iter()
            .rev()
            .take(12)
            .map(|frame| frame.to_string().chars().take(300).collect::<String>());
        format!("the last frames:\n  {}", kinds.collect::<Vec<_>>().join("\n  "))
    }
}

/// A frame with several events as as many frames, so that each can be waited for.
fn one_by_one(frame: Value) -> Vec<Value> {
    let Some(events) = frame["events"].as_array().filter(|events| events.len() > 1) else {
        return vec![frame];
    };
    let alone = |event: &Value| {
        let mut one = frame.clone();
        one["events"] = Value::Array(vec![event.clone()]);
        one
    };
    events.iter().map(alone).collect()
}

/// The events in a frame.
pub fn events(frame: &Value) -> impl Iterator<Item = &Value> {
    let is_event = frame["type"] == "event";
    frame["events"].as_array().into_iter().flatten().filter(move |_| is_event)
}
