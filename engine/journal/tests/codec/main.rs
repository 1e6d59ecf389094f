//! The stored form: golden bytes for every kind of event, round trips of generated ones, and no panic on any bytes.

mod samples;

use std::collections::BTreeSet;
use std::fmt::Write;

use dialogo_domain::Event;
use dialogo_journal::codec::{self, CodecFault};
use dialogo_journal::disk::sim::Dice;
use samples::Sample;

const SEEDS: u64 = 500;

fn encoded(commit: &dialogo_domain::Commit) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(commit, &mut bytes);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap())
        .collect()
}

/// The kind of an event, without its fields.
fn kind(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split([' ', '{']).next().unwrap_or_default().to_owned()
}

/// One commit for each kind of event.
fn one_of_each() -> Vec<(String, dialogo_domain::Commit)> {
    let mut dice = Dice::new(1);
    let events = Sample::new(&mut dice).one_of_each();
    let stamp = |at| Sample::new(&mut Dice::new(at)).stamp();
    let commit = |(at, event): (usize, Event)| {
        (kind(&event), dialogo_domain::Commit { stamp: stamp(at as u64), events: vec![event] })
    };
    events.into_iter().enumerate().map(commit).collect()
}

#[test]
fn the_bytes_of_version_1_stay_as_they_are() {
    let mut text = String::new();
    for (kind, commit) in one_of_each() {
        writeln!(text, "{kind} {}", hex(&encoded(&commit))).unwrap();
    }
    expect_test::expect_file!["../golden/v1.txt"].assert_eq(&text);
}

#[test]
fn golden_bytes_are_still_read_as_what_they_were() {
    let golden = include_str!("../golden/v1.txt");
    let commits = one_of_each();
    assert_eq!(golden.lines().count(), commits.len());
    for (line, (kind, commit)) in golden.lines().zip(commits) {
        let (named, bytes) = line.split_once(' ').unwrap();
        assert_eq!(named, kind);
        assert_eq!(codec::decode(&unhex(bytes)).unwrap(), commit, "{kind}");
    }
}

#[test]
fn every_kind_of_event_has_golden_bytes() {
    let kinds: BTreeSet<String> = one_of_each().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds.len(),
        samples::KINDS,
        "one sample for each kind, and no kind twice: {kinds:?}"
    );
}

#[test]
fn generated_commits_come_back_as_they_were() {
    for seed in 0..SEEDS {
        let mut dice = Dice::new(seed);
        let commit = Sample::new(&mut dice).commit();
        assert_eq!(codec::decode(&encoded(&commit)).unwrap(), commit, "seed {seed}");
    }
}

#[test]
fn generated_desks_and_conversations_come_back_as_they_were() {
    for seed in 0..SEEDS / 5 {
        let mut dice = Dice::new(seed);
        let desk = Sample::new(&mut dice).desk();
        let mut bytes = Vec::new();
        codec::encode_desk(&desk, &mut bytes);
        assert_eq!(codec::decode_desk(&bytes).unwrap(), desk, "seed {seed}");
        for conversation in desk.conversations.values() {
            let mut bytes = Vec::new();
            codec::encode_conversation(conversation, &mut bytes);
            assert_eq!(&codec::decode_conversation(&bytes).unwrap(), conversation, "seed {seed}");
        }
    }
}

#[test]
fn no_bytes_make_it_panic() {
    for seed in 0..SEEDS {
        let mut dice = Dice::new(seed);
        let mut bytes = encoded(&Sample::new(&mut dice).commit());
        for _ in 0..=dice.below(4) {
            let at = dice.below(bytes.len() as u64) as usize;
            match dice.below(3) {
                0 => bytes[at] = dice.roll() as u8,
                1 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, dice.roll() as u8),
            }
        }
        // Either it is refused or it happens to be another valid record: then that has to be stable.
        if let Ok(commit) = codec::decode(&bytes) {
            let again = codec::decode(&encoded(&commit)).unwrap();
            assert_eq!(format!("{again:?}"), format!("{commit:?}"), "seed {seed}");
        }
        let noise: Vec<u8> = (0..dice.below(64)).map(|_| dice.roll() as u8).collect();
        assert!(codec::decode(&noise).is_err(), "seed {seed}");
    }
}

/// Golden bytes hold decisions as they were before these were told; both forms are read.
#[test]
fn what_a_decision_is_measured_by_comes_back() {
    let mut dice = Dice::new(3);
    let mut commit = Sample::new(&mut dice).commit();
    let event = Sample::new(&mut dice).one_of_each().into_iter().find_map(|event| match event {
        Event::ClassificationSuggested { conversation, set, suggestions, .. } => {
            let mut decision = Sample::new(&mut Dice::new(5)).decision();
            (decision.revision, decision.agrees) = (u64::MAX, Some(false));
            decision.settings = vec!["/rule/3".into()];
            decision.suggests = Some("duvida.boleto".into());
            let decisions = vec![decision];
            Some(Event::ClassificationSuggested { conversation, set, suggestions, decisions })
        }
        _ => None,
    });
    commit.events = event.into_iter().collect();
    assert_eq!(codec::decode(&encoded(&commit)).unwrap(), commit);
}

#[test]
fn a_later_version_is_refused_by_name() {
    // array(2), 2, array(0)
    assert_eq!(codec::decode(&[0x82, 0x02, 0x80]), Err(CodecFault::Newer(2)));
    assert!(CodecFault::Newer(2).to_string().contains("upgrade"));
}

#[test]
fn what_follows_a_record_is_noticed() {
    let mut bytes = encoded(&one_of_each()[0].1);
    bytes.push(0);
    assert_eq!(codec::decode(&bytes), Err(CodecFault::Trailing(1)));
}

#[test]
fn personal_words_stand_in_the_sealed_part_only() {
    let mut dice = Dice::new(9);
    let event = Sample::new(&mut dice).message_of("a very personal sentence");
    let commit =
        dialogo_domain::Commit { stamp: Sample::new(&mut dice).stamp(), events: vec![event] };
    let bytes = encoded(&commit);
    let needle = b"a very personal sentence";
    let found = bytes.windows(needle.len()).filter(|window| window == needle).count();
    assert_eq!(found, 1);
    // An unknown scheme of sealing is a fault of its own. The sealed part is array(2) [scheme, bytes]; the scheme is the
    // byte before the byte string that holds the text.
    let text = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    let array = (0..text).rev().find(|at| bytes[*at] == 0x82 && bytes[at + 1] == 0x00).unwrap();
    let mut sealed = bytes.clone();
    sealed[array + 1] = 7;
    assert_eq!(codec::decode(&sealed), Err(CodecFault::Sealed(7)));
}
