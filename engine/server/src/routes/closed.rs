//! What is over: an account's conversations of the day and those it has put off classifying, whether they are still in
//! the desk's memory or only in the views.

use dialogo_domain::{ConversationId, Millis};
use dialogo_journal::views::Summary;

use crate::api::{ConversationList, Today};
use crate::auth::{Account, Caller};
use crate::problem::{Problem, log_fault};
use crate::reads;
use crate::state::App;

/// Most conversations one agent's day is counted over.
const DAY: usize = 10_000;

/// Which part of a list, and of which department.
pub(crate) struct Part<'a> {
    /// Only those closed before this time.
    pub(crate) before: Option<u64>,
    /// At most so many.
    pub(crate) limit: usize,
    /// Only those of this department.
    pub(crate) department: Option<&'a str>,
}

/// What the account has closed today; a supervisor sees everybody's. It reads the disk.
pub(crate) fn today(
    app: &App,
    account: &Account,
    part: &Part<'_>,
) -> Result<ConversationList, Problem> {
    let found = closed_today(app, account, part)?;
    let ids = found.iter().filter_map(|it| Some((it.conversation, it.closed.as_ref()?.0)));
    shown(app, account, ids, part)
}

/// What the account has closed without a final classification; a supervisor sees everybody's. It reads the disk.
pub(crate) fn to_classify(
    app: &App,
    account: &Account,
    part: &Part<'_>,
) -> Result<ConversationList, Problem> {
    let mut ids: Vec<(ConversationId, Millis)> = app.desk.read(|desk| {
        if account.sees_all() {
            desk.all_to_classify().map(|(_, id, at)| (id, at)).collect()
        } else {
            desk.to_classify(&account.id).collect()
        }
    });
    ids.retain(|(_, at)| part.before.is_none_or(|before| at.0 < before));
    ids.sort_by_key(|(id, at)| (std::cmp::Reverse(*at), *id));
    shown(app, account, ids.into_iter(), part)
}

/// The account's own figures of the day. It reads the disk.
pub(crate) fn figures(app: &App, account: &Account) -> Result<Today, Problem> {
    let now = app.now();
    let closed = app
        .desk
        .views()
        .closed_by_agent(&account.id, day_of(app, now)..Millis(u64::MAX), DAY)
        .map_err(|error| log_fault("reading the views", &error))?;
    let lasted = closed.iter().filter_map(|it| Some(it.closed.as_ref()?.0.since(it.opened_at)));
    let sum: u64 = lasted.sum();
    Ok(Today {
        finished: closed.len(),
        mean_duration_ms: sum.checked_div(closed.len() as u64),
        to_classify: app.desk.read(|desk| desk.to_classify(&account.id).count()),
    })
}

fn closed_today(app: &App, account: &Account, part: &Part<'_>) -> Result<Vec<Summary>, Problem> {
    let views = app.desk.views();
    if let Err(fault) = views.wait_for(app.desk.head(), reads::VIEWS_WITHIN) {
        tracing::warn!(%fault, "the views do not follow; what was closed last may be missing");
    }
    let span = day_of(app, app.now())..Millis(part.before.unwrap_or(u64::MAX));
    let most = if part.department.is_some() { DAY } else { part.limit + 1 };
    let found = if account.sees_all() {
        views.closed(span, most)
    } else {
        views.closed_by_agent(&account.id, span, most)
    };
    found.map_err(|error| log_fault("reading the views", &error))
}

/// The conversations as the account sees them, in the order given, as many as are wanted.
fn shown(
    app: &App,
    account: &Account,
    ids: impl Iterator<Item = (ConversationId, Millis)>,
    part: &Part<'_>,
) -> Result<ConversationList, Problem> {
    let caller = Caller::Account(account.clone());
    let position = reads::number(app.desk.head());
    let (mut conversations, mut next, mut last) = (Vec::new(), None, 0);
    for (id, at) in ids {
        if conversations.len() >= part.limit && at.0 != last {
            next = Some(last);
            break;
        }
        let Ok(found) = reads::conversation(app, &caller, id) else { continue };
        let elsewhere = part.department.is_some() && found.department.as_deref() != part.department;
        if found.closed.is_none() || elsewhere {
            continue;
        }
        last = at.0;
        conversations.push(found);
    }
    Ok(ConversationList { conversations, next, position, searched: None })
}

/// When the desk's day began.
fn day_of(app: &App, now: Millis) -> Millis {
    let zone = app.desk.rules().checked.desk.zone.clone();
    let began = || {
        let now = jiff::Timestamp::from_millisecond(i64::try_from(now.0).ok()?).ok()?;
        let day = now.to_zoned(zone).start_of_day().ok()?;
        u64::try_from(day.timestamp().as_millisecond()).ok()
    };
    Millis(began().unwrap_or_default())
}
