//! Deciding, free of the sandbox: rules and a situation in, an outcome out. Tested natively.
//!
//! The first rule that applies counts. When somebody asks for a transfer, a rule that moves speaks only if it has
//! `to` (it redirects); when the engine asks, only rules without `to` speak, and a proposal that a `deny` rule
//! forbids is passed over. What is not known (a fact, a calendar) never makes a rule apply.

use crate::settings::{Goal, OneOrMore, Rule, Rules, Value, When, Words};

/// A department of the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Open by its calendar.
    pub open: bool,
    /// Conversations waiting.
    pub waiting: u32,
    /// Agents online.
    pub online_agents: u32,
}

/// What is asked and what is known about it.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// Why the engine asks.
    pub trigger: &'a str,
    /// What an agent asks for.
    pub requested: Option<&'a Goal>,
    /// Where the conversation is.
    pub department: Option<&'a str>,
    /// What it is about, so far.
    pub classification: Option<&'a str>,
    /// How it came in.
    pub channel: &'a str,
    /// How long the consumer has been waiting.
    pub waited_seconds: Option<f64>,
    /// The calendars that are open now; none: not known.
    pub calendars_open: Option<&'a [String]>,
    /// A fact of the consumer or the conversation.
    pub fact: &'a dyn Fn(&str) -> Option<Value>,
    /// A department's state.
    pub queue: &'a dyn Fn(&str) -> Option<Queue>,
    /// The word found by the keywords of the rule with that number.
    pub keyword: &'a dyn Fn(usize) -> Option<String>,
}

/// What the rules say.
#[derive(Debug, Clone)]
pub enum Outcome<'r> {
    /// Nothing.
    Abstain,
    /// Leave it where it is.
    Stay {
        /// The rule that says so.
        rule: &'r Rule,
        /// Its words.
        words: &'r Words,
        /// What led to it.
        evidence: Vec<String>,
    },
    /// Not there.
    Forbid {
        /// The rule that says so.
        rule: &'r Rule,
        /// Its words.
        words: &'r Words,
        /// What led to it.
        evidence: Vec<String>,
    },
    /// There.
    Move {
        /// The rule that says so.
        rule: &'r Rule,
        /// Where to.
        to: Goal,
        /// Its words, if it has any.
        words: Option<&'r Words>,
        /// What led to it.
        evidence: Vec<String>,
    },
}

/// What the rules say about a situation.
pub fn decide<'r>(rules: &'r Rules, situation: &Situation<'_>) -> Outcome<'r> {
    for (number, rule) in rules.rule.iter().enumerate() {
        if let Some(evidence) = applies(number, rule, situation, situation.requested)
            && let Some(outcome) = says(rules, rule, situation, evidence)
        {
            return outcome;
        }
    }
    Outcome::Abstain
}

/// What a rule that applies says; none: nothing in this situation.
fn says<'r>(
    rules: &'r Rules,
    rule: &'r Rule,
    situation: &Situation<'_>,
    evidence: Vec<String>,
) -> Option<Outcome<'r>> {
    let then = &rule.then;
    if then.allow == Some(true) {
        return Some(Outcome::Abstain);
    }
    if let Some(words) = &then.stay {
        return Some(Outcome::Stay { rule, words, evidence });
    }
    if let Some(words) = &then.deny {
        return situation.requested.is_some().then_some(Outcome::Forbid { rule, words, evidence });
    }
    let to = Goal::named(then.move_to.as_deref()?);
    let already_there = matches!(&to, Goal::Department(id) if situation.department == Some(id));
    let redirects = rule.when.to.is_some();
    if already_there
        || situation.requested.is_some() != redirects
        || situation.requested == Some(&to)
    {
        return None;
    }
    (!forbidden(rules, &to, situation)).then_some(Outcome::Move {
        rule,
        to,
        words: then.because.as_ref(),
        evidence,
    })
}

/// Whether a `deny` rule would refuse that goal if somebody asked for it.
fn forbidden(rules: &Rules, to: &Goal, situation: &Situation<'_>) -> bool {
    let mut judged = rules.rule.iter().enumerate().filter(|(_, rule)| rule.when.to.is_some());
    let first = judged.find(|(number, rule)| {
        (rule.then.deny.is_some() || rule.then.allow.is_some())
            && applies(*number, rule, situation, Some(to)).is_some()
    });
    first.is_some_and(|(_, rule)| rule.then.deny.is_some())
}

/// Whether every condition holds, and what showed it.
fn applies(
    number: usize,
    rule: &Rule,
    situation: &Situation<'_>,
    goal: Option<&Goal>,
) -> Option<Vec<String>> {
    let when = &rule.when;
    let mut evidence = Vec::new();
    let holds = one_of(when.from.as_ref(), situation.department)
        && goal_fits(when, goal)
        && one_of(when.channel.as_ref(), Some(situation.channel))
        && one_of(when.trigger.as_ref(), Some(situation.trigger))
        && classified(when, situation, &mut evidence)
        && waited(when, situation, &mut evidence)
        && in_hours(when, situation.calendars_open)
        && when
            .facts
            .iter()
            .all(|(key, wanted)| (situation.fact)(key).is_some_and(|fact| wanted.fits(&fact)))
        && queue_fits(when, situation, goal, &mut evidence)
        && has_keyword(number, when, situation, &mut evidence);
    holds.then_some(evidence)
}

