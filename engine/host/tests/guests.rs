//! Every test guest against a host: what is rejected, how the others fail, and that the host is well afterwards.

use std::sync::Arc;

use dialogo_host::input::{
    Call, CannedReply, Channel, Conversation, Message, Participant, Side, State,
};
use dialogo_host::testing::{
    Expectation, TestGuest, allows, denies, guests, quotes, remembers, reply_guests, suggests_a,
};
use dialogo_host::verdict::{MessageVerdict, Mode, OnFailure, RepliesOutcome};
use dialogo_host::{
    Binding, Catalogue, Chain, Failure, FailureKind, Hook, Host, HostConfig, Instances, Node,
    Source, Surroundings,
};

fn host() -> Host {
    Host::new(HostConfig { worker_threads: 1, sandboxes: 16, ..HostConfig::default() })
        .expect("a host")
}

fn surroundings() -> Surroundings {
    let node = |id: &str| Node {
        id: id.into(),
        parent: None,
        title: id.into(),
        active: true,
        synonyms: Vec::new(),
    };
    Surroundings {
        catalogue: Arc::new(Catalogue::new(1, vec![node("a"), node("b")])),
        ..Surroundings::default()
    }
}

fn binding(guest: &TestGuest) -> Binding {
    Binding::of(Arc::new(guest.package()), serde_json::json!({}))
}

fn chain(host: &Host, bindings: Vec<Binding>) -> Chain {
    host.prepare(bindings, &surroundings(), None).expect("bound")
}

fn message(text: &str) -> Arc<Message> {
    let author = Participant {
        id: "c".into(),
        side: Side::Consumer,
        name: None,
        locale: None,
        facts: Vec::new(),
    };
    Arc::new(Message {
        id: "m".into(),
        author: Arc::new(author),
        at: 0,
        text: text.into(),
        emojis: Vec::new(),
        attachments: Vec::new(),
        facts: Vec::new(),
    })
}

fn conversation() -> Arc<Conversation> {
    let message = message("é 1");
    Arc::new(Conversation {
        id: "k".into(),
        channel: Channel::Web,
        state: State::Active,
        opened_at: 0,
        department: Some("sales".into()),
        agent: None,
        consumer: message.author.clone(),
        classification: None,
        recent: vec![message],
        total_messages: 1,
        facts: Vec::new(),
    })
}

fn replies(chain: &Chain, call: Call, limit: u32) -> RepliesOutcome {
    let canned = CannedReply { id: "hello".into(), title: "Hello".into(), text: "Hi!".into() };
    chain.suggest_replies(call, conversation(), Arc::new([canned]), limit).wait()
}

/// The decision of the first plugin asked.
fn failure_of(chain: &Chain, hook: Hook) -> Option<Failure> {
    let call = Call { call_id: "t".into(), dry_run: true, ..Call::default() };
    let decisions = match hook {
        Hook::Classifier => chain.classify(call, conversation(), 5).wait().decisions,
        Hook::MessagePolicy => {
            chain.judge_message(call, conversation(), message("é 1")).wait().decisions
        }
        Hook::Replies => replies(chain, call, 3).decisions,
        other => panic!("no guest has {other}"),
    };
    decisions[0].failure.clone()
}

#[test]
fn every_guest_is_met_as_it_should_be() {
    let host = host();
    for guest in guests().into_iter().chain(reply_guests()) {
        let prepared = host.prepare(vec![binding(&guest)], &surroundings(), None);
        match (guest.expectation, prepared) {
            (Expectation::Rejected(kind), Err(problems)) => {
                assert!(
                    problems.iter().any(|problem| problem.kind == kind),
                    "{}: {problems:?}",
                    guest.name
                );
            }
            (Expectation::Rejected(_), Ok(_)) => panic!("{} must not be bound", guest.name),
            (_, Err(problems)) => panic!("{} must be bound: {problems:?}", guest.name),
            (Expectation::Fails(kind), Ok(chain)) => {
                for _ in 0..2 {
                    let failure = failure_of(&chain, guest.hook)
                        .unwrap_or_else(|| panic!("{} must fail", guest.name));
                    assert_eq!(failure.kind(), kind, "{}: {failure:?}", guest.name);
                }
            }
            (Expectation::Works, Ok(chain)) => {
                assert_eq!(failure_of(&chain, guest.hook), None, "{}", guest.name)
            }
        }
    }
    // The host is well: a good plugin still works after all of them.
    assert_eq!(failure_of(&chain(&host, vec![binding(&allows())]), Hook::MessagePolicy), None);
}

