//! Problem details (RFC 9457): the one shape in which the API says no, and the one match that turns a refusal into it.
//!
//! What is refused is decided in `dialogo-domain`; here it only gets a status, a title and words. Faults of the machine
//! become a problem without their cause: that goes to the log.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dialogo_desk::DeskError;
use dialogo_domain::Refusal;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::api::names;

/// Seconds after which a client may try again when the desk has too much to do.
const OVERLOADED_RETRY_S: u64 = 1;
/// Seconds after which a client may look again for a desk that has stopped.
const STOPPED_RETRY_S: u64 = 5;

/// An error answer.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Problem {
    /// Reference that names the kind of problem: `/problems/` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is wrong this time, and what to do.
    pub detail: String,
    /// The kind of problem for programs, in kebab-case.
    pub code: String,
    /// The field, header or parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Where in the body the text is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<TextPosition>,
    /// Seconds after which trying again makes sense; also in `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Further typed members, by kind of problem.
    #[serde(flatten)]
    #[schema(ignore)]
    pub members: Map<String, Value>,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TextPosition {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1.
    pub column: usize,
}

impl Problem {
    /// A problem of the given kind.
    pub fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            field: None,
            position: None,
            retry_after: None,
            members: Map::new(),
        }
    }

    /// A field of the request is malformed or out of its bounds.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut problem =
            Self::new(StatusCode::BAD_REQUEST, "invalid", "the request is not valid", detail);
        problem.field = Some(field.into());
        problem
    }

    /// There is no valid token.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "a valid token is needed", detail)
    }

    /// The kind of action is not for this caller.
    pub fn forbidden(needs: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "not-allowed",
            "not allowed",
            format!("this is for the role `{needs}`"),
        )
        .with("needs", needs)
    }

    /// Unknown, or not the caller's to see: the same answer for both.
    pub fn not_found(what: &str) -> Self {
        let detail = format!("there is no such {what}, or it is not yours to see");
        Self::new(
            StatusCode::NOT_FOUND,
            &format!("{}-unknown", what.replace(' ', "-")),
            "not found",
            detail,
        )
    }

    /// The caller does too much at a time.
    pub fn too_many(what: &str, retry_after_s: u64) -> Self {
        let seconds = retry_after_s.max(1);
        let detail = format!("too many {what}: try again in {seconds} s");
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "too many requests",
            detail,
        );
        problem.retry_after = Some(seconds);
        problem
    }

    /// The body is larger than allowed.
    pub fn too_large(limit_bytes: u64) -> Self {
        let detail = format!("at most {limit_bytes} bytes are taken here");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "too large", detail)
            .with("limit", limit_bytes)
    }

    /// Something outside broke; the cause is in the log.
    pub fn fault() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "an error in the desk",
            "this is not your fault; the operator finds the cause in the log under the request id",
        )
    }

    /// The same key names another command.
    pub fn key_reused() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "idempotency-key-reused",
            "the key was used before",
            "this id was used by somebody else or for another request: take a fresh one",
        )
    }

    /// Adds a typed member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Names the field that is wrong.
    #[must_use]
    pub fn at_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The status as a type.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let retry_after = self.retry_after;
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Ok(code) = HeaderValue::from_str(&self.code) {
            headers.insert(PROBLEM_CODE.clone(), code);
        }
        response
    }
}

/// Names the problem in a header, so that metrics and logs need not read the body.
pub static PROBLEM_CODE: HeaderName = HeaderName::from_static("problem-code");

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Refused(refusal) => refusal.into(),
            DeskError::Overloaded => {
                let mut problem = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "overloaded",
                    "the desk has too much to do",
                    "nothing has happened: send it again in a moment",
                );
                problem.retry_after = Some(OVERLOADED_RETRY_S);
                problem
            }
            DeskError::Stopped(reason) => {
                tracing::warn!(%reason, "a request met a stopped desk");
                let mut problem = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "stopped",
                    "the desk has stopped",
                    "what was not acknowledged has not happened: send it again with the same id later",
                );
                problem.retry_after = Some(STOPPED_RETRY_S);
                problem
            }
        }
    }
}

