//! `[[test]]` cases of rule files: what they say, read and checked; and how a failed one is reported.
//!
//! Nothing is run here: a test needs the plugins, and those belong to the host. Whoever runs them turns each
//! [`Expectation`] that does not hold into a problem with [`Expectation::failed`].

use std::collections::{BTreeMap, BTreeSet};

use dialogo_domain::id::{AgentId, DepartmentId, NodeId};
use dialogo_domain::message::Channel;
use dialogo_domain::time::Millis;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::calendar;
use crate::classifications_file::channel;
use crate::diagnostic::{Diagnostic, Place};
use crate::document::{Data, Document, Value};
use crate::names::{Names, Sort};
use crate::reader::{At, Reader};
use crate::spec::{Shape, check_table, number};

/// One `[[test]]`.
#[derive(Clone, Debug)]
pub struct RuleTest {
    /// Shown when it fails.
    pub name: String,
    /// Where its name stands.
    pub place: Place,
    /// What is tried.
    pub subject: Subject,
    /// In which situation.
    pub situation: Situation,
    /// What must hold; never empty.
    pub expect: Vec<Expectation>,
}

/// What a test tries.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// Something was written; the last turn is the one to judge.
    Text(Vec<Turn>),
    /// The consumer has just opened the chat.
    Arrives,
    /// A file is sent.
    Attachment(TestFile),
    /// A transfer is asked for, or looked for; the text so far may matter for it.
    Transfer(TestTransfer, Vec<Turn>),
    /// Whether a department is open.
    Hours(DepartmentId),
}

/// One message of the conversation so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who writes.
    pub by: Side,
    /// What.
    pub text: String,
}

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The consumer.
    Consumer,
    /// An agent.
    Agent,
}

/// A file as the policy gets to know it.
#[derive(Clone, Debug, PartialEq)]
pub struct TestFile {
    /// Who sends it.
    pub by: Side,
    /// Its name.
    pub name: String,
    /// The type it is sent as; `None`: not said.
    pub mime: Option<String>,
    /// The type its content has.
    pub content_mime: Option<String>,
    /// Its size.
    pub bytes: u64,
    /// Facts by their keys in the plugin contract (`content.kind`, `archive.encrypted`, …).
    pub facts: BTreeMap<String, Fact>,
}

/// A transfer that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct TestTransfer {
    /// Where the conversation is.
    pub from: Option<DepartmentId>,
    /// Where it should go; `None`: the engine asks by itself whether it should go anywhere.
    pub to: Option<TestTarget>,
    /// Trigger of the plugin contract: `agent-asked`, `waited-too-long`, …
    pub trigger: String,
}

/// Where a transfer should go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestTarget {
    /// To a department.
    Department(DepartmentId),
    /// To an agent.
    Agent(AgentId),
    /// To the agent of first contact.
    FirstContact,
}

/// What surrounds a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Situation {
    /// Where the conversation comes in.
    pub channel: Channel,
    /// Where it is; for a transfer, its `from`.
    pub department: Option<DepartmentId>,
    /// What it is classified as so far.
    pub classification: Option<NodeId>,
    /// How long the consumer has waited.
    pub waited_ms: u64,
    /// When.
    pub at: Millis,
    /// What is known of the consumer.
    pub facts: BTreeMap<String, Fact>,
    /// How departments stand, where it is not what follows from `at`.
    pub state: BTreeMap<DepartmentId, TestState>,
}

/// How a department stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TestState {
    /// Whether it is open; `None`: by its hours.
    pub open: Option<bool>,
    /// How many wait; `None`: nobody.
    pub waiting: Option<u32>,
    /// How many agents are there; `None`: one.
    pub online_agents: Option<u32>,
}

/// A value that is known of something.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// True or false.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
}

/// One thing that must hold.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What.
    pub expect: Expect,
    /// Where it stands.
    pub place: Place,
}

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// The first suggestions are these, in this order; empty: there is none.
    Suggests(Vec<NodeId>),
    /// None of these is suggested.
    SuggestsNot(Vec<NodeId>),
    /// The first suggestion is at least so sure.
    ConfidenceMin(f64),
    /// The text goes out exactly as written, or does not.
    Sends(bool),
    /// The text as it goes out.
    Becomes(String),
    /// The file is taken, or is not.
    Accepted(bool),
    /// It goes through with a warning.
    Warned(Answer),
    /// It is refused.
    Refused(Answer),
    /// The transfer goes where it was meant to, or does not.
    Allowed(bool),
    /// The transfer is refused.
    Denied(Answer),
    /// It goes there instead.
    MovedTo(DepartmentId),
    /// Nobody proposes a transfer, or somebody does.
    Stays(bool),
    /// The department is open, or is not.
    Open(bool),
    /// A part of what the bot says.
    Says(String),
    /// What the bot lets choose.
    Choices(Vec<String>),
    /// The bot hands over; to this department if one is named.
    HandsOver(Option<DepartmentId>),
    /// The bot does not hand over.
    KeepsTalking,
    /// The bot classifies.
    BotClassifies(NodeId),
    /// The bot says nothing, or something.
    Silent(bool),
}

