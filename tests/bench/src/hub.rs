//! The bare hub that the whole way is measured against: axum, WebSockets, rooms of two. It takes a frame, passes it on to
//! the other one in the room, and acknowledges it. It stores nothing, judges nothing, knows nobody.
//!
//! The bench runs it as a process of its own (`dialogo-bench --hub`), with the same small buffers the server has.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// As the server has it.
const BUFFER: usize = 4 * 1024;

/// What a sender gets back.
const ACK: Utf8Bytes = Utf8Bytes::from_static(r#"{"type":"ack"}"#);

type Rooms = Arc<Mutex<HashMap<(u32, u8), UnboundedSender<Utf8Bytes>>>>;

/// Serves until it is killed; prints its port first.
pub(crate) async fn serve() -> Result<()> {
    let app = Router::new().route("/room/{room}/{side}", get(join)).with_state(Rooms::default());
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?.port());
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        // Without it the kernel may hold small frames back; a stream that does not take it is only slower.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await?;
    Ok(())
}

async fn join(
    State(rooms): State<Rooms>,
    Path((room, side)): Path<(u32, u8)>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade.read_buffer_size(BUFFER).write_buffer_size(BUFFER);
    upgrade.on_upgrade(move |socket| stay(rooms, room, side, socket))
}

async fn stay(rooms: Rooms, room: u32, side: u8, socket: WebSocket) {
    let (mut out, mut frames) = socket.split();
    let (mine, mut inbox) = unbounded_channel();
    rooms.lock().unwrap_or_else(PoisonError::into_inner).insert((room, side), mine);
    let mut other = None;
    loop {
        tokio::select! {
            frame = frames.next() => {
                let Some(Ok(frame)) = frame else { break };
                let Message::Text(text) = frame else { continue };
                let other = other.get_or_insert_with(|| peer(&rooms, room, side));
                if let Some(other) = other {
                    let _ = other.send(text);
                }
                if out.send(Message::Text(ACK)).await.is_err() {
                    break;
                }
            }
            text = inbox.recv() => {
                let Some(text) = text else { break };
                if out.feed(Message::Text(text)).await.is_err() {
                    break;
                }
                while let Ok(text) = inbox.try_recv() {
                    if out.feed(Message::Text(text)).await.is_err() {
                        return;
                    }
                }
                if out.flush().await.is_err() {
                    break;
                }
            }
        }
    }
}

fn peer(rooms: &Rooms, room: u32, side: u8) -> Option<UnboundedSender<Utf8Bytes>> {
    rooms.lock().unwrap_or_else(PoisonError::into_inner).get(&(room, 1 - side)).cloned()
}
