//! One fit: vocabulary, wide part and deep part from some of the views.

use crate::deep::{self, Net};
use crate::jobs::{Job, side_by_side};
use crate::lesson::View;
use crate::linear;
use crate::matrix::{Dense, add};
use crate::settings::Settings;
use crate::vocabulary::Vocabulary;

/// What was fitted.
pub(crate) struct Fit {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) wide: Dense,
    pub(crate) deep: Net,
}

/// The two parts' margins for one view, before they are added up.
#[derive(Clone)]
pub(crate) struct Margins {
    pub(crate) wide: Vec<f32>,
    pub(crate) deep: Vec<f32>,
}

impl Fit {
    pub(crate) fn of(views: &[&View], classes: usize, settings: &Settings) -> Self {
        let least = if views.len() < settings.small { 1 } else { 2 };
        let vocabulary = Vocabulary::of(views.iter().map(|view| &*view.words.features), least);
        let texts = vocabulary.vectors(views.iter().map(|view| &*view.words.features));
        let labels: Vec<u32> = views.iter().map(|view| view.class).collect();
        let features = vocabulary.len();
        let mut parts = linear::parts(classes);
        let mut deep = Net::default();
        let of_deep = || deep = deep::train(&texts, &labels, classes, features, settings.deep);
        let mut jobs: Vec<Job<'_>> = vec![Box::new(of_deep)];
        jobs.extend(linear::jobs(&texts, &labels, features, settings.linear, &mut parts));
        side_by_side(jobs);
        Self { vocabulary, wide: linear::join(&parts, classes), deep }
    }

    pub(crate) fn margins(&self, view: &View) -> Margins {
        let text = self.vocabulary.vector(&view.words.features);
        let mut wide = vec![0.0; self.wide.width];
        self.wide.sum(&text, &mut wide);
        add(&mut wide, 1.0, self.wide.row(self.vocabulary.len()));
        let mut middle = vec![0.0; self.deep.bend.len()];
        let mut deep = vec![0.0; self.wide.width];
        self.deep.scores(&text, &mut middle, &mut deep);
        Margins { wide, deep }
    }
}

impl Margins {
    /// Both added up.
    pub(crate) fn scores(&self, wide: f32, deep: f32) -> Vec<f32> {
        self.wide.iter().zip(&self.deep).map(|(w, d)| wide * w + deep * d).collect()
    }
}
