//! New reasons beside the log: what was found last, and what people decided about it.
//!
//! What was found (`data/reasons/found.json`) can be found again. What was decided (`data/reasons/decided.jsonl`) cannot, is part
//! of every backup, and only ever grows by a synced line. Who looks for groups, and how, is not known here: [`Search`].

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use dialogo_desk::rules::Edit;
use dialogo_domain::Actor;
use dialogo_rules::tree_table::{self, Row};
use serde::{Deserialize, Serialize};

use crate::api::{FoundReasons, NewReasons, ProposedNode, ReasonGroup, SearchStep};

/// A group that was decided comes back when it has grown by this factor.
pub const GROWN: f64 = 1.5;

/// Of a decided group's conversations so many of 100 are in another one, if that is the same group.
const SAME_PERCENT: usize = 50;

/// Looks for new reasons in the background.
pub trait Search: std::fmt::Debug + Send + Sync {
    /// Begins, unless it is under way.
    fn begin(&self);
    /// How far it is, if it is under way.
    fn step(&self) -> Option<SearchStep>;
    /// Why the last one failed, if it did.
    fn failed(&self) -> Option<String>;
}

/// What somebody decided about a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When, in milliseconds UTC.
    pub at: u64,
    /// Who: a login, or `operator`.
    pub by: String,
    /// The group's name then.
    pub group: String,
    /// The node that it became; absent: declined.
    pub node: Option<String>,
    /// How many conversations it had.
    pub size: u64,
    /// The most typical ones, by which it is known again.
    pub conversations: Vec<String>,
}

impl Decision {
    /// About a group as it was found.
    pub fn about(group: &ReasonGroup, node: Option<&str>, by: &Actor, at: u64) -> Self {
        let by = match by {
            Actor::Agent(agent) => agent.to_string(),
            _ => "operator".to_owned(),
        };
        Self {
            at,
            by,
            group: group.id.clone(),
            node: node.map(str::to_owned),
            size: group.size,
            conversations: group.conversations.clone(),
        }
    }

    /// Whether a group with these conversations is the one that was decided.
    pub fn is_about(&self, has: impl Fn(&str) -> bool) -> bool {
        let common = self.conversations.iter().filter(|id| has(id)).count();
        !self.conversations.is_empty() && common * 100 >= self.conversations.len() * SAME_PERCENT
    }

    /// Whether a group of that size has outgrown the decision.
    pub fn is_outgrown_by(&self, size: u64) -> bool {
        size as f64 >= self.size as f64 * GROWN
    }
}

/// The folder in which both are kept.
#[derive(Clone, Debug)]
pub struct Book(PathBuf);

impl Book {
    /// Below a desk's data.
    pub fn below(data: &Path) -> Self {
        Self(data.join("reasons"))
    }

    /// What was found last, as it was found.
    pub fn found(&self) -> io::Result<Option<FoundReasons>> {
        match fs::read(self.0.join("found.json")) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Keeps what was found; a reader sees the old or the new, also after a power cut.
    pub fn keep(&self, found: &FoundReasons) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        let aside = self.0.join(".found.json");
        let mut file = fs::File::create(&aside)?;
        file.write_all(&serde_json::to_vec(found)?)?;
        file.sync_all()?;
        fs::rename(aside, self.0.join("found.json"))
    }

    /// Everything that was decided, in order. A last line that a power cut left unfinished was acknowledged to nobody.
    pub fn decisions(&self) -> io::Result<Vec<Decision>> {
        let bytes = match fs::read(self.0.join("decided.jsonl")) {
            Ok(bytes) => bytes,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(fault) => return Err(fault),
        };
        let lines = bytes[..whole(&bytes)].split_inclusive(|byte| *byte == b'\n');
        lines.map(|line| Ok(serde_json::from_slice(line)?)).collect()
    }

