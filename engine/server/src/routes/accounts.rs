//! Accounts: who there is, and what is set for them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use dialogo_domain::agent::{Presence, Role};
use dialogo_domain::{Actor, AgentId, Command};

use super::{answered, done, run};
use crate::api::{
    self, Agent, AgentList, LimitBody, NewAgentBody, PasswordBody, PresenceBody, PresenceName,
};
use crate::auth::{Account, PasswordFault};
use crate::extract::{IdempotencyKey, Json, Path};
use crate::problem::{Problem, log_fault};
use crate::state::App;

/// Longest login.
const MAX_LOGIN: usize = 64;
/// Longest name, in characters.
const MAX_NAME: usize = 200;

/// The accounts of the caller's departments; supervisors see all.
#[utoipa::path(get, path = "/agents", tag = "agents", security(("token" = [])), responses(
    (status = 200, description = "Accounts", body = AgentList),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For accounts", body = Problem),
))]
pub(crate) async fn list_agents(
    State(app): State<App>,
    account: Account,
) -> Result<Json<AgentList>, Problem> {
    let AgentList { mut agents, position } = list_all_agents(&app);
    if !account.sees_all() {
        let rules = app.desk.rules();
        let mine = api::departments_of(&account.id, &rules.checked.domain);
        agents.retain(|agent| {
            agent.id == account.id.as_str()
                || agent.departments.iter().any(|department| mine.contains(department))
        });
    }
    Ok(Json(AgentList { agents, position }))
}

/// All accounts in use.
pub(crate) fn list_all_agents(app: &App) -> AgentList {
    let rules = app.desk.rules();
    app.desk.read(|desk| {
        let active = desk.agents.iter().filter(|(_, agent)| agent.active);
        let agents = active.map(|(id, agent)| Agent::of(id, agent, &rules.checked.domain));
        AgentList { agents: agents.collect(), position: desk.position.0 }
    })
}

/// Makes an account.
#[utoipa::path(post, path = "/agents", tag = "agents", security(("token" = [])), request_body = NewAgentBody, responses(
    (status = 201, description = "Made", body = Agent),
    (status = 400, description = "Malformed", body = Problem),
    (status = 403, description = "For admins", body = Problem),
    (status = 409, description = "The login is taken", body = Problem),
))]
pub(crate) async fn add_agent(
    State(app): State<App>,
    account: Account,
    key: IdempotencyKey,
    Json(body): Json<NewAgentBody>,
) -> Result<Response, Problem> {
    account.at_least(Role::Admin)?;
    let (agent, replayed) = add_account(&app, account.actor(), key, body).await?;
    Ok(answered(StatusCode::CREATED, replayed, agent))
}

/// Makes an account for whoever may.
pub(crate) async fn add_account(
    app: &App,
    actor: Actor,
    IdempotencyKey(key): IdempotencyKey,
    body: NewAgentBody,
) -> Result<(Agent, bool), Problem> {
    let login = body.login.trim();
    let fine = |character: char| character.is_ascii_alphanumeric() || "._-@".contains(character);
    if login.is_empty() || login.len() > MAX_LOGIN || !login.chars().all(fine) {
        return Err(Problem::invalid(
            "login",
            format!("a login is 1 to {MAX_LOGIN} letters, digits and the signs . _ - @"),
        ));
    }
    let name = body.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Problem::invalid(
            "name",
            format!("a name is 1 to {MAX_NAME} characters on one line"),
        ));
    }
    let role = api::names::parse_role(&body.role)
        .ok_or_else(|| Problem::invalid("role", "one of `agent`, `supervisor`, `admin`"))?;
    let password_hash = new_hash(app, &body.password).await?;
    let agent = AgentId::from(login);
    let command =
        Command::AddAccount { agent: agent.clone(), name: name.into(), role, password_hash };
    let answer = run(app, actor, key, command).await?;
    let rules = app.desk.rules();
    let made = app.desk.read(|desk| {
        desk.agents.get(&agent).map(|found| Agent::of(&agent, found, &rules.checked.domain))
    });
    Ok((made.ok_or_else(|| Problem::not_found("agent"))?, answer.replayed))
}

async fn new_hash(app: &App, password: &str) -> Result<Arc<str>, Problem> {
    app.passwords.hash(password).await.map_err(|fault| match fault {
        PasswordFault::TooShort | PasswordFault::TooLong => {
            Problem::invalid("password", fault.to_string())
        }
        PasswordFault::Hash => log_fault("hashing a password", &fault),
    })
}