#[test]
fn the_same_reply_is_offered_once_and_never_more_than_were_asked_for() {
    let host = host();
    let guest = reply_guests().remove(0);
    let chain = chain(&host, vec![binding(&guest)]);
    let call = || Call { call_id: "t".into(), dry_run: true, ..Call::default() };
    let offered = replies(&chain, call(), 3).replies;
    assert_eq!(offered.len(), 1, "{offered:?}");
    assert_eq!((&*offered[0].text, offered[0].canned.as_deref()), ("Hi!", Some("hello")));
    let asked_for_two = replies(&chain, call(), 2);
    assert_eq!(
        asked_for_two.decisions[0].failure.as_ref().map(Failure::kind),
        Some(FailureKind::Invalid)
    );
}

#[test]
fn what_was_said_is_told_whatever_is_handed_in() {
    let host = host();
    let chain = chain(&host, vec![binding(&quotes())]);
    assert_eq!(chain.recent_needed(Hook::MessagePolicy), 20, "more than the manifest asks for");
    let by = |side, text: &str| {
        let mut message = Message::clone(&message(text));
        message.author = Arc::new(Participant { side, ..Participant::clone(&message.author) });
        Arc::new(message)
    };
    let recent =
        vec![by(Side::Consumer, "oi"), by(Side::Agent, "olá, "), by(Side::Consumer, "é isto")];
    let conversation =
        Arc::new(Conversation { recent: recent.clone(), ..Conversation::clone(&conversation()) });
    let heard = |history: Vec<Arc<Message>>| {
        let call = Call { history: history.into(), dry_run: true, ..Call::default() };
        let judged = chain.judge_message(call, conversation.clone(), message("!")).wait();
        match judged.verdict {
            MessageVerdict::Deny(reasons) => reasons[0].explanation.detail.to_string(),
            other => panic!("{other:?}: {:?}", judged.decisions),
        }
    };
    assert_eq!(heard(Vec::new()), "olá, é isto");
    // A case or a recording says what the history is.
    let newest_first = vec![by(Side::Consumer, "depois"), by(Side::Agent, "antes, ")];
    assert_eq!(heard(newest_first), "antes, depois");
}

#[test]
fn a_panic_is_told_with_its_message_place_and_backtrace() {
    let host = host();
    let guest = guests().into_iter().find(|guest| guest.name == "panics").expect("it exists");
    let Some(Failure::Trap { panic, backtrace, .. }) =
        failure_of(&chain(&host, vec![binding(&guest)]), guest.hook)
    else {
        panic!("a trap")
    };
    assert_eq!(panic.as_deref(), Some("ouch!, at lib.rs:42"));
    assert!(!backtrace.is_empty());
}

#[test]
fn an_import_without_a_grant_names_the_line_to_add() {
    let host = host();
    let mut guest =
        guests().into_iter().find(|guest| guest.name == "undeclared-import").expect("it exists");
    guest.permissions = vec![dialogo_host::Grant::Catalogue];
    let binding = Binding { grants: dialogo_host::Grants::NONE, ..binding(&guest) };
    let problems =
        host.prepare(vec![binding.clone()], &surroundings(), None).expect_err("not granted");
    assert!(problems[0].message.contains("`catalogue`"), "{problems:?}");
    assert!(
        problems[0].hint.as_deref().is_some_and(|hint| hint.contains("grants = [\"catalogue\"]")),
        "{problems:?}"
    );
    let granted = Binding { grants: dialogo_host::Grants::all(), ..binding };
    assert!(host.prepare(vec![granted], &surroundings(), None).is_ok());
}

#[test]
fn nothing_bound_is_answered_without_a_hop() {
    let host = host();
    let chain = chain(&host, vec![binding(&denies())]);
    assert!(chain.has(Hook::MessagePolicy) && !chain.has(Hook::Classifier));
    let pending = chain.classify(Call::default(), conversation(), 5);
    assert!(pending.is_ready());
    assert_eq!(pending.wait().suggestions, []);
}

