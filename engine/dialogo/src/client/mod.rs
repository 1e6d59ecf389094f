//! A client of the public API: REST with retries, and the socket that resumes by cursor.
//!
//! It knows the wire and nothing of the engine: `replay`, the simulated people of the demo desk and
//! the black-box tests all stand on it. What is said on the socket is in [`frames`], the connection
//! itself in [`link`].

pub mod frames;
pub mod link;

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// How long a call is tried again while the desk cannot be reached or is busy.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Why a call did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The desk answered with a problem (RFC 9457).
    Problem {
        /// The HTTP status.
        status: u16,
        /// The machine-readable name, for example `agent-at-limit`.
        code: String,
        /// What it says to people.
        detail: String,
    },
    /// The desk could not be reached for the whole of the patience.
    Unreachable {
        /// What was called.
        what: String,
        /// The last fault.
        why: String,
    },
    /// The answer was not what the contract says.
    Malformed {
        /// What was called.
        what: String,
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem { status, code, detail } => {
                write!(out, "the desk answered {status} {code}: {detail}")
            }
            Self::Unreachable { what, why } => write!(out, "{what}: cannot reach the desk: {why}"),
            Self::Malformed { what, why } => write!(out, "{what}: unexpected answer: {why}"),
        }
    }
}

impl CallError {
    /// The HTTP status, if the desk answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem { status, .. } => Some(*status),
            Self::Unreachable { .. } | Self::Malformed { .. } => None,
        }
    }

    /// Whether the desk said no for a reason of its own (4xx), which is no fault.
    pub fn is_refusal(&self) -> bool {
        self.status().is_some_and(|status| (400..500).contains(&status))
    }
}

/// The verb of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Read.
    Get,
    /// Do.
    Post,
    /// Set.
    Put,
    /// Take away.
    Delete,
}

/// The REST side of a desk.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    http: reqwest::Client,
    patience: Duration,
}

