//! `learned`: suggests classifications that it has learned from conversations that agents classified.
//!
//! This file is only the glue between the host and [`logic`]. The model is a file of the package, written by `dialogo train`
//! and read once by each instance that is reused; how a model reads a conversation is in `engine/model`, which the trainer
//! shares. Without a model it has no opinion. Next: `cases/` for what it must answer.

pub mod logic;

use dialogo_model::{Model, Turn, Who};
use dialogo_plugin::classifier::Suggestion;
use dialogo_plugin::setup::{self, Problem, problem};
use dialogo_plugin::{
    CallContext, Classifier, Conversation, PluginError, Prepared, Setup, Side, assets, catalogue,
    explain,
};
use logic::{Learned, Node, Settings};

/// The plugin.
#[derive(Debug)]
pub struct LearnedClassifier;

/// The name of the model in the package.
const MODEL: &str = "model.bin";

/// What was learned, and the tree it is about; none without a model.
static LEARNED: Prepared<Option<Learned>> = Prepared::new();

impl Setup for LearnedClassifier {
    fn prepare(settings: &str) -> Result<(), Vec<Problem>> {
        let learned = load(setup::read(settings)?).map_err(|damaged| vec![problem("", damaged)])?;
        LEARNED.keep(learned);
        Ok(())
    }
}

impl Classifier for LearnedClassifier {
    fn suggest(
        _: &CallContext,
        conversation: &Conversation,
        limit: usize,
    ) -> Result<Vec<Suggestion>, PluginError> {
        let learned = LEARNED.get(|settings| {
            load(dialogo_plugin::settings::parse(settings)?).map_err(PluginError::Misconfigured)
        })?;
        let Some(learned) = learned else { return Err(PluginError::NotApplicable) };
        let turns: Vec<Turn<'_>> = conversation.recent.iter().map(turn).collect();
        let before = (conversation.total_messages as usize).saturating_sub(turns.len());
        let found = learned.suggest(&turns, limit);
        Ok(found.into_iter().map(|found| suggestion(found, before)).collect())
    }
}

fn load(settings: Settings) -> Result<Option<Learned>, String> {
    let Some(bytes) = assets::read(MODEL) else { return Ok(None) };
    let model = Model::open(bytes).map_err(|damaged| format!("assets/{MODEL}: {damaged}"))?;
    let node =
        |id: &str| catalogue::get(id).map(|node| Node { active: node.active, parent: node.parent });
    Ok(Some(Learned::new(model, settings, node)))
}

/// What a bot or the desk itself says is no evidence: an empty turn keeps the places of the others.
fn turn(message: &dialogo_plugin::Message) -> Turn<'_> {
    match message.author.side {
        Side::Consumer => Turn { who: Who::Consumer, text: &message.text },
        Side::Agent => Turn { who: Who::Agent, text: &message.text },
        Side::Bot | Side::System => Turn { who: Who::Agent, text: "" },
    }
}

fn suggestion(found: logic::Found, before: usize) -> Suggestion {
    let quoted: Vec<String> = found
        .reasons
        .iter()
        .map(|reason| format!("“{}” (message {})", reason.word, before + reason.turn + 1))
        .collect();
    let words = found.reasons.into_iter().map(|reason| reason.word);
    let why = explain(
        "learned",
        format!("learned from {} conversations; {}", found.support, quoted.join(", ")),
    );
    Suggestion {
        node: found.node,
        confidence: found.confidence,
        why: Some(why.with_evidence(words)),
    }
}

dialogo_plugin::export!(LearnedClassifier: classifier, setup);
