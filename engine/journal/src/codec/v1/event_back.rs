//! Stored events back into the domain's. Exhaustive on purpose: a new stored variant does not compile until it is read.

use std::sync::Arc;

use dialogo_domain::command::{Target as DomainTarget, TransferVerdict as DomainTransferVerdict};
use dialogo_domain::event::{
    AssignedBecause as DomainAssigned, Event as DomainEvent, LimitSource as DomainLimitSource,
    QueuedBecause as DomainQueued, RoutingRule as DomainRoutingRule,
    SkippedBecause as DomainSkipped, SuggestionOutcome as DomainOutcome,
};
use dialogo_domain::plugin::SteppedBack;
use dialogo_domain::{
    AgentId, ConsumerId, ConversationId, DepartmentId, Generation, MessageId, Millis,
};

use super::event::{
    AssignedBecause, Event, LimitSource, QueuedBecause, RoutingRule, SkippedBecause,
    SuggestionOutcome, Target, TransferVerdict,
};
use super::ids::{Id, time_back};
use super::message::{Profile, take_body};
use super::plugin::{join, join_suggestions};
use crate::codec::CodecFault;

fn conversation_id(id: Id) -> ConversationId {
    ConversationId(id.0)
}

fn text(text: Option<&str>) -> Arc<str> {
    text.unwrap_or_default().into()
}

