//! The feed's events as JSON, and the one place that decides who sees what of them.
//!
//! A commit may hold events of several conversations (a close frees a place, the next in the queue is assigned), so the
//! question is put for each event: [`Event::of`] answers with what the viewer may see of it, or with nothing.

use dialogo_domain::agent::Presence;
use dialogo_domain::command::{Target, TransferVerdict};
use dialogo_domain::conversation::State;
use dialogo_domain::event::{AssignedBecause, QueuedBecause, SkippedBecause, SuggestionOutcome};
use dialogo_domain::{AgentId, Commit, ConsumerId, ConversationId, Desk, event, message};
use serde::Serialize;
use utoipa::ToSchema;

use super::account::AgentRef;
use super::conversation::{self, Profile, Suggestion, cut_short};
use super::message::{Author, Decision, Message, SettingAt, Verdict, decisions};
use super::names;

/// Who looks at an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer<'a> {
    /// A consumer.
    Consumer(ConsumerId),
    /// An account.
    Account {
        /// Who.
        id: &'a AgentId,
        /// Whether the conversations of all departments may be seen.
        sees_all: bool,
    },
    /// Whoever sits at the machine.
    Operator,
}

impl Viewer<'_> {
    /// Whether it is somebody of the desk, not a consumer.
    pub fn is_account(&self) -> bool {
        !matches!(self, Self::Consumer(_))
    }
}

/// How much of an event is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Everything its side may see.
    Full,
    /// Where the conversation stands, not what is said in it.
    Lifecycle,
}

/// One event of the feed. What a consumer does not see is left out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the events and their members are documented where the domain defines them"
)]
pub enum Event {
    RulesActivated {
        generation: String,
        summary: String,
    },
    PluginSteppedBack {
        plugin: String,
        right: u32,
        of: u32,
        min_precision: f64,
    },
    AccountAdded {
        agent: String,
        name: String,
        role: &'static str,
    },
    AccountRemoved {
        agent: String,
    },
    PresenceChanged {
        agent: String,
        presence: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    AgentDropped {
        agent: String,
    },
    AgentReturned {
        agent: String,
    },
    OwnLimitSet {
        agent: String,
        limit: Option<u32>,
    },
    ConversationStarted {
        conversation: String,
        channel: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        consumer: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        profile: Option<Profile>,
        #[serde(skip_serializing_if = "Option::is_none")]
        previous: Option<String>,
        bot: bool,
    },
    ConversationFound {
        conversation: String,
    },
    ConsumerArrived {
        conversation: String,
    },
    ConsumerWrote {
        conversation: String,
        excerpt: String,
    },
    ConsumerWentAway {
        conversation: String,
    },
    ConversationQueued {
        conversation: String,
        department: String,
        waiting_since: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        priority: Option<i32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<Why>,
    },
    ConversationOffered {
        conversation: String,
        agent: AgentRef,
        department: String,
        until: u64,
        why: Why,
    },
    OfferPassed {
        conversation: String,
        agent: String,
        timed_out: bool,
    },
    ConversationAssigned {
        conversation: String,
        agent: AgentRef,
        department: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<Why>,
        #[serde(skip_serializing_if = "Option::is_none")]
        over_limit: Option<u32>,
    },
    ConversationHeld {
        conversation: String,
    },
    ConversationResumed {
        conversation: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        over_limit: Option<u32>,
    },
    MessageSent {
        conversation: String,
        message: Message,
        #[serde(skip_serializing_if = "Option::is_none")]
        verdict: Option<Verdict>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        decisions: Vec<Decision>,
    },
    MessageRefused {
        conversation: String,
        message: Message,
        code: String,
        detail: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        decisions: Vec<Decision>,
    },
    NoteAdded {
        conversation: String,
        message: Message,
    },
    ReadMarked {
        conversation: String,
        by: &'static str,
        delivered: u32,
        read: u32,
    },
    BotAnswered {
        conversation: String,
        decisions: Vec<Decision>,
    },
    ConversationTransferred {
        conversation: String,
        to_department: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        from_agent: Option<AgentRef>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from_department: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to_agent: Option<AgentRef>,
        #[serde(skip_serializing_if = "Option::is_none")]
        waits_until: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        redirected: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        decisions: Vec<Decision>,
    },
    TransferRefused {
        conversation: String,
        code: String,
        because: String,
        decisions: Vec<Decision>,
    },
    ConversationClassified {
        conversation: String,
        node: String,
        tree: String,
        by: Option<String>,
        #[serde(rename = "final")]
        is_final: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        from_set: Option<u32>,
    },
    ClassificationWaived {
        conversation: String,
    },
    ClassificationSuggested {
        conversation: String,
        set: u32,
        suggestions: Vec<Suggestion>,
        decisions: Vec<Decision>,
    },
    SuggestionsShown {
        conversation: String,
        set: u32,
    },
    SuggestionsSettled {
        conversation: String,
        set: u32,
        outcome: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        node: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        rank: Option<u32>,
    },
    ConversationClosed {
        conversation: String,
        by: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
    },
    ConversationReopened {
        conversation: String,
        undone: bool,
    },
    ConversationRated {
        conversation: String,
        stars: u8,
        comment: String,
    },
}

/// Why a conversation waits where it waits, or why an agent was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Why {
    /// The reason in one word: `asked`, `routed`, `claimed`, `overflow`, …
    pub because: &'static str,
    /// The routing rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// The agent or department the reason names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Agents who were free, with their load.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<(String, u32)>,
    /// Agents who could not be given it, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
}

