//! What is found in made-up conversations: a reason that the tree lacks, two nodes that mean the same, and nothing where there is
//! nothing.

use dialogo_learn::Lesson;
use dialogo_learn::reasons::{Found, Settings, find};

/// What people want, in their words.
const WANTS: [(&str, [&str; 6]); 5] = [
    ("parcel", ["parcel", "courier", "tracking code", "delivery", "package", "shipment"]),
    (
        "refund",
        ["refund", "money back", "reimbursement", "payment returned", "credit note", "chargeback"],
    ),
    (
        "login",
        ["password", "login", "account access", "two factor code", "username", "locked account"],
    ),
    ("invoice", ["invoice", "receipt", "bill", "tax document", "fiscal note", "billing copy"]),
    (
        "pets",
        [
            "my dog food",
            "the cat litter",
            "the puppy collar",
            "the kitten bed",
            "the dog leash",
            "the cat toy",
        ],
    ),
];

const FRAMES: [&str; 8] = [
    "where is {} please, I am waiting",
    "I have a problem with {} since yesterday",
    "the {} is wrong, can you help me",
    "please help me with {} today",
    "what about {}, nobody answers me",
    "{} again and again, this is annoying",
    "I would like to ask about {} here",
    "there is something with {} that I do not understand",
];

/// Every want in every frame; `node` says what agents made of it.
fn lessons(node: impl Fn(&str, usize) -> Option<String>) -> Vec<Lesson> {
    let mut lessons = Vec::new();
    for (number, frame) in FRAMES.iter().enumerate() {
        for (want, names) in &WANTS {
            for (at, name) in names.iter().enumerate() {
                let node = node(want, number + at);
                lessons.push(Lesson::of_text(frame.replace("{}", name), node.as_deref()));
            }
        }
    }
    lessons
}

fn found(lessons: &[Lesson]) -> Found {
    find(lessons, &Settings::new(1), &mut |_| ())
}

#[test]
fn a_reason_without_a_node_is_found_and_named() {
    let lessons = lessons(|want, _| (want != "pets").then(|| want.to_owned()));
    let found = found(&lessons);
    assert_eq!(found.looked_at, 48);
    let in_groups: Vec<usize> =
        found.groups.iter().flat_map(|group| group.members.clone()).collect();
    assert!(in_groups.len() >= 30, "{found:#?}");
    assert!(in_groups.iter().all(|at| lessons[*at].node.is_none()));
    let phrases = found.groups.iter().flat_map(|group| &group.phrases);
    let about_pets =
        |phrase: &str| ["dog", "cat", "puppy", "kitten"].iter().any(|pet| phrase.contains(pet));
    assert!(phrases.clone().any(|phrase| about_pets(phrase)), "{found:#?}");
    assert_eq!(found.alike, []);
}

#[test]
fn two_names_for_one_thing_are_told() {
    let lessons = lessons(|want, at| match want {
        "refund" => Some(format!("refund{}", at % 2)),
        want => Some(want.to_owned()),
    });
    let found = found(&lessons);
    assert_eq!(found.groups, []);
    assert_eq!(found.alike.len(), 1, "{:#?}", found.alike);
    let alike = &found.alike[0];
    assert_eq!(alike.nodes, ["refund0", "refund1"]);
    assert!(alike.share() >= 0.25 && alike.of == 48, "{alike:#?}");
    for (samples, node) in alike.samples.iter().zip(&alike.nodes) {
        assert!(!samples.is_empty());
        assert!(samples.iter().all(|at| lessons[*at].node.as_ref() == Some(node)));
    }
}

#[test]
fn what_fits_a_node_is_no_new_reason() {
    // One in six of everything was left for later.
    let lessons = lessons(|want, at| (at % 6 != 0).then(|| want.to_owned()));
    assert_eq!(found(&lessons).groups, []);
}

#[test]
fn the_same_conversations_give_the_same_answer_and_few_or_none_give_none() {
    let lessons = lessons(|want, _| (want != "pets").then(|| want.to_owned()));
    assert_eq!(found(&lessons), found(&lessons));
    assert_eq!(found(&[]), Found::default());
    let one = Lesson::of_text("where is my parcel", None);
    assert_eq!(found(std::slice::from_ref(&one)).groups, []);
    assert_eq!(found(&vec![Lesson::of_text("", None); 30]).groups, []);
    // Nobody has classified anything yet: there still is something to see.
    let unclassified: Vec<Lesson> =
        lessons.into_iter().map(|lesson| Lesson { node: None, ..lesson }).collect();
    assert!(!found(&unclassified).groups.is_empty());
}

#[test]
fn steps_are_told_to_their_end() {
    let mut steps = Vec::new();
    find(&lessons(|want, _| Some(want.to_owned())), &Settings::new(1), &mut |step| {
        steps.push(step)
    });
    let last = steps.last().expect("steps");
    assert_eq!(last.done, last.of);
    assert!(steps.is_sorted_by_key(|step| step.done));
}
