//! The rule file's shape: `[[rule]]` with a name, `when` and `then`, and what can be wrong with it.
//!
//! Every condition of `when` must hold; one that is absent holds always. `then` says exactly one thing. Deciding is
//! in [`crate::logic`].

use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The rules; the first that applies counts.
    pub rule: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Shown when nothing else explains the decision, and in `dialogo check`.
    pub name: String,
    /// When it applies.
    #[serde(default)]
    pub when: When,
    /// What then.
    pub then: Then,
}

/// When a rule applies.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// The conversation's department is one of these.
    pub from: Option<OneOrMore>,
    /// Somebody asks for one of these: a department, `agent:ID`, `first-contact`, `bot`, or `*` for anything.
    pub to: Option<OneOrMore>,
    /// The classification is one of these; `reclamacao.*` is the node and everything below it.
    pub classification: Option<OneOrMore>,
    /// The consumer has waited at least so many minutes.
    pub waited_min: Option<f64>,
    /// All of these calendars are closed now.
    pub outside: Option<OneOrMore>,
    /// One of these calendars is open now.
    pub inside: Option<OneOrMore>,
    /// One of these regular expressions occurs in the consumer's recent messages.
    pub keywords: Vec<String>,
    /// The channel is one of these.
    pub channel: Option<OneOrMore>,
    /// The engine asks for one of these reasons: `new-message`, `classified`, `agent-left`, `waited-too-long`, `agent-asked`.
    pub trigger: Option<OneOrMore>,
    /// Facts of the consumer (or of the conversation) with these values.
    pub facts: BTreeMap<String, Value>,
    /// At least so many wait in the department asked for, or else in the conversation's own.
    pub waiting_at_least: Option<u32>,
    /// Nobody is online (or somebody is) in that department.
    pub nobody_online: Option<bool>,
    /// That department is open (or closed) now.
    pub open: Option<bool>,
}

/// What a rule says: exactly one of `move_to`, `deny`, `stay`, `allow`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Then {
    /// Move the conversation there: a department, `agent:ID`, `first-contact` or `bot`.
    pub move_to: Option<String>,
    /// Refuse, with these words.
    pub deny: Option<Words>,
    /// Leave the conversation where it is, with these words.
    pub stay: Option<Words>,
    /// No objection, and no later rule is asked.
    pub allow: Option<bool>,
    /// The words for `move_to`.
    pub because: Option<Words>,
}

/// One text or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several, of which one must fit.
    More(Vec<String>),
}

impl OneOrMore {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

/// Words for people: one text, or one for each language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// The same in every language.
    Plain(String),
    /// By language (`pt`, `en`, `es`).
    ByLanguage(BTreeMap<String, String>),
}

impl Words {
    /// The text in a language, else in Portuguese, else in whatever there is.
    pub fn in_language(&self, language: &str) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::ByLanguage(texts) => {
                let short = language.split(['-', '_']).next().unwrap_or(language);
                texts
                    .get(language)
                    .or_else(|| texts.get(short))
                    .or_else(|| texts.get("pt"))
                    .or_else(|| texts.values().next())
                    .map_or("", String::as_str)
            }
        }
    }
}

/// A fact's value, as a rule or the host writes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// True or false.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
}

impl Value {
    /// Whether a fact's value is what a rule wants. Facts often arrive as text, so `true` fits `"true"`; of lists one
    /// common text is enough.
    pub fn fits(&self, fact: &Self) -> bool {
        match (self, fact) {
            (Self::Texts(wanted), fact) => {
                wanted.iter().any(|wanted| Self::Text(wanted.clone()).fits(fact))
            }
            (wanted, Self::Texts(texts)) => {
                texts.iter().any(|text| wanted.fits(&Self::Text(text.clone())))
            }
            (Self::Flag(wanted), Self::Text(text)) => {
                text == if *wanted { "true" } else { "false" }
            }
            (Self::Number(wanted), Self::Text(text)) => text.parse() == Ok(*wanted),
            (Self::Text(_), Self::Flag(_) | Self::Number(_)) => fact.fits(self),
            (wanted, fact) => wanted == fact,
        }
    }
}

/// Where a conversation may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// To a department.
    Department(String),
    /// To an agent.
    Agent(String),
    /// To the agent of first contact.
    FirstContact,
    /// Back to the bot.
    Bot,
}

impl Goal {
    /// The goal that a rule names.
    pub fn named(name: &str) -> Self {
        match name {
            "first-contact" => Self::FirstContact,
            "bot" => Self::Bot,
            _ => name
                .strip_prefix("agent:")
                .map_or_else(|| Self::Department(name.to_owned()), |id| Self::Agent(id.to_owned())),
        }
    }
}

