//! Learns when to say “I do not know”: a logistic judge over the signs of a result.
//!
//! What it must doubt is shown to it twice over: texts that people labelled as about none of the nodes, where there are any,
//! and texts of nodes that were hidden from the model that read them.

use dialogo_model::model::{Doubt, SIGNS, Signs};

/// One example: signs, whether it is about none of the nodes, and how much it counts.
pub(crate) type Example = (Signs, bool, f32);

/// Texts from which on the rarest doubts are taken at their word.
const ENOUGH: f32 = 1_000.0;

/// Steps of the descent; the problem is small and convex.
const STEPS: usize = 1_500;

pub(crate) fn learn(examples: &[Example]) -> Doubt {
    let total: f64 = examples.iter().map(|e| f64::from(e.2)).sum();
    let mut weights = [0.0f64; SIGNS + 1];
    let mut speed = [0.0f64; SIGNS + 1];
    if total > 0.0 {
        let step = examples.len().div_ceil(6_000).max(1);
        let total: f64 = examples.iter().step_by(step).map(|e| f64::from(e.2)).sum();
        for _ in 0..STEPS {
            let mut gradient = [0.0f64; SIGNS + 1];
            for (signs, none, counts) in examples.iter().step_by(step) {
                let sum = weights[SIGNS]
                    + signs.iter().zip(&weights).map(|(s, w)| f64::from(*s) * w).sum::<f64>();
                let off = (1.0 / (1.0 + libm::exp(-sum)) - f64::from(u8::from(*none)))
                    * f64::from(*counts)
                    / total;
                for (g, s) in gradient.iter_mut().zip(signs) {
                    *g += off * f64::from(*s);
                }
                gradient[SIGNS] += off;
            }
            for at in 0..=SIGNS {
                let pull = if at < SIGNS { 1e-3 * weights[at] } else { 0.0 };
                speed[at] = 0.9 * speed[at] - 0.3 * (gradient[at] + pull);
                weights[at] += speed[at];
            }
        }
    }
    Doubt { weights: weights.map(|w| w as f32), threshold: 1.0 }
}

/// The lowest threshold that costs at most the share `costs` of the right answers. `right`: the doubt of each right answer
/// about a text that is about a node; `of`: how many such texts there are.
pub(crate) fn threshold(mut right: Vec<f32>, of: usize, costs: f32) -> f32 {
    right.sort_by(f32::total_cmp);
    let lost = (of as f32 * costs) as usize;
    let Some(at) = right.len().checked_sub(lost + 1) else { return 1.0 };
    // What few texts say about the rare ones among them is not to be relied upon.
    let reliable = (of as f32 / ENOUGH).min(1.0);
    1.0 - (1.0 - right[at].max(0.5)) * reliable
}
