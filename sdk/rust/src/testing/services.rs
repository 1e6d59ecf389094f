//! The contract's imports as functions that ask the test's [`Host`](super::Host). Signatures are those of the bindings.

/// Writing to the log.
pub(crate) mod log {
    use super::super::{HOST, Line};
    use crate::log::Level;

    pub(crate) fn write(level: Level, message: &str, fields: &[(String, String)]) {
        let line = Line { level, message: message.to_owned(), fields: fields.to_vec() };
        // Whoever logs outside of a test's host is heard by nobody.
        HOST.with_borrow(|host| {
            if let Some(host) = host {
                host.log.borrow_mut().push(line);
            }
        });
    }
}

/// The plugin's settings.
pub(crate) mod settings {
    pub(crate) fn json() -> String {
        super::super::ask(|host| host.settings.clone())
    }
}

/// Pattern sets.
pub mod patterns {
    use super::super::{ask, folded};
    pub use crate::bindings::imports::dialogo::plugin::patterns::Hit;

    /// Every pattern of the set that occurs in the text, each with its first place.
    pub fn find(pattern_set: &str, text: &str, limit: u32) -> Vec<Hit> {
        ask(|host| {
            let patterns = host.patterns.get(pattern_set).map(Vec::as_slice).unwrap_or_default();
            let folded = folded::Folded::new(text);
            let hits = patterns.iter().filter_map(|(name, pattern)| {
                let (start, end) = folded.find(pattern)?;
                Some(Hit { pattern: name.clone(), start, end })
            });
            hits.take(limit as usize).collect()
        })
    }
}

/// The classification tree.
pub mod catalogue {
    use super::super::ask;
    pub use crate::bindings::imports::dialogo::plugin::catalogue::Node;

    /// A number that changes when the tree changes.
    pub fn revision() -> u64 {
        super::super::number()
    }

    /// The node with this id.
    pub fn get(id: &str) -> Option<Node> {
        ask(|host| host.catalogue.iter().find(|node| node.id == id).cloned())
    }

    /// The nodes below one, or at the top.
    pub fn children(parent: Option<&str>) -> Vec<Node> {
        let below = |node: &&Node| node.parent.as_deref() == parent;
        ask(|host| host.catalogue.iter().filter(below).cloned().collect())
    }
}

/// Files of the plugin's own package.
pub mod assets {
    /// The bytes of a file.
    pub fn read(name: &str) -> Option<Vec<u8>> {
        super::super::ask(|host| host.assets.get(name).cloned())
    }
}

/// Older messages.
pub mod history {
    use crate::Message;
    pub use crate::bindings::imports::dialogo::plugin::history::{Line, Transcript};

    /// At most `limit` messages before the one with that id, newest first.
    pub fn page(before: Option<&str>, limit: u32) -> Vec<Message> {
        super::super::ask(|host| {
            let at = before.map(|id| host.history.iter().position(|message| message.id == id));
            let first = match at {
                None => 0,
                Some(at) => at.map_or(host.history.len(), |at| at + 1),
            };
            host.history.iter().skip(first).take(limit.min(100) as usize).cloned().collect()
        })
    }

    /// The texts of the last `limit` messages, oldest first.
    pub fn said(limit: u32) -> Transcript {
        let mut text = String::new();
        let line = |message: Message| {
            text.push_str(&message.text);
            Line { by: message.author.side, end: text.len() as u32 }
        };
        let lines = page(None, limit).into_iter().rev().map(line).collect();
        Transcript { text, lines }
    }
}

/// Departments and agents.
pub mod directory {
    use super::super::ask;
    pub use crate::{Agent, Department};

    /// All departments.
    pub fn departments() -> Vec<Department> {
        ask(|host| host.departments.clone())
    }

    /// The agents of a department.
    pub fn agents(department: &str) -> Vec<Agent> {
        let belongs = |agent: &&Agent| agent.departments.iter().any(|own| own == department);
        ask(|host| host.agents.iter().filter(belongs).cloned().collect())
    }
}
