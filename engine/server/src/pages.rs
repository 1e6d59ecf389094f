//! What is served outside the API: the landing page, the figures, and the two questions of an orchestrator.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::extract::Json;
use crate::state::App;

/// The landing page.
pub(crate) async fn landing() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], include_str!("landing.html"))
        .into_response()
}

/// Its style.
pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("landing.css"))
        .into_response()
}

/// Its script.
pub(crate) async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("landing.js"))
        .into_response()
}

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// Whether the desk takes work.
#[derive(Debug, Serialize)]
pub(crate) struct Ready {
    pub(crate) ready: bool,
    pub(crate) reasons: Vec<String>,
}

/// Looks whether the desk takes work.
pub(crate) fn readiness(app: &App) -> Ready {
    let mut reasons = Vec::new();
    if app.is_stopping() {
        reasons.push("the server is shutting down".to_owned());
    }
    if let Some(why) = app.stopped_because() {
        reasons.push(format!("the desk has stopped: {why}"));
    }
    Ready { ready: reasons.is_empty(), reasons }
}

/// Whether the desk takes work: 503 while it does not.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let ready = readiness(&app);
    let status = if ready.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(ready)).into_response()
}

/// Figures for Prometheus.
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], crate::metrics::text(&app)).into_response()
}
