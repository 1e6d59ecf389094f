//! Files: taken in a stream with a bound, looked into, judged, and only then stored; given back with safe headers.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use dialogo_desk::Upload;
use dialogo_domain::message::Attachment;
use dialogo_domain::plugin::Verdict;
use dialogo_domain::{AttachmentId, Command, ConversationId, MessageId};
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use utoipa::ToSchema;
use uuid::Uuid;

use super::run;
use crate::api::{self, bits};
use crate::attachments::Card;
use crate::attachments::headers::{Asked, range, safe_headers};
use crate::auth::Caller;
use crate::extract::{IdempotencyKey, Json, Path, drain};
use crate::problem::{Problem, log_fault};
use crate::reads;
use crate::state::App;

/// Longest name of a file, in bytes (what file systems allow).
const MAX_FILE_NAME: usize = 255;
/// First bytes handed to the policies.
const HEAD: usize = 4_096;
/// Header with the name of a file sent as the body itself; percent-encoded UTF-8.
const FILE_NAME: &str = "x-file-name";

/// A file was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Uploaded {
    /// Name it in a message.
    id: String,
    /// Name given by the sender.
    name: String,
    /// Type by content.
    mime: String,
    /// Size in bytes.
    bytes: u64,
    /// What the policies said: `allow` or `warn`.
    verdict: api::Verdict,
}

/// A file on its way in; removed from the disk when dropped.
struct Received {
    path: std::path::PathBuf,
    name: String,
    declared: String,
    bytes: u64,
    sha256: [u8; 32],
    head: Bytes,
}

impl Drop for Received {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Bytes of a file past the limit that are read on so that the answer arrives.
const MAX_DRAINED: u64 = 64 << 20;

/// Uploads one file: a multipart form with the field `file`, or the file itself with its `Content-Type` and
/// `X-File-Name`. It is judged before it is stored.
#[utoipa::path(post, path = "/conversations/{id}/attachments", tag = "attachments", security(("token" = [])), params(("id" = Uuid, Path)),
    request_body(content_type = "multipart/form-data", description = "One field `file`"), responses(
    (status = 201, description = "Stored: name it in a message within a day", body = Uploaded),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 413, description = "Too large", body = Problem),
    (status = 422, description = "Refused by a policy; recorded as refused", body = Problem),
    (status = 429, description = "Too many files", body = Problem),
))]
pub(crate) async fn upload(
    State(app): State<App>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
    request: Request,
) -> Result<(StatusCode, Json<Uploaded>), Problem> {
    let conversation = ConversationId(bits(id));
    let consumer =
        reads::with_conversation(&app, &caller, conversation, |found, _| found.consumer)?;
    app.limits.upload(&caller)?;
    let received = receive(&app, request).await?;
    let inspection =
        crate::adapt::inspect(&received.path, &received.name, &received.declared).await?;
    let mime =
        crate::adapt::sniffed(&inspection).unwrap_or_else(|| "application/octet-stream".to_owned());
    let upload = Upload {
        conversation,
        name: received.name.clone(),
        declared_mime: received.declared.clone(),
        inspection,
        bytes: received.bytes,
        sha256: received.sha256,
        head: received.head.clone(),
    };
    let judgement = app.desk.judge_attachment(&caller.actor(), upload).await?;
    let mut card = Card {
        id: AttachmentId(Uuid::now_v7().as_u128()),
        consumer,
        conversation,
        uploader: caller.actor(),
        name: received.name.clone(),
        mime,
        bytes: received.bytes,
        sha256: received.sha256,
        warning: None,
        at: app.now(),
        kept: false,
    };
    match &judgement.verdict {
        Verdict::Deny { code, detail } => {
            let problem = refused(code, detail);
            let message = MessageId(key.map_or_else(|| Uuid::now_v7().as_u128(), |key| key.0));
            let attachment: Attachment = card.attachment();
            let command =
                Command::RefuseAttachment { conversation, message, attachment, judgement };
            run(&app, caller.actor(), key, command).await?;
            return Err(problem);
        }
        Verdict::Warn { code, .. } => card.warning = Some(code.to_string()),
        Verdict::Allow | Verdict::Rewritten { .. } => {}
    }
    app.attachments
        .put(&received.path, &card)
        .await
        .map_err(|error| log_fault("storing a file", &error))?;
    app.metrics.upload(card.bytes);
    let verdict = api::Verdict::from(&judgement.verdict);
    let uploaded = Uploaded {
        id: card.id.to_string(),
        name: card.name.clone(),
        mime: card.mime,
        bytes: card.bytes,
        verdict,
    };
    Ok((StatusCode::CREATED, Json(uploaded)))
}

