//! `keywords`: suggests classifications from rules with regular expressions and weights.
//!
//! This file is only the glue between the host and [`logic`], where the rules are. It matches nothing itself: the
//! host compiles the patterns of the settings once and finds them, folded for accents and case (`[patterns]` in
//! `plugin.toml` says where they are). Thousands of rules are too much to parse in every sandbox, so the
//! package asks for reused instances: `prepare` builds the table once. In a fresh sandbox it works the same,
//! only slower. Next: `cases/` for what it must answer.

pub mod logic;

use dialogo_plugin::classifier::Suggestion;
use dialogo_plugin::setup::{self, Problem, problem};
use dialogo_plugin::{
    CallContext, Classifier, Conversation, PluginError, Prepared, Setup, Side, catalogue, explain,
    history, patterns,
};
use history::{Line, Transcript};
use logic::{Hit, Message, Rules, Who};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The plugin.
#[derive(Debug)]
pub struct Keywords;

/// The table of rules, built once per instance.
static RULES: Prepared<Rules> = Prepared::new();

/// Messages that are looked at, the newest ones.
const RECENT: u32 = 20;

/// Patterns found in one message at most.
const MOST_HITS: u32 = 256;

/// Texts whose hits are remembered.
const MOST_KNOWN: usize = 500;

/// Longer texts, in bytes, are not: what is remembered stays below six megabytes, whatever people write.
const LONGEST_KNOWN: usize = 1_000;

thread_local! {
    static KNOWN: RefCell<HashMap<String, Rc<[Hit]>>> = RefCell::default();
}

impl Setup for Keywords {
    fn prepare(settings: &str) -> Result<(), Vec<Problem>> {
        let rules: Rules = setup::read(settings)?;
        let exists = |node: &str| catalogue::get(node).is_some();
        let problems: Vec<Problem> =
            rules.problems(exists).into_iter().map(|(path, what)| problem(path, what)).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        RULES.keep(rules);
        Ok(())
    }
}

impl Classifier for Keywords {
    fn suggest(
        _: &CallContext,
        conversation: &Conversation,
        limit: usize,
    ) -> Result<Vec<Suggestion>, PluginError> {
        let rules = RULES.get(dialogo_plugin::settings::parse)?;
        let said = history::said(RECENT);
        let messages: Vec<Message<'_>> = messages(&said);
        let from_the_first = conversation.total_messages as usize <= said.lines.len();
        let suggestions = rules.suggest(&messages, from_the_first, limit, found);
        Ok(suggestions.into_iter().map(suggestion).collect())
    }
}

/// What the host finds in a text. A conversation grows by one message at a time: what the others hold is still known to
/// an instance that is reused.
fn found(text: &str) -> Rc<[Hit]> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(hits) = known.get(text) {
            return Rc::clone(hits);
        }
        let hits: Rc<[Hit]> = patterns::find("rules", text, MOST_HITS)
            .iter()
            .filter_map(|hit| Hit::named(&hit.pattern, hit.start as usize, hit.end as usize))
            .collect();
        if text.len() <= LONGEST_KNOWN {
            if known.len() >= MOST_KNOWN {
                known.clear();
            }
            known.insert(text.to_owned(), Rc::clone(&hits));
        }
        hits
    })
}

/// What people said; bots and the desk itself classify nothing.
fn messages(said: &Transcript) -> Vec<Message<'_>> {
    let mut start = 0;
    let message = |line: &Line| {
        let text = &said.text[start..line.end as usize];
        start = line.end as usize;
        let who = match line.by {
            Side::Consumer => Who::Consumer,
            Side::Agent => Who::Agent,
            Side::Bot | Side::System => return None,
        };
        Some(Message { who, text })
    };
    said.lines.iter().filter_map(message).collect()
}

fn suggestion(found: logic::Suggestion<'_>) -> Suggestion {
    let quoted: Vec<String> = found.words.iter().map(|word| format!("“{word}”")).collect();
    let why =
        explain("keywords", format!("found {}", quoted.join(", "))).with_evidence(found.words);
    let why =
        found.rules.iter().fold(why, |why, rule| why.by_setting(format_args!("/rule/{rule}")));
    Suggestion { node: found.node.to_owned(), confidence: found.confidence, why: Some(why) }
}

dialogo_plugin::export!(Keywords: classifier, setup);
