//! Which features are kept, and what a text is in them: sublinear counts, weighted by rarity, each family scaled to its length.
//! `dialogo_model` does the same when it reads; a test holds the two together.

use crate::matrix::Sparse;
use dialogo_model::model::sublinear;
use dialogo_model::{FAMILIES, Family, Feature};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// The features that are kept, the most frequent first: what is often used together stays near the processor.
#[derive(Debug, Clone)]
pub(crate) struct Vocabulary {
    rows: HashMap<u32, u32>,
    pub(crate) kept: Vec<Kept>,
}

/// A feature that is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) hash: u32,
    pub(crate) family: Family,
    /// `ln((1 + texts) / (1 + texts with it)) + 1`.
    pub(crate) rarity: f32,
    /// Texts with it.
    pub(crate) texts: u32,
}

impl Vocabulary {
    /// The features that occur in at least `least` of the texts; single words always.
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a [Feature]>, least: u32) -> Self {
        let mut seen: BTreeMap<u32, (u32, Family, bool)> = BTreeMap::new();
        let mut count = 0u32;
        for text in texts {
            count += 1;
            for feature in text {
                let single = feature.is_word();
                seen.entry(feature.hash).or_insert((0, feature.family, single)).0 += 1;
            }
        }
        let mut kept = Vec::new();
        for (hash, (texts, family, single)) in seen {
            if texts >= least || single {
                let rarity = libm::logf((1.0 + count as f32) / (1.0 + texts as f32)) + 1.0;
                kept.push(Kept { hash, family, rarity, texts });
            }
        }
        kept.sort_by_key(|kept| (Reverse(kept.texts), kept.hash));
        let rows = kept.iter().enumerate().map(|(at, kept)| (kept.hash, at as u32)).collect();
        Self { rows, kept }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// A text in these features.
    pub(crate) fn vector(&self, text: &[Feature]) -> Vec<(u32, f32)> {
        let mut cells: Vec<(u32, f32)> = Vec::with_capacity(text.len());
        let mut squares = [0.0f32; FAMILIES];
        for feature in text {
            if let Some(&row) = self.rows.get(&feature.hash) {
                let value = sublinear(feature.count) * self.kept[row as usize].rarity;
                squares[feature.family as usize] += value * value;
                cells.push((row, value));
            }
        }
        for (row, value) in &mut cells {
            *value /= squares[self.kept[*row as usize].family as usize].sqrt();
        }
        cells
    }

    /// The share of the single words that is known.
    pub(crate) fn coverage(&self, text: &[Feature]) -> f32 {
        let single = text.iter().filter(|feature| feature.is_word());
        let (all, known) = single.fold((0u32, 0u32), |(all, known), feature| {
            (all + 1, known + u32::from(self.rows.contains_key(&feature.hash)))
        });
        if all == 0 { 0.0 } else { known as f32 / all as f32 }
    }

    /// Many texts.
    pub(crate) fn vectors<'a>(&self, texts: impl Iterator<Item = &'a [Feature]>) -> Sparse {
        let mut sparse = Sparse::new();
        texts.for_each(|text| sparse.push(self.vector(text)));
        sparse
    }
}
