//! How well a canned reply fits the words of a message: what a word is worth, and what it says that it was said.

use std::collections::{BTreeSet, HashMap};

use crate::logic::Canned;
use crate::words::words;

/// What a word is worth that stands in an id, a title or a hint.
pub(crate) const NAMED: f32 = 1.0;
/// What a word is worth that stands in the text only.
const IN_TEXT: f32 = 0.5;
/// Words that are told as the reason.
pub(crate) const MOST_TOLD: usize = 4;
/// The share of a reply's words that an agent's message must hold to have said it already.
const SAID: f32 = 0.8;

/// Canned replies with their words: to read hundreds of them takes longer than to look through them.
pub struct Shelf {
    pub(crate) kept: Vec<Kept>,
    /// What each word is worth to which replies, by their place.
    worth: HashMap<String, Vec<(usize, f32)>>,
}

/// A canned reply with its words.
pub(crate) struct Kept {
    pub(crate) id: String,
    title: String,
    pub(crate) text: String,
    /// The words of its text.
    pub(crate) words: BTreeSet<String>,
}

impl Shelf {
    /// With these replies.
    pub fn of(canned: &[Canned<'_>]) -> Self {
        let mut worth: HashMap<String, Vec<(usize, f32)>> = HashMap::new();
        let mut kept = Vec::with_capacity(canned.len());
        for (at, canned) in canned.iter().enumerate() {
            let named = stems(&format!("{} {}", canned.id.replace(['-', '_'], " "), canned.title));
            let words = stems(&without_braces(canned.text));
            for stem in words.difference(&named) {
                worth.entry(stem.clone()).or_default().push((at, IN_TEXT));
            }
            for stem in named {
                worth.entry(stem).or_default().push((at, NAMED));
            }
            kept.push(Kept {
                id: canned.id.to_owned(),
                title: canned.title.to_owned(),
                text: canned.text.to_owned(),
                words,
            });
        }
        for replies in worth.values_mut() {
            // How much a word tells one reply from the others: all where it stands in one only.
            let share = (1.0 / replies.len() as f32).sqrt();
            replies.iter_mut().for_each(|(_, worth)| *worth *= share);
        }
        Self { kept, worth }
    }

    /// Whether it is with these replies.
    pub fn holds(&self, canned: &[Canned<'_>]) -> bool {
        let same = |(kept, canned): (&Kept, &Canned<'_>)| {
            kept.id == canned.id && kept.title == canned.title && kept.text == canned.text
        };
        self.kept.len() == canned.len() && self.kept.iter().zip(canned).all(same)
    }

    /// The replies that a word speaks for, by their place, and how much.
    pub(crate) fn spoken_for(&self, stem: &str) -> &[(usize, f32)] {
        self.worth.get(stem).map_or(&[], Vec::as_slice)
    }
}

/// Whether a message says nearly all the words of a text.
pub(crate) fn is_said_in(words: &BTreeSet<String>, message: &BTreeSet<String>) -> bool {
    let held = words.intersection(message).count();
    !words.is_empty() && held as f32 >= SAID * words.len() as f32
}

/// What speaks for a reply: each stem once, with the most it is worth.
#[derive(Default)]
pub(crate) struct Reasons(Vec<(String, String, f32)>);

impl Reasons {
    pub(crate) fn add(&mut self, stem: &str, typed: &str, worth: f32) {
        if worth <= 0.0 {
            return;
        }
        match self.0.iter_mut().find(|(known, ..)| known == stem) {
            Some(known) => known.2 = known.2.max(worth),
            None => self.0.push((stem.to_owned(), typed.to_owned(), worth)),
        }
    }

    /// Each further reason adds less, and nothing is ever certain. A quotient, not `exp`: the same on every machine.
    pub(crate) fn confidence(&self) -> f32 {
        let worth: f32 = self.0.iter().map(|(.., worth)| worth).sum();
        worth / (worth + 0.6)
    }

    pub(crate) fn strongest(mut self) -> Vec<String> {
        self.0.sort_by(|one, other| other.2.total_cmp(&one.2));
        self.0.into_iter().take(MOST_TOLD).map(|(_, typed, _)| typed).collect()
    }
}

pub(crate) fn stems(text: &str) -> BTreeSet<String> {
    words(text).into_iter().map(|word| word.stem).filter(|stem| !stem.is_empty()).collect()
}

/// Without what is filled in later.
fn without_braces(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    for (at, part) in text.split('{').enumerate() {
        match part.split_once('}') {
            Some((_, rest)) if at > 0 => left.push_str(rest),
            _ => left.push_str(part),
        }
        left.push(' ');
    }
    left
}
