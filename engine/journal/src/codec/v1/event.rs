//! Events as stored, and how they are made of the domain's. The way back is in [`super::event_back`].

use dialogo_domain::command::{Target as DomainTarget, TransferVerdict as DomainTransferVerdict};
use dialogo_domain::event::{
    AssignedBecause as DomainAssigned, Event as DomainEvent, LimitSource as DomainLimitSource,
    QueuedBecause as DomainQueued, RoutingRule as DomainRoutingRule,
    SkippedBecause as DomainSkipped, SuggestionOutcome as DomainOutcome,
};
use dialogo_domain::plugin::SteppedBack;
use minicbor::{Decode, Encode};

use super::agent::{Presence, Role};
use super::conversation::{Chosen, Closer, Conversation};
use super::ids::{Digest, Id, text, time};
use super::message::{Author, Channel, Profile, put_body};
use super::plugin::{Decision, Suggestion, Verdict, split, split_suggestions};
use super::sealed::{Personal, Sealed, some_text};

/// What has happened.
#[derive(Debug, Encode, Decode)]
pub(crate) enum Event<'a> {
    #[n(0)]
    RulesActivated {
        #[n(0)]
        generation: Digest,
        #[b(1)]
        summary: &'a str,
    },
    #[n(1)]
    AccountAdded {
        #[b(0)]
        agent: &'a str,
        #[n(1)]
        role: Role,
        #[b(2)]
        password_hash: &'a str,
        #[b(3)]
        personal: Sealed<'a>,
    },
    #[n(2)]
    PasswordChanged {
        #[b(0)]
        agent: &'a str,
        #[b(1)]
        password_hash: &'a str,
    },
    #[n(3)]
    AccountRemoved {
        #[b(0)]
        agent: &'a str,
    },
    #[n(4)]
    PresenceChanged {
        #[b(0)]
        agent: &'a str,
        #[b(1)]
        presence: Presence<'a>,
    },
    #[n(5)]
    AgentDropped {
        #[b(0)]
        agent: &'a str,
        #[n(1)]
        until: u64,
    },
    #[n(6)]
    AgentReturned {
        #[b(0)]
        agent: &'a str,
    },
    #[n(7)]
    OwnLimitSet {
        #[b(0)]
        agent: &'a str,
        #[n(1)]
        limit: Option<u32>,
    },
    #[n(8)]
    ConversationStarted {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        consumer: Id,
        #[n(2)]
        channel: Channel,
        #[n(3)]
        previous: Option<Id>,
        #[n(4)]
        bot: bool,
        #[b(5)]
        personal: Sealed<'a>,
    },
    #[n(9)]
    ConversationFound {
        #[n(0)]
        conversation: Id,
    },
    #[n(10)]
    ConversationRecalled {
        #[b(0)]
        conversation: Box<Conversation<'a>>,
    },
    #[n(11)]
    ConversationWentCold {
        #[n(0)]
        conversation: Id,
    },
    #[n(12)]
    ConsumerForgotten {
        #[n(0)]
        consumer: Id,
    },
    #[n(13)]
    TimerSet {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        at: Option<u64>,
    },
    #[n(14)]
    ConsumerArrived {
        #[n(0)]
        conversation: Id,
    },
    #[n(15)]
    ConsumerWentAway {
        #[n(0)]
        conversation: Id,
    },
    #[n(16)]
    ConversationQueued {
        #[n(0)]
        conversation: Id,
        #[b(1)]
        department: &'a str,
        #[n(2)]
        waiting_since: u64,
        #[n(3)]
        priority: i32,
        #[b(4)]
        why: QueuedBecause<'a>,
    },
    #[n(17)]
    ConversationOffered {
        #[n(0)]
        conversation: Id,
        #[b(1)]
        agent: &'a str,
        #[b(2)]
        department: &'a str,
        #[n(3)]
        until: u64,
        #[b(4)]
        why: AssignedBecause<'a>,
    },
    #[n(18)]
    OfferPassed {
        #[n(0)]
        conversation: Id,
        #[b(1)]
        agent: &'a str,
        #[n(2)]
        timed_out: bool,
    },
    #[n(19)]
    ConversationAssigned {
        #[n(0)]
        conversation: Id,
        #[b(1)]
        agent: &'a str,
        #[b(2)]
        department: &'a str,
        #[b(3)]
        why: AssignedBecause<'a>,
        #[n(4)]
        over_limit: Option<u32>,
    },
    #[n(20)]
    ConversationHeld {
        #[n(0)]
        conversation: Id,
    },
    #[n(21)]
    ConversationResumed {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        over_limit: Option<u32>,
    },
    #[n(22)]
    MessageSent {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        message: Id,
        #[n(2)]
        number: u32,
        #[b(3)]
        author: Author<'a>,
        #[b(4)]
        personal: Sealed<'a>,
        #[b(5)]
        verdict: Verdict<'a>,
        #[b(6)]
        decisions: Vec<Decision<'a>>,
    },
    #[n(23)]
    MessageRefused {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        message: Id,
        #[b(2)]
        author: Author<'a>,
        #[b(3)]
        personal: Sealed<'a>,
        #[b(4)]
        code: &'a str,
        #[b(5)]
        decisions: Vec<Decision<'a>>,
    },
    #[n(24)]
    NoteAdded {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        message: Id,
        #[n(2)]
        number: u32,
        #[b(3)]
        agent: &'a str,
        #[b(4)]
        personal: Sealed<'a>,
    },
    #[n(25)]
    ReadMarked {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        by_consumer: bool,
        #[n(2)]
        delivered: u32,
        #[n(3)]
        read: u32,
    },
    #[n(26)]
    BotAnswered {
        #[n(0)]
        conversation: Id,
        #[b(1)]
        personal: Sealed<'a>,
        #[b(2)]
        decisions: Vec<Decision<'a>>,
    },
    #[n(27)]
    ConversationTransferred {
        #[n(0)]
        conversation: Id,
        #[b(1)]
        from_agent: Option<&'a str>,
        #[b(2)]
        from_department: Option<&'a str>,
        #[b(3)]
        to_department: &'a str,
        #[b(4)]
        to_agent: Option<&'a str>,
        #[n(5)]
        waits_until: Option<u64>,
        #[b(6)]
        personal: Sealed<'a>,
        #[b(7)]
        verdict: TransferVerdict<'a>,
        #[b(8)]
        decisions: Vec<Decision<'a>>,
    },
    #[n(28)]
    TransferRefused {
        #[n(0)]
        conversation: Id,
        #[b(1)]
        code: &'a str,
        #[b(2)]
        personal: Sealed<'a>,
        #[b(3)]
        decisions: Vec<Decision<'a>>,
    },
    #[n(29)]
    ConversationClassified {
        #[n(0)]
        conversation: Id,
        #[b(1)]
        chosen: Chosen<'a>,
        #[n(2)]
        is_final: bool,
        #[n(3)]
        from_set: Option<u32>,
    },
    #[n(30)]
    ClassificationWaived {
        #[n(0)]
        conversation: Id,
    },
    #[n(31)]
    ClassificationSuggested {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        set: u32,
        #[b(2)]
        suggestions: Vec<Suggestion<'a>>,
        #[b(3)]
        personal: Sealed<'a>,
        #[b(4)]
        decisions: Vec<Decision<'a>>,
    },
    #[n(32)]
    SuggestionsShown {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        set: u32,
    },
    #[n(33)]
    SuggestionsSettled {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        set: u32,
        #[b(2)]
        outcome: SuggestionOutcome<'a>,
    },
    #[n(34)]
    ConversationClosed {
        #[n(0)]
        conversation: Id,
        #[b(1)]
        by: Closer<'a>,
    },
    #[n(35)]
    ConversationReopened {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        undone: bool,
    },
    #[n(36)]
    ConversationRated {
        #[n(0)]
        conversation: Id,
        #[n(1)]
        stars: u8,
        #[b(2)]
        personal: Sealed<'a>,
    },
    #[n(37)]
    PluginSteppedBack {
        #[b(0)]
        plugin: &'a str,
        #[n(1)]
        revision: u64,
        #[n(2)]
        right: u32,
        #[n(3)]
        of: u32,
        #[n(4)]
        min_precision: f64,
    },
}