impl Rules {
    /// Everything that is wrong: a JSON pointer and what is the matter there.
    pub fn problems(
        &self,
        department: impl Fn(&str) -> bool,
        node: impl Fn(&str) -> bool,
    ) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (i, rule) in self.rule.iter().enumerate() {
            rule.when.problems(&format!("/rule/{i}/when"), &department, &node, &mut found);
            rule.then.problems(&format!("/rule/{i}/then"), &department, &mut found);
        }
        // Of rules that are wrong nobody knows yet what they will cover.
        if found.is_empty() { self.never_reached() } else { found }
    }

    /// Rules behind a wider one that always speaks.
    fn never_reached(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (i, rule) in self.rule.iter().enumerate() {
            let mut earlier = self.rule[..i].iter();
            let before =
                earlier.find(|earlier| earlier.always_speaks() && earlier.when.covers(&rule.when));
            if let Some(before) = before {
                let what = format!(
                    "this rule is never reached: \"{}\" stands before it and holds whenever this one does",
                    before.name
                );
                found.push((format!("/rule/{i}/name"), what));
            }
        }
        found
    }
}

impl Rule {
    /// Whether no later rule is asked once it applies.
    fn always_speaks(&self) -> bool {
        self.then.allow == Some(true)
            || self.then.stay.is_some()
            || (self.then.deny.is_some() && self.when.to.is_some())
    }
}

impl When {
    /// Whether this holds wherever the other one does.
    fn covers(&self, other: &Self) -> bool {
        let among = |own: &Option<OneOrMore>, others: &Option<OneOrMore>| match (own, others) {
            (None, _) => true,
            (Some(own), Some(others)) => {
                own.all().iter().any(|any| any == "*")
                    || others.all().iter().all(|one| own.all().contains(one))
            }
            (Some(_), None) => false,
        };
        // All of these have to be closed: the more, the narrower.
        let closed = match (&self.outside, &other.outside) {
            (None, _) => true,
            (Some(own), Some(others)) => own.all().iter().all(|one| others.all().contains(one)),
            (Some(_), None) => false,
        };
        let words = self.keywords.is_empty()
            || (!other.keywords.is_empty()
                && other.keywords.iter().all(|word| self.keywords.contains(word)));
        among(&self.from, &other.from)
            && among(&self.to, &other.to)
            && among(&self.classification, &other.classification)
            && among(&self.inside, &other.inside)
            && among(&self.channel, &other.channel)
            && among(&self.trigger, &other.trigger)
            && closed
            && words
            && self.facts.iter().all(|(key, value)| other.facts.get(key) == Some(value))
            && at_most(self.waited_min, other.waited_min)
            && at_most(self.waiting_at_least, other.waiting_at_least)
            && (self.nobody_online.is_none() || self.nobody_online == other.nobody_online)
            && (self.open.is_none() || self.open == other.open)
    }

    fn problems(
        &self,
        at: &str,
        department: &impl Fn(&str) -> bool,
        node: &impl Fn(&str) -> bool,
        found: &mut Vec<(String, String)>,
    ) {
        let mut each = |key: &str,
                        list: &Option<OneOrMore>,
                        fault: &dyn Fn(&str) -> Option<String>| {
            let Some(list) = list else { return };
            for (i, entry) in list.all().iter().enumerate() {
                let place =
                    if matches!(list, OneOrMore::One(_)) { String::new() } else { format!("/{i}") };
                found.extend(fault(entry).map(|what| (format!("{at}/{key}{place}"), what)));
            }
        };
        each("from", &self.from, &|id| {
            (!department(id)).then(|| format!("there is no department `{id}`"))
        });
        each("to", &self.to, &|name| {
            if name == "*" { None } else { unknown_goal(name, department) }
        });
        each("classification", &self.classification, &|glob| {
            let id = glob.trim_end_matches(".*");
            (id != "*" && !node(id)).then(|| format!("there is no classification `{id}`"))
        });
        each("channel", &self.channel, &|name| {
            not_among(name, &["web", "mobile", "email", "social", "voice", "api"])
        });
        let triggers =
            ["new-message", "classified", "agent-left", "waited-too-long", "agent-asked"];
        each("trigger", &self.trigger, &|name| not_among(name, &triggers));
        if self.waited_min.is_some_and(|minutes| minutes < 0.0) {
            found.push((format!("{at}/waited_min"), "must not be negative".to_owned()));
        }
    }
}

