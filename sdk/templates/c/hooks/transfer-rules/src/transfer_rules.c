// Should this conversation go elsewhere?

#include "dialogo.h"

bool exports_dialogo_plugin_transfer_rules_decide(
    exports_dialogo_plugin_transfer_rules_call_context_t *context,
    exports_dialogo_plugin_transfer_rules_trigger_t trigger,
    exports_dialogo_plugin_transfer_rules_target_t *requested,
    exports_dialogo_plugin_transfer_rules_conversation_t *conversation,
    exports_dialogo_plugin_transfer_rules_decision_t *decision,
    exports_dialogo_plugin_transfer_rules_plugin_error_t *error) {
    (void)context;
    (void)requested;
    (void)error;
    double patient_minutes = dialogo_number(dialogo_get(dialogo_settings(), "patient_minutes"), 10.0);
    dialogo_json then_to = dialogo_get(dialogo_settings(), "then_to");
    double waited = dialogo_number_fact(conversation->facts, "waited-seconds", 0.0);
    bool too_long = trigger == EXPORTS_DIALOGO_PLUGIN_TRANSFER_RULES_TRIGGER_WAITED_TOO_LONG && waited >= patient_minutes * 60.0;
    if (too_long && dialogo_is(then_to)) {
        decision->tag = EXPORTS_DIALOGO_PLUGIN_TRANSFER_RULES_DECISION_MOVE_TO;
        decision->val.move_to.f0.tag = EXPORTS_DIALOGO_PLUGIN_TRANSFER_RULES_TARGET_DEPARTMENT;
        decision->val.move_to.f0.val.department = dialogo_text(then_to);
        decision->val.move_to.f1 = dialogo_explain("waited-too-long", "has waited longer than people should");
    } else {
        decision->tag = EXPORTS_DIALOGO_PLUGIN_TRANSFER_RULES_DECISION_ABSTAIN;
    }
    return true;
}
