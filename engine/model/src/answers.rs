//! What agents answered to similar messages: written by the trainer (`engine/learn`), asked by the plugin `replies`.
//!
//! Of what was asked only hashes of words and pairs are kept, of what was answered the text. Likeness is the cosine of the
//! weighted words of what was asked to those of what is asked now. Without I/O, and the same everywhere like all of this crate.

use crate::bytes::{Damaged, Reader, Writer};
use crate::features::{self, Family, Turn, Weighing, Who};

/// How a file of answers begins.
const MAGIC: &[u8] = b"dialogo answers 1\n";

/// Answers that are kept at most; with all their words some 300 KiB.
pub const MOST_ANSWERS: usize = 500;

/// Words and pairs that are kept of what an answer was given to.
pub const MOST_FEATURES: usize = 64;

/// Each older message of a question counts for this share of the one after it.
const WEIGHING: Weighing = Weighing { fading: 0.6, agent: 0.0 };

/// An answer that was given often.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// As it was given.
    pub text: String,
    /// In how many conversations.
    pub support: u32,
    /// Words of what it was given to, by hash, their squares adding up to 1.
    pub features: Vec<(u32, f32)>,
}

/// All answers, with what tells their words apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    /// What a word counts that is not known.
    pub unknown: f32,
    /// What each known word counts, by hash, in ascending order.
    pub rarity: Vec<(u32, f32)>,
    /// The answers.
    pub answers: Vec<Answer>,
}

/// An answer that was given to something similar.
#[derive(Debug, Clone, PartialEq)]
pub struct Near<'a> {
    /// The answer.
    pub answer: &'a Answer,
    /// 0 to 1.
    pub likeness: f32,
    /// Words they have in common: the turn, and the byte range in its text; the strongest first.
    pub words: Vec<(usize, usize, usize)>,
}

/// A word of a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Its hash.
    pub hash: u32,
    /// How much it counts, by the age of its message; at most 1.
    pub count: f32,
    /// Where it was typed first: the turn, and the byte range in its text.
    pub place: (usize, usize, usize),
}

/// The words and pairs of what the consumer says in these turns.
pub fn asked(turns: &[Turn<'_>]) -> Vec<Asked> {
    let words = features::words(turns, WEIGHING);
    let of_words = words.features.iter().filter(|feature| feature.family == Family::Word);
    let asked = |feature: &features::Feature| {
        let (turn, first) = &words.tokens[usize::from(feature.first)];
        let (_, last) = &words.tokens[usize::from(feature.last)];
        Asked {
            hash: feature.hash,
            count: feature.count.min(1.0),
            place: (usize::from(*turn), first.start, last.end.max(first.end)),
        }
    };
    of_words.map(asked).collect()
}

/// What the consumer has said since an agent spoke last.
pub fn unanswered<'t, 'a>(turns: &'t [Turn<'a>]) -> &'t [Turn<'a>] {
    let answered = turns.iter().rposition(|turn| turn.who == Who::Agent);
    &turns[answered.map_or(0, |at| at + 1)..]
}

impl Answers {
    /// The answers given to what is most like this, at most `most`. `turns` are the consumer's.
    pub fn nearest(&self, turns: &[Turn<'_>], most: usize) -> Vec<Near<'_>> {
        if self.answers.is_empty() {
            return Vec::new();
        }
        let mut asked = asked(turns);
        for word in &mut asked {
            word.count *= self.rarity(word.hash);
        }
        let length = asked.iter().map(|word| word.count * word.count).sum::<f32>().sqrt();
        if length <= 0.0 {
            return Vec::new();
        }
        asked.sort_by_key(|word| word.hash);
        let mut near: Vec<Near<'_>> =
            self.answers.iter().filter_map(|answer| like(answer, &asked, length)).collect();
        // Stable: of those equally near, the one given more often, in whose order they are kept.
        near.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
        near.truncate(most);
        near
    }

    fn rarity(&self, hash: u32) -> f32 {
        let known = self.rarity.binary_search_by_key(&hash, |(hash, _)| *hash);
        known.map_or(self.unknown, |at| self.rarity[at].1)
    }

    /// As bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut writer = Writer(MAGIC.to_vec());
        let pairs = |writer: &mut Writer, pairs: &[(u32, f32)]| {
            writer.u32(pairs.len() as u32);
            for (hash, value) in pairs {
                writer.u32(*hash);
                writer.f32(*value);
            }
        };
        writer.f32(self.unknown);
        pairs(&mut writer, &self.rarity);
        writer.u32(self.answers.len() as u32);
        for answer in &self.answers {
            writer.text(&answer.text);
            writer.u32(answer.support);
            pairs(&mut writer, &answer.features);
        }
        writer.0
    }

    /// From such bytes.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut reader = Reader::new(bytes);
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(Damaged("it does not begin like answers"));
        }
        let pairs = |reader: &mut Reader<'_>, most: usize| {
            let count = reader.count(most)?;
            (0..count)
                .map(|_| Ok((reader.u32()?, reader.f32()?)))
                .collect::<Result<Vec<_>, Damaged>>()
        };
        let unknown = reader.f32()?;
        let rarity = pairs(&mut reader, MOST_ANSWERS * MOST_FEATURES)?;
        let count = reader.count(MOST_ANSWERS)?;
        let mut answers = Vec::new();
        for _ in 0..count {
            let text = reader.text()?;
            let support = reader.u32()?;
            answers.push(Answer { text, support, features: pairs(&mut reader, MOST_FEATURES)? });
        }
        Ok(Self { unknown, rarity, answers })
    }
}

