//! The rules themselves, free of the sandbox: settings in, verdicts out. Tested natively.
//!
//! An entry of `allow` or `deny` is an emoji, a short code (`:poop:`) or a group (`flags`). What is
//! said about a single emoji beats what is said about its group; on the same level `deny` beats
//! `allow`. It does not look for emojis in text: the host has done that.

use crate::groups::Group;
use crate::shortcodes::{emoji_of, nearest};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What consumers may send; absent: everything.
    pub consumer: Option<Limits>,
    /// What agents may send.
    pub agent: Option<Limits>,
    /// What bots may send.
    pub bot: Option<Limits>,
    /// Other limits for single departments, by id; what a department does not name is as above.
    pub department: BTreeMap<String, Sides>,
}

/// The limits of one department.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sides {
    /// As in [`Settings`].
    pub consumer: Option<Limits>,
    /// As in [`Settings`].
    pub agent: Option<Limits>,
    /// As in [`Settings`].
    pub bot: Option<Limits>,
}

/// What one side may send.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Groups that are allowed; the same as writing them in `allow`.
    pub allow_groups: Vec<String>,
    /// Emojis, short codes or groups that are allowed.
    pub allow: Vec<String>,
    /// Emojis, short codes or groups that are not.
    pub deny: Vec<String>,
    /// How many emojis one message may hold.
    pub max_per_message: Option<u32>,
    /// What happens to an emoji that is not allowed.
    pub when_denied: WhenDenied,
}

/// What happens to an emoji that is not allowed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenDenied {
    /// It is taken out, the message goes through.
    #[default]
    Strip,
    /// The message is refused.
    Refuse,
}

/// Who sends; `None` in [`Settings::limits`]'s answer means that nothing is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A consumer.
    Consumer,
    /// An agent.
    Agent,
    /// A bot.
    Bot,
}

/// Why an emoji is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `deny` names it or its group.
    Denied,
    /// `allow` does not name it.
    NotAllowed,
    /// It is beyond `max_per_message`, which is the number here.
    TooMany(u32),
}

impl Settings {
    /// The limits for one side in one department.
    pub fn limits(&self, by: By, department: Option<&str>) -> Option<&Limits> {
        let own = department.and_then(|id| self.department.get(id));
        match by {
            By::Consumer => own.and_then(|own| own.consumer.as_ref()).or(self.consumer.as_ref()),
            By::Agent => own.and_then(|own| own.agent.as_ref()).or(self.agent.as_ref()),
            By::Bot => own.and_then(|own| own.bot.as_ref()).or(self.bot.as_ref()),
        }
    }

    /// Where these limits stand in the settings, as a JSON pointer.
    pub fn place(&self, by: By, department: Option<&str>) -> String {
        let side = match by {
            By::Consumer => "consumer",
            By::Agent => "agent",
            By::Bot => "bot",
        };
        let own = department.filter(|id| {
            self.department.get(*id).is_some_and(|own| match by {
                By::Consumer => own.consumer.is_some(),
                By::Agent => own.agent.is_some(),
                By::Bot => own.bot.is_some(),
            })
        });
        match own {
            Some(id) => format!("/department/{}/{side}", escaped(id)),
            None => format!("/{side}"),
        }
    }

    /// Everything that is wrong: a JSON pointer and what is the matter there.
    pub fn problems(&self) -> Vec<(String, String)> {
        let top = [("consumer", &self.consumer), ("agent", &self.agent), ("bot", &self.bot)];
        let mut found: Vec<_> = top
            .into_iter()
            .flat_map(|(side, limits)| faults_of(limits.as_ref(), &format!("/{side}")))
            .collect();
        for (id, sides) in &self.department {
            let id = escaped(id);
            for (side, limits) in
                [("consumer", &sides.consumer), ("agent", &sides.agent), ("bot", &sides.bot)]
            {
                found.extend(faults_of(limits.as_ref(), &format!("/department/{id}/{side}")));
            }
        }
        found
    }
}

impl Limits {
    /// What is wrong with each emoji of a message, in order; `emojis` are clusters with how often they occur.
    pub fn judge<'a>(
        &self,
        emojis: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Vec<Option<Fault>> {
        let lists = Lists::of(self);
        let mut kept = 0_u32;
        emojis
            .into_iter()
            .map(|(emoji, count)| {
                let fault = lists.fault(emoji);
                if fault.is_some() {
                    return fault;
                }
                kept = kept.saturating_add(count);
                self.max_per_message.filter(|&most| kept > most).map(Fault::TooMany)
            })
            .collect()
    }
}

