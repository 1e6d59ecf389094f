//! The routes under `/api/v1`: each documented where it stands, each turning a request into one command or one read.
//!
//! No route decides anything the desk has to decide; what they know is who asks, what was sent, and how the answer is
//! written.

mod accounts;
mod actions;
mod closed;
mod conversations;
mod desk;
mod files;
mod insights;
mod messages;
mod reasons;
mod rules;
mod search;
mod sessions;
mod targets;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use dialogo_desk::Answer;
use dialogo_domain::{Actor, Command, CommandId, Request};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::Json;
use crate::problem::Problem;
use crate::state::App;

pub(crate) use accounts::{add_account, change_password, list_all_agents};
pub(crate) use conversations::explanation;
pub(crate) use messages::{deliver, off_thread};
pub(crate) use reasons::{accept, decline, reasons_view};
pub(crate) use rules::{DiffQuery, diff_view, parse_generation, plugins_view, rules_view};

/// All routes but the upload of files, which takes larger bodies.
pub(crate) fn small() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sessions::log_in))
        .routes(routes!(sessions::log_out))
        .routes(routes!(desk::me))
        .routes(routes!(desk::today))
        .routes(routes!(desk::desk))
        .routes(routes!(desk::departments))
        .routes(routes!(desk::classifications))
        .routes(routes!(desk::replies))
        .routes(routes!(accounts::list_agents, accounts::add_agent))
        .routes(routes!(accounts::remove_agent))
        .routes(routes!(accounts::set_presence))
        .routes(routes!(accounts::set_limit))
        .routes(routes!(accounts::set_password))
        .routes(routes!(conversations::list, conversations::begin))
        .routes(routes!(conversations::get_one))
        .routes(routes!(conversations::events))
        .routes(routes!(conversations::explain))
        .routes(routes!(messages::list, messages::send))
        .routes(routes!(messages::note))
        .routes(routes!(actions::read))
        .routes(routes!(actions::typing))
        .routes(routes!(actions::accept))
        .routes(routes!(actions::decline))
        .routes(routes!(actions::claim))
        .routes(routes!(actions::assign))
        .routes(routes!(actions::hold))
        .routes(routes!(actions::resume))
        .routes(routes!(targets::targets))
        .routes(routes!(actions::transfer))
        .routes(routes!(actions::classify, actions::waive))
        .routes(routes!(actions::suggestions_shown))
        .routes(routes!(actions::close))
        .routes(routes!(actions::undo_close))
        .routes(routes!(actions::rate))
        .routes(routes!(files::download))
        .routes(routes!(rules::get_rules))
        .routes(routes!(rules::rule_file))
        .routes(routes!(rules::diff))
        .routes(routes!(rules::roll_back))
        .routes(routes!(rules::plugins))
        .routes(routes!(rules::promote))
        .routes(routes!(insights::insights))
        .routes(routes!(reasons::reasons))
        .routes(routes!(reasons::search_reasons))
        .routes(routes!(reasons::accept_reason))
        .routes(routes!(reasons::decline_reason))
        .routes(routes!(crate::socket::socket))
}

/// The upload of files.
pub(crate) fn uploads() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(files::upload))
}

/// Says that an answer is the first one, given again.
static REPLAY: HeaderName = HeaderName::from_static("idempotent-replay");

/// Carries out a command. A key that was used by somebody else, or about another conversation, is refused.
pub(crate) async fn run(
    app: &App,
    actor: Actor,
    key: Option<CommandId>,
    command: Command,
) -> Result<Answer, Problem> {
    let about = about(&command);
    let answer = app.desk.execute(Request { id: key, actor: actor.clone(), command }).await?;
    check_replay(&answer, &actor, about)?;
    Ok(answer)
}

/// The conversation a command is about, where a replayed answer has to be about the same.
fn about(command: &Command) -> Option<dialogo_domain::ConversationId> {
    match command {
        Command::AcceptOffer { conversation }
        | Command::DeclineOffer { conversation }
        | Command::Claim { conversation }
        | Command::Assign { conversation, .. }
        | Command::Hold { conversation }
        | Command::Resume { conversation }
        | Command::Transfer { conversation, .. }
        | Command::Classify { conversation, .. }
        | Command::WaiveClassification { conversation }
        | Command::Close { conversation, .. }
        | Command::UndoClose { conversation }
        | Command::AddNote { conversation, .. }
        | Command::Rate { conversation, .. } => Some(*conversation),
        _ => None,
    }
}

/// A first answer given again must have been given to the same actor, about the same conversation.
pub(crate) fn check_replay(
    answer: &Answer,
    actor: &Actor,
    about: Option<dialogo_domain::ConversationId>,
) -> Result<(), Problem> {
    if !answer.replayed {
        return Ok(());
    }
    let same_actor = answer.commit.stamp.actor == *actor;
    let same_thing = about
        .is_none_or(|id| answer.commit.events.iter().any(|event| event.conversation() == Some(id)));
    if same_actor && same_thing { Ok(()) } else { Err(Problem::key_reused()) }
}

/// JSON with a status, marked when it is a first answer given again.
pub(crate) fn answered<T: Serialize>(status: StatusCode, replayed: bool, body: T) -> Response {
    marked((status, Json(body)).into_response(), replayed)
}

/// No body, marked when it is a first answer given again.
pub(crate) fn done(answer: &Answer) -> Response {
    marked(StatusCode::NO_CONTENT.into_response(), answer.replayed)
}

fn marked(mut response: Response, replayed: bool) -> Response {
    if replayed {
        response.headers_mut().insert(REPLAY.clone(), HeaderValue::from_static("true"));
    }
    response
}
