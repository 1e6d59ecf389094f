//! A text as words that can be compared: read as everywhere (`engine/model`), without what says nothing, without endings.

use dialogo_model::text;

use crate::stop::says_nothing;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// Without its ending; empty for one that says nothing.
    pub(crate) stem: String,
    /// As it was typed.
    pub(crate) typed: &'a str,
}

/// The words of a text, in its order. Those that say nothing keep their place, so that neighbours stay neighbours.
pub(crate) fn words(text: &str) -> Vec<Word<'_>> {
    text::tokens(text)
        .into_iter()
        .filter(|token| token.text.chars().any(char::is_alphanumeric))
        .map(|token| Word {
            stem: if says_nothing(&token.text) { String::new() } else { stem(&token.text) },
            typed: &text[token.start..token.end],
        })
        .collect()
}

/// Characters that are left at least.
const SHORTEST: usize = 3;

/// Without the ending for number and gender, so that *boletos* is *boleto* and *enviada* is *enviado*. Three languages at
/// once: what it does to one of them must hurt none of the others, so it does little.
fn stem(word: &str) -> String {
    let cut = |word: &str, ending: &[char]| -> Option<usize> {
        let (at, last) = word.char_indices().next_back()?;
        let long_enough = word[..at].chars().count() >= SHORTEST;
        (long_enough && ending.contains(&last)).then_some(at)
    };
    let mut end = word.len();
    for ending in [&['s'][..], &['a', 'e', 'o']] {
        end = cut(&word[..end], ending).unwrap_or(end);
    }
    word[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::words;

    fn stems(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.stem).filter(|stem| !stem.is_empty()).collect()
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        for (one, other) in [
            ("os BOLETOS enviados", "o boleto enviado"),
            ("segunda vía", "a segunda via"),
            ("the slips", "slip"),
            ("contraseñas", "la contraseña"),
        ] {
            assert_eq!(stems(one), stems(other), "{one}");
        }
    }

    #[test]
    fn what_means_something_else_is_not() {
        assert_ne!(stems("conta"), stems("contato"));
        assert_ne!(stems("via"), stems("vir"));
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        assert!(stems("o que é isso? I would like to, para el de la").is_empty());
        assert!(stems("🙂 …").is_empty());
    }

    #[test]
    fn a_word_knows_how_it_was_typed() {
        let typed: Vec<&str> =
            words("Perdi a 2ª via!").into_iter().map(|word| word.typed).collect();
        assert_eq!(typed, ["Perdi", "a", "2ª", "via"]);
    }
}
