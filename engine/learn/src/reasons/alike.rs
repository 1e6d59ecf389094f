//! Nodes that are hardly told apart: what a classifier that had not seen the conversations takes for what.
//!
//! Two nodes that mean the same are confused about every second time. The deep part of a model is left out here: it takes most of
//! the time of learning and hardly moves who is confused with whom.

use std::collections::BTreeMap;

use crate::linear;
use crate::matrix::{Dense, Sparse, add};
use crate::train::folds;
use crate::vocabulary::Vocabulary;

use super::{Read, Settings};

/// Parts that the conversations are cut into; each is judged by what was learned from the others.
pub(super) const FOLDS: usize = 3;

/// Nodes with fewer conversations say nothing about how they are told apart.
const LEAST: usize = 10;

/// Sample conversations of each of the two.
const SAMPLES: usize = 3;

/// Two nodes that are hardly told apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    /// The two.
    pub nodes: [String; 2],
    /// Of how many conversations of both.
    pub of: usize,
    /// So many were taken for the other one.
    pub confused: usize,
    /// Cosine between the middles of both, as a classifier sees them: 1 is the same.
    pub similarity: f32,
    /// Conversations of each that were taken for the other, by their place among the lessons.
    pub samples: [Vec<usize>; 2],
}

impl Alike {
    /// The share that was confused; two names for the same thing come to a half.
    pub fn share(&self) -> f32 {
        self.confused as f32 / self.of as f32
    }
}

/// What classifiers that had not seen a conversation make of it.
pub(super) struct Margins {
    /// A row for each conversation, a column for each node.
    pub(super) rows: Dense,
    /// By node: the margin that its own conversations have on average.
    own: Vec<f32>,
}

impl Margins {
    /// `None`: there are fewer than two nodes to tell apart.
    pub(super) fn of(
        read: &[Read],
        nodes: usize,
        seed: u64,
        progress: &mut dyn FnMut(usize),
    ) -> Option<Self> {
        if nodes < 2 {
            return None;
        }
        // Those without a node come last, as a class of their own.
        let class_of: Vec<u32> = read.iter().map(|one| one.class.unwrap_or(nodes as u32)).collect();
        let folds = folds(&class_of, nodes + 1, FOLDS, seed);
        let mut rows = Dense::zeros(read.len(), nodes);
        for fold in 0..FOLDS {
            progress(fold);
            let learned: Vec<&Read> = (0..read.len())
                .filter(|at| read[*at].class.is_some() && folds[*at] != fold)
                .map(|at| &read[at])
                .collect();
            let wide = Wide::of(&learned, nodes, seed);
            for (at, one) in read.iter().enumerate() {
                let row = rows.row_mut(at);
                match one.class {
                    Some(_) if folds[at] == fold => wide.add(one, 1.0, row),
                    Some(_) => {}
                    // Nobody has seen one without a node: all judge it.
                    None => wide.add(one, 1.0 / FOLDS as f32, row),
                }
            }
        }
        let mut own = vec![0.0; nodes];
        let mut sizes = vec![0.0f32; nodes];
        for (at, one) in read.iter().enumerate() {
            if let Some(class) = one.class {
                own[class as usize] += rows.row(at)[class as usize];
                sizes[class as usize] += 1.0;
            }
        }
        own.iter_mut().zip(&sizes).for_each(|(own, size)| *own /= size.max(1.0));
        Some(Self { rows, own })
    }

    /// How much conversations look like a node's own, at the node that fits them best: 1 is as its own ones do on average, 0 as
    /// those that are clearly of others.
    pub(super) fn fit(&self, members: impl ExactSizeIterator<Item = usize>) -> f32 {
        let share = 1.0 / members.len() as f32;
        let mut mean = vec![0.0; self.rows.width];
        members.for_each(|at| add(&mut mean, share, self.rows.row(at)));
        let fits =
            mean.iter().zip(&self.own).map(|(mean, own)| (mean + 1.0) / (own + 1.0).max(0.2));
        fits.fold(f32::MIN, f32::max)
    }

    fn best(&self, at: usize) -> u32 {
        let row = self.rows.row(at);
        let best = (0..row.len()).max_by(|a, b| row[*a].total_cmp(&row[*b]).then(b.cmp(a)));
        best.unwrap_or(0) as u32
    }
}

/// The wide part of a model alone.
struct Wide {
    vocabulary: Vocabulary,
    weights: Dense,
}

impl Wide {
    fn of(read: &[&Read], nodes: usize, seed: u64) -> Self {
        let vocabulary = Vocabulary::of(read.iter().map(|one| &*one.words.features), 2);
        let texts: Sparse = vocabulary.vectors(read.iter().map(|one| &*one.words.features));
        let labels: Vec<u32> = read.iter().filter_map(|one| one.class).collect();
        let settings = crate::Settings::new(seed).linear;
        let weights = linear::train(&texts, &labels, nodes, vocabulary.len(), settings);
        Self { vocabulary, weights }
    }

    /// `to += factor × margins`.
    fn add(&self, one: &Read, factor: f32, to: &mut [f32]) {
        for (row, value) in self.vocabulary.vector(&one.words.features) {
            add(to, factor * value, self.weights.row(row as usize));
        }
        add(to, factor, self.weights.row(self.vocabulary.len()));
    }
}

/// The pairs that are confused too often, the worst first.
pub(super) fn find(
    read: &[Read],
    nodes: &[&str],
    margins: &Margins,
    settings: &Settings,
) -> Vec<Alike> {
    let mut support = vec![0; nodes.len()];
    let mut confused: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    let mut middles = Dense::zeros(nodes.len(), nodes.len());
    for (at, one) in read.iter().enumerate() {
        let Some(class) = one.class else { continue };
        support[class as usize] += 1;
        add(middles.row_mut(class as usize), 1.0, margins.rows.row(at));
        let best = margins.best(at);
        if best != class {
            confused.entry((class.min(best), class.max(best))).or_default().push(at);
        }
    }
    let cosine = |a: u32, b: u32| {
        let (a, b) = (middles.row(a as usize), middles.row(b as usize));
        let dot = dialogo_model::model::dot;
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(f32::MIN_POSITIVE)
    };
    let pair = |((a, b), taken): ((u32, u32), Vec<usize>)| {
        let sizes = [support[a as usize], support[b as usize]];
        let of_node = |class: u32| {
            let own = taken.iter().filter(|at| read[**at].class == Some(class));
            own.take(SAMPLES).map(|at| read[*at].lesson).collect()
        };
        let alike = Alike {
            nodes: [nodes[a as usize].to_owned(), nodes[b as usize].to_owned()],
            of: sizes[0] + sizes[1],
            confused: taken.len(),
            similarity: cosine(a, b),
            samples: [of_node(a), of_node(b)],
        };
        (sizes.iter().all(|size| *size >= LEAST) && alike.share() >= settings.confused)
            .then_some(alike)
    };
    let mut found: Vec<Alike> = confused.into_iter().filter_map(pair).collect();
    found.sort_by(|a, b| b.share().total_cmp(&a.share()).then_with(|| a.nodes.cmp(&b.nodes)));
    found
}