impl Api {
    /// A client of the desk at `base`, for example `http://127.0.0.1:7070`.
    pub fn new(base: &str) -> Result<Self, CallError> {
        install_tls();
        let malformed = |why: String| CallError::Malformed { what: base.to_owned(), why };
        if !(base.starts_with("http://") || base.starts_with("https://")) {
            return Err(malformed("an address begins with http:// or https://".to_owned()));
        }
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_secs(5))
            .tcp_nodelay(true)
            .no_proxy()
            .build()
            .map_err(|fault| malformed(chain(&fault)))?;
        Ok(Self { base: base.trim_end_matches('/').to_owned(), http, patience: PATIENCE })
    }

    /// The same with another patience; `Duration::ZERO`: one try only.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Where the desk is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where its socket is.
    pub fn socket_url(&self) -> String {
        let base = self.base.strip_prefix("http").unwrap_or(&self.base);
        format!("ws{base}/api/v1/socket")
    }

    /// Calls `path` (below `/api/v1`), trying again with the same idempotency key while the desk
    /// cannot be reached, is busy, or asks to wait.
    pub async fn call<T: DeserializeOwned>(
        &self,
        verb: Verb,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<T, CallError> {
        let key = Uuid::new_v4();
        let started = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(20);
        loop {
            let (fault, wait) = match self.once(verb, path, token, body, key).await {
                Ok(bytes) => return parse(verb, path, &bytes),
                Err(Once::Final(fault)) => return Err(fault),
                Err(Once::Again(fault, wait)) => (fault, wait),
            };
            let wait = wait.unwrap_or(pause);
            if started.elapsed() + wait > self.patience {
                return Err(fault);
            }
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    /// Reads `path`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, token: &str) -> Result<T, CallError> {
        self.call(Verb::Get, path, Some(token), None).await
    }

    /// Posts `body` to `path`.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Result<T, CallError> {
        self.call(Verb::Post, path, Some(token), Some(body)).await
    }

    /// Whether the desk is ready to serve, asked once.
    pub async fn is_ready(&self) -> bool {
        let answer = self
            .http
            .get(format!("{}/readyz", self.base))
            .timeout(Duration::from_secs(2))
            .send()
            .await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// A page outside `/api`, as text: `/metrics`.
    pub async fn page(&self, path: &str) -> Result<String, CallError> {
        let unreachable = |fault: reqwest::Error| CallError::Unreachable {
            what: path.to_owned(),
            why: chain(&fault),
        };
        let answer =
            self.http.get(format!("{}{path}", self.base)).send().await.map_err(unreachable)?;
        answer.text().await.map_err(unreachable)
    }

    async fn once(
        &self,
        verb: Verb,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
        key: Uuid,
    ) -> Result<Vec<u8>, Once> {
        let url = format!("{}/api/v1{path}", self.base);
        let mut request = match verb {
            Verb::Get => self.http.get(url),
            Verb::Post => self.http.post(url),
            Verb::Put => self.http.put(url),
            Verb::Delete => self.http.delete(url),
        };
        if verb != Verb::Get {
            request = request.header("idempotency-key", key.to_string());
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let unreachable = |fault: reqwest::Error| CallError::Unreachable {
            what: named(verb, path),
            why: chain(&fault),
        };
        let answer = request.send().await.map_err(|fault| Once::Again(unreachable(fault), None))?;
        let status = answer.status();
        let wait = answer
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(|seconds: u64| Duration::from_secs(seconds.min(5)));
        let bytes = answer.bytes().await.map_err(|fault| Once::Again(unreachable(fault), None))?;
        if status.is_success() {
            return Ok(bytes.to_vec());
        }
        let problem = problem(status.as_u16(), &bytes);
        match status.as_u16() {
            429 | 503 => Err(Once::Again(problem, wait)),
            _ => Err(Once::Final(problem)),
        }
    }
}

/// What one try came to.
enum Once {
    Final(CallError),
    Again(CallError, Option<Duration>),
}

fn parse<T: DeserializeOwned>(verb: Verb, path: &str, bytes: &[u8]) -> Result<T, CallError> {
    let bytes = if bytes.is_empty() { b"null" } else { bytes };
    serde_json::from_slice(bytes)
        .map_err(|fault| CallError::Malformed { what: named(verb, path), why: fault.to_string() })
}

fn problem(status: u16, bytes: &[u8]) -> CallError {
    let value: Value = serde_json::from_slice(bytes).unwrap_or(Value::Null);
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let detail = text("detail").or_else(|| text("title")).unwrap_or_else(|| {
        let raw = String::from_utf8_lossy(bytes);
        raw.chars().take(200).collect()
    });
    CallError::Problem { status, code: text("code").unwrap_or_default(), detail }
}

fn named(verb: Verb, path: &str) -> String {
    let verb = match verb {
        Verb::Get => "GET",
        Verb::Post => "POST",
        Verb::Put => "PUT",
        Verb::Delete => "DELETE",
    };
    format!("{verb} /api/v1{path}")
}

/// An error with everything under it, on one line.
pub(crate) fn chain(fault: &dyn std::error::Error) -> String {
    let mut line = fault.to_string();
    let mut under = fault.source();
    while let Some(fault) = under {
        line.push_str(": ");
        line.push_str(&fault.to_string());
        under = fault.source();
    }
    line
}

/// Chooses the TLS provider of the process; a second call changes nothing.
pub(crate) fn install_tls() {
    // An error only says that one is installed already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A login that is good for calls and sockets.
#[derive(Clone, Debug)]
pub struct Session {
    /// The token to send.
    pub token: String,
    /// The account, by its id.
    pub agent: String,
    /// What it may do: `agent`, `supervisor`, `admin`.
    pub role: String,
    /// Departments it belongs to.
    pub departments: Vec<String>,
}

impl Api {
    /// Logs in.
    pub async fn log_in(&self, login: &str, password: &str) -> Result<Session, CallError> {
        let body = serde_json::json!({ "login": login, "password": password });
        let answer: Value = self.call(Verb::Post, "/sessions", None, Some(&body)).await?;
        let text = |pointer: &str| {
            answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let token = text("/token");
        if token.is_empty() {
            return Err(CallError::Malformed {
                what: "POST /api/v1/sessions".into(),
                why: "no token in it".into(),
            });
        }
        let departments = answer
            .pointer("/agent/departments")
            .and_then(Value::as_array)
            .map(|all| all.iter().filter_map(department_id).collect())
            .unwrap_or_default();
        Ok(Session { token, agent: text("/agent/id"), role: text("/agent/role"), departments })
    }

    /// Every message of a conversation, in order, as `token`'s owner may see them.
    pub async fn transcript(
        &self,
        conversation: Uuid,
        token: &str,
    ) -> Result<Vec<frames::Message>, CallError> {
        const PAGE: usize = 200;
        let mut all: Vec<frames::Message> = Vec::new();
        let mut after = 0;
        loop {
            let path = format!("/conversations/{conversation}/messages?after={after}&limit={PAGE}");
            let page: frames::Page = self.get(&path, token).await?;
            let highest = page.messages.iter().map(|message| message.number).max().unwrap_or(0);
            all.extend(page.messages);
            if !page.more || highest <= after {
                return Ok(all);
            }
            after = highest;
        }
    }
}

fn department_id(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value.get("id")?.as_str()).map(str::to_owned)
}
