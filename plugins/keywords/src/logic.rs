//! The rules themselves, free of the sandbox: messages in, suggestions out. Tested natively.
//!
//! A rule speaks for its node when one of its `any` patterns occurs, all of its `all` patterns occur (each in some
//! message), and none of `none`: a message with a `none` pattern does not count for that rule at all. Evidence
//! adds up: two independent hints of 0.5 make 0.75. A hint that stands further back counts less. Finding
//! patterns in text is the host's work and comes in as a function.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::OnceLock;

/// What is left of a hint's weight for each newer message of the same kind.
const FADING: f32 = 0.95;
/// No sum of hints is surer than this.
const SUREST: f32 = 0.99;
/// A second pattern of the same rule adds this part of the weight.
const FURTHER_PATTERN: f32 = 0.25;
/// Words shown as evidence for one suggestion.
const MOST_WORDS: usize = 6;

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The rules, in the file's order.
    pub rule: Vec<Rule>,
    /// Whether one of them looks at what agents say: looked up once, for there may be thousands.
    #[serde(skip)]
    agents_matter: OnceLock<bool>,
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The node of the tree that it speaks for.
    pub node: String,
    /// One of these must occur (when there are any).
    #[serde(default)]
    pub any: Vec<String>,
    /// Each of these must occur.
    #[serde(default)]
    pub all: Vec<String>,
    /// None of these may occur in the message.
    #[serde(default)]
    pub none: Vec<String>,
    /// How sure one hit is, 0 to 1.
    #[serde(default = "usual_weight")]
    pub weight: f32,
    /// Whose messages it looks at.
    #[serde(default)]
    pub side: WhoseWords,
    /// Which of them.
    #[serde(default)]
    pub turn: Turn,
}

fn usual_weight() -> f32 {
    0.5
}

/// Whose messages a rule looks at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhoseWords {
    /// The consumer's.
    #[default]
    Consumer,
    /// The agent's.
    Agent,
    /// Both sides'.
    Both,
}

/// Which messages of a side a rule looks at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// All recent ones.
    #[default]
    Any,
    /// The conversation's first only.
    First,
    /// The newest only.
    Last,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The consumer.
    Consumer,
    /// An agent.
    Agent,
}

/// A message of the conversation.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Its author's side.
    pub who: Who,
    /// Its text.
    pub text: &'a str,
}

/// What is suggested.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion<'a> {
    /// The node.
    pub node: &'a str,
    /// 0 to 1.
    pub confidence: f32,
    /// The words that led to it, as they were written.
    pub words: Vec<&'a str>,
    /// The rules that speak for it, by their place in the settings.
    pub rules: Vec<usize>,
}

/// A pattern of a rule, and where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    rule: usize,
    list: List,
    pattern: usize,
    start: usize,
    end: usize,
}

/// Which of a rule's lists a pattern stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Any,
    All,
    None,
}

impl Hit {
    /// Reads the host's name of a pattern, such as `/rule/12/any/0`; none for names that are no patterns of ours.
    pub fn named(name: &str, start: usize, end: usize) -> Option<Self> {
        let mut parts = name.strip_prefix("/rule/")?.split('/');
        let rule = parts.next()?.parse().ok()?;
        let list = match parts.next()? {
            "any" => List::Any,
            "all" => List::All,
            "none" => List::None,
            _ => return None,
        };
        Some(Self { rule, list, pattern: parts.next()?.parse().ok()?, start, end })
    }
}

/// What all messages together hold for one rule.
#[derive(Debug, Default)]
struct Evidence<'a> {
    any: Vec<(usize, f32)>,
    all: Vec<(usize, f32)>,
    words: Vec<&'a str>,
}

