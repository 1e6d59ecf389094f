//! What guests may ask the host: the contract's imports. Each is linked only where it is granted.
//!
//! Bounded apart from the guest's own time: so many calls, so many bytes searched. Answers depend only on the call and on
//! the generation of the rules, never on anything around the process.

use std::sync::Arc;

use wasmtime::Result;
use wasmtime::component::{HasSelf, Linker};

use crate::hook::{Grant, Grants};
use crate::input::{Agent, Department, Message};
use crate::sandbox::{Guest, HostBound};
use crate::view;
use crate::wire::dialogo::plugin::{
    assets, catalogue, directory, history, log, patterns, settings,
};

/// Calls to the host in one call to the guest.
const MAX_HOST_CALLS: u32 = 10_000;
/// Bytes searched for patterns in one call to the guest.
const MAX_FIND_BYTES: u64 = 4 << 20;
/// Hits that one search may give.
const MAX_HITS: u32 = 5_000;
/// Older messages in one page.
const MAX_PAGE: u32 = 100;
/// Log lines in one call to the guest.
const MAX_LOG_LINES: u32 = 64;
/// Bytes of a log line or panic message.
const MAX_LINE: usize = 2_000;

/// Links the granted interfaces and nothing else.
pub(crate) fn link(linker: &mut Linker<Guest>, grants: Grants) -> Result<()> {
    for grant in Grant::ALL.into_iter().filter(|grant| grants.has(*grant)) {
        match grant {
            Grant::Log => log::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?,
            Grant::Settings => settings::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?,
            Grant::Patterns => patterns::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?,
            Grant::Catalogue => catalogue::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?,
            Grant::Assets => assets::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?,
            Grant::History => history::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?,
            Grant::Directory => directory::add_to_linker::<_, HasSelf<_>>(linker, |guest| guest)?,
            Grant::ParticipantName | Grant::ParticipantLocale => {}
        }
    }
    Ok(())
}

impl Guest {
    /// The conversation's messages: those that a case or a recording gives, else those that came with the question.
    fn newest_first(&self) -> impl Iterator<Item = &Arc<Message>> {
        let given = self.call.history.iter();
        let whole = self.conversation.as_ref().filter(|_| self.call.history.is_empty());
        given.chain(whole.into_iter().flat_map(|whole| whole.recent.iter().rev()))
    }

    fn count(&mut self) -> Result<()> {
        self.used.host_calls += 1;
        if self.used.host_calls > MAX_HOST_CALLS {
            return Err(HostBound(format!("more than {MAX_HOST_CALLS} calls to the host")).into());
        }
        Ok(())
    }
}

impl log::Host for Guest {
    fn write(
        &mut self,
        level: log::Level,
        message: String,
        fields: Vec<(String, String)>,
    ) -> Result<()> {
        self.count()?;
        self.used.log_lines += 1;
        if self.used.log_lines > MAX_LOG_LINES {
            return Ok(());
        }
        let plugin = &*self.environment.plugin;
        let version = &*self.environment.version;
        let call = &*self.call.call_id;
        let message = cut(message);
        let fields = cut(format!("{fields:?}"));
        match level {
            log::Level::Trace => {
                tracing::trace!(target: "plugin", plugin, version, call, fields, "{message}")
            }
            log::Level::Debug => {
                tracing::debug!(target: "plugin", plugin, version, call, fields, "{message}")
            }
            log::Level::Info => {
                tracing::info!(target: "plugin", plugin, version, call, fields, "{message}")
            }
            log::Level::Warn => {
                tracing::warn!(target: "plugin", plugin, version, call, fields, "{message}")
            }
            log::Level::Error => {
                tracing::error!(target: "plugin", plugin, version, call, fields, "{message}")
            }
        }
        if self.used.log_lines == MAX_LOG_LINES {
            tracing::warn!(target: "plugin", plugin, version, call, "further lines of this call are left out");
        }
        Ok(())
    }

    fn panicked(&mut self, message: String, location: String) -> Result<()> {
        self.count()?;
        self.used.panic = Some(cut(format!("{message}, at {location}")));
        Ok(())
    }
}