impl Limits {
    /// The key or the entry that speaks against an emoji, as a JSON pointer below these limits.
    pub fn against(&self, emoji: &str, fault: Fault) -> String {
        match fault {
            Fault::TooMany(_) => "/max_per_message".to_owned(),
            Fault::NotAllowed if self.allow_groups.is_empty() => "/allow".to_owned(),
            Fault::NotAllowed => "/allow_groups".to_owned(),
            Fault::Denied => {
                let group = Group::of(emoji);
                let speaks = |entry: &String| {
                    let entry: Vec<Entry<'_>> = entries(std::slice::from_ref(entry)).collect();
                    Named::find(&entry, emoji, group)
                };
                let found = [Named::Itself, Named::ByGroup]
                    .iter()
                    .find_map(|how| self.deny.iter().position(|entry| speaks(entry) == *how));
                found.map_or_else(|| "/deny".to_owned(), |at| format!("/deny/{at}"))
            }
        }
    }
}

/// A name as a part of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The lists with their names looked up, once for all emojis of a message.
struct Lists<'a> {
    allow: Vec<Entry<'a>>,
    deny: Vec<Entry<'a>>,
    /// Whether an emoji that nobody names is refused: a list of allowed groups is complete; single allowed
    /// emojis are complete too, unless they are exceptions from denied groups.
    complete: bool,
}

impl<'a> Lists<'a> {
    fn of(limits: &'a Limits) -> Self {
        let groups = || limits.allow_groups.iter().filter_map(|name| Group::named(name));
        let allow: Vec<Entry<'a>> =
            groups().map(Entry::Group).chain(entries(&limits.allow)).collect();
        let deny: Vec<Entry<'a>> = entries(&limits.deny).collect();
        let by_group =
            |list: &[Entry<'_>]| list.iter().any(|entry| matches!(entry, Entry::Group(_)));
        let complete = by_group(&allow) || (!allow.is_empty() && !by_group(&deny));
        Self { allow, deny, complete }
    }

    fn fault(&self, emoji: &str) -> Option<Fault> {
        let group = Group::of(emoji);
        let named = |list| Named::find(list, emoji, group);
        match (named(&self.deny), named(&self.allow)) {
            (Named::Itself, _) => Some(Fault::Denied),
            (_, Named::Itself) => None,
            (Named::ByGroup, _) => Some(Fault::Denied),
            (_, Named::ByGroup) => None,
            (Named::No, Named::No) => self.complete.then_some(Fault::NotAllowed),
        }
    }
}

/// What an entry of a list speaks of.
enum Entry<'a> {
    Group(Group),
    Emoji(&'a str),
}

/// Entries that mean nothing are told in [`Settings::problems`] and passed over here.
fn entries(list: &[String]) -> impl Iterator<Item = Entry<'_>> {
    list.iter().filter_map(|entry| match Group::named(entry) {
        Some(group) => Some(Entry::Group(group)),
        None => resolve(entry).map(Entry::Emoji),
    })
}

/// How a list speaks of an emoji.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    No,
    ByGroup,
    Itself,
}

impl Named {
    fn find(entries: &[Entry<'_>], emoji: &str, group: Group) -> Self {
        let mut named = Self::No;
        for entry in entries {
            match entry {
                Entry::Emoji(wanted) if same_emoji(wanted, emoji) => return Self::Itself,
                Entry::Group(own) if own.covers(group) => named = Self::ByGroup,
                _ => {}
            }
        }
        named
    }
}

/// The emoji that an entry stands for.
fn resolve(entry: &str) -> Option<&str> {
    match entry.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')) {
        Some(code) => emoji_of(code),
        None => Some(entry),
    }
}

/// Whether a rule about `wanted` speaks of `emoji`: a rule without skin tone speaks of all tones, and the
/// choice between text and picture form never matters.
fn same_emoji(wanted: &str, emoji: &str) -> bool {
    let any_tone = !wanted.chars().any(is_skin_tone);
    let bare =
        |text: &str| -> Vec<char> { text.chars().filter(|&c| !is_presentation(c)).collect() };
    let counts = |c: &char| !any_tone || !is_skin_tone(*c);
    // Most emojis differ in their first character: decided without building anything.
    wanted.chars().next() == emoji.chars().next()
        && bare(wanted).iter().eq(bare(emoji).iter().filter(|c| counts(c)))
}

