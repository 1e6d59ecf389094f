//! `transfer-rules`: allows, denies, redirects and proposes transfers by rules.
//!
//! This file is only the glue between the host and [`logic`], where the rules are. It asks the directory and the
//! pattern service only when a rule needs them, and moves nothing itself: the desk decides. Next: [`settings`]
//! for the rule file's shape, `cases/` for what it must answer.

pub mod logic;
pub mod settings;

use dialogo_plugin::setup::{self, Problem, problem};
use dialogo_plugin::transfer_rules::{Decision, Target, Trigger};
use dialogo_plugin::{
    CallContext, Channel, Conversation, FactValue, Facts as _, PluginError, Prepared, Setup, Side,
    TransferRules, catalogue, directory, explain, patterns,
};
use logic::{Outcome, Queue, Situation};
use settings::{Goal, Rules, Value};
use std::cell::OnceCell;

/// The plugin.
#[derive(Debug)]
pub struct Transfers;

static RULES: Prepared<Rules> = Prepared::new();

/// Keywords found in one message at most.
const MOST_HITS: u32 = 64;

impl Setup for Transfers {
    fn prepare(settings: &str) -> Result<(), Vec<Problem>> {
        let rules: Rules = setup::read(settings)?;
        let known: Vec<String> =
            directory::departments().into_iter().map(|department| department.id).collect();
        let department = |id: &str| known.is_empty() || known.iter().any(|known| known == id);
        let node = |id: &str| catalogue::get(id).is_some();
        let problems: Vec<Problem> = rules
            .problems(department, node)
            .into_iter()
            .map(|(path, what)| problem(path, what))
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        RULES.keep(rules);
        Ok(())
    }
}

impl TransferRules for Transfers {
    fn decide(
        _: &CallContext,
        trigger: Trigger,
        requested: Option<&Target>,
        conversation: &Conversation,
    ) -> Result<Decision, PluginError> {
        let rules = RULES.get(dialogo_plugin::settings::parse)?;
        let requested_goal = requested.map(goal);
        let host = Host::new(conversation);
        let situation = Situation {
            trigger: trigger_name(trigger),
            requested: requested_goal.as_ref(),
            department: conversation.department.as_deref(),
            classification: conversation.classification.as_deref(),
            channel: channel_name(conversation.channel),
            waited_seconds: conversation.number("waited-seconds"),
            calendars_open: conversation.texts("calendars.open"),
            fact: &|key| host.fact(key),
            queue: &|department| host.queue(department),
            keyword: &|rule| host.keyword(rule),
        };
        let language = conversation.text_of("desk.language").unwrap_or("pt");
        Ok(decision(rules, logic::decide(rules, &situation), language, requested))
    }
}

/// What the host knows, asked for at the first need and at most once in a call.
struct Host<'a> {
    conversation: &'a Conversation,
    departments: OnceCell<Vec<directory::Department>>,
    hits: OnceCell<Vec<(usize, String)>>,
}

impl<'a> Host<'a> {
    fn new(conversation: &'a Conversation) -> Self {
        Self { conversation, departments: OnceCell::new(), hits: OnceCell::new() }
    }

    fn fact(&self, key: &str) -> Option<Value> {
        let fact = self.conversation.consumer.fact(key).or_else(|| self.conversation.fact(key))?;
        Some(match fact {
            FactValue::Flag(flag) => Value::Flag(*flag),
            FactValue::Number(number) => Value::Number(*number),
            FactValue::Text(text) => Value::Text(text.clone()),
            FactValue::Texts(texts) => Value::Texts(texts.clone()),
        })
    }

    fn queue(&self, department: &str) -> Option<Queue> {
        let departments = self.departments.get_or_init(directory::departments);
        let found = departments.iter().find(|known| known.id == department)?;
        Some(Queue {
            open: found.open_now,
            waiting: found.waiting,
            online_agents: found.online_agents,
        })
    }

    /// The word that one of the rule's keywords found in the consumer's recent messages.
    fn keyword(&self, rule: usize) -> Option<String> {
        self.hits
            .get_or_init(|| self.find())
            .iter()
            .find(|(owner, _)| *owner == rule)
            .map(|(_, word)| word.clone())
    }

    fn find(&self) -> Vec<(usize, String)> {
        let consumers = self
            .conversation
            .recent
            .iter()
            .rev()
            .filter(|message| message.author.side == Side::Consumer);
        let mut found = Vec::new();
        for message in consumers {
            for hit in patterns::find("keywords", &message.text, MOST_HITS) {
                let rule = hit
                    .pattern
                    .strip_prefix("/rule/")
                    .and_then(|rest| rest.split('/').next()?.parse().ok());
                let word = message.text.get(hit.start as usize..hit.end as usize);
                found.extend(rule.zip(word.map(str::to_owned)));
            }
        }
        found
    }
}

fn decision(
    rules: &settings::Rules,
    outcome: Outcome<'_>,
    language: &str,
    requested: Option<&Target>,
) -> Decision {
    let why = |code: &str,
               text: Option<&settings::Words>,
               rule: &settings::Rule,
               evidence: Vec<String>| {
        let detail =
            text.map_or_else(|| rule.name.clone(), |words| words.in_language(language).to_owned());
        let why = explain(code, detail).with_evidence(evidence);
        match rules.rule.iter().position(|one| std::ptr::eq(one, rule)) {
            Some(place) => why.by_setting(format_args!("/rule/{place}")),
            None => why,
        }
    };
    match outcome {
        Outcome::Abstain => Decision::Abstain,
        Outcome::Stay { rule, words, evidence } => {
            Decision::Stay(why("stay", Some(words), rule, evidence))
        }
        Outcome::Forbid { rule, words, evidence } => match requested {
            Some(target) => {
                Decision::Forbid((target.clone(), why("denied", Some(words), rule, evidence)))
            }
            None => Decision::Stay(why("denied", Some(words), rule, evidence)),
        },
        Outcome::Move { rule, to, words, evidence } => {
            let code = if requested.is_some() { "redirected" } else { "proposed" };
            Decision::MoveTo((target(&to), why(code, words, rule, evidence)))
        }
    }
}

fn goal(target: &Target) -> Goal {
    match target {
        Target::Department(id) => Goal::Department(id.clone()),
        Target::Agent(id) => Goal::Agent(id.clone()),
        Target::FirstContact => Goal::FirstContact,
        Target::Bot => Goal::Bot,
    }
}

fn target(goal: &Goal) -> Target {
    match goal {
        Goal::Department(id) => Target::Department(id.clone()),
        Goal::Agent(id) => Target::Agent(id.clone()),
        Goal::FirstContact => Target::FirstContact,
        Goal::Bot => Target::Bot,
    }
}

fn trigger_name(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::NewMessage => "new-message",
        Trigger::Classified => "classified",
        Trigger::AgentLeft => "agent-left",
        Trigger::WaitedTooLong => "waited-too-long",
        Trigger::AgentAsked => "agent-asked",
    }
}

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "web",
        Channel::Mobile => "mobile",
        Channel::Email => "email",
        Channel::Social => "social",
        Channel::Voice => "voice",
        Channel::Api => "api",
    }
}

dialogo_plugin::export!(Transfers: transfer_rules, setup);
