//! To which group an emoji belongs: the groups of Unicode's CLDR, and `gestures` as a finer one.
//!
//! A sorted table of first code points, in the module's constant data: nothing is built at the start of a
//! call, and a look-up touches one page of memory. It answers for emojis only (the host has already found
//! them); for other text the answer means nothing. The table is checked against every emoji of the
//! `emojis` crate in the tests below.

use Group::{
    Activities, Animals, Flags, Food, Gestures, Objects, People, Smileys, Symbols, Travel,
};

/// A group as admins write it: `smileys`, `people`, `gestures`, …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Smileys and emotion, hearts too.
    Smileys,
    /// People and body, gestures included.
    People,
    /// Hands, and people making a gesture; part of [`Group::People`].
    Gestures,
    /// Animals and nature.
    Animals,
    /// Food and drink.
    Food,
    /// Travel and places.
    Travel,
    /// Activities and sports.
    Activities,
    /// Objects.
    Objects,
    /// Symbols, keycaps too.
    Symbols,
    /// Flags.
    Flags,
}

impl Group {
    /// Every group with its name in the settings.
    pub const NAMES: [(&'static str, Self); 10] = [
        ("smileys", Smileys),
        ("people", People),
        ("gestures", Gestures),
        ("animals", Animals),
        ("food", Food),
        ("travel", Travel),
        ("activities", Activities),
        ("objects", Objects),
        ("symbols", Symbols),
        ("flags", Flags),
    ];

    /// The group of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, group)| group)
    }

    /// Whether a rule about `self` speaks of an emoji of the group `other`.
    pub fn covers(self, other: Self) -> bool {
        self == other || (self == People && other == Gestures)
    }

    /// The group of one emoji (a whole grapheme cluster).
    pub fn of(emoji: &str) -> Self {
        match emoji {
            // Two sequences whose group is not that of their first part.
            "👁\u{fe0f}\u{200d}🗨\u{fe0f}" | "👁\u{200d}🗨" => return Smileys,
            "🍄\u{200d}🟫" => return Food,
            _ => {}
        }
        let first = emoji.chars().next().map_or(0, u32::from);
        match first {
            0..=0x7F => Symbols,
            0x1_F1E6..=0x1_F1FF => Flags,
            _ => STARTS[STARTS.partition_point(|&(start, _)| start <= first).saturating_sub(1)].1,
        }
    }
}

