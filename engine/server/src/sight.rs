//! What a listener may see of a durable commit: which of its conversations concern it, and how deeply.
//!
//! The feed has decided that a commit concerns a listener at all; here each conversation in it is looked at by itself,
//! since a commit may hold several. What is shown of an event then is `api::event`'s.

use dialogo_desk::Scope;
use dialogo_domain::{AgentId, Commit, ConsumerId, ConversationId, Desk, Rules, event};

use crate::api::event_depth::{Depth, about_one, names_agent};
use crate::api::{Event, Viewer};

/// Who listens, with what is needed to judge each event.
pub(crate) enum Eyes<'a> {
    /// A consumer.
    Consumer(ConsumerId),
    /// An account.
    Account {
        /// Who.
        id: &'a AgentId,
        /// Whether all departments may be seen.
        sees_all: bool,
        /// Conversations watched.
        watches: &'a [ConversationId],
    },
}

impl Eyes<'_> {
    fn viewer(&self) -> Viewer<'_> {
        match self {
            Self::Consumer(consumer) => Viewer::Consumer(*consumer),
            Self::Account { id, sees_all, .. } => Viewer::Account { id, sees_all: *sees_all },
        }
    }
}

/// The events of `commit` as the listener sees them. `scope` is what the feed says of the commit as a whole.
pub(crate) fn seen(
    commit: &Commit,
    scope: Scope,
    eyes: &Eyes<'_>,
    desk: &Desk,
    rules: &Rules,
    wanted: impl Fn(&event::Event) -> bool,
) -> Vec<Event> {
    let viewer = eyes.viewer();
    let single = about_one(commit);
    let at = commit.stamp.at.0;
    let show = |event: &event::Event| {
        let depth = match event.conversation() {
            Some(conversation) if !single => depth_of(conversation, commit, eyes, desk, rules)?,
            _ => match scope {
                Scope::Full => Depth::Full,
                Scope::Lifecycle => Depth::Lifecycle,
            },
        };
        Event::of(event, at, desk, &viewer, depth)
    };
    commit.events.iter().filter(|event| wanted(event)).filter_map(show).collect()
}

/// How deeply the listener sees one conversation of a commit that holds several.
fn depth_of(
    id: ConversationId,
    commit: &Commit,
    eyes: &Eyes<'_>,
    desk: &Desk,
    rules: &Rules,
) -> Option<Depth> {
    let conversation = desk.conversations.get(&id);
    match eyes {
        Eyes::Consumer(consumer) => {
            // What has just gone cold is told from the commit itself.
            let started = commit.events.iter().any(|event| {
                matches!(event, event::Event::ConversationStarted { conversation, consumer: of, .. }
                    if *conversation == id && of == consumer)
            });
            (started || conversation.is_some_and(|found| found.consumer == *consumer))
                .then_some(Depth::Full)
        }
        Eyes::Account { id: agent, sees_all, watches } => {
            let about = || commit.events.iter().filter(|event| event.conversation() == Some(id));
            let party = watches.contains(&id)
                || about().any(|event| names_agent(event, agent))
                || conversation.is_some_and(|found| {
                    found.agent.as_ref() == Some(*agent)
                        || (found.agent.is_none() && found.last_agent.as_ref() == Some(*agent))
                });
            if party {
                return Some(Depth::Full);
            }
            let listed = *sees_all
                || conversation.is_some_and(|found| {
                    dialogo_domain::visibility::agent_may_see(rules, agent, found)
                });
            listed.then_some(Depth::Lifecycle)
        }
    }
}

#[cfg(test)]
mod tests {
    use dialogo_domain::event::Event as Domain;
    use dialogo_domain::message::{Author, Body, Channel};
    use dialogo_domain::plugin::Verdict;
    use dialogo_domain::{Actor, Generation, MessageId, Millis, Position, Stamp};

    use super::*;

    fn started(conversation: u128, consumer: u128) -> Domain {
        Domain::ConversationStarted {
            conversation: ConversationId(conversation),
            consumer: ConsumerId(consumer),
            channel: Channel::Web,
            profile: dialogo_domain::desk::Profile::default(),
            previous: None,
            bot: false,
        }
    }

    fn said(conversation: u128) -> Domain {
        Domain::MessageSent {
            conversation: ConversationId(conversation),
            message: MessageId(1),
            number: 1,
            author: Author::Consumer,
            body: Body::text("words"),
            verdict: Verdict::Allow,
            decisions: Vec::new(),
        }
    }

    #[test]
    fn nobody_sees_the_other_conversation_of_a_commit() {
        let stamp = Stamp {
            position: Position(1),
            at: Millis(1),
            generation: Generation::default(),
            command: None,
            actor: Actor::Engine,
        };
        let commit =
            Commit { stamp, events: vec![started(1, 10), said(1), started(2, 20), said(2)] };
        let shown = |eyes: &Eyes<'_>| {
            seen(&commit, Scope::Full, eyes, &Desk::default(), &Rules::default(), |_| true).len()
        };
        assert_eq!(shown(&Eyes::Consumer(ConsumerId(10))), 2);
        assert_eq!(shown(&Eyes::Consumer(ConsumerId(30))), 0);
        let ana = AgentId::from("ana");
        let watches = [ConversationId(2)];
        assert_eq!(shown(&Eyes::Account { id: &ana, sees_all: false, watches: &watches }), 2);
        assert_eq!(shown(&Eyes::Account { id: &ana, sees_all: true, watches: &watches }), 3);
    }
}
