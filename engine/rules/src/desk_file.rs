//! `desk.toml`: what holds for the whole desk, and its calendars.

use std::collections::BTreeMap;

use dialogo_domain::id::DepartmentId;
use dialogo_domain::rules::{DeskRules, FinishPolicy, OfferMode, Text};
use jiff::tz::TimeZone;

use crate::calendar::{self, Calendar, Calendars, Closure};
use crate::diagnostic::{Diagnostic, Place};
use crate::document::{Data, Document};
use crate::names::{Ids, Names, Sort};
use crate::reader::{At, Reader};
use crate::shapes;
use crate::spec::check_table;
use crate::suggest::did_you_mean;

/// What `desk.toml` says beyond what the domain decides with.
#[derive(Clone, Debug)]
pub struct DeskSettings {
    /// Name shown to consumers.
    pub name: Text,
    /// Languages, the first being the default.
    pub languages: Vec<String>,
    /// Name of the desk's time zone.
    pub timezone: String,
    /// The zone itself.
    pub zone: TimeZone,
    /// Department of a conversation that names none.
    pub start_department: Option<DepartmentId>,
    /// What agents choose from when they pause.
    pub pause_reasons: Vec<Text>,
    /// What one visitor may do.
    pub visitor: VisitorLimits,
    /// Upper bounds for files.
    pub attachments: AttachmentBounds,
    /// Sites on which the widget may stand (`https://www.example.com`); `*` means everywhere.
    pub origins: Vec<String>,
    /// How long things are kept.
    pub retention: Retention,
}

/// What one visitor may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitorLimits {
    /// Messages …
    pub messages: u32,
    /// … within so many milliseconds.
    pub per_ms: u64,
    /// Uploads in an hour.
    pub uploads_per_hour: u32,
    /// Conversations open at once.
    pub open_conversations: u32,
    /// New visitors from one address in an hour.
    pub new_per_hour: u32,
}

/// Upper bounds for files, above every policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachmentBounds {
    /// Largest file.
    pub max_bytes: u64,
    /// Most files in one message.
    pub max_per_message: u32,
}

/// How long things are kept; `None`: always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Closed conversations, in milliseconds.
    pub conversations_ms: Option<u64>,
    /// Files, in milliseconds.
    pub attachments_ms: Option<u64>,
}

/// All of `desk.toml`.
#[derive(Debug)]
pub(crate) struct DeskFile {
    pub(crate) rules: DeskRules,
    pub(crate) settings: DeskSettings,
    pub(crate) calendars: Calendars,
    pub(crate) calendar_places: BTreeMap<String, Place>,
}

/// Languages of the desk, read before everything else, since all texts depend on them.
pub(crate) fn languages(doc: &Document) -> Vec<String> {
    let listed: Vec<String> = match doc.table().get("languages").map(|entry| &entry.value.data) {
        Some(Data::List(list)) => {
            let texts = list.iter().filter_map(|item| match &item.data {
                Data::Text(text) => Some(text.clone()),
                _ => None,
            });
            texts.collect()
        }
        _ => Vec::new(),
    };
    if listed.is_empty() { vec!["pt".to_owned()] } else { listed }
}

pub(crate) fn read(doc: &Document, names: &Names, out: &mut Vec<Diagnostic>) -> DeskFile {
    check_table(doc, doc.table(), doc.root.span, &shapes::DESK, out);
    let reader = Reader::root(doc, &shapes::DESK);
    check_languages(&reader, out);
    let (timezone, zone) =
        zone_of(&reader, out).unwrap_or_else(|| ("UTC".to_owned(), TimeZone::UTC));
    let start = reader.text("start_department");
    if let Some(start) = &start {
        names.check(Sort::Department, doc, start, out);
    }
    let name = names.text(&reader, "name", out);
    let (calendars, calendar_places) = read_calendars(&reader, &zone, out);
    let settings = DeskSettings {
        name: name.clone(),
        languages: names.languages.clone(),
        timezone,
        zone,
        start_department: start.map(|at| DepartmentId::from(at.value)),
        pause_reasons: names.texts(&reader, "pause_reasons", out),
        visitor: visitor(&reader),
        attachments: attachments(&reader),
        origins: origins(&reader, out),
        retention: retention(&reader),
    };
    DeskFile { rules: rules(&reader, names, name), settings, calendars, calendar_places }
}

/// Reads a table that may be missing: its defaults hold then.
fn with<T>(reader: &Reader<'_>, name: &str, read: impl FnOnce(&Reader<'_>) -> T) -> T {
    match reader.table(name) {
        Some(table) => read(&table),
        None => read(&reader.absent(name)),
    }
}