impl Rules {
    /// At most `limit` suggestions, the surest first. `messages` are the recent ones, oldest first, and begin with the
    /// conversation's first if `from_the_first`.
    pub fn suggest<'a>(
        &'a self,
        messages: &[Message<'a>],
        from_the_first: bool,
        limit: usize,
        find: impl Fn(&str) -> Rc<[Hit]>,
    ) -> Vec<Suggestion<'a>> {
        let mut evidence: BTreeMap<usize, Evidence<'a>> = BTreeMap::new();
        let agents_matter = *self
            .agents_matter
            .get_or_init(|| self.rule.iter().any(|rule| rule.side != WhoseWords::Consumer));
        let mut newer = [0_i32; 2];
        for (i, message) in messages.iter().enumerate().rev() {
            if message.who == Who::Agent && !agents_matter {
                continue;
            }
            let place = Place {
                who: message.who,
                newer: newer[message.who as usize],
                oldest: from_the_first
                    && !messages[..i].iter().any(|older| older.who == message.who),
            };
            newer[message.who as usize] += 1;
            self.weigh(message.text, &find(message.text), place, &mut evidence);
        }
        self.rank(evidence, limit)
    }

    /// Adds what one message holds to the evidence of each rule it speaks of.
    fn weigh<'a>(
        &self,
        text: &'a str,
        hits: &[Hit],
        place: Place,
        evidence: &mut BTreeMap<usize, Evidence<'a>>,
    ) {
        let weight = FADING.powi(place.newer);
        // The host answers in the order of its sets, so a rule's lists may stand apart.
        let vetoed = |rule| hits.iter().any(|hit| hit.rule == rule && hit.list == List::None);
        for hit in hits.iter().filter(|hit| hit.list != List::None) {
            let Some(rule) = self.rule.get(hit.rule) else { continue };
            let Some(word) = text.get(hit.start..hit.end) else { continue };
            if !place.suits(rule) || vetoed(hit.rule) {
                continue;
            }
            let so_far = evidence.entry(hit.rule).or_default();
            match hit.list {
                List::Any => so_far.any.push((hit.pattern, weight)),
                List::All | List::None => so_far.all.push((hit.pattern, weight)),
            }
            so_far.words.push(word);
        }
    }

    fn rank<'a>(
        &'a self,
        evidence: BTreeMap<usize, Evidence<'a>>,
        limit: usize,
    ) -> Vec<Suggestion<'a>> {
        let mut by_node: BTreeMap<&str, (f32, Vec<&str>, Vec<usize>)> = BTreeMap::new();
        for (index, evidence) in evidence {
            let rule = &self.rule[index];
            let Some(sure) = rule.confidence(&evidence) else { continue };
            let (unsure, words, rules) =
                by_node.entry(&rule.node).or_insert((1.0, Vec::new(), Vec::new()));
            *unsure *= 1.0 - sure;
            rules.push(index);
            for word in evidence.words {
                if words.len() < MOST_WORDS && !words.contains(&word) {
                    words.push(word);
                }
            }
        }
        let mut ranked: Vec<Suggestion<'a>> = by_node
            .into_iter()
            .map(|(node, (unsure, words, rules))| Suggestion {
                node,
                confidence: (1.0 - unsure).clamp(0.0, SUREST),
                words,
                rules,
            })
            .collect();
        // Stable: equal confidences stay in the order of their ids.
        ranked.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        ranked.truncate(limit);
        ranked
    }

    /// Everything that is wrong: a JSON pointer and what is the matter there. Whether the patterns compile is the
    /// host's to say.
    pub fn problems(&self, exists: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (i, rule) in self.rule.iter().enumerate() {
            if !exists(&rule.node) {
                found.push((
                    format!("/rule/{i}/node"),
                    format!("there is no classification `{}`", rule.node),
                ));
            }
            if rule.any.is_empty() && rule.all.is_empty() {
                found.push((
                    format!("/rule/{i}"),
                    "the rule needs `any` or `all`, or it can never apply".to_owned(),
                ));
            }
            if !(rule.weight > 0.0 && rule.weight <= 1.0) {
                found.push((
                    format!("/rule/{i}/weight"),
                    "a weight is more than 0 and at most 1".to_owned(),
                ));
            }
        }
        found
    }
}

