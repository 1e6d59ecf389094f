//! Reasons that the tree does not have yet: groups of conversations that fit no node, and nodes that are hardly told apart.
//!
//! All conversations stand in one space ([`space`]): what their words say, and what a classifier that has not seen them makes of
//! them. There they form crowds ([`crowds`]). A crowd in which most have a node is explained by the tree; one in which most have
//! none is a group that somebody should look at, with a name made of its own words ([`phrases`]). Which nodes are confused by a
//! classifier that had not seen the conversations is told by [`alike`]. Nothing here decides: an admin does.

pub mod alike;
mod crowds;
mod phrases;
pub mod redact;
mod space;

use std::collections::BTreeMap;

use dialogo_model::model::dot;
use dialogo_model::{Weighing, Words, words};

use crate::matrix::{Dense, add};
use crate::vocabulary::Vocabulary;
use crate::{Lesson, Step};
pub use alike::Alike;
use alike::Margins;
use space::unit;

/// How to look.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// A group has at least so many conversations.
    pub least: usize,
    /// Conversations without a node that are looked at, the last ones.
    pub most: usize,
    /// Conversations of each node that stand beside them, the last ones. Where these are few beside many that nobody
    /// classified, what has a node looks new.
    pub of_node: usize,
    /// Conversations with a node in all: where nodes are many, fewer of each stand there, though never fewer than 40.
    pub with_node: usize,
    /// Numbers that a text becomes.
    pub width: usize,
    /// What a classifier makes of a text, beside its words.
    pub margins: f32,
    /// Nearest ones that say where a conversation belongs.
    pub neighbours: usize,
    /// How fine the crowds are: the higher, the smaller. For each crowd that is expected, see [`grain`].
    pub grain: f32,
    /// Share of a crowd that has no node, from which on it is a group.
    pub new: f32,
    /// Members whose cosine to the middle of the group is smaller are left out.
    pub close: f32,
    /// A group that looks as much like a node's own conversations (1: just as they do) is explained by that node.
    pub fit: f32,
    /// Share of the conversations of two nodes that are taken for each other, from which on the nodes are told.
    pub confused: f32,
    /// What looks random follows from it.
    pub seed: u64,
}

