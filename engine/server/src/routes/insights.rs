//! The desk's figures over a span of days.

use axum::extract::State;
use dialogo_domain::Millis;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;

use super::messages::off_thread;
use crate::api::Insights;
use crate::auth::Supervisor;
use crate::extract::{Json, Query};
use crate::insights::{add_up, begin_of, day_of};
use crate::problem::{Problem, log_fault};
use crate::reads;
use crate::state::App;

/// Most days at once.
const MAX_DAYS: i32 = 366;

/// Which days and departments. Days are the desk's.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InsightsQuery {
    /// First day (`2026-11-23`); without it: so many days that `days` are shown.
    from: Option<String>,
    /// Last day; without it: today.
    to: Option<String>,
    /// How many days, where there is no `from` (1 unless told).
    days: Option<u16>,
    /// Only this department.
    department: Option<String>,
}

/// Volume, times, classifications and what became of suggestions, over a span of days.
#[utoipa::path(get, path = "/insights", tag = "desk", security(("token" = [])), params(InsightsQuery), responses(
    (status = 200, description = "What was counted", body = Insights),
    (status = 400, description = "Malformed", body = Problem),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For supervisors", body = Problem),
))]
pub(crate) async fn insights(
    State(app): State<App>,
    _who: Supervisor,
    Query(query): Query<InsightsQuery>,
) -> Result<Json<Insights>, Problem> {
    let rules = app.desk.rules();
    let zone = rules.checked.desk.zone.clone();
    let timezone = rules.checked.desk.timezone.clone();
    let today = day_of(app.now().0, &zone).unwrap_or_default();
    let (first, last) = days(&query, today)?;
    let end = last.tomorrow().ok().and_then(|day| begin_of(day, &zone));
    let span = begin_of(first, &zone).zip(end);
    let (begin, end) = span.ok_or_else(|| Problem::invalid("from", "no day of this calendar"))?;
    off_thread(move || {
        reads::wait_for_views(&app);
        let mut quarters = app
            .desk
            .views()
            .figures(Millis(begin)..Millis(end))
            .map_err(|error| log_fault("reading the figures", &error))?;
        if let Some(wanted) = &query.department {
            quarters.retain(|one| one.department.as_ref().is_some_and(|id| id.as_str() == wanted));
        }
        let found = add_up(&quarters, first, last, &zone);
        Ok(Json(Insights { timezone, department: query.department, ..found }))
    })
    .await
}

/// First and last day.
fn days(query: &InsightsQuery, today: Date) -> Result<(Date, Date), Problem> {
    let last = query.to.as_deref().map_or(Ok(today), |text| day("to", text))?;
    let first = match (&query.from, query.days.unwrap_or(1)) {
        (Some(text), _) => day("from", text)?,
        (None, 0) => return Err(Problem::invalid("days", "at least one day")),
        (None, days) => last.saturating_sub(jiff::Span::new().days(i32::from(days) - 1)),
    };
    if first > last {
        return Err(Problem::invalid("from", "`from` must not lie after `to`"));
    }
    let span = first.until(last).map(|span| span.get_days()).unwrap_or(i32::MAX);
    if span >= MAX_DAYS {
        return Err(Problem::invalid("from", format!("at most {MAX_DAYS} days at once")));
    }
    Ok((first, last))
}

fn day(field: &'static str, text: &str) -> Result<Date, Problem> {
    let wrong = |_| Problem::invalid(field, "a day is written `2026-11-23`");
    text.parse().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn asked(from: Option<&str>, to: Option<&str>, days: Option<u16>) -> InsightsQuery {
        let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
        InsightsQuery { from, to, days, department: None }
    }

    #[test]
    fn spans_of_days() {
        let today = date(2026, 11, 23);
        let span = |query| days(&query, today).unwrap();
        assert_eq!(span(asked(None, None, None)), (today, today));
        assert_eq!(span(asked(None, None, Some(7))), (date(2026, 11, 17), today));
        let (from, to) = (date(2026, 10, 1), date(2026, 10, 31));
        assert_eq!(span(asked(Some("2026-10-01"), Some("2026-10-31"), None)), (from, to));
        let field = |query| days(&query, today).unwrap_err().field.unwrap();
        assert_eq!(field(asked(Some("2026-12-01"), None, None)), "from");
        assert_eq!(field(asked(Some("2020-01-01"), None, None)), "from");
        assert_eq!(field(asked(None, Some("yesterday"), None)), "to");
        assert_eq!(field(asked(None, None, Some(0))), "days");
    }
}
