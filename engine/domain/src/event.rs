//! What has happened. Names are past tense; an event's meaning never changes once released.

use std::sync::Arc;

use crate::agent::{Presence, Role};
use crate::command::{Actor, TransferVerdict};
use crate::conversation::{Chosen, Closer, Conversation};
use crate::desk::Profile;
use crate::id::{
    AgentId, CommandId, ConsumerId, ConversationId, DepartmentId, Generation, MessageId, NodeId,
    Position,
};
use crate::message::{Attachment, Author, Body, Channel};
use crate::plugin::{PluginDecision, SteppedBack, Suggestion, Verdict};
use crate::time::Millis;

/// One command's events: they become durable and visible together, or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// Where, when, under which rules and for whom.
    pub stamp: Stamp,
    /// What happened; never empty.
    pub events: Vec<Event>,
}

/// Where, when, under which rules and for whom a commit was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Its place in the journal.
    pub position: Position,
    /// Never earlier than that of the commit before.
    pub at: Millis,
    /// The rules it was decided under.
    pub generation: Generation,
    /// The id its sender chose.
    pub command: Option<CommandId>,
    /// Who asked.
    pub actor: Actor,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Other rules are in force from here on.
    RulesActivated {
        /// Which.
        generation: Generation,
        /// One line for people.
        summary: Arc<str>,
    },
    /// The rules activated in the same commit take a plugin's word back into shadow: too many suggestions were wrong.
    PluginSteppedBack(SteppedBack),

    /// An account was made (or made again after removal).
    AccountAdded {
        /// The login.
        agent: AgentId,
        /// The name shown.
        name: Arc<str>,
        /// What it may do.
        role: Role,
        /// argon2id PHC string.
        password_hash: Arc<str>,
    },
    /// A password was set.
    PasswordChanged {
        /// Whose.
        agent: AgentId,
        /// argon2id PHC string.
        password_hash: Arc<str>,
    },
    /// An account was taken out of use.
    AccountRemoved {
        /// Which.
        agent: AgentId,
    },
    /// An agent connected, paused or disconnected.
    PresenceChanged {
        /// Who.
        agent: AgentId,
        /// To what.
        presence: Presence,
    },
    /// An agent's last connection is gone: the grace period runs.
    AgentDropped {
        /// Who.
        agent: AgentId,
        /// When the grace period ends.
        until: Millis,
    },
    /// The agent is back within the grace period.
    AgentReturned {
        /// Who.
        agent: AgentId,
    },
    /// An agent's own limit was set or taken away.
    OwnLimitSet {
        /// Who.
        agent: AgentId,
        /// Conversations at once.
        limit: Option<u32>,
    },

    /// A conversation began.
    ConversationStarted {
        /// Which.
        conversation: ConversationId,
        /// Whose.
        consumer: ConsumerId,
        /// Where it came in.
        channel: Channel,
        /// What is known of the person now.
        profile: Profile,
        /// The earlier conversation it follows, if any.
        previous: Option<ConversationId>,
        /// Whether a bot answers first; otherwise it is queued by a later event of the same commit.
        bot: bool,
    },
    /// A start found the consumer's open conversation, which is the answer.
    ConversationFound {
        /// Which.
        conversation: ConversationId,
    },
    /// A conversation that had gone cold is in memory again, exactly as given.
    ConversationRecalled {
        /// All of it.
        conversation: Box<Conversation>,
    },
    /// A closed conversation left the desk's memory.
    ConversationWentCold {
        /// Which.
        conversation: ConversationId,
    },
    /// What was kept of a consumer is forgotten: no conversation of theirs is in memory and no window runs.
    ConsumerForgotten {
        /// Who.
        consumer: ConsumerId,
    },
    /// A conversation has to be looked at then (or not at all). Rules decide deadlines, and applying an event must not
    /// need the rules: so the deadline itself is an event.
    TimerSet {
        /// Which conversation.
        conversation: ConversationId,
        /// When; `None`: nothing can become due.
        at: Option<Millis>,
    },
    /// The consumer is connected.
    ConsumerArrived {
        /// Where.
        conversation: ConversationId,
    },
    /// The consumer's connection is gone.
    ConsumerWentAway {
        /// Where.
        conversation: ConversationId,
    },
    /// It waits in a queue.
    ConversationQueued {
        /// Which.
        conversation: ConversationId,
        /// Whose queue.
        department: DepartmentId,
        /// Since when the consumer waits (kept when it returns).
        waiting_since: Millis,
        /// The higher goes first.
        priority: i32,
        /// Why it waits here.
        why: QueuedBecause,
    },
    /// It was offered to an agent who has to accept.
    ConversationOffered {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        agent: AgentId,
        /// For which department.
        department: DepartmentId,
        /// How long the offer stands.
        until: Millis,
        /// Why this agent.
        why: AssignedBecause,
    },
    /// An offer was declined or its time ran out.
    OfferPassed {
        /// Which conversation.
        conversation: ConversationId,
        /// Who let it pass.
        agent: AgentId,
        /// Whether by time-out.
        timed_out: bool,
    },
    /// An agent has it.
    ConversationAssigned {
        /// Which.
        conversation: ConversationId,
        /// Who.
        agent: AgentId,
        /// For which department.
        department: DepartmentId,
        /// Why this agent.
        why: AssignedBecause,
        /// Conversations the agent holds against the limit now, if that is over it.
        over_limit: Option<u32>,
    },
    /// It is parked.
    ConversationHeld {
        /// Which.
        conversation: ConversationId,
    },
    /// It is taken back.
    ConversationResumed {
        /// Which.
        conversation: ConversationId,
        /// Conversations the agent holds against the limit now, if that is over it.
        over_limit: Option<u32>,
    },

    /// A message was accepted.
    MessageSent {
        /// Where.
        conversation: ConversationId,
        /// The sender's id for it.
        message: MessageId,
        /// Its number in the conversation, counted from 1.
        number: u32,
        /// Who wrote it.
        author: Author,
        /// What it says.
        body: Body,
        /// What the policies decided.
        verdict: Verdict,
        /// Each plugin's part.
        decisions: Vec<PluginDecision>,
    },
    /// A message or a file was refused by a policy. It has no number and nobody but its sender sees it.
    MessageRefused {
        /// Where.
        conversation: ConversationId,
        /// The sender's id for it.
        message: MessageId,
        /// Who wrote it.
        author: Author,
        /// What it said.
        body: Body,
        /// Machine-readable reason.
        code: Arc<str>,
        /// Reason for people.
        detail: Arc<str>,
        /// Each plugin's part.
        decisions: Vec<PluginDecision>,
    },
    /// A private note was written.
    NoteAdded {
        /// Where.
        conversation: ConversationId,
        /// The sender's id for it.
        message: MessageId,
        /// Its number in the conversation.
        number: u32,
        /// Who wrote it.
        agent: AgentId,
        /// What it says.
        text: Arc<str>,
    },
    /// Somebody has received and read up to a number.
    ReadMarked {
        /// Where.
        conversation: ConversationId,
        /// Whether it was the consumer (else the agent).
        by_consumer: bool,
        /// Received up to.
        delivered: u32,
        /// Read up to.
        read: u32,
    },
    /// What the bot keeps for its next answer, and why it answered as it did.
    BotAnswered {
        /// Where.
        conversation: ConversationId,
        /// What it keeps.
        state: Option<Arc<[u8]>>,
        /// Which plugin, and why.
        decisions: Vec<PluginDecision>,
    },

    /// It goes elsewhere; a `ConversationQueued`, `ConversationOffered` or `ConversationAssigned` follows in the same
    /// commit, or the wait for an agent begins.
    ConversationTransferred {
        /// Which.
        conversation: ConversationId,
        /// Who had it.
        from_agent: Option<AgentId>,
        /// The department it leaves.
        from_department: Option<DepartmentId>,
        /// The department it goes to.
        to_department: DepartmentId,
        /// The agent it goes to, if one was named.
        to_agent: Option<AgentId>,
        /// Until when it waits for that agent, who is at the limit.
        waits_until: Option<Millis>,
        /// For the receiver.
        note: Arc<str>,
        /// What the plugins decided.
        verdict: TransferVerdict,
        /// Each plugin's part.
        decisions: Vec<PluginDecision>,
    },
    /// A plugin denied a transfer.
    TransferRefused {
        /// Which conversation.
        conversation: ConversationId,
        /// Machine-readable reason.
        code: Arc<str>,
        /// Reason for people.
        because: Arc<str>,
        /// Each plugin's part.
        decisions: Vec<PluginDecision>,
    },

    /// A classification was chosen or became final.
    ConversationClassified {
        /// Which.
        conversation: ConversationId,
        /// The choice.
        chosen: Chosen,
        /// Whether it is final.
        is_final: bool,
        /// The set of suggestions it was taken from, if it was.
        from_set: Option<u32>,
    },
    /// Nobody needs to classify it.
    ClassificationWaived {
        /// Which.
        conversation: ConversationId,
    },
    /// The classifiers propose.
    ClassificationSuggested {
        /// Which.
        conversation: ConversationId,
        /// Number of this set.
        set: u32,
        /// Best first.
        suggestions: Vec<Suggestion>,
        /// Each plugin's part.
        decisions: Vec<PluginDecision>,
    },
    /// An agent has seen a set.
    SuggestionsShown {
        /// Which conversation.
        conversation: ConversationId,
        /// Which set.
        set: u32,
    },
    /// What became of the suggestions, said once at the choice or the close.
    SuggestionsSettled {
        /// Which conversation.
        conversation: ConversationId,
        /// Which set.
        set: u32,
        /// What became of it.
        outcome: SuggestionOutcome,
    },

    /// It is over.
    ConversationClosed {
        /// Which.
        conversation: ConversationId,
        /// Who and why.
        by: Closer,
    },
    /// It goes on.
    ConversationReopened {
        /// Which.
        conversation: ConversationId,
        /// Whether a finish was undone (else a message came).
        undone: bool,
    },
    /// How it was.
    ConversationRated {
        /// Which.
        conversation: ConversationId,
        /// 1 to 5.
        stars: u8,
        /// In words.
        comment: Arc<str>,
    },
}

