//! Who is given the next conversation, and where a new one waits.
//!
//! Order of conversations: priority, then the longest waiting, over all departments an event has freed somebody for.
//! Choice of agent: recontact, else the fewest open, ties to the longest idle. Nothing here changes the desk: see
//! [`step`](crate::step), which asks after every command.

use std::collections::{BTreeMap, BTreeSet};

use crate::capacity::{available, effective_limit};
use crate::conversation::Conversation;
use crate::decide::Context;
use crate::desk::{Desk, QueueKey};
use crate::event::{AssignedBecause, Event, QueuedBecause, RoutingRule, SkippedBecause};
use crate::id::{AgentId, ConversationId, DepartmentId};
use crate::rules::{DepartmentRules, OfferMode, Rules, WhenClosed, WhenFull};
use crate::time::Millis;

/// How long one conversation is taken to last when a wait is estimated, in milliseconds. It only scales the estimate;
/// comparisons between departments do not depend on it. Eight minutes is what chats of public support data last.
pub const TYPICAL_CONVERSATION_MS: u64 = 8 * 60_000;

/// Whom a waiting conversation would be given to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// This agent, for this reason.
    Agent(AgentId, AssignedBecause),
    /// It waits for one agent by name, who is not free for the reason given.
    Awaited(AgentId, SkippedBecause),
    /// Somebody is free, but everybody who is has let the offer pass.
    AllPassed,
    /// Nobody of the department is free, for the reasons given.
    NobodyFree(Vec<(AgentId, SkippedBecause)>),
}

/// Whom `conversation`, which waits in the queue of `department`, would be given to now.
pub fn pick(
    desk: &Desk,
    rules: &Rules,
    department: &DepartmentId,
    conversation: &Conversation,
) -> Pick {
    if let Some(wait) =
        conversation.transfer.as_ref().filter(|wait| is_member(rules, department, &wait.agent))
    {
        return match available(desk, rules, department, &wait.agent) {
            Ok(_) => Pick::Agent(wait.agent.clone(), AssignedBecause::Transferred),
            Err(why) => Pick::Awaited(wait.agent.clone(), why),
        };
    }
    let mut candidates = Vec::new();
    let mut skipped = Vec::new();
    let mut passed = false;
    for member in rules.departments.get(department).into_iter().flat_map(|it| &it.members) {
        match available(desk, rules, department, member) {
            Ok(_) if conversation.passed.contains(member) => {
                passed = true;
                skipped.push((member.clone(), SkippedBecause::Passed));
            }
            Ok(load) => candidates.push((member.clone(), load)),
            Err(why) => skipped.push((member.clone(), why)),
        }
    }
    let recontact = recontact_agent(desk, rules, conversation);
    match choose(desk, &candidates, recontact) {
        Some((agent, rule)) => {
            Pick::Agent(agent, AssignedBecause::Routed { rule, candidates, skipped })
        }
        None if passed => Pick::AllPassed,
        None => Pick::NobodyFree(skipped),
    }
}

fn choose(
    desk: &Desk,
    candidates: &[(AgentId, u32)],
    recontact: Option<&AgentId>,
) -> Option<(AgentId, RoutingRule)> {
    if let Some((agent, _)) = candidates.iter().find(|(agent, _)| Some(agent) == recontact) {
        return Some((agent.clone(), RoutingRule::Recontact));
    }
    let fewest = candidates.iter().map(|(_, load)| *load).min()?;
    let tied: Vec<_> =
        candidates.iter().filter(|(_, load)| *load == fewest).map(|(agent, _)| agent).collect();
    let idle_since =
        |agent: &&AgentId| desk.agents.get(*agent).map_or(Millis(u64::MAX), |it| it.idle_since);
    let agent = tied.iter().copied().min_by_key(|agent| (idle_since(agent), (*agent).clone()))?;
    let rule = match (candidates.len(), tied.len()) {
        (1, _) => RoutingRule::OnlyOne,
        (_, 1) => RoutingRule::FewestOpen,
        _ => RoutingRule::LongestIdle,
    };
    Some((agent.clone(), rule))
}

