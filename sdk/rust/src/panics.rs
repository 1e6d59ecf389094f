//! Tells the host about a panic before the sandbox traps: what was said and where.
//!
//! Without it the host would only see `unreachable` at some function number. The hook does not
//! unwind or recover anything: a trapped sandbox is never entered again.

use std::panic::PanicHookInfo;
use std::sync::Once;

/// Installs the hook; every entry from the host calls this, the first one counts.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(report)));
}

fn report(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("a panic without a text");
    let place = info.location().map_or_else(|| "unknown place".to_owned(), ToString::to_string);
    crate::bindings::imports::dialogo::plugin::log::panicked(message, &place);
}