    /// Remembers a decision: it is on the disk when this returns.
    pub fn remember(&self, decision: &Decision) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        let path = self.0.join("decided.jsonl");
        let mut file = fs::File::options().create(true).append(true).open(&path)?;
        let bytes = fs::read(&path)?;
        if whole(&bytes) < bytes.len() {
            file.set_len(whole(&bytes) as u64)?;
        }
        file.write_all(format!("{}\n", serde_json::to_string(decision)?).as_bytes())?;
        file.sync_all()?;
        fs::File::open(&self.0)?.sync_all()
    }

    /// What was found last, less what was decided since.
    pub fn open(&self) -> io::Result<Option<FoundReasons>> {
        let Some(mut found) = self.found()? else { return Ok(None) };
        let decisions = self.decisions()?;
        found.groups.retain(|group| {
            !decisions.iter().any(|one| one.at >= found.at && one.group == group.id)
        });
        Ok(Some(found))
    }

    /// A group that was found and is not decided.
    pub fn group(&self, id: &str) -> io::Result<Option<ReasonGroup>> {
        let groups = self.open()?.map(|found| found.groups).unwrap_or_default();
        Ok(groups.into_iter().find(|group| group.id == id))
    }
}

/// Bytes up to the end of the last whole line. What follows may end anywhere, in the middle of a character too.
fn whole(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// What was found last and how the search stands.
pub(crate) fn view(book: &Book, search: Option<&dyn Search>) -> io::Result<NewReasons> {
    Ok(NewReasons {
        found: book.open()?,
        searching: search.and_then(Search::step),
        failed: search.and_then(Search::failed),
    })
}

/// `classifications.toml` with a node for a group. `language`: the one that its title is in.
pub fn with_node(text: &str, node: &ProposedNode, language: &str) -> Result<String, String> {
    let row = Row {
        id: node.id.clone(),
        parent: node.parent.clone().unwrap_or_default(),
        name: BTreeMap::from([(language.to_owned(), node.title.clone())]),
        ..Row::default()
    };
    tree_table::added(text, &row)
}

/// The same as a change of the rules.
pub(crate) fn edit(node: ProposedNode, language: String) -> Edit {
    Edit {
        file: "classifications.toml",
        summary: format!("new classification {}: {}", node.id, node.title),
        change: Box::new(move |text| with_node(text, &node, &language)),
        stepped_back: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: &str, size: u64, conversations: &[&str]) -> ReasonGroup {
        let conversations = conversations.iter().map(|id| (*id).to_owned()).collect();
        ReasonGroup { id: id.to_owned(), size, conversations, ..ReasonGroup::default() }
    }

    #[test]
    fn a_group_is_known_again_until_it_has_grown_by_half() {
        let decided =
            Decision::about(&group("pix", 10, &["a", "b", "c", "d"]), None, &Actor::Operator, 5);
        assert!(decided.is_about(|id| ["c", "d", "e"].contains(&id)));
        assert!(!decided.is_about(|id| ["d", "e"].contains(&id)));
        assert!(!decided.is_outgrown_by(14) && decided.is_outgrown_by(15));
        let nothing = Decision { conversations: Vec::new(), ..decided };
        assert!(!nothing.is_about(|_| true), "what has no conversation is about nothing");
    }

    #[test]
    fn what_was_decided_is_kept_and_no_longer_shown() {
        let place = tempfile::tempdir().unwrap();
        let book = Book::below(place.path());
        assert_eq!(book.open().unwrap(), None);
        let groups = vec![group("pix", 9, &["a"]), group("swift", 8, &["b"])];
        book.keep(&FoundReasons { at: 7, groups, ..FoundReasons::default() }).unwrap();
        let pix = book.group("pix").unwrap().unwrap();
        let early = Decision::about(&pix, None, &Actor::Operator, 6);
        book.remember(&early).unwrap();
        assert_eq!(
            book.open().unwrap().unwrap().groups.len(),
            2,
            "it was decided before this search"
        );
        let late = Decision::about(&pix, Some("pay.pix"), &Actor::Agent("ana".into()), 8);
        book.remember(&late).unwrap();
        assert_eq!(book.group("pix").unwrap(), None);
        assert_eq!(book.decisions().unwrap(), [early, late]);
    }

    #[test]
    fn a_line_that_a_power_cut_left_unfinished_is_written_over() {
        let place = tempfile::tempdir().unwrap();
        let book = Book::below(place.path());
        let one = Decision::about(&group("pix", 9, &["a"]), None, &Actor::Operator, 1);
        book.remember(&one).unwrap();
        let path = place.path().join("reasons/decided.jsonl");
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, [whole.as_bytes(), &b"{\"at\":2,\"by\":\"jo\xc3"[..]].concat()).unwrap();
        assert_eq!(book.decisions().unwrap(), std::slice::from_ref(&one));
        book.remember(&one).unwrap();
        assert_eq!(book.decisions().unwrap(), [one.clone(), one]);
    }
}
