//! From tokens to features: words, pairs of neighbours, and pieces of words, each named by a hash.
//!
//! A conversation is one bag of features to which every turn adds: the consumer's newest words count in full, older ones a
//! little less, the agent's for what they are worth. So evidence adds up, and later turns can overturn what came before. A
//! feature remembers the tokens it came from, so that a suggestion can say which words led to it. Rejected: pairs of words
//! further apart (no gain on held-out texts for a third more features). Next: [`crate::model`] for what they weigh.

use crate::text::{self, Token};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Which family a feature belongs to. Each is scaled to length one by itself, so that the many pieces of words do not drown
/// the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// One word, or two neighbours.
    Word = 0,
    /// Two to five characters of one word with its borders.
    Piece = 1,
}

/// How many families there are.
pub const FAMILIES: usize = 2;

/// Who wrote a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whose reason is looked for.
    Consumer,
    /// Who answers.
    Agent,
}

/// One message of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn<'a> {
    /// Who wrote it.
    pub who: Who,
    /// As it was written.
    pub text: &'a str,
}

/// What turns count for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighing {
    /// Each newer turn of the consumer leaves this share of the older ones.
    pub fading: f32,
    /// An agent's turn, beside a consumer's of the same age.
    pub agent: f32,
}

/// A feature of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its name, hashed.
    pub hash: u32,
    /// Its family.
    pub family: Family,
    /// How often it occurs, as its turns count.
    pub count: f32,
    /// The first token it came from, by its place in [`Words::tokens`].
    pub first: u16,
    /// The last one.
    pub last: u16,
}

impl Feature {
    /// Whether it is a single word.
    pub fn is_word(&self) -> bool {
        self.family == Family::Word && self.first == self.last
    }
}

/// A conversation as features.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// Tokens of all turns that count, newest turn first, each with the place of its turn.
    pub tokens: Vec<(u16, Token)>,
    /// In order of first occurrence.
    pub features: Vec<Feature>,
}

/// Shortest and longest piece of a word, in characters.
const PIECES: std::ops::RangeInclusive<usize> = 2..=5;

/// Tokens of a conversation that are read, from its end.
const MOST_TOKENS: usize = 512;

/// Features that a byte of text makes at most, about.
const ROOM: usize = 4;

/// Bytes of text for which room is made before it is read.
const MOST_BYTES_FORESEEN: usize = 1_024;

/// Turns that weigh less than this are not read.
const LEAST_WEIGHT: f32 = 0.05;

