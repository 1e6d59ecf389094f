//! From what a model reads to what is suggested: nodes that exist, sure enough, or the node above them, or nothing.

use dialogo_model::{Model, Reasons, Turn};
use serde::Deserialize;

/// The plugin's settings.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Nodes below this confidence are not suggested.
    pub least: f32,
    /// When the desk learns anew: the desk's business, not the plugin's.
    pub retrain: serde::de::IgnoredAny,
    /// What all children of a node must reach together, and none alone by half, for the node to be suggested.
    pub parent: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { least: 0.05, parent: 0.7, retrain: serde::de::IgnoredAny }
    }
}

/// What the tree knows of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Whether it may be chosen.
    pub active: bool,
    /// The node above it.
    pub parent: Option<String>,
}

/// A model with the tree it is asked about.
#[derive(Debug)]
pub struct Learned {
    model: Model,
    settings: Settings,
    /// By class: whether it may be suggested, and the place of the node above it in `parents`.
    classes: Vec<(bool, Option<usize>)>,
    /// Active nodes above.
    parents: Vec<String>,
}

/// A suggestion.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Which node.
    pub node: String,
    /// How sure, calibrated.
    pub confidence: f32,
    /// Conversations it was learned from.
    pub support: u32,
    /// The words that led to it.
    pub reasons: Vec<Reason>,
}

/// A word that led to a suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// As it was written.
    pub word: String,
    /// The place of its turn among those that were read.
    pub turn: usize,
}

/// Words that are told.
const REASONS: usize = 3;

impl Learned {
    /// Joins a model to the tree.
    pub fn new(model: Model, settings: Settings, node: impl Fn(&str) -> Option<Node>) -> Self {
        let mut parents: Vec<String> = Vec::new();
        let mut class = |name: &str| {
            let Some(Node { active, parent }) = node(name) else { return (false, None) };
            let above = parent.filter(|id| node(id).is_some_and(|above| above.active)).map(|id| {
                parents.iter().position(|known| *known == id).unwrap_or_else(|| {
                    parents.push(id);
                    parents.len() - 1
                })
            });
            (active, above)
        };
        let classes = model.head().classes.iter().map(|known| class(&known.name)).collect();
        Self { model, settings, classes, parents }
    }

    /// At most `limit` nodes, the surest first; none: it does not know.
    pub fn suggest(&self, turns: &[Turn<'_>], limit: usize) -> Vec<Found> {
        let reading = self.model.read(turns);
        let head = self.model.head();
        if reading.is_blank() || reading.doubt > head.doubt.threshold {
            return Vec::new();
        }
        let confidence = |class: &usize| reading.confidence(*class);
        let mut nodes: Vec<usize> = (0..self.classes.len())
            .filter(|class| head.none != Some(*class as u32) && self.classes[*class].0)
            .filter(|class| confidence(class) >= self.settings.least)
            .collect();
        nodes.sort_by(|a, b| confidence(b).total_cmp(&confidence(a)).then(a.cmp(b)));
        let above = self.above(&nodes, confidence);
        let sure =
            nodes.first().is_some_and(|best| confidence(best) >= head.classes[*best].threshold);
        if !sure && above.is_none() {
            return Vec::new();
        }
        let reasons = Reasons::of(&self.model, &reading);
        let mut found: Vec<Found> = Vec::new();
        if let Some((parent, together, best)) = above {
            let node = self.parents[parent].clone();
            found.push(self.found(node, together.min(1.0), best, &reasons, turns));
        }
        for class in nodes {
            let name = head.classes[class].name.clone();
            if found.len() < limit && found.iter().all(|known| known.node != name) {
                found.push(self.found(name, confidence(&class), class, &reasons, turns));
            }
        }
        found.truncate(limit);
        found
    }

    /// The node whose children are sure together and unsure each; how sure, and the likeliest of them.
    fn above(
        &self,
        nodes: &[usize],
        confidence: impl Fn(&usize) -> f32,
    ) -> Option<(usize, f32, usize)> {
        let best = *nodes.first()?;
        let parent = self.classes[best].1?;
        if confidence(&best) >= self.settings.parent / 2.0 {
            return None;
        }
        let children = nodes.iter().filter(|class| self.classes[**class].1 == Some(parent));
        let together: f32 = children.map(&confidence).sum();
        (together >= self.settings.parent).then_some((parent, together, best))
    }

    fn found(
        &self,
        node: String,
        confidence: f32,
        class: usize,
        reasons: &Reasons<'_>,
        turns: &[Turn<'_>],
    ) -> Found {
        let reasons = reasons.why(class, REASONS);
        let reason = |reason: dialogo_model::Reason| Reason {
            word: turns[reason.turn].text[reason.start..reason.end].to_owned(),
            turn: reason.turn,
        };
        let support = self.model.head().classes[class].support;
        Found { node, confidence, support, reasons: reasons.into_iter().map(reason).collect() }
    }
}
