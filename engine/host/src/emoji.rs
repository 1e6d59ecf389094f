//! Emojis of a text, as people see them: by grapheme cluster, with shortcodes, however they are disguised.
//!
//! `:poop:` counts as 💩; a joined sequence that no table knows counts as its parts, because that is how it is shown; signs
//! that are text by default (`©`, digits) do not count. Knows nothing of policies.

use std::collections::HashMap;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::input::Emoji;

/// Distinct emojis looked at in one text at most.
pub const MAX_DISTINCT: usize = 256;

/// No emoji is shown without a character from here on: what stands below (digits, `©`) becomes one only with a joiner or
/// selector that stands above. Accented letters stand below, so most texts of a Portuguese desk need no second look.
const FIRST: char = '\u{203C}';

/// The emojis of a text and where each of them stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmojisFound {
    /// One entry per distinct emoji, in order of first occurrence.
    pub emojis: Vec<Emoji>,
    /// For each entry, the byte ranges where it stands.
    pub places: Vec<Vec<Range<usize>>>,
}

/// Finds all emojis in `text`.
pub fn find(text: &str) -> EmojisFound {
    let mut found = Collector::default();
    let Some((first, last)) = stretch(text) else { return found.into };
    let mut colon: Option<usize> = None;
    for (start, grapheme) in text[first..].grapheme_indices(true) {
        let start = first + start;
        if start > last {
            break;
        }
        if grapheme.is_ascii() {
            colon = shortcodes(text, start, grapheme, colon, &mut found);
            continue;
        }
        colon = None;
        grapheme_emojis(start, grapheme, &mut found);
    }
    let mut into = found.into;
    for places in &mut into.places {
        places.sort_by_key(|place| place.start);
    }
    into
}

/// Where emojis may be: from the character before the first sign of one (the digit of a keycap) to the last such sign.
/// Finding clusters is what takes time, and in most texts this is a small part.
fn stretch(text: &str) -> Option<(usize, usize)> {
    let sign = |&(_, c): &(usize, char)| c == ':' || c >= FIRST;
    let (first, _) = text.char_indices().find(sign)?;
    let (last, _) = text.char_indices().rfind(sign)?;
    let before = text[..first].char_indices().next_back().map_or(first, |(at, _)| at);
    Some((before, last))
}

/// Whether `text` as a whole is one emoji of the table.
pub fn is_emoji(text: &str) -> bool {
    emojis::get(text).is_some()
}

#[derive(Default)]
struct Collector {
    into: EmojisFound,
    index: HashMap<String, usize>,
}

impl Collector {
    fn add(&mut self, text: &str, shortcode: Option<&str>, place: Range<usize>) {
        if let Some(&index) = self.index.get(text) {
            self.into.emojis[index].count = self.into.emojis[index].count.saturating_add(1);
            self.into.places[index].push(place);
        } else if self.into.emojis.len() < MAX_DISTINCT {
            self.index.insert(text.to_owned(), self.into.emojis.len());
            self.into.emojis.push(Emoji {
                text: text.into(),
                shortcode: shortcode.map(Into::into),
                offset: place.start as u32,
                count: 1,
            });
            self.into.places.push(vec![place]);
        }
    }
}

/// Follows `:name:`; returns where a name may have begun.
fn shortcodes(
    text: &str,
    start: usize,
    grapheme: &str,
    colon: Option<usize>,
    found: &mut Collector,
) -> Option<usize> {
    match (grapheme, colon) {
        (":", Some(begin)) if start > begin + 1 => {
            if let Some(emoji) = emojis::get_by_shortcode(&text[begin + 1..start]) {
                found.add(emoji.as_str(), Some(&text[begin + 1..start]), begin..start + 1);
                return None;
            }
            Some(start)
        }
        (":", _) => Some(start),
        (other, Some(begin)) if other.bytes().all(is_shortcode_byte) => Some(begin),
        _ => None,
    }
}

fn is_shortcode_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-')
}

