//! One figure, and all of them as a table or as one JSON object.

use serde_json::{Value, json};

use crate::published;

/// A figure.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// The data set.
    pub(crate) data: String,
    /// What was measured.
    pub(crate) metric: String,
    /// The value: shares in 0..1, times as the metric's name says.
    pub(crate) value: f64,
}

impl Figure {
    pub(crate) fn new(data: &str, metric: impl Into<String>, value: f64) -> Self {
        Self { data: data.to_owned(), metric: metric.into(), value }
    }
}

pub(crate) fn json(figures: &[Figure], seed: u64) -> Value {
    let figures: Vec<Value> = figures
        .iter()
        .map(
            |figure| json!({ "data": figure.data, "metric": figure.metric, "value": figure.value }),
        )
        .collect();
    json!({ "figures": figures, "seed": seed })
}

pub(crate) fn table(figures: &[Figure], seed: u64) -> String {
    let mut rows =
        vec![["data", "metric", "value", "bar", "published"].map(str::to_owned).to_vec()];
    for figure in figures {
        let known = published::of(&figure.data, &figure.metric);
        let bar = known.and_then(|known| known.bar).map(|bar| {
            let held = if bar.holds(figure.value) { "held" } else { "MISSED" };
            format!("{} {held}", bar.text())
        });
        rows.push(vec![
            figure.data.clone(),
            figure.metric.clone(),
            short(figure.value),
            bar.unwrap_or_default(),
            known.map_or_else(String::new, |known| known.others.to_owned()),
        ]);
    }
    format!("{}\nseed {seed}\n", dialogo::output::table(&rows))
}

pub(crate) fn short(value: f64) -> String {
    if value.abs() >= 1_000.0 { format!("{value:.0}") } else { format!("{value:.4}") }
}
