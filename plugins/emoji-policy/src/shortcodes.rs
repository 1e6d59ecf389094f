//! Short codes (`:poop:`) and the emojis they stand for.
//!
//! One sorted text, searched in place: no table is built, and a look-up touches three or four pages of
//! the module's constant data. Aliases stand beside each other's emoji (`:poop:`, `:hankey:`, `:shit:`).

/// Lines of `code emoji`, sorted by code; made from the codes that GitHub uses.
const TABLE: &str = include_str!("shortcodes.txt");

/// The emoji of a code written without its colons.
pub fn emoji_of(code: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, TABLE.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = TABLE.as_bytes()[..middle]
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let end = start + TABLE.as_bytes()[start..].iter().position(|&byte| byte == b'\n')?;
        let (known, emoji) = TABLE.get(start..end)?.split_once(' ')?;
        match known.cmp(code) {
            std::cmp::Ordering::Equal => return Some(emoji),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

/// The known code that a wrong one was probably meant for. Walks the whole table: for people who wait at a prompt.
pub fn nearest(wrong: &str) -> Option<&'static str> {
    let allowed = 1.max(wrong.chars().count() / 3);
    let codes = TABLE.lines().filter_map(|line| Some(line.split_once(' ')?.0));
    let (distance, code) =
        codes.map(|code| (strsim::damerau_levenshtein(wrong, code), code)).min()?;
    (distance <= allowed).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::{TABLE, emoji_of, nearest};

    #[test]
    fn a_slip_of_the_finger_is_seen_through() {
        assert_eq!(nearest("poob"), Some("poop"));
        assert_eq!(nearest("thumbs_up"), Some("thumbsup"));
        assert_eq!(nearest("qwertyuiop"), None);
    }

    #[test]
    fn every_known_code_is_found() {
        for emoji in emojis::iter() {
            for code in emoji.shortcodes() {
                assert_eq!(emoji_of(code), Some(emoji.as_str()), ":{code}:");
            }
        }
    }

    #[test]
    fn others_are_not() {
        for code in ["", "pooop", "zzzzzz", "!", "poo", "POOP", "é"] {
            assert_eq!(emoji_of(code), None, "{code:?}");
        }
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(TABLE.lines().is_sorted());
        assert!(TABLE.ends_with('\n'));
    }
}
