//! Which words led to a class: what each known feature adds to it beyond what it adds to the classes on average.

use crate::features::Family;
use crate::model::{Model, Reading};
use crate::whole::{Whole, sum};

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

/// What every token of a reading adds to some classes.
#[derive(Debug)]
pub struct Reasons<'a> {
    reading: &'a Reading,
    /// By class in the order they were asked for.
    weights: Vec<Vec<f32>>,
}

impl<'a> Reasons<'a> {
    /// The reasons of a reading for these classes, in one walk over its features. Of pieces of words only the wide part is
    /// counted: there are many of them, and each says little.
    pub fn of(model: &Model, reading: &'a Reading, asked: &[usize]) -> Self {
        let head = model.head();
        let (classes, width) = (head.classes.len(), head.bend.len());
        // How much each place of the middle speaks for a class, where it is not bent to nothing.
        let speaks = |class: &usize| {
            let middle = reading.middle.iter().zip(&head.out[class * width..(class + 1) * width]);
            Whole::of(middle.map(|(at, out)| if *at > 0.0 { *out } else { 0.0 }))
        };
        let speaks: Vec<Whole> = asked.iter().map(speaks).collect();
        let mut weights = vec![vec![0.0f32; reading.words.tokens.len()]; asked.len()];
        for &(at, row, value) in &reading.known {
            let feature = &reading.words.features[at as usize];
            let (wide, deep) = model.cells(row).split_at(classes);
            let (wide_scale, deep_scale) = model.scales(row);
            let share = value / (1 + feature.last - feature.first) as f32;
            let (sum, wide_share) = (sum(wide), share * wide_scale / classes as f32);
            for ((class, speaks), weights) in asked.iter().zip(&speaks).zip(&mut weights) {
                let beyond = i32::from(wide[*class] as i8).wrapping_mul(classes as i32) - sum;
                let mut gives = wide_share * beyond as f32;
                if feature.family == Family::Word {
                    gives += share * deep_scale * speaks.dot(deep);
                }
                for token in feature.first..=feature.last {
                    weights[usize::from(token)] += gives;
                }
            }
        }
        Self { reading, weights }
    }

    /// The words that speak most for the class that was asked for in this place, at most `most`, the strongest first. A word
    /// is told once.
    pub fn why(&self, place: usize, most: usize) -> Vec<Reason> {
        strongest(self.reading, &self.weights[place], most)
    }
}

fn strongest(reading: &Reading, weights: &[f32], most: usize) -> Vec<Reason> {
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
