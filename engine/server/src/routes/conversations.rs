//! Conversations: beginning them, finding them, and their history.

use std::collections::BTreeMap;

use axum::extract::{self, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use dialogo_domain::conversation::{Conversation, State};
use dialogo_domain::desk::Profile;
use dialogo_domain::explain::{Verdict, explain_assignment};
use dialogo_domain::visibility::may_see;
use dialogo_domain::{Actor, Command, ConsumerId, Context, ConversationId, Event, Position};
use dialogo_rules::Files;
use dialogo_rules::lines::{Line, Lines};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::closed;
use super::messages::off_thread;
use super::search::{self, Wanted};
use super::{answered, run};
use crate::address::ClientAddress;
use crate::api::{
    self, BeginBody, ConversationBegun, ConversationList, EventList, Explanation, StampedEvents,
    Standing, bits,
};
use crate::auth::{Account, Caller};
use crate::extract::{IdempotencyKey, Json, MaybeJson, Path, Query};
use crate::problem::Problem;
use crate::reads;
use crate::state::App;

/// Most facts of a visitor, longest key and longest value, in bytes: a page's data layer, not a database.
const MAX_FACTS: usize = 32;
const MAX_FACT_KEY: usize = 64;
const MAX_FACT_VALUE: usize = 512;
/// Longest name, e-mail address and language tag, in bytes.
const MAX_PROFILE_TEXT: usize = 320;

fn profile(body: &mut BeginBody) -> Result<Profile, Problem> {
    for (field, value) in [("name", &body.name), ("email", &body.email), ("locale", &body.locale)] {
        if value.as_ref().is_some_and(|value| {
            value.len() > MAX_PROFILE_TEXT || value.chars().any(char::is_control)
        }) {
            return Err(Problem::invalid(
                field,
                format!("one line of at most {MAX_PROFILE_TEXT} bytes"),
            ));
        }
    }
    if body.facts.len() > MAX_FACTS {
        return Err(Problem::invalid("facts", format!("at most {MAX_FACTS} facts")));
    }
    for (key, value) in &body.facts {
        if key.is_empty() || key.len() > MAX_FACT_KEY || value.len() > MAX_FACT_VALUE {
            let bounds =
                format!("keys have 1 to {MAX_FACT_KEY} bytes, values at most {MAX_FACT_VALUE}");
            return Err(Problem::invalid(
                format!("facts.{}", key.chars().take(64).collect::<String>()),
                bounds,
            ));
        }
    }
    Ok(Profile {
        name: body.name.take().filter(|text| !text.trim().is_empty()),
        email: body.email.take().filter(|text| !text.trim().is_empty()),
        locale: body.locale.take().filter(|text| !text.trim().is_empty()),
        facts: std::mem::take(&mut body.facts),
    })
}

/// A consumer's token if one was sent. A wrong one is told, never taken for none: it would lose the conversation.
pub(crate) struct MaybeConsumer(Option<ConsumerId>);

impl FromRequestParts<App> for MaybeConsumer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if !parts.headers.contains_key(axum::http::header::AUTHORIZATION) {
            return Ok(Self(None));
        }
        Caller::from_request_parts(parts, app)
            .await?
            .consumer()
            .map(|consumer| Self(Some(consumer)))
    }
}