fn one_of(wanted: Option<&OneOrMore>, is: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| wanted.all().iter().any(|wanted| Some(wanted.as_str()) == is))
}

fn goal_fits(when: &When, goal: Option<&Goal>) -> bool {
    let Some(wanted) = &when.to else { return true };
    goal.is_some_and(|goal| {
        wanted.all().iter().any(|name| name == "*" || Goal::named(name) == *goal)
    })
}

fn classified(when: &When, situation: &Situation<'_>, evidence: &mut Vec<String>) -> bool {
    let Some(wanted) = &when.classification else { return true };
    let Some(node) = situation.classification else { return false };
    evidence.push(node.to_owned());
    wanted.all().iter().any(|glob| below(glob, node))
}

/// Whether a node is what the glob names: `a.*` is `a` and everything below it.
fn below(glob: &str, node: &str) -> bool {
    match glob.strip_suffix(".*") {
        Some(parent) => {
            node.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        }
        None => glob == "*" || glob == node,
    }
}

fn waited(when: &When, situation: &Situation<'_>, evidence: &mut Vec<String>) -> bool {
    let Some(least) = when.waited_min else { return true };
    let Some(seconds) = situation.waited_seconds else { return false };
    evidence.push(format!("waited {:.0} min", (seconds / 60.0).floor()));
    seconds >= least * 60.0
}

fn in_hours(when: &When, open: Option<&[String]>) -> bool {
    if when.outside.is_none() && when.inside.is_none() {
        return true;
    }
    let Some(open) = open else { return false };
    let is_open = |calendar: &String| open.contains(calendar);
    let outside =
        when.outside.as_ref().is_none_or(|calendars| !calendars.all().iter().any(is_open));
    let inside = when.inside.as_ref().is_none_or(|calendars| calendars.all().iter().any(is_open));
    outside && inside
}

fn queue_fits(
    when: &When,
    situation: &Situation<'_>,
    goal: Option<&Goal>,
    evidence: &mut Vec<String>,
) -> bool {
    if when.waiting_at_least.is_none() && when.nobody_online.is_none() && when.open.is_none() {
        return true;
    }
    let department = match goal {
        Some(Goal::Department(id)) => Some(id.as_str()),
        _ => situation.department,
    };
    let Some(queue) = department.and_then(|id| (situation.queue)(id)) else { return false };
    if when.waiting_at_least.is_some() {
        evidence.push(format!("{} waiting", queue.waiting));
    }
    when.waiting_at_least.is_none_or(|least| queue.waiting >= least)
        && when.nobody_online.is_none_or(|nobody| (queue.online_agents == 0) == nobody)
        && when.open.is_none_or(|open| queue.open == open)
}