/// First code point of each run of emojis of one group, ascending. Made from the groups of Unicode 17.
#[rustfmt::skip]
const STARTS: [(u32, Group); 302] = [
    (0xA9, Symbols), (0x231A, Travel), (0x2328, Objects), (0x23CF, Symbols), (0x23F0, Travel), (0x23F8, Symbols),
    (0x2600, Travel), (0x260E, Objects), (0x2611, Symbols), (0x2614, Travel), (0x2615, Food), (0x2618, Animals),
    (0x261D, Gestures), (0x2620, Smileys), (0x2622, Symbols), (0x2639, Smileys), (0x2640, Symbols),
    (0x265F, Activities), (0x2668, Travel), (0x267B, Symbols), (0x2692, Objects), (0x2693, Travel),
    (0x2694, Objects), (0x2695, Symbols), (0x2696, Objects), (0x269B, Symbols), (0x26A1, Travel), (0x26A7, Symbols),
    (0x26B0, Objects), (0x26BD, Activities), (0x26C4, Travel), (0x26CE, Symbols), (0x26CF, Objects),
    (0x26D4, Symbols), (0x26E9, Travel), (0x26F3, Activities), (0x26F4, Travel), (0x26F7, People),
    (0x26F8, Activities), (0x26F9, People), (0x26FA, Travel), (0x2702, Objects), (0x2705, Symbols),
    (0x2708, Travel), (0x2709, Objects), (0x270A, Gestures), (0x270F, Objects), (0x2714, Symbols),
    (0x2728, Activities), (0x2733, Symbols), (0x2744, Travel), (0x2747, Symbols), (0x2763, Smileys),
    (0x2795, Symbols), (0x2B50, Travel), (0x2B55, Symbols), (0x1F004, Activities), (0x1F170, Symbols),
    (0x1F300, Travel), (0x1F32D, Food), (0x1F331, Animals), (0x1F336, Food), (0x1F337, Animals), (0x1F33D, Food),
    (0x1F33E, Animals), (0x1F345, Food), (0x1F380, Activities), (0x1F382, Food), (0x1F383, Activities),
    (0x1F385, People), (0x1F386, Activities), (0x1F38C, Flags), (0x1F38D, Activities), (0x1F392, Objects),
    (0x1F396, Activities), (0x1F399, Objects), (0x1F39F, Activities), (0x1F3A0, Travel), (0x1F3A3, Activities),
    (0x1F3A4, Objects), (0x1F3A6, Symbols), (0x1F3A7, Objects), (0x1F3A8, Activities), (0x1F3A9, Objects),
    (0x1F3AA, Travel), (0x1F3AB, Activities), (0x1F3AC, Objects), (0x1F3AD, Activities), (0x1F3B5, Objects),
    (0x1F3BD, Activities), (0x1F3C1, Flags), (0x1F3C2, People), (0x1F3C5, Activities), (0x1F3C7, People),
    (0x1F3C8, Activities), (0x1F3CA, People), (0x1F3CD, Travel), (0x1F3CF, Activities), (0x1F3D4, Travel),
    (0x1F3E7, Symbols), (0x1F3E8, Travel), (0x1F3EE, Objects), (0x1F3EF, Travel), (0x1F3F3, Flags),
    (0x1F3F5, Animals), (0x1F3F7, Objects), (0x1F3F8, Activities), (0x1F3F9, Objects), (0x1F3FA, Food),
    (0x1F400, Animals), (0x1F440, People), (0x1F446, Gestures), (0x1F451, Objects), (0x1F463, People),
    (0x1F479, Smileys), (0x1F47C, People), (0x1F47D, Smileys), (0x1F481, Gestures), (0x1F482, People),
    (0x1F484, Objects), (0x1F485, Gestures), (0x1F486, People), (0x1F488, Travel), (0x1F489, Objects),
    (0x1F48B, Smileys), (0x1F48D, Objects), (0x1F48F, People), (0x1F490, Animals), (0x1F491, People),
    (0x1F492, Travel), (0x1F493, Smileys), (0x1F4A0, Symbols), (0x1F4A1, Objects), (0x1F4A2, Smileys),
    (0x1F4A3, Objects), (0x1F4A4, Smileys), (0x1F4A7, Travel), (0x1F4A8, Smileys), (0x1F4AA, Gestures),
    (0x1F4AB, Smileys), (0x1F4AE, Animals), (0x1F4AF, Smileys), (0x1F4B0, Objects), (0x1F4B1, Symbols),
    (0x1F4B3, Objects), (0x1F4BA, Travel), (0x1F4BB, Objects), (0x1F4DB, Symbols), (0x1F4DC, Objects),
    (0x1F4F3, Symbols), (0x1F4F7, Objects), (0x1F500, Symbols), (0x1F507, Objects), (0x1F518, Symbols),
    (0x1F525, Travel), (0x1F526, Objects), (0x1F52A, Food), (0x1F52B, Activities), (0x1F52C, Objects),
    (0x1F52E, Activities), (0x1F52F, Symbols), (0x1F54A, Animals), (0x1F54B, Travel), (0x1F54E, Symbols),
    (0x1F550, Travel), (0x1F56F, Objects), (0x1F570, Travel), (0x1F573, Smileys), (0x1F574, People),
    (0x1F576, Objects), (0x1F577, Animals), (0x1F579, Activities), (0x1F57A, People), (0x1F587, Objects),
    (0x1F590, Gestures), (0x1F5A4, Smileys), (0x1F5A5, Objects), (0x1F5BC, Activities), (0x1F5C2, Objects),
    (0x1F5E3, People), (0x1F5E8, Smileys), (0x1F5F3, Objects), (0x1F5FA, Travel), (0x1F5FF, Objects),
    (0x1F600, Smileys), (0x1F645, Gestures), (0x1F648, Smileys), (0x1F64B, Gestures), (0x1F680, Travel),
    (0x1F6A3, People), (0x1F6A4, Travel), (0x1F6A9, Flags), (0x1F6AA, Objects), (0x1F6AB, Symbols),
    (0x1F6AC, Objects), (0x1F6AD, Symbols), (0x1F6B2, Travel), (0x1F6B3, Symbols), (0x1F6B4, People),
    (0x1F6B7, Symbols), (0x1F6BD, Objects), (0x1F6BE, Symbols), (0x1F6BF, Objects), (0x1F6C0, People),
    (0x1F6C1, Objects), (0x1F6C2, Symbols), (0x1F6CB, Objects), (0x1F6CC, People), (0x1F6CD, Objects),
    (0x1F6CE, Travel), (0x1F6CF, Objects), (0x1F6D0, Symbols), (0x1F6D1, Travel), (0x1F6D2, Objects),
    (0x1F6D5, Travel), (0x1F6D7, Objects), (0x1F6D8, Travel), (0x1F6DC, Symbols), (0x1F6DD, Travel),
    (0x1F6E0, Objects), (0x1F6E2, Travel), (0x1F6F7, Activities), (0x1F6F8, Travel), (0x1F7E0, Symbols),
    (0x1F90C, Gestures), (0x1F90D, Smileys), (0x1F90F, Gestures), (0x1F910, Smileys), (0x1F918, Gestures),
    (0x1F920, Smileys), (0x1F926, Gestures), (0x1F927, Smileys), (0x1F930, People), (0x1F932, Gestures),
    (0x1F934, People), (0x1F937, Gestures), (0x1F938, People), (0x1F93F, Activities), (0x1F940, Animals),
    (0x1F941, Objects), (0x1F942, Food), (0x1F945, Activities), (0x1F950, Food), (0x1F970, Smileys),
    (0x1F977, People), (0x1F978, Smileys), (0x1F97B, Objects), (0x1F980, Animals), (0x1F9AF, Objects),
    (0x1F9B4, People), (0x1F9BA, Objects), (0x1F9BB, People), (0x1F9BC, Travel), (0x1F9BE, People), (0x1F9C0, Food),
    (0x1F9CC, People), (0x1F9CF, Gestures), (0x1F9D0, Smileys), (0x1F9D1, People), (0x1F9E1, Smileys),
    (0x1F9E2, Objects), (0x1F9E7, Activities), (0x1F9EA, Objects), (0x1F9ED, Travel), (0x1F9EE, Objects),
    (0x1F9F1, Travel), (0x1F9F2, Objects), (0x1F9F3, Travel), (0x1F9F4, Objects), (0x1F9F5, Activities),
    (0x1F9F7, Objects), (0x1F9F8, Activities), (0x1F9F9, Objects), (0x1FA75, Smileys), (0x1FA78, Objects),
    (0x1FA80, Activities), (0x1FA82, Travel), (0x1FA83, Objects), (0x1FA84, Activities), (0x1FA87, Objects),
    (0x1FA8B, Travel), (0x1FA8C, Objects), (0x1FA90, Travel), (0x1FA91, Objects), (0x1FAA1, Activities),
    (0x1FAA3, Objects), (0x1FAA8, Travel), (0x1FAA9, Activities), (0x1FAAA, Objects), (0x1FAAF, Symbols),
    (0x1FAB0, Animals), (0x1FAB5, Travel), (0x1FAB6, Animals), (0x1FAC0, People), (0x1FACC, Animals),
    (0x1FAD0, Food), (0x1FADF, Symbols), (0x1FAE0, Smileys), (0x1FAE6, People), (0x1FAE7, Objects),
    (0x1FAE8, Smileys), (0x1FAF0, Gestures),
];

