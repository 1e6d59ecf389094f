//! What a group of commits changes in the views, gathered into one sled batch. It folds the commits into a desk of its
//! own on the way, event by event, because lists and cold records want the state and not the event.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use dialogo_domain::conversation::Conversation;
use dialogo_domain::event::Event;
use dialogo_domain::{Commit, ConversationId, Desk, PluginId, Position, apply};
use sled::Batch;

use crate::codec;
use crate::fault::Fault;

use super::count::FirstAgent;
use super::figures::Figures;
use super::keys::{self, Key};
use super::summary::Summary;
use super::trials::{Standing, Trial};
use super::{FORM, Views, words};

/// What an entry holds, as bits.
pub mod kind {
    /// A message.
    pub const MESSAGE: u8 = 1;
    /// A private note.
    pub const NOTE: u8 = 2;
    /// A refused message: for its sender only.
    pub const REFUSED: u8 = 4;
    /// A line about the conversation: queued, assigned, transferred, closed, …
    pub const SERVICE: u8 = 8;
    /// Receipts, presence, suggestions, classifications and the rest.
    pub const OTHER: u8 = 16;
    /// What a transcript shows.
    pub const TRANSCRIPT: u8 = MESSAGE | NOTE | REFUSED | SERVICE;
}

/// A batch in the making.
pub(super) struct Stage<'v> {
    views: &'v Views,
    batch: Batch,
    /// Summaries written in this batch: sled does not know them yet.
    summaries: HashMap<ConversationId, Summary>,
    /// Figures changed in this batch.
    figures: HashMap<Key, Figures>,
    /// Looked up or changed in this batch.
    trials: HashMap<Key, Trial>,
    /// Looked up or changed in this batch; empty: there is none.
    standing: HashMap<ConversationId, Vec<Standing>>,
    /// Looked up or changed in this batch; `None`: there is none.
    pub(super) first_agents: HashMap<ConversationId, Option<FirstAgent>>,
}

impl<'v> Stage<'v> {
    pub(super) fn new(views: &'v Views) -> Self {
        Self {
            views,
            batch: Batch::default(),
            summaries: HashMap::new(),
            figures: HashMap::new(),
            trials: HashMap::new(),
            standing: HashMap::new(),
            first_agents: HashMap::new(),
        }
    }

    /// Takes a group of commits in and folds them into `desk`.
    pub(super) fn group(&mut self, desk: &mut Desk, commits: &[Commit]) -> Result<(), Fault> {
        for (at, commit) in commits.iter().enumerate() {
            self.commit(desk, &commits[..=at], commit)?;
        }
        Ok(())
    }

    /// Takes only the entries of a group in: for commits whose state before is not known any more.
    pub(super) fn entries_only(&mut self, commits: &[Commit]) {
        for commit in commits {
            self.entries(commit, |_| 0);
        }
    }

    fn commit(&mut self, desk: &mut Desk, so_far: &[Commit], commit: &Commit) -> Result<(), Fault> {
        let mut changed = BTreeSet::new();
        let mut closed = BTreeSet::new();
        apply::begin(desk, &commit.stamp);
        for event in &commit.events {
            self.before(desk, commit.stamp.position, event);
            self.count(desk, event)?;
            self.measure(desk, event)?;
            apply::apply(desk, event);
            let Some(conversation) = event.conversation() else { continue };
            if changes_summary(event) {
                changed.insert(conversation);
            }
            if matches!(event, Event::ConversationClosed { .. }) {
                closed.insert(conversation);
            }
        }
        let number =
            |id: &ConversationId| desk.conversations.get(id).map_or(0, |found| found.last_number);
        self.entries(commit, number);
        for conversation in changed.iter().filter_map(|id| desk.conversations.get(id)) {
            self.summary(conversation)?;
        }
        for conversation in closed {
            let words = words::of(self.views, conversation, name_in(desk, conversation), so_far)?;
            self.batch.insert(keys::words(conversation), words.into_bytes());
        }
        Ok(())
    }

