//! The desk's one way to change: a command comes in, events come out, or a refusal.

use std::collections::BTreeSet;

use crate::conversation::Conversation;
use crate::id::DepartmentId;
use crate::rules::Rules;
use crate::time::Millis;

/// Everything a decision depends on besides the desk and the command.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time of this commit; the writer never lets it run backwards.
    pub now: Millis,
    /// The rules in force.
    pub rules: &'a Rules,
    /// Departments that are outside their opening hours now.
    pub closed: &'a BTreeSet<DepartmentId>,
    /// A cold conversation that the command is about, read from the views.
    pub recalled: Option<&'a Conversation>,
    /// A fresh random number, for splits by percentage.
    pub dice: u64,
}
