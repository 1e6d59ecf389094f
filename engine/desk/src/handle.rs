//! The handle that everybody outside holds: commands in, durable answers out, reads from the durable state.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use dialogo_domain::command::{JudgedAt, Target};
use dialogo_domain::message::{Attachment, Body};
use dialogo_domain::plugin::Judgement;
use dialogo_domain::{
    Actor, Command, CommandId, Commit, ConversationId, MessageId, Position, Refusal, Request,
};
use dialogo_host::inspect::Inspection;
use dialogo_journal::{Journal, Views};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, watch};

use crate::clock::Clock;
use crate::feed::{Audience, ConnectionId, Ephemeral, Hub, Listener, QUEUE, Subscription};
use crate::judge;
use crate::moment::Moment;
use crate::open::Threads;
use crate::places::Places;
use crate::recall;
use crate::rules::{InForce, RulesDesk, RulesStatus};
use crate::state::Durable;
use crate::writer::{Submission, Wake};
use crate::{Answer, DeskError};

/// A running desk. Cheap to clone; it runs until [`Desk::stop`].
#[derive(Clone)]
pub struct Desk(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) wake: mpsc::Sender<Wake>,
    pub(crate) durable: Arc<Durable>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) rules: Arc<RulesDesk>,
    pub(crate) views: Arc<Views>,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) connections: AtomicU64,
    /// Locked after `durable`, never before it.
    pub(crate) places: Mutex<Places>,
    pub(crate) presence: mpsc::UnboundedSender<Listener>,
    pub(crate) failed: watch::Receiver<Option<String>>,
    pub(crate) threads: Threads,
}

/// A message on its way to the policies.
#[derive(Clone, Debug)]
pub struct OutgoingMessage {
    /// Where.
    pub conversation: ConversationId,
    /// The sender's id for it.
    pub message: MessageId,
    /// As written.
    pub text: String,
    /// Files, each judged already.
    pub attachments: Vec<Attachment>,
    /// The connection it came by, which gets no echo of it.
    pub connection: Option<ConnectionId>,
}

/// A file on its way to the policies.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Where it is to go.
    pub conversation: ConversationId,
    /// Name as sent.
    pub name: String,
    /// Type as declared by the sender.
    pub declared_mime: String,
    /// What the host found inside.
    pub inspection: Inspection,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
    /// The first bytes, 4,096 at most.
    pub head: Bytes,
}

/// How long a command may wait for a place in the writer's queue.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a verdict that was overtaken by other rules or by the conversation is given again.
const JUDGED_AT_MOST: usize = 3;

impl Desk {
    /// Carries out a command. When this returns, what it led to is durable.
    pub async fn execute(&self, request: Request) -> Result<Answer, DeskError> {
        self.submit(request, None).await
    }

    /// The same for a command that came by a connection, which gets no echo of it.
    pub async fn execute_from(
        &self,
        request: Request,
        connection: ConnectionId,
    ) -> Result<Answer, DeskError> {
        self.submit(request, Some(connection)).await
    }

    async fn submit(
        &self,
        request: Request,
        origin: Option<ConnectionId>,
    ) -> Result<Answer, DeskError> {
        let recalled = recall::cold(&self.0, &request.command);
        let was_cold = recalled.is_some();
        let again = recall::conversation(&request.command).is_some() && !was_cold;
        let first = self.hand_over(request.clone(), recalled, origin).await;
        match first {
            // It may have gone cold in between: look once more.
            Err(DeskError::Refused(Refusal::ConversationUnknown(_))) if again => {
                match recall::cold(&self.0, &request.command) {
                    Some(recalled) => self.hand_over(request, Some(recalled), origin).await,
                    None => first,
                }
            }
            answer => answer,
        }
    }

