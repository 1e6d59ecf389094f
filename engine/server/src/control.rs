//! The control socket: what the operator's command line asks of a running desk, over a Unix socket in the data folder.
//!
//! Whoever can open the socket (mode 0600) is the operator. The shapes are those of the API; nothing here is in its
//! document.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post, put};
use dialogo_domain::{Actor, AgentId, Command, ConversationId};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::api::{
    AcceptReasonBody, AgentList, Explanation, NewAgentBody, NewReasons, PasswordBody, PluginList,
    PromoteBody, RollbackBody, RulesDiff, RulesView, Viewer, bits,
};
use crate::extract::{IdempotencyKey, Json, MaybeJson, Path, Query};
use crate::problem::{Problem, log_fault};
use crate::state::App;
use crate::{metrics, pages, reads, routes};

/// Opens the socket, replacing one that nobody listens on any more.
pub(crate) fn open(app: App) -> io::Result<JoinHandle<()>> {
    let path = app.config.control_socket();
    match std::os::unix::net::UnixStream::connect(&path) {
        Ok(_) => {
            return Err(io::Error::new(
                io::ErrorKind::AddrInUse,
                "another desk runs on this folder",
            ));
        }
        Err(_) => match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        },
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::UnixListener::from_std(listener)?;
    let router = router(app);
    Ok(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the control socket ended");
        }
    }))
}

/// What the socket serves.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/status", get(status))
        .route("/rules", get(rules))
        .route("/rules/reload", post(reload))
        .route("/rules/diff", get(diff))
        .route("/rules/rollback", post(roll_back))
        .route("/plugins", get(plugins))
        .route("/plugins/{plugin}/promote", post(promote))
        .route("/reasons", get(reasons))
        .route("/reasons/{group}/accept", post(accept_reason))
        .route("/reasons/{group}/decline", post(decline_reason))
        .route("/agents", get(agents).post(add_agent))
        .route("/agents/{id}", delete(remove_agent))
        .route("/agents/{id}/password", put(set_password))
        .route("/explain/{conversation}", get(explain))
        .route("/backup", post(backup))
        .route("/stop", post(stop))
        .fallback(|| async { Problem::not_found("route") })
        .with_state(app)
}

async fn status(State(app): State<App>) -> Json<Value> {
    let ready = pages::readiness(&app);
    let desk = app.desk.metrics();
    let picture = metrics::picture(&app);
    let rules = app.desk.rules_status();
    let queues = picture.queues.iter().map(|(department, length, longest)| {
        json!({ "department": department, "length": length, "longest_wait_ms": longest })
    });
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "state": if app.stopped_because().is_some() || app.is_stopping() { "stopped" } else { "running" },
        "ready": ready.ready,
        "reasons": ready.reasons,
        "started_at": app.started_at.0,
        "uptime_ms": app.now().since(app.started_at),
        "journal": {
            "head": desk.decided.0,
            "durable": desk.durable.0,
            "views_position": app.desk.views().applied().0,
            "views_lag": app.desk.views().lag(),
        },
        "rules": {
            "generation": rules.generation.to_string(),
            "since": rules.since.0,
            "summary": rules.summary,
            "rolled_back": rules.rolled_back,
            "last_reload": rules.last_reload_at.map(|at| json!({
                "at": at.0, "ok": rules.last_reload_ok, "ms": rules.last_reload_ms, "summary": rules.summary,
            })),
            "problems": crate::adapt::diagnostics(&rules.files, &rules.problems),
            "report": rules.report,
        },
        "plugins": routes::plugins_view(&app).plugins.iter().map(|plugin| json!({
            "plugin": plugin.plugin, "mode": plugin.mode, "promotion": plugin.promotion,
        })).collect::<Vec<_>>(),
        "conversations": picture.by_state,
        "queues": queues.collect::<Vec<_>>(),
        "agents": picture.agents,
        "sockets": app.metrics.sockets(),
        "rss_bytes": metrics::resident_bytes(),
    }))
}

async fn rules(State(app): State<App>) -> Result<Json<RulesView>, Problem> {
    routes::off_thread(move || routes::rules_view(&app).map(Json)).await
}

