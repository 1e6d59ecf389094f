//! Logging in and out.

use axum::extract::State;
use axum::http::StatusCode;
use dialogo_domain::AgentId;

use crate::address::ClientAddress;
use crate::api::{Agent, LoginBody, SessionBegun};
use crate::auth::Account;
use crate::extract::Json;
use crate::problem::{Problem, log_fault};
use crate::state::App;

/// Logs an account in.
#[utoipa::path(post, path = "/sessions", tag = "sessions", request_body = LoginBody, responses(
    (status = 201, description = "A session was begun", body = SessionBegun),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "Login and password do not fit", body = Problem),
    (status = 429, description = "Too many tries", body = Problem),
))]
pub(crate) async fn log_in(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    Json(body): Json<LoginBody>,
) -> Result<(StatusCode, Json<SessionBegun>), Problem> {
    app.limits.login(address, &body.login)?;
    let id = AgentId::from(body.login.as_str());
    let hash = app.desk.read(|desk| {
        desk.agents
            .get(&id)
            .filter(|agent| agent.active)
            .map(|agent| std::sync::Arc::clone(&agent.password_hash))
    });
    let fits = app
        .passwords
        .verify(&body.password, hash)
        .await
        .map_err(|error| log_fault("checking a password", &error))?;
    if !fits {
        tracing::info!(%address, "a login was refused");
        return Err(Problem::unauthorized("login and password do not fit"));
    }
    let (token, expires) = app
        .sessions
        .begin(&id, app.now())
        .map_err(|error| log_fault("beginning a session", &error))?;
    let rules = app.desk.rules();
    let agent = app
        .desk
        .read(|desk| desk.agents.get(&id).map(|agent| Agent::of(&id, agent, &rules.checked.domain)))
        .ok_or_else(|| Problem::unauthorized("login and password do not fit"))?;
    Ok((StatusCode::CREATED, Json(SessionBegun { token, expires_at: expires.0, agent })))
}

/// Ends the session the request came by.
#[utoipa::path(delete, path = "/sessions/current", tag = "sessions", security(("token" = [])), responses(
    (status = 204, description = "Ended"),
    (status = 401, description = "No valid token", body = Problem),
))]
pub(crate) async fn log_out(
    State(app): State<App>,
    account: Account,
) -> Result<StatusCode, Problem> {
    app.sessions.end(&account.session).map_err(|error| log_fault("ending a session", &error))?;
    Ok(StatusCode::NO_CONTENT)
}