/// How like an answer's questions this one is; `None`: not at all. Both are in the order of their hashes.
fn like<'a>(answer: &'a Answer, asked: &[Asked], length: f32) -> Option<Near<'a>> {
    let mut shared: Vec<(f32, (usize, usize, usize))> = Vec::new();
    let mut known = answer.features.iter().peekable();
    for word in asked {
        while known.peek().is_some_and(|(hash, _)| *hash < word.hash) {
            known.next();
        }
        if let Some((_, weight)) = known.peek().filter(|(hash, _)| *hash == word.hash) {
            shared.push((weight * word.count, word.place));
        }
    }
    let likeness = shared.iter().map(|(weight, _)| weight).sum::<f32>() / length;
    shared.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let words = shared.into_iter().map(|(_, place)| place).collect();
    (likeness > 0.0).then(|| Near { answer, likeness: likeness.min(1.0), words })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consumer(text: &str) -> Turn<'_> {
        Turn { who: Who::Consumer, text }
    }

    fn answers() -> Answers {
        let of = |text: &str, question: &str| {
            let words = asked(&[consumer(question)]);
            let each = 1.0 / (words.len() as f32).sqrt();
            let mut features: Vec<(u32, f32)> =
                words.iter().map(|word| (word.hash, each)).collect();
            features.sort_by_key(|(hash, _)| *hash);
            Answer { text: text.into(), support: 3, features }
        };
        let answers =
            vec![of("By e-mail.", "where is my slip"), of("At nine.", "when do you open")];
        Answers { unknown: 1.0, rarity: Vec::new(), answers }
    }

    #[test]
    fn what_is_like_it_is_found_with_the_words_they_share() {
        let all = answers();
        let near = all.nearest(&[consumer("Where is the SLIP?")], 3);
        assert_eq!(near[0].answer.text, "By e-mail.");
        assert!((0.3..0.9).contains(&near[0].likeness), "{near:?}");
        let (turn, start, end) = near[0].words[0];
        assert_eq!((turn, &"Where is the SLIP?"[start..end]), (0, "Where"));
        assert!(all.nearest(&[consumer("boleto")], 3).is_empty());
        assert!(all.nearest(&[consumer("…")], 3).is_empty());
        let same = all.nearest(&[consumer("when do you open")], 1);
        assert!((same[0].likeness - 1.0).abs() < 1e-5, "{same:?}");
    }

    #[test]
    fn only_what_nobody_answered_is_asked() {
        let turns = [consumer("a"), Turn { who: Who::Agent, text: "b" }, consumer("c")];
        assert_eq!(unanswered(&turns), [consumer("c")]);
        assert_eq!(unanswered(&turns[..1]), [consumer("a")]);
        assert_eq!(unanswered(&turns[..2]), []);
    }

    #[test]
    fn written_and_read_they_are_the_same_and_damage_is_told() {
        let bytes = answers().write();
        assert_eq!(Answers::read(&bytes), Ok(answers()));
        for end in 0..bytes.len() {
            assert!(Answers::read(&bytes[..end]).is_err(), "{end} bytes");
        }
        let mut odd = answers();
        odd.unknown = f32::NAN;
        assert_eq!(Answers::read(&odd.write()), Err(Damaged("a number is not finite")));
    }
}
