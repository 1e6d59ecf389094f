//! A client's WebSocket, as cheap as can be: it looks for pieces of text in frames and parses nothing, since it shares the
//! cores with the server it measures.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// How long a frame may take to come: far more than any takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open socket.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Connects to a path at `host:port`.
    pub(crate) async fn open(address: &str, path: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
        let url = format!("ws://{address}{path}");
        let (socket, _) = tokio_tungstenite::client_async_with_config(url, stream, Some(config))
            .await
            .context("cannot open the socket")?;
        Ok(Self(socket))
    }

    /// Sends a text frame.
    pub(crate) async fn send(&mut self, text: &str) -> Result<()> {
        self.0.send(Message::text(text)).await.context("cannot send")
    }

    /// The next text frame.
    pub(crate) async fn next(&mut self) -> Result<Utf8Bytes> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => bail!("the server closed the socket: {frame:?}"),
                Some(Ok(_)) => {}
                Some(Err(fault)) => return Err(fault).context("the socket broke"),
                None => bail!("the socket has ended"),
            }
        }
    }

    /// The next frame that holds this text; others are dropped.
    pub(crate) async fn until(&mut self, piece: &str) -> Result<Utf8Bytes> {
        self.until_seeing(piece, |_| {}).await
    }

    /// The same, with a look at every frame on the way.
    pub(crate) async fn until_seeing(
        &mut self,
        piece: &str,
        mut look: impl FnMut(&str),
    ) -> Result<Utf8Bytes> {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let text = self.next().await?;
                look(&text);
                if text.contains(piece) {
                    return anyhow::Ok(text);
                }
                if text.contains(r#""type":"error""#) {
                    bail!("the server said {text}");
                }
            }
        });
        waited.await.with_context(|| format!("no frame with {piece} came"))?
    }
}

/// The value of a text member of a frame: `member("generation", …)`.
pub(crate) fn member<'a>(name: &str, frame: &'a str) -> Option<&'a str> {
    let mut rest = frame;
    while let Some(at) = rest.find(name) {
        let after = &rest[at + name.len()..];
        if rest[..at].ends_with('"')
            && let Some(value) = after.strip_prefix("\":\"")
        {
            return value.split('"').next();
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_their_whole_name() {
        let frame = r#"{"type":"event","regeneration":"x","generation":"00ff","events":[]}"#;
        assert_eq!(member("generation", frame), Some("00ff"));
        assert_eq!(member("type", frame), Some("event"));
        assert_eq!(member("missing", frame), None);
    }
}