    async fn hand_over(
        &self,
        request: Request,
        recalled: Option<Box<dialogo_domain::conversation::Conversation>>,
        origin: Option<ConnectionId>,
    ) -> Result<Answer, DeskError> {
        let (reply, answer) = oneshot::channel();
        let submission = Wake::Command(Submission { request, recalled, origin, reply });
        match self.0.wake.try_send(submission) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(submission)) => {
                self.0.wake.send_timeout(submission, PATIENCE).await.map_err(|refused| {
                    match refused {
                        mpsc::error::SendTimeoutError::Timeout(_) => DeskError::Overloaded,
                        mpsc::error::SendTimeoutError::Closed(_) => self.why_stopped(),
                    }
                })?;
            }
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(self.why_stopped()),
        }
        answer.await.unwrap_or_else(|_| Err(self.why_stopped()))
    }

    fn why_stopped(&self) -> DeskError {
        let reason = self.0.failed.borrow().clone();
        DeskError::Stopped(reason.unwrap_or_else(|| "it was told to".into()))
    }

    /// Has the policies judge a message and sends what they leave of it.
    pub async fn send_message(
        &self,
        actor: Actor,
        id: Option<CommandId>,
        message: OutgoingMessage,
    ) -> Result<Answer, DeskError> {
        let fresh = ConversationId(uuid::Uuid::now_v7().as_u128());
        for _ in 0..JUDGED_AT_MOST {
            let rules = self.0.rules.current();
            let (judgement, text) = judge::message(&self.0, &rules, &actor, &message).await?;
            let command = Command::SendMessage {
                conversation: message.conversation,
                message: message.message,
                body: Body { text, attachments: message.attachments.clone(), choices: Vec::new() },
                judgement,
                judged_at: Some(JudgedAt { generation: rules.generation, version: None }),
                fresh,
                bot: rules.has_bot(),
            };
            let request = Request { id, actor: actor.clone(), command };
            match self.submit(request, message.connection).await {
                Err(DeskError::Refused(Refusal::Stale { generation, .. })) => {
                    self.0.rules.wait_for(generation).await;
                }
                answer => return answer,
            }
        }
        Err(DeskError::Overloaded)
    }

    /// Has the transfer rules judge a transfer and carries it out as they leave it.
    pub async fn transfer(
        &self,
        actor: Actor,
        id: Option<CommandId>,
        conversation: ConversationId,
        target: Target,
        note: String,
    ) -> Result<Answer, DeskError> {
        let note: Arc<str> = note.into();
        for attempt in 1..=JUDGED_AT_MOST {
            let rules = self.0.rules.current();
            let (judgement, version) =
                judge::transfer(&self.0, &rules, conversation, &target).await?;
            // A conversation in which both sides keep writing would never hold still: the last attempt goes by the rules
            // alone.
            let version = version.filter(|_| attempt < JUDGED_AT_MOST);
            let command = Command::Transfer {
                conversation,
                target: target.clone(),
                note: Arc::clone(&note),
                judgement,
                judged_at: Some(JudgedAt { generation: rules.generation, version }),
            };
            match self.execute(Request { id, actor: actor.clone(), command }).await {
                Err(DeskError::Refused(Refusal::Stale { generation, .. })) => {
                    self.0.rules.wait_for(generation).await;
                }
                answer => return answer,
            }
        }
        Err(DeskError::Overloaded)
    }

    /// Has the attachment policies judge a file before it is stored.
    pub async fn judge_attachment(
        &self,
        actor: &Actor,
        upload: Upload,
    ) -> Result<Judgement, DeskError> {
        judge::attachment(&self.0, &self.0.rules.current(), actor, upload).await
    }

    /// Whether a bot answers first, under the rules in force.
    pub fn has_bot(&self) -> bool {
        self.0.rules.current().has_bot()
    }

    /// Says that somebody is typing, to whoever has the conversation before them.
    pub fn typing(
        &self,
        conversation: ConversationId,
        agent: Option<dialogo_domain::AgentId>,
        from: ConnectionId,
    ) {
        let audience = {
            let state = self.0.durable.read();
            let Some(found) = state.desk.conversations.get(&conversation) else { return };
            Audience {
                conversations: vec![conversation],
                consumers: vec![found.consumer],
                agents: found.agent.iter().cloned().collect(),
                ..Audience::default()
            }
        };
        self.0.hub.flash(
            &audience,
            &Arc::new(Ephemeral::Typing { conversation, agent }),
            Some(from),
        );
    }

    /// Reads the durable state. Keep it short: the publisher waits meanwhile.
    pub fn read<R>(&self, read: impl FnOnce(&dialogo_domain::Desk) -> R) -> R {
        read(&self.0.durable.read().desk)
    }

    /// The same with what stands beside the state.
    pub fn look<R>(&self, look: impl FnOnce(&Moment<'_>) -> R) -> R {
        let state = self.0.durable.read();
        look(&Moment { desk: &state.desk, recent: &state.recent, places: &self.0.places })
    }

    /// The rules in force.
    pub fn rules(&self) -> Arc<InForce> {
        self.0.rules.current()
    }

    /// How the rules stand: what is in force, what is wrong with what is not.
    pub fn rules_status(&self) -> RulesStatus {
        self.0.rules.status()
    }

    /// The office that loads, keeps and rolls back rules.
    pub fn rules_desk(&self) -> &Arc<RulesDesk> {
        &self.0.rules
    }

    /// What is read and follows the log: transcripts, lists, sessions.
    pub fn views(&self) -> &Arc<Views> {
        &self.0.views
    }

    /// The durable journal.
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.0.journal
    }

    /// The last position shown to anyone.
    pub fn head(&self) -> Position {
        self.0.hub.head()
    }

    /// One durable commit.
    pub fn commit_at(&self, position: Position) -> Option<Arc<Commit>> {
        let recent = self.0.hub.find(position);
        recent.or_else(|| recall::commit(self.0.journal.as_ref(), position))
    }

    /// The wall clock that the desk goes by.
    pub fn now(&self) -> dialogo_domain::Millis {
        self.0.clock.now()
    }

    /// A fresh number for a connection.
    pub fn connection(&self) -> ConnectionId {
        ConnectionId(self.0.connections.fetch_add(1, Ordering::Relaxed))
    }

    /// Listens to the feed. While it is held, its agent or consumer counts as connected.
    pub fn subscribe(&self, listener: Listener, connection: ConnectionId) -> Subscription {
        let (sender, queue) = mpsc::channel(QUEUE);
        let departments = match &listener {
            Listener::Agent { id, .. } => self.0.rules.departments_of(id),
            Listener::Consumer(_) => Vec::new(),
        };
        self.0.hub.add(connection, listener.clone(), departments, sender);
        let _ = self.0.presence.send(listener);
        let inner = Arc::downgrade(&self.0);
        let on_drop = move || {
            if let Some(inner) = inner.upgrade()
                && let Some((listener, _)) = inner.hub.remove(connection)
            {
                let _ = inner.presence.send(listener);
            }
        };
        Subscription::new(Arc::clone(&self.0.hub), connection, queue, Box::new(on_drop))
    }

    /// Figures for the metrics page.
    pub fn metrics(&self) -> DeskMetrics {
        let decided = self.0.threads.decided.load(Ordering::Relaxed);
        DeskMetrics {
            durable: self.0.journal.head(),
            shown: self.0.hub.head(),
            decided: Position(decided),
            connections: self.0.hub.connections(),
            waiting_commands: self.0.wake.max_capacity() - self.0.wake.capacity(),
        }
    }

    /// Resolves with the reason when the desk can go on no longer: the log failed.
    pub async fn failed(&self) -> String {
        let mut failed = self.0.failed.clone();
        let reason = failed.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
        match reason {
            Some(reason) => reason,
            // The desk ended in good order: it will never fail.
            None => std::future::pending().await,
        }
    }

    /// Finishes what was decided, writes a snapshot and ends. Commands that come later are told so.
    pub async fn stop(&self) {
        let desk = self.clone();
        let _ = tokio::task::spawn_blocking(move || desk.0.threads.stop(&desk.0)).await;
    }
}

/// Figures for the metrics page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeskMetrics {
    /// The last durable position.
    pub durable: Position,
    /// The last position shown.
    pub shown: Position,
    /// The last position decided.
    pub decided: Position,
    /// Connections that listen.
    pub connections: usize,
    /// Commands waiting for the writer.
    pub waiting_commands: usize,
}
