//! Messages and notes.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use dialogo_desk::{Answer, ConnectionId, OutgoingMessage};
use dialogo_domain::message::{Attachment, Body};
use dialogo_domain::{AttachmentId, Command, CommandId, ConversationId, Event, MessageId};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{answered, check_replay, run};
use crate::api::{self, MessageList, NoteBody, SendBody, SendState, Sent, bits};
use crate::auth::{Account, Caller};
use crate::extract::{IdempotencyKey, Json, Path, Query};
use crate::problem::{Problem, log_fault};
use crate::reads;
use crate::state::App;

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// Those after this number, oldest first.
    after: Option<u32>,
    /// The last ones before this number.
    before: Option<u32>,
    /// At most so many (50 unless told, 200 at most).
    limit: Option<usize>,
}

/// The messages of a conversation. Without `after` or `before`: the latest.
#[utoipa::path(get, path = "/conversations/{id}/messages", operation_id = "list_messages", tag = "messages", security(("token" = [])),
    params(("id" = Uuid, Path), Page), responses(
    (status = 200, description = "Messages, oldest first", body = MessageList),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(page): Query<Page>,
) -> Result<Json<MessageList>, Problem> {
    let conversation = ConversationId(bits(id));
    off_thread(move || {
        reads::messages(
            &app,
            &caller,
            conversation,
            page.after,
            page.before,
            reads::page(page.limit),
        )
    })
    .await
    .map(Json)
}

/// Work that reads the disk, away from the threads that serve sockets.
pub(crate) async fn off_thread<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, Problem> + Send + 'static,
) -> Result<R, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(log_fault("reading", &error)))
}

/// Sends a message. When this answers it is durable. A message a policy refuses is answered with `state: "refused"`.
#[utoipa::path(post, path = "/conversations/{id}/messages", tag = "messages", security(("token" = [])),
    params(("id" = Uuid, Path)), request_body = SendBody, responses(
    (status = 201, description = "Durable: sent, or refused by a policy", body = Sent),
    (status = 400, description = "Malformed or out of bounds", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
    (status = 409, description = "Refused; `code` says why", body = Problem),
    (status = 429, description = "Too many messages", body = Problem),
    (status = 503, description = "Not now", body = Problem),
))]
pub(crate) async fn send(
    State(app): State<App>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
    Json(body): Json<SendBody>,
) -> Result<Response, Problem> {
    let conversation = ConversationId(bits(id));
    let message = MessageId(bits(body.id));
    let attachments = body.attachments.into_iter().map(|id| AttachmentId(bits(id))).collect();
    let (sent, answer) =
        deliver(&app, &caller, key, conversation, message, body.text, attachments, None).await?;
    Ok(answered(StatusCode::CREATED, answer.replayed, sent))
}

/// Checks a message's bounds, takes it from its sender's pot, has it judged and sent, and says what became of it.
#[expect(
    clippy::too_many_arguments,
    reason = "a message is this many independent things, once, for REST and socket"
)]
pub(crate) async fn deliver(
    app: &App,
    caller: &Caller,
    key: Option<CommandId>,
    conversation: ConversationId,
    message: MessageId,
    text: String,
    attachments: Vec<AttachmentId>,
    connection: Option<ConnectionId>,
) -> Result<(Sent, Answer), Problem> {
    app.limits.message(caller)?;
    check_text(&text)?;
    if text.trim().is_empty() && attachments.is_empty() {
        return Err(Problem::invalid("text", "a message has a text or a file"));
    }
    // The policies are asked only for those who may see the conversation, and a stranger learns nothing.
    reads::with_conversation(app, caller, conversation, |_, _| ())?;
    let files = prepare_attachments(app, caller, conversation, &attachments).await?;
    let outgoing = OutgoingMessage {
        conversation,
        message,
        text: text.clone(),
        attachments: files,
        connection,
    };
    let actor = caller.actor();
    let result = app.desk.send_message(actor.clone(), key, outgoing).await;
    settle_attachments(app, &attachments, result.as_ref().ok()).await;
    let answer = result?;
    check_replay(&answer, &actor, None)?;
    let sent = sent_answer(&answer, message, &text).ok_or_else(Problem::key_reused)?;
    app.metrics.message(sent.state);
    Ok((sent, answer))
}

/// The bounds of a text.
fn check_text(text: &str) -> Result<(), Problem> {
    if text.len() > Body::MAX_TEXT_BYTES {
        return Err(Problem::invalid(
            "text",
            format!("{} bytes are too many: at most {}", text.len(), Body::MAX_TEXT_BYTES),
        ));
    }
    Ok(())
}