#[test]
fn modes_scope_and_missing_plugins() {
    let host = host();
    let call = Call::default;
    let judge = |bindings| {
        let chain = chain(&host, bindings);
        let pending = chain.judge_message(call(), conversation(), message("oi"));
        pending.wait()
    };
    let deny = binding(&denies());
    assert!(matches!(judge(vec![deny.clone()]).verdict, MessageVerdict::Deny(_)));

    let mut shadow = deny.clone();
    shadow.hooks[0].mode = Mode::Shadow;
    let outcome = judge(vec![shadow]);
    assert_eq!(outcome.verdict, MessageVerdict::Allow);
    assert_eq!(
        (outcome.decisions[0].verdict.as_str(), outcome.decisions[0].agrees),
        ("deny", Some(false))
    );

    let mut off = deny.clone();
    off.hooks[0].mode = Mode::Off;
    assert_eq!(judge(vec![off]).decisions, []);

    let elsewhere = Binding { departments: vec!["support".into()], ..deny.clone() };
    assert_eq!(judge(vec![elsewhere]).decisions, []);
    let here = Binding { departments: vec!["sales".into()], ..deny.clone() };
    assert!(matches!(judge(vec![here]).verdict, MessageVerdict::Deny(_)));

    let missing = Binding { source: Source::Missing("file gone".into()), ..deny };
    let outcome = judge(vec![missing.clone()]);
    assert_eq!(outcome.verdict, MessageVerdict::Allow);
    assert_eq!(outcome.decisions[0].failure, Some(Failure::Missing("file gone".into())));
    let mut closed = missing;
    closed.hooks[0].on_failure = OnFailure::Closed;
    assert!(matches!(judge(vec![closed]).verdict, MessageVerdict::Deny(_)));
}

#[test]
fn a_failing_plugin_is_quarantined_and_an_unchanged_one_carried_over() {
    let host = host();
    let trap = guests().into_iter().find(|guest| guest.name == "unreachable").expect("it exists");
    let bindings = vec![binding(&trap)];
    let first = chain(&host, bindings.clone());
    let ask = |chain: &Chain, text: &str| {
        let outcome = chain.judge_message(Call::default(), conversation(), message(text)).wait();
        outcome.decisions[0].failure.as_ref().map(Failure::kind)
    };
    // The same input fails twice and is skipped; other inputs go on until five failed in a row.
    assert_eq!(ask(&first, "same"), Some(FailureKind::Trap));
    assert_eq!(ask(&first, "same"), Some(FailureKind::Trap));
    assert_eq!(ask(&first, "same"), Some(FailureKind::Quarantined));
    for text in ["1", "2", "3"] {
        assert_eq!(ask(&first, text), Some(FailureKind::Trap));
    }
    assert_eq!(ask(&first, "4"), Some(FailureKind::Quarantined));
    let metrics = host.metrics();
    let quarantine = metrics[0].quarantine.as_ref().expect("quarantined");
    assert!(quarantine.reason.contains("trap") && quarantine.retry_in_ms > 0, "{quarantine:?}");
    assert_eq!(metrics[0].calls, 5);

    let second = host.prepare(bindings.clone(), &surroundings(), Some(&first)).expect("bound");
    assert_eq!(ask(&second, "5"), Some(FailureKind::Quarantined), "a reload does not free it");
    let changed = vec![Binding { settings: serde_json::json!({ "x": 1 }), ..bindings[0].clone() }];
    let third = host.prepare(changed, &surroundings(), Some(&second)).expect("bound");
    assert_eq!(ask(&third, "6"), Some(FailureKind::Trap), "other settings are another chance");
}

#[test]
fn reuse_needs_cases_that_answer_the_same() {
    let host = host();
    let case = |verdict: &str| {
        format!("hook = \"message-policy\"\ninput.text = \"oi\"\nexpect.verdict = \"{verdict}\"\n")
    };
    let reused = |guest: &TestGuest, verdict: &str, cases: bool| {
        let mut package = guest.package();
        package.manifest.instances = Instances::Reuse(3);
        if cases {
            package.cases.insert("case.toml".into(), case(verdict));
        }
        let chain = chain(&host, vec![Binding::of(Arc::new(package), serde_json::json!({}))]);
        let verdicts = (0..7).map(|_| {
            let outcome =
                chain.judge_message(Call::default(), conversation(), message("oi")).wait();
            outcome.decisions[0].verdict.clone()
        });
        verdicts.collect::<Vec<_>>()
    };
    // It remembers, so a used sandbox answers differently, so it never gets one.
    assert_eq!(reused(&remembers(), "allow", true), ["allow"; 7]);
    assert_eq!(reused(&remembers(), "allow", false), ["allow"; 7]);
    assert_eq!(reused(&denies(), "deny", true), ["deny"; 7]);
}

