//! Who may see a conversation. What somebody may not see does not exist for them.
//!
//! Agents see what stands in their own departments and what they have, or had last; supervisors and admins see
//! all; a consumer sees the own conversations.

use crate::agent::Role;
use crate::command::Actor;
use crate::conversation::Conversation;
use crate::desk::Desk;
use crate::id::AgentId;
use crate::routing::is_member;
use crate::rules::Rules;

/// Whether the actor may see the conversation under these rules.
pub fn may_see(desk: &Desk, rules: &Rules, actor: &Actor, conversation: &Conversation) -> bool {
    match actor {
        Actor::Consumer(consumer) => conversation.consumer == *consumer,
        Actor::Agent(id) => match desk.agents.get(id).filter(|agent| agent.active) {
            None => false,
            Some(agent) if agent.role >= Role::Supervisor => true,
            Some(_) => agent_may_see(rules, id, conversation),
        },
        Actor::Bot | Actor::Engine | Actor::Operator => true,
    }
}

/// Whether an account of role [`Role::Agent`] may see the conversation.
pub fn agent_may_see(rules: &Rules, agent: &AgentId, conversation: &Conversation) -> bool {
    conversation.agent.as_ref() == Some(agent)
        || conversation.last_agent.as_ref() == Some(agent)
        || conversation
            .department
            .as_ref()
            .is_some_and(|department| is_member(rules, department, agent))
}