impl Settings {
    /// The settings for a seed; chosen on training rows of banking77 with intents hidden by other seeds than the figures in the
    /// tests are of.
    pub fn new(seed: u64) -> Self {
        Self {
            least: 8,
            most: 6_000,
            of_node: 400,
            with_node: 10_000,
            width: 100,
            margins: 1.0,
            neighbours: 10,
            grain: 0.1,
            new: 0.5,
            close: 0.3,
            fit: 9.0,
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

/// Conversations of each node that stand beside the others, however many nodes there are.
const LEAST_OF_NODE: usize = 40;

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
        let rows = rows(&read, margins.as_ref(), settings);
        found.groups = groups(lessons, &read, &nodes, &rows, margins.as_ref(), settings);
    }
    step(STEPS, "done");
    found
}

/// The names of the nodes, and the last conversations of each and without one, in their order.
fn read<'l>(lessons: &'l [Lesson], settings: &Settings) -> (Vec<&'l str>, Vec<Read>) {
    let mut names: Vec<&str> = lessons.iter().filter_map(|lesson| lesson.node.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let of_node = settings.of_node.min(settings.with_node / names.len().max(1)).max(LEAST_OF_NODE);
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

/// Where the conversations stand.
fn rows(read: &[Read], margins: Option<&Margins>, settings: &Settings) -> Dense {
    let vocabulary = Vocabulary::of(read.iter().map(|one| &*one.words.features), 2);
    let texts = vocabulary.vectors(read.iter().map(|one| &*one.words.features));
    let width = settings.width.min(read.len());
    let said = space::space(&texts, vocabulary.len(), width, settings.seed);
    let Some(margins) = margins.filter(|_| settings.margins > 0.0) else { return said };
    let classes = margins.rows.width;
    let mut rows = Dense::zeros(read.len(), width + classes);
    for at in 0..read.len() {
        let row = rows.row_mut(at);
        row[..width].copy_from_slice(said.row(at));
        let of = margins.rows.row(at);
        let mean = of.iter().sum::<f32>() / classes as f32;
        row[width..].iter_mut().zip(of).for_each(|(to, from)| *to = from - mean);
        unit(&mut row[width..]);
        row[width..].iter_mut().for_each(|value| *value *= settings.margins);
        unit(row);
    }
    rows
}

fn groups(
    lessons: &[Lesson],
    read: &[Read],
    nodes: &[&str],
    rows: &Dense,
    margins: Option<&Margins>,
    settings: &Settings,
) -> Vec<Group> {
    let near = crowds::neighbours(rows, settings.neighbours);
    let crowd_of = crowds::crowds(&crowds::ties(&near), grain(read.len(), nodes.len(), settings));
    let mut crowds: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    crowd_of.iter().enumerate().for_each(|(at, crowd)| crowds.entry(*crowd).or_default().push(at));
    let middles = middles(read, nodes.len(), rows);
    let mut groups = Vec::new();
    for crowd in crowds.values() {
        let new: Vec<usize> =
            crowd.iter().copied().filter(|at| read[*at].class.is_none()).collect();
        if new.len() < settings.least || (new.len() as f32) < settings.new * crowd.len() as f32 {
            continue;
        }
        let (members, middle) = core(&new, rows, settings.close);
        if members.len() < settings.least {
            continue;
        }
        let cohesion = members.iter().map(|member| member.1).sum::<f32>() / members.len() as f32;
        let fit = margins.map_or(0.0, |margins| margins.fit(members.iter().map(|member| member.0)));
        if fit >= settings.fit {
            continue;
        }
        let nearest = (0..nodes.len())
            .max_by(|a, b| dot(middles.row(*a), &middle).total_cmp(&dot(middles.row(*b), &middle)));
        groups.push(Group {
            members: members.into_iter().map(|(at, _)| at).collect(),
            cohesion,
            fit,
            phrases: Vec::new(),
            nearest: nearest.map(|at| nodes[at].to_owned()),
        });
    }
    groups.sort_by(|a, b| b.members.len().cmp(&a.members.len()).then(a.members.cmp(&b.members)));
    let members: Vec<&[usize]> = groups.iter().map(|group| &*group.members).collect();
    let phrases = phrases::of_groups(lessons, read, &members);
    for (group, phrases) in groups.iter_mut().zip(phrases) {
        group.phrases = phrases;
        group.members.iter_mut().for_each(|at| *at = read[*at].lesson);
    }
    groups
}

/// How fine the crowds shall be, by how many there may be: as many as there are nodes, and where few are used, as many as so many
/// conversations usually have.
fn grain(conversations: usize, nodes: usize, settings: &Settings) -> f32 {
    let usual = (conversations as f32 / 2.0).sqrt();
    (settings.grain * usual.max(nodes as f32)).max(1.0)
}

/// Those that stand close to their middle with how close, the closest first; and the middle.
fn core(all: &[usize], rows: &Dense, close: f32) -> (Vec<(usize, f32)>, Vec<f32>) {
    let mut kept: Vec<(usize, f32)> = all.iter().map(|at| (*at, 1.0)).collect();
    let mut middle = vec![0.0; rows.width];
    // Those who are far away move the middle: once without them, and it stays.
    for _ in 0..2 {
        middle.fill(0.0);
        kept.iter().for_each(|(at, _)| add(&mut middle, 1.0, rows.row(*at)));
        unit(&mut middle);
        kept = all
            .iter()
            .map(|at| (*at, dot(rows.row(*at), &middle)))
            .filter(|(_, cosine)| *cosine >= close)
            .collect();
    }
    kept.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    (kept, middle)
}

/// The middle of each node's conversations.
fn middles(read: &[Read], nodes: usize, rows: &Dense) -> Dense {
    let mut middles = Dense::zeros(nodes, rows.width);
    for (at, one) in read.iter().enumerate() {
        if let Some(class) = one.class {
            add(middles.row_mut(class as usize), 1.0, rows.row(at));
        }
    }
    (0..nodes).for_each(|node| unit(middles.row_mut(node)));
    middles
}
