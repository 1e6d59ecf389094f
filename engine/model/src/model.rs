//! A learned model: its parts, its bytes, and what it makes of a conversation.
//!
//! Two views of the same features are added up: *wide*, a weight of each feature for each class, and *deep*, a small vector of
//! each feature, summed, bent, and weighed for each class. Both stand in one row of small integers, so one walk over a text's
//! features serves both. What is *not* a reason the desk knows is judged from the shape of the result ([`Doubt`]).
//! Next: [`crate::why`] for which words led to it.

use crate::bytes::{Damaged, Reader, Writer};
use crate::features::{FAMILIES, Family, Turn, Weighing, Words, words};
use crate::whole::Whole;

/// First bytes of a model, with the version of the format and of the features.
const MAGIC: &[u8; 8] = b"DLGMODL1";

/// Classes at most.
const MOST_CLASSES: usize = 4_096;
/// Width of the deep part at most.
const MOST_WIDTH: usize = 1_024;
/// Rows at most.
const MOST_ROWS: usize = 4_000_000;

/// A class the model knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// The node's id.
    pub name: String,
    /// Below this confidence it was not right often enough while calibrating; 0 when it always was.
    pub threshold: f32,
    /// Texts it was learned from.
    pub support: u32,
}

/// How sure it is that a text is about none of the classes: a logistic judge over [`Signs`].
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// A weight for each sign, and the constant.
    pub weights: [f32; SIGNS + 1],
    /// Above this probability the answer is “I do not know”.
    pub threshold: f32,
}

/// How many signs there are.
pub const SIGNS: usize = 6;

/// What the shape of a result says about whether it means anything, each roughly between −3 and 3.
pub type Signs = [f32; SIGNS];

/// All parts of a model but its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// In the order of the columns.
    pub classes: Vec<Class>,
    /// The column that stands for “none of them”, where the data had such texts. Never suggested.
    pub none: Option<u32>,
    /// What turns count for.
    pub weighing: Weighing,
    /// Constant of each class, wide and deep together.
    pub bias: Vec<f32>,
    /// Constant of each place of the middle.
    pub bend: Vec<f32>,
    /// A row for each class: the middle's weights.
    pub out: Vec<f32>,
    /// The judge of what it does not know.
    pub doubt: Doubt,
}

/// A feature's row before it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// The feature's hash.
    pub hash: u32,
    /// Its family.
    pub family: Family,
    /// How rare it is.
    pub rarity: f32,
    /// Its weight for each class, scale and temperature included.
    pub wide: &'a [f32],
    /// Its vector.
    pub deep: &'a [f32],
}

/// Writes a model. `rows` in ascending order of their hashes.
pub fn write(head: &Head, rows: &[Row<'_>]) -> Vec<u8> {
    let mut out = Writer(MAGIC.to_vec());
    out.u32(head.classes.len() as u32);
    out.u32(head.bend.len() as u32);
    out.u32(rows.len() as u32);
    out.u32(head.none.map_or(0, |none| none + 1));
    out.f32s(&[head.weighing.fading, head.weighing.agent]);
    for class in &head.classes {
        out.text(&class.name);
        out.f32(class.threshold);
        out.u32(class.support);
    }
    out.f32s(&head.bias);
    out.f32s(&head.bend);
    out.f32s(&head.out);
    out.f32s(&head.doubt.weights);
    out.f32(head.doubt.threshold);
    for row in rows {
        out.u32(row.hash);
        out.f32(row.rarity);
        out.f32(scale(row.wide));
        out.f32(scale(row.deep));
        out.0.push(row.family as u8);
    }
    for row in rows {
        for values in [row.wide, row.deep] {
            let scale = scale(values);
            out.0.extend(values.iter().map(|value| (value / scale).round() as i8 as u8));
        }
    }
    out.0
}

/// What one step of a row's small integers stands for.
fn scale(values: &[f32]) -> f32 {
    let most = values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    if most > 0.0 { most / 127.0 } else { 1.0 }
}

/// Bytes that a row takes.
pub fn row_bytes(classes: usize, width: usize) -> usize {
    17 + classes + width
}

/// A model that has been read.
#[derive(Debug)]
pub struct Model {
    head: Head,
    /// In ascending order, by row: what a lookup walks over is small.
    hashes: Vec<u32>,
    /// By row.
    known: Vec<Known>,
    /// For the hash's top bits, where its rows begin.
    buckets: Vec<u32>,
    shift: u32,
    bytes: Vec<u8>,
    cells: usize,
}

/// A row without its weights.
#[derive(Debug, Clone, Copy)]
struct Known {
    rarity: f32,
    wide: f32,
    deep: f32,
    family: u8,
}

/// What a model makes of a conversation.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Tokens and features.
    pub words: Words,
    /// Of the features that are known: their place in `words.features`, their row, and their value.
    pub(crate) known: Vec<(u32, u32, f32)>,
    /// The middle after the bend.
    pub(crate) middle: Vec<f32>,
    /// A margin for each class; softmax of them are the probabilities.
    pub scores: Vec<f32>,
    /// A probability for each class, adding up to one with the column of “none”.
    pub probabilities: Vec<f32>,
    /// What the doubt was judged by.
    pub signs: Signs,
    /// The probability that it is about none of the classes.
    pub doubt: f32,
}

