//! Everything the API reads of conversations, warm ones from the desk's durable state and cold ones from the views, with
//! the question of who may see it answered on the way.
//!
//! Unknown and not-yours are the same 404. Nothing here changes anything.

use dialogo_desk::Moment;
use dialogo_domain::conversation::Conversation;
use dialogo_domain::visibility::may_see;
use dialogo_domain::{ConversationId, Position};

use crate::api;
use crate::auth::Caller;
use crate::problem::{Problem, log_fault};
use crate::state::App;

/// Most messages or commits in one page.
pub(crate) const MAX_PAGE: usize = 200;
/// Messages or commits in a page nobody asked a size for.
pub(crate) const PAGE: usize = 50;

/// The size of a page as asked for, within bounds.
pub(crate) fn page(limit: Option<usize>) -> usize {
    limit.unwrap_or(PAGE).clamp(1, MAX_PAGE)
}

/// How the caller looks at events.
pub(crate) fn viewer(caller: &Caller) -> api::Viewer<'_> {
    match caller {
        Caller::Consumer(consumer) => api::Viewer::Consumer(*consumer),
        Caller::Account(account) => {
            api::Viewer::Account { id: &account.id, sees_all: account.sees_all() }
        }
    }
}

/// Does something with a conversation the caller may see, or 404.
pub(crate) fn with_conversation<R>(
    app: &App,
    caller: &Caller,
    id: ConversationId,
    then: impl FnOnce(&Conversation, &Moment<'_>) -> R,
) -> Result<R, Problem> {
    let rules = app.desk.rules();
    let actor = caller.actor();
    let warm = app.desk.read(|desk| desk.conversations.contains_key(&id));
    let cold = if warm { None } else { cold(app, id)? };
    app.desk.look(|moment| {
        let desk = moment.desk;
        let found = desk.conversations.get(&id).or(cold.as_ref());
        let visible = found.filter(|found| may_see(desk, &rules.checked.domain, &actor, found));
        visible.map(|found| then(found, moment)).ok_or_else(|| Problem::not_found("conversation"))
    })
}

/// The conversation as the caller sees it, or 404.
pub(crate) fn conversation(
    app: &App,
    caller: &Caller,
    id: ConversationId,
) -> Result<api::Conversation, Problem> {
    let viewer = viewer(caller);
    with_conversation(app, caller, id, |found, moment| {
        api::Conversation::of(found, moment, &viewer)
    })
}

/// A position as a number.
pub(crate) fn number(position: Position) -> u64 {
    position.0
}

/// A conversation that has left the desk's memory.
fn cold(app: &App, id: ConversationId) -> Result<Option<Conversation>, Problem> {
    let found = app
        .desk
        .views()
        .conversation(id)
        .map_err(|error| log_fault("reading the views", &error))?;
    Ok(found.map(|cold| cold.conversation))
}

/// A message of a conversation, found in the commit that holds it.
fn message_in(
    commit: &dialogo_domain::Commit,
    id: dialogo_domain::MessageId,
    desk: &dialogo_domain::Desk,
    viewer: &api::Viewer<'_>,
) -> Option<api::Message> {
    let at = commit.stamp.at.0;
    commit.events.iter().find_map(|event| {
        let shown = api::Event::of(event, at, desk, viewer, api::event_depth::Depth::Full)?;
        match shown {
            api::Event::MessageSent { message, .. } | api::Event::NoteAdded { message, .. } => {
                (message.id == id.to_string()).then_some(message)
            }
            api::Event::MessageRefused { mut message, code, detail, .. } => {
                message.refused = Some(api::Verdict { kind: "deny", code, detail });
                (message.id == id.to_string()).then_some(message)
            }
            _ => None,
        }
    })
}

/// A page of a conversation's messages, oldest first: those after a number, or the last ones before a number.
pub(crate) fn messages(
    app: &App,
    caller: &Caller,
    id: ConversationId,
    after: Option<u32>,
    before: Option<u32>,
    limit: usize,
) -> Result<api::MessageList, Problem> {
    let (mut wanted, as_of) = with_conversation(app, caller, id, |found, moment| {
        let all =
            found.messages.iter().map(|(message, number, position)| (position, number, message));
        (all.collect::<Vec<_>>(), moment.desk.position)
    })?;
    // In the order of the journal, so that a refused message, which has no number, stands where it was tried.
    wanted.sort_unstable();
    let mut reached = 0;
    let mut place = Vec::with_capacity(wanted.len());
    for (position, number, message) in wanted {
        reached = reached.max(number);
        place.push((reached, position, message));
    }
    let within = |number: u32| {
        after.is_none_or(|after| number > after) && before.is_none_or(|before| number < before)
    };
    place.retain(|(number, ..)| within(*number));
    let viewer = viewer(caller);
    let mut messages = Vec::new();
    let forwards = after.is_some();
    let mut rest: Box<dyn Iterator<Item = _>> =
        if forwards { Box::new(place.into_iter()) } else { Box::new(place.into_iter().rev()) };
    for (_, position, message) in rest.by_ref() {
        let Some(commit) = app.desk.commit_at(position) else { continue };
        messages.extend(app.desk.read(|desk| message_in(&commit, message, desk, &viewer)));
        if messages.len() == limit {
            break;
        }
    }
    let more = rest.next().is_some();
    if !forwards {
        messages.reverse();
    }
    Ok(api::MessageList { messages, more, position: number(as_of) })
}

/// The commits of a conversation after a position, as `viewer` sees them, and whether there are more.
pub(crate) fn history(
    app: &App,
    viewer: &api::Viewer<'_>,
    id: ConversationId,
    after: Position,
    limit: usize,
) -> Result<(Vec<api::StampedEvents>, bool), Problem> {
    wait_for_views(app);
    let mut commits = Vec::new();
    let mut after = after;
    loop {
        let found = app
            .desk
            .views()
            .events_of(id, after, HISTORY_STEP)
            .map_err(|error| log_fault("reading the history", &error))?;
        let Some(last) = found.last() else { return Ok((commits, false)) };
        after = last.stamp.position;
        for commit in &found {
            if commits.len() == limit {
                return Ok((commits, true));
            }
            commits.extend(stamped(app, viewer, id, commit));
        }
    }
}

/// Whoever has been answered finds what it did: the views follow within milliseconds.
pub(crate) fn wait_for_views(app: &App) {
    if let Err(fault) = app.desk.views().wait_for(app.desk.head(), VIEWS_WITHIN) {
        tracing::warn!(%fault, "the views do not follow; what is read may lack its end");
    }
}

/// How long a reader waits for the views.
pub(crate) const VIEWS_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);

/// Commits read from the log at a time.
const HISTORY_STEP: usize = 256;

fn stamped(
    app: &App,
    viewer: &api::Viewer<'_>,
    id: ConversationId,
    commit: &dialogo_domain::Commit,
) -> Option<api::StampedEvents> {
    let at = commit.stamp.at.0;
    let about = commit.events.iter().filter(|event| event.conversation() == Some(id));
    let events: Vec<api::Event> = app.desk.read(|desk| {
        about
            .filter_map(|event| {
                api::Event::of(event, at, desk, viewer, api::event_depth::Depth::Full)
            })
            .collect()
    });
    (!events.is_empty()).then(|| api::StampedEvents {
        position: commit.stamp.position.0,
        at,
        generation: commit.stamp.generation.to_string(),
        events,
    })
}

/// Whether there is such a conversation, for the operator.
pub(crate) fn exists(app: &App, id: ConversationId) -> Result<bool, Problem> {
    Ok(app.desk.read(|desk| desk.conversations.contains_key(&id)) || cold(app, id)?.is_some())
}