/// Why an agent was not given a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Skipped {
    /// Who.
    pub agent: String,
    /// `no_account`, `offline`, `busy`, `dropped`, `at_limit` or `passed`.
    pub because: &'static str,
    /// In words: the pause's reason, or load and limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// With `at_limit`: conversations held against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<u32>,
    /// With `at_limit`: the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// With `at_limit`: whose limit it is: `desk`, `department` or `agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_of: Option<&'static str>,
    /// With `at_limit`, in explanations: where the limit stands in the rules of that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_at: Option<SettingAt>,
}

impl From<&QueuedBecause> for Why {
    fn from(why: &QueuedBecause) -> Self {
        let (because, from) = match why {
            QueuedBecause::Asked => ("asked", None),
            QueuedBecause::Bot => ("bot", None),
            QueuedBecause::Transferred => ("transferred", None),
            QueuedBecause::Overflow { from } => ("overflow", Some(from.to_string())),
            QueuedBecause::AgentLeft { agent } => ("agent_left", Some(agent.to_string())),
            QueuedBecause::NobodyAccepted => ("nobody_accepted", None),
            QueuedBecause::WaitOver => ("wait_over", None),
            QueuedBecause::Reopened => ("reopened", None),
            QueuedBecause::DepartmentRemoved { from } => {
                ("department_removed", Some(from.to_string()))
            }
        };
        Self { because, from, ..Self::default() }
    }
}

impl From<&AssignedBecause> for Why {
    fn from(why: &AssignedBecause) -> Self {
        let bare = |because| Self { because, ..Self::default() };
        match why {
            AssignedBecause::Routed { rule, candidates, skipped } => Self {
                because: "routed",
                rule: Some(names::routing_rule(*rule)),
                from: None,
                candidates: candidates
                    .iter()
                    .map(|(agent, load)| (agent.to_string(), *load))
                    .collect(),
                skipped: skipped.iter().map(|(agent, why)| skipped_because(agent, why)).collect(),
            },
            AssignedBecause::Claimed => bare("claimed"),
            AssignedBecause::GivenBy(by) => Self { from: Some(by.to_string()), ..bare("given") },
            AssignedBecause::Transferred => bare("transferred"),
            AssignedBecause::Reopened => bare("reopened"),
            AssignedBecause::Accepted => bare("accepted"),
        }
    }
}

