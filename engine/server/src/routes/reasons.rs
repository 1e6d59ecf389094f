//! New reasons: groups of conversations that fit no node of the tree, for an admin to accept or decline.

use axum::extract::State;
use axum::http::StatusCode;
use dialogo_domain::Actor;
use dialogo_domain::agent::Role;

use super::messages::off_thread;
use crate::api::{AcceptReasonBody, NewReasons, ProposedNode, ReasonGroup};
use crate::auth::{Account, Supervisor};
use crate::extract::{Json, MaybeJson, Path};
use crate::problem::{Problem, log_fault};
use crate::reasons::{Book, Decision, edit, view};
use crate::state::App;

/// Groups of conversations that fit no node, nodes that are hardly told apart, and nodes that are never used.
#[utoipa::path(get, path = "/reasons", tag = "rules", security(("token" = [])), responses(
    (status = 200, description = "What was found last", body = NewReasons),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For supervisors", body = Problem),
))]
pub(crate) async fn reasons(
    State(app): State<App>,
    _who: Supervisor,
) -> Result<Json<NewReasons>, Problem> {
    reasons_view(app).await.map(Json)
}

/// Looks for new reasons in the background; one search at a time.
#[utoipa::path(post, path = "/reasons/search", tag = "rules", security(("token" = [])), responses(
    (status = 202, description = "It is being looked for", body = NewReasons),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For supervisors", body = Problem),
    (status = 409, description = "This desk cannot look", body = Problem),
))]
pub(crate) async fn search_reasons(
    State(app): State<App>,
    _who: Supervisor,
) -> Result<(StatusCode, Json<NewReasons>), Problem> {
    let Some(search) = &app.config.search else {
        let title = "this desk cannot look for new reasons";
        let detail = "it was started without the means to";
        return Err(Problem::new(StatusCode::CONFLICT, "no-search", title, detail));
    };
    search.begin();
    Ok((StatusCode::ACCEPTED, Json(reasons_view(app).await?)))
}

/// Makes a node of a group: written into `classifications.toml`, and in force at once.
#[utoipa::path(post, path = "/reasons/{group}/accept", tag = "rules", security(("token" = [])), request_body = AcceptReasonBody,
    params(("group" = String, Path, description = "The group's id")), responses(
    (status = 200, description = "In force; what is left", body = NewReasons),
    (status = 400, description = "Malformed", body = Problem),
    (status = 403, description = "For admins", body = Problem),
    (status = 404, description = "No such group", body = Problem),
    (status = 409, description = "The tree cannot take it, or the files are not in force", body = Problem),
))]
pub(crate) async fn accept_reason(
    State(app): State<App>,
    account: Account,
    Path(group): Path<String>,
    MaybeJson(body): MaybeJson<AcceptReasonBody>,
) -> Result<Json<NewReasons>, Problem> {
    account.at_least(Role::Admin)?;
    tracing::info!(agent = %account.id, group, "a new reason was accepted");
    accept(app, &group, body, account.actor()).await.map(Json)
}

/// Turns a group down: it does not come back unless it has grown by half.
#[utoipa::path(post, path = "/reasons/{group}/decline", tag = "rules", security(("token" = [])),
    params(("group" = String, Path, description = "The group's id")), responses(
    (status = 200, description = "Remembered; what is left", body = NewReasons),
    (status = 403, description = "For admins", body = Problem),
    (status = 404, description = "No such group", body = Problem),
))]
pub(crate) async fn decline_reason(
    State(app): State<App>,
    account: Account,
    Path(group): Path<String>,
) -> Result<Json<NewReasons>, Problem> {
    account.at_least(Role::Admin)?;
    tracing::info!(agent = %account.id, group, "a new reason was declined");
    decline(app, &group, account.actor()).await.map(Json)
}

/// What was found last.
pub(crate) async fn reasons_view(app: App) -> Result<NewReasons, Problem> {
    off_thread(move || {
        let search = app.config.search.as_deref();
        view(&book(&app), search).map_err(|fault| log_fault("reading the new reasons", &fault))
    })
    .await
}

/// Makes a node of a group.
pub(crate) async fn accept(
    app: App,
    group: &str,
    body: AcceptReasonBody,
    by: Actor,
) -> Result<NewReasons, Problem> {
    let group = open_group(&app, group).await?;
    let node = chosen(&group.proposed, body)?;
    let language = app.desk.rules().checked.desk.languages.first().cloned().unwrap_or_default();
    let added = app.desk.rules_desk().edit(edit(node.clone(), language), by.clone()).await;
    added.map_err(|why| {
        let title = "that group cannot become a classification";
        Problem::new(StatusCode::CONFLICT, "cannot-accept", title, why)
    })?;
    app.follow_rules();
    remember(app, group, Some(node.id), by).await
}

/// Turns a group down.
pub(crate) async fn decline(app: App, group: &str, by: Actor) -> Result<NewReasons, Problem> {
    let group = open_group(&app, group).await?;
    remember(app, group, None, by).await
}

/// The node that was chosen: what was not said is as proposed.
fn chosen(proposed: &ProposedNode, body: AcceptReasonBody) -> Result<ProposedNode, Problem> {
    let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned());
    let node = ProposedNode {
        id: trimmed(body.id).unwrap_or_else(|| proposed.id.clone()),
        title: trimmed(body.title).unwrap_or_else(|| proposed.title.clone()),
        parent: trimmed(body.parent)
            .or_else(|| proposed.parent.clone())
            .filter(|parent| !parent.is_empty()),
    };
    for (field, text) in [("id", &node.id), ("title", &node.title)] {
        if text.is_empty() {
            return Err(Problem::invalid(field, "it must not be empty"));
        }
    }
    Ok(node)
}

async fn open_group(app: &App, id: &str) -> Result<ReasonGroup, Problem> {
    let (book, id) = (book(app), id.to_owned());
    let found = off_thread(move || {
        book.group(&id).map_err(|fault| log_fault("reading the new reasons", &fault))
    });
    found.await?.ok_or_else(|| Problem::not_found("group"))
}

async fn remember(
    app: App,
    group: ReasonGroup,
    node: Option<String>,
    by: Actor,
) -> Result<NewReasons, Problem> {
    let decision = Decision::about(&group, node.as_deref(), &by, app.now().0);
    let book = book(&app);
    off_thread(move || {
        book.remember(&decision).map_err(|fault| log_fault("remembering a decision", &fault))
    })
    .await?;
    reasons_view(app).await
}

fn book(app: &App) -> Book {
    Book::below(&app.config.data)
}