#[cfg(test)]
mod tests {
    use super::{Group, STARTS};

    #[test]
    fn agrees_with_every_known_emoji() {
        for emoji in
            emojis::iter().flat_map(|emoji| emoji.skin_tones().into_iter().flatten().chain([emoji]))
        {
            let expected = match emoji.group() {
                emojis::Group::SmileysAndEmotion => Group::Smileys,
                emojis::Group::PeopleAndBody => Group::People,
                emojis::Group::AnimalsAndNature => Group::Animals,
                emojis::Group::FoodAndDrink => Group::Food,
                emojis::Group::TravelAndPlaces => Group::Travel,
                emojis::Group::Activities => Group::Activities,
                emojis::Group::Objects => Group::Objects,
                emojis::Group::Symbols => Group::Symbols,
                emojis::Group::Flags => Group::Flags,
            };
            let got = Group::of(emoji.as_str());
            assert!(expected.covers(got), "{} is {expected:?}, not {got:?}", emoji.as_str());
        }
    }

    #[test]
    fn hands_are_gestures() {
        for hand in ["👋", "👍🏽", "🖕", "🙏🏿", "🤷‍♀️", "💪"] {
            assert_eq!(Group::of(hand), Group::Gestures, "{hand}");
        }
        assert_eq!(Group::of("👨‍👩‍👧"), Group::People);
    }

    #[test]
    fn sequences_have_the_group_of_the_whole() {
        assert_eq!(Group::of("🇧🇷"), Group::Flags);
        assert_eq!(Group::of("🏴󠁧󠁢󠁥󠁮󠁧󠁿"), Group::Flags);
        assert_eq!(Group::of("1️⃣"), Group::Symbols);
        assert_eq!(Group::of("❤️‍🔥"), Group::Smileys);
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(STARTS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