/// Why a conversation waits where it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueuedBecause {
    /// It asked for this department, or the desk has no other.
    Asked,
    /// The bot handed over.
    Bot,
    /// It was transferred.
    Transferred,
    /// The department asked for was full.
    Overflow {
        /// Which one was full.
        from: DepartmentId,
    },
    /// Its agent went away.
    AgentLeft {
        /// Who.
        agent: AgentId,
    },
    /// Everybody let the offer pass.
    NobodyAccepted,
    /// The wait for an agent was over.
    WaitOver,
    /// It was reopened and the last agent was not free.
    Reopened,
    /// Its department is not in the rules any more.
    DepartmentRemoved {
        /// Which one.
        from: DepartmentId,
    },
}

/// Why an agent was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignedBecause {
    /// Routed by the rule that chose, with everybody who was looked at.
    Routed {
        /// The rule that decided.
        rule: RoutingRule,
        /// Agents who were free, with their load.
        candidates: Vec<(AgentId, u32)>,
        /// Agents of the department who could not be given it, with the reason.
        skipped: Vec<(AgentId, SkippedBecause)>,
    },
    /// Took it from the queue.
    Claimed,
    /// A supervisor gave it.
    GivenBy(AgentId),
    /// Transferred to the agent by name.
    Transferred,
    /// The finish was undone, or the conversation reopened with its last agent.
    Reopened,
    /// Accepted the offer.
    Accepted,
}

