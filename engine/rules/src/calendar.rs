//! Opening hours: weekly hours with breaks, in a time zone, less one-off closures.
//!
//! The zones are those compiled into the program, never the machine's own, so that the same files mean the same
//! everywhere. Nobody here asks what time it is: instants come in as [`Millis`].

use std::collections::BTreeMap;

use dialogo_domain::time::Millis;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// How far ahead the next opening is looked for.
const DAYS_AHEAD: usize = 400;

/// One calendar of `desk.toml`.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    always: bool,
    /// Monday first; open stretches of the day in minutes since midnight, in order, without overlaps.
    week: [Vec<(u16, u16)>; 7],
    /// First and last closed day, and what it is called.
    closures: Vec<Closure>,
}

/// Days on which a calendar is closed all day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// What it is called (`Natal`); may be empty.
    pub name: String,
}

/// Calendars by their ids.
pub type Calendars = BTreeMap<String, Calendar>;

impl Calendar {
    /// A calendar that is never open, to be filled.
    pub fn closed(zone: TimeZone) -> Self {
        Self { zone, always: false, week: Default::default(), closures: Vec::new() }
    }

    /// Makes it open day and night, except on closures.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.always = true;
        self
    }

    /// Opens a stretch of one weekday (0 is Monday), in minutes since midnight. If it ends before it begins, it runs past
    /// midnight into the next day.
    pub fn open(&mut self, weekday: usize, from: u16, to: u16) {
        if from < to {
            self.add(weekday, from, to);
        } else {
            self.add(weekday, from, DAY);
            self.add(weekday + 1, 0, to);
        }
    }

    /// Closes a stretch of one weekday again.
    pub fn pause(&mut self, weekday: usize, from: u16, to: u16) {
        if from < to {
            self.cut(weekday, from, to);
        } else {
            self.cut(weekday, from, DAY);
            self.cut(weekday + 1, 0, to);
        }
    }

    /// Closes whole days.
    pub fn close(&mut self, closure: Closure) {
        self.closures.push(closure);
    }

    /// Whether it opens at all in a week.
    pub fn ever_opens(&self) -> bool {
        self.always || self.week.iter().any(|day| !day.is_empty())
    }

    /// The zone its hours are meant in.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether it is open at an instant.
    pub fn is_open(&self, at: Millis) -> bool {
        timestamp(at).is_some_and(|at| self.is_open_locally(self.zone.to_datetime(at)))
    }

    /// The closure that an instant falls into.
    pub fn closure(&self, at: Millis) -> Option<&Closure> {
        let date = self.zone.to_datetime(timestamp(at)?).date();
        self.closures.iter().find(|closure| closure.from <= date && date <= closure.to)
    }

    /// The next instant at which it is open: `at` itself if it is open then; `None` if it does not open within a year.
    pub fn next_open(&self, at: Millis) -> Option<Millis> {
        if self.is_open(at) {
            return Some(at);
        }
        let now = timestamp(at)?;
        let today = self.zone.to_datetime(now).date();
        today
            .series(jiff::Span::new().days(1))
            .take(DAYS_AHEAD)
            .filter(|date| !self.is_closed_on(*date))
            .find_map(|date| {
                self.stretches(date)
                    .iter()
                    .find_map(|(from, _)| self.instant(date, *from).filter(|start| *start >= at))
            })
    }

    fn is_open_locally(&self, local: DateTime) -> bool {
        if self.is_closed_on(local.date()) {
            return false;
        }
        let minute = local.hour() as u16 * 60 + local.minute() as u16;
        self.stretches(local.date()).iter().any(|(from, to)| (*from..*to).contains(&minute))
    }

    fn is_closed_on(&self, date: Date) -> bool {
        self.closures.iter().any(|closure| closure.from <= date && date <= closure.to)
    }

    fn stretches(&self, date: Date) -> &[(u16, u16)] {
        const WHOLE: &[(u16, u16)] = &[(0, DAY)];
        if self.always { WHOLE } else { &self.week[weekday_index(date.weekday())] }
    }

    fn instant(&self, date: Date, minute: u16) -> Option<Millis> {
        let local = date.at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
        let at = self.zone.to_zoned(local).ok()?.timestamp().as_millisecond();
        u64::try_from(at).ok().map(Millis)
    }

    fn add(&mut self, weekday: usize, from: u16, to: u16) {
        if from >= to {
            return;
        }
        let day = &mut self.week[weekday % 7];
        day.push((from, to));
        day.sort_unstable();
        let mut merged: Vec<(u16, u16)> = Vec::new();
        for &(from, to) in day.iter() {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        *day = merged;
    }

    fn cut(&mut self, weekday: usize, from: u16, to: u16) {
        let day = &mut self.week[weekday % 7];
        let parts =
            day.iter().flat_map(|&(start, end)| [(start, end.min(from)), (start.max(to), end)]);
        *day = parts.filter(|(start, end)| start < end).collect();
    }
}

