//! What to do next because something has happened, as data. The shell does it, after the event is durable.
//!
//! Asked of the follower's desk, to which the event's whole commit has been applied. Nothing here is needed to keep the
//! desk right: an effect may be done twice or late.

use crate::conversation::State;
use crate::desk::Desk;
use crate::event::{Event, QueuedBecause};
use crate::id::{ConversationId, MessageId};
use crate::message::Author;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the classifiers what it is about.
    AskClassifiers {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Ask what its agent could answer.
    AskReplies {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Ask the bot for its answer.
    AskBot {
        /// Which conversation.
        conversation: ConversationId,
        /// The message it answers; `None`: the consumer has just arrived.
        message: Option<MessageId>,
    },
    /// Ask the transfer rules whether it should go elsewhere.
    AskTransferRules {
        /// Which conversation.
        conversation: ConversationId,
        /// What gave cause.
        trigger: Trigger,
    },
    /// Tell the consumer when the department opens, if it is closed.
    SayWhenClosed {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Tell the observers.
    Observe {
        /// Which conversation.
        conversation: ConversationId,
        /// What has happened.
        what: Observed,
    },
}

/// What gave cause to ask the transfer rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The consumer wrote.
    NewMessage,
    /// It was classified.
    Classified,
    /// Its agent went away.
    AgentLeft,
}

/// What observers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// It began, or was reopened.
    Opened,
    /// An agent has it.
    Assigned,
    /// It went elsewhere.
    Transferred,
    /// It was said what it is about.
    Classified,
    /// A message was accepted.
    MessageSent,
    /// A message was refused by a policy.
    MessageDenied,
    /// It is over.
    Closed,
    /// The consumer said how it was.
    Rated,
}

/// What to do because of an event.
pub fn effects(desk: &Desk, event: &Event) -> Vec<Effect> {
    let Some(conversation) = event.conversation() else { return Vec::new() };
    let Some(it) = desk.conversations.get(&conversation) else { return Vec::new() };
    let mut effects = Vec::new();
    match event {
        // Where a first message came in the same commit, the bot is asked about that instead.
        Event::ConversationStarted { bot: true, .. }
            if it.messages.is_empty() && it.state == State::Bot =>
        {
            effects.push(Effect::AskBot { conversation, message: None });
        }
        Event::MessageSent { message, author: Author::Consumer, .. } => match it.state {
            State::Bot => effects.push(Effect::AskBot { conversation, message: Some(*message) }),
            State::Closed => {}
            state => {
                effects.extend([
                    Effect::AskClassifiers { conversation },
                    Effect::AskTransferRules { conversation, trigger: Trigger::NewMessage },
                ]);
                if matches!(state, State::Active | State::OnHold) {
                    effects.push(Effect::AskReplies { conversation });
                }
            }
        },
        // Whoever has it now finds what was said before.
        Event::ConversationAssigned { .. } if it.last_number > 0 => {
            effects.push(Effect::AskReplies { conversation });
        }
        Event::ConversationQueued { why, .. } => {
            effects.push(Effect::SayWhenClosed { conversation });
            match why {
                // What the consumer told the bot is classified once people have it.
                QueuedBecause::Bot if it.last_number > 0 => {
                    effects.push(Effect::AskClassifiers { conversation });
                }
                QueuedBecause::AgentLeft { .. } => effects
                    .push(Effect::AskTransferRules { conversation, trigger: Trigger::AgentLeft }),
                _ => {}
            }
        }
        Event::ConversationClassified { .. } if it.state != State::Closed => {
            effects.push(Effect::AskTransferRules { conversation, trigger: Trigger::Classified });
        }
        _ => {}
    }
    effects.extend(observed(event).map(|what| Effect::Observe { conversation, what }));
    effects
}

fn observed(event: &Event) -> Option<Observed> {
    Some(match event {
        Event::ConversationStarted { .. } | Event::ConversationReopened { .. } => Observed::Opened,
        Event::ConversationAssigned { .. } => Observed::Assigned,
        Event::ConversationTransferred { .. } => Observed::Transferred,
        Event::ConversationClassified { .. } => Observed::Classified,
        Event::MessageSent { .. } => Observed::MessageSent,
        Event::MessageRefused { .. } => Observed::MessageDenied,
        Event::ConversationClosed { .. } => Observed::Closed,
        Event::ConversationRated { .. } => Observed::Rated,
        _ => return None,
    })
}
