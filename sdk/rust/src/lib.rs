//! Write Dialogo plugins in Rust.
//!
//! A plugin implements one trait per hook and exports itself with one macro. The Cargo features of
//! this crate choose the hooks; the component exports exactly those and imports exactly the host
//! services that the code really uses (its permissions).
//!
//! ```ignore
//! use dialogo_plugin::{CallContext, Conversation, EmojiPolicy, PluginError, Side, emoji_policy::Verdict, explain, Emoji};
//!
//! struct NoFlags;
//!
//! impl EmojiPolicy for NoFlags {
//!     fn check(_: &CallContext, _: Side, _: &Conversation, emojis: &[Emoji]) -> Result<Vec<Verdict>, PluginError> {
//!         Ok(emojis.iter().map(|emoji| if emoji.text == "🏁" { Verdict::Strip(explain("flag", "no flags")) } else { Verdict::Allow }).collect())
//!     }
//! }
//!
//! dialogo_plugin::export!(NoFlags: emoji_policy);
//! ```
//!
//! What this crate deliberately does not do: it holds no regular expressions (the host's
//! [`patterns`] service is faster and safe), it reads no clock and no randomness (both come in
//! [`CallContext`]), and it has no WASI.
//!
//! Natively the plugin's logic is plain Rust, and `testing` stands in for the host: `cargo test` needs no desk.
//!
//! Where to look next: [`hooks`] for the traits, [`Prepared`] for settings, [`facts`] for what the
//! host tells about a conversation, and the first-party plugins in `plugins/` to copy from.

#[cfg(not(any(
    feature = "classifier",
    feature = "transfer-rules",
    feature = "message-policy",
    feature = "emoji-policy",
    feature = "attachment-policy",
    feature = "bot",
    feature = "observer",
    feature = "replies",
    feature = "setup"
)))]
compile_error!(
    "choose the hooks of the plugin: dialogo-plugin = { features = [\"classifier\", \"setup\"] }"
);

mod allocator;
pub mod bindings;
mod explain;
mod export;
pub mod facts;
pub mod hooks;
mod host;
pub mod log;
mod panics;
pub mod settings;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use bindings::imports::dialogo::plugin::types::{
    Agent, Attachment, CallContext, Channel, Conversation, Department, Emoji, Explanation, Fact,
    FactValue, Message, Participant, PluginError, Presence, Side, State,
};
pub use explain::explain;
pub use facts::Facts;
pub use hooks::*;
pub use host::{assets, catalogue, directory, history, patterns};
pub use settings::{Prepared, settings};

#[doc(hidden)]
pub use hooks::Adapter;