/// Begins a conversation. Without a token a consumer is made and the answer carries the token; with one, the open
/// conversation is found or a new one begun.
#[utoipa::path(post, path = "/conversations", tag = "conversations", security((), ("token" = [])), request_body = BeginBody, responses(
    (status = 200, description = "Found or begun for a known consumer", body = ConversationBegun),
    (status = 201, description = "Begun for a new consumer", body = ConversationBegun),
    (status = 400, description = "Malformed or out of bounds", body = Problem),
    (status = 401, description = "The token is not valid", body = Problem),
    (status = 403, description = "For consumers", body = Problem),
    (status = 404, description = "There is no such department", body = Problem),
    (status = 429, description = "Too many new conversations", body = Problem),
))]
pub(crate) async fn begin(
    extract::State(app): extract::State<App>,
    MaybeConsumer(known): MaybeConsumer,
    ClientAddress(address): ClientAddress,
    IdempotencyKey(key): IdempotencyKey,
    MaybeJson(mut body): MaybeJson<BeginBody>,
) -> Result<Response, Problem> {
    let channel = match &body.channel {
        None => dialogo_domain::message::Channel::default(),
        Some(name) => api::names::parse_channel(name).ok_or_else(|| {
            Problem::invalid("channel", "one of `web`, `mobile`, `email`, `social`, `voice`, `api`")
        })?,
    };
    let department = body.department.take().map(dialogo_domain::DepartmentId::from);
    let profile = profile(&mut body)?;
    if known.is_none() {
        app.limits.new_consumer(address)?;
    }
    // A key without a token makes the same consumer again, so that a lost answer does not make two of one person.
    let consumer = known
        .or(key.map(|key| ConsumerId(derived(&app, key))))
        .unwrap_or_else(|| ConsumerId(fresh()));
    let bot = app.desk.has_bot();
    // Without a menu to choose from, everybody begins where the rules say.
    let start = || app.desk.rules().checked.desk.start_department.clone();
    let command = Command::StartConversation {
        conversation: ConversationId(fresh()),
        consumer,
        channel,
        profile,
        department: department.or_else(|| if bot { None } else { start() }),
        bot,
    };
    let answer = run(&app, Actor::Consumer(consumer), key, command).await?;
    let begun = answer.commit.events.iter().find_map(|event| match event {
        Event::ConversationStarted { conversation, .. }
        | Event::ConversationFound { conversation } => Some(*conversation),
        _ => None,
    });
    let begun = begun
        .or_else(|| {
            app.desk.read(|desk| desk.consumers.get(&consumer).and_then(|found| found.conversation))
        })
        .ok_or_else(Problem::key_reused)?;
    let conversation = reads::conversation(&app, &Caller::Consumer(consumer), begun)?;
    let (token, expires) = match known {
        Some(_) => (None, None),
        None => {
            let (token, expires) = app.consumer_tokens.issue(consumer, app.now());
            (Some(token), Some(expires.0))
        }
    };
    let status = if known.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let cursor = reads::number(app.desk.head());
    let body = ConversationBegun {
        token,
        expires_at: expires,
        consumer: consumer.to_string(),
        conversation,
        cursor,
    };
    Ok(answered(status, answer.replayed, body))
}

fn fresh() -> u128 {
    Uuid::now_v7().as_u128()
}

/// The consumer of a key, guessable only with the server's own key.
fn derived(app: &App, key: dialogo_domain::CommandId) -> u128 {
    app.consumer_tokens.consumer_of(key)
}

/// Which conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// `mine` (unless told), `queue`, `department`, `all`: what is in the desk's memory, which closed ones leave after a
    /// while. `to_classify`, `closed_today`: an agent's own, a supervisor's all, the latest first.
    scope: Option<String>,
    /// Only those of this department.
    department: Option<String>,
    /// At most so many (50 unless told, 200 at most).
    limit: Option<usize>,
    /// Only those begun before this time, in milliseconds UTC: `next` of the page before. For closed ones and searches:
    /// closed before it.
    before: Option<u64>,
    /// Only those that hold these words, in what was said, in the consumer's name or in the classification; accents and
    /// case do not matter, and the beginning of a word suffices. Closed ones, too: an agent's own, a supervisor's all.
    /// `scope` does not count then.
    search: Option<String>,
    /// Only those of this consumer (UUID), closed ones, too. `scope` does not count then.
    consumer: Option<Uuid>,
}