/// An answer with an optional reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `false`.
    No,
    /// `true`.
    Yes,
    /// Yes, and this code (or a part of the reason).
    Because(String),
}

/// What has to be asked to try a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of six, read by name")]
pub struct Asks {
    /// The classifiers.
    pub classifiers: bool,
    /// The message and emoji policies.
    pub text_policies: bool,
    /// The attachment policies.
    pub attachment_policies: bool,
    /// The transfer rules.
    pub transfer_rules: bool,
    /// The bot.
    pub bot: bool,
    /// The calendars.
    pub hours: bool,
}

impl RuleTest {
    /// What has to be asked.
    pub fn asks(&self) -> Asks {
        let mut asks = Asks::default();
        for expectation in &self.expect {
            match group(&expectation.expect, &self.subject) {
                Group::Classifiers => asks.classifiers = true,
                Group::Text => asks.text_policies = true,
                Group::File => asks.attachment_policies = true,
                Group::Transfer => asks.transfer_rules = true,
                Group::Bot => asks.bot = true,
                Group::Hours => asks.hours = true,
            }
        }
        asks
    }
}

impl Expectation {
    /// The problem of a test in which this did not hold. `found`: what happened instead, such as
    /// `nothing was suggested`.
    pub fn failed(&self, test: &RuleTest, found: &str) -> Diagnostic {
        let message = format!("the test \"{}\" fails: {found}", test.name);
        Diagnostic::error("test-failed", self.place.clone(), message).label("expected this")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Classifiers,
    Text,
    File,
    Transfer,
    Bot,
    Hours,
}

fn group(expect: &Expect, subject: &Subject) -> Group {
    match expect {
        Expect::Suggests(_) | Expect::SuggestsNot(_) | Expect::ConfidenceMin(_) => {
            Group::Classifiers
        }
        Expect::Sends(_) | Expect::Becomes(_) => Group::Text,
        Expect::Warned(_) | Expect::Refused(_) if !matches!(subject, Subject::Attachment(_)) => {
            Group::Text
        }
        Expect::Accepted(_) | Expect::Warned(_) | Expect::Refused(_) => Group::File,
        Expect::Allowed(_) | Expect::Denied(_) | Expect::MovedTo(_) | Expect::Stays(_) => {
            Group::Transfer
        }
        Expect::Open(_) => Group::Hours,
        Expect::Says(_)
        | Expect::Choices(_)
        | Expect::HandsOver(_)
        | Expect::KeepsTalking
        | Expect::BotClassifies(_)
        | Expect::Silent(_) => Group::Bot,
    }
}

const fn fits(group: Group, subject: &Subject) -> bool {
    match subject {
        Subject::Text(_) => matches!(group, Group::Classifiers | Group::Text | Group::Bot),
        Subject::Arrives => matches!(group, Group::Bot),
        Subject::Attachment(_) => matches!(group, Group::File),
        Subject::Transfer(..) => matches!(group, Group::Transfer),
        Subject::Hours(_) => matches!(group, Group::Hours),
    }
}

/// Checks and reads the tests of a file whose shape is known to hold a `test` key.
pub(crate) fn read(
    doc: &Document,
    shape: &'static Shape,
    names: &Names,
    zone: &TimeZone,
    out: &mut Vec<Diagnostic>,
) -> Vec<RuleTest> {
    let tests = Reader::root(doc, shape).tables("test");
    tests.iter().filter_map(|table| Case { table, names, zone }.read(out)).collect()
}

/// Checks the tests of a settings file, whose other keys belong to a plugin.
pub(crate) fn check_in_settings(doc: &Document, shape: &'static Shape, out: &mut Vec<Diagnostic>) {
    let Some(entry) = doc.table().get("test") else { return };
    let only_tests = crate::document::Table(vec![entry.clone()]);
    check_table(doc, &only_tests, doc.root.span, shape, out);
}

struct Case<'a> {
    table: &'a Reader<'a>,
    names: &'a Names,
    zone: &'a TimeZone,
}

