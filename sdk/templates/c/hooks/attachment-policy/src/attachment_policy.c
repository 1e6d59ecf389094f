// May this file be sent?

#include "dialogo.h"

bool exports_dialogo_plugin_attachment_policy_check(
    exports_dialogo_plugin_attachment_policy_call_context_t *context,
    exports_dialogo_plugin_attachment_policy_side_t by,
    exports_dialogo_plugin_attachment_policy_conversation_t *conversation,
    exports_dialogo_plugin_attachment_policy_attachment_t *attachment,
    plugin_list_u8_t *head,
    exports_dialogo_plugin_attachment_policy_verdict_t *verdict,
    exports_dialogo_plugin_attachment_policy_plugin_error_t *error) {
    (void)context;
    (void)by;
    (void)conversation;
    (void)head;
    (void)error;
    double largest_mb = dialogo_number(dialogo_get(dialogo_settings(), "largest_mb"), 10.0);
    if ((double)attachment->bytes > largest_mb * 1e6) {
        verdict->tag = EXPORTS_DIALOGO_PLUGIN_ATTACHMENT_POLICY_VERDICT_DENY;
        verdict->val.deny = dialogo_explain("too-large", "this file is larger than files may be here");
    } else {
        verdict->tag = EXPORTS_DIALOGO_PLUGIN_ATTACHMENT_POLICY_VERDICT_ALLOW;
    }
    return true;
}
