//! The rule files of a desk: text in, one checked generation of rules out, or every problem with file, line and column.
//!
//! ```
//! let files = dialogo_rules::Files::from_map([
//!     ("desk.toml", &b"name = \"Atendimento\"\n"[..]),
//!     ("departments.toml", &b"[[department]]\nid = \"suporte\"\nname = \"Suporte\"\nmembers = [\"ana\"]\n"[..]),
//! ]);
//! let loaded = dialogo_rules::load(&files);
//! assert!(loaded.checked.is_some(), "{}", loaded.report().text(false, None));
//! ```
//!
//! Pure: nothing here reads a disk, asks for the time or runs a plugin. The rim hands in [`Files`], and what it knows of
//! plugin packages, through [`Source`]; whoever runs plugins hands back what they complain of, as JSON pointers
//! ([`Settings::problem_at`]) or failed tests ([`Expectation::failed`]).
//!
//! To read on: `load` puts everything together, `shapes` is the list of all keys, `spec` what can be said of a key, and
//! each file has a reader of its own (`desk_file`, `departments_file` …).

mod calendar;
mod classifications_file;
mod departments_file;
mod desk_file;
mod diagnostic;
mod diff;
mod document;
#[cfg(test)]
mod drift;
mod duration;
pub mod edit;
mod files;
mod generation;
mod keyring_file;
pub mod lines;
mod load;
mod names;
mod plugins_file;
mod reader;
mod replies_file;
mod report;
mod rule_tests;
mod schema;
mod settings;
mod shapes;
mod spec;
mod suggest;
pub mod tree_table;

pub use calendar::{Calendar, Calendars, Closure, instant, zone};
pub use departments_file::DepartmentHours;
pub use desk_file::{AttachmentBounds, DeskSettings, Retention, VisitorLimits};
pub use diagnostic::{Diagnostic, Place, Related, Severity, Span};
pub use diff::diff;
pub use files::{Files, MAX_FILE_BYTES, Package, PackageFacts, Signed, Source};
pub use generation::generation;
pub use keyring_file::{KEYRING_FILE, Keyring, read_keyring};
pub use load::{Checked, FILE_NAMES, Loaded, in_language, load};
pub use plugins_file::{
    HookPolicy, Instances, Mode, OnFailure, PluginBinding, PluginLimits, Promotion, Record,
};
pub use replies_file::{PLACEHOLDERS, Reply};
pub use report::{Located, LocatedNote, Report};
pub use rule_tests::{
    Answer, Asks, Expect, Expectation, Fact, RuleTest, Side, Situation, Subject, TestFile,
    TestState, TestTarget, TestTransfer, Turn,
};
pub use schema::{editor_hint, schemas, settings_schema};
pub use settings::Settings;
