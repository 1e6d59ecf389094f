//! Guests built against each released contract, years ago one day: they load, are given everything, and answer as ever.
//!
//! `tests/data/contract/VERSION/frozen.wasm` says back whatever it is given; `answers.txt` is what it said when the contract
//! was written down. Neither is ever made anew.

use std::fmt::Write as _;
use std::sync::Arc;

use dialogo_host::input::{
    Agent, Attachment, Call, Channel, Conversation, Department, Directory, Event, Fact, Message,
    Participant, Presence, Side, State, Target, Trigger,
};
use dialogo_host::verdict::Decision;
use dialogo_host::{
    Binding, Catalogue, Chain, Failure, Host, HostConfig, Node, Package, Surroundings,
};
use expect_test::expect_file;

use super::wit::repository;

fn host() -> Host {
    Host::new(HostConfig { worker_threads: 1, sandboxes: 4, ..HostConfig::default() })
        .expect("a host")
}

fn package(version: &str) -> Package {
    let folder = repository("tests/data/contract").join(version);
    let mut package = Package::read(&folder).expect("the frozen package");
    package.assets.insert("words.txt".into(), Arc::from(&b"bom dia"[..]));
    package
}

fn surroundings() -> Surroundings {
    let node = |id: &str, parent: Option<&str>| Node {
        id: id.into(),
        parent: parent.map(Into::into),
        title: format!("Título {id}"),
        active: true,
        synonyms: vec!["ä".into(), "ß".into()],
    };
    let nodes = vec![node("a", None), node("b", None), node("c", Some("a"))];
    Surroundings { catalogue: Arc::new(Catalogue::new(7, nodes)), ..Surroundings::default() }
}

fn chain(host: &Host, version: &str) -> Chain {
    let settings = serde_json::json!({ "words": ["\\bdia\\b", "ol[aá]"] });
    let binding = Binding::of(Arc::new(package(version)), settings);
    host.prepare(vec![binding], &surroundings(), None).expect("it loads for ever")
}

fn facts() -> Vec<Fact> {
    vec![
        Fact::flag("a.flag", true),
        Fact::number("a.number", -0.5),
        Fact::text("a.text", "dois é três"),
        Fact::texts("some.texts", &["x", ""]),
    ]
}

fn participant(side: Side) -> Arc<Participant> {
    Arc::new(Participant {
        id: "p-1".into(),
        side,
        name: Some("Zoë".into()),
        locale: Some("pt-BR".into()),
        facts: facts(),
    })
}

fn attachment(bytes: u64) -> Attachment {
    Attachment {
        id: "f-1".into(),
        name: "nota fiscal.pdf".into(),
        mime: "application/pdf".into(),
        sniffed_mime: Some("text/html".into()),
        bytes,
        sha256: Some("00ff".into()),
        facts: facts(),
    }
}

fn message(id: &str, side: Side, text: &str) -> Arc<Message> {
    Arc::new(Message {
        id: id.into(),
        author: participant(side),
        at: 1_767_614_400_123,
        text: text.into(),
        emojis: Vec::new(),
        attachments: vec![attachment(3)],
        facts: facts(),
    })
}

fn conversation(recent: Vec<Arc<Message>>) -> Arc<Conversation> {
    Arc::new(Conversation {
        id: "k-1".into(),
        channel: Channel::Voice,
        state: State::OnHold,
        opened_at: u64::MAX,
        department: Some("sales".into()),
        agent: Some("ana".into()),
        consumer: participant(Side::Consumer),
        classification: Some("c".into()),
        recent,
        total_messages: u32::MAX,
        facts: facts(),
    })
}

fn call() -> Call {
    let agent = Agent {
        id: "ana".into(),
        presence: Presence::Away,
        load: 3,
        capacity: 4,
        departments: vec!["sales".into()],
        skills: vec!["Spanish".into()],
    };
    let department = Department {
        id: "sales".into(),
        name: "Vendas".into(),
        open_now: true,
        waiting: 9,
        online_agents: 1,
    };
    Call {
        call_id: "call-1".into(),
        now_ms: 1_767_614_400_456,
        seed: u64::MAX - 1,
        dry_run: true,
        history: Arc::new([message("h", Side::Bot, "antes")]),
        directory: Arc::new(Directory { departments: vec![department], agents: vec![agent] }),
    }
}

