//! Patterns as a service of the host: compiled once per generation of the rules, matched once per text.
//!
//! `fold` says what counts as the same text, `syntax` folds patterns, `set` finds, `cache` remembers, `source` finds the
//! patterns in a plugin's settings. No guest needs a regex engine for rules.

mod cache;
mod fold;
mod set;
mod source;
mod syntax;

pub(crate) use cache::FindCache;
pub use set::{Hit, MAX_PATTERNS, MAX_SOURCE, Pattern, PatternSet};
pub use source::{PatternSource, SourceProblem, patterns_in};
pub use syntax::PatternError;
