// Something has happened.

#include "dialogo.h"

void exports_dialogo_plugin_observer_seen(
    exports_dialogo_plugin_observer_call_context_t *context,
    exports_dialogo_plugin_observer_event_t event,
    exports_dialogo_plugin_observer_conversation_t *conversation) {
    (void)context;
    plugin_tuple2_string_string_t field = {dialogo_copy("conversation"), conversation->id};
    plugin_list_tuple2_string_string_t fields = {&field, 1};
    bool closed = event == EXPORTS_DIALOGO_PLUGIN_OBSERVER_EVENT_CLOSED;
    plugin_string_t what = dialogo_copy(closed ? "seen the end" : "seen");
    dialogo_plugin_log_write(DIALOGO_PLUGIN_LOG_LEVEL_INFO, &what, &fields);
}