impl Model {
    /// Reads a model; checks all that could lead outside of it.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Damaged> {
        let mut from = Reader::new(&bytes);
        if from.take(MAGIC.len())? != MAGIC {
            return Err(Damaged("it does not begin as one, or was written by another version"));
        }
        let classes = from.count(MOST_CLASSES)?;
        let width = from.count(MOST_WIDTH)?;
        let rows = from.count(MOST_ROWS)?;
        let none = from.count(classes)?.checked_sub(1).map(|none| none as u32);
        let weighing = Weighing { fading: from.f32()?, agent: from.f32()? };
        let class = |from: &mut Reader<'_>| {
            Ok(Class { name: from.text()?, threshold: from.f32()?, support: from.u32()? })
        };
        let named = (0..classes).map(|_| class(&mut from)).collect::<Result<_, Damaged>>()?;
        let bias = from.f32s(classes)?;
        let bend = from.f32s(width)?;
        let out = from.f32s(classes * width)?;
        let mut weights = [0.0; SIGNS + 1];
        weights.copy_from_slice(&from.f32s(SIGNS + 1)?);
        let doubt = Doubt { weights, threshold: from.f32()? };
        let head = Head { classes: named, none, weighing, bias, bend, out, doubt };
        let mut hashes = Vec::new();
        let mut known = Vec::new();
        for _ in 0..rows {
            hashes.push(from.u32()?);
            let (rarity, wide, deep) = (from.f32()?, from.f32()?, from.f32()?);
            let family = from.take(1)?[0];
            known.push(Known { rarity, wide, deep, family });
        }
        if known.iter().any(|row| usize::from(row.family) >= FAMILIES) {
            return Err(Damaged("a feature is of no known family"));
        }
        if !hashes.is_sorted() {
            return Err(Damaged("its features are out of order"));
        }
        let cells = from.at();
        from.take(rows * (classes + width))?;
        if from.at() != bytes.len() {
            return Err(Damaged("it goes on after its end"));
        }
        let bits = usize::BITS - rows.max(1).leading_zeros();
        let shift = 32 - bits.min(24);
        let buckets = buckets(&hashes, shift);
        Ok(Self { head, hashes, known, buckets, shift, bytes, cells })
    }

    /// All but the rows.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// How many features it knows.
    pub fn rows(&self) -> usize {
        self.known.len()
    }

    /// What it makes of a conversation whose turns stand in their order.
    pub fn read(&self, turns: &[Turn<'_>]) -> Reading {
        self.read_words(words(turns, self.head.weighing))
    }

    /// What it makes of words.
    pub fn read_words(&self, words: Words) -> Reading {
        let (known, coverage) = self.weigh(&words);
        let classes = self.head.classes.len();
        let mut scores = self.head.bias.clone();
        let mut middle = self.head.bend.clone();
        let (wide, deep): (Vec<&[u8]>, Vec<&[u8]>) =
            known.iter().map(|(_, row, _)| self.cells(*row).split_at(classes)).unzip();
        let of = |row: u32| &self.known[row as usize];
        Whole::of(known.iter().map(|(_, row, value)| value * of(*row).wide))
            .add(&wide, &mut scores);
        Whole::of(known.iter().map(|(_, row, value)| value * of(*row).deep))
            .add(&deep, &mut middle);
        middle.iter_mut().for_each(|value| *value = value.max(0.0));
        if !middle.is_empty() {
            for (score, out) in scores.iter_mut().zip(self.head.out.chunks_exact(middle.len())) {
                *score += dot(out, &middle);
            }
        }
        let probabilities = softmax(&scores);
        let signs = signs(&scores, &probabilities, self.head.none, coverage, &words);
        let doubt = if known.is_empty() { 1.0 } else { self.head.doubt.judge(&signs) };
        Reading { words, known, middle, scores, probabilities, signs, doubt }
    }

    /// The features that are known with their values, and the share of the words that is.
    fn weigh(&self, words: &Words) -> (Vec<(u32, u32, f32)>, f32) {
        let mut known = Vec::with_capacity(words.features.len());
        let mut squares = [0.0f32; FAMILIES];
        let mut unknown = 0u32;
        let mut single = 0u32;
        for (at, feature) in words.features.iter().enumerate() {
            let is_word = feature.is_word();
            single += u32::from(is_word);
            let Some(row) = self.find(feature.hash) else {
                unknown += u32::from(is_word);
                continue;
            };
            let value = sublinear(feature.count) * self.known[row as usize].rarity;
            squares[feature.family as usize] += value * value;
            known.push((at as u32, row, value));
        }
        let scale = squares.map(|sum| if sum > 0.0 { 1.0 / sum.sqrt() } else { 0.0 });
        for (at, _, value) in &mut known {
            *value *= scale[words.features[*at as usize].family as usize];
        }
        let coverage = if single == 0 { 0.0 } else { 1.0 - unknown as f32 / single as f32 };
        (known, coverage)
    }

    fn find(&self, hash: u32) -> Option<u32> {
        let bucket = (hash >> self.shift) as usize;
        let (from, to) = (self.buckets[bucket] as usize, self.buckets[bucket + 1] as usize);
        let at = self.hashes[from..to].iter().position(|known| *known == hash)?;
        Some((from + at) as u32)
    }

    pub(crate) fn cells(&self, row: u32) -> &[u8] {
        let size = self.head.classes.len() + self.head.bend.len();
        let from = self.cells + row as usize * size;
        &self.bytes[from..from + size]
    }

    pub(crate) fn scales(&self, row: u32) -> (f32, f32) {
        let known = &self.known[row as usize];
        (known.wide, known.deep)
    }
}

