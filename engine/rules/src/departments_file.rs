//! `departments.toml`: the teams, who belongs to them, their hours, queues and transfers.

use std::collections::{BTreeMap, BTreeSet};

use dialogo_domain::id::{AgentId, DepartmentId, NodeId};
use dialogo_domain::rules::{
    DepartmentRules, DeskRules, FullAgent, Text, TransferTargets, WhenClosed, WhenFull,
};

use crate::desk_file::count;
use crate::diagnostic::{Diagnostic, Place};
use crate::document::Document;
use crate::names::{Ids, Names, Sort};
use crate::reader::{At, Reader};
use crate::shapes;
use crate::spec::check_table;

/// What a department says about its hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DepartmentHours {
    /// Id of its calendar; `None`: always open.
    pub calendar: Option<String>,
    /// What a consumer reads outside the hours; `{opens}` stands for the next opening. May be empty.
    pub closed_message: Text,
}

/// All of `departments.toml`.
#[derive(Debug, Default)]
pub(crate) struct DepartmentsFile {
    pub(crate) rules: BTreeMap<DepartmentId, DepartmentRules>,
    pub(crate) hours: BTreeMap<DepartmentId, DepartmentHours>,
    /// The first one in the file.
    pub(crate) first: Option<DepartmentId>,
}

pub(crate) fn read(
    doc: &Document,
    names: &Names,
    desk: &DeskRules,
    out: &mut Vec<Diagnostic>,
) -> DepartmentsFile {
    check_table(doc, doc.table(), doc.root.span, &shapes::DEPARTMENTS, out);
    let reader = Reader::root(doc, &shapes::DEPARTMENTS);
    let mut file = DepartmentsFile::default();
    let mut ids = Ids::new("departments");
    for table in reader.tables("department") {
        let Some(id) = table.text("id") else { continue };
        if !ids.add(doc, &id, out) {
            continue;
        }
        let department = DepartmentId::from(id.value.as_str());
        file.first.get_or_insert_with(|| department.clone());
        file.hours.insert(department.clone(), hours(&table, names, out));
        file.rules.insert(department, rules(&table, &id, names, desk, out));
    }
    if reader.has("department") && ids.defined.is_empty() {
        let place = doc.place(reader.key_span("department"));
        out.push(Diagnostic::error("empty-list", place, "a desk needs at least one department"));
    }
    file
}

fn hours(table: &Reader<'_>, names: &Names, out: &mut Vec<Diagnostic>) -> DepartmentHours {
    let calendar = table.text("hours");
    if let Some(calendar) = &calendar {
        names.check(Sort::Calendar, table.doc, calendar, out);
    }
    let closed_message = names.text(table, "closed_message", out);
    if calendar.is_none() {
        for key in ["closed_message", "when_closed"].into_iter().filter(|key| table.has(key)) {
            let message = format!(
                "`{key}` has no effect: this department has no `hours`, so it is always open"
            );
            out.push(Diagnostic::warning("no-effect", table.place(table.key_span(key)), message));
        }
    }
    DepartmentHours { calendar: calendar.map(|at| at.value), closed_message }
}

fn rules(
    table: &Reader<'_>,
    id: &At<String>,
    names: &Names,
    desk: &DeskRules,
    out: &mut Vec<Diagnostic>,
) -> DepartmentRules {
    let queue = table.table("queue");
    let classification = table.text("default_classification");
    if let Some(node) = &classification {
        names.check(Sort::Node, table.doc, node, out);
    }
    let mut rules = DepartmentRules {
        name: names.text(table, "name", out),
        members: members(table, id, out),
        limit: limit(table, desk, out),
        may_transfer_to: transfer_targets(table, id, names, out),
        overflow: overflow(table, id, names, out),
        when_closed: match table.word("when_closed").as_str() {
            "callback" => WhenClosed::Callback,
            _ => WhenClosed::Wait,
        },
        full_agent: full_agent(table),
        default_classification: classification.map(|at| NodeId::from(at.value)),
        priority: table
            .int("priority")
            .and_then(|number| i32::try_from(number).ok())
            .unwrap_or_default(),
        ..DepartmentRules::default()
    };
    if let Some(queue) = queue {
        rules.max_waiting = queue.int("max_waiting").and_then(|number| u32::try_from(number).ok());
        rules.when_full = when_full(&queue, &rules, out);
    }
    if !rules.overflow.is_empty() && rules.when_full != WhenFull::Overflow {
        let message = "`overflow` has no effect: the queue does not say when_full = \"overflow\"";
        let problem =
            Diagnostic::warning("no-effect", table.place(table.key_span("overflow")), message);
        out.push(problem.help("add: queue = { max_waiting = 50, when_full = \"overflow\" }"));
    }
    rules
}