/// Everything that was answered, without what the clock decides.
fn answers(chain: &Chain) -> String {
    let mut said = String::new();
    let mut note = |asked: &str, answered: String, decisions: &[Decision]| {
        write!(said, "{asked}\n  {answered}\n").expect("a string");
        for decision in decisions {
            writeln!(said, "  {}", decision.verdict).expect("a string");
            for why in &decision.explanations {
                writeln!(said, "  {}: {}", why.code, why.evidence.concat()).expect("a string");
            }
            match &decision.failure {
                // Beside its own words stand those of wasmtime, which may change.
                Some(Failure::Trap { panic, .. }) => {
                    writeln!(said, "  {}", panic.as_deref().unwrap_or_default()).expect("a string");
                }
                Some(failure) => writeln!(said, "  {failure}").expect("a string"),
                None => {}
            }
        }
    };
    let talk = || conversation(vec![message("m", Side::System, "olá, bom dia")]);
    for (asked, given) in
        [("classifier", talk()), ("classifier, nothing said", conversation(Vec::new()))]
    {
        let answered = chain.classify(call(), given, 3).wait();
        let nodes: Vec<_> =
            answered.suggestions.iter().map(|one| (&*one.node, one.confidence)).collect();
        note(asked, format!("{nodes:?}"), &answered.decisions);
    }
    let asks = [
        (Trigger::NewMessage, None),
        (Trigger::Classified, None),
        (Trigger::AgentLeft, Some(Target::FirstContact)),
        (Trigger::WaitedTooLong, Some(Target::Agent("ana".into()))),
        (Trigger::AgentAsked, Some(Target::Bot)),
        (Trigger::AgentAsked, Some(Target::Department("sales".into()))),
        (Trigger::AgentAsked, None),
    ];
    for (trigger, requested) in asks {
        let answered = chain.judge_transfer(call(), trigger, requested.clone(), talk()).wait();
        let forbidden: Vec<_> = answered.forbidden.iter().map(|(target, _)| target).collect();
        let asked = format!("transfer-rules, {trigger:?} {requested:?}");
        note(&asked, format!("{forbidden:?}"), &answered.decisions);
    }
    for text in
        ["allow", "warn", "deny", "nothing", "broken", "panic", "olá 🙂", "🙂 👍 ❤️ 🏁 :poop:"]
    {
        let answered = chain.judge_message(call(), talk(), message("n", Side::Agent, text)).wait();
        let verdict = format!("{:?}", answered.verdict);
        let verdict = verdict.split([' ', '(']).next().unwrap_or_default().to_owned();
        note(&format!("message-policy and emoji-policy, {text}"), verdict, &answered.decisions);
    }
    for bytes in [0, 999, 1 << 40] {
        let given = Arc::new(attachment(bytes));
        let answered =
            chain.judge_attachment(call(), Side::Consumer, talk(), given, &[0, 127, 255]).wait();
        let asked = format!("attachment-policy, {bytes} bytes");
        note(&asked, String::new(), &answered.decisions);
    }
    for given in [None, Some(message("n", Side::Consumer, "oi"))] {
        let asked = format!("bot, {}", given.as_ref().map_or("just arrived", |_| "a message"));
        let answered = chain.answer(call(), talk(), given, Some(Arc::from([9_u8, 0]))).wait();
        note(&asked, format!("{:?}", answered.reply), &answered.decisions);
    }
    for event in [Event::Opened, Event::MessageDenied, Event::Rated] {
        let answered = chain.observe(call(), event, talk()).wait();
        note(&format!("observer, {event:?}"), String::new(), &answered.decisions);
    }
    said
}

#[test]
fn the_guest_of_0_1_answers_as_ever() {
    let host = host();
    let chain = chain(&host, "0.1");
    expect_file![repository("tests/data/contract/0.1/answers.txt")].assert_eq(&answers(&chain));
}

#[test]
fn the_guest_of_0_1_still_checks_settings() {
    let host = host();
    let settings = serde_json::json!({ "words": [], "wrong": true });
    let binding = Binding::of(Arc::new(package("0.1")), settings);
    let problems = host.prepare(vec![binding], &surroundings(), None).expect_err("wrong settings");
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (problem.pointer.as_deref().unwrap_or_default(), problem.message.as_str()))
        .collect();
    assert_eq!(told, [("/wrong", r#"{"words":[],"wrong":true}"#), ("", "and more")]);
}
