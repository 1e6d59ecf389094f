//! Any classifier, asked through the plugin host as the desk asks it.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use dialogo_host::input::{Call, Channel, Conversation, Message, Participant, Side, State};
use dialogo_host::question::{Answer, Question};
use dialogo_host::{Binding, Catalogue, Hook, Host, HostConfig, Package, Plugin};
use dialogo_model::{Turn, Who};
use serde_json::Value;

use crate::output::Failure;

/// Suggestions asked for.
const ASKED: u32 = 8;

/// A classifier in a sandbox, bound as an operator would bind it who grants all it asks for.
#[derive(Debug)]
pub struct Classifier {
    plugin: Plugin,
    recent: usize,
}

impl Classifier {
    /// Of a package; `tree`: the nodes that it may suggest.
    pub fn of(package: Package, settings: Value, tree: Catalogue) -> Result<Self> {
        let id = package.manifest.id.clone();
        if !package.manifest.has(Hook::Classifier) {
            let what = format!("{id} is no classifier: it has no hook `classifier`");
            return Err(Failure::usage(
                what,
                "name a package whose plugin.toml lists it in `hooks`",
            )
            .into());
        }
        let recent = package.manifest.needs.recent_messages as usize;
        let host = Host::new(HostConfig::default()).context("the plugin host cannot be started")?;
        let binding = Binding::of(Arc::new(package), settings);
        let plugin = host.plugin(&binding, &Arc::new(tree)).map_err(|problems| {
            let told: Vec<String> =
                problems.iter().map(|problem| problem.message.clone()).collect();
            anyhow!("{id} cannot be run: {}", told.join("; "))
        })?;
        Ok(Self { plugin, recent })
    }

    /// Asks about many conversations, in sandboxes that are reused; counts what went wrong.
    pub fn ask_all<T>(
        &self,
        mut work: impl FnMut(&mut dyn FnMut(&[Turn<'_>]) -> Vec<(String, f32)>) -> T,
    ) -> (T, Vec<String>) {
        let mut warm = self.plugin.reused();
        let mut failures = Vec::new();
        let done = work(&mut |turns| {
            let question = Question::Classify {
                conversation: Arc::new(self.conversation(turns)),
                limit: ASKED,
            };
            match warm.ask(&Arc::new(call()), &question).0 {
                Ok(Answer::Classify(found)) => {
                    let mut found: Vec<(String, f32)> = found
                        .into_iter()
                        .map(|one| (one.node.to_string(), one.confidence))
                        .collect();
                    found.sort_by(|a, b| b.1.total_cmp(&a.1));
                    found
                }
                Ok(_) => Vec::new(),
                Err(failure) => {
                    failures.push(failure.to_string());
                    Vec::new()
                }
            }
        });
        (done, failures)
    }

    fn conversation(&self, turns: &[Turn<'_>]) -> Conversation {
        let from = turns.len().saturating_sub(self.recent);
        Conversation {
            id: "measured".into(),
            channel: Channel::Web,
            state: State::Active,
            opened_at: NOW,
            department: None,
            agent: None,
            consumer: participant(Side::Consumer),
            classification: None,
            recent: turns[from..]
                .iter()
                .enumerate()
                .map(|(at, turn)| message(from + at, turn))
                .collect(),
            total_messages: turns.len() as u32,
            facts: Vec::new(),
        }
    }
}

/// Any moment: nothing that is measured may depend on the clock.
const NOW: u64 = 1_767_798_000_000;

fn call() -> Call {
    Call { call_id: "measured".into(), now_ms: NOW, seed: 1, dry_run: true, ..Call::default() }
}

fn participant(side: Side) -> Arc<Participant> {
    Arc::new(Participant { id: "p".into(), side, name: None, locale: None, facts: Vec::new() })
}

fn message(number: usize, turn: &Turn<'_>) -> Arc<Message> {
    let side = match turn.who {
        Who::Consumer => Side::Consumer,
        Who::Agent => Side::Agent,
    };
    let found = dialogo_host::emoji::find(turn.text);
    Arc::new(Message {
        id: number.to_string().into(),
        author: participant(side),
        at: NOW,
        text: turn.text.into(),
        emojis: found.emojis,
        attachments: Vec::new(),
        facts: Vec::new(),
    })
}
