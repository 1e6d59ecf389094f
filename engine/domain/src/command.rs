//! What may be asked of the desk. Names are imperative.

use std::sync::Arc;

use crate::agent::{Presence, Role};
use crate::desk::Profile;
use crate::id::{
    AgentId, CommandId, ConsumerId, ConversationId, DepartmentId, Generation, MessageId, NodeId,
};
use crate::message::{Attachment, Body, Channel, Choice};
use crate::plugin::{Judgement, PluginDecision, SteppedBack, Suggestion};

/// A command with who sends it and the id that makes it idempotent.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Chosen by the sender; the engine's own commands have none.
    pub id: Option<CommandId>,
    /// Who asks. The rim has authenticated this.
    pub actor: Actor,
    /// What is asked.
    pub command: Command,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A consumer, for the own conversations only.
    Consumer(ConsumerId),
    /// An account; its role decides what it may do.
    Agent(AgentId),
    /// The bot plugin, through the engine.
    Bot,
    /// The engine itself: ticks, suggestions, connections.
    Engine,
    /// Somebody at the machine, through the control socket.
    Operator,
}

/// What the verdicts of a command were given for; on a mismatch it is judged again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JudgedAt {
    /// The rules in force then.
    pub generation: Generation,
    /// The conversation's version then; `None` where it does not matter.
    pub version: Option<u32>,
}

/// Where a conversation may be transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To the queue of a department.
    Department(DepartmentId),
    /// To an agent, in one of the agent's departments (the present one if possible).
    Agent(AgentId),
    /// To the agent of first contact.
    FirstContact,
}

/// What an agent's choice of classification came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenFrom {
    /// The tree.
    Tree,
    /// The suggestion at this place of the given set.
    Suggestion {
        /// [`Suggested::set`](crate::conversation::Suggested::set).
        set: u32,
    },
}

/// One thing a bot does in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BotAction {
    /// Says something, perhaps with choices.
    Say {
        /// Id of the message it becomes.
        message: MessageId,
        /// What is said.
        text: Arc<str>,
        /// Quick replies.
        choices: Vec<Choice>,
    },
    /// Proposes a classification as a draft.
    Classify(NodeId),
    /// Hands over to people; `None`: the desk's first department.
    HandOver(Option<DepartmentId>),
    /// Ends the conversation.
    Close,
}

