//! `replies`: suggests to the agent canned replies, by the words of the consumer's last messages, and what was answered to
//! similar messages, as far as `dialogo train-replies` has put that into the package.
//!
//! This file is only the glue between the host and [`logic`]. It writes no text of its own, and says nothing where nothing
//! fits. How answers are found by what was asked is in `engine/model`, which the trainer shares. Next: `cases/`.

pub mod canned;
pub mod logic;
mod stop;
mod words;

use canned::Shelf;
use dialogo_model::{Answers, Turn, Who};
use dialogo_plugin::replies::{CannedReply, SuggestedReply};
use dialogo_plugin::setup::{self, Problem, problem};
use dialogo_plugin::{
    CallContext, Conversation, PluginError, Prepared, Replies, Setup, Side, assets, explain,
};
use logic::{Canned, Found, Rules, Settings, Source};
use std::cell::RefCell;
use std::rc::Rc;

/// The plugin.
#[derive(Debug)]
pub struct SuggestedReplies;

/// What agents answered, in the package.
const ANSWERS: &str = "answers.bin";

/// Canned replies that are remembered, by department and language: with 500 replies each some megabytes.
const MOST_SHELVES: usize = 4;

thread_local! {
    static SHELVES: RefCell<Vec<Rc<Shelf>>> = const { RefCell::new(Vec::new()) };
}

/// The rules, made of settings and answers.
static RULES: Prepared<Rules> = Prepared::new();

impl Setup for SuggestedReplies {
    fn prepare(settings: &str) -> Result<(), Vec<Problem>> {
        let rules =
            Rules::new(&setup::read(settings)?, answers().map_err(|what| vec![problem("", what)])?)
                .map_err(|wrong| {
                    wrong.into_iter().map(|(at, what)| problem(at, what)).collect::<Vec<_>>()
                })?;
        RULES.keep(rules);
        Ok(())
    }
}

fn answers() -> Result<Answers, String> {
    let Some(bytes) = assets::read(ANSWERS) else { return Ok(Answers::default()) };
    Answers::read(&bytes).map_err(|damaged| format!("assets/{ANSWERS}: {damaged}"))
}

impl Replies for SuggestedReplies {
    fn suggest(
        _: &CallContext,
        conversation: &Conversation,
        canned: &[CannedReply],
        limit: usize,
    ) -> Result<Vec<SuggestedReply>, PluginError> {
        let rules = RULES.get(|settings| {
            let settings: Settings = dialogo_plugin::settings::parse(settings)?;
            let answers = answers().map_err(PluginError::Misconfigured)?;
            Rules::new(&settings, answers).map_err(|wrong| {
                PluginError::Misconfigured(wrong.into_iter().map(|(_, what)| what).collect())
            })
        })?;
        let turns: Vec<Turn<'_>> = conversation.recent.iter().filter_map(turn).collect();
        let kept: Vec<Canned<'_>> = canned.iter().map(kept).collect();
        let shelf = shelf(&kept);
        Ok(rules.suggest(&turns, &shelf, limit).into_iter().map(suggestion).collect())
    }
}

/// The canned replies with their words. A desk asks about the same few departments and languages again and again: an
/// instance that is reused has read them already.
fn shelf(canned: &[Canned<'_>]) -> Rc<Shelf> {
    SHELVES.with_borrow_mut(|shelves| {
        if let Some(known) = shelves.iter().find(|shelf| shelf.holds(canned)) {
            return Rc::clone(known);
        }
        if shelves.len() >= MOST_SHELVES {
            shelves.remove(0);
        }
        let fresh = Rc::new(Shelf::of(canned));
        shelves.push(Rc::clone(&fresh));
        fresh
    })
}

/// What a bot or the desk itself says is nobody's question.
fn turn(message: &dialogo_plugin::Message) -> Option<Turn<'_>> {
    let who = match message.author.side {
        Side::Consumer => Who::Consumer,
        Side::Agent => Who::Agent,
        Side::Bot | Side::System => return None,
    };
    Some(Turn { who, text: &message.text })
}

fn kept(reply: &CannedReply) -> Canned<'_> {
    Canned { id: &reply.id, title: &reply.title, text: &reply.text }
}

fn suggestion(found: Found<'_>) -> SuggestedReply {
    let quoted: Vec<String> = found.words.iter().map(|word| format!("“{word}”")).collect();
    let quoted = quoted.join(", ");
    let (canned, why) = match found.of {
        Source::Canned(id) => (Some(id.to_owned()), explain("words", format!("found {quoted}"))),
        Source::Answered(times) => {
            let what =
                format!("answered in {times} conversations to similar messages; found {quoted}");
            (None, explain("answered", what))
        }
    };
    SuggestedReply {
        text: found.text.to_owned(),
        canned,
        confidence: found.confidence,
        why: Some(why.with_evidence(found.words)),
    }
}

dialogo_plugin::export!(SuggestedReplies: replies, setup);
