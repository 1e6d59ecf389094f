//! Search in closed conversations. At the close the words of a conversation are folded (case and accents away) and kept
//! as one value; a search walks the lists one may see and looks into those. An index from word to conversation would
//! cost a hundred keys a close and save little: an agent's own history is some thousands of conversations, at
//! microseconds each.

use std::collections::BTreeSet;

use dialogo_domain::event::Event;
use dialogo_domain::{Commit, ConversationId};

use crate::fault::Fault;

use super::stage::kind;
use super::{Page, Views};

/// Longest text kept of one conversation, in bytes; what lies beyond is not found.
const MOST: usize = 16 << 10;

/// Letters with marks and what they are found by: Latin as far as Portuguese, Spanish and their neighbours need.
const FOLDED: &[(&str, char)] = &[
    ("áàâãäåā", 'a'),
    ("éèêëē", 'e'),
    ("íìîïī", 'i'),
    ("óòôõöøō", 'o'),
    ("úùûüū", 'u'),
    ("ç", 'c'),
    ("ñ", 'n'),
    ("ýÿ", 'y'),
];

/// A text in lower case, without accents and with single blanks between words.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            let plain = FOLDED.iter().find(|(with_mark, _)| with_mark.contains(letter));
            folded.push(plain.map_or(letter, |(_, plain)| *plain));
        } else if !is_mark(letter) && !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Combining marks, as in decomposed text: left out.
fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

/// The words of a conversation, each once, from the log and from the commits that are being staged.
pub(super) fn of(
    views: &Views,
    conversation: ConversationId,
    staged: &[Commit],
) -> Result<String, Fault> {
    let mut words = BTreeSet::new();
    let mut room = MOST;
    let stored = views.transcript_of(conversation, Page::Latest, 1000, kind::MESSAGE)?;
    for commit in stored.iter().chain(staged) {
        for event in &commit.events {
            if let Event::MessageSent { conversation: here, body, .. } = event
                && *here == conversation
            {
                take_words(&fold(&body.text), &mut words, &mut room);
            }
        }
    }
    let mut text = String::with_capacity(MOST - room + 1);
    for word in &words {
        text.push(' ');
        text.push_str(word);
    }
    Ok(text)
}

fn take_words(folded: &str, words: &mut BTreeSet<String>, room: &mut usize) {
    for word in folded.split(' ').filter(|word| word.len() > 1) {
        if *room > word.len() && words.insert(word.to_owned()) {
            *room -= word.len() + 1;
        }
    }
}

/// Whether every word of a folded query begins some word of `text`.
pub(super) fn matches(text: &str, query: &str) -> bool {
    query.split(' ').all(|word| text.contains(&format!(" {word}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_signs_do_not_matter() {
        assert_eq!(fold("Não, RECEBI a  Devolução!"), "nao recebi a devolucao");
        assert_eq!(fold("an\u{303}o"), "ano");
    }

    #[test]
    fn every_word_has_to_begin_one() {
        let text = " cartao devolucao pedido";
        assert!(matches(text, "devol car"));
        assert!(!matches(text, "volucao"));
    }
}
