//! What is written is what was asked.

use super::redact::Redactor;
use super::written::{self, Sight};
use super::*;
use crate::cases::{self, Case};
use crate::hook::{Grant, Grants};

pub(super) fn header(plugin: &str) -> Header {
    Header {
        dialogo_recording: FORMAT,
        plugin: plugin.into(),
        package: plugin.into(),
        version: "1.0.0".into(),
        digest: "00".into(),
        begun: 0,
        keep_ms: 1,
        share: 1.0,
        redacted: true,
        recent_messages: 3,
        limits: Limits { time_ms: Some(20), ..Limits::default() },
        assets: BTreeMap::new(),
        settings_revision: u64::MAX,
        settings: serde_json::json!({ "patterns": { "x": ["a"] } }),
        catalogue: Tree { revision: u64::MAX, nodes: Vec::new() },
    }
}

/// A conversation with everything that one can have, asked at every hook.
fn questions() -> Vec<Case> {
    let conversation = r#"
        [input]
        now = 2026-01-05T12:00:00.123Z
        seed = 7
        departments = [{ id = "sales", name = "Vendas", open_now = false, waiting = 3, online_agents = 2 }]
        agents = [{ id = "ana", presence = "away", load = 1, capacity = 3, departments = ["sales"], skills = ["pt"] }]
        history = [{ id = "h2", by = "agent", at = 5, text = "sim" }, { id = "h1", at = 4, text = "oi" }]
        [input.conversation]
        id = "c-1"
        channel = "mobile"
        state = "on-hold"
        opened_at = 17
        department = "sales"
        agent = "ana"
        classification = "a.b"
        total_messages = 40
        consumer = { id = "p", name = "Maria", locale = "pt-BR", facts = { tier = "gold" } }
        facts = { waited = 12.5, queue = 3, vip = true, words = ["x", "y"], minus = -0.5 }
        recent = [
            "oi 😀",
            { by = "agent", text = "bom dia", facts = { private = true } },
            { by = "agent", author = { id = "rui", name = "Rui" }, text = "posso?", emojis = [] },
            { by = "system", text = "😀", emojis = [] },
        ]
    "#;
    let asked = [
        ("classifier", r"input.limit = 3"),
        ("transfer-rules", r#"input.requested = { agent = "ana" }"#),
        ("transfer-rules", r#"input.trigger = "waited-too-long""#),
        ("message-policy", r#"input.message = { id = "m", by = "agent", text = "😀😀" }"#),
        ("emoji-policy", "input.by = \"agent\"\ninput.emojis = [\"😀\"]"),
        (
            "attachment-policy",
            r#"
            input.head = { base64 = "AP//UEs=" }
            [case.input.attachment]
            name = "a.pdf"
            mime = "application/pdf"
            sniffed_mime = "application/zip"
            bytes = 9
            sha256 = "ab"
            facts = { "content.kind" = "archive" }
            "#,
        ),
        ("attachment-policy", "input.attachment = { name = \"a.txt\" }\ninput.head = \"olá\""),
        ("bot", "input.text = \"oi\"\ninput.state = { base64 = \"/w==\" }"),
        ("bot", r#"input.state = "asked""#),
        ("observer", r#"input.event = "message-denied""#),
        ("replies", "input.limit = 2\ninput.canned = [{ id = \"ola\", text = \"Olá!\" }]"),
    ];
    let parsed = asked.map(|(hook, more)| {
        let expect = "[case.expect]\nerror = \"internal\"";
        let text = format!(
            "hook = \"{hook}\"\n{conversation}\n[[case]]\nname = \"x\"\n{more}\n{expect}\n"
        );
        let cases = cases::parse("x.toml", &text, &BTreeMap::new());
        cases.unwrap_or_else(|problems| panic!("{hook}: {problems:?}")).remove(0)
    });
    parsed.into()
}

fn sight() -> Sight {
    Sight { grants: Grants::all(), recent: 10, redactor: Redactor::Off }
}

/// Writes a call as the recorder does, and reads it again.
fn there_and_back(case: &Case, sight: Sight) -> RecordedCall {
    let line = Line {
        call: "1-2-3".into(),
        hook: case.hook,
        answered: "allow".into(),
        took_us: 7,
        input: written::input(&case.call, &case.question, sight),
    };
    let text = serde_json::to_string(&line).expect("JSON");
    assert!(!text.contains('\n'));
    parse(&text).unwrap_or_else(|fault| panic!("{}: {fault}\n{text}", case.hook))
}

#[test]
fn every_question_comes_back_as_it_was() {
    for case in questions() {
        let read = there_and_back(&case, sight());
        assert_eq!(read.question, case.question, "{}", read.input);
        let expected = Call { call_id: "1-2-3".into(), dry_run: false, ..Call::clone(&case.call) };
        assert_eq!(*read.call, expected);
        assert_eq!(read.conversation(), "c-1");
    }
}

#[test]
fn facts_keep_their_order() {
    let mut case = questions().remove(0);
    let Question::Classify { conversation, .. } = &mut case.question else { panic!("asked first") };
    Arc::make_mut(conversation).facts.reverse();
    assert_eq!(there_and_back(&case, sight()).question, case.question);
}

#[test]
fn what_the_plugin_may_not_see_is_not_written() {
    for case in questions() {
        let grants = [Grant::Patterns].into_iter().collect();
        let blind = Sight { grants, recent: 1, redactor: Redactor::Off };
        let input = written::input(&case.call, &case.question, blind).to_string();
        for hidden in ["Maria", "Rui", "pt-BR", "h1", "Vendas", "bom dia"] {
            assert!(!input.contains(hidden), "{}: {hidden} in {input}", case.hook);
        }
    }
}

#[test]
fn what_names_people_is_masked_everywhere() {
    let secret = "fale com maria@exemplo.com ou 11987654321";
    let text = format!(
        r#"
        hook = "attachment-policy"
        [input.conversation]
        consumer = {{ name = "Maria", facts = {{ page = "{secret}" }} }}
        recent = ["{secret}"]
        [input.attachment]
        name = "{secret}.pdf"
        [[case]]
        name = "x"
        input.head = "{secret}"
        input.conversation.facts = {{ a = ["{secret}"] }}
        expect.verdict = "allow"
        "#
    );
    let case = cases::parse("x", &text, &BTreeMap::new()).expect("a case").remove(0);
    let on = Sight { redactor: Redactor::On, ..sight() };
    let input = written::input(&case.call, &case.question, on).to_string();
    for hidden in ["maria", "Maria", "exemplo", "987654321"] {
        assert!(!input.contains(hidden), "{hidden} in {input}");
    }
    assert_eq!(input.matches("fale com xxxxx@xxxxxxx.xxx ou 11111111111").count(), 5, "{input}");
}

#[test]
fn a_file_that_is_no_recording_is_told_from_one_of_another_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = |text: &str| {
        let path = folder.path().join("r.jsonl");
        std::fs::write(&path, text).expect("written");
        Recording::open(&path)
    };
    assert!(matches!(open("hello\n"), Err(RecordingError::NotOne { .. })));
    let future = r#"{"dialogo_recording":2}"#;
    assert!(matches!(open(future), Err(RecordingError::Format { found: 2, .. })));

    let header = serde_json::to_string(&header("keywords")).expect("JSON");
    let read = open(&format!("{header}\n")).expect("a recording");
    assert_eq!(read.header.settings_revision, u64::MAX);
    assert_eq!(read.header.catalogue().revision(), u64::MAX);
    assert_eq!(read.header.limits.time_ms, Some(20));
    assert_eq!(read.count(), 0);

    let mut half = open(&format!("{header}\n{{\"call\":1}}\n{{\"call\":\"cut of")).expect("one");
    assert!(matches!(half.next(), Some(Err(RecordingError::Line { line: 2, .. }))));
    assert!(half.next().is_none(), "a line that is being written does not count");
}