/// Conversations the caller may see. Consumers see their own.
#[utoipa::path(get, path = "/conversations", operation_id = "list_conversations", tag = "conversations", security(("token" = [])), params(ListQuery), responses(
    (status = 200, description = "Conversations", body = ConversationList),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
))]
pub(crate) async fn list(
    extract::State(app): extract::State<App>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<ConversationList>, Problem> {
    if query.search.is_some() || query.consumer.is_some() {
        return find(app, caller, query).await;
    }
    if let Some(over @ ("to_classify" | "closed_today")) = query.scope.as_deref() {
        let (over, account) = (over == "closed_today", caller.account()?.clone());
        return off_thread(move || {
            let limit = reads::page(query.limit);
            let department = query.department.as_deref();
            let part = closed::Part { before: query.before, limit, department };
            let list = if over { closed::today } else { closed::to_classify };
            list(&app, &account, &part).map(Json)
        })
        .await;
    }
    let scope = query.scope.as_deref().unwrap_or("mine");
    let keep: Box<dyn Fn(&Conversation) -> bool> = match (scope, &caller) {
        ("mine" | "all", Caller::Consumer(_)) => Box::new(|_| true),
        ("mine", Caller::Account(account)) => {
            let id = account.id.clone();
            Box::new(move |found| found.state != State::Closed && found.agent.as_ref() == Some(&id))
        }
        ("queue", _) => Box::new(|found| found.state == State::Queued),
        ("department", _) => Box::new(|found| found.state != State::Closed),
        ("all", _) => Box::new(|_| true),
        _ => {
            return Err(Problem::invalid(
                "scope",
                "one of `mine`, `queue`, `department`, `to_classify`, `closed_today`, `all`",
            ));
        }
    };
    let limit = reads::page(query.limit);
    let rules = app.desk.rules();
    let actor = caller.actor();
    let viewer = reads::viewer(&caller);
    let by_queue = scope == "queue";
    let list = app.desk.look(|moment| {
        let desk = moment.desk;
        let mut found: Vec<&Conversation> = desk
            .conversations
            .values()
            .filter(|found| keep(found))
            .filter(|found| {
                query.department.as_deref().is_none_or(|wanted| {
                    found
                        .department
                        .as_ref()
                        .is_some_and(|department| department.as_str() == wanted)
                })
            })
            .filter(|found| query.before.is_none_or(|before| found.opened_at.0 < before))
            .filter(|found| may_see(desk, &rules.checked.domain, &actor, found))
            .collect();
        if by_queue {
            found.sort_by_key(|found| (-i64::from(found.priority), found.waiting_since, found.id));
        } else {
            found.sort_by_key(|found| (std::cmp::Reverse(found.opened_at), found.id));
        }
        let more = found.len() > limit && !by_queue;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| last.opened_at.0);
        let shown = found.into_iter().map(|found| api::Conversation::of(found, moment, &viewer));
        let conversations = shown.collect();
        ConversationList { conversations, next, position: desk.position.0, searched: None }
    });
    Ok(Json(list))
}

/// Conversations by words or by consumer, the closed ones too.
async fn find(
    app: App,
    caller: Caller,
    query: ListQuery,
) -> Result<Json<ConversationList>, Problem> {
    let account = caller.account()?.clone();
    let wanted = Wanted {
        text: query.search,
        consumer: query.consumer.map(|id| ConsumerId(bits(id))),
        before: query.before,
        limit: reads::page(query.limit),
    };
    off_thread(move || search::find(&app, &account, &wanted).map(Json)).await
}

/// One conversation.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The conversation", body = api::Conversation),
    (status = 401, description = "No valid token", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
))]
pub(crate) async fn get_one(
    extract::State(app): extract::State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<api::Conversation>, Problem> {
    reads::conversation(&app, &caller, ConversationId(bits(id))).map(Json)
}

/// Which part of the history.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// After this position.
    after: Option<u64>,
    /// At most so many commits (50 unless told, 200 at most).
    limit: Option<usize>,
}