/// Why an agent was, or is, not given a conversation.
pub(crate) fn skipped_because(agent: &AgentId, why: &SkippedBecause) -> Skipped {
    let (because, detail) = match why {
        SkippedBecause::NoAccount => ("no_account", None),
        SkippedBecause::Offline => ("offline", None),
        SkippedBecause::Busy(reason) => ("busy", Some(reason.to_string())),
        SkippedBecause::Dropped => ("dropped", None),
        SkippedBecause::AtLimit { load, limit, binding } => (
            "at_limit",
            Some(format!("{load} of {limit} (limit of the {})", names::limit_source(*binding))),
        ),
        SkippedBecause::Passed => ("passed", None),
    };
    let (load, limit, limit_of) = match why {
        SkippedBecause::AtLimit { load, limit, binding } => {
            (Some(*load), Some(*limit), Some(names::limit_source(*binding)))
        }
        _ => (None, None, None),
    };
    Skipped { agent: agent.to_string(), because, detail, load, limit, limit_of, limit_at: None }
}

fn target(target: &Target) -> String {
    match target {
        Target::Department(id) => id.to_string(),
        Target::Agent(id) => id.to_string(),
        Target::FirstContact => "first_contact".to_owned(),
    }
}

/// Whether a message was written by a consumer who waits: colleagues see its beginning in their list.
fn waits(conversation: ConversationId, author: &message::Author, desk: &Desk) -> bool {
    let found = desk.conversations.get(&conversation);
    *author == message::Author::Consumer && found.is_some_and(|found| found.state == State::Queued)
}

impl Event {
    /// What `viewer` may see of `event`, to this depth; `None`: nothing.
    pub(crate) fn of(
        event: &event::Event,
        at: u64,
        desk: &Desk,
        viewer: &Viewer<'_>,
        depth: Depth,
    ) -> Option<Self> {
        if viewer.is_account() {
            if depth == Depth::Lifecycle {
                if let event::Event::MessageSent { conversation, author, body, .. } = event {
                    return waits(*conversation, author, desk).then(|| Self::ConsumerWrote {
                        conversation: conversation.to_string(),
                        excerpt: cut_short(&body.text),
                    });
                }
            }
            (depth == Depth::Full || event.is_lifecycle() || event.conversation().is_none())
                .then(|| Self::for_agent(event, at, desk, viewer, depth))
                .flatten()
        } else {
            Self::for_consumer(event, at, desk, viewer)
        }
    }

