//! The way to a running desk: its control socket, which speaks HTTP/1.1.
//!
//! One connection a call, closed by the desk after the answer: that is all a command line needs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::folder::DeskFolder;
use crate::output::Failure;

/// A desk that runs, as its operator reaches it.
pub(super) struct Running {
    socket: PathBuf,
}

impl Running {
    /// The desk that runs on this folder; `None` if none does.
    pub(super) async fn find(dir: &Path) -> Option<Self> {
        let socket = DeskFolder::at(dir).data.join("control.sock");
        if !socket.exists() {
            return None;
        }
        // A socket file may be left over from a desk that was killed.
        UnixStream::connect(&socket).await.ok()?;
        Some(Self { socket })
    }

    /// The same, where there has to be one.
    pub(super) async fn need(dir: &Path) -> Result<Self> {
        Self::find(dir).await.ok_or_else(|| {
            Failure::unavailable(
                format!("no desk runs on {}", dir.display()),
                format!(
                    "start it with `dialogo --dir {} serve`, or name another folder with --dir",
                    dir.display()
                ),
            )
            .into()
        })
    }

    /// Reads something.
    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.call("GET", path, None).await
    }

    /// Asks for something; a problem becomes a fault in its words.
    pub(super) async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value> {
        let (status, answer) = self.ask(method, path, body).await?;
        if (200..300).contains(&status) { Ok(answer) } else { Err(refusal(status, &answer).into()) }
    }

    /// Asks for something and returns status and answer as they are.
    pub(super) async fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value)> {
        let answer =
            tokio::time::timeout(PATIENCE, exchange(&self.socket, method, path, body)).await;
        let answer =
            answer.unwrap_or_else(|_| Err(format!("nothing came within {} s", PATIENCE.as_secs())));
        answer.map_err(|why| {
            let what = format!("the running desk did not answer {method} {path}: {why}");
            Failure::unavailable(what, "see its log; `dialogo status` says how it is").into()
        })
    }
}

/// How long an answer may take: a reload may have to compile plugins first.
const PATIENCE: Duration = Duration::from_mins(2);

async fn exchange(
    socket: &Path,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<(u16, Value), String> {
    let broken = |fault: std::io::Error| fault.to_string();
    let body = body.map(Value::to_string).unwrap_or_default();
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n{kind}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = UnixStream::connect(socket).await.map_err(broken)?;
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.map_err(broken)?;
    understand(&answer)
}

/// Status and body of an answer.
fn understand(answer: &[u8]) -> Result<(u16, Value), String> {
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or("the answer has no end of its head")?;
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or("the answer has no status")?;
    let body = &answer[end + 4..];
    let body =
        if head.contains("transfer-encoding: chunked") { unchunked(body)? } else { body.to_vec() };
    if body.is_empty() {
        return Ok((status, Value::Null));
    }
    let value =
        serde_json::from_slice(&body).map_err(|fault| format!("the answer is no JSON: {fault}"))?;
    Ok((status, value))
}

fn unchunked(mut rest: &[u8]) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        let end =
            rest.windows(2).position(|window| window == b"\r\n").ok_or("a chunk has no length")?;
        let length = std::str::from_utf8(&rest[..end])
            .ok()
            .and_then(|hex| usize::from_str_radix(hex.trim(), 16).ok());
        let length = length.ok_or("a chunk has no length")?;
        if length == 0 {
            return Ok(body);
        }
        let chunk = rest.get(end + 2..end + 2 + length).ok_or("a chunk is cut off")?;
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + length..).ok_or("a chunk is cut off")?;
    }
}

fn refusal(status: u16, answer: &Value) -> Failure {
    let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default();
    let detail = if text("detail").is_empty() { text("title") } else { text("detail") };
    Failure::refused(format!("the desk answered {status} {}: {detail}", text("code")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood_whole_and_in_chunks() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}";
        assert_eq!(understand(whole), Ok((200, serde_json::json!({ "a": 1 }))));
        let chunked = b"HTTP/1.1 422 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n";
        assert_eq!(understand(chunked), Ok((422, serde_json::json!({ "a": 1 }))));
        assert_eq!(understand(b"HTTP/1.1 204 No Content\r\n\r\n"), Ok((204, Value::Null)));
        assert!(understand(b"hello").is_err());
    }
}
