//! What is answered before a human does?

use dialogo_plugin::bot::{Action, Reply};
use dialogo_plugin::{Bot, CallContext, Conversation, Message, PluginError};

use crate::{Plugin, settings};

impl Bot for Plugin {
    fn answer(
        _: &CallContext,
        _: &Conversation,
        message: Option<&Message>,
        _state: Option<&[u8]>,
    ) -> Result<Option<Reply>, PluginError> {
        if message.is_some() {
            return Ok(None);
        }
        let greeting = settings::get()?.greeting.clone();
        Ok(Some(Reply { confidence: 1.0, actions: vec![Action::Say(greeting)], state: None }))
    }
}