impl Event<'_> {
    /// The domain's form of an event.
    pub(crate) fn into_domain(self) -> Result<DomainEvent, CodecFault> {
        Ok(match self {
            Self::RulesActivated { generation, summary } => DomainEvent::RulesActivated {
                generation: Generation(generation.0),
                summary: summary.into(),
            },
            Self::PluginSteppedBack { plugin, revision, right, of, min_precision } => {
                DomainEvent::PluginSteppedBack(SteppedBack {
                    plugin: plugin.into(),
                    revision,
                    right,
                    of,
                    min_precision,
                })
            }
            Self::AccountAdded { agent, role, password_hash, personal } => {
                DomainEvent::AccountAdded {
                    agent: agent.into(),
                    name: text(personal.open()?.text),
                    role: role.into_domain(),
                    password_hash: password_hash.into(),
                }
            }
            Self::PasswordChanged { agent, password_hash } => DomainEvent::PasswordChanged {
                agent: agent.into(),
                password_hash: password_hash.into(),
            },
            Self::AccountRemoved { agent } => DomainEvent::AccountRemoved { agent: agent.into() },
            Self::PresenceChanged { agent, presence } => DomainEvent::PresenceChanged {
                agent: agent.into(),
                presence: presence.into_domain(),
            },
            Self::AgentDropped { agent, until } => {
                DomainEvent::AgentDropped { agent: agent.into(), until: Millis(until) }
            }
            Self::AgentReturned { agent } => DomainEvent::AgentReturned { agent: agent.into() },
            Self::OwnLimitSet { agent, limit } => {
                DomainEvent::OwnLimitSet { agent: agent.into(), limit }
            }
            Self::ConversationStarted {
                conversation,
                consumer,
                channel,
                previous,
                bot,
                personal,
            } => DomainEvent::ConversationStarted {
                conversation: conversation_id(conversation),
                consumer: ConsumerId(consumer.0),
                channel: channel.into_domain(),
                profile: personal.open()?.profile.map(Profile::into_domain).unwrap_or_default(),
                previous: previous.map(conversation_id),
                bot,
            },
            Self::ConversationFound { conversation } => {
                DomainEvent::ConversationFound { conversation: conversation_id(conversation) }
            }
            Self::ConversationRecalled { conversation } => DomainEvent::ConversationRecalled {
                conversation: Box::new(conversation.into_domain()?),
            },
            Self::ConversationWentCold { conversation } => {
                DomainEvent::ConversationWentCold { conversation: conversation_id(conversation) }
            }
            Self::ConsumerForgotten { consumer } => {
                DomainEvent::ConsumerForgotten { consumer: ConsumerId(consumer.0) }
            }
            Self::TimerSet { conversation, at } => DomainEvent::TimerSet {
                conversation: conversation_id(conversation),
                at: time_back(at),
            },
            Self::ConsumerArrived { conversation } => {
                DomainEvent::ConsumerArrived { conversation: conversation_id(conversation) }
            }
            Self::ConsumerWentAway { conversation } => {
                DomainEvent::ConsumerWentAway { conversation: conversation_id(conversation) }
            }
            Self::ConversationQueued { conversation, department, waiting_since, priority, why } => {
                DomainEvent::ConversationQueued {
                    conversation: conversation_id(conversation),
                    department: department.into(),
                    waiting_since: Millis(waiting_since),
                    priority,
                    why: why.into_domain(),
                }
            }
            Self::ConversationOffered { conversation, agent, department, until, why } => {
                DomainEvent::ConversationOffered {
                    conversation: conversation_id(conversation),
                    agent: agent.into(),
                    department: department.into(),
                    until: Millis(until),
                    why: why.into_domain(),
                }
            }
            Self::OfferPassed { conversation, agent, timed_out } => DomainEvent::OfferPassed {
                conversation: conversation_id(conversation),
                agent: agent.into(),
                timed_out,
            },
            Self::ConversationAssigned { conversation, agent, department, why, over_limit } => {
                DomainEvent::ConversationAssigned {
                    conversation: conversation_id(conversation),
                    agent: agent.into(),
                    department: department.into(),
                    why: why.into_domain(),
                    over_limit,
                }
            }
            Self::ConversationHeld { conversation } => {
                DomainEvent::ConversationHeld { conversation: conversation_id(conversation) }
            }
            Self::ConversationResumed { conversation, over_limit } => {
                DomainEvent::ConversationResumed {
                    conversation: conversation_id(conversation),
                    over_limit,
                }
            }
            Self::MessageSent {
                conversation,
                message,
                number,
                author,
                personal,
                verdict,
                decisions,
            } => {
                let mut personal = personal.open()?;
                DomainEvent::MessageSent {
                    conversation: conversation_id(conversation),
                    message: MessageId(message.0),
                    number,
                    author: author.into_domain(),
                    body: take_body(&mut personal),
                    verdict: verdict.with(personal.detail),
                    decisions: join(decisions, personal.reasons),
                }
            }
            Self::MessageRefused { conversation, message, author, personal, code, decisions } => {
                let mut personal = personal.open()?;
                DomainEvent::MessageRefused {
                    conversation: conversation_id(conversation),
                    message: MessageId(message.0),
                    author: author.into_domain(),
                    body: take_body(&mut personal),
                    code: code.into(),
                    detail: text(personal.detail),
                    decisions: join(decisions, personal.reasons),
                }
            }
            Self::NoteAdded { conversation, message, number, agent, personal } => {
                DomainEvent::NoteAdded {
                    conversation: conversation_id(conversation),
                    message: MessageId(message.0),
                    number,
                    agent: agent.into(),
                    text: text(personal.open()?.text),
                }
            }
            Self::ReadMarked { conversation, by_consumer, delivered, read } => {
                DomainEvent::ReadMarked {
                    conversation: conversation_id(conversation),
                    by_consumer,
                    delivered,
                    read,
                }
            }
            Self::BotAnswered { conversation, personal, decisions } => {
                let personal = personal.open()?;
                DomainEvent::BotAnswered {
                    conversation: conversation_id(conversation),
                    state: personal.state.map(Arc::from),
                    decisions: join(decisions, personal.reasons),
                }
            }
            Self::ConversationTransferred {
                conversation,
                from_agent,
                from_department,
                to_department,
                to_agent,
                waits_until,
                personal,
                verdict,
                decisions,
            } => {
                let personal = personal.open()?;
                DomainEvent::ConversationTransferred {
                    conversation: conversation_id(conversation),
                    from_agent: from_agent.map(AgentId::from),
                    from_department: from_department.map(DepartmentId::from),
                    to_department: to_department.into(),
                    to_agent: to_agent.map(AgentId::from),
                    waits_until: time_back(waits_until),
                    note: text(personal.text),
                    verdict: verdict.with(personal.detail),
                    decisions: join(decisions, personal.reasons),
                }
            }
            Self::TransferRefused { conversation, code, personal, decisions } => {
                let personal = personal.open()?;
                DomainEvent::TransferRefused {
                    conversation: conversation_id(conversation),
                    code: code.into(),
                    because: text(personal.detail),
                    decisions: join(decisions, personal.reasons),
                }
            }
            Self::ConversationClassified { conversation, chosen, is_final, from_set } => {
                DomainEvent::ConversationClassified {
                    conversation: conversation_id(conversation),
                    chosen: chosen.into_domain(),
                    is_final,
                    from_set,
                }
            }
            Self::ClassificationWaived { conversation } => {
                DomainEvent::ClassificationWaived { conversation: conversation_id(conversation) }
            }
            Self::ClassificationSuggested {
                conversation,
                set,
                suggestions,
                personal,
                decisions,
            } => {
                let personal = personal.open()?;
                DomainEvent::ClassificationSuggested {
                    conversation: conversation_id(conversation),
                    set,
                    suggestions: join_suggestions(suggestions, personal.evidence),
                    decisions: join(decisions, personal.reasons),
                }
            }
            Self::SuggestionsShown { conversation, set } => {
                DomainEvent::SuggestionsShown { conversation: conversation_id(conversation), set }
            }
            Self::SuggestionsSettled { conversation, set, outcome } => {
                DomainEvent::SuggestionsSettled {
                    conversation: conversation_id(conversation),
                    set,
                    outcome: match outcome {
                        SuggestionOutcome::Accepted { node, rank } => {
                            DomainOutcome::Accepted { node: node.into(), rank }
                        }
                        SuggestionOutcome::Changed { node } => {
                            DomainOutcome::Changed { node: node.into() }
                        }
                        SuggestionOutcome::Ignored => DomainOutcome::Ignored,
                    },
                }
            }
            Self::ConversationClosed { conversation, by } => DomainEvent::ConversationClosed {
                conversation: conversation_id(conversation),
                by: by.into_domain(),
            },
            Self::ConversationReopened { conversation, undone } => {
                DomainEvent::ConversationReopened {
                    conversation: conversation_id(conversation),
                    undone,
                }
            }
            Self::ConversationRated { conversation, stars, personal } => {
                DomainEvent::ConversationRated {
                    conversation: conversation_id(conversation),
                    stars,
                    comment: text(personal.open()?.text),
                }
            }
        })
    }
}