impl Case<'_> {
    fn read(&self, out: &mut Vec<Diagnostic>) -> Option<RuleTest> {
        let before = out.len();
        let name = self.table.text("name")?;
        let place = self.table.place(name.span);
        let turns = self.turns(out);
        let subject = self.subject(turns, &place, out)?;
        let expect = self.expectations(out);
        if expect.is_empty() && out.len() == before {
            let problem = Diagnostic::error(
                "empty-test",
                place.clone(),
                format!("the test \"{}\" expects nothing", name.value),
            );
            out.push(problem.help(hint(&subject)));
        }
        let wrong: Vec<&Expectation> = expect
            .iter()
            .filter(|expectation| !fits(group(&expectation.expect, &subject), &subject))
            .collect();
        for expectation in &wrong {
            let problem = Diagnostic::error(
                "wrong-expectation",
                expectation.place.clone(),
                "this cannot be expected here",
            );
            out.push(problem.label(format!("not of {}", what(&subject))).help(hint(&subject)));
        }
        let situation = self.situation(&subject, out);
        let fine = !expect.is_empty() && wrong.is_empty();
        fine.then_some(RuleTest { name: name.value, place, subject, situation, expect })
    }

    fn turns(&self, out: &mut Vec<Diagnostic>) -> Vec<Turn> {
        let mut turns: Vec<Turn> = Vec::new();
        let by = |by: Side| move |at: At<String>| Turn { by, text: at.value };
        turns.extend(self.table.texts("consumer").into_iter().map(by(Side::Consumer)));
        turns.extend(self.table.text("agent").into_iter().map(by(Side::Agent)));
        let listed = self.table.tables("turns");
        if !listed.is_empty() && !turns.is_empty() {
            let place = self.table.place(self.table.key_span("turns"));
            let problem = Diagnostic::error(
                "contradiction",
                place,
                "either `turns`, or `consumer` and `agent`",
            );
            out.push(problem.help("put everything into `turns` where the order matters"));
        }
        for turn in listed {
            match (turn.text("consumer"), turn.text("agent")) {
                (Some(text), None) => turns.push(Turn { by: Side::Consumer, text: text.value }),
                (None, Some(text)) => turns.push(Turn { by: Side::Agent, text: text.value }),
                _ => {
                    let problem =
                        Diagnostic::error("bad-turn", turn.place(turn.span), "who writes here?");
                    out.push(
                        problem.help("one of them: { consumer = \"…\" } or { agent = \"…\" }"),
                    );
                }
            }
        }
        turns
    }

    fn subject(
        &self,
        turns: Vec<Turn>,
        place: &Place,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Subject> {
        let attachment = self.table.table("attachment");
        let transfer = self.table.table("transfer");
        if let (Some(_), Some(transfer)) = (&attachment, &transfer) {
            let problem = Diagnostic::error(
                "contradiction",
                transfer.place(transfer.span),
                "one thing at a time: a file or a transfer",
            );
            out.push(problem.help("make two tests of it"));
        }
        if let Some(table) = attachment {
            return Some(Subject::Attachment(file(&table)?));
        }
        if let Some(table) = transfer {
            return Some(Subject::Transfer(self.transfer(&table, out), turns));
        }
        if self.table.flag("arrives") {
            return Some(Subject::Arrives);
        }
        if !turns.is_empty() {
            return Some(Subject::Text(turns));
        }
        if let Some(department) = self.table.text("department") {
            return Some(Subject::Hours(DepartmentId::from(department.value)));
        }
        if self.table.has("turns") {
            // What is wrong with them has been told.
            return None;
        }
        let problem = Diagnostic::error("empty-test", place.clone(), "this test tries nothing");
        out.push(problem.help("give it `consumer`, `agent`, `turns`, `arrives`, `attachment`, `transfer`, or `department` with `at`"));
        None
    }

    fn transfer(&self, table: &Reader<'_>, out: &mut Vec<Diagnostic>) -> TestTransfer {
        let from = self.department(table, "from", out);
        let to = match table.text("to") {
            Some(to) if to.value == "first-contact" => Some(TestTarget::FirstContact),
            Some(_) => self.department(table, "to", out).map(TestTarget::Department),
            None => table.text("to_agent").map(|at| TestTarget::Agent(AgentId::from(at.value))),
        };
        let trigger = table.text("trigger").map(|at| at.value);
        let usual = if to.is_some() { "agent-asked" } else { "waited-too-long" };
        TestTransfer { from, to, trigger: trigger.unwrap_or_else(|| usual.to_owned()) }
    }

    fn situation(&self, subject: &Subject, out: &mut Vec<Diagnostic>) -> Situation {
        let within = self.table.table("transfer");
        let place = within.as_ref();
        let department = self.department(self.table, "department", out);
        let from = match subject {
            Subject::Transfer(transfer, _) => transfer.from.clone(),
            _ => None,
        };
        let own = place.and_then(|table| self.node(table, "classification", out));
        let classification = own.or_else(|| self.node(self.table, "classification", out));
        let waited = place
            .and_then(|table| table.number("waited_min"))
            .or_else(|| self.table.number("waited_min"));
        let at = place.and_then(|table| table.moment("at")).or_else(|| self.table.moment("at"));
        Situation {
            channel: channel(&self.table.word("channel")).unwrap_or_default(),
            department: from.or(department),
            classification,
            waited_ms: (waited.unwrap_or_default() * 60_000.0) as u64,
            at: self.instant(at.map(|at| at.value)),
            facts: facts(self.table.value("facts")),
            state: self.state(out),
        }
    }

    fn state(&self, out: &mut Vec<Diagnostic>) -> BTreeMap<DepartmentId, TestState> {
        let mut state = BTreeMap::new();
        for (department, table) in self.table.map("state") {
            self.names.check(Sort::Department, self.table.doc, &department, out);
            let number = |name: &str| table.int(name).and_then(|number| u32::try_from(number).ok());
            let stands = TestState {
                open: table.maybe_flag("open"),
                waiting: number("waiting"),
                online_agents: number("online_agents"),
            };
            state.insert(DepartmentId::from(department.value), stands);
        }
        state
    }

    fn instant(&self, local: Option<DateTime>) -> Millis {
        let local = local.unwrap_or_else(|| jiff::civil::date(2026, 1, 5).at(12, 0, 0, 0));
        calendar::instant(self.zone, local).unwrap_or_default()
    }

    fn expectations(&self, out: &mut Vec<Diagnostic>) -> Vec<Expectation> {
        let t = self.table;
        let flag = |name: &str| t.maybe_flag(name);
        let mut found: Vec<(&str, Option<Expect>)> = vec![
            ("suggests", t.has("suggests").then(|| Expect::Suggests(self.nodes("suggests", out)))),
            (
                "suggests_not",
                t.has("suggests_not").then(|| Expect::SuggestsNot(self.nodes("suggests_not", out))),
            ),
            ("confidence_min", t.number("confidence_min").map(Expect::ConfidenceMin)),
            ("sends", flag("sends").map(Expect::Sends)),
            ("becomes", t.text("becomes").map(|at| Expect::Becomes(at.value))),
            ("accepted", flag("accepted").map(Expect::Accepted)),
            ("warned", answer(t.value("warned")).map(Expect::Warned)),
            ("refused", answer(t.value("refused")).map(Expect::Refused)),
            ("allowed", flag("allowed").map(Expect::Allowed)),
            ("denied", answer(t.value("denied")).map(Expect::Denied)),
            ("moved_to", self.department(t, "moved_to", out).map(Expect::MovedTo)),
            ("stays", flag("stays").map(Expect::Stays)),
            ("open", flag("open").map(Expect::Open)),
            ("says", t.text("says").map(|at| Expect::Says(at.value))),
            ("choices", t.has("choices").then(|| Expect::Choices(plain(t.texts("choices"))))),
            ("bot_classifies", self.node(t, "bot_classifies", out).map(Expect::BotClassifies)),
            ("silent", flag("silent").map(Expect::Silent)),
        ];
        found.push((
            "hands_over_to",
            match flag("hands_over_to") {
                Some(true) => Some(Expect::HandsOver(None)),
                Some(false) => Some(Expect::KeepsTalking),
                None => self
                    .department(t, "hands_over_to", out)
                    .map(|department| Expect::HandsOver(Some(department))),
            },
        ));
        let placed = found.into_iter().filter_map(|(name, expect)| {
            let value = t.value(name)?;
            Some(Expectation { expect: expect?, place: t.place(value.span) })
        });
        placed.collect()
    }

    fn nodes(&self, name: &str, out: &mut Vec<Diagnostic>) -> Vec<NodeId> {
        let listed = self.table.texts(name);
        for node in &listed {
            self.names.check(Sort::Node, self.table.doc, node, out);
        }
        listed.into_iter().map(|at| NodeId::from(at.value)).collect()
    }

    fn node(&self, table: &Reader<'_>, name: &str, out: &mut Vec<Diagnostic>) -> Option<NodeId> {
        let node = table.text(name)?;
        self.names.check(Sort::Node, table.doc, &node, out);
        Some(NodeId::from(node.value))
    }

    fn department(
        &self,
        table: &Reader<'_>,
        name: &str,
        out: &mut Vec<Diagnostic>,
    ) -> Option<DepartmentId> {
        let department = table.text(name)?;
        self.names.check(Sort::Department, table.doc, &department, out);
        Some(DepartmentId::from(department.value))
    }
}

