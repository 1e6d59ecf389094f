//! Texts as short rows of numbers: the directions in which they differ most (latent semantic analysis), so that texts that say the
//! same in other words come near each other.
//!
//! Found by iterating a block of vectors (subspace iteration); only how rows lie to each other means anything, so nothing is
//! rotated into principal axes.

use crate::matrix::{Dense, Sparse, add};
use crate::random::Random;
use dialogo_model::model::dot;

/// Rounds of the iteration: beyond that no neighbour changes.
const ROUNDS: usize = 4;

/// The texts in `width` numbers each, of length one. `features`: columns of the texts.
pub(crate) fn space(texts: &Sparse, features: usize, width: usize, seed: u64) -> Dense {
    let mut random = Random::new(seed);
    let cells = (0..texts.len() * width).map(|_| random.unit() - 0.5).collect();
    let mut block = Dense { width, cells };
    for _ in 0..ROUNDS {
        block = turned(texts, features, &upright(&block, &gram(&block, &block)));
    }
    let block = upright(&block, &gram(&block, &block));
    let image = turned(texts, features, &block);
    let mut rows = upright(&image, &gram(&block, &image));
    for at in 0..texts.len() {
        unit(rows.row_mut(at));
    }
    rows
}

/// `texts × textsᵀ × block`.
fn turned(texts: &Sparse, features: usize, block: &Dense) -> Dense {
    let mut by_feature = Dense::zeros(features, block.width);
    for at in 0..texts.len() {
        for &(column, value) in texts.row(at) {
            add(by_feature.row_mut(column as usize), value, block.row(at));
        }
    }
    let mut out = Dense::zeros(texts.len(), block.width);
    for at in 0..texts.len() {
        by_feature.sum(texts.row(at), out.row_mut(at));
    }
    out
}

/// `aᵀ × b`.
fn gram(a: &Dense, b: &Dense) -> Vec<f64> {
    let width = a.width;
    let mut out = vec![0.0f64; width * width];
    for (a, b) in a.cells.chunks_exact(width).zip(b.cells.chunks_exact(width)) {
        for (at, x) in a.iter().enumerate() {
            for (out, y) in out[at * width..].iter_mut().zip(b) {
                *out += f64::from(*x) * f64::from(*y);
            }
        }
    }
    out
}

/// `block × r⁻¹`, where `gram = rᵀ × r`: columns that stand upright on each other, if `gram` is the block's own. Directions that
/// are not there at all become nought.
fn upright(block: &Dense, gram: &[f64]) -> Dense {
    let width = block.width;
    let mut lower = gram.to_vec();
    let most = (0..width).map(|at| gram[at * width + at]).fold(0.0, f64::max);
    for j in 0..width {
        let (before, at) = (j * width, j * width + j);
        let own = lower[at] - (0..j).map(|k| lower[before + k] * lower[before + k]).sum::<f64>();
        lower[at] = if own > most * 1e-9 { own.sqrt() } else { 0.0 };
        for i in j + 1..width {
            let sum: f64 = (0..j).map(|k| lower[i * width + k] * lower[before + k]).sum();
            let rest = lower[i * width + j] - sum;
            lower[i * width + j] = if lower[at] > 0.0 { rest / lower[at] } else { 0.0 };
        }
    }
    let mut out = Dense::zeros(block.cells.len() / width, width);
    let mut row = vec![0.0f64; width];
    for (from, to) in block.cells.chunks_exact(width).zip(out.cells.chunks_exact_mut(width)) {
        for j in 0..width {
            let sum: f64 = (0..j).map(|k| lower[j * width + k] * row[k]).sum();
            let own = lower[j * width + j];
            row[j] = if own > 0.0 { (f64::from(from[j]) - sum) / own } else { 0.0 };
            to[j] = row[j] as f32;
        }
    }
    out
}

/// Makes a row one long; nought stays nought.
pub(crate) fn unit(row: &mut [f32]) {
    let length = dot(row, row).sqrt();
    if length > 0.0 {
        row.iter_mut().for_each(|value| *value /= length);
    }
}