/// Where a message stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    who: Who,
    /// Messages of the same side that came after it.
    newer: i32,
    /// Whether it is the side's first of the conversation.
    oldest: bool,
}

impl Place {
    fn suits(self, rule: &Rule) -> bool {
        let side = match rule.side {
            WhoseWords::Consumer => self.who == Who::Consumer,
            WhoseWords::Agent => self.who == Who::Agent,
            WhoseWords::Both => true,
        };
        side && match rule.turn {
            Turn::Any => true,
            Turn::First => self.oldest,
            Turn::Last => self.newer == 0,
        }
    }
}

impl Rule {
    /// How sure the rule is; none when it does not apply.
    fn confidence(&self, evidence: &Evidence<'_>) -> Option<f32> {
        let complete = (0..self.all.len())
            .all(|wanted| evidence.all.iter().any(|(pattern, _)| *pattern == wanted));
        if !complete || (!self.any.is_empty() && evidence.any.is_empty()) {
            return None;
        }
        // With `any`, its patterns carry the weight; else the faintest of `all` does.
        if self.any.is_empty() {
            let faintest = evidence.all.iter().map(|(_, weight)| *weight).fold(1.0, f32::min);
            return Some(self.weight * faintest);
        }
        let mut unsure = 1.0;
        let mut seen: Vec<usize> = Vec::new();
        for (pattern, weight) in &evidence.any {
            let part = if seen.is_empty() { 1.0 } else { FURTHER_PATTERN };
            seen.push(*pattern);
            unsure *= 1.0 - self.weight * weight * part;
        }
        Some(1.0 - unsure)
    }
}

#[cfg(test)]
mod tests {
    use super::{Hit, Message, Rules, Suggestion, Who};
    use std::rc::Rc;

    /// Stands in for the host: patterns are plain words here.
    fn find_in(rules: &Rules, text: &str) -> Rc<[Hit]> {
        let mut hits = Vec::new();
        for (i, rule) in rules.rule.iter().enumerate() {
            for (list, patterns) in [("any", &rule.any), ("all", &rule.all), ("none", &rule.none)] {
                for (k, pattern) in patterns.iter().enumerate() {
                    if let Some(at) = text.find(pattern.as_str()) {
                        let name = format!("/rule/{i}/{list}/{k}");
                        hits.extend(Hit::named(&name, at, at + pattern.len()));
                    }
                }
            }
        }
        hits.into()
    }

    fn rules(json: &str) -> Rules {
        serde_json::from_str(json).unwrap()
    }

    fn suggest<'a>(rules: &'a Rules, texts: &[(Who, &'a str)]) -> Vec<Suggestion<'a>> {
        let messages: Vec<_> = texts.iter().map(|&(who, text)| Message { who, text }).collect();
        rules.suggest(&messages, true, 10, |text| find_in(rules, text))
    }

    fn nodes(rules: &Rules, texts: &[(Who, &str)]) -> Vec<String> {
        suggest(rules, texts).into_iter().map(|suggestion| suggestion.node.to_owned()).collect()
    }

    const BOLETO: &str = r#"{"rule":[{"node":"boleto","any":["boleto","segunda via"],"none":["cancelar"],"weight":0.8}]}"#;

    #[test]
    fn a_word_suggests_the_node_with_the_word_as_evidence() {
        let rules = rules(BOLETO);
        let found = suggest(&rules, &[(Who::Consumer, "perdi o boleto")]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].node, found[0].words.as_slice()), ("boleto", ["boleto"].as_slice()));
        assert!((found[0].confidence - 0.8).abs() < 1e-6);
    }

    #[test]
    fn a_none_pattern_silences_its_message_only() {
        let rules = rules(BOLETO);
        assert_eq!(
            nodes(&rules, &[(Who::Consumer, "quero cancelar o boleto")]),
            Vec::<String>::new()
        );
        assert_eq!(
            nodes(&rules, &[(Who::Consumer, "quero cancelar"), (Who::Consumer, "o boleto")]),
            ["boleto"]
        );
    }

