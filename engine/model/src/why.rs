//! Which words led to a class: what each known feature adds to it beyond what it adds to the classes on average.

use crate::features::Family;
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

/// What is the same for every class of a reading: what each known feature adds to the classes on average.
#[derive(Debug)]
pub struct Reasons<'a> {
    model: &'a Model,
    reading: &'a Reading,
    averages: Vec<f32>,
}

impl<'a> Reasons<'a> {
    /// The reasons of a reading.
    pub fn of(model: &'a Model, reading: &'a Reading) -> Self {
        let classes = model.head().classes.len();
        let average = |row: u32| {
            let wide = &model.cells(row)[..classes];
            // A few thousand small integers cannot overflow, and a check of each would keep vectors from being used.
            let sum = wide.iter().fold(0i32, |sum, byte| sum.wrapping_add(i32::from(*byte as i8)));
            sum as f32 / classes as f32
        };
        let averages = reading.known.iter().map(|(_, row, _)| average(*row)).collect();
        Self { model, reading, averages }
    }

    /// The words that speak most for a class, at most `most`, the strongest first. A word is told once.
    pub fn why(&self, class: usize, most: usize) -> Vec<Reason> {
        strongest(self.reading, &self.weights(class), most)
    }

    /// What each token adds to a class's margin. Of pieces of words only the wide part is counted: there are many of them, and
    /// each says little.
    fn weights(&self, class: usize) -> Vec<f32> {
        let head = self.model.head();
        let (classes, width) = (head.classes.len(), head.bend.len());
        // How much each place of the middle speaks for this class, where it is not bent to nothing.
        let speaks: Vec<f32> = (0..width)
            .map(
                |at| if self.reading.middle[at] > 0.0 { head.out[class * width + at] } else { 0.0 },
            )
            .collect();
        let mut weights = vec![0.0f32; self.reading.words.tokens.len()];
        for (&(at, row, value), average) in self.reading.known.iter().zip(&self.averages) {
            let feature = &self.reading.words.features[at as usize];
            let (wide, deep) = self.model.cells(row).split_at(classes);
            let (wide_scale, deep_scale) = self.model.scales(row);
            let mut gives = wide_scale * (f32::from(wide[class] as i8) - average);
            if feature.family == Family::Word {
                let products = deep.iter().zip(&speaks).map(|(byte, s)| f32::from(*byte as i8) * s);
                gives += deep_scale * products.sum::<f32>();
            }
            let share = value * gives / (1 + feature.last - feature.first) as f32;
            for token in feature.first..=feature.last {
                weights[usize::from(token)] += share;
            }
        }
        weights
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