    /// What a consumer sees of an event of the own conversation. Whatever is not named here stays inside: notes,
    /// suggestions, classifications, plugins' decisions, logins, refusals of others.
    fn for_consumer(
        event: &event::Event,
        at: u64,
        desk: &Desk,
        viewer: &Viewer<'_>,
    ) -> Option<Self> {
        use event::Event as Domain;
        let shown = match event {
            Domain::ConversationStarted { conversation, channel, previous, bot, .. } => {
                Self::ConversationStarted {
                    conversation: conversation.to_string(),
                    channel: names::channel(*channel),
                    consumer: None,
                    profile: None,
                    previous: previous.map(|id| id.to_string()),
                    bot: *bot,
                }
            }
            Domain::ConversationQueued { conversation, department, waiting_since, .. } => {
                Self::ConversationQueued {
                    conversation: conversation.to_string(),
                    department: department.to_string(),
                    waiting_since: waiting_since.0,
                    place: desk
                        .conversations
                        .get(conversation)
                        .and_then(|found| conversation::place(desk, found)),
                    priority: None,
                    why: None,
                }
            }
            Domain::ConversationAssigned { conversation, agent, department, .. } => {
                Self::ConversationAssigned {
                    conversation: conversation.to_string(),
                    agent: AgentRef::of(agent, desk, viewer),
                    department: department.to_string(),
                    why: None,
                    over_limit: None,
                }
            }
            Domain::MessageSent { conversation, message, number, author, body, .. } => {
                Self::MessageSent {
                    conversation: conversation.to_string(),
                    message: Message::new(
                        *message,
                        *number,
                        Some(at),
                        Author::of(author, desk, viewer),
                        body,
                    ),
                    verdict: None,
                    decisions: Vec::new(),
                }
            }
            Domain::MessageRefused {
                conversation,
                message,
                author: author @ message::Author::Consumer,
                body,
                code,
                detail,
                ..
            } => Self::MessageRefused {
                conversation: conversation.to_string(),
                message: Message::new(
                    *message,
                    0,
                    Some(at),
                    Author::of(author, desk, viewer),
                    body,
                ),
                code: code.to_string(),
                detail: detail.to_string(),
                decisions: Vec::new(),
            },
            Domain::ReadMarked { conversation, by_consumer, delivered, read } => Self::ReadMarked {
                conversation: conversation.to_string(),
                by: if *by_consumer { "consumer" } else { "agent" },
                delivered: *delivered,
                read: *read,
            },
            Domain::ConversationTransferred { conversation, to_department, .. } => {
                Self::ConversationTransferred {
                    conversation: conversation.to_string(),
                    to_department: to_department.to_string(),
                    from_agent: None,
                    from_department: None,
                    to_agent: None,
                    waits_until: None,
                    note: None,
                    redirected: None,
                    decisions: Vec::new(),
                }
            }
            Domain::ConversationClosed { conversation, by } => Self::ConversationClosed {
                conversation: conversation.to_string(),
                // Which of the desk's people ended it is not the consumer's business.
                by: match names::closer(by) {
                    "supervisor" => "agent",
                    other => other,
                },
                agent: None,
            },
            Domain::ConversationReopened { conversation, undone } => Self::ConversationReopened {
                conversation: conversation.to_string(),
                undone: *undone,
            },
            Domain::ConversationRated { conversation, stars, comment } => Self::ConversationRated {
                conversation: conversation.to_string(),
                stars: *stars,
                comment: comment.to_string(),
            },
            _ => return None,
        };
        Some(shown)
    }

