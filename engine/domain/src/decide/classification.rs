//! What a conversation was about: choices, suggestions and what becomes of them.

use std::cmp::Ordering;

use super::access::works_on;
use super::{Case, bounds};
use crate::agent::Role;
use crate::command::ChosenFrom;
use crate::command::JudgedAt;
use crate::conversation::{Chosen, Classification, Conversation, State, Suggested};
use crate::event::{Event, SuggestionOutcome};
use crate::id::{ConversationId, DepartmentId, NodeId};
use crate::message::Channel;
use crate::plugin::{PluginDecision, Suggestion};
use crate::refusal::Refusal;
use crate::rules::FinishPolicy;
use crate::tree::Node;

/// Most suggestions shown at once.
pub(crate) const MAX_SUGGESTIONS: usize = 3;
/// Deepest tree that is walked; the rules allow fewer levels.
const MAX_DEPTH: usize = 16;

/// Chooses: a draft while the conversation runs, final once it is closed or was final before.
pub(super) fn classify(
    case: Case,
    conversation: ConversationId,
    node: &NodeId,
    from: ChosenFrom,
) -> Result<Vec<Event>, Refusal> {
    let it = classifiable(case, conversation)?;
    let (chosen, mut events) = choose(case, it, node, from)?;
    let is_final =
        it.state == State::Closed || matches!(it.classification, Classification::Final(_));
    let same = match &it.classification {
        Classification::Draft(old) => !is_final && *old == chosen,
        Classification::Final(old) => *old == chosen,
        _ => false,
    };
    if !same {
        let from_set = from_set(from);
        events
            .insert(0, Event::ConversationClassified { conversation, chosen, is_final, from_set });
    }
    Ok(events)
}

/// A conversation the actor may classify: its agent, the last one once it is closed, a supervisor.
fn classifiable(case: Case<'_>, id: ConversationId) -> Result<&Conversation, Refusal> {
    let (agent, account) = case.account()?;
    let it = case.conversation(id)?;
    if account.role >= Role::Supervisor || works_on(it, agent) {
        return Ok(it);
    }
    Err(Refusal::NotTheirs { agent: it.agent.clone() })
}

/// Checks a choice; the events say what became of the suggestions.
pub(super) fn choose(
    case: Case,
    it: &Conversation,
    node: &NodeId,
    from: ChosenFrom,
) -> Result<(Chosen, Vec<Event>), Refusal> {
    let (agent, _) = case.account()?;
    check_node(case, node, it.department.as_ref(), it.channel)?;
    if let ChosenFrom::Suggestion { set } = from {
        if set != it.suggestions.set {
            return Err(Refusal::SuggestionsOutdated { set, current: it.suggestions.set });
        }
        if rank(&it.suggestions, node).is_none() {
            return Err(Refusal::NotSuggested(node.clone()));
        }
    }
    let chosen = Chosen {
        node: node.clone(),
        tree: case.rules.tree.version.clone(),
        by: Some(agent.clone()),
    };
    Ok((chosen, settle(it, Some(node)).into_iter().collect()))
}

fn from_set(from: ChosenFrom) -> Option<u32> {
    match from {
        ChosenFrom::Tree => None,
        ChosenFrom::Suggestion { set } => Some(set),
    }
}

fn rank(suggested: &Suggested, node: &NodeId) -> Option<u32> {
    suggested.items.iter().position(|item| item.node == *node).map(|rank| rank as u32)
}

/// Says once per set what became of it.
fn settle(it: &Conversation, chosen: Option<&NodeId>) -> Option<Event> {
    let suggested = &it.suggestions;
    if suggested.settled || suggested.items.is_empty() {
        return None;
    }
    let outcome = match chosen {
        None => SuggestionOutcome::Ignored,
        Some(node) => match rank(suggested, node) {
            Some(rank) => SuggestionOutcome::Accepted { node: node.clone(), rank },
            None => SuggestionOutcome::Changed { node: node.clone() },
        },
    };
    Some(Event::SuggestionsSettled { conversation: it.id, set: suggested.set, outcome })
}