impl Then {
    fn problems(
        &self,
        at: &str,
        department: &impl Fn(&str) -> bool,
        found: &mut Vec<(String, String)>,
    ) {
        let said = [
            self.move_to.is_some(),
            self.deny.is_some(),
            self.stay.is_some(),
            self.allow.is_some(),
        ];
        if said.iter().filter(|said| **said).count() != 1 {
            found.push((
                at.to_owned(),
                "say exactly one of `move_to`, `deny`, `stay`, `allow = true`".to_owned(),
            ));
        }
        if self.allow == Some(false) {
            found.push((format!("{at}/allow"), "to refuse, write `deny = \"why\"`".to_owned()));
        }
        if let Some(what) = self.move_to.as_deref().and_then(|name| unknown_goal(name, department))
        {
            found.push((format!("{at}/move_to"), what));
        }
        if self.because.is_some() && self.move_to.is_none() {
            found.push((
                format!("{at}/because"),
                "`because` belongs to `move_to`; `deny` and `stay` have words of their own"
                    .to_owned(),
            ));
        }
    }
}

/// Whether a lower bound is no higher than another.
fn at_most<T: PartialOrd>(own: Option<T>, other: Option<T>) -> bool {
    own.is_none_or(|own| other.is_some_and(|other| own <= other))
}

fn unknown_goal(name: &str, department: &impl Fn(&str) -> bool) -> Option<String> {
    match Goal::named(name) {
        Goal::Department(id) if !department(&id) => Some(format!("there is no department `{id}`")),
        _ => None,
    }
}

fn not_among(name: &str, known: &[&str]) -> Option<String> {
    (!known.contains(&name)).then(|| format!("`{name}` is not among {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{Rules, Value, Words};

    #[test]
    fn facts_that_arrive_as_text_fit_flags_and_numbers() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert!(Value::Flag(true).fits(&text("true")));
        assert!(!Value::Flag(true).fits(&text("false")));
        assert!(Value::Number(3.0).fits(&text("3")));
        assert!(text("true").fits(&Value::Flag(true)));
        assert!(text("gold").fits(&Value::Texts(vec!["gold".to_owned(), "old".to_owned()])));
        assert!(Value::Texts(vec!["gold".to_owned(), "black".to_owned()]).fits(&text("black")));
        assert!(!text("gold").fits(&text("silver")));
    }

    #[test]
    fn a_rule_behind_a_wider_one_is_never_reached() {
        let json = r#"{"rule":[
            {"name":"late","when":{"to":["vendas","suporte"],"waited_min":5},"then":{"deny":"no"}},
            {"name":"later","when":{"to":"vendas","waited_min":10},"then":{"allow":true}},
            {"name":"earlier","when":{"to":"vendas","waited_min":1},"then":{"allow":true}},
            {"name":"moves","when":{"from":"vendas"},"then":{"move_to":"suporte"}},
            {"name":"moves too","when":{"from":"vendas"},"then":{"stay":"here"}}]}"#;
        let rules: Rules = serde_json::from_str(json).unwrap();
        let found = rules.problems(|_| true, |_| true);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "/rule/1/name");
        assert!(found[0].1.contains("\"late\""), "{}", found[0].1);
    }

    #[test]
    fn words_fall_back_to_portuguese() {
        let words: Words = serde_json::from_str(r#"{"pt":"não","en":"no"}"#).unwrap();
        assert_eq!(words.in_language("en-US"), "no");
        assert_eq!(words.in_language("es"), "não");
        assert_eq!(Words::Plain("x".to_owned()).in_language("es"), "x");
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let json = r#"{"rule":[
            {"name":"a","when":{"from":"x","to":["suporte","y"],"classification":"no.*","channel":"fax","trigger":["never"],"waited_min":-1},"then":{"move_to":"z"}},
            {"name":"b","then":{"deny":"no","stay":"no","because":"c"}},
            {"name":"c","then":{"allow":false}}]}"#;
        let rules: Rules = serde_json::from_str(json).unwrap();
        let places: Vec<_> = rules
            .problems(|id| id == "suporte", |_| false)
            .into_iter()
            .map(|(path, _)| path)
            .collect();
        let wanted = [
            "/rule/0/when/from",
            "/rule/0/when/to/1",
            "/rule/0/when/classification",
            "/rule/0/when/channel",
            "/rule/0/when/trigger/0",
            "/rule/0/when/waited_min",
            "/rule/0/then/move_to",
            "/rule/1/then",
            "/rule/1/then/because",
            "/rule/2/then/allow",
        ];
        assert_eq!(places, wanted);
    }
}
