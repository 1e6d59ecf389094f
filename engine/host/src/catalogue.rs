//! The classification tree as plugins see it. What a node means to the desk is the desk's business.

use std::collections::HashMap;
use std::sync::Arc;

use crate::input::Text;

/// A node of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// Stable id.
    pub id: Text,
    /// Id of the node above, none at the top.
    pub parent: Option<Text>,
    /// Shown title.
    pub title: String,
    /// Whether it may be chosen.
    pub active: bool,
    /// Other words for it.
    pub synonyms: Vec<String>,
}

/// One revision of the tree.
#[derive(Debug, Default)]
pub struct Catalogue {
    revision: u64,
    nodes: Vec<Node>,
    by_id: HashMap<Text, usize>,
    children: HashMap<Option<Text>, Vec<usize>>,
    open: bool,
}

impl Catalogue {
    /// A tree. `revision` must change whenever the nodes do.
    pub fn new(revision: u64, nodes: Vec<Node>) -> Self {
        let mut by_id = HashMap::with_capacity(nodes.len());
        let mut children: HashMap<Option<Text>, Vec<usize>> = HashMap::new();
        for (index, node) in nodes.iter().enumerate() {
            by_id.insert(node.id.clone(), index);
            children.entry(node.parent.clone()).or_default().push(index);
        }
        Catalogue { revision, nodes, by_id, children, open: false }
    }

    /// A tree in which every node counts as existing: for cases that give none.
    pub(crate) fn open() -> Self {
        Catalogue { open: true, ..Catalogue::default() }
    }

    /// Its revision.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// All nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A node by id.
    pub fn get(&self, id: &str) -> Option<&Node> {
        self.by_id.get(id).map(|index| &self.nodes[*index])
    }

    /// The nodes below one, or those at the top.
    pub fn children(&self, parent: Option<&str>) -> impl Iterator<Item = &Node> {
        let key: Option<Arc<str>> = parent.map(Into::into);
        self.children.get(&key).into_iter().flatten().map(|index| &self.nodes[*index])
    }

    pub(crate) fn knows(&self, id: &str) -> bool {
        self.open || self.by_id.contains_key(id)
    }

    pub(crate) fn may_choose(&self, id: &str) -> bool {
        self.open || self.get(id).is_some_and(|node| node.active)
    }
}
