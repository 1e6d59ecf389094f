//! Rules and plugins: what is in force, what is wrong with what is not, and going one step back.

use axum::extract::State;
use dialogo_domain::Generation;
use dialogo_domain::agent::Role;
use serde::Deserialize;
use utoipa::IntoParams;

use super::messages::off_thread;
use crate::api::{PluginList, PromoteBody, RollbackBody, RuleFileView, RulesDiff, RulesView};
use crate::auth::{Account, Supervisor};
use crate::extract::{Json, MaybeJson, Path, Query};
use crate::problem::Problem;
use crate::state::App;

/// Most generations listed.
const MAX_GENERATIONS: usize = 50;

/// The rules in force and how the last reload went.
#[utoipa::path(get, path = "/rules", tag = "rules", security(("token" = [])), responses(
    (status = 200, description = "The rules", body = RulesView),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For supervisors", body = Problem),
))]
pub(crate) async fn get_rules(
    State(app): State<App>,
    _who: Supervisor,
) -> Result<Json<RulesView>, Problem> {
    off_thread(move || rules_view(&app).map(Json)).await
}

/// How the rules stand.
pub(crate) fn rules_view(app: &App) -> Result<RulesView, Problem> {
    let status = app.desk.rules_status();
    let rules = app.desk.rules();
    Ok(RulesView {
        generation: status.generation.to_string(),
        since: status.since.0,
        summary: status.summary.clone(),
        healthy: status.last_reload_ok || status.last_reload_at.is_none(),
        rolled_back: status.rolled_back,
        files: crate::adapt::rule_files(&status, &rules.checked.files),
        problems: crate::adapt::diagnostics(&status.files, &status.problems),
        warnings: crate::adapt::diagnostics(&rules.checked.files, &rules.warnings),
        generations: crate::adapt::generations(app, MAX_GENERATIONS),
        history: crate::adapt::history(app, MAX_GENERATIONS)?,
    })
}

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// Its path in the rules folder: `plugins/emoji.toml`.
    path: String,
}

/// A rule file as it lies on disk, with what is wrong in it.
#[utoipa::path(get, path = "/rules/file", tag = "rules", security(("token" = [])), params(FileQuery), responses(
    (status = 200, description = "The file", body = RuleFileView),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For admins", body = Problem),
    (status = 404, description = "There is no such file", body = Problem),
))]
pub(crate) async fn rule_file(
    State(app): State<App>,
    account: Account,
    Query(query): Query<FileQuery>,
) -> Result<Json<RuleFileView>, Problem> {
    account.at_least(Role::Admin)?;
    crate::adapt::rule_file(&app, &query.path)
        .map(Json)
        .ok_or_else(|| Problem::not_found("file").at_field("path"))
}

/// A generation by its name: all 64 digits or the first 16.
pub(crate) fn parse_generation(app: &App, field: &str, text: &str) -> Result<Generation, Problem> {
    let wrong = || Problem::invalid(field, "a generation is named by 16 or 64 hexadecimal digits");
    if !(text.len() == 16 || text.len() == 64) || !text.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Err(wrong());
    }
    if let Some(bytes) = crate::auth::unhex::<32>(text) {
        return Ok(Generation(bytes));
    }
    crate::adapt::generation_named(app, text)
        .ok_or_else(|| Problem::not_found("generation").at_field(field))
}

/// Which generations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DiffQuery {
    /// The earlier one; without it: the one before the present.
    pub(crate) from: Option<String>,
    /// The later one; without it: the present.
    pub(crate) to: Option<String>,
}

/// What differs between two generations.
#[utoipa::path(get, path = "/rules/diff", tag = "rules", security(("token" = [])), params(DiffQuery), responses(
    (status = 200, description = "Unified diff", body = RulesDiff),
    (status = 400, description = "Malformed", body = Problem),
    (status = 403, description = "For supervisors", body = Problem),
    (status = 404, description = "No such generation is kept", body = Problem),
))]
pub(crate) async fn diff(
    State(app): State<App>,
    _who: Supervisor,
    Query(query): Query<DiffQuery>,
) -> Result<Json<RulesDiff>, Problem> {
    diff_view(&app, &query).map(Json)
}

/// What differs between two generations.
pub(crate) fn diff_view(app: &App, query: &DiffQuery) -> Result<RulesDiff, Problem> {
    let to = match &query.to {
        Some(text) => parse_generation(app, "to", text)?,
        None => app.desk.rules_status().generation,
    };
    let from = match &query.from {
        Some(text) => parse_generation(app, "from", text)?,
        None => crate::adapt::generation_before(app, to)
            .ok_or_else(|| Problem::not_found("generation"))?,
    };
    let files = |generation| {
        crate::adapt::files_of(app, generation).ok_or_else(|| Problem::not_found("generation"))
    };
    let text = dialogo_rules::diff(&files(from)?, &files(to)?);
    Ok(RulesDiff { from: from.to_string(), to: to.to_string(), text })
}

/// Puts an older generation in force. It holds until the files change.
#[utoipa::path(post, path = "/rules/rollback", tag = "rules", security(("token" = [])), request_body = RollbackBody, responses(
    (status = 200, description = "In force", body = RulesView),
    (status = 400, description = "Malformed", body = Problem),
    (status = 403, description = "For admins", body = Problem),
    (status = 404, description = "No such generation is kept", body = Problem),
    (status = 409, description = "It cannot be put in force", body = Problem),
))]
pub(crate) async fn roll_back(
    State(app): State<App>,
    account: Account,
    MaybeJson(body): MaybeJson<RollbackBody>,
) -> Result<Json<RulesView>, Problem> {
    account.at_least(Role::Admin)?;
    tracing::info!(agent = %account.id, to = ?body.to, "a rollback of the rules was asked for");
    crate::adapt::roll_back(&app, body, account.actor()).await.map(Json)
}

/// Lets the word of a plugin count in a share of the conversations, always the same ones. Written into `plugins.toml`.
#[utoipa::path(post, path = "/plugins/{plugin}/promote", tag = "rules", security(("token" = [])), request_body = PromoteBody,
    params(("plugin" = String, Path, description = "The binding's id")), responses(
    (status = 200, description = "In force", body = PluginList),
    (status = 400, description = "Malformed", body = Problem),
    (status = 403, description = "For admins", body = Problem),
    (status = 404, description = "No such plugin", body = Problem),
    (status = 409, description = "It falls short of what the rules ask, or the files are not in force", body = Problem),
))]
pub(crate) async fn promote(
    State(app): State<App>,
    account: Account,
    Path(plugin): Path<String>,
    Json(body): Json<PromoteBody>,
) -> Result<Json<PluginList>, Problem> {
    account.at_least(Role::Admin)?;
    tracing::info!(agent = %account.id, plugin, percent = body.percent, "a promotion was asked for");
    crate::adapt::promote(&app, &plugin, &body, account.actor()).await.map(Json)
}

/// The plugins as they run.
#[utoipa::path(get, path = "/plugins", tag = "rules", security(("token" = [])), responses(
    (status = 200, description = "One object per binding", body = PluginList),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For supervisors", body = Problem),
))]
pub(crate) async fn plugins(
    State(app): State<App>,
    _who: Supervisor,
) -> Result<Json<PluginList>, Problem> {
    Ok(Json(plugins_view(&app)))
}

/// The plugins as they run.
pub(crate) fn plugins_view(app: &App) -> PluginList {
    PluginList { plugins: crate::adapt::plugins(app) }
}