fn grapheme_emojis(start: usize, grapheme: &str, found: &mut Collector) {
    if let Some(emoji) = known(grapheme) {
        found.add(emoji.as_str(), emoji.shortcode(), start..start + grapheme.len());
        return;
    }
    if !grapheme.chars().any(may_be_emoji) {
        return;
    }
    // Shown as its parts.
    let mut offset = 0;
    for part in grapheme.split('\u{200D}') {
        let place = start + offset..start + offset + part.len();
        offset += part.len() + '\u{200D}'.len_utf8();
        let emoji =
            known(part).or_else(|| part.chars().find_map(|c| known(c.encode_utf8(&mut [0; 4]))));
        if let Some(emoji) = emoji {
            found.add(emoji.as_str(), emoji.shortcode(), place);
        } else if part.chars().any(is_new_pictograph) {
            found.add(part, None, place);
        }
    }
}

/// Looks a cluster up, also without the invisible characters that people append to slip through.
fn known(cluster: &str) -> Option<&'static emojis::Emoji> {
    let mut characters = cluster.chars();
    let alone = characters.next().filter(|_| characters.next().is_none());
    if alone.is_some_and(|only| !may_be_emoji(only)) {
        return None;
    }
    emojis::get(cluster).or_else(|| {
        let bare = cluster.trim_end_matches(['\u{FE0E}', '\u{200D}', '\u{200C}', '\u{200B}']);
        if bare.len() == cluster.len() || bare.is_empty() { None } else { known(bare) }
    })
}

/// Below the arrows everything alone is text: digits, `©`, `®`, `‼`.
fn may_be_emoji(character: char) -> bool {
    character >= '\u{2190}'
}

/// Blocks reserved for pictographs, so that emojis newer than the table count too.
fn is_new_pictograph(character: char) -> bool {
    matches!(character, '\u{1F300}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(String, u32)> {
        find(text).emojis.iter().map(|emoji| (emoji.text.to_string(), emoji.count)).collect()
    }

    #[test]
    fn counts_by_what_people_see() {
        assert_eq!(texts("oi"), []);
        assert_eq!(texts("© 2026 ™ 1 # ção"), []);
        assert_eq!(texts("🙂🙂 👨‍👩‍👧 🇧🇷"), [("🙂".into(), 2), ("👨‍👩‍👧".into(), 1), ("🇧🇷".into(), 1)]);
        assert_eq!(texts("1️⃣"), [("1️⃣".into(), 1)]);
    }

    #[test]
    fn shortcodes_are_emojis() {
        let found = find("que :poop: é 💩 :naoexiste: 10:30:45");
        assert_eq!(found.emojis.len(), 1);
        assert_eq!(found.emojis[0].count, 2);
        assert_eq!(found.emojis[0].shortcode.as_deref(), Some("poop"), "the name that was typed");
        assert_eq!(found.places[0][0], 4..10);
        assert_eq!(texts("::middle_finger:"), [("🖕".into(), 1)]);
    }

    #[test]
    fn disguises_do_not_help() {
        assert_eq!(texts("🖕\u{200D}"), [("🖕".into(), 1)]);
        assert_eq!(texts("🖕\u{FE0F}"), [("🖕".into(), 1)]);
        assert_eq!(texts("🖕\u{FE0E}\u{301}"), [("🖕".into(), 1)]);
        assert_eq!(texts("🖕\u{200D}🖕"), [("🖕".into(), 2)]);
        assert_eq!(texts("🖕🏿")[0].0, "🖕🏿");
        assert_eq!(texts("❤"), texts("❤️"));
    }

    #[test]
    fn what_stands_around_changes_nothing() {
        for around in ["", "a", "e\u{301}", "1", "©", "ção "] {
            for emoji in ["1\u{FE0F}\u{20E3}", "©\u{FE0F}", "👨‍👩‍👧", "🇧🇷", ":poop:", "🖕🏿"]
            {
                let text = format!("{around}{emoji}{around}");
                assert_eq!(texts(&text).len(), 1, "{text:?}");
                assert_eq!(texts(&text), texts(emoji), "{text:?}");
            }
        }
    }

    #[test]
    fn places_cover_the_text() {
        let text = "a 🖕\u{200D}🙂 b";
        let found = find(text);
        let covered: Vec<&str> =
            found.places.iter().flatten().map(|place| &text[place.clone()]).collect();
        assert_eq!(covered, ["🖕", "🙂"]);
    }
}