fn members(table: &Reader<'_>, id: &At<String>, out: &mut Vec<Diagnostic>) -> BTreeSet<AgentId> {
    let mut members = BTreeSet::new();
    for member in table.texts("members") {
        if !members.insert(AgentId::from(member.value.as_str())) {
            let message = format!("`{}` stands twice in `members`", member.value);
            out.push(
                Diagnostic::warning("duplicate", table.place(member.span), message)
                    .label("the second time"),
            );
        }
    }
    if members.is_empty() {
        let message =
            format!("the department `{}` has no members, so nobody answers there", id.value);
        let problem = Diagnostic::warning("no-members", table.place(id.span), message);
        out.push(problem.help("such as: members = [\"ana\", \"bruno\"]"));
    }
    members
}

fn limit(table: &Reader<'_>, desk: &DeskRules, out: &mut Vec<Diagnostic>) -> Option<u32> {
    table.value("limit")?;
    let limit = count(table, "limit");
    // The desk's own is 0 where it is wrong, which is told there.
    if desk.limit > 0 && limit > desk.limit {
        let message = format!("this limit never binds: the desk's own is {}", desk.limit);
        let problem =
            Diagnostic::warning("no-effect", table.place(table.key_span("limit")), message);
        out.push(
            problem.help("the smaller of both holds; raise `limit` in desk.toml if more is meant"),
        );
    }
    Some(limit)
}

fn transfer_targets(
    table: &Reader<'_>,
    id: &At<String>,
    names: &Names,
    out: &mut Vec<Diagnostic>,
) -> TransferTargets {
    let targets = table.texts("may_transfer_to");
    let listed = table
        .value("may_transfer_to")
        .is_some_and(|value| matches!(value.data, crate::document::Data::List(_)));
    if !listed && targets.iter().any(|target| target.value == "*") {
        return TransferTargets::All;
    }
    for target in &targets {
        if target.value == "*" {
            let problem = Diagnostic::error(
                "unknown-department",
                table.place(target.span),
                "`*` cannot stand in a list",
            );
            out.push(problem.help("write may_transfer_to = \"*\""));
        } else if target.value == id.value {
            let message = format!("`{}` cannot transfer to itself", id.value);
            out.push(Diagnostic::warning("no-effect", table.place(target.span), message));
        } else {
            names.check(Sort::Department, table.doc, target, out);
        }
    }
    TransferTargets::Only(
        targets.into_iter().map(|target| DepartmentId::from(target.value)).collect(),
    )
}

fn overflow(
    table: &Reader<'_>,
    id: &At<String>,
    names: &Names,
    out: &mut Vec<Diagnostic>,
) -> Vec<(DepartmentId, u32)> {
    let mut targets = Vec::new();
    let mut ids = Ids::new("overflow targets");
    for target in table.tables("overflow") {
        let Some(to) = target.text("to") else { continue };
        if to.value == id.value {
            let message = format!("`{}` cannot overflow into itself", id.value);
            out.push(Diagnostic::error("overflow-to-itself", table.place(to.span), message));
            continue;
        }
        names.check(Sort::Department, table.doc, &to, out);
        if ids.add(table.doc, &to, out) {
            targets.push((DepartmentId::from(to.value), count(&target, "share")));
        }
    }
    let sum: u32 = targets.iter().map(|(_, share)| share).sum();
    if !targets.is_empty() && sum != 100 {
        let message = format!("these shares add up to {sum}, not to 100; they count in proportion");
        out.push(Diagnostic::warning("shares", table.place(table.key_span("overflow")), message));
    }
    targets
}

fn when_full(queue: &Reader<'_>, rules: &DepartmentRules, out: &mut Vec<Diagnostic>) -> WhenFull {
    let word = queue.word("when_full");
    if word != "wait" && rules.max_waiting.is_none() && queue.has("when_full") {
        let message = "the queue is never full: it has no `max_waiting`";
        let problem =
            Diagnostic::error("contradiction", queue.place(queue.key_span("when_full")), message);
        out.push(
            problem
                .label("never happens")
                .help("such as: queue = { max_waiting = 200, when_full = \"callback\" }"),
        );
    }
    if word == "overflow" && rules.overflow.is_empty() {
        let message = "there is no `overflow` to go to";
        let problem =
            Diagnostic::error("contradiction", queue.place(queue.key_span("when_full")), message);
        out.push(problem.help("add: overflow = [{ to = \"suporte\", share = 100 }]"));
    }
    match word.as_str() {
        "overflow" => WhenFull::Overflow,
        "callback" => WhenFull::Callback,
        _ => WhenFull::Wait,
    }
}

fn full_agent(table: &Reader<'_>) -> FullAgent {
    let wait = table.table("full_agent").and_then(|table| table.duration("wait"));
    wait.map_or(FullAgent::Refuse, |ms| FullAgent::Wait { ms })
}

/// Where each department names its default classification.
pub(crate) fn default_places(doc: &Document) -> BTreeMap<String, Place> {
    let tables = Reader::root(doc, &shapes::DEPARTMENTS).tables("department");
    let places = tables.iter().filter_map(|table| {
        let node = table.text("default_classification")?;
        Some((table.text("id")?.value, table.place(node.span)))
    });
    places.collect()
}
