//! Who may do what: finds the conversation and the account a command is about, or refuses.
//!
//! Unknown and not-yours are the same refusal, always. What an actor may *see* is in
//! [`visibility`](crate::visibility).

use super::Case;
use crate::agent::{Agent, Role};
use crate::command::Actor;
use crate::conversation::{Conversation, State};
use crate::id::{AgentId, ConversationId};
use crate::refusal::Refusal;
use crate::visibility::may_see;

impl<'a> Case<'a> {
    /// A conversation in memory, or the cold one that was handed in.
    pub(super) fn find(&self, id: ConversationId) -> Option<&'a Conversation> {
        self.desk.conversations.get(&id).or_else(|| self.ctx.recalled.filter(|cold| cold.id == id))
    }

    /// A conversation the actor may see.
    pub(super) fn conversation(&self, id: ConversationId) -> Result<&'a Conversation, Refusal> {
        self.find(id)
            .filter(|it| may_see(self.desk, self.rules, self.actor, it))
            .ok_or(Refusal::ConversationUnknown(id))
    }

    /// A conversation that is the actor's to work on: its agent (the last one once it is closed, who is then told so),
    /// or any supervisor.
    pub(super) fn own_conversation(
        &self,
        id: ConversationId,
    ) -> Result<(&'a Conversation, &'a AgentId), Refusal> {
        let (agent, account) = self.account()?;
        let conversation = self.conversation(id)?;
        if account.role >= Role::Supervisor || works_on(conversation, agent) {
            return Ok((conversation, agent));
        }
        Err(Refusal::NotTheirs { agent: conversation.agent.clone() })
    }

    /// The account that asks.
    pub(super) fn account(&self) -> Result<(&'a AgentId, &'a Agent), Refusal> {
        let Actor::Agent(id) = self.actor else {
            return Err(Refusal::NotAllowed { needs: "agent" });
        };
        let account = self.desk.agents.get(id).filter(|account| account.active);
        account.map(|account| (id, account)).ok_or(Refusal::NotAllowed { needs: "agent" })
    }

    /// The account that asks, a supervisor's or admin's.
    pub(super) fn supervisor(&self) -> Result<&'a AgentId, Refusal> {
        match self.account() {
            Ok((id, account)) if account.role >= Role::Supervisor => Ok(id),
            _ => Err(Refusal::NotAllowed { needs: "supervisor" }),
        }
    }

    /// An admin, or somebody at the machine.
    pub(super) fn admin(&self) -> Result<(), Refusal> {
        match self.account() {
            _ if *self.actor == Actor::Operator => Ok(()),
            Ok((_, account)) if account.role >= Role::Admin => Ok(()),
            _ => Err(Refusal::NotAllowed { needs: "admin" }),
        }
    }

    /// The engine itself.
    pub(super) fn engine(&self) -> Result<(), Refusal> {
        match self.actor {
            Actor::Engine => Ok(()),
            _ => Err(Refusal::NotAllowed { needs: "engine" }),
        }
    }

    /// An account in use.
    pub(super) fn agent(&self, id: &AgentId) -> Result<&'a Agent, Refusal> {
        self.desk
            .agents
            .get(id)
            .filter(|agent| agent.active)
            .ok_or_else(|| Refusal::AgentUnknown(id.clone()))
    }

    /// An account that the actor is, or may act for as supervisor.
    pub(super) fn self_or_supervised(&self, id: &AgentId) -> Result<&'a Agent, Refusal> {
        let (own, account) = self.account()?;
        if own != id && account.role < Role::Supervisor {
            return Err(Refusal::NotAllowed { needs: "supervisor" });
        }
        self.agent(id)
    }
}

/// Whether the conversation is this agent's: held, or held last before it closed.
pub(super) fn works_on(conversation: &Conversation, agent: &AgentId) -> bool {
    let who = if conversation.state == State::Closed {
        &conversation.last_agent
    } else {
        &conversation.agent
    };
    who.as_ref() == Some(agent)
}
