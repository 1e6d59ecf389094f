//! What a group calls itself: the words and pairs of words that most of its conversations have and hardly any others do.

use std::collections::{BTreeMap, BTreeSet};

use dialogo_model::Who;

use super::Read;
use crate::Lesson;

/// Phrases of a group at most.
const MOST: usize = 4;

/// Longest phrase, in words.
const LONGEST: usize = 3;

/// A phrase is in at least this share of its group.
const LEAST_SHARE: f64 = 0.15;

/// A phrase begins and ends with words that are so many times likelier in the group than elsewhere.
const TELLING: f64 = 2.0;

/// How often phrases occur: once for each conversation.
type Counts = BTreeMap<String, usize>;

/// The phrases of each group, the most telling first. `groups`: their conversations, by their place among `read`.
pub(super) fn of_groups(
    lessons: &[Lesson],
    read: &[Read],
    groups: &[&[usize]],
) -> Vec<Vec<String>> {
    let mut all = Counts::new();
    let said: Vec<BTreeMap<String, String>> =
        read.iter().map(|one| phrases(&lessons[one.lesson], one)).collect();
    for phrase in said.iter().flat_map(BTreeMap::keys) {
        *all.entry(phrase.clone()).or_default() += 1;
    }
    groups.iter().map(|members| of_group(&said, members, &all)).collect()
}

fn of_group(said: &[BTreeMap<String, String>], members: &[usize], all: &Counts) -> Vec<String> {
    let mut own: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (phrase, spelled) in members.iter().flat_map(|at| &said[*at]) {
        *own.entry(phrase).or_default().entry(spelled).or_default() += 1;
    }
    let others = said.len().saturating_sub(members.len()).max(1) as f64;
    let size = members.len() as f64;
    // In which share of the group it is, and how much more likely than elsewhere.
    let of = |phrase: &str| {
        let inside: usize = own.get(phrase)?.values().sum();
        let outside = all[phrase] - inside;
        let more = ((inside as f64 + 0.5) / size) / ((outside as f64 + 0.5) / others);
        Some((inside as f64 / size, more))
    };
    let tells = |word: &str| of(word).is_some_and(|(_, more)| more >= TELLING);
    let mut weighed: Vec<(f64, &str, &str)> = own
        .iter()
        .filter_map(|(phrase, spellings)| {
            let (share, more) = of(phrase).filter(|(share, _)| *share >= LEAST_SHARE)?;
            let words: Vec<&str> = phrase.split(' ').collect();
            // “is there a” and “on my” name nothing, however often they are said.
            let names = [words.first(), words.last()].into_iter().flatten().all(|word| tells(word));
            let (spelled, _) = spellings.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)))?;
            // A longer phrase says more at the same count.
            let weight = share * libm::log(more) * (0.65 + 0.35 * words.len() as f64);
            names.then_some((weight, *phrase, *spelled))
        })
        .collect();
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut best = Vec::new();
    for (_, phrase, spelled) in weighed {
        let words: Vec<&str> = phrase.split(' ').collect();
        // A word that was told already says nothing new.
        if best.len() < MOST && !words.iter().any(|word| told.contains(word)) {
            told.extend(words);
            best.push(spelled.to_lowercase());
        }
    }
    best
}

/// The phrases of a conversation as the model reads them, each with one of its spellings. Numbers are none.
fn phrases(lesson: &Lesson, read: &Read) -> BTreeMap<String, String> {
    let tokens = &read.words.tokens;
    let mut phrases = BTreeMap::new();
    for from in 0..tokens.len() {
        let (turn, first) = &tokens[from];
        let (who, text) = &lesson.turns[usize::from(*turn)];
        let mut phrase = String::new();
        for (turn_too, token) in tokens[from..].iter().take(LONGEST) {
            let is_word = token.text.chars().all(char::is_alphabetic);
            let goes_on = turn_too == turn && token.start >= first.start;
            let near =
                phrase.is_empty() || text.get(first.start..token.start).is_some_and(one_breath);
            if !is_word || !goes_on || !near || *who != Who::Consumer {
                break;
            }
            if !phrase.is_empty() {
                phrase.push(' ');
            }
            phrase.push_str(&token.text);
            // One word of few letters names nothing.
            if phrase.chars().count() > 2 {
                phrases
                    .entry(phrase.clone())
                    .or_insert_with(|| text[first.start..token.end].to_owned());
            }
        }
    }
    phrases
}

/// No sign stands in it that ends a phrase.
fn one_breath(text: &str) -> bool {
    !text.contains([',', '.', ';', ':', '!', '?', '(', ')', '\n', '"'])
}