fn has_keyword(
    number: usize,
    when: &When,
    situation: &Situation<'_>,
    evidence: &mut Vec<String>,
) -> bool {
    if when.keywords.is_empty() {
        return true;
    }
    let word = (situation.keyword)(number);
    let found = word.is_some();
    evidence.extend(word);
    found
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Queue, Situation, below, decide};
    use crate::settings::{Goal, Rules, Value};

    const SKETCH: &str = r#"{"rule":[
        {"name":"complaints","when":{"from":"suporte","classification":"reclamacao.*","waited_min":10},"then":{"move_to":"ouvidoria","because":"waited"}},
        {"name":"hours","when":{"to":"financeiro","outside":"comercial"},"then":{"deny":{"pt":"fechado"}}}]}"#;

    fn rules(json: &str) -> Rules {
        serde_json::from_str(json).unwrap()
    }

    fn nothing() -> Situation<'static> {
        Situation {
            trigger: "new-message",
            requested: None,
            department: Some("suporte"),
            classification: None,
            channel: "web",
            waited_seconds: None,
            calendars_open: None,
            fact: &|_| None,
            queue: &|_| None,
            keyword: &|_| None,
        }
    }

    fn name(outcome: &Outcome<'_>) -> String {
        match outcome {
            Outcome::Abstain => "abstain".to_owned(),
            Outcome::Stay { rule, .. } => format!("stay: {}", rule.name),
            Outcome::Forbid { rule, .. } => format!("forbid: {}", rule.name),
            Outcome::Move { to, rule, .. } => format!("move to {to:?}: {}", rule.name),
        }
    }

    fn check(json: &str, situation: &Situation<'_>, wanted: &str) {
        assert_eq!(name(&decide(&rules(json), situation)), wanted);
    }

    #[test]
    fn complaints_move_after_ten_minutes_and_not_before() {
        let complaint = Situation {
            classification: Some("reclamacao.demora"),
            waited_seconds: Some(600.0),
            ..nothing()
        };
        check(SKETCH, &complaint, r#"move to Department("ouvidoria"): complaints"#);
        check(SKETCH, &Situation { waited_seconds: Some(599.0), ..complaint }, "abstain");
        check(SKETCH, &Situation { waited_seconds: None, ..complaint }, "abstain");
        check(SKETCH, &Situation { classification: Some("elogio"), ..complaint }, "abstain");
        check(SKETCH, &Situation { department: Some("vendas"), ..complaint }, "abstain");
    }

    #[test]
    fn a_transfer_outside_of_hours_is_refused() {
        let (open, closed) = (["comercial".to_owned()], ["sempre".to_owned()]);
        let billing = Goal::Department("financeiro".to_owned());
        let asked =
            Situation { requested: Some(&billing), calendars_open: Some(&closed), ..nothing() };
        check(SKETCH, &asked, "forbid: hours");
        check(SKETCH, &Situation { calendars_open: Some(&open), ..asked }, "abstain");
        check(SKETCH, &Situation { calendars_open: None, ..asked }, "abstain");
        check(
            SKETCH,
            &Situation { requested: Some(&Goal::Department("vendas".to_owned())), ..asked },
            "abstain",
        );
    }

    #[test]
    fn a_proposal_does_not_hijack_what_an_agent_asks_for() {
        let sales = Goal::Department("vendas".to_owned());
        let complaint = Situation {
            classification: Some("reclamacao.demora"),
            waited_seconds: Some(900.0),
            requested: Some(&sales),
            ..nothing()
        };
        check(SKETCH, &complaint, "abstain");
        let redirect =
            r#"{"rule":[{"name":"r","when":{"to":"vendas"},"then":{"move_to":"suporte"}}]}"#;
        check(
            redirect,
            &Situation { department: Some("ouvidoria"), ..complaint },
            r#"move to Department("suporte"): r"#,
        );
        check(redirect, &complaint, "abstain");
    }

    #[test]
    fn a_forbidden_proposal_is_passed_over_for_the_next() {
        let json = r#"{"rule":[
            {"name":"a","when":{"keywords":["boleto"]},"then":{"move_to":"financeiro"}},
            {"name":"b","when":{"keywords":["boleto"]},"then":{"move_to":"vendas"}},
            {"name":"no","when":{"to":"financeiro","outside":"comercial"},"then":{"deny":"closed"}}]}"#;
        let closed: [String; 0] = [];
        let open = ["comercial".to_owned()];
        let found = |_| Some("boleto".to_owned());
        let said = Situation { keyword: &found, calendars_open: Some(&closed), ..nothing() };
        check(json, &said, r#"move to Department("vendas"): b"#);
        check(
            json,
            &Situation { calendars_open: Some(&open), ..said },
            r#"move to Department("financeiro"): a"#,
        );
    }

    #[test]
    fn load_facts_and_keywords_are_conditions() {
        let json = r#"{"rule":[
            {"name":"vip","when":{"to":"suporte","facts":{"vip":true}},"then":{"allow":true}},
            {"name":"full","when":{"to":"suporte","waiting_at_least":20},"then":{"deny":"full"}},
            {"name":"empty","when":{"to":"suporte","nobody_online":true},"then":{"stay":"nobody there"}}]}"#;
        let goal = Goal::Department("suporte".to_owned());
        let queue = |waiting, online_agents| {
            move |_: &str| Some(Queue { open: true, waiting, online_agents })
        };
        let (full, empty, fine) = (queue(20, 3), queue(0, 0), queue(19, 1));
        let asked = Situation {
            requested: Some(&goal),
            department: Some("vendas"),
            queue: &full,
            ..nothing()
        };
        check(json, &asked, "forbid: full");
        check(json, &Situation { queue: &empty, ..asked }, "stay: empty");
        check(json, &Situation { queue: &fine, ..asked }, "abstain");
        let vip = |key: &str| (key == "vip").then(|| Value::Text("true".to_owned()));
        check(json, &Situation { fact: &vip, ..asked }, "abstain");
    }

    #[test]
    fn evidence_tells_what_led_to_it() {
        let rules = rules(SKETCH);
        let complaint = Situation {
            classification: Some("reclamacao.demora"),
            waited_seconds: Some(754.0),
            ..nothing()
        };
        let Outcome::Move { evidence, .. } = decide(&rules, &complaint) else {
            panic!("no proposal")
        };
        assert_eq!(evidence, ["reclamacao.demora", "waited 12 min"]);
    }

    #[test]
    fn a_glob_names_a_node_and_all_below() {
        assert!(
            below("a.*", "a") && below("a.*", "a.b.c") && below("*", "x") && below("a.b", "a.b")
        );
        assert!(!below("a.*", "ab") && !below("a", "a.b") && !below("a.b.*", "a"));
    }
}
