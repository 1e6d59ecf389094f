// What is answered before a human does?

#include "dialogo.h"

typedef exports_dialogo_plugin_bot_action_t action_t;

bool exports_dialogo_plugin_bot_answer(
    exports_dialogo_plugin_bot_call_context_t *context,
    exports_dialogo_plugin_bot_conversation_t *conversation,
    exports_dialogo_plugin_bot_message_t *message,
    plugin_list_u8_t *state,
    exports_dialogo_plugin_bot_option_reply_t *answer,
    exports_dialogo_plugin_bot_plugin_error_t *error) {
    (void)context;
    (void)conversation;
    (void)state;
    (void)error;
    // Without a message the consumer has just arrived.
    answer->is_some = message == NULL;
    if (answer->is_some) {
        dialogo_json greeting = dialogo_get(dialogo_settings(), "greeting");
        action_t *action = malloc(sizeof *action);
        if (action == NULL) abort();
        action->tag = EXPORTS_DIALOGO_PLUGIN_BOT_ACTION_SAY;
        action->val.say = dialogo_is(greeting) ? dialogo_text(greeting) : dialogo_copy("Olá!");
        answer->val = (exports_dialogo_plugin_bot_reply_t){.confidence = 1.0f, .actions = {action, 1}};
    }
    return true;
}
