//! The classification tree: mother, daughter, granddaughter nodes with stable ids.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::id::{DepartmentId, NodeId};
use crate::message::Channel;
use crate::rules::Text;

/// A version of the tree, named by its content, so that a classification says which tree it points into.
pub type TreeVersion = Arc<str>;

/// All nodes of one generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Digest of the tree's content.
    pub version: TreeVersion,
    /// Every node, also the deactivated ones.
    pub nodes: BTreeMap<NodeId, Node>,
}

impl Default for Tree {
    fn default() -> Self {
        Self { version: "".into(), nodes: BTreeMap::new() }
    }
}

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The node above, if any.
    pub parent: Option<NodeId>,
    /// Name in the desk's languages.
    pub name: Text,
    /// A node is deactivated, never removed.
    pub active: bool,
    /// Departments it is meant for; empty: all.
    pub departments: BTreeSet<DepartmentId>,
    /// Channels it is meant for; empty: all.
    pub channels: BTreeSet<Channel>,
    /// Words that plugins may look for.
    pub synonyms: Vec<String>,
    /// Confidences from which a suggestion is shown, preselected, applied.
    pub confidence: Confidence,
}

/// The ladder suggest, preselect, apply; each a confidence in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// Shown from here.
    pub suggest: f32,
    /// Preselected from here; `None`: never.
    pub preselect: Option<f32>,
    /// Applied as a draft from here; `None`: never.
    pub apply: Option<f32>,
}

impl Default for Confidence {
    fn default() -> Self {
        Self { suggest: 0.35, preselect: Some(0.75), apply: None }
    }
}