    /// What has to be taken from the state before an event is applied.
    fn before(&mut self, desk: &Desk, position: Position, event: &Event) {
        match event {
            Event::ConversationWentCold { conversation } => {
                if let Some(conversation) = desk.conversations.get(conversation) {
                    self.cold(position, conversation);
                }
            }
            Event::ConversationRecalled { conversation } => {
                self.batch.remove(keys::cold(conversation.id));
            }
            Event::RulesActivated { .. } => self.batch.insert(keys::activation(position), &[]),
            _ => {}
        }
    }

    fn cold(&mut self, position: Position, conversation: &Conversation) {
        let mut value = position.0.to_be_bytes().to_vec();
        codec::encode_conversation(conversation, &mut value);
        self.batch.insert(keys::cold(conversation.id), value);
    }

    /// Figures by their key, as they stand with this batch.
    pub(super) fn figures_at(&mut self, key: Key) -> Result<&mut Figures, Fault> {
        match self.figures.entry(key) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(vacant) => {
                let stored = self.views.figures_at(vacant.key())?;
                Ok(vacant.insert(stored))
            }
        }
    }

    /// What was measured of a plugin, as it stands with this batch.
    pub(super) fn trial(&mut self, plugin: &PluginId, revision: u64) -> Result<&mut Trial, Fault> {
        match self.trials.entry(keys::trial(plugin, revision)) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(vacant) => Ok(vacant.insert(self.views.trial(plugin, revision)?)),
        }
    }

    /// What classifiers suggest in a conversation, as it stands with this batch.
    pub(super) fn standing(&mut self, id: ConversationId) -> Result<Vec<Standing>, Fault> {
        if let Some(known) = self.standing.get(&id) {
            return Ok(known.clone());
        }
        let stored = self.views.standing(id)?;
        self.standing.insert(id, stored.clone());
        Ok(stored)
    }

    pub(super) fn set_standing(&mut self, id: ConversationId, standing: Vec<Standing>) {
        self.standing.insert(id, standing);
    }

    /// When an agent first had a conversation, as it stands with this batch.
    pub(super) fn first_agent(&mut self, id: ConversationId) -> Result<Option<FirstAgent>, Fault> {
        if let Some(known) = self.first_agents.get(&id) {
            return Ok(*known);
        }
        let stored = self.views.first_agent(id)?;
        self.first_agents.insert(id, stored);
        Ok(stored)
    }

    /// One entry for each conversation a commit changes.
    fn entries(&mut self, commit: &Commit, number: impl Fn(&ConversationId) -> u32) {
        let position = commit.stamp.position;
        let mut last: Option<(ConversationId, u8)> = None;
        let mut several: Vec<(ConversationId, u8)> = Vec::new();
        for event in &commit.events {
            let (Some(conversation), Some(bits)) = (event.conversation(), kind_of(event)) else {
                continue;
            };
            self.files(position, conversation, event);
            match &mut last {
                Some((same, kinds)) if *same == conversation => *kinds |= bits,
                _ => several.extend(last.replace((conversation, bits))),
            }
        }
        several.extend(last);
        several.sort_unstable_by_key(|(conversation, _)| *conversation);
        several.dedup_by(|(this, bits), (kept, kinds)| {
            let same = this == kept;
            if same {
                *kinds |= *bits;
            }
            same
        });
        for (conversation, kinds) in several {
            let mut value = [0; 5];
            value[0] = kinds;
            value[1..].copy_from_slice(&number(&conversation).to_be_bytes());
            self.batch.insert(keys::entry(conversation, position), &value[..]);
        }
    }

    fn files(&mut self, position: Position, conversation: ConversationId, event: &Event) {
        for file in dialogo_domain::event::attachments(event) {
            let mut value = conversation.0.to_be_bytes().to_vec();
            value.extend_from_slice(&position.0.to_be_bytes());
            self.batch.insert(keys::attachment(file.id), value);
        }
    }

    fn summary(&mut self, conversation: &Conversation) -> Result<(), Fault> {
        let new = Summary::of(conversation);
        let old = match self.summaries.get(&new.conversation) {
            Some(old) => Some(old.clone()),
            None => self.views.summary(new.conversation)?,
        };
        if old.as_ref() == Some(&new) {
            return Ok(());
        }
        let (left, places) = (old.map(|old| old.places()).unwrap_or_default(), new.places());
        for key in left.iter().filter(|key| !places.contains(key)) {
            self.batch.remove(key.clone());
        }
        for key in places.into_iter().filter(|key| !left.contains(key)) {
            self.batch.insert(key, &[]);
        }
        self.batch.insert(keys::summary(new.conversation), new.to_bytes());
        self.summaries.insert(new.conversation, new);
        Ok(())
    }

    /// The finished batch, which says that the views are at `position`.
    pub(super) fn finish(mut self, position: Position) -> Batch {
        for (key, figures) in self.figures {
            self.batch.insert(key, figures.to_bytes());
        }
        for (key, trial) in self.trials {
            let mut bytes = Vec::with_capacity(256);
            codec::encode_trial(&trial, &mut bytes);
            self.batch.insert(key, bytes);
        }
        for (id, standing) in self.standing {
            if standing.is_empty() {
                self.batch.remove(keys::standing(id));
            } else {
                let mut bytes = Vec::with_capacity(64);
                codec::encode_standing(&standing, &mut bytes);
                self.batch.insert(keys::standing(id), bytes);
            }
        }
        for (id, first) in self.first_agents {
            match first {
                Some(first) => self.batch.insert(keys::first_agent(id), &first.to_bytes()[..]),
                None => self.batch.remove(keys::first_agent(id)),
            }
        }
        let mut applied = position.0.to_be_bytes().to_vec();
        applied.extend_from_slice(FORM.as_bytes());
        self.batch.insert(keys::APPLIED, applied);
        self.batch
    }
}

