//! Should this conversation go elsewhere?

use dialogo_plugin::transfer_rules::{Decision, Target, Trigger};
use dialogo_plugin::{
    CallContext, Conversation, Facts as _, PluginError, TransferRules, explain,
};

use crate::{Plugin, settings};

impl TransferRules for Plugin {
    fn decide(
        _: &CallContext,
        trigger: Trigger,
        _requested: Option<&Target>,
        conversation: &Conversation,
    ) -> Result<Decision, PluginError> {
        let settings = settings::get()?;
        let waited = conversation.number("waited-seconds").unwrap_or(0.0);
        let too_long =
            trigger == Trigger::WaitedTooLong && waited >= settings.patient_minutes * 60.0;
        Ok(match &settings.then_to {
            Some(department) if too_long => Decision::MoveTo((
                Target::Department(department.clone()),
                explain("waited-too-long", format!("waited {} minutes", (waited / 60.0).floor())),
            )),
            _ => Decision::Abstain,
        })
    }
}
