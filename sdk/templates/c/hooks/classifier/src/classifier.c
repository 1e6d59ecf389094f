// What is this conversation about?

#include "dialogo.h"

typedef exports_dialogo_plugin_classifier_suggestion_t suggestion_t;

static bool was_said(exports_dialogo_plugin_classifier_conversation_t *conversation, plugin_string_t word) {
    for (size_t at = 0; at < conversation->recent.len; at++) {
        dialogo_plugin_types_message_t *message = &conversation->recent.ptr[at];
        if (message->author.side == DIALOGO_PLUGIN_TYPES_SIDE_CONSUMER && dialogo_holds(message->text, word)) return true;
    }
    return false;
}

static bool is_known(exports_dialogo_plugin_classifier_list_suggestion_t *list, plugin_string_t node) {
    for (size_t at = 0; at < list->len; at++) {
        if (dialogo_same(list->ptr[at].node, node)) return true;
    }
    return false;
}

bool exports_dialogo_plugin_classifier_suggest(
    exports_dialogo_plugin_classifier_call_context_t *context,
    exports_dialogo_plugin_classifier_conversation_t *conversation,
    uint32_t limit,
    exports_dialogo_plugin_classifier_list_suggestion_t *answer,
    exports_dialogo_plugin_classifier_plugin_error_t *error) {
    (void)context;
    (void)error;
    *answer = (exports_dialogo_plugin_classifier_list_suggestion_t){NULL, 0};
    dialogo_json topics = dialogo_get(dialogo_settings(), "topics");
    for (size_t at = 0; dialogo_is(dialogo_at(topics, at)) && answer->len < limit; at++) {
        dialogo_json topic = dialogo_at(topics, at);
        plugin_string_t word = dialogo_text(dialogo_get(topic, "word"));
        plugin_string_t node = dialogo_text(dialogo_get(topic, "node"));
        if (is_known(answer, node) || !was_said(conversation, word)) continue;
        answer->ptr = realloc(answer->ptr, (answer->len + 1) * sizeof(suggestion_t));
        if (answer->ptr == NULL) abort();
        answer->ptr[answer->len++] = (suggestion_t){
            .node = node,
            .confidence = 0.75f,
            .why = {.is_some = true, .val = dialogo_explain_by("word", "a word of this topic was said", word)},
        };
    }
    return true;
}
