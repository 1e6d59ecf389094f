//! How to train. The defaults were chosen on folds of training data (see docs/decisions/0009), never on a test set.

use crate::{deep, linear};
use dialogo_model::Weighing;

/// Everything that decides what comes out, besides the lessons.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// What looks random follows from it.
    pub seed: u64,
    /// What turns count for.
    pub weighing: Weighing,
    /// The wide part.
    pub linear: linear::Settings,
    /// The deep part.
    pub deep: deep::Settings,
    /// Below so many views every feature is kept, however rare.
    pub small: usize,
    /// Parts the lessons are cut into for measuring what is not learned by heart.
    pub folds: usize,
    /// Bytes that the model may have.
    pub most_bytes: usize,
    /// Share of right answers that “I do not know” may cost.
    pub doubt_costs: f32,
    /// How often a suggestion of a node must have been right, for the node's own threshold.
    pub precision: f32,
}

impl Settings {
    /// The settings for a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            weighing: Weighing { fading: 0.8, agent: 0.3 },
            linear: linear::Settings { cost: 1.0, passes: 20, bias: 1.0, balance: 0.0, seed },
            deep: deep::Settings {
                width: 128,
                passes: 15,
                rate: 0.1,
                drop_input: 0.3,
                drop_middle: 0.3,
                smoothing: 0.0,
                seed,
            },
            small: 2_000,
            folds: 3,
            most_bytes: 7_600_000,
            doubt_costs: 0.006,
            precision: 0.35,
        }
    }
}
