//! One socket that lasts: it resumes by its cursor after every broken connection.
//!
//! The owner learns of a resumption through [`Came::Resumed`] and sends again what was not
//! acknowledged; of a cursor that is too old through [`Came::Refresh`], after which it reloads by
//! REST. Nothing here decides what a frame means.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::frames::{Frame, Say};
use super::{CallError, PATIENCE};

/// After so long without a frame the desk is asked, after as long again it is given up.
const SILENCE: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What came.
#[derive(Debug)]
pub enum Came {
    /// A frame of the desk.
    Frame(Box<Frame>),
    /// The connection was lost and is there again: what was not acknowledged has to be sent again.
    Resumed,
    /// The cursor was too old: what was missed has to be fetched by REST.
    Refresh,
    /// The token is no longer good: log in again and call [`Link::set_token`].
    Unauthorized,
    /// The desk could not be reached for too long.
    Lost(CallError),
}

/// One socket that lasts.
pub struct Link {
    url: String,
    token: String,
    cursor: Option<u64>,
    socket: Option<Socket>,
    last_heard: Instant,
    asked: bool,
    down_since: Option<Instant>,
    /// Connections lost so far.
    pub losses: u64,
    announce: Option<Came>,
}

impl Link {
    /// A link that is not connected yet; [`Link::next`] connects it.
    pub fn new(url: String, token: String, cursor: Option<u64>) -> Self {
        Self {
            url,
            token,
            cursor,
            socket: None,
            last_heard: Instant::now(),
            asked: false,
            down_since: None,
            losses: 0,
            announce: None,
        }
    }

    /// Takes another token, after a new login.
    pub fn set_token(&mut self, token: String) {
        self.token = token;
    }

    /// The last position that has come.
    pub fn cursor(&self) -> Option<u64> {
        self.cursor
    }

    /// Moves on to a position that was reached by other means.
    pub fn advance(&mut self, position: u64) {
        if self.cursor.is_none_or(|cursor| cursor < position) {
            self.cursor = Some(position);
        }
    }

    /// Waits until the connection stands for the first time.
    pub async fn open(&mut self) -> Result<(), CallError> {
        match self.connect().await {
            Came::Lost(fault) => Err(fault),
            Came::Unauthorized => Err(CallError::Problem {
                status: 401,
                code: "unauthorized".into(),
                detail: "the token is not good".into(),
            }),
            Came::Refresh => {
                self.announce = Some(Came::Refresh);
                Ok(())
            }
            Came::Resumed | Came::Frame(_) => Ok(()),
        }
    }

    /// Sends a frame; without a connection it is dropped, since the owner sends again what was not
    /// acknowledged once [`Came::Resumed`] tells it.
    pub async fn say(&mut self, say: &Say<'_>) {
        let Ok(text) = serde_json::to_string(say) else { return };
        if let Some(socket) = &mut self.socket
            && socket.send(Message::text(text)).await.is_err()
        {
            self.drop_connection();
        }
    }

    /// The next thing that comes. Safe to cancel.
    pub async fn next(&mut self) -> Came {
        if let Some(came) = self.announce.take() {
            return came;
        }
        loop {
            let Some(socket) = &mut self.socket else {
                return self.connect().await;
            };
            let silence = self.last_heard + SILENCE;
            let received = tokio::select! {
                received = socket.next() => received,
                () = tokio::time::sleep_until(silence) => {
                    self.last_heard = Instant::now();
                    if std::mem::replace(&mut self.asked, true) {
                        self.drop_connection();
                    } else {
                        self.say(&Say::Ping).await;
                    }
                    continue;
                }
            };
            self.last_heard = Instant::now();
            self.asked = false;
            match received {
                Some(Ok(Message::Text(text))) => match serde_json::from_str::<Frame>(&text) {
                    Ok(frame) if frame.kind == "bye" => self.drop_connection(),
                    Ok(frame) if frame.kind == "refresh" => {
                        self.cursor = frame.cursor.or(self.cursor);
                        return Came::Refresh;
                    }
                    Ok(frame) => return Came::Frame(Box::new(frame)),
                    Err(fault) => {
                        return Came::Lost(CallError::Malformed {
                            what: "socket".into(),
                            why: fault.to_string(),
                        });
                    }
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => self.drop_connection(),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Hangs up as a browser does whose tab is closed.
    pub async fn close(mut self) {
        if let Some(mut socket) = self.socket.take() {
            let _ = tokio::time::timeout(Duration::from_secs(1), socket.close(None)).await;
        }
    }

    fn drop_connection(&mut self) {
        if self.socket.take().is_some() {
            self.losses += 1;
        }
    }

    async fn connect(&mut self) -> Came {
        let started = *self.down_since.get_or_insert_with(Instant::now);
        let mut pause = Duration::from_millis(20);
        loop {
            let tried = tokio::time::timeout(Duration::from_secs(10), self.greet()).await;
            let why = match tried {
                Ok(Ok(came)) => {
                    self.last_heard = Instant::now();
                    self.asked = false;
                    self.down_since = None;
                    return came;
                }
                Ok(Err(Greeting::Unauthorized)) => return Came::Unauthorized,
                Ok(Err(Greeting::Broken(why))) => why,
                Err(_) => "no welcome within 10 s".to_owned(),
            };
            if started.elapsed() > PATIENCE {
                return Came::Lost(CallError::Unreachable { what: self.url.clone(), why });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    async fn greet(&mut self) -> Result<Came, Greeting> {
        let broken =
            |fault: tokio_tungstenite::tungstenite::Error| Greeting::Broken(super::chain(&fault));
        let (mut socket, _) =
            tokio_tungstenite::connect_async_with_config(self.url.as_str(), None, true)
                .await
                .map_err(broken)?;
        let hello = serde_json::to_string(&Say::Hello { token: &self.token, cursor: self.cursor })
            .map_err(|fault| Greeting::Broken(fault.to_string()))?;
        socket.send(Message::text(hello)).await.map_err(broken)?;
        loop {
            let frame = match socket.next().await {
                Some(Ok(Message::Text(text))) => serde_json::from_str::<Frame>(&text)
                    .map_err(|fault| Greeting::Broken(fault.to_string()))?,
                Some(Ok(Message::Close(why))) => {
                    return Err(Greeting::Broken(format!("hung up: {why:?}")));
                }
                Some(Ok(_)) => continue,
                Some(Err(fault)) => return Err(broken(fault)),
                None => return Err(Greeting::Broken("hung up".into())),
            };
            match frame.kind.as_str() {
                "welcome" => {
                    self.socket = Some(socket);
                    // With a cursor the position moves with what is caught up, not ahead of it.
                    if self.cursor.is_none() {
                        self.cursor = frame.cursor;
                    }
                    return Ok(Came::Resumed);
                }
                "refresh" => {
                    self.socket = Some(socket);
                    self.cursor = frame.cursor;
                    return Ok(Came::Refresh);
                }
                "error" if status_of(&frame) == Some(401) => return Err(Greeting::Unauthorized),
                "error" => return Err(Greeting::Broken(format!("{:?}", frame.problem))),
                _ => {}
            }
        }
    }
}

fn status_of(frame: &Frame) -> Option<u64> {
    frame.problem.as_ref()?.get("status")?.as_u64()
}

enum Greeting {
    Unauthorized,
    Broken(String),
}