    /// What an account sees. With [`Depth::Lifecycle`] what was said or noted is left out.
    fn for_agent(
        event: &event::Event,
        at: u64,
        desk: &Desk,
        viewer: &Viewer<'_>,
        depth: Depth,
    ) -> Option<Self> {
        use event::Event as Domain;
        let full = depth == Depth::Full;
        let shown = match event {
            Domain::RulesActivated { generation, summary } => Self::RulesActivated {
                generation: generation.to_string(),
                summary: summary.to_string(),
            },
            Domain::PluginSteppedBack(back) => Self::PluginSteppedBack {
                plugin: back.plugin.to_string(),
                right: back.right,
                of: back.of,
                min_precision: back.min_precision,
            },
            Domain::AccountAdded { agent, name, role, .. } => Self::AccountAdded {
                agent: agent.to_string(),
                name: name.to_string(),
                role: names::role(*role),
            },
            Domain::AccountRemoved { agent } => Self::AccountRemoved { agent: agent.to_string() },
            Domain::PresenceChanged { agent, presence } => Self::PresenceChanged {
                agent: agent.to_string(),
                presence: names::presence(presence),
                reason: match presence {
                    Presence::Busy { reason } => Some(reason.to_string()),
                    Presence::Online | Presence::Offline => None,
                },
            },
            Domain::AgentDropped { agent, .. } => Self::AgentDropped { agent: agent.to_string() },
            Domain::AgentReturned { agent } => Self::AgentReturned { agent: agent.to_string() },
            Domain::OwnLimitSet { agent, limit } => {
                Self::OwnLimitSet { agent: agent.to_string(), limit: *limit }
            }
            // Hashes, recalls, timers and housekeeping concern nobody outside the engine.
            Domain::PasswordChanged { .. }
            | Domain::ConversationRecalled { .. }
            | Domain::ConversationWentCold { .. }
            | Domain::TimerSet { .. }
            | Domain::ConsumerForgotten { .. } => return None,
            Domain::ConversationStarted {
                conversation,
                consumer,
                channel,
                profile,
                previous,
                bot,
            } => Self::ConversationStarted {
                conversation: conversation.to_string(),
                channel: names::channel(*channel),
                consumer: Some(consumer.to_string()),
                profile: Some(Profile::from(profile)),
                previous: previous.map(|id| id.to_string()),
                bot: *bot,
            },
            Domain::ConversationFound { conversation } => {
                Self::ConversationFound { conversation: conversation.to_string() }
            }
            Domain::ConsumerArrived { conversation } => {
                Self::ConsumerArrived { conversation: conversation.to_string() }
            }
            Domain::ConsumerWentAway { conversation } => {
                Self::ConsumerWentAway { conversation: conversation.to_string() }
            }
            Domain::ConversationQueued {
                conversation,
                department,
                waiting_since,
                priority,
                why,
            } => Self::ConversationQueued {
                conversation: conversation.to_string(),
                department: department.to_string(),
                waiting_since: waiting_since.0,
                place: desk
                    .conversations
                    .get(conversation)
                    .and_then(|found| conversation::place(desk, found)),
                priority: Some(*priority),
                why: Some(why.into()),
            },
            Domain::ConversationOffered { conversation, agent, department, until, why } => {
                Self::ConversationOffered {
                    conversation: conversation.to_string(),
                    agent: AgentRef::of(agent, desk, viewer),
                    department: department.to_string(),
                    until: until.0,
                    why: why.into(),
                }
            }
            Domain::OfferPassed { conversation, agent, timed_out } => Self::OfferPassed {
                conversation: conversation.to_string(),
                agent: agent.to_string(),
                timed_out: *timed_out,
            },
            Domain::ConversationAssigned { conversation, agent, department, why, over_limit } => {
                Self::ConversationAssigned {
                    conversation: conversation.to_string(),
                    agent: AgentRef::of(agent, desk, viewer),
                    department: department.to_string(),
                    why: Some(why.into()),
                    over_limit: *over_limit,
                }
            }
            Domain::ConversationHeld { conversation } => {
                Self::ConversationHeld { conversation: conversation.to_string() }
            }
            Domain::ConversationResumed { conversation, over_limit } => Self::ConversationResumed {
                conversation: conversation.to_string(),
                over_limit: *over_limit,
            },
            Domain::MessageSent {
                conversation,
                message,
                number,
                author,
                body,
                verdict,
                decisions: parts,
            } => Self::MessageSent {
                conversation: conversation.to_string(),
                message: Message::new(
                    *message,
                    *number,
                    Some(at),
                    Author::of(author, desk, viewer),
                    body,
                ),
                verdict: Some(verdict.into()),
                decisions: decisions(parts),
            },
            Domain::MessageRefused {
                conversation,
                message,
                author,
                body,
                code,
                detail,
                decisions: parts,
            } => {
                // Nobody but the sender sees a refused message; a supervisor explains it from the history.
                let own = match (author, viewer) {
                    (message::Author::Agent(by), Viewer::Account { id, .. }) => by == *id,
                    (_, Viewer::Operator) => true,
                    _ => false,
                };
                if !own {
                    return None;
                }
                Self::MessageRefused {
                    conversation: conversation.to_string(),
                    message: Message::new(
                        *message,
                        0,
                        Some(at),
                        Author::of(author, desk, viewer),
                        body,
                    ),
                    code: code.to_string(),
                    detail: detail.to_string(),
                    decisions: decisions(parts),
                }
            }
            Domain::NoteAdded { conversation, message, number, agent, text } => {
                let author = Author::of(&message::Author::Agent(agent.clone()), desk, viewer);
                let body = message::Body::text(std::sync::Arc::clone(text));
                let mut note = Message::new(*message, *number, Some(at), author, &body);
                note.note = true;
                Self::NoteAdded { conversation: conversation.to_string(), message: note }
            }
            Domain::ReadMarked { conversation, by_consumer, delivered, read } => Self::ReadMarked {
                conversation: conversation.to_string(),
                by: if *by_consumer { "consumer" } else { "agent" },
                delivered: *delivered,
                read: *read,
            },
            Domain::BotAnswered { conversation, decisions: parts, .. } => Self::BotAnswered {
                conversation: conversation.to_string(),
                decisions: decisions(parts),
            },
            Domain::ConversationTransferred {
                conversation,
                from_agent,
                from_department,
                to_department,
                to_agent,
                waits_until,
                note,
                verdict,
                decisions: parts,
            } => Self::ConversationTransferred {
                conversation: conversation.to_string(),
                to_department: to_department.to_string(),
                from_agent: from_agent.as_ref().map(|id| AgentRef::of(id, desk, viewer)),
                from_department: from_department.as_ref().map(ToString::to_string),
                to_agent: to_agent.as_ref().map(|id| AgentRef::of(id, desk, viewer)),
                waits_until: waits_until.map(|at| at.0),
                note: full.then(|| note.to_string()),
                redirected: match verdict {
                    TransferVerdict::Redirect { target: to, because } => {
                        Some(format!("{}: {because}", target(to)))
                    }
                    TransferVerdict::Allow | TransferVerdict::Deny { .. } => None,
                },
                decisions: if full { decisions(parts) } else { Vec::new() },
            },
            Domain::TransferRefused { conversation, code, because, decisions: parts } => {
                Self::TransferRefused {
                    conversation: conversation.to_string(),
                    code: code.to_string(),
                    because: because.to_string(),
                    decisions: decisions(parts),
                }
            }
            Domain::ConversationClassified { conversation, chosen, is_final, from_set } => {
                Self::ConversationClassified {
                    conversation: conversation.to_string(),
                    node: chosen.node.to_string(),
                    tree: chosen.tree.to_string(),
                    by: chosen.by.as_ref().map(ToString::to_string),
                    is_final: *is_final,
                    from_set: *from_set,
                }
            }
            Domain::ClassificationWaived { conversation } => {
                Self::ClassificationWaived { conversation: conversation.to_string() }
            }
            Domain::ClassificationSuggested {
                conversation,
                set,
                suggestions,
                decisions: parts,
            } => Self::ClassificationSuggested {
                conversation: conversation.to_string(),
                set: *set,
                suggestions: suggestions.iter().map(Suggestion::from).collect(),
                decisions: decisions(parts),
            },
            Domain::SuggestionsShown { conversation, set } => {
                Self::SuggestionsShown { conversation: conversation.to_string(), set: *set }
            }
            Domain::SuggestionsSettled { conversation, set, outcome } => {
                let (outcome, node, rank) = match outcome {
                    SuggestionOutcome::Accepted { node, rank } => {
                        ("accepted", Some(node.to_string()), Some(*rank))
                    }
                    SuggestionOutcome::Changed { node } => {
                        ("changed", Some(node.to_string()), None)
                    }
                    SuggestionOutcome::Ignored => ("ignored", None, None),
                };
                Self::SuggestionsSettled {
                    conversation: conversation.to_string(),
                    set: *set,
                    outcome,
                    node,
                    rank,
                }
            }
            Domain::ConversationClosed { conversation, by } => Self::ConversationClosed {
                conversation: conversation.to_string(),
                by: names::closer(by),
                agent: match by {
                    dialogo_domain::conversation::Closer::Agent(id)
                    | dialogo_domain::conversation::Closer::Supervisor(id) => Some(id.to_string()),
                    _ => None,
                },
            },
            Domain::ConversationReopened { conversation, undone } => Self::ConversationReopened {
                conversation: conversation.to_string(),
                undone: *undone,
            },
            Domain::ConversationRated { conversation, stars, comment } => Self::ConversationRated {
                conversation: conversation.to_string(),
                stars: *stars,
                comment: comment.to_string(),
            },
        };
        Some(shown)
    }
}

