//! What each event adds to the [`Figures`], and what a finish that is undone takes back.
//!
//! It looks at the state before an event is applied. Beside the sums one thing is remembered for each conversation until it
//! goes cold: when an agent first had it since it was opened or reopened.

use dialogo_domain::conversation::{Classification, Conversation, State};
use dialogo_domain::event::{Event, SuggestionOutcome};
use dialogo_domain::{ConversationId, DepartmentId, Desk, Millis};

use crate::fault::Fault;

use super::figures::{Fate, Figures, QUARTER_MS};
use super::keys;
use super::stage::Stage;

/// When an agent first had a conversation in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FirstAgent {
    segment: u32,
    at: Millis,
}

impl FirstAgent {
    pub(super) fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&self.segment.to_be_bytes());
        bytes[4..].copy_from_slice(&self.at.0.to_be_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (segment, at) = bytes.split_first_chunk::<4>()?;
        let at = Millis(u64::from_be_bytes(at.try_into().ok()?));
        Some(Self { segment: u32::from_be_bytes(*segment), at })
    }
}

impl Stage<'_> {
    /// Counts an event that is about to be applied; `desk.now` is its time already.
    pub(super) fn count(&mut self, desk: &Desk, event: &Event) -> Result<(), Fault> {
        let before = event.conversation().and_then(|id| desk.conversations.get(&id));
        let Some(it) = before else { return Ok(()) };
        match event {
            Event::ConversationQueued { department, .. }
            | Event::ConversationOffered { department, .. } => {
                self.reaches(desk.now, it, department)
            }
            Event::ConversationAssigned { department, .. } => {
                self.reaches(desk.now, it, department)?;
                self.assigned(desk.now, it, department)
            }
            Event::ConversationReopened { undone: false, .. } => {
                self.figures(desk.now, it.department.as_ref())?.contacts += 1;
                Ok(())
            }
            Event::ConversationReopened { undone: true, .. } => self.unclosed(it),
            Event::ConversationClosed { .. } => self.closed(desk.now, it),
            Event::ConversationClassified { chosen, .. } => {
                self.classified(it, chosen.node.as_str())
            }
            Event::ClassificationWaived { .. } => self.classified(it, ""),
            Event::SuggestionsShown { set, .. } => {
                self.suggested(desk.now, it, *set, |_, fate| fate.shown += 1)
            }
            Event::SuggestionsSettled { set, outcome, .. } => {
                self.suggested(desk.now, it, *set, |node, fate| match outcome {
                    SuggestionOutcome::Accepted { node: chosen, .. } if chosen.as_str() == node => {
                        fate.accepted += 1;
                    }
                    SuggestionOutcome::Accepted { .. } | SuggestionOutcome::Changed { .. } => {
                        fate.changed += 1;
                    }
                    SuggestionOutcome::Ignored => fate.ignored += 1,
                })
            }
            Event::ConversationWentCold { conversation } => {
                self.forget_first_agent(*conversation);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A contact belongs to the first department it comes to; what goes on within the desk is no new one.
    fn reaches(&mut self, now: Millis, it: &Conversation, to: &DepartmentId) -> Result<(), Fault> {
        if it.department.is_none() || it.state == State::Bot {
            self.figures(now, Some(to))?.contacts += 1;
        }
        Ok(())
    }

    fn assigned(&mut self, now: Millis, it: &Conversation, to: &DepartmentId) -> Result<(), Fault> {
        if self.served(it)?.is_none() {
            let waited = now.since(it.waiting_since.unwrap_or(now));
            self.figures(now, Some(to))?.waited.record(waited);
            self.set_first_agent(it.id, FirstAgent { segment: it.segment, at: now });
        }
        Ok(())
    }

    fn closed(&mut self, now: Millis, it: &Conversation) -> Result<(), Fault> {
        let served = self.served(it)?;
        let node = node_of(it).to_owned();
        let figures = self.figures(now, it.department.as_ref())?;
        figures.closed += 1;
        figures.count_node(&node);
        match served {
            Some(since) => figures.handled.record(now.since(since)),
            None => figures.abandoned += 1,
        }
        Ok(())
    }

    /// The finish is undone: as if it had not been.
    fn unclosed(&mut self, it: &Conversation) -> Result<(), Fault> {
        let Some(closed) = &it.closed else { return Ok(()) };
        let served = self.served(it)?;
        let figures = self.figures(closed.at, it.department.as_ref())?;
        figures.closed = figures.closed.saturating_sub(1);
        figures.uncount_node(node_of(it));
        match served {
            Some(since) => figures.handled.forget(closed.at.since(since)),
            None => figures.abandoned = figures.abandoned.saturating_sub(1),
        }
        Ok(())
    }

    /// What was classified after the end counts where it ended.
    fn classified(&mut self, it: &Conversation, node: &str) -> Result<(), Fault> {
        let Some(closed) = &it.closed else { return Ok(()) };
        let figures = self.figures(closed.at, it.department.as_ref())?;
        figures.uncount_node(node_of(it));
        figures.count_node(node);
        Ok(())
    }

    fn suggested(
        &mut self,
        now: Millis,
        it: &Conversation,
        set: u32,
        add: impl Fn(&str, &mut Fate),
    ) -> Result<(), Fault> {
        if it.suggestions.set != set {
            return Ok(());
        }
        let figures = self.figures(now, it.department.as_ref())?;
        for suggestion in &it.suggestions.items {
            for plugin in &suggestion.plugins {
                let of = (plugin.to_string(), suggestion.node.to_string());
                add(suggestion.node.as_str(), figures.suggestions.entry(of).or_default());
            }
        }
        Ok(())
    }

    /// Since when an agent has had it in this segment.
    fn served(&mut self, it: &Conversation) -> Result<Option<Millis>, Fault> {
        let first = self.first_agent(it.id)?;
        Ok(first.filter(|first| first.segment == it.segment).map(|first| first.at))
    }

    /// The figures of the quarter of an hour around `at`.
    fn figures(
        &mut self,
        at: Millis,
        department: Option<&DepartmentId>,
    ) -> Result<&mut Figures, Fault> {
        self.figures_at(keys::figures(at.0 / QUARTER_MS, department))
    }

    fn forget_first_agent(&mut self, id: ConversationId) {
        self.first_agents.insert(id, None);
    }

    fn set_first_agent(&mut self, id: ConversationId, first: FirstAgent) {
        self.first_agents.insert(id, Some(first));
    }
}

/// What a conversation is classified as, for now or for good; empty: nothing.
fn node_of(it: &Conversation) -> &str {
    match &it.classification {
        Classification::Draft(chosen) | Classification::Final(chosen) => chosen.node.as_str(),
        Classification::None | Classification::Waived => "",
    }
}
