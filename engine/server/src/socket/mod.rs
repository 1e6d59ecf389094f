//! The one WebSocket: live work for accounts and consumers, with resume by cursor.
//!
//! One task a connection and small buffers: an idle one costs a few KiB. What is sent is handled strictly in the order of
//! its frames, conversation by conversation. Frames are in [`frames`]; the life of a connection is in [`connection`].

mod connection;
mod frames;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use crate::problem::Problem;
use crate::state::App;

/// Largest frame taken: a message of 16 KiB with every character escaped, and then some.
pub(crate) const MAX_FRAME: usize = 64 * 1024;
/// Buffers of a connection. The library's default of 128 KiB would be most of what an idle connection costs.
const BUFFER: usize = 4 * 1024;

/// Opens the socket. The first frame has to be `hello` with the token; see the description of the frames.
#[utoipa::path(get, path = "/socket", tag = "socket",
    description = "WebSocket, text frames of JSON, at most 64 KiB in. First frame within 10 s: \
        `{\"type\":\"hello\",\"token\":T,\"cursor\":P?,\"watch\":[C]?}`; then `welcome`, what was missed since P, and live events. \
        Client frames: `send`, `read`, `typing`, `watch`, `unwatch`, `ping`. \
        Server frames: `welcome`, `ack`, `event`, `typing`, `replies`, `watermark`, `refresh`, `error`, `pong`, `bye`. \
        Keep the greatest position of `welcome`, `event`, `watermark` and `refresh` as the cursor; the position of an `ack` is no cursor.",
    responses(
    (status = 101, description = "Open"),
    (status = 400, description = "Not an upgrade to a WebSocket", body = Problem),
    (status = 403, description = "The page's origin is not allowed", body = Problem),
    (status = 503, description = "Shutting down", body = Problem),
))]
pub(crate) async fn socket(
    State(app): State<App>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade =
        upgrade.map_err(|rejection| Problem::invalid("Upgrade", rejection.body_text()))?;
    if app.is_stopping() {
        return Err(dialogo_desk::DeskError::Stopped("shutting down".into()).into());
    }
    if !crate::origins::allowed(&app, &headers) {
        let title = "the origin is not allowed";
        let detail =
            "the rules name the sites on which the widget may stand: `widget.origins` in desk.toml";
        return Err(Problem::new(StatusCode::FORBIDDEN, "origin-not-allowed", title, detail)
            .at_field(header::ORIGIN.as_str()));
    }
    Ok(upgrade
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_frame_size(MAX_FRAME)
        .max_message_size(MAX_FRAME)
        .on_upgrade(move |socket| connection::run(socket, app)))
}
