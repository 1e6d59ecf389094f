//! Reading the views. Texts come from the log by position; what is read here is as of [`Views::applied`].

use std::ops::Range;

use dialogo_domain::conversation::Conversation;
use dialogo_domain::event::Event;
use dialogo_domain::message::Attachment;
use dialogo_domain::plugin::PluginDecision;
use dialogo_domain::{
    AgentId, AttachmentId, Commit, ConsumerId, ConversationId, DepartmentId, MessageId, Millis,
    PluginId, Position,
};

use crate::batch::Chunk;
use crate::codec::{self, CodecFault};
use crate::fault::Fault;
use crate::port::Limit;

use super::count::FirstAgent;
use super::figures::{Figures, QUARTER_MS};
use super::keys::{self, Key};
use super::stage::kind;
use super::trials::{Standing, Trial};
use super::{Summary, Views, broken};

/// Which part of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The end of it.
    Latest,
    /// What follows a position.
    After(Position),
    /// What comes before a position.
    Before(Position),
    /// What follows a message's number.
    AfterNumber(u32),
    /// What comes before a message's number.
    BeforeNumber(u32),
}

/// A cold conversation: complete, as of the commit that made it cold.
#[derive(Clone, Debug, PartialEq)]
pub struct Cold {
    /// As of when.
    pub position: Position,
    /// All of it.
    pub conversation: Conversation,
}

/// A file and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentAt {
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// The commit that names it.
    pub position: Position,
    /// What is known of it.
    pub attachment: Attachment,
}

/// What was counted in one department in one quarter of an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// When it began.
    pub from: Millis,
    /// The department; `None`: conversations that reached none.
    pub department: Option<DepartmentId>,
    /// What was counted.
    pub figures: Figures,
}

/// An entry of a conversation as its key and value say.
#[derive(Clone, Copy)]
struct Entry {
    position: Position,
    kinds: u8,
    number: u32,
}

/// Conversations.
impl Views {
    /// What a transcript shows (messages, notes, refused messages, service lines), in feed order: commits with the
    /// events of this conversation only. Who may see notes and refused messages is the caller's business.
    pub fn transcript(
        &self,
        conversation: ConversationId,
        page: Page,
        limit: usize,
    ) -> Result<Vec<Commit>, Fault> {
        self.transcript_of(conversation, page, limit, kind::TRANSCRIPT)
    }

