//! Extractors whose every rejection is a problem that says what is wrong, where, and what would be right.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use dialogo_domain::CommandId;
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::{Problem, TextPosition};
use crate::router::MAX_JSON_BYTES;
use crate::state::App;

/// Header in which a client names its command.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A body of JSON, in or out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _app: &App) -> Result<Self, Problem> {
        if !is_json(&request) {
            let mut problem = Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "not a type that is taken here",
                "send JSON with `Content-Type: application/json`",
            );
            problem.field = Some("Content-Type".to_owned());
            return Err(problem);
        }
        let body = body_bytes(request).await?;
        read_json(&body).map(Json)
    }
}

/// A body of JSON that may be absent: nothing reads as `{}`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MaybeJson<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for MaybeJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _app: &App) -> Result<Self, Problem> {
        let body = body_bytes(request).await?;
        if body.iter().all(u8::is_ascii_whitespace) {
            return read_json(b"{}").map(MaybeJson);
        }
        read_json(&body).map(MaybeJson)
    }
}

async fn body_bytes(request: Request) -> Result<Bytes, Problem> {
    let mut stream = request.into_body().into_data_stream();
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        let broken = |_| Problem::invalid("body", "the body ended before it was complete");
        let chunk = chunk.map_err(broken)?;
        if body.len() + chunk.len() > MAX_JSON_BYTES {
            drain(stream, MAX_JSON_DRAINED).await;
            return Err(Problem::too_large(MAX_JSON_BYTES as u64));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Bytes past the limit of a JSON body that are read on so that the answer arrives.
const MAX_JSON_DRAINED: u64 = 4 << 20;
/// How long that may take.
const DRAINED_WITHIN: std::time::Duration = std::time::Duration::from_secs(20);

/// Reads on for a while and keeps nothing: a client that is still sending would see a broken line instead of the answer.
pub(crate) async fn drain<E>(body: impl Stream<Item = Result<Bytes, E>>, most: u64) {
    let mut body = std::pin::pin!(body);
    let reading = async {
        let mut passed = 0;
        while let Some(Ok(chunk)) = body.next().await {
            passed += chunk.len() as u64;
            if passed > most {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(DRAINED_WITHIN, reading).await;
}

fn is_json(request: &Request) -> bool {
    let Some(value) = request.headers().get(header::CONTENT_TYPE) else { return false };
    let kind =
        value.to_str().unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Reads JSON; what is wrong is told with line and column, and with the field where serde names one.
pub(crate) fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if let Err(error) = std::str::from_utf8(body) {
        return Err(Problem::invalid(
            "body",
            format!("not UTF-8 from byte {} on", error.valid_up_to()),
        ));
    }
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        let field = what.split('`').nth(1).filter(|_| what.contains("field")).unwrap_or("body");
        let mut problem = Problem::invalid(field, what);
        if error.line() > 0 {
            problem.position = Some(TextPosition { line: error.line(), column: error.column() });
        }
        problem
    })
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// What stands in the path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, app).await;
        read.map(|path| Self(path.0))
            .map_err(|rejection| Problem::invalid("path", rejection.body_text()))
    }
}

/// What stands behind the question mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, app).await;
        read.map(|query| Self(query.0)).map_err(|rejection| {
            let text = rejection.body_text();
            let what = text.rsplit_once("query string: ").map_or(text.as_str(), |(_, what)| what);
            let field = what.split_once(": ").map_or("query", |(field, _)| field).to_owned();
            let field = if field.contains(' ') { "query".to_owned() } else { field };
            Problem::invalid(field, what)
        })
    }
}

/// The id the client gave its command, if it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(pub(crate) Option<CommandId>);

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or("?").trim_matches('"');
        match text.parse() {
            Ok(id) => Ok(Self(Some(id))),
            Err(error) => Err(Problem::invalid("Idempotency-Key", error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Body {
        text: String,
    }

    fn wrong(body: &[u8]) -> Problem {
        read_json::<Body>(body).unwrap_err()
    }

    #[test]
    fn json_faults_say_where() {
        let missing = wrong(b"{}");
        assert_eq!(
            (missing.status, missing.code.as_str(), missing.field.as_deref()),
            (400, "invalid", Some("text"))
        );
        let unknown = wrong(b"{\"text\":\"a\",\"txet\":\"b\"}");
        assert_eq!(unknown.field.as_deref(), Some("txet"));
        let broken = wrong(b"{\"text\":\n \"a\"");
        assert_eq!(broken.position.map(|position| position.line), Some(2));
        let latin1 = wrong(b"{\"text\":\"\xe9\"}");
        assert!(latin1.detail.contains("byte 9"), "{}", latin1.detail);
    }
}