fn rules(reader: &Reader<'_>, names: &Names, name: Text) -> DeskRules {
    let mut rules = DeskRules {
        name,
        languages: names.languages.clone(),
        limit: count(reader, "limit"),
        agents_may_lower_limit: reader.flag("agents_may_lower_limit"),
        ..DeskRules::default()
    };
    with(reader, "finish", |finish| {
        rules.finish = match finish.word("classification").as_str() {
            "off" => FinishPolicy::Off,
            "require" => FinishPolicy::Require,
            _ => FinishPolicy::Remind,
        };
        rules.undo_window_ms = finish.duration("undo").unwrap_or_default();
    });
    with(reader, "conversation", |conversation| {
        rules.reopen_window_ms = conversation.duration("reopen_window").unwrap_or_default();
        rules.idle_timeout_ms = conversation.duration("idle_timeout");
        rules.connection_timeout_ms = conversation.duration("connection_timeout");
        rules.keep_closed_ms = conversation.duration("keep_closed").unwrap_or_default();
    });
    with(reader, "routing", |routing| {
        rules.grace_ms = routing.duration("grace").unwrap_or_default();
        rules.sticky_ms = routing.duration("sticky").unwrap_or_default();
        rules.recontact_ms = routing.duration("recontact").unwrap_or_default();
        rules.max_hops = count(routing, "max_transfers");
        rules.offers = match routing.table("offers") {
            Some(manual) => {
                OfferMode::Manual { timeout_ms: manual.duration("accept_within").unwrap_or(30_000) }
            }
            None => OfferMode::Immediate,
        };
    });
    rules
}

fn visitor(reader: &Reader<'_>) -> VisitorLimits {
    with(reader, "visitor", |visitor| VisitorLimits {
        messages: count(visitor, "messages"),
        per_ms: visitor.duration("per").unwrap_or(10_000),
        uploads_per_hour: count(visitor, "uploads_per_hour"),
        open_conversations: count(visitor, "open_conversations"),
        new_per_hour: count(visitor, "new_per_hour"),
    })
}

fn attachments(reader: &Reader<'_>) -> AttachmentBounds {
    with(reader, "attachments", |attachments| AttachmentBounds {
        max_bytes: (attachments.number("max_mb").unwrap_or(25.0) * 1_000_000.0) as u64,
        max_per_message: count(attachments, "max_per_message"),
    })
}

fn retention(reader: &Reader<'_>) -> Retention {
    with(reader, "retention", |retention| Retention {
        conversations_ms: retention.duration("conversations"),
        attachments_ms: retention.duration("attachments"),
    })
}

fn origins(reader: &Reader<'_>, out: &mut Vec<Diagnostic>) -> Vec<String> {
    let Some(widget) = reader.table("widget") else { return Vec::new() };
    let listed = widget.texts("origins");
    for origin in &listed {
        if let Some(help) = wrong_origin(&origin.value) {
            let message = format!("`{}` is not the address of a site", origin.value);
            let problem = Diagnostic::error("bad-origin", reader.place(origin.span), message);
            out.push(problem.label("scheme and host, nothing after them").help(help));
        }
    }
    listed.into_iter().map(|origin| origin.value).collect()
}

/// What a browser sends as `Origin` is scheme, host and port; anything more would never match.
fn wrong_origin(origin: &str) -> Option<String> {
    let example = "write it like \"https://www.example.com\"";
    if origin == "*" {
        return None;
    }
    let Some((scheme, rest)) = origin.split_once("://") else { return Some(example.to_owned()) };
    let host = rest.split('/').next().unwrap_or_default();
    if !["http", "https"].contains(&scheme) || host.is_empty() {
        return Some(example.to_owned());
    }
    let wrong =
        rest.contains('/') || host.chars().any(|next| next.is_uppercase() || next.is_whitespace());
    wrong.then(|| format!("did you mean `{scheme}://{}`?", host.to_lowercase()))
}

fn check_languages(reader: &Reader<'_>, out: &mut Vec<Diagnostic>) {
    let mut ids = Ids::new("languages");
    let listed = reader.texts("languages");
    if reader.has("languages") && listed.is_empty() {
        let place = reader.place(reader.key_span("languages"));
        out.push(Diagnostic::error("empty-list", place, "a desk needs at least one language"));
    }
    for language in listed {
        let code = &language.value;
        let fine = (2..=16).contains(&code.len())
            && code.chars().all(|next| next.is_ascii_alphanumeric() || next == '-');
        if !fine {
            let message = format!("`{code}` is not a language code");
            let problem = Diagnostic::error("bad-language", reader.place(language.span), message);
            out.push(problem.help("such as \"pt\", \"en\", \"es\" or \"pt-BR\""));
        }
        ids.add(reader.doc, &language, out);
    }
}

/// The zone a table names, with its name.
fn zone_of(reader: &Reader<'_>, out: &mut Vec<Diagnostic>) -> Option<(String, TimeZone)> {
    let At { value: name, span } = reader.text("timezone")?;
    if let Some(zone) = calendar::zone(&name) {
        return Some((name, zone));
    }
    let known = calendar::zone_names();
    let near = did_you_mean(&name, known.iter().map(String::as_str));
    let near =
        near.unwrap_or_else(|| "such as \"America/Sao_Paulo\" or \"Europe/Lisbon\"".to_owned());
    let problem = Diagnostic::error(
        "unknown-timezone",
        reader.place(span),
        format!("there is no time zone `{name}`"),
    );
    out.push(problem.label("continent/city").help(near));
    None
}

