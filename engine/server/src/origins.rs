//! On which sites the widget may stand: the rules name them, and what a browser says of itself is held against them.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::state::App;

/// How long a browser may remember the answer to a preflight, in seconds.
const PREFLIGHT_KEPT_S: &str = "600";

/// Whether a request may come from the page it says it comes from. Programs say nothing and are not concerned.
pub(crate) fn allowed(app: &App, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    fits(origin, host, &app.desk.rules().checked.desk.origins)
}

/// The desk's own pages, and the sites the rules name.
fn fits(origin: &str, host: Option<&str>, listed: &[String]) -> bool {
    let own = origin.split_once("://").is_some_and(|(_, rest)| Some(rest) == host);
    own || listed
        .iter()
        .any(|site| site == "*" || site.trim_end_matches('/').eq_ignore_ascii_case(origin))
}

/// Answers preflights and lets the listed sites read the answers.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let of_api = request.uri().path().starts_with("/api/");
    let Some(origin) = request.headers().get(header::ORIGIN).filter(|_| of_api).cloned() else {
        return next.run(request).await;
    };
    let allowed = allowed(&app, request.headers());
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        (StatusCode::NO_CONTENT, Body::empty()).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if !allowed {
        return response;
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let expose = "Retry-After, Idempotent-Replay, Problem-Code, X-Request-Id";
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(expose));
    if preflight {
        let methods = HeaderValue::from_static("GET, POST, PUT, DELETE");
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        let named =
            HeaderValue::from_static("Authorization, Content-Type, Idempotency-Key, X-File-Name");
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, named);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_KEPT_S));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_sites_and_the_desk_itself_fit() {
        let listed = ["https://www.example.com".to_owned()];
        assert!(fits("https://www.example.com", None, &listed));
        assert!(fits("https://desk.example.org", Some("desk.example.org"), &listed));
        assert!(!fits("https://www.example.com.evil.net", None, &listed));
        assert!(!fits("null", Some("desk.example.org"), &listed));
        assert!(!fits("https://other.example.com", None, &[]));
        assert!(fits("https://other.example.com", None, &["*".to_owned()]));
    }
}