/// A set nobody answered: people's choice stands for an answer, the desk's own draft does not. Where it ended by itself, the
/// agent has not passed over anything: what is chosen later, from the list "to classify", is the answer.
pub(super) fn settle_at_close(
    it: &Conversation,
    chosen: &Classification,
    by_itself: bool,
) -> Option<Event> {
    let by_people = match chosen {
        Classification::Draft(chosen) | Classification::Final(chosen) => {
            chosen.by.as_ref().map(|_| &chosen.node)
        }
        _ => None,
    };
    if by_people.is_none() && by_itself { None } else { settle(it, by_people) }
}

/// What the close makes of a classification: a draft (or a choice made in the same step) becomes final; without one the
/// department's default is taken where `default_of` names it, or nobody needs to say where the rules ask for nothing.
pub(super) fn at_close(
    case: Case,
    conversation: ConversationId,
    classification: &Classification,
    default_of: Option<&DepartmentId>,
    channel: Channel,
) -> Option<Event> {
    let before = case.find(conversation).map_or(&Classification::None, |it| &it.classification);
    let finally = |chosen: &Chosen| Event::ConversationClassified {
        conversation,
        chosen: chosen.clone(),
        is_final: true,
        from_set: None,
    };
    match classification {
        Classification::Draft(chosen) => Some(finally(chosen)),
        Classification::Final(chosen) if classification != before => Some(finally(chosen)),
        Classification::Final(_) | Classification::Waived => None,
        Classification::None => {
            let default = default_of
                .and_then(|id| {
                    Some((id, case.rules.departments.get(id)?.default_classification.as_ref()?))
                })
                .filter(|(department, node)| {
                    check_node(case, node, Some(department), channel).is_ok()
                });
            match default {
                Some((_, node)) => Some(finally(&Chosen {
                    node: node.clone(),
                    tree: case.rules.tree.version.clone(),
                    by: None,
                })),
                None if case.rules.desk.finish == FinishPolicy::Off => {
                    Some(Event::ClassificationWaived { conversation })
                }
                None => None,
            }
        }
    }
}

