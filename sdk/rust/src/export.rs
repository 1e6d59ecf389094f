//! The macro that turns a type with hook traits into the component's exports.

/// Exports a plugin: `dialogo_plugin::export!(MyPlugin: classifier, setup);`
///
/// The names are those of the hook modules (`classifier`, `transfer_rules`, `message_policy`, `emoji_policy`,
/// `attachment_policy`, `bot`, `observer`, `replies`, `setup`); each needs the Cargo feature of the same name. On other
/// targets than wasm32 it exports nothing, so that the plugin's logic can be tested natively.
#[macro_export]
macro_rules! export {
    ($plugin:ident : $($hook:ident),+ $(,)?) => {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, missing_docs, reason = "generated exports")]
        const _: () = {
            type DialogoAdapter = $crate::Adapter<$plugin>;
            $( $crate::__export_hook!(DialogoAdapter, $hook); )+
        };
        #[cfg(not(target_arch = "wasm32"))]
        const _: Option<$plugin> = None;
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __export_hook {
    ($adapter:ident, classifier) => {
        $crate::bindings::classifier::export_classifier!($adapter with_types_in $crate::bindings::classifier);
    };
    ($adapter:ident, transfer_rules) => {
        $crate::bindings::transfer_rules::export_transfer_rules!($adapter with_types_in $crate::bindings::transfer_rules);
    };
    ($adapter:ident, message_policy) => {
        $crate::bindings::message_policy::export_message_policy!($adapter with_types_in $crate::bindings::message_policy);
    };
    ($adapter:ident, emoji_policy) => {
        $crate::bindings::emoji_policy::export_emoji_policy!($adapter with_types_in $crate::bindings::emoji_policy);
    };
    ($adapter:ident, attachment_policy) => {
        $crate::bindings::attachment_policy::export_attachment_policy!($adapter with_types_in $crate::bindings::attachment_policy);
    };
    ($adapter:ident, bot) => {
        $crate::bindings::bot::export_bot!($adapter with_types_in $crate::bindings::bot);
    };
    ($adapter:ident, observer) => {
        $crate::bindings::observer::export_observer!($adapter with_types_in $crate::bindings::observer);
    };
    ($adapter:ident, replies) => {
        $crate::bindings::replies::export_replies!($adapter with_types_in $crate::bindings::replies);
    };
    ($adapter:ident, setup) => {
        $crate::bindings::setup::export_setup!($adapter with_types_in $crate::bindings::setup);
    };
}