    #[test]
    fn evidence_adds_up_and_fades() {
        let rules = rules(BOLETO);
        let sure = |texts: &[(Who, &str)]| suggest(&rules, texts)[0].confidence;
        let (once, twice) = (
            sure(&[(Who::Consumer, "boleto")]),
            sure(&[(Who::Consumer, "boleto"), (Who::Consumer, "segunda via")]),
        );
        let older = sure(&[(Who::Consumer, "boleto"), (Who::Consumer, "oi")]);
        assert!(twice > once && once > older, "{twice} > {once} > {older}");
        assert!(sure(&[(Who::Consumer, "boleto"); 20]) <= 0.99);
    }

    #[test]
    fn all_patterns_must_occur_but_not_in_one_message() {
        let rules = rules(r#"{"rule":[{"node":"n","all":["cartao","fatura"],"weight":0.6}]}"#);
        assert!(nodes(&rules, &[(Who::Consumer, "meu cartao")]).is_empty());
        assert_eq!(
            nodes(&rules, &[(Who::Consumer, "meu cartao"), (Who::Consumer, "a fatura")]),
            ["n"]
        );
    }

    #[test]
    fn the_agents_words_count_only_where_a_rule_says_so() {
        assert!(nodes(&rules(BOLETO), &[(Who::Agent, "boleto")]).is_empty());
        let both =
            rules(r#"{"rule":[{"node":"a","any":["x"],"side":"agent"},{"node":"c","any":["x"]}]}"#);
        assert_eq!(nodes(&both, &[(Who::Agent, "x")]), ["a"]);
        assert_eq!(nodes(&both, &[(Who::Consumer, "x")]), ["c"]);
    }

    #[test]
    fn turns_narrow_a_rule_to_the_first_or_newest_message() {
        let rules = rules(
            r#"{"rule":[{"node":"f","any":["x"],"turn":"first"},{"node":"l","any":["x"],"turn":"last"}]}"#,
        );
        assert_eq!(nodes(&rules, &[(Who::Consumer, "x"), (Who::Consumer, "y")]), ["f"]);
        assert_eq!(
            nodes(&rules, &[(Who::Consumer, "y"), (Who::Agent, "y"), (Who::Consumer, "x")]),
            ["l"]
        );
        let later =
            [Message { who: Who::Consumer, text: "x" }, Message { who: Who::Consumer, text: "y" }];
        assert!(
            rules.suggest(&later, false, 5, |text| find_in(&rules, text)).is_empty(),
            "the first is not among them"
        );
    }

    #[test]
    fn the_surest_come_first_and_equals_by_id() {
        let rules = rules(
            r#"{"rule":[{"node":"b","any":["x"]},{"node":"a","any":["x"]},{"node":"c","any":["x"],"weight":0.9}]}"#,
        );
        assert_eq!(nodes(&rules, &[(Who::Consumer, "x")]), ["c", "a", "b"]);
        let messages = [Message { who: Who::Consumer, text: "x" }];
        assert_eq!(rules.suggest(&messages, true, 1, |text| find_in(&rules, text)).len(), 1);
    }

    #[test]
    fn names_that_are_no_patterns_of_ours_are_passed_over() {
        for name in ["", "/rule/x/any/0", "/rule/0", "/rule/0/some/0", "/patterns/a/0"] {
            assert_eq!(Hit::named(name, 0, 1), None, "{name}");
        }
        let rules = rules(BOLETO);
        let messages = [Message { who: Who::Consumer, text: "x" }];
        let stranger = Hit::named("/rule/9/any/0", 0, 1).unwrap();
        assert!(rules.suggest(&messages, true, 5, |_| Rc::new([stranger])).is_empty());
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let rules = rules(r#"{"rule":[{"node":"no","any":["x"]},{"node":"yes","weight":2}]}"#);
        let places: Vec<_> =
            rules.problems(|node| node == "yes").into_iter().map(|(path, _)| path).collect();
        assert_eq!(places, ["/rule/0/node", "/rule/1", "/rule/1/weight"]);
    }
}