fn is_skin_tone(c: char) -> bool {
    ('\u{1F3FB}'..='\u{1F3FF}').contains(&c)
}

fn is_presentation(c: char) -> bool {
    matches!(c, '\u{FE0E}' | '\u{FE0F}')
}

fn faults_of(limits: Option<&Limits>, at: &str) -> Vec<(String, String)> {
    let Some(limits) = limits else { return Vec::new() };
    let groups =
        limits.allow_groups.iter().enumerate().filter(|(_, name)| Group::named(name).is_none());
    let mut found: Vec<_> =
        groups.map(|(i, name)| (format!("{at}/allow_groups/{i}"), no_such_group(name))).collect();
    for (list, entries) in [("allow", &limits.allow), ("deny", &limits.deny)] {
        let faults =
            entries.iter().enumerate().filter_map(|(i, entry)| Some((i, fault_of_entry(entry)?)));
        found.extend(faults.map(|(i, fault)| (format!("{at}/{list}/{i}"), fault)));
    }
    found
}

fn fault_of_entry(entry: &str) -> Option<String> {
    if Group::named(entry).is_some() {
        return None;
    }
    if entry.len() > 1 && entry.starts_with(':') && entry.ends_with(':') {
        return resolve(entry).is_none().then(|| no_such_emoji(entry));
    }
    if entry.chars().any(|c| c.is_alphabetic() || c.is_whitespace()) || entry.is_empty() {
        return Some(no_such_group(entry));
    }
    (entry.is_ascii()).then(|| format!("`{entry}` is not an emoji"))
}

fn no_such_emoji(entry: &str) -> String {
    match nearest(entry.trim_matches(':')) {
        Some(near) => format!("no emoji is called `{entry}`: did you mean `:{near}:`?"),
        None => format!("no emoji is called `{entry}`"),
    }
}

