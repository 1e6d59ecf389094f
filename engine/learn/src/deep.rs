//! A small network over the same features: an embedding of each, their sum through a bend, and a margin for each node.
//!
//! It finds what single features cannot say. Trained by AdaGrad one text at a time with features left out by chance.

use crate::matrix::{Dense, Sparse, add};
use crate::random::Random;
use dialogo_model::model::{dot, softmax};

/// Classes that are off by less than this are not touched: it saves two thirds of the time and no figure moves.
const NO_STEP: f32 = 1e-4;

/// How to train.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Numbers in a feature's vector.
    pub width: usize,
    /// Passes over the texts.
    pub passes: usize,
    /// First step's size; it falls to nothing.
    pub rate: f32,
    /// Share of features left out each time.
    pub drop_input: f32,
    /// Share of the middle left out each time.
    pub drop_middle: f32,
    /// Share of each label that is spread over all classes.
    pub smoothing: f32,
    /// What looks random follows from it.
    pub seed: u64,
}

/// The network.
#[derive(Debug, Clone, Default)]
pub(crate) struct Net {
    /// A row for each feature.
    pub embedding: Dense,
    /// Constant of each place of the middle.
    pub bend: Vec<f32>,
    /// A row for each class: the middle's weights.
    pub out: Dense,
    /// Constant of each class.
    pub bias: Vec<f32>,
}

impl Net {
    /// The margin of each class.
    pub(crate) fn scores(&self, text: &[(u32, f32)], middle: &mut [f32], out: &mut [f32]) {
        self.embedding.sum(text, middle);
        for (m, b) in middle.iter_mut().zip(&self.bend) {
            *m = (*m + b).max(0.0);
        }
        for (k, out) in out.iter_mut().enumerate() {
            *out = dot(self.out.row(k), middle) + self.bias[k];
        }
    }
}

/// Trains a network.
pub(crate) fn train(
    texts: &Sparse,
    labels: &[u32],
    classes: usize,
    features: usize,
    s: Settings,
) -> Net {
    let mut random = Random::new(s.seed);
    let mut uniform = |n: usize, reach: f32| -> Vec<f32> {
        (0..n).map(|_| (random.unit() * 2.0 - 1.0) * reach).collect()
    };
    let mut net = Net {
        embedding: Dense { width: s.width, cells: uniform(features * s.width, 0.1) },
        bend: vec![0.0; s.width],
        out: Dense {
            width: s.width,
            cells: uniform(classes * s.width, (6.0 / (s.width + classes) as f32).sqrt()),
        },
        bias: vec![0.0; classes],
    };
    let eps = 1e-6f32;
    // One AdaGrad sum for each embedding row, one for each row of the out layer.
    let mut emb_sum = vec![eps; features];
    let mut out_sum = vec![eps; classes];
    let mut bend_sum = eps;
    let mut order: Vec<usize> = (0..texts.len()).collect();
    let mut middle = vec![0.0f32; s.width];
    let mut kept = vec![0.0f32; s.width];
    let mut back = vec![0.0f32; s.width];
    let mut probs = vec![0.0f32; classes];
    let mut text = Vec::new();
    let mut random = Random::new(s.seed ^ 0x5eed);
    for pass in 0..s.passes {
        let rate = s.rate * (1.0 - pass as f32 / s.passes as f32);
        random.shuffle(&mut order);
        for &i in &order {
            text.clear();
            let keep = 1.0 - s.drop_input;
            text.extend(
                texts
                    .row(i)
                    .iter()
                    .filter_map(|&(c, v)| (random.unit() < keep).then_some((c, v / keep))),
            );
            net.embedding.sum(&text, &mut middle);
            let keep = 1.0 - s.drop_middle;
            let bent = middle.iter_mut().zip(&mut kept).zip(&net.bend);
            for ((middle, kept), bend) in bent {
                let sum = *middle + bend;
                *kept = if sum > 0.0 && random.unit() < keep { 1.0 / keep } else { 0.0 };
                *middle = sum * *kept;
            }
            for (k, p) in probs.iter_mut().enumerate() {
                *p = dot(net.out.row(k), &middle) + net.bias[k];
            }
            let probs = softmax(&probs);
            let own = labels[i] as usize;
            let target_other = s.smoothing / classes as f32;
            back.fill(0.0);
            let mid_sq: f32 = dot(&middle, &middle) / s.width as f32;
            for k in 0..classes {
                let g = probs[k] - target_other - if k == own { 1.0 - s.smoothing } else { 0.0 };
                if g.abs() < NO_STEP {
                    continue;
                }
                add(&mut back, g, net.out.row(k));
                out_sum[k] += g * g * mid_sq;
                let step = rate / out_sum[k].sqrt();
                add(net.out.row_mut(k), -step * g, &middle);
                net.bias[k] -= step * g * 0.1;
            }
            back.iter_mut().zip(&kept).for_each(|(back, kept)| *back *= kept);
            let sq = dot(&back, &back) / s.width as f32;
            bend_sum += sq;
            let step = rate / bend_sum.sqrt();
            add(&mut net.bend, -step, &back);
            for &(c, v) in &text {
                let c = c as usize;
                emb_sum[c] += v * v * sq;
                let step = rate / emb_sum[c].sqrt();
                let row = net.embedding.row_mut(c);
                add(row, -step * v, &back);
            }
        }
    }
    net
}
