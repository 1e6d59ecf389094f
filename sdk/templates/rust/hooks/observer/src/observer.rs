//! Something has happened.

use dialogo_plugin::observer::Event;
use dialogo_plugin::{CallContext, Conversation, Observer, log};

use crate::Plugin;

impl Observer for Plugin {
    fn seen(_: &CallContext, event: Event, conversation: &Conversation) {
        let event = format!("{event:?}");
        log::info("seen", &[("event", event.as_str()), ("conversation", &conversation.id)]);
    }
}