async fn reload(State(app): State<App>) -> Result<Json<RulesView>, Problem> {
    let status = app.desk.rules_desk().reload().await;
    app.follow_rules();
    if status.problems.iter().any(dialogo_rules::Diagnostic::is_error) {
        let problems =
            serde_json::to_value(crate::adapt::diagnostics(&status.files, &status.problems));
        let problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "rules-broken",
            "the rule files are wrong",
            "the last good generation stays in force",
        );
        return Err(problem
            .with("problems", problems.unwrap_or_default())
            .with("report", status.report));
    }
    routes::off_thread(move || routes::rules_view(&app).map(Json)).await
}

async fn diff(
    State(app): State<App>,
    Query(query): Query<routes::DiffQuery>,
) -> Result<Json<RulesDiff>, Problem> {
    routes::diff_view(&app, &query).map(Json)
}

async fn roll_back(
    State(app): State<App>,
    MaybeJson(body): MaybeJson<RollbackBody>,
) -> Result<Json<RulesView>, Problem> {
    crate::adapt::roll_back(&app, body, Actor::Operator).await.map(Json)
}

async fn plugins(State(app): State<App>) -> Json<PluginList> {
    Json(routes::plugins_view(&app))
}

async fn promote(
    State(app): State<App>,
    Path(plugin): Path<String>,
    Json(body): Json<PromoteBody>,
) -> Result<Json<PluginList>, Problem> {
    crate::adapt::promote(&app, &plugin, &body, Actor::Operator).await.map(Json)
}

async fn reasons(State(app): State<App>) -> Result<Json<NewReasons>, Problem> {
    routes::reasons_view(app).await.map(Json)
}

async fn accept_reason(
    State(app): State<App>,
    Path(group): Path<String>,
    MaybeJson(body): MaybeJson<AcceptReasonBody>,
) -> Result<Json<NewReasons>, Problem> {
    routes::accept(app, &group, body, Actor::Operator).await.map(Json)
}

async fn decline_reason(
    State(app): State<App>,
    Path(group): Path<String>,
) -> Result<Json<NewReasons>, Problem> {
    routes::decline(app, &group, Actor::Operator).await.map(Json)
}

async fn agents(State(app): State<App>) -> Json<AgentList> {
    Json(routes::list_all_agents(&app))
}

async fn add_agent(
    State(app): State<App>,
    key: IdempotencyKey,
    Json(body): Json<NewAgentBody>,
) -> Result<Response, Problem> {
    let (agent, _) = routes::add_account(&app, Actor::Operator, key, body).await?;
    Ok((StatusCode::CREATED, Json(agent)).into_response())
}

async fn remove_agent(
    State(app): State<App>,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let agent = AgentId::from(id);
    routes::run(&app, Actor::Operator, key, Command::RemoveAccount { agent: agent.clone() })
        .await?;
    app.sessions.end_all_of(&agent, None).map_err(|error| log_fault("ending sessions", &error))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_password(
    State(app): State<App>,
    key: IdempotencyKey,
    Path(id): Path<String>,
    Json(body): Json<PasswordBody>,
) -> Result<StatusCode, Problem> {
    let agent = AgentId::from(id);
    routes::change_password(&app, Actor::Operator, key, &agent, &body.password, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn explain(
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<Json<Explanation>, Problem> {
    let conversation = ConversationId(bits(id));
    if !reads::exists(&app, conversation)? {
        return Err(Problem::not_found("conversation"));
    }
    routes::explanation(&app, &Viewer::Operator, conversation).map(Json)
}

/// Where a backup goes.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BackupBody {
    to: std::path::PathBuf,
}

async fn backup(
    State(app): State<App>,
    Json(body): Json<BackupBody>,
) -> Result<Json<Value>, Problem> {
    let position = app.desk.metrics().durable;
    let data = app.config.data.clone();
    let to = body.to.clone();
    let copied = tokio::task::spawn_blocking(move || crate::backup::copy(&data, &to)).await;
    let copied = copied.map_err(|error| log_fault("backing up", &error))?;
    let copied = copied.map_err(|error| {
        let chain = std::error::Error::source(&error)
            .map_or_else(String::new, |source| format!(": {source}"));
        Problem::new(
            StatusCode::CONFLICT,
            "backup-failed",
            "the backup failed",
            format!("{error}{chain}"),
        )
    })?;
    Ok(Json(
        json!({ "to": body.to, "position": position.0, "files": copied.files, "bytes": copied.bytes }),
    ))
}

async fn stop(State(app): State<App>) -> StatusCode {
    tracing::info!("told to stop through the control socket");
    app.stopping.send_replace(true);
    StatusCode::ACCEPTED
}