#[derive(Debug, Encode, Decode)]
pub(crate) enum QueuedBecause<'a> {
    #[n(0)]
    Asked,
    #[n(1)]
    Bot,
    #[n(2)]
    Transferred,
    #[n(3)]
    Overflow(#[b(0)] &'a str),
    #[n(4)]
    AgentLeft(#[b(0)] &'a str),
    #[n(5)]
    NobodyAccepted,
    #[n(6)]
    WaitOver,
    #[n(7)]
    Reopened,
    #[n(8)]
    DepartmentRemoved(#[b(0)] &'a str),
}

#[derive(Debug, Encode, Decode)]
pub(crate) enum AssignedBecause<'a> {
    #[n(0)]
    Routed {
        #[n(0)]
        rule: RoutingRule,
        #[b(1)]
        candidates: Vec<(&'a str, u32)>,
        #[b(2)]
        skipped: Vec<(&'a str, SkippedBecause<'a>)>,
    },
    #[n(1)]
    Claimed,
    #[n(2)]
    GivenBy(#[b(0)] &'a str),
    #[n(3)]
    Transferred,
    #[n(4)]
    Reopened,
    #[n(5)]
    Accepted,
}

#[derive(Clone, Copy, Debug, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum RoutingRule {
    #[n(0)]
    Recontact,
    #[n(1)]
    FewestOpen,
    #[n(2)]
    LongestIdle,
    #[n(3)]
    OnlyOne,
}

#[derive(Debug, Encode, Decode)]
pub(crate) enum SkippedBecause<'a> {
    #[n(0)]
    NoAccount,
    #[n(1)]
    Offline,
    #[n(2)]
    Busy(#[b(0)] &'a str),
    #[n(3)]
    Dropped,
    #[n(4)]
    AtLimit {
        #[n(0)]
        load: u32,
        #[n(1)]
        limit: u32,
        #[n(2)]
        binding: LimitSource,
    },
    #[n(5)]
    Passed,
}

#[derive(Clone, Copy, Debug, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum LimitSource {
    #[n(0)]
    Desk,
    #[n(1)]
    Department,
    #[n(2)]
    Agent,
}

#[derive(Debug, Encode, Decode)]
pub(crate) enum SuggestionOutcome<'a> {
    #[n(0)]
    Accepted {
        #[b(0)]
        node: &'a str,
        #[n(1)]
        rank: u32,
    },
    #[n(1)]
    Changed {
        #[b(0)]
        node: &'a str,
    },
    #[n(2)]
    Ignored,
}