fn refused(code: &str, detail: &str) -> Problem {
    let title = "the file is refused";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "attachment-refused", title, detail)
        .with("reason", code.to_owned())
}

/// Takes the file out of the request.
async fn receive(app: &App, request: Request) -> Result<Received, Problem> {
    let limit = app.max_upload_bytes();
    let declared_length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    // A form adds its borders; whoever says more than that is told before sending it.
    if let Some(length) = declared_length.filter(|length: &u64| *length > limit + 64 * 1024) {
        // Who asked first has sent nothing yet.
        let sending = !request.headers().contains_key(header::EXPECT);
        if sending && length <= limit + MAX_DRAINED {
            drain(request.into_body().into_data_stream(), length).await;
        }
        return Err(Problem::too_large(limit));
    }
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("")
        .to_owned();
    if kind.to_ascii_lowercase().starts_with("multipart/") {
        let mut form = Multipart::from_request(request, app)
            .await
            .map_err(|rejection| Problem::invalid("Content-Type", rejection.body_text()))?;
        let broken = |error: axum::extract::multipart::MultipartError| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large(limit)
            } else {
                Problem::invalid("body", error.body_text())
            }
        };
        while let Some(field) = form.next_field().await.map_err(broken)? {
            if field.name() != Some("file") {
                continue;
            }
            let name = field.file_name().unwrap_or("file").to_owned();
            let declared = field.content_type().unwrap_or("application/octet-stream").to_owned();
            let body = field.map(|chunk| chunk.map_err(|error| error.body_text()));
            return write_down(app, limit, &name, declared, body).await;
        }
        return Err(Problem::invalid("file", "the form has no field `file`"));
    }
    if kind.is_empty() {
        let code = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let detail = "send a form with the field `file`, or the file with its `Content-Type` and `X-File-Name`";
        let title = "not a type that is taken here";
        return Err(
            Problem::new(code, "unsupported-media-type", title, detail).at_field("Content-Type")
        );
    }
    let name = request.headers().get(FILE_NAME).map(|value| percent_decoded(value.as_bytes()));
    let name = name.unwrap_or_else(|| Ok("file".to_owned()))?;
    let body = request
        .into_body()
        .into_data_stream()
        .map(|chunk| chunk.map_err(|error| error.to_string()));
    write_down(app, limit, &name, kind, body).await
}

/// A name from a header: percent-encoded UTF-8.
fn percent_decoded(text: &[u8]) -> Result<String, Problem> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%' && tail.len() >= 2)
            .then(|| {
                std::str::from_utf8(&tail[..2])
                    .ok()
                    .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            })
            .flatten();
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes)
        .map_err(|_| Problem::invalid("X-File-Name", "not UTF-8 once it is percent-decoded"))
}

/// The last part of a name, on one line, of bounded length.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let mut clean: String = last.chars().filter(|character| !character.is_control()).collect();
    while clean.len() > MAX_FILE_NAME {
        clean.pop();
    }
    let clean = clean.trim();
    if clean.is_empty() || clean == "." || clean == ".." {
        "file".to_owned()
    } else {
        clean.to_owned()
    }
}