fn file(table: &Reader<'_>) -> Option<TestFile> {
    let mime = table.text("mime").map(|at| at.value);
    let megabytes = table.number("mb").map(|mb| (mb * 1_000_000.0) as u64);
    let mut found = facts(table.value("facts"));
    let mut fact = |key: &str, fact: Option<Fact>| {
        if let Some(fact) = fact {
            found.entry(key.to_owned()).or_insert(fact);
        }
    };
    let count = |name: &str| table.int(name).map(|number| Fact::Number(number as f64));
    fact("content.kind", table.text("kind").map(|at| Fact::Text(at.value)));
    fact("content.matches-name", Some(Fact::Flag(table.flag("matches_name"))));
    fact("content.active", Some(Fact::Flag(table.flag("active"))));
    fact("archive.encrypted", table.maybe_flag("encrypted").map(Fact::Flag));
    fact("archive.entries", count("entries"));
    fact(
        "archive.expanded-bytes",
        table.number("expanded_mb").map(|mb| Fact::Number(mb * 1_000_000.0)),
    );
    fact("image.pixels", count("pixels"));
    Some(TestFile {
        by: if table.word("by") == "agent" { Side::Agent } else { Side::Consumer },
        name: table.text("name")?.value,
        content_mime: table.text("content_mime").map(|at| at.value).or_else(|| mime.clone()),
        mime,
        bytes: table
            .int("bytes")
            .and_then(|bytes| u64::try_from(bytes).ok())
            .or(megabytes)
            .unwrap_or(1_000),
        facts: found,
    })
}

