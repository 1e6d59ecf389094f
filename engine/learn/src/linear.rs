//! One linear margin for each node against all others: squared hinge loss, solved in its dual one text at a time.
//!
//! The classes do not depend on each other, so [`LANES`] of them are updated side by side (a text's features are fetched once
//! for all of them), and each such part is a job of its own: whichever thread does it, the result is the same to the bit.

use crate::jobs::{Job, side_by_side};
use crate::matrix::{Dense, Sparse};
use crate::random::Random;

/// Classes that are learned side by side: their sums stay in registers, and their rows near the processor.
const LANES: usize = 32;

/// A number for each class of a part.
type Lanes = [f32; LANES];

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

/// The weights of some neighbouring classes: a row for each feature, the last one is the bias.
type Part = Vec<Lanes>;

/// The weights of each feature for each class; the last row is the bias.
pub(crate) fn train(
    texts: &Sparse,
    labels: &[u32],
    classes: usize,
    features: usize,
    settings: Settings,
) -> Dense {
    let mut parts = parts(classes);
    side_by_side(jobs(texts, labels, features, settings, &mut parts).collect());
    join(&parts, classes)
}

/// Room for what the jobs will find.
pub(crate) fn parts(classes: usize) -> Vec<Part> {
    vec![Part::new(); classes.div_ceil(LANES)]
}

/// A job for each part.
pub(crate) fn jobs<'a>(
    texts: &'a Sparse,
    labels: &'a [u32],
    features: usize,
    settings: Settings,
    parts: &'a mut [Part],
) -> impl Iterator<Item = Job<'a>> {
    let parts = parts.iter_mut().enumerate();
    parts.map(move |(at, found)| {
        let job = move || *found = part(texts, labels, at * LANES, features, settings);
        Box::new(job) as Job<'a>
    })
}

/// All parts beside each other.
pub(crate) fn join(parts: &[Part], classes: usize) -> Dense {
    let mut all = Dense::zeros(parts.first().map_or(0, Vec::len), classes);
    for row in 0..parts.first().map_or(0, Vec::len) {
        let cells = all.row_mut(row).chunks_mut(LANES);
        cells.zip(parts).for_each(|(cells, part)| cells.copy_from_slice(&part[row][..cells.len()]));
    }
    all
}

/// The part whose first class is `from`. There may be fewer classes left than lanes: those beyond learn to be nobody's.
fn part(texts: &Sparse, labels: &[u32], from: usize, features: usize, settings: Settings) -> Part {
    let mut weights = vec![[0.0; LANES]; features + 1];
    let mut alphas = vec![[0.0; LANES]; texts.len()];
    let (own_slack, slack) = (own_slack(labels, settings), 0.5 / settings.cost);
    let square = |text: &[(u32, f32)]| text.iter().map(|(_, value)| value * value).sum::<f32>();
    let bias = settings.bias * settings.bias;
    let squares: Vec<f32> = (0..texts.len()).map(|at| square(texts.row(at)) + bias).collect();
    let mut order: Vec<usize> = (0..texts.len()).collect();
    let mut random = Random::new(settings.seed);
    let mut first_worst = 0.0f32;
    for pass in 0..settings.passes {
        random.shuffle(&mut order);
        let mut worst = 0.0f32;
        for &at in &order {
            let (text, alphas) = (texts.row(at), &mut alphas[at]);
            let mut scores = weights[features].map(|weight| settings.bias * weight);
            for &(column, value) in text {
                add(&mut scores, value, &weights[column as usize]);
            }
            let own = labels[at] as usize;
            let own = (from..from + LANES).contains(&own).then(|| {
                let (lane, slack) = (own - from, own_slack[own]);
                let gradient = scores[lane] - 1.0 + slack * alphas[lane];
                let curve = squares[at] + slack;
                let new = (alphas[lane] - gradient / curve).max(0.0);
                (lane, new, new - alphas[lane])
            });
            let curve = squares[at] + slack;
            let mut steps = [0.0; LANES];
            for lane in 0..LANES {
                let gradient = slack * alphas[lane] - scores[lane] - 1.0;
                let new = (alphas[lane] - gradient / curve).max(0.0);
                steps[lane] = alphas[lane] - new;
                alphas[lane] = new;
            }
            if let Some((lane, new, step)) = own {
                (alphas[lane], steps[lane]) = (new, step);
            }
            let far = steps.iter().fold(0.0f32, |far, step| far.max(step.abs()));
            if far == 0.0 {
                continue;
            }
            worst = worst.max(far * curve);
            for &(column, value) in text {
                add(&mut weights[column as usize], value, &steps);
            }
            add(&mut weights[features], settings.bias, &steps);
        }
        if pass == 0 {
            first_worst = worst;
        } else if worst < 0.01 * first_worst {
            break;
        }
    }
    weights
}

/// For each class, what its own texts' slack is worth.
fn own_slack(labels: &[u32], settings: Settings) -> Vec<f32> {
    let classes = labels.iter().max().map_or(0, |most| *most as usize + 1);
    let mut sizes = vec![0u32; classes];
    labels.iter().for_each(|label| sizes[*label as usize] += 1);
    let mean = labels.len() as f32 / classes as f32;
    let scarce = |size: u32| libm::powf(mean / size.max(1) as f32, settings.balance);
    sizes.into_iter().map(|size| 0.5 / (settings.cost * scarce(size))).collect()
}

/// `to += factor × from`.
fn add(to: &mut Lanes, factor: f32, from: &Lanes) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += factor * from;
    }
}
