//! Why this agent, why not each of the others: from the record of an assignment, and live for one that waits.
//!
//! Words for people are made from this at the rim, in their language; here are the facts.

use std::collections::BTreeMap;

use crate::capacity::{Limit, available, effective_limit};
use crate::conversation::{Conversation, State};
use crate::decide::Context;
use crate::desk::Desk;
use crate::event::{AssignedBecause, Event, RoutingRule, SkippedBecause};
use crate::id::{AgentId, ConversationId, DepartmentId};
use crate::routing::{Pick, estimated_wait_ms, pick, recontact_agent};
use crate::rules::Rules;
use crate::time::Millis;

/// What was, or would be, done with one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Was chosen.
    Chosen,
    /// Was free with this load, and another was preferred by the rule that decided.
    NotPreferred {
        /// Conversations held against the limit.
        load: u32,
        /// The rule that decided.
        rule: RoutingRule,
    },
    /// Could not be given it.
    Skipped(SkippedBecause),
    /// Is free, but the conversation waits for somebody by name or for its turn.
    Free {
        /// Conversations held against the limit.
        load: u32,
    },
}

/// Why an agent was chosen, from the event that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Which conversation.
    pub conversation: ConversationId,
    /// For which department.
    pub department: DepartmentId,
    /// Who was chosen.
    pub agent: AgentId,
    /// Why.
    pub why: AssignedBecause,
    /// Everybody who was looked at, in order of their names.
    pub agents: BTreeMap<AgentId, Verdict>,
}

/// The explanation that an assignment or offer carries; `None` for other events.
pub fn explain_event(event: &Event) -> Option<Assignment> {
    let (Event::ConversationAssigned { conversation, agent, department, why, .. }
    | Event::ConversationOffered { conversation, agent, department, why, .. }) = event
    else {
        return None;
    };
    let mut agents = BTreeMap::new();
    if let AssignedBecause::Routed { rule, candidates, skipped } = why {
        let others = candidates
            .iter()
            .map(|(id, load)| (id.clone(), Verdict::NotPreferred { load: *load, rule: *rule }));
        agents.extend(others);
        agents.extend(skipped.iter().map(|(id, why)| (id.clone(), Verdict::Skipped(why.clone()))));
    }
    agents.insert(agent.clone(), Verdict::Chosen);
    Some(Assignment {
        conversation: *conversation,
        department: department.clone(),
        agent: agent.clone(),
        why: why.clone(),
        agents,
    })
}

/// Where a conversation stands and why nobody (else) has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Its state.
    pub state: State,
    /// Its department, if it has one.
    pub department: Option<DepartmentId>,
    /// Whether the department is in the rules, and so can have agents at all.
    pub department_known: bool,
    /// Whether the department is outside its hours.
    pub department_closed: bool,
    /// Who has it or is offered it.
    pub agent: Option<AgentId>,
    /// Place in the queue, counted from 1.
    pub position: Option<usize>,
    /// Since when it waits.
    pub waiting_since: Option<Millis>,
    /// Estimated wait for one more conversation of this department, in milliseconds; `None`: nobody is there.
    pub estimated_wait_ms: Option<u64>,
    /// It waits for this agent by name until then.
    pub awaits: Option<(AgentId, Millis)>,
    /// The agent it would return to under the recontact rule.
    pub recontact: Option<AgentId>,
    /// Every member of the department, and what stands against giving it to them.
    pub agents: BTreeMap<AgentId, Verdict>,
    /// The effective limit of every member who has an account.
    pub limits: BTreeMap<AgentId, Limit>,
}

/// Explains a conversation as it stands now; `None` where it is not in memory.
pub fn explain_assignment(
    desk: &Desk,
    ctx: &Context,
    conversation: ConversationId,
) -> Option<Explanation> {
    let it = desk.conversations.get(&conversation)?;
    let department = it.department.as_ref();
    let rules = department.and_then(|id| ctx.rules.departments.get(id));
    let members = || rules.into_iter().flat_map(|rules| &rules.members);
    let limit = |id: &AgentId| {
        Some((id.clone(), effective_limit(ctx.rules, department, desk.agents.get(id)?)))
    };
    Some(Explanation {
        conversation,
        state: it.state,
        department: department.cloned(),
        department_known: rules.is_some(),
        department_closed: department.is_some_and(|id| ctx.closed.contains(id)),
        agent: it.agent.clone(),
        position: (it.state == State::Queued).then(|| desk.queue_position(it)).flatten(),
        waiting_since: it.waiting_since,
        estimated_wait_ms: department.and_then(|id| estimated_wait_ms(desk, ctx.rules, id)),
        awaits: it.transfer.as_ref().map(|wait| (wait.agent.clone(), wait.until)),
        recontact: recontact_agent(desk, ctx.rules, it).cloned(),
        agents: members()
            .map(|member| {
                (
                    member.clone(),
                    verdict(
                        desk,
                        ctx.rules,
                        it,
                        department.unwrap_or(&DepartmentId::from("")),
                        member,
                    ),
                )
            })
            .collect(),
        limits: members().filter_map(limit).collect(),
    })
}

fn verdict(
    desk: &Desk,
    rules: &Rules,
    it: &Conversation,
    department: &DepartmentId,
    member: &AgentId,
) -> Verdict {
    if it.agent.as_ref() == Some(member) {
        return Verdict::Chosen;
    }
    match available(desk, rules, department, member) {
        Err(why) => Verdict::Skipped(why),
        Ok(_) if it.passed.contains(member) => Verdict::Skipped(SkippedBecause::Passed),
        Ok(load) => Verdict::Free { load },
    }
}

/// Whom a waiting conversation would be given to if it were its turn: for "what would happen if".
pub fn would_be_given(desk: &Desk, rules: &Rules, conversation: ConversationId) -> Option<Pick> {
    let it = desk.conversations.get(&conversation).filter(|it| it.state == State::Queued)?;
    Some(pick(desk, rules, it.department.as_ref()?, it))
}