fn facts(value: Option<&Value>) -> BTreeMap<String, Fact> {
    let Some(Value { data: Data::Table(table), .. }) = value else { return BTreeMap::new() };
    table.0.iter().filter_map(|entry| Some((entry.key.clone(), fact(&entry.value)?))).collect()
}

fn fact(value: &Value) -> Option<Fact> {
    Some(match &value.data {
        Data::Bool(flag) => Fact::Flag(*flag),
        data @ (Data::Int(_) | Data::Float(_)) => Fact::Number(number(data)),
        Data::Text(text) => Fact::Text(text.clone()),
        Data::List(list) => {
            Fact::Texts(list.iter().filter_map(crate::reader::as_text).map(|at| at.value).collect())
        }
        _ => return None,
    })
}

fn answer(value: Option<&Value>) -> Option<Answer> {
    match &value?.data {
        Data::Bool(true) => Some(Answer::Yes),
        Data::Bool(false) => Some(Answer::No),
        Data::Text(text) => Some(Answer::Because(text.clone())),
        _ => None,
    }
}

fn plain(texts: Vec<At<String>>) -> Vec<String> {
    texts.into_iter().map(|at| at.value).collect()
}

const fn what(subject: &Subject) -> &'static str {
    match subject {
        Subject::Text(_) => "a text",
        Subject::Arrives => "someone who has just arrived",
        Subject::Attachment(_) => "a file",
        Subject::Transfer(..) => "a transfer",
        Subject::Hours(_) => "a department's hours",
    }
}

const fn hint(subject: &Subject) -> &'static str {
    match subject {
        Subject::Text(_) => {
            "of a text: suggests, suggests_not, confidence_min, sends, becomes, warned, refused, says, choices, hands_over_to, bot_classifies, silent"
        }
        Subject::Arrives => {
            "of someone who arrives: says, choices, hands_over_to, bot_classifies, silent"
        }
        Subject::Attachment(_) => "of a file: accepted, warned, refused",
        Subject::Transfer(..) => "of a transfer: allowed, denied, moved_to, stays",
        Subject::Hours(_) => "of hours: open",
    }
}

/// Names of two tests that are the same, which would make a report ambiguous.
pub(crate) fn same_names(tests: &[RuleTest], out: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for test in tests {
        if !seen.insert((&test.place.file, &test.name)) {
            let message = format!("two tests are called \"{}\"", test.name);
            out.push(Diagnostic::warning("duplicate", test.place.clone(), message));
        }
    }
}
