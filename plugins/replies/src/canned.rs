//! How well a canned reply fits the words of a message: what a word is worth, and what it says that it was said.

use std::collections::{BTreeMap, BTreeSet};

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
    pub(crate) telling: Telling,
}

/// A canned reply with its words.
pub(crate) struct Kept {
    pub(crate) id: String,
    title: String,
    pub(crate) text: String,
    pub(crate) words: Reply,
}

impl Shelf {
    /// With these replies.
    pub fn of(canned: &[Canned<'_>]) -> Self {
        let keep = |canned: &Canned<'_>| Kept {
            id: canned.id.to_owned(),
            title: canned.title.to_owned(),
            text: canned.text.to_owned(),
            words: Reply::of(canned),
        };
        let kept: Vec<Kept> = canned.iter().map(keep).collect();
        let telling = Telling::of(&kept);
        Self { kept, telling }
    }

    /// Whether it is with these replies.
    pub fn holds(&self, canned: &[Canned<'_>]) -> bool {
        let same = |(kept, canned): (&Kept, &Canned<'_>)| {
            kept.id == canned.id && kept.title == canned.title && kept.text == canned.text
        };
        self.kept.len() == canned.len() && self.kept.iter().zip(canned).all(same)
    }
}

/// A canned reply as words.
pub(crate) struct Reply {
    named: BTreeSet<String>,
    pub(crate) text: BTreeSet<String>,
}

impl Reply {
    pub(crate) fn of(canned: &Canned<'_>) -> Self {
        let named = format!("{} {}", canned.id.replace(['-', '_'], " "), canned.title);
        Self { named: stems(&named), text: stems(&without_braces(canned.text)) }
    }

    pub(crate) fn plain(text: &str) -> Self {
        Self { named: BTreeSet::new(), text: stems(text) }
    }

    pub(crate) fn worth(&self, stem: &str) -> f32 {
        if self.named.contains(stem) {
            NAMED
        } else if self.text.contains(stem) {
            IN_TEXT
        } else {
            0.0
        }
    }

    pub(crate) fn is_said_in(&self, message: &BTreeSet<String>) -> bool {
        let held = self.text.intersection(message).count();
        !self.text.is_empty() && held as f32 >= SAID * self.text.len() as f32
    }
}

/// How much a word tells one reply from the others: 1 where it stands in one only.
pub(crate) struct Telling {
    replies: f32,
    held_by: BTreeMap<String, f32>,
}

impl Telling {
    fn of(kept: &[Kept]) -> Self {
        let mut held_by = BTreeMap::new();
        for stem in kept.iter().flat_map(|one| one.words.named.union(&one.words.text)) {
            *held_by.entry(stem.clone()).or_insert(0.0) += 1.0;
        }
        Self { replies: kept.len() as f32, held_by }
    }

    pub(crate) fn share(&self, stem: &str) -> f32 {
        let held_by = self.held_by.get(stem).copied().unwrap_or(1.0);
        (1.0 / held_by).max(1.0 / self.replies).sqrt()
    }
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
