//! Reasons that the tree does not have yet: groups of conversations that fit no node, and nodes that are hardly told apart.
//!
//! All conversations stand in one space ([`space`]): what their words say, and what a classifier that has not seen them makes of
//! them. There they form crowds ([`crowds`]). A crowd in which most have a node is explained by the tree; one in which most have
//! none is a group that somebody should look at ([`groups`]), with a name made of its own words ([`phrases`]). Which nodes are
//! confused by a classifier that had not seen the conversations is told by [`alike`]. Nothing here decides: an admin does.

pub mod alike;
mod crowds;
mod groups;
mod phrases;
pub mod redact;
mod space;

use std::collections::BTreeMap;

use dialogo_model::{Weighing, Words, words};

use crate::{Lesson, Step};
pub use alike::Alike;
use alike::Margins;

/// How to look.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// A group has at least so many conversations.
    pub least: usize,
    /// Conversations without a node that are looked at, the last ones.
    pub most: usize,
    /// Conversations of each node that a classifier learns from, the last ones.
    pub of_node: usize,
    /// The same of all nodes: where nodes are many, fewer of each.
    pub with_node: usize,
    /// Conversations of each node that stand beside those without one. Too few, and what has a node looks new; too many, and a new
    /// reason drowns among its sisters.
    pub beside: usize,
    /// Numbers that a text becomes.
    pub width: usize,
    /// What a classifier makes of a text, beside its words.
    pub margins: f32,
    /// Nearest ones that say where a conversation belongs.
    pub neighbours: usize,
    /// How fine the crowds are: the higher, the smaller. For each crowd that is expected, see [`grain`].
    pub grain: f32,
    /// Share of a crowd that has no node and looks like no node's own, from which on it is a group.
    pub new: f32,
    /// Members whose cosine to the middle of the group is smaller are left out.
    pub close: f32,
    /// What looks as much like a node's own conversations (1: as they do on average) is explained by that node.
    pub fit: f32,
    /// Share of the conversations of two nodes that are taken for each other, from which on the nodes are told.
    pub confused: f32,
    /// What looks random follows from it.
    pub seed: u64,
}

impl Settings {
    /// The settings for a seed. Chosen on train rows of banking77, some of whose hidden nodes are also among those that figures are
    /// quoted of (`docs/decisions/0011-new-reasons-are-crowds.md`).
    pub fn new(seed: u64) -> Self {
        Self {
            least: 8,
            most: 6_000,
            of_node: 400,
            with_node: 10_000,
            beside: 80,
            width: 100,
            margins: 1.0,
            neighbours: 10,
            grain: 0.1,
            new: 0.5,
            close: 0.3,
            fit: 0.8,
            confused: 0.25,
            seed,
        }
    }
}

/// What was found. Conversations are named by their place among the lessons.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Conversations without a node that were looked at.
    pub looked_at: usize,
    /// Groups that fit no node, the largest first.
    pub groups: Vec<Group>,
    /// Nodes that are hardly told apart, the worst first.
    pub alike: Vec<Alike>,
}

/// Conversations that are about the same, and about none of the nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its conversations, the most typical first.
    pub members: Vec<usize>,
    /// How near they stand: mean cosine to their middle, 1 being all the same.
    pub cohesion: f32,
    /// How much it looks like conversations of the node that fits it best: 1 is as its own ones do.
    pub fit: f32,
    /// What tells them from all others, in their own spelling, the best first.
    pub phrases: Vec<String>,
    /// The node whose conversations stand nearest.
    pub nearest: Option<String>,
}

/// The consumer's words alone, each turn like the others: agents say to everybody what they always say.
const WEIGHING: Weighing = Weighing { fading: 1.0, agent: 0.0 };

/// A conversation without a node says at least so many different words: a greeting alone is no reason.
const LEAST_WORDS: usize = 3;

/// Steps of the way, for those who watch.
const STEPS: usize = alike::FOLDS + 3;

/// One conversation as it is looked at.
struct Read {
    lesson: usize,
    words: Words,
    /// Its node, by its place among the nodes.
    class: Option<u32>,
}

/// Looks for groups among lessons without a node, and for nodes that are alike among those with one. Lessons in their order in
/// time; the same lessons and settings give the same answer.
pub fn find(lessons: &[Lesson], settings: &Settings, progress: &mut dyn FnMut(Step)) -> Found {
    let mut step = |done, what| progress(Step { done, of: STEPS, what });
    step(0, "reading");
    let (nodes, read) = read(lessons, settings);
    let margins =
        Margins::of(&read, nodes.len(), settings.seed, &mut |fold| step(1 + fold, "comparing"));
    let alike = margins.as_ref().map(|margins| alike::find(&read, &nodes, margins, settings));
    step(1 + alike::FOLDS, "grouping");
    let looked_at = read.iter().filter(|one| one.class.is_none()).count();
    let mut found = Found { looked_at, groups: Vec::new(), alike: alike.unwrap_or_default() };
    if looked_at >= settings.least {
        found.groups = groups::find(lessons, &read, &nodes, margins.as_ref(), settings);
    }
    step(STEPS, "done");
    found
}

/// The names of the nodes, and the last conversations of each and without one, in their order.
fn read<'l>(lessons: &'l [Lesson], settings: &Settings) -> (Vec<&'l str>, Vec<Read>) {
    let mut names: Vec<&str> = lessons.iter().filter_map(|lesson| lesson.node.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let share = settings.with_node / names.len().max(1);
    let of_node = settings.of_node.min(share).max(settings.beside);
    let mut taken: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    let mut read = Vec::new();
    for (at, lesson) in lessons.iter().enumerate().rev() {
        let node = lesson.node.as_deref().and_then(|node| names.binary_search(&node).ok());
        let class = node.map(|node| node as u32);
        let count = taken.entry(class).or_default();
        let most = if class.is_some() { of_node } else { settings.most };
        let words = words(&lesson.turns(), WEIGHING);
        let least = if class.is_some() { 1 } else { LEAST_WORDS };
        if *count < most && words.features.iter().filter(|it| it.is_word()).count() >= least {
            *count += 1;
            read.push(Read { lesson: at, words, class });
        }
    }
    read.reverse();
    (names, read)
}