/// Writes the stream to a temporary file while its digest is made, and cuts it off at the limit.
async fn write_down(
    app: &App,
    limit: u64,
    name: &str,
    declared: String,
    body: impl Stream<Item = Result<Bytes, String>>,
) -> Result<Received, Problem> {
    let path = app.attachments.temporary();
    let fault = |error: std::io::Error| log_fault("writing an upload", &error);
    let mut file = tokio::fs::File::create(&path).await.map_err(fault)?;
    let name = clean_name(name);
    let mut received =
        Received { path, name, declared, bytes: 0, sha256: [0; 32], head: Bytes::new() };
    let mut digest = Sha256::new();
    let mut head = Vec::new();
    let mut body = std::pin::pin!(body);
    while let Some(chunk) = body.next().await {
        let chunk = chunk
            .map_err(|why| Problem::invalid("body", format!("the upload broke off: {why}")))?;
        received.bytes += chunk.len() as u64;
        if received.bytes > limit {
            drain(body, MAX_DRAINED).await;
            return Err(Problem::too_large(limit));
        }
        if head.len() < HEAD {
            head.extend_from_slice(&chunk[..chunk.len().min(HEAD - head.len())]);
        }
        digest.update(&chunk);
        file.write_all(&chunk).await.map_err(fault)?;
    }
    file.flush().await.map_err(fault)?;
    if received.bytes == 0 {
        return Err(Problem::invalid("file", "the file is empty"));
    }
    received.sha256 = digest.finalize().into();
    received.head = head.into();
    Ok(received)
}

/// A file of a conversation the caller may see.
#[utoipa::path(get, path = "/attachments/{id}", tag = "attachments", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The file", content_type = "application/octet-stream"),
    (status = 206, description = "A part of it", content_type = "application/octet-stream"),
    (status = 401, description = "No valid token", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 416, description = "There is no such part", body = Problem),
))]
pub(crate) async fn download(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    headers: axum::http::HeaderMap,
) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("attachment");
    let found = app.attachments.card(AttachmentId(bits(id))).await;
    let card =
        found.map_err(|error| log_fault("reading a file's card", &error))?.ok_or_else(unknown)?;
    // Until it is sent it is its uploader's alone.
    if !card.kept && card.uploader != caller.actor() {
        return Err(unknown());
    }
    reads::with_conversation(&app, &caller, card.conversation, |_, _| ()).map_err(|_| unknown())?;
    let part = match range(&headers, card.bytes) {
        Asked::All => None,
        Asked::Part(part) => Some(part),
        Asked::Outside => {
            let title = "there is no such part";
            let detail = format!("the file has {} bytes", card.bytes);
            let problem = Problem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "range-not-satisfiable",
                title,
                detail,
            );
            let length = format!("bytes */{}", card.bytes);
            return Ok(([(header::CONTENT_RANGE, length)], problem).into_response());
        }
    };
    let content = app
        .attachments
        .content(&card, part.clone())
        .await
        .map_err(|error| log_fault("reading a file", &error))?
        .ok_or_else(unknown)?;
    let mut headers = safe_headers(&card.mime, &card.name);
    let (status, length) = match &part {
        None => (StatusCode::OK, card.bytes),
        Some(part) => {
            let span = format!("bytes {}-{}/{}", part.start, part.end - 1, card.bytes);
            if let Ok(span) = span.parse() {
                headers.insert(header::CONTENT_RANGE, span);
            }
            (StatusCode::PARTIAL_CONTENT, part.end - part.start)
        }
    };
    headers.insert(header::CONTENT_LENGTH, length.into());
    Ok((status, headers, Body::from_stream(content.into_stream())).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_reduced_to_their_last_part() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\temp\\nota fiscal.pdf"), "nota fiscal.pdf");
        assert_eq!(clean_name(".."), "file");
        assert_eq!(clean_name("a\0b\n.txt"), "ab.txt");
        assert!(clean_name(&"ç".repeat(500)).len() <= MAX_FILE_NAME);
    }

    #[test]
    fn names_in_headers_are_decoded() {
        assert_eq!(percent_decoded(b"nota%20fiscal%C3%A7.pdf").unwrap(), "nota fiscal\u{e7}.pdf");
        assert_eq!(percent_decoded(b"100%.pdf").unwrap(), "100%.pdf");
        assert_eq!(percent_decoded(b"%E9.pdf").unwrap_err().status, 400);
    }
}
