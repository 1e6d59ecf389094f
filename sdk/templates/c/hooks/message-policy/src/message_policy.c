// May this be said?

#include "dialogo.h"

bool exports_dialogo_plugin_message_policy_check(
    exports_dialogo_plugin_message_policy_call_context_t *context,
    exports_dialogo_plugin_message_policy_conversation_t *conversation,
    exports_dialogo_plugin_message_policy_message_t *message,
    exports_dialogo_plugin_message_policy_verdict_t *verdict,
    exports_dialogo_plugin_message_policy_plugin_error_t *error) {
    (void)context;
    (void)conversation;
    (void)error;
    dialogo_json denied = dialogo_get(dialogo_settings(), "denied_words");
    verdict->tag = EXPORTS_DIALOGO_PLUGIN_MESSAGE_POLICY_VERDICT_ALLOW;
    for (size_t at = 0; dialogo_is(dialogo_at(denied, at)); at++) {
        plugin_string_t word = dialogo_text(dialogo_at(denied, at));
        if (dialogo_holds(message->text, word)) {
            verdict->tag = EXPORTS_DIALOGO_PLUGIN_MESSAGE_POLICY_VERDICT_DENY;
            verdict->val.deny = dialogo_explain_by("denied-word", "a word that may not be said here", word);
            break;
        }
    }
    return true;
}
