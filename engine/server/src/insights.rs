//! Adds the views' quarters of an hour up to what a supervisor asks for: days, hours and departments as the desk counts
//! them. Pure; who may ask and what for is the route's business.

use std::collections::BTreeMap;

use dialogo_journal::views::Quarter;
use dialogo_journal::views::figures::{Figures, Times};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::api::{
    DayFigures, DepartmentFigures, HourFigures, Insights, NodeFigures, Spread, SuggestionFigures,
    Sums,
};

/// When a day begins in a zone, in milliseconds UTC.
pub(crate) fn begin_of(day: Date, zone: &TimeZone) -> Option<u64> {
    let begin = day.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
    u64::try_from(begin).ok()
}

/// The day it is in a zone.
pub(crate) fn day_of(ms: u64, zone: &TimeZone) -> Option<Date> {
    local(ms, zone).map(|at| at.date())
}

fn local(ms: u64, zone: &TimeZone) -> Option<jiff::Zoned> {
    let at = Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
    Some(at.to_zoned(zone.clone()))
}

/// The figures of these days. `quarters` are those of the days and of the departments wanted.
pub(crate) fn add_up(quarters: &[Quarter], first: Date, last: Date, zone: &TimeZone) -> Insights {
    let mut total = Figures::default();
    let mut departments: BTreeMap<Option<String>, Figures> = BTreeMap::new();
    let mut days: BTreeMap<Date, (u64, u64)> = first
        .series(jiff::Span::new().days(1))
        .take_while(|day| *day <= last)
        .map(|day| (day, (0, 0)))
        .collect();
    let mut hours = [(0, 0); 24];
    for Quarter { from, department, figures } in quarters {
        total.add(figures);
        departments.entry(department.as_ref().map(ToString::to_string)).or_default().add(figures);
        let Some(at) = local(from.0, zone) else { continue };
        let hour = usize::try_from(at.hour()).ok().and_then(|hour| hours.get_mut(hour));
        for (contacts, closed) in hour.into_iter().chain(days.get_mut(&at.date())) {
            *contacts += figures.contacts;
            *closed += figures.closed;
        }
    }
    Insights {
        from: first.to_string(),
        to: last.to_string(),
        total: sums(&total),
        by_day: days
            .into_iter()
            .map(|(day, (contacts, closed))| DayFigures { day: day.to_string(), contacts, closed })
            .collect(),
        by_hour: (0u8..)
            .zip(hours)
            .map(|(hour, (contacts, closed))| HourFigures { hour, contacts, closed })
            .collect(),
        by_department: departments
            .into_iter()
            .map(|(department, figures)| DepartmentFigures { department, sums: sums(&figures) })
            .collect(),
        by_classification: total
            .nodes
            .iter()
            .map(|(node, count)| NodeFigures {
                node: (!node.is_empty()).then(|| node.clone()),
                conversations: *count,
            })
            .collect(),
        suggestions: total
            .suggestions
            .iter()
            .map(|((plugin, node), fate)| SuggestionFigures {
                plugin: plugin.clone(),
                node: node.clone(),
                shown: fate.shown,
                accepted: fate.accepted,
                changed: fate.changed,
                ignored: fate.ignored,
            })
            .collect(),
        ..Insights::default()
    }
}

fn sums(figures: &Figures) -> Sums {
    Sums {
        contacts: figures.contacts,
        closed: figures.closed,
        abandoned: figures.abandoned,
        waiting: spread(&figures.waited),
        handling: spread(&figures.handled),
    }
}

fn spread(times: &Times) -> Spread {
    Spread { count: times.count(), median_ms: times.quantile(0.5), p90_ms: times.quantile(0.9) }
}

#[cfg(test)]
mod tests {
    use dialogo_domain::Millis;
    use jiff::civil::date;

    use super::*;

    fn quarter(from: &str, department: &str, contacts: u64, closed: u64) -> Quarter {
        let at: Timestamp = from.parse().unwrap();
        let figures = Figures { contacts, closed, ..Figures::default() };
        let from = Millis(at.as_millisecond().try_into().unwrap());
        Quarter { from, department: Some(department.into()), figures }
    }

    #[test]
    fn days_and_hours_are_the_desks() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let quarters = [
            // 23:45 of the 22nd and 09:00 of the 23rd in São Paulo.
            quarter("2026-11-23T02:45:00Z", "sales", 2, 0),
            quarter("2026-11-23T12:00:00Z", "sales", 1, 2),
            quarter("2026-11-23T12:15:00Z", "support", 4, 1),
        ];
        let found = add_up(&quarters, date(2026, 11, 21), date(2026, 11, 23), &zone);
        let days: Vec<_> =
            found.by_day.iter().map(|day| (day.day.as_str(), day.contacts, day.closed)).collect();
        assert_eq!(days, [("2026-11-21", 0, 0), ("2026-11-22", 2, 0), ("2026-11-23", 5, 3)]);
        assert_eq!(found.by_hour.len(), 24);
        assert_eq!((found.by_hour[23].contacts, found.by_hour[9].contacts), (2, 5));
        assert_eq!((found.total.contacts, found.total.closed), (7, 3));
        let departments: Vec<_> = found
            .by_department
            .iter()
            .map(|one| (one.department.as_deref(), one.sums.contacts))
            .collect();
        assert_eq!(departments, [(Some("sales"), 3), (Some("support"), 4)]);
    }

    #[test]
    fn a_day_begins_where_the_zone_says() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let begin = begin_of(date(2026, 11, 23), &zone).unwrap();
        assert_eq!(
            Timestamp::from_millisecond(begin as i64).unwrap().to_string(),
            "2026-11-23T03:00:00Z"
        );
        assert_eq!(day_of(begin, &zone), Some(date(2026, 11, 23)));
        assert_eq!(day_of(begin - 1, &zone), Some(date(2026, 11, 22)));
    }
}
