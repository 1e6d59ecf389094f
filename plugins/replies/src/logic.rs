//! Which replies fit: pure, without the host.
//!
//! A word of the consumer's speaks for a reply when it stands in its id, its title or its text, or when a hint of the
//! settings says so; the more replies it speaks for, the less it says. What was answered to similar messages stands beside
//! them, as sure as the messages are alike. What an agent has already said is not suggested again.

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap};

use dialogo_model::answers::{Near, unanswered};
use dialogo_model::{Answers, Turn, Who};
use serde::Deserialize;

use crate::canned::{MOST_TOLD, NAMED, Reasons, Shelf, is_said_in, stems};
use crate::words::{Word, words};

/// What an admin may set; the schema says more.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Below this confidence nothing is suggested.
    pub least: f32,
    /// The consumer's last messages that are looked at.
    pub turns: usize,
    /// Words that speak for replies.
    pub hint: Vec<Hint>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { least: 0.5, turns: 3, hint: Vec::new() }
    }
}

/// Words that speak for a reply.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// Its id.
    pub reply: String,
    /// Words, or several that stand together.
    pub words: Vec<String>,
}

/// A reply that the desk keeps ready.
#[derive(Debug, Clone, Copy)]
pub struct Canned<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Its text, with placeholders in braces.
    pub text: &'a str,
}

/// Where a reply comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// The desk keeps it ready, under this id.
    Canned(&'a str),
    /// Agents answered it, in so many conversations.
    Answered(u32),
}

/// A reply that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'a> {
    /// Where it comes from.
    pub of: Source<'a>,
    /// The reply.
    pub text: &'a str,
    /// 0 to 1.
    pub confidence: f32,
    /// The consumer's words that led to it, the strongest first.
    pub words: Vec<String>,
}

/// What each older message of the consumer is worth beside the one after it.
const FADING: f32 = 0.6;
/// Answers that are looked at, of which some may have been said or be canned replies.
const MOST_ANSWERED: usize = 10;

/// The settings, ready for use.
#[derive(Debug)]
pub struct Rules {
    least: f32,
    turns: usize,
    /// By the first word of their words.
    hints: HashMap<String, Vec<Phrase>>,
    answers: Answers,
}

/// Words that speak for a reply where they stand together.
#[derive(Debug)]
struct Phrase {
    reply: String,
    stems: Vec<String>,
}

impl Rules {
    /// The rules of these settings, with what agents answered before.
    ///
    /// # Errors
    /// Hints that can never be found, each with its JSON pointer.
    pub fn new(settings: &Settings, answers: Answers) -> Result<Self, Vec<(String, String)>> {
        let mut hints: HashMap<String, Vec<Phrase>> = HashMap::new();
        let mut wrong = Vec::new();
        for (at, hint) in settings.hint.iter().enumerate() {
            for (place, phrase) in hint.words.iter().enumerate() {
                let stems: Vec<String> = words(phrase).into_iter().map(|word| word.stem).collect();
                if stems.iter().all(String::is_empty) {
                    let what =
                        format!("“{phrase}” says nothing by itself: write a word of its subject");
                    wrong.push((format!("/hint/{at}/words/{place}"), what));
                }
                if let Some(first) = stems.first() {
                    let phrases = hints.entry(first.clone()).or_default();
                    phrases.push(Phrase { reply: hint.reply.clone(), stems });
                }
            }
        }
        if wrong.is_empty() {
            Ok(Self { least: settings.least, turns: settings.turns, hints, answers })
        } else {
            Err(wrong)
        }
    }