/// The name of a conversation's consumer; empty where none is known.
fn name_in(desk: &Desk, conversation: ConversationId) -> &str {
    let consumer = desk.conversations.get(&conversation).map(|found| found.consumer);
    let known = consumer.and_then(|consumer| desk.consumers.get(&consumer));
    known.and_then(|consumer| consumer.profile.name.as_deref()).unwrap_or_default()
}

/// Which bit an event sets in its entry; `None`: nothing that anybody follows.
pub(super) fn kind_of(event: &Event) -> Option<u8> {
    match event {
        Event::MessageSent { .. } => Some(kind::MESSAGE),
        Event::NoteAdded { .. } => Some(kind::NOTE),
        Event::MessageRefused { .. } => Some(kind::REFUSED),
        Event::ConversationStarted { .. }
        | Event::ConversationQueued { .. }
        | Event::ConversationOffered { .. }
        | Event::OfferPassed { .. }
        | Event::ConversationAssigned { .. }
        | Event::ConversationHeld { .. }
        | Event::ConversationResumed { .. }
        | Event::ConversationTransferred { .. }
        | Event::TransferRefused { .. }
        | Event::ConversationClosed { .. }
        | Event::ConversationReopened { .. }
        | Event::ConversationRated { .. } => Some(kind::SERVICE),
        Event::TimerSet { .. }
        | Event::ConversationFound { .. }
        | Event::ConversationRecalled { .. }
        | Event::ConversationWentCold { .. } => None,
        _ => Some(kind::OTHER),
    }
}

fn changes_summary(event: &Event) -> bool {
    matches!(kind_of(event), Some(kind::SERVICE))
        || matches!(
            event,
            Event::ConversationClassified { .. } | Event::ClassificationWaived { .. }
        )
}