fn buckets(hashes: &[u32], shift: u32) -> Vec<u32> {
    let count = (u32::MAX >> shift) as usize + 2;
    let mut buckets = vec![0u32; count];
    for hash in hashes {
        buckets[(hash >> shift) as usize + 1] += 1;
    }
    for at in 1..count {
        buckets[at] += buckets[at - 1];
    }
    buckets
}

/// A feature that occurs twice is not twice as telling.
pub fn sublinear(count: f32) -> f32 {
    if count <= 1.0 { count } else { 1.0 + libm::logf(count) }
}

/// The sum of the products, in eight lanes: the order of the additions is fixed and vectors can be used.
#[inline]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder());
    let rest: f32 = rest.map(|(a, b)| a * b).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// Probabilities that add up to one.
pub fn softmax(scores: &[f32]) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut out: Vec<f32> = scores.iter().map(|score| libm::expf(score - most)).collect();
    let sum: f32 = out.iter().sum();
    out.iter_mut().for_each(|value| *value /= sum);
    out
}

/// The signs of a result.
pub fn signs(
    scores: &[f32],
    probabilities: &[f32],
    none: Option<u32>,
    coverage: f32,
    words: &Words,
) -> Signs {
    let is_none = |at: &usize| none == Some(*at as u32);
    let (mut first, mut second) = (f32::MIN, f32::MIN);
    let mut best = 0;
    for (at, &score) in scores.iter().enumerate().filter(|(at, _)| !is_none(at)) {
        if score > first {
            (second, first, best) = (first, score, at);
        } else if score > second {
            second = score;
        }
    }
    if second == f32::MIN {
        second = first;
    }
    let sure = probabilities.get(best).copied().unwrap_or(0.0);
    let none =
        none.map_or(0.0, |none| libm::logf((probabilities[none as usize] + 1e-4) / (sure + 1e-4)));
    let spread: f32 = probabilities.iter().map(|p| -p * libm::logf(p + 1e-9)).sum();
    let length = libm::logf(1.0 + words.tokens.len() as f32);
    [
        first.clamp(-40.0, 40.0) * 0.2,
        (first - second) * 0.2,
        spread,
        none * 0.2,
        coverage * 2.0,
        length,
    ]
}

