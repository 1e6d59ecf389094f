//! What is learned from few made-up conversations: right, the same every time, small, and honest about what it is not.

use dialogo_learn::{Lesson, Settings, TooLittle, train};
use dialogo_model::{Model, Turn, Who};

const NODES: [(&str, [&str; 3]); 4] = [
    ("parcel", ["parcel", "courier", "tracking"]),
    ("refund", ["refund", "money", "paid"]),
    ("login", ["password", "login", "account"]),
    ("invoice", ["invoice", "receipt", "bill"]),
];

const FRAMES: [&str; 6] = [
    "where is my {}",
    "I have a problem with the {}",
    "the {} is wrong",
    "please help me with my {} today",
    "what about the {}?",
    "{} again and again",
];

fn lessons() -> Vec<Lesson> {
    let mut lessons = Vec::new();
    for frame in FRAMES {
        for (node, words) in &NODES {
            for word in words {
                lessons.push(Lesson::of_text(frame.replace("{}", word), Some(node)));
            }
        }
    }
    lessons
}

fn learned(lessons: &[Lesson], settings: &Settings) -> Vec<u8> {
    train(lessons, settings, &mut |_| ()).expect("enough to learn from")
}

fn best(model: &Model, turns: &[Turn<'_>]) -> String {
    let probabilities = model.read(turns).probabilities;
    let best =
        (0..probabilities.len()).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
    model.head().classes[best.expect("a class")].name.clone()
}

fn said(text: &str) -> Turn<'_> {
    Turn { who: Who::Consumer, text }
}

#[test]
fn what_was_not_seen_is_understood_by_its_words() {
    let model = Model::open(learned(&lessons(), &Settings::new(1))).expect("reads");
    for (text, node) in [
        ("my courier never came", "parcel"),
        ("I forgot the passwords", "login"),
        ("give me a receipt", "invoice"),
        ("MONEY!!", "refund"),
    ] {
        assert_eq!(best(&model, &[said(text)]), node, "{text}");
    }
}

#[test]
fn later_turns_overturn_what_came_before() {
    let model = Model::open(learned(&lessons(), &Settings::new(1))).expect("reads");
    let first = said("where is my parcel");
    assert_eq!(best(&model, &[first]), "parcel");
    let turns =
        [first, said("forget it"), said("my password does not work"), said("the login fails")];
    assert_eq!(best(&model, &turns), "login");
}

#[test]
fn the_same_lessons_and_seed_give_the_same_bytes() {
    let lessons = lessons();
    let one = learned(&lessons, &Settings::new(7));
    assert!(one == learned(&lessons, &Settings::new(7)));
    assert!(one != learned(&lessons, &Settings::new(8)), "the seed decides nothing");
}

#[test]
fn a_model_stays_as_small_as_it_must() {
    let all = learned(&lessons(), &Settings::new(1));
    let most_bytes = all.len() / 2;
    let small = learned(&lessons(), &Settings { most_bytes, ..Settings::new(1) });
    assert!(small.len() <= most_bytes, "{} of {most_bytes}", small.len());
    let model = Model::open(small).expect("reads");
    assert_eq!(best(&model, &[said("where is my parcel")]), "parcel");
}

#[test]
fn too_little_is_no_model() {
    let few = &lessons()[..10];
    assert_eq!(train(few, &Settings::new(1), &mut |_| ()), Err(TooLittle::Lessons(10)));
    let one: Vec<Lesson> = (0..30).map(|at| Lesson::of_text(at.to_string(), Some("a"))).collect();
    assert_eq!(train(&one, &Settings::new(1), &mut |_| ()), Err(TooLittle::Nodes(1)));
}

#[test]
fn a_conversation_is_shown_as_suggestions_will_see_it() {
    let turn = |who, text: &str| (who, text.to_owned());
    let lesson = Lesson {
        turns: vec![
            turn(Who::Agent, "hello"),
            turn(Who::Consumer, "hi"),
            turn(Who::Consumer, "my parcel"),
            turn(Who::Agent, "which"),
            turn(Who::Consumer, "the blue one"),
            turn(Who::Consumer, "thanks"),
            turn(Who::Agent, "bye"),
        ],
        node: None,
    };
    assert_eq!(lesson.shown(), [2, 3, 5, 6]);
}