/// Whether a node may be chosen here: it exists, is active and in scope, and so is everything above it.
pub(super) fn check_node(
    case: Case,
    node: &NodeId,
    department: Option<&DepartmentId>,
    channel: Channel,
) -> Result<(), Refusal> {
    let mut at =
        case.rules.tree.nodes.get(node).ok_or_else(|| Refusal::NodeUnknown(node.clone()))?;
    for _ in 0..MAX_DEPTH {
        if !at.active {
            return Err(Refusal::NodeInactive(node.clone()));
        }
        if !in_scope(at, department, channel) {
            return Err(Refusal::NodeOutOfScope(node.clone()));
        }
        match at.parent.as_ref().and_then(|parent| case.rules.tree.nodes.get(parent)) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    Ok(())
}

fn in_scope(node: &Node, department: Option<&DepartmentId>, channel: Channel) -> bool {
    let here =
        node.departments.is_empty() || department.is_none_or(|id| node.departments.contains(id));
    here && (node.channels.is_empty() || node.channels.contains(&channel))
}

/// Whether there is any node to choose: where there is none, none can be required.
pub(super) fn anything_to_choose(case: Case, it: &Conversation) -> bool {
    case.rules
        .tree
        .nodes
        .keys()
        .any(|node| check_node(case, node, it.department.as_ref(), it.channel).is_ok())
}

pub(super) fn waive(case: Case, conversation: ConversationId) -> Result<Vec<Event>, Refusal> {
    case.supervisor()?;
    let it = case.conversation(conversation)?;
    match it.classification {
        Classification::Waived => Ok(Vec::new()),
        Classification::Final(_) => Err(Refusal::WrongState { state: it.state, action: "waive" }),
        _ => Ok(vec![Event::ClassificationWaived { conversation }]),
    }
}

/// A new set, if it says something new; a draft by the desk where the rules let the best one be applied.
pub(super) fn suggest(
    case: Case,
    conversation: ConversationId,
    suggestions: &[Suggestion],
    decisions: &[PluginDecision],
    judged_at: JudgedAt,
) -> Result<Vec<Event>, Refusal> {
    case.engine()?;
    let it = case.conversation(conversation)?;
    case.fresh(Some(judged_at), it.version)?;
    bounds::count("suggestions", suggestions.len(), 1024)?;
    let items = worth_showing(case, it, suggestions);
    let same = said_before(&it.suggestions.items, &items);
    if same && !decisions.iter().any(|decision| decision.shadow) {
        return Ok(Vec::new());
    }
    // The same suggestions keep their number: nothing moves under the cursor.
    let set = if same { it.suggestions.set } else { it.suggestions.set + 1 };
    let applied =
        items.first().filter(|best| applies(case, it, best)).map(|best| best.node.clone());
    let mut events = vec![Event::ClassificationSuggested {
        conversation,
        set,
        suggestions: items,
        decisions: decisions.to_vec(),
    }];
    if let Some(node) = applied {
        let chosen = Chosen { node, tree: case.rules.tree.version.clone(), by: None };
        events.push(Event::ConversationClassified {
            conversation,
            chosen,
            is_final: false,
            from_set: Some(set),
        });
    }
    Ok(events)
}

fn worth_showing(case: Case, it: &Conversation, suggestions: &[Suggestion]) -> Vec<Suggestion> {
    let mut items: Vec<Suggestion> = Vec::new();
    for suggestion in suggestions {
        let Some(node) = case.rules.tree.nodes.get(&suggestion.node) else { continue };
        let sure =
            suggestion.confidence.is_finite() && suggestion.confidence >= node.confidence.suggest;
        let twice = items.iter().any(|item| item.node == suggestion.node);
        if sure
            && !twice
            && check_node(case, &suggestion.node, it.department.as_ref(), it.channel).is_ok()
        {
            items.push(Suggestion {
                confidence: suggestion.confidence.clamp(0.0, 1.0),
                ..suggestion.clone()
            });
        }
    }
    items.sort_by(|a, b| {
        b.confidence
            .partial_cmp(&a.confidence)
            .unwrap_or(Ordering::Equal)
            .then_with(|| a.node.cmp(&b.node))
    });
    items.truncate(MAX_SUGGESTIONS);
    items
}

/// Bit for bit the same confidences: suggestions are reproducible.
fn said_before(old: &[Suggestion], new: &[Suggestion]) -> bool {
    old.len() == new.len()
        && old
            .iter()
            .zip(new)
            .all(|(a, b)| a.node == b.node && a.confidence.to_bits() == b.confidence.to_bits())
}

/// Only over nothing or over another draft of the desk, and only while the conversation runs.
fn applies(case: Case, it: &Conversation, best: &Suggestion) -> bool {
    let open = match &it.classification {
        Classification::None => true,
        Classification::Draft(chosen) => chosen.by.is_none() && chosen.node != best.node,
        _ => false,
    };
    let threshold = case.rules.tree.nodes.get(&best.node).and_then(|node| node.confidence.apply);
    open && it.state != State::Closed
        && threshold.is_some_and(|threshold| best.confidence >= threshold)
}

pub(super) fn shown(
    case: Case,
    conversation: ConversationId,
    set: u32,
) -> Result<Vec<Event>, Refusal> {
    let it = classifiable(case, conversation)?;
    if set != it.suggestions.set {
        return Err(Refusal::SuggestionsOutdated { set, current: it.suggestions.set });
    }
    if it.suggestions.shown || it.suggestions.items.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![Event::SuggestionsShown { conversation, set }])
}
