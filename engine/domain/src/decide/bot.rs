//! What the bot before the human does.

use std::sync::Arc;

use super::{Case, bounds, classification, lifecycle};
use crate::command::{Actor, BotAction};
use crate::conversation::{Chosen, Classification, Closer, State};
use crate::event::{Event, QueuedBecause};
use crate::id::{ConversationId, MessageId};
use crate::message::{Author, Body, Choice};
use crate::plugin::{PluginDecision, Verdict};
use crate::refusal::Refusal;

/// An answer to an older version of the conversation is stale: something was written meanwhile, and the bot is asked
/// again about that. What stands after a hand-over or a close is not done.
pub(super) fn answer(
    case: Case,
    conversation: ConversationId,
    actions: &[BotAction],
    state: Option<&Arc<[u8]>>,
    decisions: &[PluginDecision],
    version: u32,
) -> Result<Vec<Event>, Refusal> {
    if !matches!(case.actor, Actor::Bot | Actor::Engine) {
        return Err(Refusal::NotAllowed { needs: "bot" });
    }
    let it = case.conversation(conversation)?;
    if it.state != State::Bot {
        return Err(Refusal::WrongState { state: it.state, action: "answer-as-bot" });
    }
    if it.version != version {
        return Err(Refusal::Stale { generation: case.desk.generation, version: it.version });
    }
    bounds::count("actions", actions.len(), bounds::MAX_BOT_ACTIONS)?;
    bounds::count("state", state.map_or(0, |state| state.len()), bounds::MAX_BOT_STATE_BYTES)?;

    let mut events = Vec::new();
    let mut number = it.last_number;
    let mut said: Vec<MessageId> = Vec::new();
    let mut classified = it.classification.clone();
    let mut ending = Vec::new();
    for action in actions {
        match action {
            BotAction::Say { message, text, choices } => {
                // The engine makes an id for each thing said; one that is there was said before.
                if it.messages.contains(*message) || said.contains(message) {
                    continue;
                }
                bounds::some_text("text", text, Body::MAX_TEXT_BYTES)?;
                bounds::choices(choices)?;
                said.push(*message);
                number += 1;
                events.push(say(conversation, *message, number, text, choices));
            }
            BotAction::Classify(node) => {
                classification::check_node(case, node, it.department.as_ref(), it.channel)?;
                if matches!(
                    classified,
                    Classification::None | Classification::Draft(Chosen { by: None, .. })
                ) {
                    let chosen = Chosen {
                        node: node.clone(),
                        tree: case.rules.tree.version.clone(),
                        by: None,
                    };
                    classified = Classification::Draft(chosen.clone());
                    events.push(Event::ConversationClassified {
                        conversation,
                        chosen,
                        is_final: false,
                        from_set: None,
                    });
                }
            }
            BotAction::HandOver(wanted) => {
                let known = wanted.as_ref().filter(|id| case.rules.departments.contains_key(*id));
                if let Some(unknown) = wanted.as_ref().filter(|_| known.is_none()) {
                    return Err(Refusal::DepartmentUnknown(unknown.clone()));
                }
                let wanted = known
                    .or_else(|| case.rules.departments.keys().next())
                    .ok_or(Refusal::NoDepartment)?;
                ending = lifecycle::placed(case, conversation, wanted, QueuedBecause::Bot);
                break;
            }
            BotAction::Close => {
                ending =
                    lifecycle::ending(case, it, &classified, it.suggestions.settled, Closer::Bot);
                break;
            }
        }
    }
    events.push(Event::BotAnswered {
        conversation,
        state: state.cloned(),
        decisions: decisions.to_vec(),
    });
    events.append(&mut ending);
    Ok(events)
}

fn say(
    conversation: ConversationId,
    message: MessageId,
    number: u32,
    text: &Arc<str>,
    choices: &[Choice],
) -> Event {
    Event::MessageSent {
        conversation,
        message,
        number,
        author: Author::Bot,
        body: Body { text: text.clone(), attachments: Vec::new(), choices: choices.to_vec() },
        verdict: Verdict::Allow,
        decisions: Vec::new(),
    }
}
