//! A host for native tests: hooks are called as plain functions, and ask this instead of a desk.
//!
//! ```ignore
//! use dialogo_plugin::testing::{Host, context, conversation, message};
//!
//! let host = Host::new().settings(json!({ "denied_words": ["spam"] }));
//! let verdict = host.run(|| Plugin::check(&context(), &conversation(), &message("Spam!")));
//! ```
//!
//! It answers what the test gave it and nothing else; what was not given is empty. Not for what only the real host does
//! (limits, grants, the exact folding of patterns): the cases in `cases/` are asked there. [`build`](conversation) has the
//! questions, `services` the contract's functions, `folded` the patterns.

mod build;
mod folded;
mod schema;
pub(crate) mod services;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use regex::Regex;

pub use build::{attachment, context, conversation, emoji, message, node};
pub use schema::keep_schema;

use crate::host::catalogue::Node;
use crate::log::Level;
use crate::{Agent, Department, Message};

/// What a plugin can ask. Made by a test, and there while [`Host::run`] runs.
#[derive(Clone, Debug)]
pub struct Host {
    number: u64,
    settings: String,
    catalogue: Vec<Node>,
    patterns: BTreeMap<String, Vec<(String, Regex)>>,
    assets: BTreeMap<String, Vec<u8>>,
    history: Vec<Message>,
    departments: Vec<Department>,
    agents: Vec<Agent>,
    log: Rc<RefCell<Vec<Line>>>,
}

/// A line that the plugin wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// Keys and values.
    pub fields: Vec<(String, String)>,
}

thread_local! {
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Host {
    /// One that has nothing to tell: no settings (`{}`), no tree, no patterns.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            settings: "{}".to_owned(),
            catalogue: Vec::new(),
            patterns: BTreeMap::new(),
            assets: BTreeMap::new(),
            history: Vec::new(),
            departments: Vec::new(),
            agents: Vec::new(),
            log: Rc::default(),
        }
    }

    /// The settings as JSON: `serde_json::json!` or a text.
    #[must_use]
    pub fn settings(mut self, json: impl Display) -> Self {
        self.settings = json.to_string();
        self
    }

    /// The classification tree, mothers before their children: see [`node`].
    #[must_use]
    pub fn catalogue(mut self, nodes: impl IntoIterator<Item = Node>) -> Self {
        self.catalogue = nodes.into_iter().collect();
        self
    }

    /// A set of regular expressions, each with the name that hits carry (in a desk: its JSON pointer in the settings). They
    /// are searched without regard to case and accents.
    ///
    /// # Panics
    /// Where one does not compile.
    #[must_use]
    pub fn patterns<N: Into<String>>(
        mut self,
        set: &str,
        patterns: impl IntoIterator<Item = (N, &'static str)>,
    ) -> Self {
        let compiled =
            patterns.into_iter().map(|(name, text)| (name.into(), folded::pattern(text)));
        self.patterns.insert(set.to_owned(), compiled.collect());
        self
    }

    /// A file of the package's `assets/`.
    #[must_use]
    pub fn asset(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.assets.insert(name.to_owned(), bytes.into());
        self
    }

    /// Older messages, newest first.
    #[must_use]
    pub fn history(mut self, messages: impl IntoIterator<Item = Message>) -> Self {
        self.history = messages.into_iter().collect();
        self
    }

    /// A department.
    #[must_use]
    pub fn department(mut self, id: &str, open_now: bool) -> Self {
        self.departments.push(Department {
            id: id.to_owned(),
            name: id.to_owned(),
            open_now,
            waiting: 0,
            online_agents: 1,
        });
        self
    }

    /// An agent.
    #[must_use]
    pub fn agent(mut self, agent: Agent) -> Self {
        self.agents.push(agent);
        self
    }

    /// Calls the plugin with this host around it.
    pub fn run<T>(&self, call: impl FnOnce() -> T) -> T {
        let _back = Back(HOST.replace(Some(self.clone())));
        call()
    }

    /// What the plugin has written to the log.
    pub fn log(&self) -> Vec<Line> {
        self.log.borrow().clone()
    }
}

/// Puts the host before back, also after a panic.
struct Back(Option<Host>);

impl Drop for Back {
    fn drop(&mut self) {
        HOST.set(self.0.take());
    }
}

/// The number of the host that is there.
pub(crate) fn number() -> u64 {
    HOST.with_borrow(|host| host.as_ref().map_or(0, |host| host.number))
}

/// Asks the host that is there.
fn ask<T>(what: impl FnOnce(&Host) -> T) -> T {
    HOST.with_borrow(|host| {
        what(host.as_ref().expect(
            "the plugin asked its host outside of a test's `Host::run`: testing::Host::new().run(|| …)",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{assets, catalogue, directory, history, patterns};
    use crate::settings::{Prepared, parse};
    use crate::{PluginError, log};

    #[test]
    fn a_plugin_is_told_what_the_test_gave() {
        let host = Host::new()
            .catalogue([node("a"), node("a.b")])
            .patterns("words", [("/0", r"\bcartao\b"), ("/1", "xyz"), ("/2", "acao")])
            .asset("words.txt", *b"um")
            .history([message("nova").by(crate::Side::Agent), message("velha")])
            .department("vendas", false);
        host.run(|| {
            assert_eq!(catalogue::children(Some("a"))[0].id, "a.b");
            assert!(catalogue::get("c").is_none());
            let found = patterns::find("words", "Ação! O CARTÃO, cartao", 5);
            let found: Vec<_> =
                found.iter().map(|hit| (&*hit.pattern, hit.start, hit.end)).collect();
            assert_eq!(found, [("/0", 10, 17), ("/2", 0, 6)]);
            assert!(patterns::find("others", "cartao", 5).is_empty());
            assert_eq!(assets::read("words.txt").as_deref(), Some(&b"um"[..]));
            assert_eq!(history::page(None, 1)[0].text, "nova");
            assert!(!directory::departments()[0].open_now);
            log::info("seen", &[("what", "all")]);
        });
        assert_eq!(host.log()[0].message, "seen");
    }

    /// A static outlives the host of one test, and must not serve the next one with what it made of other settings.
    #[test]
    fn what_is_prepared_belongs_to_one_host() {
        static WORDS: Prepared<Vec<String>> = Prepared::new();
        let words = || WORDS.get(parse).map(Vec::len);
        let (one, two) = (Host::new().settings(r#"["a"]"#), Host::new().settings(r#"["a", "b"]"#));
        assert_eq!(one.run(words), Ok(1));
        assert_eq!(two.run(words), Ok(2));
        assert_eq!(one.run(words), Ok(1));
        two.run(|| WORDS.keep(Vec::new()));
        assert_eq!(two.run(words), Ok(2), "a second one is dropped");
        assert!(matches!(Host::new().run(words), Err(PluginError::Misconfigured(_))));
    }
}
