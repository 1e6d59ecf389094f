//! Text as patterns see it: without case and accents, with the way back to the bytes of the text itself.

use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A text without accents.
pub(super) struct Folded {
    text: String,
    /// For each byte of it, first byte and end of the letter in the text it is from.
    from: Vec<(u32, u32)>,
}

impl Folded {
    pub(super) fn new(whole: &str) -> Self {
        let mut folded = Folded { text: String::new(), from: Vec::new() };
        for (at, letter) in whole.char_indices() {
            let place = (at as u32, (at + letter.len_utf8()) as u32);
            for part in letter.nfkd().filter(|part| !is_combining_mark(*part)) {
                folded.text.push(part);
                folded.from.resize(folded.text.len(), place);
            }
        }
        folded
    }

    /// The first place of a pattern, in bytes of the whole text.
    pub(super) fn find(&self, pattern: &Regex) -> Option<(u32, u32)> {
        let found = pattern.find(&self.text)?;
        let start = self.from.get(found.start()).map_or(0, |(start, _)| *start);
        let end = found.end().checked_sub(1).and_then(|last| self.from.get(last));
        Some((start, end.map_or(start, |(_, end)| *end)))
    }
}

/// A pattern for folded text.
pub(super) fn pattern(text: &str) -> Regex {
    let plain: String = text.nfkd().filter(|letter| !is_combining_mark(*letter)).collect();
    let built = RegexBuilder::new(&plain).case_insensitive(true).build();
    built.unwrap_or_else(|fault| panic!("the pattern `{text}` does not compile: {fault}"))
}