impl Doubt {
    /// The probability that the signs are those of a text about nothing that is known.
    pub fn judge(&self, signs: &Signs) -> f32 {
        let sum =
            self.weights[SIGNS] + signs.iter().zip(&self.weights).map(|(s, w)| s * w).sum::<f32>();
        1.0 / (1.0 + libm::expf(-sum))
    }
}

impl Reading {
    /// Whether nothing of it is known: then there is nothing to go by but how frequent the classes are.
    pub fn is_blank(&self) -> bool {
        self.known.is_empty()
    }

    /// The confidence of a class: its probability, unless it is about none of them.
    pub fn confidence(&self, class: usize) -> f32 {
        self.probabilities[class]
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Doubt, Head, MAGIC, Model, Row, SIGNS, write};
    use crate::features::{Family, Turn, Weighing, Who, words};
    use crate::why::Reasons;

    const WEIGHING: Weighing = Weighing { fading: 0.8, agent: 0.3 };

    fn turn(text: &str) -> [Turn<'_>; 1] {
        [Turn { who: Who::Consumer, text }]
    }

    /// Knows “refund” and “parcel”, and nothing else.
    fn small() -> Vec<u8> {
        let class = |name: &str| Class { name: name.to_owned(), threshold: 0.0, support: 3 };
        let head = Head {
            classes: vec![class("money"), class("post")],
            none: None,
            weighing: WEIGHING,
            bias: vec![0.1, 0.0],
            bend: vec![0.0],
            out: vec![0.5, -0.5],
            doubt: Doubt { weights: [0.0; SIGNS + 1], threshold: 0.9 },
        };
        let hash = |word: &str| words(&turn(word), WEIGHING).features[0].hash;
        let mut rows =
            vec![(hash("refund"), [2.0f32, -2.0], [1.0f32]), (hash("parcel"), [-3.0, 3.0], [-1.0])];
        rows.sort_by_key(|row| row.0);
        let row = |(hash, wide, deep): &'static (u32, [f32; 2], [f32; 1])| Row {
            hash: *hash,
            family: Family::Word,
            rarity: 1.5,
            wide,
            deep,
        };
        let rows: Vec<Row<'_>> = Box::leak(Box::new(rows)).iter().map(row).collect();
        write(&head, &rows)
    }

    #[test]
    fn what_is_written_is_read_and_scored() {
        let model = Model::open(small()).expect("reads");
        let money = model.read(&turn("a refund please"));
        assert!(money.confidence(0) > 0.95, "{:?}", money.probabilities);
        let post = model.read(&turn("the parcel"));
        assert!(post.confidence(1) > 0.95, "{:?}", post.probabilities);
        assert!(model.read(&turn("good morning")).is_blank());
        assert!(model.read(&[]).is_blank());
    }

    #[test]
    fn the_words_that_led_to_it_are_told() {
        let model = Model::open(small()).expect("reads");
        let text = "the refund, not the parcel";
        let reading = model.read(&turn(text));
        let told = |class| -> Vec<&str> {
            let reasons = Reasons::of(&model, &reading, &[class]).why(0, 3);
            reasons.iter().map(|reason| &text[reason.start..reason.end]).collect()
        };
        assert_eq!(told(0), ["refund"]);
        assert_eq!(told(1), ["parcel"]);
    }

    #[test]
    fn damaged_bytes_are_refused_and_never_read_past_their_end() {
        let good = small();
        for end in 0..good.len() {
            assert!(Model::open(good[..end].to_vec()).is_err(), "cut at {end}");
        }
        for at in 0..good.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[at] ^= flip;
                // Either it is refused, or it reads texts without a panic.
                if let Ok(model) = Model::open(bad) {
                    drop(model.read(&turn("a refund for the parcel")));
                }
            }
        }
        let mut longer = good;
        longer.push(0);
        assert!(Model::open(longer).is_err());
        assert!(Model::open(MAGIC.to_vec()).is_err());
    }
}
