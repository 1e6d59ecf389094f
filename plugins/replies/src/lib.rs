//! `replies`: suggests canned replies to the agent, by the words of the consumer's last messages.
//!
//! This file is only the glue between the host and [`logic`]. It writes no text of its own, and says nothing where nothing
//! fits. Next: `cases/` for what it must answer.

pub mod logic;
mod stop;
mod words;

use dialogo_model::{Turn, Who};
use dialogo_plugin::replies::{CannedReply, SuggestedReply};
use dialogo_plugin::setup::{self, Problem, problem};
use dialogo_plugin::{
    CallContext, Conversation, PluginError, Prepared, Replies, Setup, Side, explain,
};
use logic::{Canned, Found, Rules, Settings};

/// The plugin.
#[derive(Debug)]
pub struct SuggestedReplies;

/// The rules, made of the settings.
static RULES: Prepared<Rules> = Prepared::new();

impl Setup for SuggestedReplies {
    fn prepare(settings: &str) -> Result<(), Vec<Problem>> {
        let settings: Settings = setup::read(settings)?;
        let rules = Rules::new(&settings).map_err(|wrong| {
            wrong.into_iter().map(|(at, what)| problem(at, what)).collect::<Vec<_>>()
        })?;
        RULES.keep(rules);
        Ok(())
    }
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
            Rules::new(&settings).map_err(|wrong| {
                PluginError::Misconfigured(wrong.into_iter().map(|(_, what)| what).collect())
            })
        })?;
        let turns: Vec<Turn<'_>> = conversation.recent.iter().filter_map(turn).collect();
        let kept: Vec<Canned<'_>> = canned.iter().map(kept).collect();
        let found = rules.suggest(&turns, &kept, limit);
        Ok(found.into_iter().map(|found| suggestion(&canned[found.at], &found)).collect())
    }
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

fn suggestion(reply: &CannedReply, found: &Found) -> SuggestedReply {
    let quoted: Vec<String> = found.words.iter().map(|word| format!("“{word}”")).collect();
    let why = explain("words", format!("found {}", quoted.join(", ")));
    SuggestedReply {
        text: reply.text.clone(),
        canned: Some(reply.id.clone()),
        confidence: found.confidence,
        why: Some(why.with_evidence(found.words.iter().map(String::as_str))),
    }
}

dialogo_plugin::export!(SuggestedReplies: replies, setup);
