//! The words of closed conversations. At the close they are folded (case and accents away) and kept as one value; a
//! [search](super::search) walks the lists one may see and looks into those. An index from word to conversation would
//! cost a hundred keys a close and save little: an agent's own history is some thousands of conversations, at
//! microseconds each. See `docs/decisions/0006-search-walks.md`.

use std::collections::BTreeSet;
use std::ops::Range;

use dialogo_domain::event::Event;
use dialogo_domain::message::Author;
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

/// The words of a conversation, each once: those of the consumer's name, then what was said, from the log and from the
/// commits that are being staged.
pub(super) fn of(
    views: &Views,
    conversation: ConversationId,
    name: &str,
    staged: &[Commit],
) -> Result<String, Fault> {
    let mut words = BTreeSet::new();
    let mut room = MOST;
    take_words(&fold(name), &mut words, &mut room);
    let stored = views.transcript_of(conversation, Page::Latest, 1000, kind::MESSAGE)?;
    for commit in stored.iter().chain(staged) {
        for event in &commit.events {
            if let Event::MessageSent { conversation: here, author, body, .. } = event
                && *here == conversation
                && by_people(author)
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

/// A bot says the same to everybody: nobody looks for that.
pub fn by_people(author: &Author) -> bool {
    matches!(author, Author::Consumer | Author::Agent(_))
}

fn take_words(folded: &str, words: &mut BTreeSet<String>, room: &mut usize) {
    for word in folded.split(' ').filter(|word| word.len() > 1) {
        if *room > word.len() && words.insert(word.to_owned()) {
            *room -= word.len() + 1;
        }
    }
}

/// Where the words of a text stand, as bytes of it.
pub(super) fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut letters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (from, _) = letters.by_ref().find(|(_, letter)| letter.is_alphanumeric())?;
        let inside = |(_, letter): &(usize, char)| letter.is_alphanumeric() || is_mark(*letter);
        while letters.next_if(inside).is_some() {}
        let to = letters.peek().map_or(text.len(), |(at, _)| *at);
        Some(from..to)
    })
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
    fn words_stand_where_they_stand() {
        let text = "«Não», an\u{303}o 2x!";
        let words: Vec<&str> = places(text).map(|place| &text[place]).collect();
        assert_eq!(words, ["Não", "an\u{303}o", "2x"]);
    }
}