/// The files a message names: uploaded for this conversation by this side, and not refused. They are marked as kept
/// before the commit that names them.
async fn prepare_attachments(
    app: &App,
    caller: &Caller,
    conversation: ConversationId,
    ids: &[AttachmentId],
) -> Result<Vec<Attachment>, Problem> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let most = app.desk.rules().checked.desk.attachments.max_per_message as usize;
    let most = most.min(Body::MAX_ATTACHMENTS);
    if ids.len() > most {
        return Err(Problem::invalid(
            "attachments",
            format!("at most {most} files in one message"),
        ));
    }
    let mut files = Vec::with_capacity(ids.len());
    for id in ids {
        let card = app
            .attachments
            .card(*id)
            .await
            .map_err(|error| log_fault("reading a file's card", &error))?;
        let card = card
            .filter(|card| card.conversation == conversation && card.uploader == caller.actor());
        let Some(card) = card else {
            return Err(Problem::not_found("attachment")
                .at_field("attachments")
                .with("attachment", id.to_string()));
        };
        files.push(card.attachment());
    }
    for id in ids {
        app.attachments.keep(*id).await.map_err(|error| log_fault("keeping a file", &error))?;
    }
    Ok(files)
}

/// Files of a message that was not sent wait again for one that is.
async fn settle_attachments(app: &App, ids: &[AttachmentId], answer: Option<&Answer>) {
    let sent = answer.is_some_and(|answer| {
        answer.commit.events.iter().any(|event| matches!(event, Event::MessageSent { .. }))
    });
    if sent {
        return;
    }
    for id in ids {
        if let Err(error) = app.attachments.let_go(*id).await {
            tracing::warn!(attachment = %id, %error, "a file that was not sent could not be let go");
        }
    }
}

/// What became of a message, from the commit that answers it.
fn sent_answer(answer: &Answer, id: MessageId, written: &str) -> Option<Sent> {
    let position = answer.commit.stamp.position.0;
    let at = answer.commit.stamp.at.0;
    answer.commit.events.iter().find_map(|event| match event {
        Event::MessageSent { conversation, message, number, body, verdict, .. }
            if *message == id =>
        {
            Some(Sent {
                id: id.to_string(),
                conversation: conversation.to_string(),
                number: *number,
                position,
                at,
                state: SendState::Sent,
                text: (&*body.text != written).then(|| body.text.to_string()),
                verdict: verdict.into(),
            })
        }
        Event::MessageRefused { conversation, message, code, detail, .. } if *message == id => {
            Some(Sent {
                id: id.to_string(),
                conversation: conversation.to_string(),
                number: 0,
                position,
                at,
                state: SendState::Refused,
                text: None,
                verdict: api::Verdict {
                    kind: "deny",
                    code: code.to_string(),
                    detail: detail.to_string(),
                },
            })
        }
        _ => None,
    })
}

/// Writes a private note to colleagues.
#[utoipa::path(post, path = "/conversations/{id}/notes", tag = "messages", security(("token" = [])),
    params(("id" = Uuid, Path)), request_body = NoteBody, responses(
    (status = 201, description = "Durable", body = Sent),
    (status = 400, description = "Malformed or out of bounds", body = Problem),
    (status = 403, description = "For accounts", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
))]
pub(crate) async fn note(
    State(app): State<App>,
    account: Account,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<Uuid>,
    Json(body): Json<NoteBody>,
) -> Result<Response, Problem> {
    check_text(&body.text)?;
    if body.text.trim().is_empty() {
        return Err(Problem::invalid("text", "a note has a text"));
    }
    let conversation = ConversationId(bits(id));
    let note = MessageId(bits(body.id));
    let command = Command::AddNote { conversation, message: note, text: body.text.into() };
    let answer = run(&app, account.actor(), key, command).await?;
    let number = answer.commit.events.iter().find_map(|event| match event {
        Event::NoteAdded { message, number, .. } if *message == note => Some(*number),
        _ => None,
    });
    let sent = Sent {
        id: note.to_string(),
        conversation: conversation.to_string(),
        number: number.ok_or_else(Problem::key_reused)?,
        position: answer.commit.stamp.position.0,
        at: answer.commit.stamp.at.0,
        state: SendState::Sent,
        text: None,
        verdict: (&dialogo_domain::plugin::Verdict::Allow).into(),
    };
    Ok(answered(StatusCode::CREATED, answer.replayed, sent))
}