/// Whether an event names the agent as one who has or had the conversation.
pub(crate) fn names_agent(event: &event::Event, agent: &AgentId) -> bool {
    use event::Event as Domain;
    match event {
        Domain::ConversationTransferred { from_agent, to_agent, .. } => {
            from_agent.as_ref() == Some(agent) || to_agent.as_ref() == Some(agent)
        }
        Domain::ConversationOffered { agent: named, .. }
        | Domain::OfferPassed { agent: named, .. }
        | Domain::ConversationAssigned { agent: named, .. } => named == agent,
        _ => false,
    }
}

impl Event {
    /// Each plugin's part.
    pub(crate) fn decisions_mut(&mut self) -> &mut [Decision] {
        match self {
            Self::MessageSent { decisions, .. }
            | Self::MessageRefused { decisions, .. }
            | Self::BotAnswered { decisions, .. }
            | Self::ConversationTransferred { decisions, .. }
            | Self::TransferRefused { decisions, .. }
            | Self::ClassificationSuggested { decisions, .. } => decisions,
            _ => &mut [],
        }
    }

    /// Agents who could not be given a conversation.
    pub(crate) fn skipped_mut(&mut self) -> &mut [Skipped] {
        match self {
            Self::ConversationAssigned { why: Some(why), .. }
            | Self::ConversationOffered { why, .. } => &mut why.skipped,
            _ => &mut [],
        }
    }

