//! Folding: what makes `2a via` find `2ª Via`. Text and patterns go through the same fold; spans are mapped back.
//!
//! Compatibility decomposition, combining marks off, lower case, invisible characters off. Not a full Unicode case fold:
//! letters with a stroke (`ø`) stay. Patterns are folded in `syntax.rs`.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// A folded text that remembers where each of its bytes came from.
#[derive(Debug)]
pub(crate) struct Folded {
    text: String,
    /// For each folded byte the start of the character it came from; empty when offsets are the same.
    origin: Vec<u32>,
    /// For each folded byte the end of the character it came from, with what was dropped after it.
    ends: Vec<u32>,
}

impl Folded {
    /// Folds `text`, which must be shorter than 4 GiB.
    pub(crate) fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Folded {
                text: text.to_ascii_lowercase(),
                origin: Vec::new(),
                ends: Vec::new(),
            };
        }
        let mut folded = Folded {
            text: String::with_capacity(text.len() + 8),
            origin: Vec::with_capacity(text.len() + 8),
            ends: Vec::with_capacity(text.len() + 8),
        };
        let mut last_start = 0;
        for (start, character) in text.char_indices() {
            let end = (start + character.len_utf8()) as u32;
            let before = folded.text.len();
            fold_char(character, |c| folded.text.push(c));
            let after = folded.text.len();
            if after == before {
                // Dropped: it belongs to the character before, so that an edit takes it along.
                for known in &mut folded.ends[last_start..] {
                    *known = end;
                }
            } else {
                last_start = before;
                folded.origin.resize(after, start as u32);
                folded.ends.resize(after, end);
            }
        }
        folded
    }

    /// The folded text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Maps a non-empty span of the folded text to the original.
    pub(crate) fn span(&self, start: usize, end: usize) -> (u32, u32) {
        if self.origin.is_empty() {
            return (start as u32, end as u32);
        }
        let from = self
            .origin
            .get(start)
            .copied()
            .unwrap_or_else(|| self.ends.last().copied().unwrap_or(0));
        if end <= start {
            return (from, from);
        }
        (from, self.ends[end - 1])
    }
}

/// Folds one character; gives nothing for what is dropped.
pub(crate) fn fold_char(character: char, mut emit: impl FnMut(char)) {
    if character.is_ascii() {
        emit(character.to_ascii_lowercase());
        return;
    }
    decompose_compatible(character, |part| {
        if is_combining_mark(part) || is_invisible(part) {
            return;
        }
        match part {
            'ß' | 'ẞ' => {
                emit('s');
                emit('s');
            }
            'ς' => emit('σ'),
            other => {
                for lower in other.to_lowercase().filter(|c| !is_combining_mark(*c)) {
                    emit(lower);
                }
            }
        }
    });
}

/// Folds a text without keeping offsets.
pub(crate) fn fold_str(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        fold_char(character, |c| folded.push(c));
    }
    folded
}

/// Characters that show nothing and are put into words to hide them from filters.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_accents_and_compatibility_forms() {
        assert_eq!(fold_str("2ª VIA Ção ﬁm Ⅳ"), "2a via cao fim iv");
        assert_eq!(fold_str("i\u{200B}d\u{00AD}iota"), "idiota");
        assert_eq!(fold_str("STRAẞE Ａｂ"), "strasse ab");
    }

    #[test]
    fn maps_spans_back() {
        let text = "a 2ª ví\u{301}a";
        let folded = Folded::new(text);
        let at = folded.as_str().find("2a via").expect("found");
        let (start, end) = folded.span(at, at + 6);
        assert_eq!(&text[start as usize..end as usize], "2ª ví\u{301}a");
    }

    #[test]
    fn a_match_inside_an_expansion_takes_the_whole_character() {
        let text = "oﬁ x";
        let folded = Folded::new(text);
        let at = folded.as_str().find('f').expect("found");
        let (start, end) = folded.span(at, at + 1);
        assert_eq!(&text[start as usize..end as usize], "ﬁ");
    }
}
