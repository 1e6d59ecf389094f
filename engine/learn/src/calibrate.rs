//! From margins to probabilities that mean what they say: how much each part counts and how flat the result is, chosen by the
//! likelihood of what was held out.

use crate::fit::Margins;
use crate::jobs::{Job, side_by_side};
use dialogo_model::model::softmax;

/// What the margins of the parts are multiplied by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mix {
    pub(crate) wide: f32,
    pub(crate) deep: f32,
}

/// Shares of the deep part that are tried, beside a wide part of one.
const SHARES: [f32; 7] = [0.0, 0.03, 0.06, 0.09, 0.125, 0.18, 0.25];

/// The mix under which the held-out labels are most likely.
pub(crate) fn mix(held_out: &[(Margins, u32)]) -> Mix {
    let mut found = SHARES.map(|share| (share, f64::MAX, Mix { wide: 1.0, deep: share }));
    let jobs = found.iter_mut().map(|(share, loss, mix)| {
        Box::new(move || (*loss, *mix) = with_share(held_out, *share)) as Job<'_>
    });
    side_by_side(jobs.collect());
    let best = found.into_iter().min_by(|a, b| a.1.total_cmp(&b.1));
    best.expect("there are shares").2
}

/// The best heat for a share of the deep part, and its loss.
fn with_share(held_out: &[(Margins, u32)], share: f32) -> (f64, Mix) {
    let of = |heat: f32| Mix { wide: heat, deep: heat * share };
    // The loss has one valley in the heat: golden section in its logarithm.
    let (mut low, mut high) = (-1.0f32, 4.0f32);
    let loss_at = |x: f32| loss(held_out, of(libm::expf(x)));
    for _ in 0..14 {
        let (a, b) = (high - 0.618 * (high - low), low + 0.618 * (high - low));
        if loss_at(a) < loss_at(b) {
            high = b;
        } else {
            low = a;
        }
    }
    let found = of(libm::expf(f32::midpoint(low, high)));
    (loss(held_out, found), found)
}

fn loss(held_out: &[(Margins, u32)], mix: Mix) -> f64 {
    // A few thousand rows are plenty for two numbers.
    let step = held_out.len().div_ceil(4_000).max(1);
    held_out
        .iter()
        .step_by(step)
        .map(|(margins, own)| {
            let p = softmax(&margins.scores(mix.wide, mix.deep))[*own as usize];
            -f64::from(libm::logf(p.max(1e-9)))
        })
        .sum()
}

/// By class, the confidence above which its suggestions were right often enough among what was held out; 0 where they always
/// were, above 1 where they never were. `answers`: suggested class, confidence, whether it was right.
pub(crate) fn thresholds(answers: &[(u32, f32, bool)], classes: usize, precision: f32) -> Vec<f32> {
    (0..classes)
        .map(|class| {
            let mut of: Vec<(f32, bool)> =
                answers.iter().filter(|a| a.0 as usize == class).map(|a| (a.1, a.2)).collect();
            of.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut right = 0u32;
            let mut threshold = 1.01;
            for (at, (confidence, good)) in of.iter().enumerate() {
                right += u32::from(*good);
                if right as f32 >= precision * (at + 1) as f32 {
                    threshold = *confidence;
                }
            }
            let all_good = of.iter().all(|(confidence, _)| *confidence >= threshold);
            if all_good { 0.0 } else { threshold }
        })
        .collect()
}