    /// The replies that fit what the consumer said last, the surest first, at most `limit`.
    pub fn suggest<'a>(
        &'a self,
        turns: &[Turn<'_>],
        shelf: &'a Shelf,
        limit: usize,
    ) -> Vec<Found<'a>> {
        let asked: Vec<Vec<Word<'_>>> = turns
            .iter()
            .rev()
            .filter(|turn| turn.who == Who::Consumer)
            .take(self.turns)
            .map(|turn| words(turn.text))
            .collect();
        let said: LazyCell<Vec<BTreeSet<String>>, _> = LazyCell::new(|| {
            let agents = turns.iter().filter(|turn| turn.who == Who::Agent);
            agents.map(|turn| stems(turn.text)).collect()
        });
        let is_new = |words: &BTreeSet<String>| !said.iter().any(|said| is_said_in(words, said));
        let mut found = self.canned(&asked, shelf);
        found.retain(|(at, _)| is_new(&shelf.kept[*at].words));
        let mut found: Vec<Found<'a>> = found.into_iter().map(|(_, found)| found).collect();
        found.extend(self.answered(unanswered(turns)).into_iter().filter(|one| {
            let words = stems(one.text);
            !shelf.kept.iter().any(|kept| kept.words == words) && is_new(&words)
        }));
        // Stable: of those equally sure, canned ones in the order of the file come first.
        found.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
        found.truncate(limit);
        found
    }

    /// What agents answered to what is most like this.
    fn answered(&self, turns: &[Turn<'_>]) -> Vec<Found<'_>> {
        let found = |near: Near<'_>| {
            let words =
                near.words.iter().map(|(turn, start, end)| &turns[*turn].text[*start..*end]);
            let mut told: Vec<String> = Vec::new();
            for word in words.filter(|word| !stems(word).is_empty()) {
                if told.len() < MOST_TOLD && !told.iter().any(|known| known == word) {
                    told.push(word.to_owned());
                }
            }
            (near.likeness, told)
        };
        let near = self.answers.nearest(turns, MOST_ANSWERED).into_iter();
        near.filter(|near| near.likeness >= self.least)
            .map(|near| {
                let (of, text) = (Source::Answered(near.answer.support), near.answer.text.as_str());
                let (confidence, words) = found(near);
                Found { of, text, confidence, words }
            })
            .filter(|found| !found.words.is_empty())
            .collect()
    }

    /// The canned replies that fit, with their places, in the order of the file.
    fn canned<'a>(&self, asked: &[Vec<Word<'_>>], shelf: &'a Shelf) -> Vec<(usize, Found<'a>)> {
        let mut reasons: Vec<Reasons> = shelf.kept.iter().map(|_| Reasons::default()).collect();
        let mut weight = 1.0;
        for message in asked {
            for word in message {
                for (at, worth) in shelf.spoken_for(&word.stem) {
                    reasons[*at].add(&word.stem, word.typed, worth * weight);
                }
            }
            for (phrase, typed) in self.phrases(message) {
                let of = shelf.kept.iter().position(|kept| kept.id == phrase.reply);
                if let Some(at) = of {
                    reasons[at].add(&phrase.stems.join(" "), &typed, NAMED * weight);
                }
            }
            weight *= FADING;
        }
        let fits = |(at, reasons): (usize, Reasons)| {
            let (kept, confidence) = (&shelf.kept[at], reasons.confidence());
            (confidence > 0.0 && confidence >= self.least).then(|| {
                let (of, text) = (Source::Canned(&kept.id), kept.text.as_str());
                (at, Found { of, text, confidence, words: reasons.strongest() })
            })
        };
        reasons.into_iter().enumerate().filter_map(fits).collect()
    }

    /// The hints' phrases that stand in a message, each as it was typed.
    fn phrases(&self, message: &[Word<'_>]) -> impl Iterator<Item = (&Phrase, String)> {
        message.iter().enumerate().flat_map(move |(at, first)| {
            let phrases = self.hints.get(&first.stem).map_or(&[][..], Vec::as_slice);
            phrases.iter().filter_map(move |phrase| {
                let place = message.get(at..at + phrase.stems.len())?;
                let same = place.iter().map(|word| &word.stem).eq(&phrase.stems);
                same.then(|| {
                    let typed: Vec<&str> = place.iter().map(|word| word.typed).collect();
                    (phrase, typed.join(" "))
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLIP: Canned<'_> = Canned {
        id: "boleto-enviado",
        title: "Boleto enviado",
        text: "{consumer}, acabei de enviar a segunda via do boleto para o seu e-mail.",
    };
    const WAIT: Canned<'_> =
        Canned { id: "um-momento", title: "Um momento", text: "Só um momento: vou verificar." };
    const BYE: Canned<'_> =
        Canned { id: "tchau", title: "Despedida", text: "Obrigado! Seu protocolo é {protocol}." };

    fn consumer(text: &str) -> Turn<'_> {
        Turn { who: Who::Consumer, text }
    }

    fn suggested(settings: &Settings, turns: &[Turn<'_>]) -> Vec<(usize, Vec<String>)> {
        let rules = Rules::new(settings, Answers::default()).expect("good settings");
        let shelf = Shelf::of(&[SLIP, WAIT, BYE]);
        let found = rules.suggest(turns, &shelf, 3);
        assert!(found.iter().all(|one| (0.0..1.0).contains(&one.confidence)), "{found:?}");
        let place = |text: &str| [SLIP, WAIT, BYE].iter().position(|one| one.text == text);
        found.into_iter().map(|one| (place(one.text).expect("known"), one.words)).collect()
    }

    #[test]
    fn words_of_the_title_lead_to_a_reply() {
        let found = suggested(&Settings::default(), &[consumer("Perdi os BOLETOS de março")]);
        assert_eq!(found, [(0, vec!["BOLETOS".to_owned()])]);
    }

    #[test]
    fn one_word_of_the_text_is_not_enough_and_two_are() {
        assert_eq!(suggested(&Settings::default(), &[consumer("a segunda")]), []);
        let found = suggested(&Settings::default(), &[consumer("quero a segunda via")]);
        assert_eq!(found, [(0, vec!["segunda".to_owned(), "via".to_owned()])]);
    }

    #[test]
    fn older_messages_count_less_and_very_old_ones_not_at_all() {
        let older = [consumer("o boleto"), consumer("é para hoje"), consumer("ok?")];
        assert_eq!(suggested(&Settings::default(), &older), []);
        let newest = Settings { turns: 1, least: 0.1, ..Settings::default() };
        assert_eq!(suggested(&newest, &older), []);
        let all = Settings { least: 0.1, ..Settings::default() };
        assert_eq!(suggested(&all, &older).len(), 1);
    }

    #[test]
    fn hints_are_found_as_they_stand_together() {
        let hint = |word: &str| Settings {
            hint: vec![Hint { reply: "boleto-enviado".into(), words: vec![word.into()] }],
            ..Settings::default()
        };
        let found = suggested(&hint("código de barras"), &[consumer("e o codigo de barra?")]);
        assert_eq!(found, [(0, vec!["codigo de barra".to_owned()])]);
        assert_eq!(suggested(&hint("código de barras"), &[consumer("barra do código")]), []);
        let wrong = Rules::new(&hint("para a"), Answers::default()).expect_err("it says nothing");
        assert_eq!(wrong[0].0, "/hint/0/words/0");
    }

    #[test]
    fn what_was_said_is_not_suggested_again() {
        let agent = "Acabei de enviar a segunda via do boleto para o seu e-mail, Maria.";
        let turns =
            [consumer("o boleto"), Turn { who: Who::Agent, text: agent }, consumer("que boleto?")];
        assert_eq!(suggested(&Settings::default(), &turns), []);
    }

    fn learned(question: &str, texts: &[&str]) -> Answers {
        let asked = dialogo_model::answers::asked(&[consumer(question)]);
        let each = 1.0 / (asked.len() as f32).sqrt();
        let mut features: Vec<(u32, f32)> = asked.iter().map(|word| (word.hash, each)).collect();
        features.sort_by_key(|(hash, _)| *hash);
        let answer = |text: &&str| dialogo_model::answers::Answer {
            text: (*text).to_owned(),
            support: 4,
            features: features.clone(),
        };
        Answers { unknown: 1.0, rarity: Vec::new(), answers: texts.iter().map(answer).collect() }
    }

    #[test]
    fn what_was_answered_to_similar_messages_stands_beside_them() {
        let asked = "que horas abre a loja";
        let same = "Só um momento: vou verificar.";
        let answers = learned(asked, &["Abrimos às nove.", same]);
        let rules = Rules::new(&Settings::default(), answers).expect("good");
        let said = |turns: &[Turn<'_>]| -> Vec<(String, Option<u32>)> {
            let of = |found: Found<'_>| match found.of {
                Source::Answered(times) => (found.text.to_owned(), Some(times)),
                Source::Canned(id) => (id.to_owned(), None),
            };
            rules.suggest(turns, &Shelf::of(&[SLIP, WAIT, BYE]), 3).into_iter().map(of).collect()
        };
        let turns = [consumer("que horas abre a loja? e o boleto?")];
        let both = [("Abrimos às nove.".to_owned(), Some(4)), ("boleto-enviado".to_owned(), None)];
        assert_eq!(said(&turns), both, "a canned reply is not told twice");
        assert_eq!(said(&[consumer("o boleto?")]), [("boleto-enviado".to_owned(), None)]);
        let answered = Turn { who: Who::Agent, text: "Abrimos às nove." };
        assert_eq!(said(&[consumer(asked), answered, consumer(asked)]), []);
    }

    #[test]
    fn a_shelf_is_with_the_very_same_replies_only() {
        let shelf = Shelf::of(&[SLIP, WAIT]);
        assert!(shelf.holds(&[SLIP, WAIT]));
        let other = Canned { text: "…", ..WAIT };
        for canned in [&[SLIP][..], &[WAIT, SLIP], &[SLIP, other], &[SLIP, WAIT, BYE], &[]] {
            assert!(!shelf.holds(canned), "{canned:?}");
        }
    }

    #[test]
    fn odd_texts_lead_nowhere() {
        let long = "ação ".repeat(10_000);
        for text in ["", "🙂", "…", "12345678901234", "{consumer}", &long] {
            assert_eq!(suggested(&Settings::default(), &[consumer(text)]), [], "{text:.20}");
        }
        let rules = Rules::new(&Settings::default(), Answers::default()).expect("good");
        assert!(rules.suggest(&[], &Shelf::of(&[]), 3).is_empty());
    }
}