/// The features of a conversation whose turns stand in their order.
pub fn words(turns: &[Turn<'_>], weighing: Weighing) -> Words {
    let mut words = Words::default();
    // Room for an ordinary conversation at once; more is made for a long one as it is read.
    let bytes: usize = turns.iter().map(|turn| turn.text.len()).sum();
    let room = ROOM * bytes.min(MOST_BYTES_FORESEEN);
    let mut index = Index(HashMap::with_capacity_and_hasher(room, BuildHasherDefault::default()));
    words.features.reserve(room);
    let mut fading = 1.0f32;
    for (at, turn) in turns.iter().enumerate().rev() {
        let weight = match turn.who {
            Who::Consumer => fading,
            Who::Agent => fading * weighing.agent,
        };
        if fading < LEAST_WEIGHT || words.tokens.len() >= MOST_TOKENS {
            break;
        }
        if weight >= LEAST_WEIGHT {
            let from = words.tokens.len();
            let tokens = text::tokens(turn.text).into_iter().take(MOST_TOKENS - from);
            words.tokens.extend(tokens.map(|token| (at as u16, token)));
            add_turn(&mut words, &mut index, from, weight);
        }
        if turn.who == Who::Consumer {
            fading *= weighing.fading;
        }
    }
    words
}

fn add_turn(words: &mut Words, index: &mut Index, from: usize, weight: f32) {
    let Words { tokens, features } = words;
    for at in from..tokens.len() {
        let token = &tokens[at].1.text;
        let mut add = |hash, family, last| index.add(features, hash, family, weight, at, last);
        add(hash(b'w', token.as_bytes(), &[]), Family::Word, at);
        if let Some((_, next)) = tokens.get(at + 1) {
            add(hash(b'b', token.as_bytes(), next.text.as_bytes()), Family::Word, at + 1);
        }
        pieces(token, |hash| add(hash, Family::Piece, at));
    }
}

/// Every piece of a word with its borders marked.
fn pieces(word: &str, mut add: impl FnMut(u32)) {
    const ROOM: usize = text::LONGEST_TOKEN + 3;
    let mut bordered = [0u8; 4 * ROOM];
    let mut starts = [0usize; ROOM];
    let mut count = 0;
    let mut bytes = 0;
    let border = std::iter::once(' ');
    for c in border.clone().chain(word.chars().take(text::LONGEST_TOKEN)).chain(border) {
        starts[count] = bytes;
        bytes += c.encode_utf8(&mut bordered[bytes..]).len();
        count += 1;
    }
    starts[count] = bytes;
    for size in PIECES {
        for at in 0..(count + 1).saturating_sub(size) {
            add(hash(b'c', &bordered[starts[at]..starts[at + size]], &[]));
        }
    }
}

/// FNV-1a over kind and parts with a mark between them, and its bits mixed.
fn hash(kind: u8, first: &[u8], second: &[u8]) -> u32 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut eat = |byte: u8| state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    eat(kind);
    first.iter().copied().for_each(&mut eat);
    eat(0xff);
    second.iter().copied().for_each(&mut eat);
    let mixed = (state ^ (state >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 32) as u32
}

/// Where the feature of a hash stands.
struct Index(HashMap<u32, u32, BuildHasherDefault<AsIs>>);

impl Index {
    fn add(
        &mut self,
        features: &mut Vec<Feature>,
        hash: u32,
        family: Family,
        weight: f32,
        first: usize,
        last: usize,
    ) {
        let next = features.len() as u32;
        let at = *self.0.entry(hash).or_insert(next);
        if at == next {
            let (first, last) = (first as u16, last as u16);
            features.push(Feature { hash, family, count: weight, first, last });
        } else {
            features[at as usize].count += weight;
        }
    }
}

/// The hash of a hash is itself. Only looked up, never walked, so its order shows nowhere.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only u32 is hashed");
    }

    fn write_u32(&mut self, value: u32) {
        // The map looks at the top bits and at the low ones.
        self.0 = u64::from(value) | (u64::from(value) << 32);
    }
}

#[cfg(test)]
mod tests {
    use super::{Turn, Weighing, Who, Words, words};

    const WEIGHING: Weighing = Weighing { fading: 0.5, agent: 0.2 };

    fn consumer(text: &str) -> Turn<'_> {
        Turn { who: Who::Consumer, text }
    }

    fn count(words: &Words, of: &str) -> f32 {
        let alone = super::words(&[consumer(of)], WEIGHING);
        let hash = alone.features[0].hash;
        words
            .features
            .iter()
            .find(|feature| feature.hash == hash)
            .map_or(0.0, |feature| feature.count)
    }

    #[test]
    fn evidence_adds_up_and_later_turns_count_for_more() {
        let agent = Turn { who: Who::Agent, text: "invoice" };
        let read = words(&[consumer("card refund"), agent, consumer("card")], WEIGHING);
        assert_eq!(count(&read, "card"), 1.5);
        assert_eq!(count(&read, "refund"), 0.5);
        assert_eq!(count(&read, "invoice"), 0.1);
        assert_eq!(count(&read, "parcel"), 0.0);
    }

    #[test]
    fn what_is_long_past_is_not_read() {
        let mut turns = vec![consumer("refund")];
        turns.extend([consumer("card"); 12]);
        assert_eq!(count(&words(&turns, WEIGHING), "refund"), 0.0);
    }

    #[test]
    fn hashes_never_change_since_models_hold_them() {
        let hashes: Vec<u32> =
            words(&[consumer("card")], WEIGHING).features.iter().take(3).map(|f| f.hash).collect();
        assert_eq!(hashes, HASHES);
    }

    /// Of “card”, of “ c” and of “ca”.
    const HASHES: [u32; 3] = [3_839_220_956, 1_776_381_758, 959_239_005];
}