#[test]
fn a_failing_case_rejects_the_package() {
    let host = host();
    let mut package = denies().package();
    let case = "hook = \"message-policy\"\n[[case]]\nname = \"wrong\"\ninput.text = \"oi\"\nexpect.verdict = \"allow\"\n";
    package.cases.insert("case.toml".into(), case.into());
    let package = Arc::new(package);
    let problems = host.prepare(
        vec![Binding::of(package.clone(), serde_json::json!({}))],
        &surroundings(),
        None,
    );
    let problems = problems.expect_err("its case fails");
    assert!(problems[0].message.contains("expected `allow`, got `deny`"), "{problems:?}");
    let unprobed = Binding { probe: false, ..Binding::of(package, serde_json::json!({})) };
    assert!(host.prepare(vec![unprobed], &surroundings(), None).is_ok());
}

#[test]
fn a_full_queue_is_overload_and_follows_the_failure_policy() {
    let config = HostConfig { worker_threads: 1, queue: 1, sandboxes: 16, ..HostConfig::default() };
    let host = Host::new(config).expect("a host");
    let endless = guests().into_iter().find(|guest| guest.name == "endless").expect("it exists");
    let mut closed = binding(&endless);
    closed.hooks[0].on_failure = OnFailure::Closed;
    let chain = chain(&host, vec![closed]);
    let dry = || Call { dry_run: true, ..Call::default() };
    let pending: Vec<_> =
        (0..20).map(|_| chain.judge_message(dry(), conversation(), message("oi"))).collect();
    let outcomes: Vec<_> = pending.into_iter().map(dialogo_host::Pending::wait).collect();
    assert!(outcomes.iter().all(|outcome| matches!(outcome.verdict, MessageVerdict::Deny(_))));
    let overloaded = |kind| {
        outcomes
            .iter()
            .filter(|o| o.decisions[0].failure.as_ref().map(Failure::kind) == Some(kind))
            .count()
    };
    assert!(overloaded(FailureKind::Overloaded) >= 1);
    assert!(overloaded(FailureKind::Deadline) >= 1);
}

#[test]
fn compiled_code_is_kept_and_never_trusted_blindly() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = || HostConfig {
        worker_threads: 1,
        sandboxes: 16,
        cache_dir: Some(folder.path().into()),
        ..HostConfig::default()
    };
    let kept = || {
        let mut files: Vec<_> = std::fs::read_dir(folder.path())
            .expect("readable")
            .map(|entry| entry.expect("readable").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "cwasm"))
            .collect();
        files.sort();
        files
    };
    let works = || {
        let host = Host::new(config()).expect("a host");
        failure_of(&chain(&host, vec![binding(&allows())]), Hook::MessagePolicy).is_none()
    };
    assert!(works());
    let path = kept().pop().expect("kept");
    let good = std::fs::read(&path).expect("readable");
    for spoil in [0, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[spoil] ^= 1;
        std::fs::write(&path, &bad).expect("writable");
        assert!(works(), "a changed byte at {spoil}");
        assert_eq!(std::fs::read(&path).expect("made again").len(), good.len());
    }
    std::fs::write(&path, &good[..100]).expect("writable");
    assert!(works(), "cut short");
    std::fs::write(path.with_extension("mac"), b"").expect("writable");
    assert!(works(), "no proof");
}

#[test]
fn awaited_answers_arrive_too() {
    let host = host();
    let chain = chain(&host, vec![binding(&suggests_a())]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let outcome = runtime.block_on(chain.classify(Call::default(), conversation(), 5));
    assert_eq!(&*outcome.suggestions[0].node, "a");
    assert_eq!(outcome.decisions[0].verdict, "a 0.50");
}