/// The agent who last answered this consumer, while the window is open.
pub fn recontact_agent<'a>(
    desk: &'a Desk,
    rules: &Rules,
    conversation: &Conversation,
) -> Option<&'a AgentId> {
    let (agent, at) = desk.consumers.get(&conversation.consumer)?.last_agent.as_ref()?;
    (desk.now.since(*at) < rules.desk.recontact_ms).then_some(agent)
}

/// The departments an agent belongs to, in the order of the rules.
pub fn departments_of<'a>(
    rules: &'a Rules,
    agent: &AgentId,
) -> impl Iterator<Item = &'a DepartmentId> {
    rules.departments.iter().filter(|(_, it)| it.members.contains(agent)).map(|(id, _)| id)
}

/// Whether an agent belongs to a department.
pub fn is_member(rules: &Rules, department: &DepartmentId, agent: &AgentId) -> bool {
    rules.departments.get(department).is_some_and(|it| it.members.contains(agent))
}

/// Free windows in a department now: what its agents could still be given, and how many windows there are in all.
pub fn places(desk: &Desk, rules: &Rules, department: &DepartmentId) -> (u32, u32) {
    let members = rules.departments.get(department).into_iter().flat_map(|it| &it.members);
    members.fold((0, 0), |(free, all), member| {
        match (available(desk, rules, department, member), desk.agents.get(member)) {
            (Ok(load), Some(agent)) => {
                let limit = effective_limit(rules, Some(department), agent).value;
                (free + limit.saturating_sub(load), all + limit)
            }
            (Err(SkippedBecause::AtLimit { limit, .. }), _) => (free, all + limit),
            _ => (free, all),
        }
    })
}

/// How long one more conversation would wait in a department, in milliseconds; 0 where a window is free; `None` where
/// nobody is there.
pub fn estimated_wait_ms(desk: &Desk, rules: &Rules, department: &DepartmentId) -> Option<u64> {
    let (free, all) = places(desk, rules, department);
    match (free, all) {
        (_, 0) => None,
        (1.., _) => Some(0),
        (0, all) => {
            Some((desk.waiting(department) as u64 + 1) * TYPICAL_CONVERSATION_MS / u64::from(all))
        }
    }
}

/// Where a new conversation goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// To the queue of a department.
    Queue(DepartmentId, QueuedBecause),
    /// Nowhere: the queue is full or the department closed, and the rules ask for a callback.
    Callback(DepartmentId),
}

/// Where a new conversation for `wanted` goes: there, or where the rules say when it is closed or its queue is full.
pub fn place(desk: &Desk, ctx: &Context, wanted: &DepartmentId, why: QueuedBecause) -> Placement {
    let there = Placement::Queue(wanted.clone(), why);
    let Some(rules) = ctx.rules.departments.get(wanted) else { return there };
    if is_shut(ctx, wanted) {
        return Placement::Callback(wanted.clone());
    }
    if !is_full(desk, ctx.rules, wanted, rules) {
        return there;
    }
    match rules.when_full {
        WhenFull::Wait => there,
        WhenFull::Callback => Placement::Callback(wanted.clone()),
        WhenFull::Overflow => match overflow(desk, ctx, wanted, rules) {
            Some(other) if other != wanted => {
                Placement::Queue(other.clone(), QueuedBecause::Overflow { from: wanted.clone() })
            }
            _ => there,
        },
    }
}

/// Whether whoever comes to a department now leaves a callback because it is closed.
pub(crate) fn is_shut(ctx: &Context, department: &DepartmentId) -> bool {
    let rules = ctx.rules.departments.get(department);
    ctx.closed.contains(department)
        && rules.is_some_and(|rules| rules.when_closed == WhenClosed::Callback)
}

fn is_full(desk: &Desk, rules: &Rules, id: &DepartmentId, department: &DepartmentRules) -> bool {
    department.max_waiting.is_some_and(|most| desk.waiting(id) >= most as usize)
        && places(desk, rules, id).0 == 0
}

