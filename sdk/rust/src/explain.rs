//! Short ways to build explanations and verdicts. Every verdict that changes something carries one:
//! the console shows it to the agent.

use crate::Explanation;

/// An explanation without evidence.
///
/// `code` is for machines and stays the same for ever (`"too-large"`); `detail` is for people.
pub fn explain(code: impl Into<String>, detail: impl Into<String>) -> Explanation {
    Explanation { code: code.into(), detail: detail.into(), evidence: Vec::new() }
}

impl Explanation {
    /// The same explanation with the words, emojis or values that led to it.
    #[must_use]
    pub fn with_evidence<E: Into<String>>(mut self, evidence: impl IntoIterator<Item = E>) -> Self {
        self.evidence = evidence.into_iter().map(Into::into).collect();
        self
    }

    /// The same explanation, naming what of the settings spoke: a JSON pointer such as `/rule/3`. The desk tells people its
    /// file and line; it is not shown among the evidence.
    #[must_use]
    pub fn by_setting(mut self, pointer: impl std::fmt::Display) -> Self {
        self.evidence.push(format!("settings:{pointer}"));
        self
    }
}