/// The history of a conversation, as far as the caller may see it.
#[utoipa::path(get, path = "/conversations/{id}/events", tag = "conversations", security(("token" = [])),
    params(("id" = Uuid, Path), HistoryQuery), responses(
    (status = 200, description = "Commits, oldest first", body = EventList),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
))]
pub(crate) async fn events(
    extract::State(app): extract::State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<EventList>, Problem> {
    let conversation = ConversationId(bits(id));
    let limit = reads::page(query.limit);
    let after = Position(query.after.unwrap_or(0));
    off_thread(move || {
        reads::with_conversation(&app, &caller, conversation, |_, _| ())?;
        let (commits, more) =
            reads::history(&app, &reads::viewer(&caller), conversation, after, limit)?;
        Ok(Json(EventList { commits, more }))
    })
    .await
}

/// Why a conversation stands where it stands.
#[utoipa::path(get, path = "/conversations/{id}/explain", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, description = "Its decisions with their reasons", body = Explanation),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For accounts", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
))]
pub(crate) async fn explain(
    extract::State(app): extract::State<App>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<Json<Explanation>, Problem> {
    let conversation = ConversationId(bits(id));
    // Whoever answers for the rules sees what they refused, too.
    let answers_for_all = account.sees_all();
    let caller = Caller::Account(account);
    off_thread(move || {
        reads::with_conversation(&app, &caller, conversation, |_, _| ())?;
        let viewer = if answers_for_all { api::Viewer::Operator } else { reads::viewer(&caller) };
        explanation(&app, &viewer, conversation).map(Json)
    })
    .await
}

/// Most commits looked at for one explanation: a conversation of many days.
const MAX_EXPLAINED: usize = 2_000;

/// The decisions over a conversation with their reasons.
pub(crate) fn explanation(
    app: &App,
    viewer: &api::Viewer<'_>,
    conversation: ConversationId,
) -> Result<Explanation, Problem> {
    let (commits, _) = reads::history(app, viewer, conversation, Position(0), MAX_EXPLAINED)?;
    let mut rules = RulesOfThatTime::default();
    let decisions = commits.into_iter().filter_map(|mut commit: StampedEvents| {
        commit.events.retain(is_decision);
        for event in &mut commit.events {
            rules.place(app, &commit.generation, event);
        }
        (!commit.events.is_empty()).then_some(commit)
    });
    Ok(Explanation {
        conversation: conversation.to_string(),
        now: standing(app, conversation),
        decisions: decisions.collect(),
    })
}

/// Rule files by generation, for saying in which line something stood.
#[derive(Default)]
struct RulesOfThatTime(BTreeMap<String, Option<Files>>);

impl RulesOfThatTime {
    /// Says where in the rules of that time stands what spoke.
    fn place(&mut self, app: &App, generation: &str, event: &mut api::Event) {
        let files = self.0.entry(generation.to_owned()).or_insert_with(|| {
            let generation = crate::adapt::generation_named(app, generation)?;
            crate::adapt::files_of(app, generation)
        });
        let Some(files) = files else { return };
        let lines = Lines::of(files);
        for decision in event.decisions_mut() {
            for setting in &mut decision.settings {
                let found = lines.of_setting(&decision.plugin, &setting.pointer);
                *setting = setting_at(std::mem::take(&mut setting.pointer), found);
            }
        }
        let department = event.department().map(ToOwned::to_owned);
        for skipped in event.skipped_mut() {
            let found = match (skipped.limit_of, &department) {
                (Some("desk"), _) => lines.at("desk.toml", "/limit"),
                (Some("department"), Some(department)) => lines.of_department(department, "limit"),
                _ => None,
            };
            skipped.limit_at = found.map(|line| setting_at("/limit".to_owned(), Some(line)));
        }
    }
}

fn setting_at(pointer: String, found: Option<Line>) -> api::SettingAt {
    let (file, line, text) = match found {
        Some(found) => (Some(found.file), Some(found.number), Some(found.text)),
        None => (None, None, None),
    };
    api::SettingAt { pointer, file, line, text }
}

/// How it stands now, and what stands against giving it to each agent.
fn standing(app: &App, conversation: ConversationId) -> Option<Standing> {
    let (rules, now) = (app.desk.rules(), app.now());
    let closed = rules.checked.closed_at(now);
    let rules = &rules.checked.domain;
    let context = Context { now, rules, closed: &closed, recalled: None, dice: 0 };
    let found = app.desk.read(|desk| explain_assignment(desk, &context, conversation))?;
    let (mut free, mut skipped) = (Vec::new(), Vec::new());
    for (agent, verdict) in &found.agents {
        match verdict {
            Verdict::Chosen => {}
            Verdict::Free { load } | Verdict::NotPreferred { load, .. } => {
                free.push((agent.to_string(), *load));
            }
            Verdict::Skipped(why) => skipped.push(api::skipped_because(agent, why)),
        }
    }
    Some(Standing {
        state: api::names::state(found.state),
        department: found.department.map(|id| id.to_string()),
        department_closed: found.department_closed,
        agent: found.agent.map(|id| id.to_string()),
        position: found.position,
        estimated_wait_ms: found.estimated_wait_ms,
        awaits: found.awaits.map(|(agent, _)| agent.to_string()),
        recontact: found.recontact.map(|id| id.to_string()),
        free,
        skipped,
    })
}

/// Whether an event says why something was decided, rather than what somebody wrote.
fn is_decision(event: &api::Event) -> bool {
    use api::Event as E;
    match event {
        E::MessageSent { decisions, .. } => !decisions.is_empty(),
        E::NoteAdded { .. }
        | E::ReadMarked { .. }
        | E::ConsumerArrived { .. }
        | E::ConsumerWentAway { .. } => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_have_bounds() {
        let fact = |key: &str, value: &str| BeginBody {
            facts: BTreeMap::from([(key.to_owned(), value.to_owned())]),
            ..BeginBody::default()
        };
        assert!(profile(&mut fact("plan", "gold")).is_ok());
        assert_eq!(profile(&mut fact("", "x")).unwrap_err().field.as_deref(), Some("facts."));
        assert_eq!(profile(&mut fact("plan", &"x".repeat(600))).unwrap_err().status, 400);
        let mut many = BeginBody::default();
        many.facts = (0..40).map(|at| (format!("k{at}"), String::new())).collect();
        assert_eq!(profile(&mut many).unwrap_err().field.as_deref(), Some("facts"));
        let mut lines = BeginBody { name: Some("a\nb".into()), ..BeginBody::default() };
        assert_eq!(profile(&mut lines).unwrap_err().field.as_deref(), Some("name"));
    }
}
