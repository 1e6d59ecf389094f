//! One linear margin for each node against all others: squared hinge loss, solved in its dual one text at a time.
//!
//! The classes do not depend on each other, so they are updated side by side (a text's features are fetched once for all of
//! them) and split over two threads without changing a bit of the result.

use crate::matrix::{Dense, Sparse, add};
use crate::random::Random;

/// How to train.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// What a text on the wrong side costs against large weights.
    pub cost: f32,
    /// Passes over the texts at most.
    pub passes: usize,
    /// The constant feature's value.
    pub bias: f32,
    /// How much more a rare class's texts cost: the power of (mean size / its size).
    pub balance: f32,
    /// The order of the texts follows from it.
    pub seed: u64,
}

/// The weights of each feature for each class; the last row is the bias.
pub(crate) fn train(
    texts: &Sparse,
    labels: &[u32],
    classes: usize,
    features: usize,
    settings: Settings,
) -> Dense {
    let half = classes.div_ceil(2);
    let parts: Vec<Dense> = std::thread::scope(|scope| {
        let threads: Vec<_> = [(0, half), (half, classes)]
            .into_iter()
            .filter(|(from, to)| from < to)
            .map(|(from, to)| {
                scope.spawn(move || part(texts, labels, classes, from, to, features, settings))
            })
            .collect();
        threads.into_iter().map(|t| t.join().expect("training does not panic")).collect()
    });
    let mut all = Dense::zeros(features + 1, classes);
    for row in 0..=features {
        let mut at = 0;
        for part in &parts {
            all.row_mut(row)[at..at + part.width].copy_from_slice(part.row(row));
            at += part.width;
        }
    }
    all
}

fn part(
    texts: &Sparse,
    labels: &[u32],
    classes: usize,
    from: usize,
    to: usize,
    features: usize,
    settings: Settings,
) -> Dense {
    let width = to - from;
    let mut weights = Dense::zeros(features + 1, width);
    let mut alpha = Dense::zeros(texts.len(), width);
    let mut sizes = vec![0u32; classes];
    labels.iter().for_each(|l| sizes[*l as usize] += 1);
    let mean = texts.len() as f32 / classes as f32;
    let slack: Vec<f32> = sizes
        .iter()
        .map(|s| 0.5 / (settings.cost * libm::powf(mean / (*s).max(1) as f32, settings.balance)))
        .collect();
    let others = 0.5 / settings.cost;
    let squares: Vec<f32> = (0..texts.len())
        .map(|i| {
            texts.row(i).iter().map(|(_, v)| v * v).sum::<f32>() + settings.bias * settings.bias
        })
        .collect();
    let mut order: Vec<usize> = (0..texts.len()).collect();
    let mut random = Random::new(settings.seed);
    let mut scores = vec![0.0f32; width];
    let mut first_worst = 0.0f32;
    for pass in 0..settings.passes {
        random.shuffle(&mut order);
        let mut worst = 0.0f32;
        for &i in &order {
            let text = texts.row(i);
            weights.sum(text, &mut scores);
            add(&mut scores, settings.bias, weights.row(features));
            let own = labels[i] as usize;
            let alphas = alpha.row_mut(i);
            for k in 0..width {
                let is_own = k + from == own;
                let sign = if is_own { 1.0 } else { -1.0 };
                let slack = if is_own { slack[own] } else { others };
                let gradient = sign * scores[k] - 1.0 + slack * alphas[k];
                let new = (alphas[k] - gradient / (squares[i] + slack)).max(0.0);
                let step = new - alphas[k];
                worst = worst.max((step * (squares[i] + slack)).abs());
                alphas[k] = new;
                scores[k] = step * sign;
            }
            for &(column, value) in text {
                add(weights.row_mut(column as usize), value, &scores);
            }
            add(weights.row_mut(features), settings.bias, &scores);
        }
        if pass == 0 {
            first_worst = worst;
        } else if worst < 0.01 * first_worst {
            break;
        }
    }
    weights
}