    /// The department for which an agent was looked for.
    pub(crate) fn department(&self) -> Option<&str> {
        match self {
            Self::ConversationAssigned { department, .. }
            | Self::ConversationOffered { department, .. } => Some(department),
            _ => None,
        }
    }
}

/// Whether a commit is about one conversation only, or none: then its audience says all.
pub(crate) fn about_one(commit: &Commit) -> bool {
    let mut of: Option<ConversationId> = None;
    commit
        .events
        .iter()
        .filter_map(event::Event::conversation)
        .all(|id| *of.get_or_insert(id) == id)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dialogo_domain::event::Event as Domain;
    use dialogo_domain::message::Body;
    use dialogo_domain::plugin::{PluginDecision, Verdict as DomainVerdict};
    use dialogo_domain::{MessageId, PluginId};

    use super::*;

    const CONVERSATION: ConversationId = ConversationId(1);

    fn decision() -> PluginDecision {
        PluginDecision {
            plugin: PluginId::from("keywords"),
            version: "1".into(),
            digest: [9; 32],
            hook: "message-policy".into(),
            shadow: false,
            outcome: "allow".into(),
            code: "SECRET-code".into(),
            detail: "SECRET-detail".into(),
            evidence: vec!["SECRET-word".into()],
            revision: 3,
            agrees: None,
            suggests: None,
            settings: vec!["/SECRET-pointer".into()],
        }
    }

    fn sent_by_agent() -> Domain {
        Domain::MessageSent {
            conversation: CONVERSATION,
            message: MessageId(2),
            number: 1,
            author: message::Author::Agent(AgentId::from("SECRET-login")),
            body: Body::text("hello"),
            verdict: DomainVerdict::Warn { code: "SECRET".into(), detail: "SECRET".into() },
            decisions: vec![decision()],
        }
    }

    fn as_consumer(event: &Domain) -> Option<String> {
        let viewer = Viewer::Consumer(ConsumerId(7));
        let shown = Event::of(event, 5, &Desk::default(), &viewer, Depth::Full)?;
        Some(serde_json::to_string(&shown).unwrap())
    }

    fn as_agent(event: &Domain, depth: Depth) -> Option<String> {
        let ana = AgentId::from("ana");
        let viewer = Viewer::Account { id: &ana, sees_all: false };
        let shown = Event::of(event, 5, &Desk::default(), &viewer, depth)?;
        Some(serde_json::to_string(&shown).unwrap())
    }

    #[test]
    fn consumers_see_words_and_never_what_is_behind_them() {
        let text = as_consumer(&sent_by_agent()).unwrap();
        assert!(text.contains("hello") && text.contains("\"side\":\"agent\""), "{text}");
        assert!(!text.contains("SECRET"), "{text}");
    }

    #[test]
    fn what_is_inside_stays_inside() {
        let inside = [
            Domain::NoteAdded {
                conversation: CONVERSATION,
                message: MessageId(3),
                number: 2,
                agent: AgentId::from("ana"),
                text: "between us".into(),
            },
            Domain::ClassificationSuggested {
                conversation: CONVERSATION,
                set: 1,
                suggestions: Vec::new(),
                decisions: vec![decision()],
            },
            Domain::BotAnswered {
                conversation: CONVERSATION,
                state: None,
                decisions: vec![decision()],
            },
            Domain::ConversationHeld { conversation: CONVERSATION },
            Domain::MessageRefused {
                conversation: CONVERSATION,
                message: MessageId(4),
                author: message::Author::Agent(AgentId::from("ana")),
                body: Body::text("rude"),
                code: "x".into(),
                detail: "y".into(),
                decisions: Vec::new(),
            },
            Domain::PasswordChanged { agent: AgentId::from("ana"), password_hash: "hash".into() },
            Domain::AccountAdded {
                agent: AgentId::from("ana"),
                name: "Ana".into(),
                role: dialogo_domain::agent::Role::Admin,
                password_hash: "hash".into(),
            },
        ];
        for event in inside {
            assert_eq!(as_consumer(&event), None, "{event:?}");
        }
    }

    #[test]
    fn a_transfer_is_one_line_for_the_consumer_and_no_note_for_the_department() {
        let transferred = Domain::ConversationTransferred {
            conversation: CONVERSATION,
            from_agent: Some(AgentId::from("SECRET-login")),
            from_department: Some("sales".into()),
            to_department: "billing".into(),
            to_agent: None,
            waits_until: None,
            note: "SECRET-note".into(),
            verdict: TransferVerdict::Allow,
            decisions: vec![decision()],
        };
        let consumer = as_consumer(&transferred).unwrap();
        assert!(consumer.contains("billing") && !consumer.contains("SECRET"), "{consumer}");
        let colleague = as_agent(&transferred, Depth::Lifecycle).unwrap();
        assert!(
            !colleague.contains("SECRET-note") && !colleague.contains("SECRET-word"),
            "{colleague}"
        );
        let party = as_agent(&transferred, Depth::Full).unwrap();
        assert!(party.contains("SECRET-note"), "{party}");
    }

    #[test]
    fn no_hash_ever_reaches_the_feed() {
        let added = Domain::AccountAdded {
            agent: AgentId::from("bia"),
            name: "Bia".into(),
            role: dialogo_domain::agent::Role::Agent,
            password_hash: "SECRET".into(),
        };
        assert!(!as_agent(&added, Depth::Full).unwrap().contains("SECRET"));
        let changed =
            Domain::PasswordChanged { agent: AgentId::from("bia"), password_hash: "SECRET".into() };
        assert_eq!(as_agent(&changed, Depth::Full), None);
    }

    #[test]
    fn colleagues_get_the_lifecycle_and_not_the_words() {
        assert_eq!(as_agent(&sent_by_agent(), Depth::Lifecycle), None);
        assert!(as_agent(&sent_by_agent(), Depth::Full).unwrap().contains("SECRET-detail"));
        let closed = Domain::ConversationClosed {
            conversation: CONVERSATION,
            by: dialogo_domain::conversation::Closer::Agent(AgentId::from("ana")),
        };
        assert!(as_agent(&closed, Depth::Lifecycle).is_some());
    }

    #[test]
    fn a_commit_over_two_conversations_is_noticed() {
        let held = |id| Domain::ConversationHeld { conversation: ConversationId(id) };
        let commit = |events| Commit {
            stamp: dialogo_domain::Stamp {
                position: dialogo_domain::Position(1),
                at: dialogo_domain::Millis(0),
                generation: dialogo_domain::Generation::default(),
                command: None,
                actor: dialogo_domain::Actor::Engine,
            },
            events,
        };
        assert!(about_one(&commit(vec![held(1), held(1)])));
        assert!(!about_one(&commit(vec![held(1), held(2)])));
        let _: Arc<str> = "".into();
    }
}