/// With free windows somewhere the weights decide among those departments; otherwise the least estimated wait does,
/// the department that was asked for taking part.
fn overflow<'a>(
    desk: &Desk,
    ctx: &Context<'a>,
    wanted: &'a DepartmentId,
    department: &'a DepartmentRules,
) -> Option<&'a DepartmentId> {
    let open: Vec<_> = department
        .overflow
        .iter()
        .filter(|(id, _)| ctx.rules.departments.contains_key(id) && !ctx.closed.contains(id))
        .collect();
    let free: Vec<_> = open.iter().filter(|(id, _)| places(desk, ctx.rules, id).0 > 0).collect();
    let total: u64 = free.iter().map(|(_, weight)| u64::from(*weight)).sum();
    if total > 0 {
        let mut left = ctx.dice % total;
        for (id, weight) in free {
            if left < u64::from(*weight) {
                return Some(id);
            }
            left -= u64::from(*weight);
        }
    }
    let wait = |id: &DepartmentId| estimated_wait_ms(desk, ctx.rules, id).unwrap_or(u64::MAX);
    std::iter::once(wanted).chain(open.into_iter().map(|(id, _)| id)).min_by_key(|id| wait(id))
}

/// The event that gives a waiting conversation to an agent, or offers it, as the rules say.
pub(crate) fn give(
    ctx: &Context,
    conversation: ConversationId,
    department: &DepartmentId,
    agent: AgentId,
    why: AssignedBecause,
) -> Event {
    let department = department.clone();
    match ctx.rules.desk.offers {
        OfferMode::Immediate => {
            Event::ConversationAssigned { conversation, agent, department, why, over_limit: None }
        }
        OfferMode::Manual { timeout_ms } => Event::ConversationOffered {
            conversation,
            agent,
            department,
            until: ctx.now.plus(timeout_ms.max(1)),
            why,
        },
    }
}

/// Walks the queues of some departments together, best first, and finds what can be given to whom. Kept between calls
/// so that what could not be given is not tried again.
pub(crate) struct Round {
    open: BTreeMap<DepartmentId, Option<QueueKey>>,
}

impl Round {
    pub(crate) fn new(departments: BTreeSet<DepartmentId>) -> Self {
        Self { open: departments.into_iter().map(|id| (id, None)).collect() }
    }

    /// The next event, to be applied before asking again; `None` when nobody can be given anything.
    pub(crate) fn next(&mut self, desk: &Desk, ctx: &Context) -> Option<Event> {
        loop {
            let (department, key) = self.best(desk)?;
            let Some(conversation) = desk.conversations.get(&key.conversation) else {
                self.open.insert(department, Some(key));
                continue;
            };
            match pick(desk, ctx.rules, &department, conversation) {
                Pick::Agent(agent, why) => {
                    return Some(give(ctx, key.conversation, &department, agent, why));
                }
                Pick::AllPassed => {
                    return Some(Event::ConversationQueued {
                        conversation: key.conversation,
                        department,
                        waiting_since: key.waiting_since,
                        priority: conversation.priority,
                        why: QueuedBecause::NobodyAccepted,
                    });
                }
                Pick::Awaited(..) => {
                    self.open.insert(department, Some(key));
                }
                // Nobody of this department is free: nobody who is waited for by name either.
                Pick::NobodyFree(_) => {
                    self.open.remove(&department);
                }
            }
        }
    }

    fn best(&self, desk: &Desk) -> Option<(DepartmentId, QueueKey)> {
        self.open
            .iter()
            .filter_map(|(department, tried)| {
                let queue = desk.queues.get(department)?;
                let key = match tried {
                    Some(tried) => queue
                        .range((std::ops::Bound::Excluded(*tried), std::ops::Bound::Unbounded))
                        .next()?,
                    None => queue.first()?,
                };
                Some((*key, department.clone()))
            })
            .min()
            .map(|(key, department)| (department, key))
    }
}
