//! Learns what agents answer to similar messages: conversations in, [`Answers`] out, the same for the same conversations.
//!
//! An answer is the first thing an agent says after the consumer. It counts when it was given, word for word or nearly so, in
//! several conversations, and when nothing in it belongs to one person: no address, no number of more than two digits, no name
//! of who took part. Of what consumers wrote nothing is kept but hashes. How answers are found again is in `engine/model`.

use std::collections::{BTreeMap, BTreeSet};

use dialogo_model::answers::{Answer, Answers, Asked, MOST_ANSWERS, MOST_FEATURES, asked};
use dialogo_model::{Turn, Who, text};

/// A conversation.
#[derive(Debug, Clone, Default)]
pub struct Talk {
    /// Who said what, in order.
    pub turns: Vec<(Who, String)>,
    /// Names of those who took part: an answer that holds one is left out.
    pub names: Vec<String>,
}

/// What was learned, and what it was learned from.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    /// The answers, those given most often first.
    pub answers: Answers,
    /// Answers of agents that were looked at.
    pub seen: usize,
    /// Of these, those that hold something personal.
    pub personal: usize,
}

/// Conversations that an answer must be given in, whoever asks for fewer: one alone is somebody's own.
pub const LEAST: usize = 2;

/// Bytes of an answer that is kept.
const LONGEST: usize = 1_000;
/// Words of an answer that is worth keeping.
const SHORTEST: usize = 3;
/// The share of their words that two answers must have in common to be the same.
const SAME: f32 = 0.8;
/// Different answers that are compared, those given most often.
const MOST_COMPARED: usize = 3_000;

/// What agents answered in at least `least` conversations.
pub fn learn(talks: &[Talk], least: usize) -> Learned {
    let mut learned = Learned::default();
    let mut given: BTreeMap<String, Given> = BTreeMap::new();
    for (at, talk) in talks.iter().enumerate() {
        let names = name_words(talk);
        for (_, answer) in exchanges(talk) {
            learned.seen += 1;
            let Some(key) = key(answer) else { continue };
            if is_personal(answer, &names) {
                learned.personal += 1;
                continue;
            }
            let given = given.entry(key).or_default();
            given.talks.insert(at);
            *given.texts.entry(answer.to_owned()).or_default() += 1;
        }
    }
    let (mut kept, groups) = grouped(given);
    kept.retain(|group| group.talks.len() >= least.max(LEAST));
    kept.sort_by(|a, b| b.talks.len().cmp(&a.talks.len()).then(a.key.cmp(&b.key)));
    kept.truncate(MOST_ANSWERS);
    learned.answers = weighed(talks, &kept, &groups);
    learned
}

/// An answer as it was given, in so many ways and conversations.
#[derive(Debug, Default)]
struct Given {
    key: String,
    talks: BTreeSet<usize>,
    texts: BTreeMap<String, usize>,
}

impl Given {
    /// The way it was given most often.
    fn usual(&self) -> &str {
        let most = self.texts.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
        most.map_or("", |(text, _)| text.as_str())
    }
}

/// What the consumer said, and what an agent answered first.
pub fn exchanges(talk: &Talk) -> impl Iterator<Item = (&[(Who, String)], &str)> {
    let answer = |at: usize| talk.turns.get(at).is_some_and(|(who, _)| *who == Who::Agent);
    (1..talk.turns.len()).filter(move |at| answer(*at) && !answer(at - 1)).map(move |at| {
        let asked = talk.turns[..at].iter().rposition(|(who, _)| *who == Who::Agent);
        (&talk.turns[asked.map_or(0, |before| before + 1)..at], talk.turns[at].1.trim())
    })
}

/// What makes two answers the same at a glance: their words as the model reads them.
fn key(answer: &str) -> Option<String> {
    let words: Vec<String> = text::tokens(answer).into_iter().map(|token| token.text).collect();
    (words.len() >= SHORTEST && answer.len() <= LONGEST).then(|| words.join(" "))
}

