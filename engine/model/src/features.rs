//! From tokens to features: words, pairs of neighbours, and pieces of words, each named by a hash.
//!
//! A conversation is one bag of features to which every turn adds: the consumer's newest words count in full, older ones a
//! little less, the agent's for what they are worth. So evidence adds up, and later turns can overturn what came before. A
//! feature remembers the tokens it came from, so that a suggestion can say which words led to it. Rejected: pairs of words
//! further apart (no gain on held-out texts for a third more features). Next: [`crate::model`] for what they weigh.

use crate::text::{self, Token};

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
    let mut index = Index::with_room(room);
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
        let mut add = |hash, family, last| {
            let (first, last) = (at as u16, last as u16);
            index.add(features, Feature { hash, family, count: weight, first, last });
        };
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
    let kind = Hash::of(b'c');
    for from in 0..count {
        // A longer piece goes on where the shorter one ended.
        let mut piece = kind;
        for size in 1..=(*PIECES.end()).min(count - from) {
            let to = from + size;
            piece = piece.and(&bordered[starts[to - 1]..starts[to]]);
            if PIECES.contains(&size) {
                add(piece.and(&MARK).end());
            }
        }
    }
}

/// FNV-1a over kind and parts with a mark between them, and its bits mixed.
fn hash(kind: u8, first: &[u8], second: &[u8]) -> u32 {
    Hash::of(kind).and(first).and(&MARK).and(second).end()
}

/// What stands between the parts of a name, and in no text.
const MARK: [u8; 1] = [0xff];

/// A hash on its way.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Hash {
    fn of(kind: u8) -> Self {
        Self(0xcbf2_9ce4_8422_2325).and(&[kind])
    }

    fn and(self, bytes: &[u8]) -> Self {
        let eat = |state: u64, byte: &u8| (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self(bytes.iter().fold(self.0, eat))
    }

    fn end(self) -> u32 {
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 32) as u32
    }
}

/// Where the feature of a hash stands: open places, the hash's own first. Only looked up, never walked.
struct Index {
    /// One more than the feature's place; 0: free. A power of two, at least half of them free.
    places: Vec<u32>,
}

impl Index {
    fn with_room(features: usize) -> Self {
        Self { places: vec![0; (2 * features).next_power_of_two().max(2)] }
    }

    fn add(&mut self, features: &mut Vec<Feature>, feature: Feature) {
        let place = self.place(features, feature.hash);
        match self.places[place] {
            0 => {
                features.push(feature);
                self.places[place] = features.len() as u32;
                if 2 * features.len() > self.places.len() {
                    self.grow(features);
                }
            }
            at => features[at as usize - 1].count += feature.count,
        }
    }

    /// Where a hash stands, or the free place where it belongs.
    fn place(&self, features: &[Feature], hash: u32) -> usize {
        let last = self.places.len() - 1;
        let mut place = hash as usize & last;
        while let Some(before) = self.places[place].checked_sub(1) {
            if features[before as usize].hash == hash {
                break;
            }
            place = (place + 1) & last;
        }
        place
    }

    fn grow(&mut self, features: &[Feature]) {
        *self = Self::with_room(2 * features.len());
        for (at, feature) in features.iter().enumerate() {
            let place = self.place(&features[..at], feature.hash);
            self.places[place] = at as u32 + 1;
        }
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
        let words = words(&[consumer("card")], WEIGHING);
        let hashes = [0, 1, 5].map(|at| words.features[at].hash);
        assert_eq!(hashes, HASHES);
    }

    /// Of “card”, of “ c” and of “ca”.
    const HASHES: [u32; 3] = [3_839_220_956, 1_776_381_758, 959_239_005];
}