/// What may be asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Puts a generation of rules in force. Engine only.
    ActivateRules {
        /// Its digest.
        generation: Generation,
        /// One line for people: what changed.
        summary: Arc<str>,
        /// The plugin that these rules do not let count any more, where the desk itself made them for that.
        stepped_back: Option<SteppedBack>,
    },

    /// Makes an account. Admin or operator.
    AddAccount {
        /// The login.
        agent: AgentId,
        /// The name shown.
        name: Arc<str>,
        /// What it may do.
        role: Role,
        /// argon2id PHC string.
        password_hash: Arc<str>,
    },
    /// Sets a password: one's own, or any as admin or operator.
    ChangePassword {
        /// Whose.
        agent: AgentId,
        /// argon2id PHC string.
        password_hash: Arc<str>,
    },
    /// Takes an account out of use. Admin or operator.
    RemoveAccount {
        /// Which.
        agent: AgentId,
    },

    /// Connects, pauses or disconnects an agent by choice.
    SetPresence {
        /// Who (oneself, or anybody as supervisor).
        agent: AgentId,
        /// To what.
        presence: Presence,
    },
    /// The agent's last connection is gone, or the first one is back. Engine only.
    AgentConnection {
        /// Who.
        agent: AgentId,
        /// Whether there is one.
        connected: bool,
    },
    /// Sets one's own lower limit; `None` takes it away.
    SetOwnLimit {
        /// Who.
        agent: AgentId,
        /// Conversations at once.
        limit: Option<u32>,
    },

    /// A consumer begins. Where the consumer has an open conversation, that one is the answer.
    StartConversation {
        /// Fresh id for the conversation, should one be made.
        conversation: ConversationId,
        /// Who.
        consumer: ConsumerId,
        /// Where it comes in.
        channel: Channel,
        /// What is known of the person; what is empty leaves what was known before.
        profile: Profile,
        /// The department asked for, which needs no bot to be found; `None`: the bot's menu, or the desk's first
        /// department where there is no bot.
        department: Option<DepartmentId>,
        /// Whether a bot is there to answer first.
        bot: bool,
    },
    /// The consumer's connection came or went. Engine only.
    ConsumerConnection {
        /// Which conversation.
        conversation: ConversationId,
        /// Whether there is one.
        connected: bool,
    },
    /// Sends a message. A closed conversation is reopened, or a new one linked to it is begun.
    SendMessage {
        /// Where.
        conversation: ConversationId,
        /// The sender's id for it.
        message: MessageId,
        /// What it says, after the policies' rewriting.
        body: Body,
        /// What the policies said.
        judgement: Judgement,
        /// What they said it of.
        judged_at: Option<JudgedAt>,
        /// Fresh id, should a new conversation have to be made.
        fresh: ConversationId,
        /// Whether a bot is there to answer first.
        bot: bool,
    },
    /// Records a file that was refused, so that both sides see it refused.
    RefuseAttachment {
        /// Where.
        conversation: ConversationId,
        /// The sender's id for the message it would have been.
        message: MessageId,
        /// What it was.
        attachment: Attachment,
        /// Why not.
        judgement: Judgement,
    },
    /// Writes a private note to colleagues.
    AddNote {
        /// Where.
        conversation: ConversationId,
        /// The sender's id for it.
        message: MessageId,
        /// What it says.
        text: Arc<str>,
    },
    /// Says how far the actor has received and read, by message number.
    MarkRead {
        /// Where.
        conversation: ConversationId,
        /// Received up to.
        delivered: u32,
        /// Read up to.
        read: u32,
    },
    /// The bot's answer. Engine only.
    AnswerAsBot {
        /// Where.
        conversation: ConversationId,
        /// What it does, in order.
        actions: Vec<BotAction>,
        /// What it keeps.
        state: Option<Arc<[u8]>>,
        /// Which plugin, and why.
        decisions: Vec<PluginDecision>,
        /// The conversation's version it answered to.
        version: u32,
    },

    /// Accepts an offer.
    AcceptOffer {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Lets an offer pass.
    DeclineOffer {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Takes a waiting conversation out of the queue; as supervisor also one that somebody else has.
    Claim {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Gives a conversation to an agent. Supervisor.
    Assign {
        /// Which conversation.
        conversation: ConversationId,
        /// To whom.
        agent: AgentId,
    },
    /// Parks a conversation: frees a window.
    Hold {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// Takes it back.
    Resume {
        /// Which conversation.
        conversation: ConversationId,
    },

    /// Transfers a conversation.
    Transfer {
        /// Which conversation.
        conversation: ConversationId,
        /// Where to, as asked.
        target: Target,
        /// For the receiver; not for the consumer.
        note: Arc<str>,
        /// What the plugins said: a denial, or another target.
        judgement: TransferJudgement,
        /// What they said it of.
        judged_at: Option<JudgedAt>,
    },

    /// Chooses a classification: a draft while the conversation runs, final once it is closed.
    Classify {
        /// Which conversation.
        conversation: ConversationId,
        /// The node.
        node: NodeId,
        /// What the choice came from.
        from: ChosenFrom,
    },
    /// Takes a conversation off the "to classify" list without one. Supervisor.
    WaiveClassification {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// What the classifiers propose. Engine only.
    Suggest {
        /// Which conversation.
        conversation: ConversationId,
        /// Best first.
        suggestions: Vec<Suggestion>,
        /// Each plugin's part.
        decisions: Vec<PluginDecision>,
        /// Rules and version it was made for.
        judged_at: JudgedAt,
    },
    /// An agent has seen a set of suggestions.
    MarkSuggestionsShown {
        /// Which conversation.
        conversation: ConversationId,
        /// Which set.
        set: u32,
    },

    /// Finishes a conversation (an agent, a supervisor, or the consumer).
    Close {
        /// Which conversation.
        conversation: ConversationId,
        /// Classification given in the same step, if any.
        classify: Option<(NodeId, ChosenFrom)>,
    },
    /// Takes a finish back within the undo window.
    UndoClose {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// How it was, said by the consumer.
    Rate {
        /// Which conversation.
        conversation: ConversationId,
        /// 1 to 5.
        stars: u8,
        /// In words.
        comment: Arc<str>,
    },

    /// Lets everything happen whose time has come. Engine only.
    Tick,
}

/// What plugins said of a transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransferJudgement {
    /// The merged verdict.
    pub verdict: TransferVerdict,
    /// Each plugin's part.
    pub decisions: Vec<PluginDecision>,
}

/// The merged verdict over a transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TransferVerdict {
    /// Nobody objects.
    #[default]
    Allow,
    /// Elsewhere instead.
    Redirect {
        /// Where to.
        target: Target,
        /// Reason for people.
        because: Arc<str>,
    },
    /// Not there.
    Deny {
        /// Machine-readable reason.
        code: Arc<str>,
        /// Reason for people.
        because: Arc<str>,
    },
}