/// Whether it holds an address, a number or a name. Longer numbers, amounts and codes are read as `#…`.
fn is_personal(answer: &str, names: &BTreeSet<String>) -> bool {
    answer.contains('@')
        || text::tokens(answer)
            .iter()
            .any(|token| token.text.starts_with('#') || names.contains(&token.text))
}

/// The words of the names; of one or two letters they are particles.
fn name_words(talk: &Talk) -> BTreeSet<String> {
    let words = talk.names.iter().flat_map(|name| text::tokens(name));
    words.map(|token| token.text).filter(|word| word.chars().count() > 2).collect()
}

/// Answers that are nearly the same made one; with them, where each key went.
fn grouped(given: BTreeMap<String, Given>) -> (Vec<Given>, BTreeMap<String, String>) {
    let mut all: Vec<(String, Given)> = given.into_iter().collect();
    all.sort_by(|a, b| b.1.talks.len().cmp(&a.1.talks.len()).then(a.0.cmp(&b.0)));
    let mut kept: Vec<(BTreeSet<String>, Given)> = Vec::new();
    let mut groups = BTreeMap::new();
    for (key, given) in all.into_iter().take(MOST_COMPARED) {
        let words: BTreeSet<String> = key.split(' ').map(str::to_owned).collect();
        match kept.iter_mut().find(|(known, _)| is_same(known, &words)) {
            Some((_, group)) => {
                group.talks.extend(given.talks);
                for (text, times) in given.texts {
                    *group.texts.entry(text).or_default() += times;
                }
                groups.insert(key, group.key.clone());
            }
            None => {
                groups.insert(key.clone(), key.clone());
                kept.push((words, Given { key, ..given }));
            }
        }
    }
    (kept.into_iter().map(|(_, given)| given).collect(), groups)
}

/// Whether two answers are the same word for word or nearly so.
pub fn are_alike(one: &str, other: &str) -> bool {
    let words = |answer: &str| -> BTreeSet<String> {
        text::tokens(answer).into_iter().map(|token| token.text).collect()
    };
    is_same(&words(one), &words(other))
}

fn is_same(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    let common = one.intersection(other).count() as f32;
    common >= SAME * (one.len() + other.len()) as f32 - SAME * common
}

/// The words of what each kept answer was given to.
fn weighed(talks: &[Talk], kept: &[Given], groups: &BTreeMap<String, String>) -> Answers {
    let places: BTreeMap<&str, usize> =
        kept.iter().enumerate().map(|(at, given)| (given.key.as_str(), at)).collect();
    let mut questions: Vec<(usize, Vec<Asked>)> = Vec::new();
    for talk in talks {
        for (question, answer) in exchanges(talk) {
            let group = key(answer).and_then(|key| groups.get(&key));
            let Some(place) = group.and_then(|group| places.get(group.as_str())) else { continue };
            let turns: Vec<Turn<'_>> =
                question.iter().map(|(who, text)| Turn { who: *who, text }).collect();
            questions.push((*place, asked(&turns)));
        }
    }
    let mut held_by: BTreeMap<u32, u32> = BTreeMap::new();
    for word in questions.iter().flat_map(|(_, words)| words) {
        *held_by.entry(word.hash).or_default() += 1;
    }
    let rarity = |held_by: u32| libm::logf(1.0 + questions.len() as f32 / (1 + held_by) as f32);
    let mut sums: Vec<BTreeMap<u32, f32>> = vec![BTreeMap::new(); kept.len()];
    for (place, words) in &questions {
        let weight = |word: &Asked| word.count * rarity(held_by[&word.hash]);
        let length = words.iter().map(|word| weight(word) * weight(word)).sum::<f32>().sqrt();
        for word in words.iter().filter(|_| length > 0.0) {
            *sums[*place].entry(word.hash).or_default() += weight(word) / length;
        }
    }
    let answers: Vec<Answer> = kept
        .iter()
        .zip(sums)
        .map(|(given, sum)| Answer {
            text: given.usual().to_owned(),
            support: given.talks.len() as u32,
            features: strongest(sum),
        })
        .collect();
    let known: BTreeSet<u32> =
        answers.iter().flat_map(|answer| &answer.features).map(|(hash, _)| *hash).collect();
    let rarities = known.into_iter().map(|hash| (hash, rarity(held_by[&hash]))).collect();
    // A greeting that nobody used before must not hide the question after it: it counts like a word that was used once.
    Answers { unknown: rarity(1), rarity: rarities, answers }
}

