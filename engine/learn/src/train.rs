//! From lessons to a model: measure what is held out, calibrate by it, fit everything, make it small, write it.

use crate::calibrate::{Mix, mix, thresholds};
use crate::doubt;
use crate::fit::{Fit, Margins};
use crate::lesson::{Lesson, View, Views, views};
use crate::random::Random;
use crate::settings::Settings;
use dialogo_model::Family;
use dialogo_model::model::{self, Class, Doubt, Head, Row, Signs, signs, softmax};

/// Why nothing can be learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TooLittle {
    /// Fewer than two nodes.
    Nodes(usize),
    /// Fewer lessons than it needs.
    Lessons(usize),
}

impl std::fmt::Display for TooLittle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nodes(found) => write!(
                f,
                "there is nothing to tell apart: {found} node with classified conversations, and at least 2 are needed"
            ),
            Self::Lessons(found) => write!(
                f,
                "{found} classified conversations are too few: at least {LEAST_LESSONS} are needed"
            ),
        }
    }
}

impl std::error::Error for TooLittle {}

/// Lessons without which no figure means anything.
pub const LEAST_LESSONS: usize = 20;

/// One class in so many is hidden in each fold, to learn what not knowing looks like.
const HIDDEN: usize = 10;

/// What is done, of how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub of: usize,
    /// What is being done now.
    pub what: &'static str,
}

/// Learns; gives the bytes of the model. The same lessons in the same order with the same settings give the same bytes.
pub fn train(
    lessons: &[Lesson],
    settings: &Settings,
    progress: &mut dyn FnMut(Step),
) -> Result<Vec<u8>, TooLittle> {
    if lessons.len() < LEAST_LESSONS {
        return Err(TooLittle::Lessons(lessons.len()));
    }
    let Views { names, none, views } = views(lessons, settings.weighing);
    let nodes = names.len() - usize::from(none.is_some());
    if nodes < 2 {
        return Err(TooLittle::Nodes(nodes));
    }
    let of = settings.folds + 3;
    let mut step = |done, what| progress(Step { done, of, what });
    let mut class_of = vec![0; lessons.len()];
    views.iter().for_each(|view| class_of[view.lesson] = view.class);
    let folds = folds(&class_of, names.len(), settings.folds, settings.seed);
    let mut held_out = Vec::new();
    for fold in 0..settings.folds {
        step(fold, "measuring");
        held_out.extend(measure(&views, &folds, fold, names.len(), none, settings));
    }
    step(settings.folds, "calibrating");
    let certain = Certainty::from(&views, &held_out, &names, none, settings);
    step(settings.folds + 1, "fitting");
    let all: Vec<&View> = views.iter().collect();
    let fit = Fit::of(&all, names.len(), settings);
    step(settings.folds + 2, "writing");
    let mut support = vec![0u32; names.len()];
    let mut last = usize::MAX;
    for view in &views {
        support[view.class as usize] += u32::from(view.lesson != last);
        last = view.lesson;
    }
    let classes = names.into_iter().zip(certain.thresholds).zip(support);
    let classes = classes.map(|((name, threshold), support)| Class { name, threshold, support });
    let bytes = write(&fit, certain.mix, certain.doubt, classes.collect(), none, settings);
    step(of, "done");
    Ok(bytes)
}

/// The fold of each, of so many: every class spread evenly.
pub(crate) fn folds(class_of: &[u32], classes: usize, of: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..class_of.len()).collect();
    Random::new(seed ^ 0xf01d).shuffle(&mut order);
    let mut counts = vec![0usize; classes];
    let mut folds = vec![0; class_of.len()];
    for at in order {
        let class = class_of[at] as usize;
        folds[at] = (counts[class] + class) % of;
        counts[class] += 1;
    }
    folds
}

/// A view that the fold's model had not seen.
struct HeldOut {
    view: usize,
    margins: Margins,
    coverage: f32,
    /// Its class was hidden from the model.
    hidden: bool,
}

fn measure(
    views: &[View],
    folds: &[usize],
    fold: usize,
    classes: usize,
    none: Option<u32>,
    settings: &Settings,
) -> Vec<HeldOut> {
    let hides = classes >= HIDDEN;
    let hidden =
        |class: u32| hides && none != Some(class) && class as usize % HIDDEN == fold % HIDDEN;
    let seen: Vec<&View> =
        views.iter().filter(|view| folds[view.lesson] != fold && !hidden(view.class)).collect();
    let fit = Fit::of(&seen, classes, settings);
    let held_out = views.iter().enumerate().filter(|(_, view)| folds[view.lesson] == fold);
    held_out
        .map(|(at, view)| HeldOut {
            view: at,
            margins: fit.margins(view),
            coverage: fit.vocabulary.coverage(&view.words.features),
            hidden: hidden(view.class),
        })
        .collect()
}

/// Everything that is learned from what was held out.
struct Certainty {
    mix: Mix,
    doubt: Doubt,
    thresholds: Vec<f32>,
}