impl settings::Host for Guest {
    fn json(&mut self) -> Result<String> {
        self.count()?;
        Ok(self.environment.settings.to_string())
    }

    fn revision(&mut self) -> Result<u64> {
        self.count()?;
        Ok(self.environment.settings_revision)
    }
}

impl patterns::Host for Guest {
    fn find(
        &mut self,
        pattern_set: String,
        text: String,
        limit: u32,
    ) -> Result<Vec<patterns::Hit>> {
        self.count()?;
        self.used.find_bytes += text.len() as u64;
        if self.used.find_bytes > MAX_FIND_BYTES {
            return Err(HostBound(format!("more than {MAX_FIND_BYTES} bytes searched")).into());
        }
        let Some(set) = self.environment.patterns.get(&pattern_set) else { return Ok(Vec::new()) };
        let hits = self.environment.found.find(set, &text, limit.min(MAX_HITS));
        let hit = |hit: &crate::patterns::Hit| patterns::Hit {
            pattern: hit.pattern.to_string(),
            start: hit.start,
            end: hit.end,
        };
        Ok(hits.iter().map(hit).collect())
    }
}

impl catalogue::Host for Guest {
    fn revision(&mut self) -> Result<u64> {
        self.count()?;
        Ok(self.environment.catalogue.revision())
    }

    fn get(&mut self, id: String) -> Result<Option<catalogue::Node>> {
        self.count()?;
        Ok(self.environment.catalogue.get(&id).map(node))
    }

    fn children(&mut self, parent: Option<String>) -> Result<Vec<catalogue::Node>> {
        self.count()?;
        Ok(self.environment.catalogue.children(parent.as_deref()).map(node).collect())
    }
}

fn node(node: &crate::catalogue::Node) -> catalogue::Node {
    catalogue::Node {
        id: node.id.to_string(),
        parent: node.parent.as_deref().map(str::to_owned),
        title: node.title.clone(),
        active: node.active,
        synonyms: node.synonyms.clone(),
    }
}

impl assets::Host for Guest {
    fn read(&mut self, name: String) -> Result<Option<Vec<u8>>> {
        self.count()?;
        Ok(self.environment.assets.get(&name).map(|bytes| bytes.to_vec()))
    }
}

impl history::Host for Guest {
    fn page(&mut self, before: Option<String>, limit: u32) -> Result<Vec<Message>> {
        self.count()?;
        let mut messages = self.newest_first();
        if let Some(id) = before {
            messages.find(|message| *message.id == *id);
        }
        let grants = self.environment.grants;
        let page = messages.take(limit.min(MAX_PAGE) as usize);
        Ok(page.map(|message| Message::clone(&view::message(message, grants))).collect())
    }

    fn said(&mut self, limit: u32) -> Result<history::Transcript> {
        self.count()?;
        let last: Vec<_> = self.newest_first().take(limit.min(MAX_PAGE) as usize).collect();
        let mut text = String::with_capacity(last.iter().map(|message| message.text.len()).sum());
        let line = |message: &&Arc<Message>| {
            text.push_str(&message.text);
            history::Line { by: message.author.side, end: text.len() as u32 }
        };
        let lines = last.iter().rev().map(line).collect();
        Ok(history::Transcript { text, lines })
    }
}

impl directory::Host for Guest {
    fn departments(&mut self) -> Result<Vec<Department>> {
        self.count()?;
        Ok(self.call.directory.departments.clone())
    }

    fn agents(&mut self, department: String) -> Result<Vec<Agent>> {
        self.count()?;
        let belongs = |agent: &&Agent| agent.departments.iter().any(|own| **own == *department);
        Ok(self.call.directory.agents.iter().filter(belongs).cloned().collect())
    }
}

/// Shortens a text to what a log may hold.
fn cut(mut text: String) -> String {
    if text.len() > MAX_LINE {
        text.truncate(text.floor_char_boundary(MAX_LINE));
        text.push('…');
    }
    text
}