/// Takes an account out of use and ends its sessions.
#[utoipa::path(delete, path = "/agents/{id}", tag = "agents", security(("token" = [])), params(("id" = String, Path)), responses(
    (status = 204, description = "Out of use"),
    (status = 403, description = "For admins", body = Problem),
    (status = 404, description = "Unknown", body = Problem),
    (status = 409, description = "The last admin", body = Problem),
))]
pub(crate) async fn remove_agent(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    account.at_least(Role::Admin)?;
    let agent = AgentId::from(id);
    let answer =
        run(&app, account.actor(), key, Command::RemoveAccount { agent: agent.clone() }).await?;
    app.sessions.end_all_of(&agent, None).map_err(|error| log_fault("ending sessions", &error))?;
    Ok(done(&answer))
}

/// Connects, pauses or disconnects an agent.
#[utoipa::path(put, path = "/agents/{id}/presence", tag = "agents", security(("token" = [])), params(("id" = String, Path)),
    request_body = PresenceBody, responses(
    (status = 204, description = "Set"),
    (status = 400, description = "Malformed", body = Problem),
    (status = 403, description = "Not one's own, and no supervisor", body = Problem),
    (status = 404, description = "Unknown", body = Problem),
))]
pub(crate) async fn set_presence(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<String>,
    Json(body): Json<PresenceBody>,
) -> Result<Response, Problem> {
    let presence = match body.presence {
        PresenceName::Online => Presence::Online,
        PresenceName::Offline => Presence::Offline,
        PresenceName::Busy => {
            let reason = body.reason.unwrap_or_default();
            if reason.chars().count() > MAX_NAME {
                return Err(Problem::invalid("reason", format!("at most {MAX_NAME} characters")));
            }
            Presence::Busy { reason: reason.into() }
        }
    };
    let answer =
        run(&app, account.actor(), key, Command::SetPresence { agent: id.into(), presence })
            .await?;
    Ok(done(&answer))
}

/// Sets one's own, lower limit.
#[utoipa::path(put, path = "/agents/{id}/limit", tag = "agents", security(("token" = [])), params(("id" = String, Path)),
    request_body = LimitBody, responses(
    (status = 204, description = "Set"),
    (status = 400, description = "Malformed", body = Problem),
    (status = 403, description = "Not allowed by the rules", body = Problem),
    (status = 404, description = "Unknown", body = Problem),
))]
pub(crate) async fn set_limit(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<String>,
    Json(body): Json<LimitBody>,
) -> Result<Response, Problem> {
    let command = Command::SetOwnLimit { agent: id.into(), limit: body.limit };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Sets a password: one's own with the present one, or anybody's as admin. The account's other sessions end.
#[utoipa::path(put, path = "/agents/{id}/password", tag = "agents", security(("token" = [])), params(("id" = String, Path)),
    request_body = PasswordBody, responses(
    (status = 204, description = "Set"),
    (status = 400, description = "Too short, or the present one does not fit", body = Problem),
    (status = 403, description = "Not one's own, and no admin", body = Problem),
    (status = 404, description = "Unknown", body = Problem),
    (status = 429, description = "Too many tries", body = Problem),
))]
pub(crate) async fn set_password(
    State(app): State<App>,
    account: Account,
    key: IdempotencyKey,
    Path(id): Path<String>,
    address: crate::address::ClientAddress,
    Json(body): Json<PasswordBody>,
) -> Result<Response, Problem> {
    let agent = AgentId::from(id);
    let own = agent == account.id;
    if own {
        // Somebody at an unlocked screen must not be able to try passwords at leisure.
        app.limits.login(address.0, agent.as_str())?;
        let hash = app
            .desk
            .read(|desk| desk.agents.get(&agent).map(|found| Arc::clone(&found.password_hash)));
        let current = body.current.as_deref().unwrap_or_default();
        let fits = app.passwords.verify(current, hash).await;
        if !fits.map_err(|error| log_fault("checking a password", &error))? {
            return Err(Problem::invalid("current", "the present password does not fit"));
        }
    } else {
        account.at_least(Role::Admin)?;
    }
    let keep = own.then_some(&account.session);
    let answer = change_password(&app, account.actor(), key, &agent, &body.password, keep).await?;
    Ok(done(&answer))
}

/// Sets a password and ends the account's sessions but `keep`.
pub(crate) async fn change_password(
    app: &App,
    actor: Actor,
    IdempotencyKey(key): IdempotencyKey,
    agent: &AgentId,
    password: &str,
    keep: Option<&[u8; 32]>,
) -> Result<dialogo_desk::Answer, Problem> {
    let password_hash = new_hash(app, password).await?;
    let answer =
        run(app, actor, key, Command::ChangePassword { agent: agent.clone(), password_hash })
            .await?;
    app.sessions.end_all_of(agent, keep).map_err(|error| log_fault("ending sessions", &error))?;
    Ok(answer)
}