/// The rule that decided an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutingRule {
    /// The agent who last answered this consumer, within the window.
    Recontact,
    /// The fewest open conversations.
    FewestOpen,
    /// As few as others, but idle the longest.
    LongestIdle,
    /// Nobody else was free.
    OnlyOne,
}

/// Why an agent was not given a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkippedBecause {
    /// No such account, or taken out of use.
    NoAccount,
    /// Not connected.
    Offline,
    /// Paused, with the reason given.
    Busy(Arc<str>),
    /// Connection lost, within the grace period.
    Dropped,
    /// Holds as many as the limit allows.
    AtLimit {
        /// Conversations held against it.
        load: u32,
        /// The effective limit.
        limit: u32,
        /// Which limit binds.
        binding: LimitSource,
    },
    /// Let this offer pass.
    Passed,
}

/// Which of the limits binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitSource {
    /// The desk's.
    Desk,
    /// The department's.
    Department,
    /// The agent's own.
    Agent,
}

/// What became of a set of suggestions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuggestionOutcome {
    /// One of them was chosen.
    Accepted {
        /// Which.
        node: NodeId,
        /// Its place in the set, counted from 0.
        rank: u32,
    },
    /// Another node was chosen.
    Changed {
        /// Which.
        node: NodeId,
    },
    /// Closed without a choice.
    Ignored,
}