/// The open part of a verdict over a transfer; its reason is personal.
#[derive(Debug, Encode, Decode)]
pub(crate) enum TransferVerdict<'a> {
    #[n(0)]
    Allow,
    #[n(1)]
    Redirect(#[b(0)] Target<'a>),
    #[n(2)]
    Deny(#[b(0)] &'a str),
}

#[derive(Debug, Encode, Decode)]
pub(crate) enum Target<'a> {
    #[n(0)]
    Department(#[b(0)] &'a str),
    #[n(1)]
    Agent(#[b(0)] &'a str),
    #[n(2)]
    FirstContact,
}

fn only_text(text: &str) -> Sealed<'static> {
    Sealed::of(&Personal { text: some_text(text), ..Personal::default() })
}

impl<'a> Event<'a> {
    /// The stored form of an event.
    pub(crate) fn of(event: &'a DomainEvent) -> Self {
        match event {
            DomainEvent::RulesActivated { generation, summary } => {
                Self::RulesActivated { generation: Digest(generation.0), summary }
            }
            DomainEvent::PluginSteppedBack(SteppedBack {
                plugin,
                revision,
                right,
                of,
                min_precision,
            }) => Self::PluginSteppedBack {
                plugin: plugin.as_str(),
                revision: *revision,
                right: *right,
                of: *of,
                min_precision: *min_precision,
            },
            DomainEvent::AccountAdded { agent, name, role, password_hash } => Self::AccountAdded {
                agent: agent.as_str(),
                role: Role::of(*role),
                password_hash,
                personal: only_text(name),
            },
            DomainEvent::PasswordChanged { agent, password_hash } => {
                Self::PasswordChanged { agent: agent.as_str(), password_hash }
            }
            DomainEvent::AccountRemoved { agent } => Self::AccountRemoved { agent: agent.as_str() },
            DomainEvent::PresenceChanged { agent, presence } => {
                Self::PresenceChanged { agent: agent.as_str(), presence: Presence::of(presence) }
            }
            DomainEvent::AgentDropped { agent, until } => {
                Self::AgentDropped { agent: agent.as_str(), until: until.0 }
            }
            DomainEvent::AgentReturned { agent } => Self::AgentReturned { agent: agent.as_str() },
            DomainEvent::OwnLimitSet { agent, limit } => {
                Self::OwnLimitSet { agent: agent.as_str(), limit: *limit }
            }
            DomainEvent::ConversationStarted {
                conversation,
                consumer,
                channel,
                profile,
                previous,
                bot,
            } => {
                let personal =
                    Personal { profile: Some(Profile::of(profile)), ..Personal::default() };
                Self::ConversationStarted {
                    conversation: Id(conversation.0),
                    consumer: Id(consumer.0),
                    channel: Channel::of(*channel),
                    previous: previous.map(|id| Id(id.0)),
                    bot: *bot,
                    personal: Sealed::of(&personal),
                }
            }
            DomainEvent::ConversationFound { conversation } => {
                Self::ConversationFound { conversation: Id(conversation.0) }
            }
            DomainEvent::ConversationRecalled { conversation } => Self::ConversationRecalled {
                conversation: Box::new(Conversation::of(conversation)),
            },
            DomainEvent::ConversationWentCold { conversation } => {
                Self::ConversationWentCold { conversation: Id(conversation.0) }
            }
            DomainEvent::ConsumerForgotten { consumer } => {
                Self::ConsumerForgotten { consumer: Id(consumer.0) }
            }
            DomainEvent::TimerSet { conversation, at } => {
                Self::TimerSet { conversation: Id(conversation.0), at: time(*at) }
            }
            DomainEvent::ConsumerArrived { conversation } => {
                Self::ConsumerArrived { conversation: Id(conversation.0) }
            }
            DomainEvent::ConsumerWentAway { conversation } => {
                Self::ConsumerWentAway { conversation: Id(conversation.0) }
            }
            DomainEvent::ConversationQueued {
                conversation,
                department,
                waiting_since,
                priority,
                why,
            } => Self::ConversationQueued {
                conversation: Id(conversation.0),
                department: department.as_str(),
                waiting_since: waiting_since.0,
                priority: *priority,
                why: QueuedBecause::of(why),
            },
            DomainEvent::ConversationOffered { conversation, agent, department, until, why } => {
                Self::ConversationOffered {
                    conversation: Id(conversation.0),
                    agent: agent.as_str(),
                    department: department.as_str(),
                    until: until.0,
                    why: AssignedBecause::of(why),
                }
            }
            DomainEvent::OfferPassed { conversation, agent, timed_out } => Self::OfferPassed {
                conversation: Id(conversation.0),
                agent: agent.as_str(),
                timed_out: *timed_out,
            },
            DomainEvent::ConversationAssigned {
                conversation,
                agent,
                department,
                why,
                over_limit,
            } => Self::ConversationAssigned {
                conversation: Id(conversation.0),
                agent: agent.as_str(),
                department: department.as_str(),
                why: AssignedBecause::of(why),
                over_limit: *over_limit,
            },
            DomainEvent::ConversationHeld { conversation } => {
                Self::ConversationHeld { conversation: Id(conversation.0) }
            }
            DomainEvent::ConversationResumed { conversation, over_limit } => {
                Self::ConversationResumed {
                    conversation: Id(conversation.0),
                    over_limit: *over_limit,
                }
            }
            DomainEvent::MessageSent {
                conversation,
                message,
                number,
                author,
                body,
                verdict,
                decisions,
            } => {
                let (verdict, detail) = Verdict::split(verdict);
                let (decisions, reasons) = split(decisions);
                let mut personal = Personal { detail, reasons, ..Personal::default() };
                put_body(body, &mut personal);
                Self::MessageSent {
                    conversation: Id(conversation.0),
                    message: Id(message.0),
                    number: *number,
                    author: Author::of(author),
                    personal: Sealed::of(&personal),
                    verdict,
                    decisions,
                }
            }
            DomainEvent::MessageRefused {
                conversation,
                message,
                author,
                body,
                code,
                detail,
                decisions,
            } => {
                let (decisions, reasons) = split(decisions);
                let mut personal =
                    Personal { detail: some_text(detail), reasons, ..Personal::default() };
                put_body(body, &mut personal);
                Self::MessageRefused {
                    conversation: Id(conversation.0),
                    message: Id(message.0),
                    author: Author::of(author),
                    personal: Sealed::of(&personal),
                    code,
                    decisions,
                }
            }
            DomainEvent::NoteAdded { conversation, message, number, agent, text } => {
                Self::NoteAdded {
                    conversation: Id(conversation.0),
                    message: Id(message.0),
                    number: *number,
                    agent: agent.as_str(),
                    personal: only_text(text),
                }
            }
            DomainEvent::ReadMarked { conversation, by_consumer, delivered, read } => {
                Self::ReadMarked {
                    conversation: Id(conversation.0),
                    by_consumer: *by_consumer,
                    delivered: *delivered,
                    read: *read,
                }
            }
            DomainEvent::BotAnswered { conversation, state, decisions } => {
                let (decisions, reasons) = split(decisions);
                let personal = Personal { state: state.as_deref(), reasons, ..Personal::default() };
                Self::BotAnswered {
                    conversation: Id(conversation.0),
                    personal: Sealed::of(&personal),
                    decisions,
                }
            }
            DomainEvent::ConversationTransferred {
                conversation,
                from_agent,
                from_department,
                to_department,
                to_agent,
                waits_until,
                note,
                verdict,
                decisions,
            } => {
                let (verdict, detail) = TransferVerdict::split(verdict);
                let (decisions, reasons) = split(decisions);
                let personal =
                    Personal { text: some_text(note), detail, reasons, ..Personal::default() };
                Self::ConversationTransferred {
                    conversation: Id(conversation.0),
                    from_agent: text!(from_agent),
                    from_department: text!(from_department),
                    to_department: to_department.as_str(),
                    to_agent: text!(to_agent),
                    waits_until: time(*waits_until),
                    personal: Sealed::of(&personal),
                    verdict,
                    decisions,
                }
            }
            DomainEvent::TransferRefused { conversation, code, because, decisions } => {
                let (decisions, reasons) = split(decisions);
                let personal =
                    Personal { detail: some_text(because), reasons, ..Personal::default() };
                Self::TransferRefused {
                    conversation: Id(conversation.0),
                    code,
                    personal: Sealed::of(&personal),
                    decisions,
                }
            }
            DomainEvent::ConversationClassified { conversation, chosen, is_final, from_set } => {
                Self::ConversationClassified {
                    conversation: Id(conversation.0),
                    chosen: Chosen::of(chosen),
                    is_final: *is_final,
                    from_set: *from_set,
                }
            }
            DomainEvent::ClassificationWaived { conversation } => {
                Self::ClassificationWaived { conversation: Id(conversation.0) }
            }
            DomainEvent::ClassificationSuggested { conversation, set, suggestions, decisions } => {
                let (suggestions, evidence) = split_suggestions(suggestions);
                let (decisions, reasons) = split(decisions);
                let personal = Personal { reasons, evidence, ..Personal::default() };
                Self::ClassificationSuggested {
                    conversation: Id(conversation.0),
                    set: *set,
                    suggestions,
                    personal: Sealed::of(&personal),
                    decisions,
                }
            }
            DomainEvent::SuggestionsShown { conversation, set } => {
                Self::SuggestionsShown { conversation: Id(conversation.0), set: *set }
            }
            DomainEvent::SuggestionsSettled { conversation, set, outcome } => {
                Self::SuggestionsSettled {
                    conversation: Id(conversation.0),
                    set: *set,
                    outcome: match outcome {
                        DomainOutcome::Accepted { node, rank } => {
                            SuggestionOutcome::Accepted { node: node.as_str(), rank: *rank }
                        }
                        DomainOutcome::Changed { node } => {
                            SuggestionOutcome::Changed { node: node.as_str() }
                        }
                        DomainOutcome::Ignored => SuggestionOutcome::Ignored,
                    },
                }
            }
            DomainEvent::ConversationClosed { conversation, by } => {
                Self::ConversationClosed { conversation: Id(conversation.0), by: Closer::of(by) }
            }
            DomainEvent::ConversationReopened { conversation, undone } => {
                Self::ConversationReopened { conversation: Id(conversation.0), undone: *undone }
            }
            DomainEvent::ConversationRated { conversation, stars, comment } => {
                Self::ConversationRated {
                    conversation: Id(conversation.0),
                    stars: *stars,
                    personal: only_text(comment),
                }
            }
        }
    }
}

impl<'a> QueuedBecause<'a> {
    fn of(why: &'a DomainQueued) -> Self {
        match why {
            DomainQueued::Asked => Self::Asked,
            DomainQueued::Bot => Self::Bot,
            DomainQueued::Transferred => Self::Transferred,
            DomainQueued::Overflow { from } => Self::Overflow(from.as_str()),
            DomainQueued::AgentLeft { agent } => Self::AgentLeft(agent.as_str()),
            DomainQueued::NobodyAccepted => Self::NobodyAccepted,
            DomainQueued::WaitOver => Self::WaitOver,
            DomainQueued::Reopened => Self::Reopened,
            DomainQueued::DepartmentRemoved { from } => Self::DepartmentRemoved(from.as_str()),
        }
    }
}

impl<'a> AssignedBecause<'a> {
    fn of(why: &'a DomainAssigned) -> Self {
        match why {
            DomainAssigned::Routed { rule, candidates, skipped } => Self::Routed {
                rule: match rule {
                    DomainRoutingRule::Recontact => RoutingRule::Recontact,
                    DomainRoutingRule::FewestOpen => RoutingRule::FewestOpen,
                    DomainRoutingRule::LongestIdle => RoutingRule::LongestIdle,
                    DomainRoutingRule::OnlyOne => RoutingRule::OnlyOne,
                },
                candidates: candidates
                    .iter()
                    .map(|(agent, load)| (agent.as_str(), *load))
                    .collect(),
                skipped: skipped
                    .iter()
                    .map(|(agent, why)| (agent.as_str(), SkippedBecause::of(why)))
                    .collect(),
            },
            DomainAssigned::Claimed => Self::Claimed,
            DomainAssigned::GivenBy(agent) => Self::GivenBy(agent.as_str()),
            DomainAssigned::Transferred => Self::Transferred,
            DomainAssigned::Reopened => Self::Reopened,
            DomainAssigned::Accepted => Self::Accepted,
        }
    }
}

impl<'a> SkippedBecause<'a> {
    fn of(why: &'a DomainSkipped) -> Self {
        match why {
            DomainSkipped::NoAccount => Self::NoAccount,
            DomainSkipped::Offline => Self::Offline,
            DomainSkipped::Busy(reason) => Self::Busy(reason),
            DomainSkipped::Dropped => Self::Dropped,
            DomainSkipped::AtLimit { load, limit, binding } => Self::AtLimit {
                load: *load,
                limit: *limit,
                binding: match binding {
                    DomainLimitSource::Desk => LimitSource::Desk,
                    DomainLimitSource::Department => LimitSource::Department,
                    DomainLimitSource::Agent => LimitSource::Agent,
                },
            },
            DomainSkipped::Passed => Self::Passed,
        }
    }
}

impl<'a> TransferVerdict<'a> {
    fn split(verdict: &'a DomainTransferVerdict) -> (Self, Option<&'a str>) {
        match verdict {
            DomainTransferVerdict::Allow => (Self::Allow, None),
            DomainTransferVerdict::Redirect { target, because } => {
                let target = match target {
                    DomainTarget::Department(department) => Target::Department(department.as_str()),
                    DomainTarget::Agent(agent) => Target::Agent(agent.as_str()),
                    DomainTarget::FirstContact => Target::FirstContact,
                };
                (Self::Redirect(target), some_text(because))
            }
            DomainTransferVerdict::Deny { code, because } => (Self::Deny(code), some_text(because)),
        }
    }
}