fn read_calendars(
    reader: &Reader<'_>,
    zone: &TimeZone,
    out: &mut Vec<Diagnostic>,
) -> (Calendars, BTreeMap<String, Place>) {
    let mut calendars = Calendars::new();
    let mut ids = Ids::new("calendars");
    for table in reader.tables("calendar") {
        let Some(id) = table.text("id") else { continue };
        if ids.add(reader.doc, &id, out) {
            calendars.insert(id.value, read_calendar(&table, zone, out));
        }
    }
    (calendars, ids.defined)
}

fn read_calendar(table: &Reader<'_>, zone: &TimeZone, out: &mut Vec<Diagnostic>) -> Calendar {
    let zone = zone_of(table, out).map_or_else(|| zone.clone(), |(_, zone)| zone);
    let mut calendar = Calendar::closed(zone);
    let always = table.flag("always");
    if always {
        calendar = calendar.always();
        if table.has("hours") {
            let place = table.place(table.key_span("hours"));
            let message = "this calendar is always open, so its hours say nothing";
            let problem = Diagnostic::error("contradiction", place, message).label("has no effect");
            out.push(
                problem
                    .related(table.place(table.key_span("always")), "open day and night")
                    .help("take one of them out"),
            );
        }
    }
    for line in table.tables("hours") {
        read_hours(&line, &mut calendar, out);
    }
    for closure in table.tables("closed") {
        if let Some(closure) = read_closure(&closure, out) {
            calendar.close(closure);
        }
    }
    if !calendar.ever_opens() && !table.has("hours") {
        let place = table.place(table.text("id").map_or(table.span, |id| id.span));
        let problem = Diagnostic::warning("never-open", place, "this calendar never opens");
        out.push(problem.help("give it hours, or always = true"));
    }
    calendar
}

fn read_hours(line: &Reader<'_>, calendar: &mut Calendar, out: &mut Vec<Diagnostic>) {
    let (Some(from), Some(to)) = (line.time("from"), line.time("to")) else { return };
    if from.value == to.value {
        let problem = Diagnostic::error(
            "empty-hours",
            line.place(to.span),
            "these hours end when they begin",
        );
        out.push(problem.help("a whole day is from \"00:00\" to \"24:00\""));
        return;
    }
    let days = days(line);
    for &day in &days {
        calendar.open(day, from.value, to.value);
    }
    for pause in line.tables("breaks") {
        let (Some(start), Some(end)) = (pause.time("from"), pause.time("to")) else { continue };
        if !within(from.value, to.value, start.value, end.value) {
            let message = "this break is not inside the hours it interrupts";
            let problem = Diagnostic::error("break-outside", line.place(pause.span), message);
            out.push(problem.related(line.place(from.span), "the hours begin here"));
            continue;
        }
        let overnight = from.value > to.value;
        for &day in &days {
            let day = if overnight && start.value < from.value { day + 1 } else { day };
            calendar.pause(day, start.value, end.value);
        }
    }
}

/// Whether one stretch lies inside another; both may run past midnight.
fn within(from: u16, to: u16, start: u16, end: u16) -> bool {
    let day = 24 * 60;
    let unrolled = |minute: u16| if minute < from { minute + day } else { minute };
    let close = if to <= from { to + day } else { to };
    let (start, end) = (unrolled(start), unrolled(end));
    start < end && end <= close
}

fn days(line: &Reader<'_>) -> Vec<usize> {
    let days = line.texts("days").into_iter().flat_map(|day| match day.value.as_str() {
        "mon" => 0..1,
        "tue" => 1..2,
        "wed" => 2..3,
        "thu" => 3..4,
        "fri" => 4..5,
        "sat" => 5..6,
        "sun" => 6..7,
        "mon-fri" => 0..5,
        "mon-sat" => 0..6,
        "sat-sun" => 5..7,
        "every-day" => 0..7,
        _ => 0..0,
    });
    days.collect()
}

fn read_closure(table: &Reader<'_>, out: &mut Vec<Diagnostic>) -> Option<Closure> {
    let name = table.word("name");
    let (on, from, to) = (table.date("on"), table.date("from"), table.date("to"));
    let (from, to) = match (on, from, to) {
        (Some(on), None, None) => (on.clone(), on),
        (None, Some(from), Some(to)) => (from, to),
        _ => {
            let written = table.has("on") || (table.has("from") && table.has("to"));
            let both = table.has("on") && (table.has("from") || table.has("to"));
            if !written || both {
                let problem = Diagnostic::error(
                    "bad-closure",
                    table.place(table.span),
                    "which days are closed?",
                );
                out.push(problem.help(
                    "either on = \"2026-12-25\", or from = \"2026-12-24\" and to = \"2027-01-01\"",
                ));
            }
            return None;
        }
    };
    if to.value < from.value {
        let problem = Diagnostic::error(
            "bad-closure",
            table.place(to.span),
            "this closure ends before it begins",
        );
        out.push(problem.related(table.place(from.span), "begins here"));
        return None;
    }
    Some(Closure { from: from.value, to: to.value, name })
}

/// A whole number that its description keeps within bounds.
pub(crate) fn count(reader: &Reader<'_>, name: &str) -> u32 {
    reader.int(name).and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}