fn no_such_group(name: &str) -> String {
    let names: Vec<&str> = Group::NAMES.iter().map(|(name, _)| *name).collect();
    format!(
        "`{name}` is neither an emoji nor a short code like `:poop:` nor one of the groups {}",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::{By, Fault, Limits, Settings};

    fn limits(json: &str) -> Limits {
        serde_json::from_str(json).unwrap()
    }

    fn faults(json: &str, emojis: &[&str]) -> Vec<Option<Fault>> {
        limits(json).judge(emojis.iter().map(|emoji| (*emoji, 1)))
    }

    #[test]
    fn a_denied_emoji_is_denied_in_every_skin_tone() {
        let denied = Some(Fault::Denied);
        assert_eq!(
            faults(r#"{"deny":["🖕"]}"#, &["🖕", "🖕🏽", "🖕🏿", "👍🏽"]),
            [denied, denied, denied, None]
        );
        assert_eq!(faults(r#"{"deny":["🖕🏽"]}"#, &["🖕", "🖕🏽", "🖕🏿"]), [None, denied, None]);
    }

    #[test]
    fn what_speaks_against_an_emoji_is_named() {
        let limits = limits(r#"{"deny":["flags","🖕","🇧🇷"],"allow_groups":["smileys"]}"#);
        assert_eq!(limits.against("🖕🏽", Fault::Denied), "/deny/1");
        assert_eq!(limits.against("🇧🇷", Fault::Denied), "/deny/2");
        assert_eq!(limits.against("🇧🇪", Fault::Denied), "/deny/0");
        assert_eq!(limits.against("🍕", Fault::NotAllowed), "/allow_groups");
        assert_eq!(limits.against("🙂", Fault::TooMany(3)), "/max_per_message");
        let settings: Settings =
            serde_json::from_str(r#"{"agent":{},"department":{"a/b":{"agent":{}}}}"#).unwrap();
        assert_eq!(settings.place(By::Agent, Some("a/b")), "/department/a~1b/agent");
        assert_eq!(settings.place(By::Agent, Some("c")), "/agent");
    }

    #[test]
    fn a_part_of_a_sequence_is_not_the_sequence() {
        let denied = Some(Fault::Denied);
        assert_eq!(faults(r#"{"deny":["👨"]}"#, &["👨", "👨🏿", "👨‍👩‍👧"]), [denied, denied, None]);
        assert_eq!(faults(r#"{"deny":["❤"]}"#, &["❤️", "❤", "❤️‍🔥"]), [denied, denied, None]);
        assert_eq!(faults(r#"{"deny":["🇧🇷"]}"#, &["🇧🇷", "🇧🇪"]), [denied, None]);
        assert_eq!(faults(r#"{"deny":["1️⃣"]}"#, &["1️⃣", "2️⃣"]), [denied, None]);
    }

    #[test]
    fn tones_inside_a_sequence_are_tones_too() {
        assert_eq!(faults(r#"{"deny":["🧑‍🤝‍🧑"]}"#, &["🧑🏻‍🤝‍🧑🏿"]), [Some(Fault::Denied)]);
    }

    #[test]
    fn short_codes_and_their_aliases_mean_the_emoji() {
        for code in [":poop:", ":hankey:", ":shit:"] {
            assert_eq!(
                faults(&format!(r#"{{"deny":["{code}"]}}"#), &["💩", "🙂"]),
                [Some(Fault::Denied), None]
            );
        }
    }

    #[test]
    fn allowed_groups_are_complete_and_single_emojis_beat_groups() {
        let json = r#"{"allow_groups":["smileys","gestures"],"allow":["🚗"],"deny":["🤡","🖕"]}"#;
        let wanted =
            [None, Some(Fault::Denied), Some(Fault::Denied), None, Some(Fault::NotAllowed), None];
        assert_eq!(faults(json, &["😀", "🤡", "🖕🏽", "🚗", "🚌", "👍"]), wanted);
    }

    #[test]
    fn a_single_emoji_is_an_exception_from_a_denied_group() {
        assert_eq!(
            faults(r#"{"allow":["🇧🇷"],"deny":["flags"]}"#, &["🇧🇷", "🇦🇷", "😀"]),
            [None, Some(Fault::Denied), None]
        );
        assert_eq!(faults(r#"{"allow":["🇧🇷"]}"#, &["🇧🇷", "😀"]), [None, Some(Fault::NotAllowed)]);
        assert_eq!(
            faults(r#"{"deny":["people"]}"#, &["👍"]),
            [Some(Fault::Denied)],
            "gestures are people"
        );
    }

    #[test]
    fn only_allowed_emojis_count_against_the_limit() {
        let json = r#"{"deny":["💩"],"max_per_message":2}"#;
        let many = Some(Fault::TooMany(2));
        assert_eq!(
            faults(json, &["💩", "😀", "💩", "😃", "😄"]),
            [Some(Fault::Denied), None, Some(Fault::Denied), None, many]
        );
        assert_eq!(
            limits(json).judge([("😀", 3), ("😃", 1)]),
            [many, many],
            "the same one three times is three"
        );
        assert_eq!(faults(r#"{"max_per_message":0}"#, &["😀"]), [Some(Fault::TooMany(0))]);
    }

    #[test]
    fn nothing_is_limited_without_settings() {
        assert_eq!(faults("{}", &["🖕", "💩"]), [None, None]);
        assert!(Settings::default().limits(By::Agent, Some("x")).is_none());
    }

    #[test]
    fn a_department_has_limits_of_its_own() {
        let json = r#"{"agent":{"max_per_message":3},"department":{"ouvidoria":{"agent":{"max_per_message":0}}}}"#;
        let settings: Settings = serde_json::from_str(json).unwrap();
        let most = |by, department| {
            settings.limits(by, department).and_then(|limits| limits.max_per_message)
        };
        assert_eq!(most(By::Agent, Some("ouvidoria")), Some(0));
        assert_eq!(most(By::Agent, Some("suporte")), Some(3));
        assert_eq!(most(By::Agent, None), Some(3));
        assert_eq!(most(By::Consumer, Some("ouvidoria")), None);
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let json = r#"{"agent":{"allow_groups":["smileys","faces"],"deny":["🖕",":pooop:","x y","12"]},
                       "department":{"a/b":{"consumer":{"allow":["nothing"]}}}}"#;
        let settings: Settings = serde_json::from_str(json).unwrap();
        let places: Vec<_> = settings.problems().into_iter().map(|(path, _)| path).collect();
        let wanted = [
            "/agent/allow_groups/1",
            "/agent/deny/1",
            "/agent/deny/2",
            "/agent/deny/3",
            "/department/a~1b/consumer/allow/0",
        ];
        assert_eq!(places, wanted);
    }
}