impl Certainty {
    fn from(
        views: &[View],
        held_out: &[HeldOut],
        names: &[String],
        none: Option<u32>,
        settings: &Settings,
    ) -> Self {
        let known: Vec<(Margins, u32)> = held_out
            .iter()
            .filter(|held| !held.hidden)
            .map(|held| (held.margins.clone(), views[held.view].class))
            .collect();
        let mix = mix(&known);
        let judged: Vec<Judged> =
            held_out.iter().map(|held| Judged::of(held, &views[held.view], mix, none)).collect();
        let mut doubt = doubt::learn(&examples(&judged));
        let inside: Vec<&Judged> = judged.iter().filter(|j| j.kind == Kind::Inside).collect();
        let right = inside.iter().filter(|j| j.right).map(|j| doubt.judge(&j.signs)).collect();
        doubt.threshold = doubt::threshold(right, inside.len(), settings.doubt_costs);
        let answers: Vec<(u32, f32, bool)> = judged
            .iter()
            .filter(|j| j.kind != Kind::Hidden)
            .map(|j| (j.best, j.sure, j.right))
            .collect();
        Self { mix, doubt, thresholds: thresholds(&answers, names.len(), settings.precision) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Inside,
    /// Labelled as about none of the nodes.
    Outside,
    Hidden,
}

struct Judged {
    kind: Kind,
    signs: Signs,
    best: u32,
    sure: f32,
    right: bool,
}

impl Judged {
    fn of(held: &HeldOut, view: &View, mix: Mix, none: Option<u32>) -> Self {
        let scores = held.margins.scores(mix.wide, mix.deep);
        let probabilities = softmax(&scores);
        let nodes = (0..scores.len()).filter(|at| none != Some(*at as u32));
        let best = nodes.max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0);
        let kind = match (held.hidden, none == Some(view.class)) {
            (true, _) => Kind::Hidden,
            (false, true) => Kind::Outside,
            (false, false) => Kind::Inside,
        };
        Self {
            kind,
            signs: signs(&scores, &probabilities, none, held.coverage, &view.words),
            best: best as u32,
            sure: probabilities[best],
            right: best as u32 == view.class,
        }
    }
}

/// Labelled texts count twice as much as hidden ones, all of both half as much as those inside.
fn examples(judged: &[Judged]) -> Vec<doubt::Example> {
    let count = |kind| judged.iter().filter(|j| j.kind == kind).count() as f32;
    let (inside, outside, hidden) =
        (count(Kind::Inside), count(Kind::Outside), count(Kind::Hidden));
    let (labelled, blind) = match (outside > 0.0, hidden > 0.0) {
        (true, true) => (0.67, 0.33),
        (true, false) => (1.0, 0.0),
        (false, _) => (0.0, 1.0),
    };
    let counts = |kind| match kind {
        Kind::Inside => 1.0,
        Kind::Outside => 0.5 * inside * labelled / outside,
        Kind::Hidden => 0.5 * inside * blind / hidden,
    };
    judged.iter().map(|j| (j.signs, j.kind != Kind::Inside, counts(j.kind))).collect()
}

fn write(
    fit: &Fit,
    mix: Mix,
    doubt: Doubt,
    classes: Vec<Class>,
    none: Option<u32>,
    settings: &Settings,
) -> Vec<u8> {
    let count = classes.len();
    let features = fit.vocabulary.len();
    let bias = fit.wide.row(features).iter().zip(&fit.deep.bias);
    let head = Head {
        none,
        weighing: settings.weighing,
        bias: bias.map(|(wide, deep)| wide * mix.wide + deep * mix.deep).collect(),
        bend: fit.deep.bend.clone(),
        out: fit.deep.out.cells.iter().map(|value| value * mix.deep).collect(),
        doubt,
        classes,
    };
    let wide: Vec<f32> =
        fit.wide.cells[..features * count].iter().map(|value| value * mix.wide).collect();
    let width = head.bend.len();
    let room = settings.most_bytes.saturating_sub(model::write(&head, &[]).len());
    let kept = most_telling(fit, &wide, count, room / model::row_bytes(count, width));
    let row = |at: &usize| {
        let feature = fit.vocabulary.kept[*at];
        Row {
            hash: feature.hash,
            family: feature.family,
            rarity: feature.rarity,
            wide: &wide[at * count..(at + 1) * count],
            deep: fit.deep.embedding.row(*at),
        }
    };
    let rows: Vec<Row<'_>> = kept.iter().map(row).collect();
    model::write(&head, &rows)
}

/// The features that tell most, in the order of their hashes: how far their weights lie from their mean, times how often they occur. Words
/// come first, because they are what can be shown as the reason.
fn most_telling(fit: &Fit, wide: &[f32], classes: usize, most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..fit.vocabulary.len()).collect();
    let by_hash = |at: &usize| fit.vocabulary.kept[*at].hash;
    if order.len() <= most {
        order.sort_by_key(by_hash);
        return order;
    }
    let tells: Vec<f32> = order
        .iter()
        .map(|at| {
            let row = &wide[at * classes..(at + 1) * classes];
            let mean = row.iter().sum::<f32>() / classes as f32;
            let away: f32 = row.iter().map(|w| (w - mean) * (w - mean)).sum();
            let kept = fit.vocabulary.kept[*at];
            let word = if kept.family == Family::Word { 4.0 } else { 1.0 };
            away * kept.texts as f32 * kept.rarity * kept.rarity * word
        })
        .collect();
    order.sort_by(|a, b| tells[*b].total_cmp(&tells[*a]).then(a.cmp(b)));
    order.truncate(most);
    order.sort_by_key(by_hash);
    order
}
