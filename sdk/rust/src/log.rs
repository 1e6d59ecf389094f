//! Lines for the operator's log. The host adds plugin, version and call id, and keeps at most 64 lines
//! of a call.
//!
//! ```ignore
//! log::warn("department is not in the directory", &[("department", id)]);
//! ```

pub use crate::bindings::imports::dialogo::plugin::log::Level;
use crate::host::log::write as write_to_host;

/// Writes one line with its fields.
pub fn write(level: Level, message: &str, fields: &[(&str, &str)]) {
    let fields: Vec<(String, String)> =
        fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    write_to_host(level, message, &fields);
}

/// For the plugin's author: seen only when the operator asks for it.
pub fn debug(message: &str, fields: &[(&str, &str)]) {
    write(Level::Debug, message, fields);
}

/// Something an operator may want to know.
pub fn info(message: &str, fields: &[(&str, &str)]) {
    write(Level::Info, message, fields);
}

/// Something an operator should look at.
pub fn warn(message: &str, fields: &[(&str, &str)]) {
    write(Level::Warn, message, fields);
}

/// Something is broken.
pub fn error(message: &str, fields: &[(&str, &str)]) {
    write(Level::Error, message, fields);
}
