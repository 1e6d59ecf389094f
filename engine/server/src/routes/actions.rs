//! What is done with a conversation: each route is one command.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use dialogo_domain::{Command, ConversationId};
use uuid::Uuid;

use super::{check_replay, done, run};
use crate::api::{AssignBody, ClassifyBody, CloseBody, RateBody, ReadBody, TransferBody, bits};
use crate::auth::{Account, Caller};
use crate::extract::{IdempotencyKey, Json, MaybeJson, Path};
use crate::problem::Problem;
use crate::reads;
use crate::state::App;

/// Longest note with a transfer, and longest comment with a rating, in bytes.
const MAX_NOTE_BYTES: usize = 4 * 1024;

fn within(field: &'static str, text: &str) -> Result<(), Problem> {
    if text.len() > MAX_NOTE_BYTES {
        return Err(Problem::invalid(field, format!("at most {MAX_NOTE_BYTES} bytes")));
    }
    Ok(())
}

/// Says how far the caller has received and read.
#[utoipa::path(post, path = "/conversations/{id}/read", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), request_body = ReadBody, responses(
    (status = 204, description = "Done"),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn read(
    State(app): State<App>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
    Json(body): Json<ReadBody>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command = Command::MarkRead {
        conversation,
        delivered: body.delivered.max(body.read),
        read: body.read,
    };
    Ok(done(&run(&app, caller.actor(), key, command).await?))
}

/// Accepts an offer.
#[utoipa::path(post, path = "/conversations/{id}/accept", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Done"),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn accept(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command = Command::AcceptOffer { conversation };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Lets an offer pass.
#[utoipa::path(post, path = "/conversations/{id}/decline", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Done"),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn decline(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command = Command::DeclineOffer { conversation };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Takes a waiting conversation out of the queue; as supervisor also one that somebody has.
#[utoipa::path(post, path = "/conversations/{id}/claim", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Done"),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn claim(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command = Command::Claim { conversation };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Gives a conversation to an agent. Supervisors.
#[utoipa::path(post, path = "/conversations/{id}/assign", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), request_body = AssignBody, responses(
    (status = 204, description = "Done"),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn assign(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
    Json(body): Json<AssignBody>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command = Command::Assign { conversation, agent: body.agent.into() };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Parks a conversation: frees a window.
#[utoipa::path(post, path = "/conversations/{id}/hold", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Done"),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn hold(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command = Command::Hold { conversation };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Takes a parked conversation back.
#[utoipa::path(post, path = "/conversations/{id}/resume", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Done"),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn resume(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command = Command::Resume { conversation };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Classifies: a draft while the conversation runs, final once it is closed.
#[utoipa::path(put, path = "/conversations/{id}/classification", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), request_body = ClassifyBody, responses(
    (status = 204, description = "Done"),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn classify(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
    Json(body): Json<ClassifyBody>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command =
        Command::Classify { conversation, from: body.chosen_from(), node: body.node.into() };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Takes a conversation off the "to classify" list without a classification. Supervisors.
#[utoipa::path(delete, path = "/conversations/{id}/classification", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Done"),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn waive(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command = Command::WaiveClassification { conversation };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Says that the agent has seen a set of suggestions.
#[utoipa::path(post, path = "/conversations/{id}/suggestions/{set}/shown", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path), ("set" = u32, Path)), responses(
    (status = 204, description = "Done"),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn suggestions_shown(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path((id, set)): Path<(Uuid, u32)>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command = Command::MarkSuggestionsShown { conversation, set };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Finishes a conversation: its agent, a supervisor, or the consumer.
#[utoipa::path(post, path = "/conversations/{id}/close", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), request_body = CloseBody, responses(
    (status = 204, description = "Done"),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn close(
    State(app): State<App>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
    MaybeJson(body): MaybeJson<CloseBody>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let classify = body.classify.map(|choice| {
        let from = choice.chosen_from();
        (choice.node.into(), from)
    });
    let command = Command::Close { conversation, classify };
    Ok(done(&run(&app, caller.actor(), key, command).await?))
}

/// Takes a finish back within the undo window.
#[utoipa::path(post, path = "/conversations/{id}/undo-close", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Done"),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn undo_close(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let command = Command::UndoClose { conversation };
    Ok(done(&run(&app, account.actor(), key, command).await?))
}

/// Says how it was. The consumer, once the conversation is closed.
#[utoipa::path(post, path = "/conversations/{id}/rating", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), request_body = RateBody, responses(
    (status = 204, description = "Done"),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn rate(
    State(app): State<App>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
    Json(body): Json<RateBody>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    caller.consumer()?;
    within("comment", &body.comment)?;
    let command = Command::Rate { conversation, stars: body.stars, comment: body.comment.into() };
    Ok(done(&run(&app, caller.actor(), key, command).await?))
}

/// Transfers a conversation; the transfer rules judge it first.
#[utoipa::path(post, path = "/conversations/{id}/transfer", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)),
    request_body = TransferBody, responses(
    (status = 204, description = "Done, perhaps redirected: the event says where to"),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "The kind of action is not the caller's", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
))]
pub(crate) async fn transfer(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
    Json(body): Json<TransferBody>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    within("note", &body.note)?;
    let target = body.target.target()?;
    let actor = account.actor();
    // The policies are asked only for those who may see the conversation.
    reads::with_conversation(&app, &Caller::Account(account), conversation, |_, _| ())?;
    let answer = app.desk.transfer(actor.clone(), key, conversation, target, body.note).await?;
    check_replay(&answer, &actor, Some(conversation))?;
    let refused = answer.commit.events.iter().find_map(|event| match event {
        dialogo_domain::Event::TransferRefused { code, because, .. } => Some((code, because)),
        _ => None,
    });
    match refused {
        None => Ok(done(&answer)),
        Some((code, because)) => {
            let title = "the transfer rules refuse it";
            Err(Problem::new(StatusCode::CONFLICT, "transfer-refused", title, because.to_string())
                .with("reason", code.to_string()))
        }
    }
}

/// Says that the caller is typing. A moment's news: nothing is stored.
#[utoipa::path(post, path = "/conversations/{id}/typing", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Shown to the other side, if it is there"),
    (status = 401, description = "No valid token", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
))]
pub(crate) async fn typing(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    let conversation = ConversationId(bits(id));
    reads::with_conversation(&app, &caller, conversation, |_, _| ())?;
    let agent = caller.account().ok().map(|account| account.id.clone());
    app.desk.typing(conversation, agent, app.desk.connection());
    Ok(StatusCode::NO_CONTENT)
}