fn conflict(code: &str, title: &str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::CONFLICT, code, title, detail)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotAllowed { needs } => Self::forbidden(needs),
            Refusal::ConversationUnknown(_) => Self::not_found("conversation"),
            Refusal::AgentUnknown(_) => Self::not_found("agent"),
            Refusal::DepartmentUnknown(id) => {
                Self::not_found("department").with("department", id.as_str())
            }
            Refusal::NodeUnknown(id) => Self::not_found("node").with("node", id.as_str()),
            Refusal::NodeInactive(id) => conflict(
                "node-inactive",
                "the node is not in use",
                format!("`{id}` was deactivated: choose another"),
            )
            .with("node", id.as_str()),
            Refusal::NodeOutOfScope(id) => conflict(
                "node-out-of-scope",
                "the node is not meant for this",
                format!("`{id}` is not meant for this department or channel"),
            )
            .with("node", id.as_str()),
            Refusal::AccountExists(id) => conflict(
                "account-exists",
                "the login is taken",
                format!("an account `{id}` exists"),
            )
            .with("agent", id.as_str()),
            Refusal::LastAdmin => conflict(
                "last-admin",
                "the last admin",
                "make another admin before removing this one",
            ),
            Refusal::WrongState { state, action } => {
                let state = names::state(state);
                conflict(
                    "wrong-state",
                    "not in this state",
                    format!("`{action}` cannot be done while the conversation is `{state}`"),
                )
                .with("state", state)
                .with("action", action)
            }
            Refusal::NotTheirs { agent } => {
                let agent = agent.map(|agent| agent.to_string());
                let detail = match &agent {
                    Some(agent) => format!("`{agent}` has this conversation"),
                    None => "nobody has this conversation: claim it first".to_owned(),
                };
                conflict("not-theirs", "somebody else's conversation", detail).with("agent", agent)
            }
            Refusal::AgentAtLimit { agent, load, limit, binding } => conflict(
                "agent-at-limit",
                "the agent is at the limit",
                format!(
                    "`{agent}` has {load} of {limit} conversations (limit of the {})",
                    names::limit_source(binding)
                ),
            )
            .with("agent", agent.as_str())
            .with("load", load)
            .with("limit", limit)
            .with("binding", names::limit_source(binding)),
            Refusal::AgentNotOnline(agent) => conflict(
                "agent-not-online",
                "the agent is not online",
                format!("`{agent}` is not online"),
            )
            .with("agent", agent.as_str()),
            Refusal::AgentNotMember { agent, department } => conflict(
                "agent-not-member",
                "the agent is not of this department",
                format!("`{agent}` does not belong to `{department}`"),
            )
            .with("agent", agent.as_str())
            .with("department", department.as_str()),
            Refusal::TransferToItself => conflict(
                "transfer-to-itself",
                "already there",
                "the conversation is where it would be transferred to",
            ),
            Refusal::DepartmentClosed(id) => conflict(
                "department-closed",
                "the department is closed",
                format!("`{id}` is outside its hours"),
            )
            .with("department", id.as_str()),
            Refusal::TransferNotListed { from, to } => conflict(
                "transfer-not-listed",
                "not an allowed target",
                format!("`{from}` may not transfer to `{to}` by the rules"),
            )
            .with("from", from.as_str())
            .with("to", to.as_str()),
            Refusal::TooManyHops { hops, limit } => conflict(
                "too-many-hops",
                "transferred too often",
                format!("transferred {hops} times already, {limit} are allowed"),
            )
            .with("hops", hops)
            .with("limit", limit),
            Refusal::NoFirstContact => conflict(
                "no-first-contact",
                "no agent of first contact",
                "no agent has answered this conversation yet",
            ),
            Refusal::ClassificationRequired => conflict(
                "classification-required",
                "classify it first",
                "the rules ask for a classification before an agent finishes",
            ),
            Refusal::TooLateToUndo { since_ms, window_ms } => conflict(
                "too-late-to-undo",
                "too late to undo",
                format!("closed {since_ms} ms ago; a finish can be undone within {window_ms} ms"),
            )
            .with("since_ms", since_ms)
            .with("window_ms", window_ms),
            Refusal::SuggestionsOutdated { set, current } => conflict(
                "suggestions-outdated",
                "newer suggestions stand",
                format!("set {set} was replaced by set {current}"),
            )
            .with("set", set)
            .with("current", current),
            Refusal::NotSuggested(id) => conflict(
                "not-suggested",
                "not among the suggestions",
                format!("`{id}` is not in that set"),
            )
            .with("node", id.as_str()),
            Refusal::OwnLimitForbidden => Self::new(
                StatusCode::FORBIDDEN,
                "own-limit-forbidden",
                "not allowed",
                "by the rules agents may not set a limit of their own",
            ),
            Refusal::Invalid { field, problem } => Self::invalid(field, problem.to_string()),
            Refusal::Stale { generation, version } => conflict(
                "stale",
                "the rules or the conversation changed meanwhile",
                "nothing has happened: send it again",
            )
            .with("generation", generation.to_string())
            .with("version", version),
            Refusal::NoDepartment => conflict(
                "no-department",
                "no department",
                "the rules name no department that could take it",
            ),
            Refusal::CannotRate => {
                conflict("cannot-rate", "cannot be rated", "already rated, or nothing to rate yet")
            }
        }
    }
}

/// A fault with its chain of causes, for the log.
pub fn log_fault(what: &str, error: &dyn std::error::Error) -> Problem {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(what, error = %chain, "a request failed");
    Problem::fault()
}

/// The problem as JSON, for frames of the socket.
pub fn as_value(problem: &Problem) -> Value {
    serde_json::to_value(problem).unwrap_or_else(|_| json!({ "code": problem.code }))
}

#[cfg(test)]
mod tests {
    use dialogo_domain::conversation::State;
    use dialogo_domain::event::LimitSource;
    use dialogo_domain::{AgentId, ConversationId, Refusal};

    use super::*;

    #[test]
    fn unknown_and_not_yours_read_the_same() {
        let one = Problem::from(Refusal::ConversationUnknown(ConversationId(1)));
        let other = Problem::from(Refusal::ConversationUnknown(ConversationId(2)));
        assert_eq!(one, other);
        assert_eq!(one.status, 404);
        assert_eq!(one.code, "conversation-unknown");
    }

    #[test]
    fn refusals_carry_typed_members() {
        let problem = Problem::from(Refusal::AgentAtLimit {
            agent: AgentId::from("ana"),
            load: 4,
            limit: 4,
            binding: LimitSource::Department,
        });
        let value = as_value(&problem);
        assert_eq!(value["type"], "/problems/agent-at-limit");
        assert_eq!(value["status"], 409);
        assert_eq!(value["limit"], 4);
        assert_eq!(value["binding"], "department");
        let wrong = as_value(&Refusal::WrongState { state: State::Closed, action: "hold" }.into());
        assert_eq!(
            (wrong["state"].as_str(), wrong["action"].as_str()),
            (Some("closed"), Some("hold"))
        );
    }

    #[test]
    fn an_overloaded_desk_says_when_to_come_back() {
        let response = Problem::from(DeskError::Overloaded).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
}
