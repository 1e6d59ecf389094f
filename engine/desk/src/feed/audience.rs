//! Whom a commit concerns, from its events and from where its conversations stood before and after it.

use dialogo_domain::conversation::State;
use dialogo_domain::message::Author;
use dialogo_domain::{Commit, ConversationId, Desk, Event};

use super::Audience;

/// The conversations a commit is about, each once.
fn conversations(commit: &Commit) -> Vec<ConversationId> {
    let mut all: Vec<_> = commit.events.iter().filter_map(Event::conversation).collect();
    all.dedup();
    all
}

/// Those who have to do with the conversations of `commit` as `desk` stands. Called before and after applying it; the
/// two answers are [merged](Audience::merge).
pub(crate) fn parties(desk: &Desk, commit: &Commit) -> Audience {
    let mut audience = Audience { conversations: conversations(commit), ..Audience::default() };
    let lifecycle = commit.events.iter().any(Event::is_lifecycle);
    for id in &audience.conversations {
        let Some(conversation) = desk.conversations.get(id) else { continue };
        audience.consumers.push(conversation.consumer);
        // Once it is closed, the last agent still has it on the screen.
        let agent = conversation.agent.as_ref().or(conversation.last_agent.as_ref());
        audience.agents.extend(agent.cloned());
        // Who works there reads in the list what those who wait write.
        let listed = lifecycle || (conversation.state == State::Queued && by_consumer(commit));
        if listed {
            audience.departments.extend(conversation.department.clone());
        }
    }
    audience
}

fn by_consumer(commit: &Commit) -> bool {
    commit
        .events
        .iter()
        .any(|event| matches!(event, Event::MessageSent { author: Author::Consumer, .. }))
}

/// The whole audience: the parties before and after, and whom the events name themselves.
pub(crate) fn audience(before: Audience, after: Audience, commit: &Commit) -> Audience {
    let mut all = before.merge(after);
    for event in &commit.events {
        match event {
            Event::RulesActivated { .. }
            | Event::PluginSteppedBack(_)
            | Event::AccountAdded { .. }
            | Event::AccountRemoved { .. }
            | Event::PresenceChanged { .. }
            | Event::AgentDropped { .. }
            | Event::AgentReturned { .. }
            | Event::OwnLimitSet { .. } => all.accounts = true,
            Event::OfferPassed { agent, .. } => all.agents.push(agent.clone()),
            Event::ConversationTransferred {
                from_agent,
                to_agent,
                from_department,
                to_department,
                ..
            } => {
                all.agents.extend(from_agent.iter().chain(to_agent).cloned());
                all.departments.extend(from_department.clone());
                all.departments.push(to_department.clone());
            }
            _ => {}
        }
    }
    all.tidy();
    all
}

impl Audience {
    fn merge(mut self, other: Self) -> Self {
        self.conversations.extend(other.conversations);
        self.consumers.extend(other.consumers);
        self.agents.extend(other.agents);
        self.departments.extend(other.departments);
        self.accounts |= other.accounts;
        self
    }

    fn tidy(&mut self) {
        fn once<T: Ord>(list: &mut Vec<T>) {
            if list.len() > 1 {
                list.sort_unstable();
                list.dedup();
            }
        }
        once(&mut self.conversations);
        once(&mut self.consumers);
        once(&mut self.agents);
        once(&mut self.departments);
    }
}
