// May these emojis be used?

#include "dialogo.h"

typedef exports_dialogo_plugin_emoji_policy_verdict_t verdict_t;

static verdict_t judge(plugin_string_t emoji) {
    dialogo_json denied = dialogo_get(dialogo_settings(), "denied_emojis");
    for (size_t at = 0; dialogo_is(dialogo_at(denied, at)); at++) {
        if (dialogo_same(dialogo_text(dialogo_at(denied, at)), emoji)) {
            return (verdict_t){
                .tag = EXPORTS_DIALOGO_PLUGIN_EMOJI_POLICY_VERDICT_STRIP,
                .val.strip = dialogo_explain("denied-emoji", "this emoji is not used here"),
            };
        }
    }
    return (verdict_t){.tag = EXPORTS_DIALOGO_PLUGIN_EMOJI_POLICY_VERDICT_ALLOW};
}

// One verdict for each emoji, in order.
bool exports_dialogo_plugin_emoji_policy_check(
    exports_dialogo_plugin_emoji_policy_call_context_t *context,
    exports_dialogo_plugin_emoji_policy_side_t by,
    exports_dialogo_plugin_emoji_policy_conversation_t *conversation,
    exports_dialogo_plugin_emoji_policy_list_emoji_t *emojis,
    exports_dialogo_plugin_emoji_policy_list_verdict_t *verdicts,
    exports_dialogo_plugin_emoji_policy_plugin_error_t *error) {
    (void)context;
    (void)by;
    (void)conversation;
    (void)error;
    verdicts->len = emojis->len;
    verdicts->ptr = calloc(emojis->len + 1, sizeof(verdict_t));
    if (verdicts->ptr == NULL) abort();
    for (size_t at = 0; at < emojis->len; at++) verdicts->ptr[at] = judge(emojis->ptr[at].text);
    return true;
}