/// The files an event names, for the rim that stores them.
pub fn attachments(event: &Event) -> &[Attachment] {
    match event {
        Event::MessageSent { body, .. } => &body.attachments,
        _ => &[],
    }
}

impl Event {
    /// The conversation this event is about, if it is about one.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::RulesActivated { .. }
            | Self::PluginSteppedBack(_)
            | Self::AccountAdded { .. }
            | Self::PasswordChanged { .. }
            | Self::AccountRemoved { .. }
            | Self::PresenceChanged { .. }
            | Self::AgentDropped { .. }
            | Self::AgentReturned { .. }
            | Self::OwnLimitSet { .. }
            | Self::ConsumerForgotten { .. } => None,
            Self::ConversationRecalled { conversation } => Some(conversation.id),
            Self::ConversationStarted { conversation, .. }
            | Self::ConversationFound { conversation }
            | Self::ConversationWentCold { conversation }
            | Self::TimerSet { conversation, .. }
            | Self::ConsumerArrived { conversation }
            | Self::ConsumerWentAway { conversation }
            | Self::ConversationQueued { conversation, .. }
            | Self::ConversationOffered { conversation, .. }
            | Self::OfferPassed { conversation, .. }
            | Self::ConversationAssigned { conversation, .. }
            | Self::ConversationHeld { conversation }
            | Self::ConversationResumed { conversation, .. }
            | Self::MessageSent { conversation, .. }
            | Self::MessageRefused { conversation, .. }
            | Self::NoteAdded { conversation, .. }
            | Self::ReadMarked { conversation, .. }
            | Self::BotAnswered { conversation, .. }
            | Self::ConversationTransferred { conversation, .. }
            | Self::TransferRefused { conversation, .. }
            | Self::ConversationClassified { conversation, .. }
            | Self::ClassificationWaived { conversation }
            | Self::ClassificationSuggested { conversation, .. }
            | Self::SuggestionsShown { conversation, .. }
            | Self::SuggestionsSettled { conversation, .. }
            | Self::ConversationClosed { conversation, .. }
            | Self::ConversationReopened { conversation, .. }
            | Self::ConversationRated { conversation, .. } => Some(*conversation),
        }
    }

    /// Whether it changes where a conversation stands (everybody of its department wants to know) rather than what is
    /// said in it (its participants and watchers only).
    pub fn is_lifecycle(&self) -> bool {
        matches!(
            self,
            Self::ConversationStarted { .. }
                | Self::ConversationQueued { .. }
                | Self::ConversationOffered { .. }
                | Self::OfferPassed { .. }
                | Self::ConversationAssigned { .. }
                | Self::ConversationHeld { .. }
                | Self::ConversationResumed { .. }
                | Self::ConversationTransferred { .. }
                | Self::ConversationClassified { .. }
                | Self::ClassificationWaived { .. }
                | Self::ConversationClosed { .. }
                | Self::ConversationReopened { .. }
        )
    }
}
