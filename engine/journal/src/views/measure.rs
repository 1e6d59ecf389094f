//! What each event adds to the [`Trial`](super::trials::Trial)s of plugins.
//!
//! What a classifier suggests in a conversation is remembered until people have chosen: also where it is asked in shadow,
//! and nobody has seen it.

use dialogo_domain::conversation::{Classification, Conversation};
use dialogo_domain::event::Event;
use dialogo_domain::plugin::{PluginDecision, SteppedBack};
use dialogo_domain::{ConversationId, Desk, NodeId};

use super::read::decisions_in;
use super::stage::Stage;
use super::trials::{Standing, StepBack};
use crate::fault::Fault;

impl Stage<'_> {
    /// Measures an event that is about to be applied; `desk.now` is its time already.
    pub(super) fn measure(&mut self, desk: &Desk, event: &Event) -> Result<(), Fault> {
        for decision in decisions_in(event).iter().filter(|decision| decision.revision != 0) {
            self.compared(desk.now.0, decision)?;
        }
        match event {
            Event::ClassificationSuggested { conversation, decisions, .. } => {
                self.suggests(*conversation, decisions)
            }
            Event::ConversationClassified { conversation, chosen, is_final: true, .. }
                if chosen.by.is_some() =>
            {
                self.chosen(*conversation, &chosen.node)
            }
            Event::ConversationWentCold { conversation } => {
                if desk.conversations.get(conversation).is_none_or(is_settled) {
                    self.set_standing(*conversation, Vec::new());
                }
                Ok(())
            }
            Event::PluginSteppedBack(back) => self.stepped_back(desk.now.0, back),
            _ => Ok(()),
        }
    }

    fn compared(&mut self, now: u64, decision: &PluginDecision) -> Result<(), Fault> {
        let hears = decision.hook.as_ref() == "classifier";
        if !hears && decision.agrees.is_none() {
            return Ok(());
        }
        let trial = self.trial(&decision.plugin, decision.revision)?;
        trial.heard(now);
        if let Some(agrees) = decision.agrees {
            trial.compared(agrees);
        }
        Ok(())
    }

    fn suggests(
        &mut self,
        conversation: ConversationId,
        decisions: &[PluginDecision],
    ) -> Result<(), Fault> {
        let said = decisions.iter().filter(|decision| decision.hook.as_ref() == "classifier");
        let now: Vec<Standing> = said
            .filter_map(|decision| {
                let node = decision.suggests.as_ref()?;
                Some(Standing::new(&decision.plugin, decision.revision, node))
            })
            .collect();
        if self.standing(conversation)? != now {
            self.set_standing(conversation, now);
        }
        Ok(())
    }

    fn chosen(&mut self, conversation: ConversationId, node: &NodeId) -> Result<(), Fault> {
        for standing in self.standing(conversation)? {
            let trial = self.trial(&standing.plugin(), standing.revision)?;
            trial.chose(conversation, standing.suggests(node));
        }
        Ok(())
    }

    fn stepped_back(&mut self, now: u64, back: &SteppedBack) -> Result<(), Fault> {
        let SteppedBack { plugin, revision, right, of, min_precision } = back;
        self.trial(plugin, *revision)?.stepped_back =
            Some(StepBack { at: now, right: *right, of: *of, min_precision: *min_precision });
        Ok(())
    }
}

/// Whether nobody will choose any more.
fn is_settled(conversation: &Conversation) -> bool {
    matches!(conversation.classification, Classification::Final(_) | Classification::Waived)
}