/// The words that count most, their squares adding up to 1, in the order of their hashes.
fn strongest(sum: BTreeMap<u32, f32>) -> Vec<(u32, f32)> {
    let mut words: Vec<(u32, f32)> = sum.into_iter().collect();
    words.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    words.truncate(MOST_FEATURES);
    words.sort_by_key(|(hash, _)| *hash);
    let length = words.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    words.iter_mut().filter(|_| length > 0.0).for_each(|(_, weight)| *weight /= length);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(turns: &[(Who, &str)]) -> Talk {
        let turns = turns.iter().map(|(who, text)| (*who, (*text).to_owned())).collect();
        Talk { turns, names: vec!["Maria de Souza".into()] }
    }

    fn asked_and_answered(question: &str, answer: &str) -> Talk {
        talk(&[(Who::Consumer, question), (Who::Agent, answer)])
    }

    fn texts(talks: &[Talk], least: usize) -> Vec<(String, u32)> {
        let learned = learn(talks, least).answers.answers;
        learned.into_iter().map(|answer| (answer.text, answer.support)).collect()
    }

    #[test]
    fn what_is_answered_often_is_kept_however_it_is_written() {
        let talks = [
            asked_and_answered("quando vocês abrem?", "Abrimos às 9 da manhã."),
            asked_and_answered("que horas abre a loja", "abrimos as 9 da manhã"),
            asked_and_answered("a loja abre quando", "Abrimos às 9 da manhã."),
            asked_and_answered("cadê o pedido", "Ele sai hoje para entrega."),
        ];
        assert_eq!(texts(&talks, 3), [("Abrimos às 9 da manhã.".to_owned(), 3)]);
        let learned = learn(&talks, 3).answers;
        let asked = [Turn { who: Who::Consumer, text: "quando a loja abre?" }];
        let near = learned.nearest(&asked, 3);
        assert!(near[0].likeness > 0.4, "{near:?}");
        assert_eq!(learn(&talks, 3).answers.write(), learned.write(), "the same from the same");
    }

    #[test]
    fn one_conversation_is_never_enough() {
        let twice = talk(&[
            (Who::Consumer, "abre?"),
            (Who::Agent, "Abrimos às 9 da manhã."),
            (Who::Consumer, "abre mesmo?"),
            (Who::Agent, "Abrimos às 9 da manhã."),
        ]);
        assert_eq!(texts(&[twice], 1), []);
    }

    #[test]
    fn nothing_personal_is_kept() {
        for answer in [
            "Mandei para maria@example.com agora",
            "O protocolo é 20260115004711, guarde-o",
            "São R$ 120,50 no total",
            "Ligue para 0800 123 4567, por favor",
            "Bom dia, Maria, tudo bem?",
            "Senhora Souza, um momento",
        ] {
            let talks = vec![asked_and_answered("oi, pode ver?", answer); 3];
            assert_eq!(texts(&talks, 2), [], "{answer}");
            assert_eq!(learn(&talks, 2).personal, 3);
        }
        let particle = vec![asked_and_answered("cadê?", "Sai de São Paulo hoje"); 2];
        assert_eq!(texts(&particle, 2).len(), 1, "`de` is no name");
    }

    #[test]
    fn only_the_first_answer_to_a_consumer_counts() {
        let talks = vec![
            talk(&[
                (Who::Agent, "Olá, bem vindo ao chat"),
                (Who::Consumer, "oi"),
                (Who::Consumer, "a segunda via"),
                (Who::Agent, "Já segue por aqui mesmo"),
                (Who::Agent, "Mais alguma coisa então?"),
            ]);
            2
        ];
        assert_eq!(texts(&talks, 2), [("Já segue por aqui mesmo".to_owned(), 2)]);
        assert_eq!(learn(&talks, 2).seen, 2);
        assert_eq!(texts(&[], 2), []);
    }
}