impl QueuedBecause<'_> {
    fn into_domain(self) -> DomainQueued {
        match self {
            Self::Asked => DomainQueued::Asked,
            Self::Bot => DomainQueued::Bot,
            Self::Transferred => DomainQueued::Transferred,
            Self::Overflow(from) => DomainQueued::Overflow { from: from.into() },
            Self::AgentLeft(agent) => DomainQueued::AgentLeft { agent: agent.into() },
            Self::NobodyAccepted => DomainQueued::NobodyAccepted,
            Self::WaitOver => DomainQueued::WaitOver,
            Self::Reopened => DomainQueued::Reopened,
            Self::DepartmentRemoved(from) => DomainQueued::DepartmentRemoved { from: from.into() },
        }
    }
}

impl AssignedBecause<'_> {
    fn into_domain(self) -> DomainAssigned {
        match self {
            Self::Routed { rule, candidates, skipped } => DomainAssigned::Routed {
                rule: match rule {
                    RoutingRule::Recontact => DomainRoutingRule::Recontact,
                    RoutingRule::FewestOpen => DomainRoutingRule::FewestOpen,
                    RoutingRule::LongestIdle => DomainRoutingRule::LongestIdle,
                    RoutingRule::OnlyOne => DomainRoutingRule::OnlyOne,
                },
                candidates: candidates
                    .into_iter()
                    .map(|(agent, load)| (agent.into(), load))
                    .collect(),
                skipped: skipped
                    .into_iter()
                    .map(|(agent, why)| (agent.into(), why.into_domain()))
                    .collect(),
            },
            Self::Claimed => DomainAssigned::Claimed,
            Self::GivenBy(agent) => DomainAssigned::GivenBy(agent.into()),
            Self::Transferred => DomainAssigned::Transferred,
            Self::Reopened => DomainAssigned::Reopened,
            Self::Accepted => DomainAssigned::Accepted,
        }
    }
}

impl SkippedBecause<'_> {
    fn into_domain(self) -> DomainSkipped {
        match self {
            Self::NoAccount => DomainSkipped::NoAccount,
            Self::Offline => DomainSkipped::Offline,
            Self::Busy(reason) => DomainSkipped::Busy(reason.into()),
            Self::Dropped => DomainSkipped::Dropped,
            Self::AtLimit { load, limit, binding } => DomainSkipped::AtLimit {
                load,
                limit,
                binding: match binding {
                    LimitSource::Desk => DomainLimitSource::Desk,
                    LimitSource::Department => DomainLimitSource::Department,
                    LimitSource::Agent => DomainLimitSource::Agent,
                },
            },
            Self::Passed => DomainSkipped::Passed,
        }
    }
}

impl TransferVerdict<'_> {
    fn with(self, because: Option<&str>) -> DomainTransferVerdict {
        match self {
            Self::Allow => DomainTransferVerdict::Allow,
            Self::Redirect(target) => DomainTransferVerdict::Redirect {
                target: match target {
                    Target::Department(department) => DomainTarget::Department(department.into()),
                    Target::Agent(agent) => DomainTarget::Agent(agent.into()),
                    Target::FirstContact => DomainTarget::FirstContact,
                },
                because: text(because),
            },
            Self::Deny(code) => {
                DomainTransferVerdict::Deny { code: code.into(), because: text(because) }
            }
        }
    }
}
