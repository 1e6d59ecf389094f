"""Something has happened."""

from dialogo_plugin import Hook, log


class Observer(Hook):
    def seen(self, context, event, conversation):
        log.info("seen", event=event.name, conversation=conversation.id)