/// A zone by its name (`America/Sao_Paulo`), from the data compiled in.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// Names of all zones.
pub(crate) fn zone_names() -> Vec<String> {
    TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
}

/// The instant of a local date and time.
pub fn instant(zone: &TimeZone, local: DateTime) -> Option<Millis> {
    let at = zone.to_zoned(local).ok()?.timestamp().as_millisecond();
    u64::try_from(at).ok().map(Millis)
}

fn timestamp(at: Millis) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(at.0).ok()?).ok()
}

/// Monday is 0.
pub(crate) fn weekday_index(day: Weekday) -> usize {
    usize::from(day.to_monday_zero_offset().unsigned_abs())
}

/// Minutes since midnight of `09:00`; `24:00` is the end of the day.
pub(crate) fn parse_time(text: &str) -> Result<u16, String> {
    let wrong = || format!("`{text}` is not a time of day; write hours:minutes");
    let (hours, minutes) = text.trim().split_once(':').ok_or_else(wrong)?;
    let digits = |part: &str| {
        part.len() <= 2 && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(hours) || !digits(minutes) || minutes.len() != 2 {
        return Err(wrong());
    }
    let hours: u16 = hours.parse().map_err(|_| wrong())?;
    let minutes: u16 = minutes.parse().map_err(|_| wrong())?;
    if minutes > 59 || hours * 60 + minutes > DAY {
        return Err(format!("`{text}` is not a time of day; the day ends at 24:00"));
    }
    Ok(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis(text.parse::<Timestamp>().unwrap().as_millisecond() as u64)
    }

    fn office() -> Calendar {
        let mut calendar = Calendar::closed(zone("America/Sao_Paulo").unwrap());
        for day in 0..5 {
            calendar.open(day, 9 * 60, 18 * 60);
            calendar.pause(day, 12 * 60, 13 * 60);
        }
        let christmas = "2026-12-25".parse().unwrap();
        calendar.close(Closure { from: christmas, to: christmas, name: "Natal".into() });
        calendar
    }

    #[test]
    fn open_by_local_time_with_breaks() {
        // São Paulo is three hours behind UTC; 2026-11-23 is a Monday.
        for (instant, open) in [
            ("2026-11-23T11:59:00Z", false),
            ("2026-11-23T12:00:00Z", true),
            ("2026-11-23T15:30:00Z", false),
            ("2026-11-23T16:00:00Z", true),
            ("2026-11-23T20:59:59Z", true),
            ("2026-11-23T21:00:00Z", false),
            ("2026-11-22T15:00:00Z", false),
            ("2026-12-25T14:00:00Z", false),
        ] {
            assert_eq!(office().is_open(at(instant)), open, "{instant}");
        }
    }

    #[test]
    fn the_next_opening_skips_breaks_nights_and_closures() {
        for (instant, next) in [
            ("2026-11-23T15:30:00Z", "2026-11-23T16:00:00Z"),
            ("2026-11-23T23:00:00Z", "2026-11-24T12:00:00Z"),
            ("2026-11-27T23:00:00Z", "2026-11-30T12:00:00Z"),
            ("2026-12-24T22:00:00Z", "2026-12-28T12:00:00Z"),
            ("2026-11-23T14:00:00Z", "2026-11-23T14:00:00Z"),
        ] {
            assert_eq!(office().next_open(at(instant)), Some(at(next)), "{instant}");
        }
    }

    #[test]
    fn hours_past_midnight_belong_to_the_evening_before() {
        let mut calendar = Calendar::closed(zone("UTC").unwrap());
        calendar.open(6, 22 * 60, 6 * 60);
        assert!(calendar.is_open(at("2026-11-22T23:00:00Z")));
        assert!(calendar.is_open(at("2026-11-23T05:59:00Z")));
        assert!(!calendar.is_open(at("2026-11-23T06:00:00Z")));
        assert!(!calendar.is_open(at("2026-11-23T22:00:00Z")));
    }

    #[test]
    fn a_change_of_the_clock_does_not_stop_the_search() {
        let mut calendar = Calendar::closed(zone("Europe/Berlin").unwrap());
        calendar.open(6, 2 * 60 + 30, 4 * 60);
        // 02:30 does not exist on 2026-03-29: the stretch begins when the clock reads 03:30.
        assert_eq!(
            calendar.next_open(at("2026-03-28T12:00:00Z")),
            Some(at("2026-03-29T01:30:00Z"))
        );
    }

    #[test]
    fn never_and_always() {
        let zone = zone("UTC").unwrap();
        assert_eq!(Calendar::closed(zone.clone()).next_open(Millis(0)), None);
        assert!(Calendar::closed(zone.clone()).always().is_open(Millis(0)));
        assert!(!Calendar::closed(zone).always().is_open(Millis(u64::MAX)));
    }

    #[test]
    fn times_of_day() {
        assert_eq!(parse_time("9:05"), Ok(545));
        assert_eq!(parse_time("24:00"), Ok(1440));
        for text in ["", "9", "25:00", "24:01", "9:5", "9:60", "-1:00", "9h00", "٩:00"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }
}