    /// Every event of a conversation after a position, for a client that catches up.
    pub fn events_of(
        &self,
        conversation: ConversationId,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Commit>, Fault> {
        self.transcript_of(conversation, Page::After(after), limit, u8::MAX)
    }

    /// Commits that hold one of these [`kind`]s.
    pub fn transcript_of(
        &self,
        conversation: ConversationId,
        page: Page,
        limit: usize,
        kinds: u8,
    ) -> Result<Vec<Commit>, Fault> {
        let wanted = self.entries(conversation, page, limit, kinds)?;
        let mut chunk = Chunk::new();
        let mut commits = Vec::with_capacity(wanted.len());
        for entry in wanted {
            let Some(mut commit) = self.commit(entry.position, &mut chunk)? else { continue };
            commit.events.retain(|event| event.conversation() == Some(conversation));
            commits.push(commit);
        }
        Ok(commits)
    }

    /// A cold conversation's record; `None` when it is not cold (or unknown): then the desk has it.
    pub fn conversation(&self, conversation: ConversationId) -> Result<Option<Cold>, Fault> {
        let Some(value) = self.get(keys::cold(conversation))? else { return Ok(None) };
        let Some((position, record)) = value.split_first_chunk::<8>() else {
            return Err(Fault::Views {
                operation: "read a conversation",
                reason: "the record is cut short".into(),
            });
        };
        let position = Position(u64::from_be_bytes(*position));
        let conversation = codec::decode_conversation(record)
            .map_err(|source| Fault::Undecodable { position, source })?;
        Ok(Some(Cold { position, conversation }))
    }

    /// What lists show of a conversation, open or closed.
    pub fn summary(&self, conversation: ConversationId) -> Result<Option<Summary>, Fault> {
        let Some(value) = self.get(keys::summary(conversation))? else { return Ok(None) };
        let summary = Summary::from_bytes(&value)
            .map_err(|source| Fault::Undecodable { position: self.applied(), source })?;
        Ok(Some(summary))
    }

    /// The commit that holds a message. Reads the conversation's record if it is cold, else walks its messages.
    pub fn message_position(
        &self,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Option<Position>, Fault> {
        if let Some(cold) = self.conversation(conversation)? {
            return Ok(cold.conversation.messages.position(message));
        }
        let kinds = kind::MESSAGE | kind::NOTE | kind::REFUSED;
        let commits = self.transcript_of(conversation, Page::Latest, usize::MAX, kinds)?;
        let holds =
            |commit: &Commit| commit.events.iter().any(|event| message_in(event) == Some(message));
        Ok(commits.iter().find(|commit| holds(commit)).map(|commit| commit.stamp.position))
    }

    /// Every plugin's decision in a conversation, each with the position and hook it belongs to: for `explain`.
    pub fn decisions(
        &self,
        conversation: ConversationId,
    ) -> Result<Vec<(Position, PluginDecision)>, Fault> {
        let commits = self.events_of(conversation, Position(0), usize::MAX)?;
        let of = |commit: &Commit| {
            let position = commit.stamp.position;
            let decisions = commit.events.iter().flat_map(decisions_in).cloned();
            decisions.map(|decision| (position, decision)).collect::<Vec<_>>()
        };
        Ok(commits.iter().flat_map(of).collect())
    }

    /// A file by its id.
    pub fn attachment(&self, attachment: AttachmentId) -> Result<Option<AttachmentAt>, Fault> {
        let Some(value) = self.get(keys::attachment(attachment))? else { return Ok(None) };
        let (Some(conversation), Some(position)) =
            (keys::conversation_in(value.get(..16).unwrap_or(&[])), keys::position_in(&value))
        else {
            return Err(Fault::Views {
                operation: "read a file's place",
                reason: "the value is cut short".into(),
            });
        };
        let Some(commit) = self.commit(position, &mut Chunk::new())? else { return Ok(None) };
        let mut files = commit.events.iter().flat_map(dialogo_domain::event::attachments);
        let found = files.find(|file| file.id == attachment).cloned();
        Ok(found.map(|attachment| AttachmentAt { conversation, position, attachment }))
    }

    /// The commit at a position; `None` when retention has dropped it.
    fn commit(&self, position: Position, chunk: &mut Chunk) -> Result<Option<Commit>, Fault> {
        let before = Position(position.0.saturating_sub(1));
        match self.journal.read(before, Limit::commits(1), chunk) {
            Ok(()) => {}
            Err(Fault::BelowFloor { .. }) => return Ok(None),
            Err(fault) => return Err(fault),
        }
        let Some((found, bytes)) = chunk.iter().next() else { return Ok(None) };
        codec::decode(bytes)
            .map(Some)
            .map_err(|source| Fault::Undecodable { position: found, source })
    }

    fn entries(
        &self,
        conversation: ConversationId,
        page: Page,
        limit: usize,
        kinds: u8,
    ) -> Result<Vec<Entry>, Fault> {
        let prefix = keys::entries(conversation);
        let all = match page {
            Page::After(position) => self.tree.range(
                keys::entry(conversation, position.next())
                    ..keys::entry(conversation, Position(u64::MAX)),
            ),
            Page::Before(position) => {
                self.tree.range(prefix.clone()..keys::entry(conversation, position))
            }
            Page::Latest | Page::AfterNumber(_) | Page::BeforeNumber(_) => {
                self.tree.scan_prefix(&prefix)
            }
        };
        let read = |pair: sled::Result<(sled::IVec, sled::IVec)>| match pair {
            Ok((key, value)) => Entry::read(&key, &value).map(Ok),
            Err(error) => Some(Err(broken("read", &error))),
        };
        let of_kind = |entry: &Result<Entry, Fault>| {
            entry.as_ref().map_or(true, |entry| entry.kinds & kinds != 0)
        };
        let inside = |entry: &Result<Entry, Fault>| match (entry, page) {
            (Ok(entry), Page::AfterNumber(number)) => entry.number > number,
            (Ok(entry), Page::BeforeNumber(number)) => entry.number < number,
            _ => true,
        };
        let forward = matches!(page, Page::After(_) | Page::AfterNumber(_));
        if forward {
            return all.filter_map(read).filter(of_kind).filter(inside).take(limit).collect();
        }
        let mut latest: Vec<Entry> = all
            .rev()
            .filter_map(read)
            .filter(of_kind)
            .filter(inside)
            .take(limit)
            .collect::<Result<_, _>>()?;
        latest.reverse();
        Ok(latest)
    }

    pub(super) fn get(&self, key: Key) -> Result<Option<sled::IVec>, Fault> {
        self.tree.get(key).map_err(|error| broken("read", &error))
    }
}

/// Lists, newest first unless said otherwise.
impl Views {
    /// A consumer's conversations.
    pub fn by_consumer(&self, consumer: ConsumerId, limit: usize) -> Result<Vec<Summary>, Fault> {
        self.list(&keys::of_consumer(consumer), &Span::ALL, limit)
    }

    /// An agent's closed conversations within a time.
    pub fn closed_by_agent(
        &self,
        agent: &AgentId,
        closed: Range<Millis>,
        limit: usize,
    ) -> Result<Vec<Summary>, Fault> {
        self.list(&keys::of_agent(agent), &Span(closed), limit)
    }

    /// A department's closed conversations within a time; `None`: of those that had none.
    pub fn closed_by_department(
        &self,
        department: Option<&DepartmentId>,
        closed: Range<Millis>,
        limit: usize,
    ) -> Result<Vec<Summary>, Fault> {
        self.list(&keys::of_department(department), &Span(closed), limit)
    }

    /// All conversations closed within a time.
    pub fn closed(&self, closed: Range<Millis>, limit: usize) -> Result<Vec<Summary>, Fault> {
        self.list(&keys::closed(), &Span(closed), limit)
    }

    /// Closed conversations that still want a classification.
    pub fn to_classify(&self, limit: usize) -> Result<Vec<Summary>, Fault> {
        self.list(&keys::to_classify(), &Span::ALL, limit)
    }

    /// What was counted in the quarters of an hour that begin within a time, oldest first.
    pub fn figures(&self, span: Range<Millis>) -> Result<Vec<Quarter>, Fault> {
        let quarter = |at: Millis| keys::figures_from(at.0.div_ceil(QUARTER_MS));
        let read = |pair: sled::Result<(sled::IVec, sled::IVec)>| {
            let (key, value) = pair.map_err(|error| broken("read", &error))?;
            let Some((quarter, department)) = keys::figures_in(&key) else { return Ok(None) };
            Ok(Some(Quarter {
                from: Millis(quarter * QUARTER_MS),
                department: (!department.is_empty()).then(|| department.into()),
                figures: self.figures_of(&value)?,
            }))
        };
        let all = self.tree.range(quarter(span.start)..quarter(span.end));
        all.filter_map(|pair| read(pair).transpose()).collect()
    }

    /// The commits that put rules in force, newest first.
    pub fn activations(&self, limit: usize) -> Result<Vec<Commit>, Fault> {
        let mut chunk = Chunk::new();
        let mut commits = Vec::new();
        for key in self.tree.scan_prefix(keys::activations()).keys().rev().take(limit) {
            let key = key.map_err(|error| broken("read", &error))?;
            let Some(position) = keys::position_in(&key) else { continue };
            commits.extend(self.commit(position, &mut chunk)?);
        }
        Ok(commits)
    }

    /// Figures by their key; nothing was counted where there are none.
    pub(super) fn figures_at(&self, key: &Key) -> Result<Figures, Fault> {
        let value = self.get(key.clone())?;
        value.map_or_else(|| Ok(Figures::default()), |value| self.figures_of(&value))
    }

    fn figures_of(&self, value: &[u8]) -> Result<Figures, Fault> {
        Figures::from_bytes(value).map_err(|source| self.unreadable(source))
    }

    /// What was measured of a plugin at one revision; nothing yet where there is none.
    pub fn trial(&self, plugin: &PluginId, revision: u64) -> Result<Trial, Fault> {
        let value = self.get(keys::trial(plugin, revision))?;
        let read = |value: sled::IVec| codec::decode_trial(&value);
        value.map_or_else(|| Ok(Trial::default()), read).map_err(|source| self.unreadable(source))
    }

    /// What classifiers suggest in a conversation that is not classified for good yet.
    pub(super) fn standing(&self, id: ConversationId) -> Result<Vec<Standing>, Fault> {
        let value = self.get(keys::standing(id))?;
        let read = |value: sled::IVec| codec::decode_standing(&value);
        value.map_or_else(|| Ok(Vec::new()), read).map_err(|source| self.unreadable(source))
    }

    fn unreadable(&self, source: CodecFault) -> Fault {
        Fault::Undecodable { position: self.applied(), source }
    }

    /// When an agent first had a conversation.
    pub(super) fn first_agent(&self, id: ConversationId) -> Result<Option<FirstAgent>, Fault> {
        Ok(self.get(keys::first_agent(id))?.as_deref().and_then(FirstAgent::from_bytes))
    }

    fn list(&self, list: &Key, span: &Span, limit: usize) -> Result<Vec<Summary>, Fault> {
        let mut summaries = Vec::new();
        for conversation in self.listed(list, span).take(limit) {
            summaries.extend(self.summary(conversation?)?);
        }
        Ok(summaries)
    }

    /// The conversations of a list, newest first.
    fn listed(
        &self,
        list: &Key,
        span: &Span,
    ) -> impl Iterator<Item = Result<ConversationId, Fault>> + use<> {
        let from = keys::from_time(list.clone(), span.0.start);
        let to = keys::from_time(list.clone(), span.0.end);
        self.tree.range(from..to).keys().rev().filter_map(|key| match key {
            Ok(key) => keys::conversation_in(&key).map(Ok),
            Err(error) => Some(Err(broken("read", &error))),
        })
    }
}

/// A span of time.
struct Span(Range<Millis>);

impl Span {
    const ALL: Self = Self(Millis(0)..Millis(u64::MAX));
}

impl Entry {
    fn read(key: &[u8], value: &[u8]) -> Option<Self> {
        let (kinds, number) = value.split_first()?;
        let number = u32::from_be_bytes(number.try_into().ok()?);
        Some(Self { position: keys::position_in(key)?, kinds: *kinds, number })
    }
}

fn message_in(event: &Event) -> Option<MessageId> {
    match event {
        Event::MessageSent { message, .. }
        | Event::MessageRefused { message, .. }
        | Event::NoteAdded { message, .. } => Some(*message),
        _ => None,
    }
}

pub(super) fn decisions_in(event: &Event) -> &[PluginDecision] {
    match event {
        Event::MessageSent { decisions, .. }
        | Event::MessageRefused { decisions, .. }
        | Event::BotAnswered { decisions, .. }
        | Event::ConversationTransferred { decisions, .. }
        | Event::TransferRefused { decisions, .. }
        | Event::ClassificationSuggested { decisions, .. } => decisions,
        _ => &[],
    }
}
