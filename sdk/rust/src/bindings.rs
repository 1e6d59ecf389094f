//! What `wit-bindgen` makes of the contract in `sdk/wit`: one module for the imports and the shared
//! types, one small module per hook. Nothing here is written by hand; plugins use the traits in
//! [`crate::hooks`] instead.

#![expect(missing_docs, clippy::pedantic, reason = "generated code")]

/// Services of the host and the shared types.
pub mod imports {
    wit_bindgen::generate!({
        path: "../wit",
        world: "imports",
        additional_derives: [PartialEq],
        generate_all,
    });
}

/// Generates one hook's world on top of the shared types.
macro_rules! hook {
    ($feature:literal, $module:ident, $world:literal, $export:literal) => {
        #[cfg(feature = $feature)]
        pub mod $module {
            wit_bindgen::generate!({
                path: "../wit",
                world: $world,
                additional_derives: [PartialEq],
                pub_export_macro: true,
                export_macro_name: $export,
                default_bindings_module: "dialogo_plugin::bindings",
                with: {
                    "dialogo:plugin/types@0.1.0": super::imports::dialogo::plugin::types,
                    "dialogo:plugin/log@0.1.0": super::imports::dialogo::plugin::log,
                    "dialogo:plugin/settings@0.1.0": super::imports::dialogo::plugin::settings,
                    "dialogo:plugin/patterns@0.1.0": super::imports::dialogo::plugin::patterns,
                    "dialogo:plugin/catalogue@0.1.0": super::imports::dialogo::plugin::catalogue,
                    "dialogo:plugin/assets@0.1.0": super::imports::dialogo::plugin::assets,
                    "dialogo:plugin/history@0.1.0": super::imports::dialogo::plugin::history,
                    "dialogo:plugin/directory@0.1.0": super::imports::dialogo::plugin::directory,
                },
            });
        }
    };
}

hook!("classifier", classifier, "classifier-plugin", "export_classifier");
hook!("transfer-rules", transfer_rules, "transfer-plugin", "export_transfer_rules");
hook!("message-policy", message_policy, "message-policy-plugin", "export_message_policy");
hook!("emoji-policy", emoji_policy, "emoji-policy-plugin", "export_emoji_policy");
hook!(
    "attachment-policy",
    attachment_policy,
    "attachment-policy-plugin",
    "export_attachment_policy"
);
hook!("bot", bot, "bot-plugin", "export_bot");
hook!("observer", observer, "observer-plugin", "export_observer");
hook!("replies", replies, "replies-plugin", "export_replies");
hook!("setup", setup, "setup-plugin", "export_setup");
