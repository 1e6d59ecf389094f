//! How long work tells how far it is. The command line makes a bar of it; nothing here prints.

/// How far some long work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, in a word or two.
    pub doing: &'static str,
    /// Done so far, in units of `total`.
    pub done: u64,
    /// All there is to do; 0 when unknown.
    pub total: u64,
}

/// Takes reports of progress.
pub type Reporter<'a> = &'a mut dyn FnMut(Progress);
