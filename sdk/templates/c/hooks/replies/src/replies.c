// What could the agent answer?

#include "dialogo.h"

typedef exports_dialogo_plugin_replies_suggested_reply_t suggested_t;

bool exports_dialogo_plugin_replies_suggest(
    exports_dialogo_plugin_replies_call_context_t *context,
    exports_dialogo_plugin_replies_conversation_t *conversation,
    exports_dialogo_plugin_replies_list_canned_reply_t *canned,
    uint32_t limit,
    exports_dialogo_plugin_replies_list_suggested_reply_t *answer,
    exports_dialogo_plugin_replies_plugin_error_t *error) {
    (void)context;
    (void)error;
    *answer = (exports_dialogo_plugin_replies_list_suggested_reply_t){NULL, 0};
    if (conversation->recent.len == 0) return true;
    plugin_string_t said = conversation->recent.ptr[conversation->recent.len - 1].text;
    for (size_t at = 0; at < canned->len && answer->len < limit; at++) {
        exports_dialogo_plugin_replies_canned_reply_t *reply = &canned->ptr[at];
        if (!dialogo_holds(said, reply->title)) continue;
        answer->ptr = realloc(answer->ptr, (answer->len + 1) * sizeof(suggested_t));
        if (answer->ptr == NULL) abort();
        answer->ptr[answer->len++] = (suggested_t){
            .text = reply->text,
            .canned = {.is_some = true, .val = reply->id},
            .confidence = 0.75f,
            .why = {.is_some = true, .val = dialogo_explain_by("title", "its title was said", reply->title)},
        };
    }
    return true;
}
