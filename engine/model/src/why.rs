//! Which words led to a class: what each known feature adds to it beyond what it adds to the classes on average.

use crate::model::{Model, Reading};

/// A word that led to a class.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The place of its turn among the turns that were read.
    pub turn: usize,
    /// Byte range in that turn's text.
    pub start: usize,
    /// End of that range, exclusive.
    pub end: usize,
    /// What it adds to the margin.
    pub weight: f32,
}

/// The words that speak most for a class, at most `most`, the strongest first. A word is told once.
pub fn why(model: &Model, reading: &Reading, class: usize, most: usize) -> Vec<Reason> {
    let head = model.head();
    let classes = head.classes.len();
    let width = head.bend.len();
    let out = &head.out[class * width..(class + 1) * width];
    let mean: Vec<f32> = (0..width)
        .map(|at| (0..classes).map(|k| head.out[k * width + at]).sum::<f32>() / classes as f32)
        .collect();
    let mut weights = vec![0.0f32; reading.words.tokens.len()];
    for &(at, row, value) in &reading.known {
        let (wide, deep) = model.cells(row).split_at(classes);
        let (wide_scale, deep_scale) = model.scales(row);
        let small = |byte: u8| f32::from(byte as i8);
        let average = wide.iter().map(|byte| small(*byte)).sum::<f32>() / classes as f32;
        let mut gives = value * wide_scale * (small(wide[class]) - average);
        for (at, byte) in deep.iter().enumerate() {
            if reading.middle[at] > 0.0 {
                gives += value * deep_scale * small(*byte) * (out[at] - mean[at]);
            }
        }
        let feature = &reading.words.features[at as usize];
        let share = gives / (1 + feature.last - feature.first) as f32;
        for token in feature.first..=feature.last {
            weights[usize::from(token)] += share;
        }
    }
    let mut reasons: Vec<Reason> = Vec::new();
    let mut order: Vec<usize> = (0..weights.len()).filter(|at| weights[*at] > 0.0).collect();
    order.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]).then(a.cmp(b)));
    let mut told: Vec<&str> = Vec::new();
    for at in order {
        let (turn, token) = &reading.words.tokens[at];
        let is_word = token.text.chars().any(|c| c.is_alphanumeric() || !c.is_ascii());
        if reasons.len() < most && is_word && !told.contains(&token.text.as_str()) {
            told.push(&token.text);
            reasons.push(Reason {
                turn: usize::from(*turn),
                start: token.start,
                end: token.end,
                weight: weights[at],
            });
        }
    }
    reasons
}
