//! How good a classifier is, as text and as JSON. The page is in [`super::page`].

use dialogo_learn::Measured;
use serde_json::{Value, json};

use crate::output;

/// What was learned, and how good it is on what it had not seen.
#[derive(Debug)]
pub struct Report {
    /// Classified conversations.
    pub lessons: usize,
    /// Nodes that are told apart.
    pub nodes: usize,
    /// Conversations that what was measured had learned from.
    pub learned_from: usize,
    /// Conversations it was measured on.
    pub measured_on: usize,
    /// Whether those are the latest.
    pub by_time: bool,
    /// What looked random followed from it.
    pub seed: u64,
    /// How long it took.
    pub seconds: f64,
    /// Size of the model.
    pub bytes: usize,
    /// After the consumer's first turns, and at the end.
    pub after: Vec<After>,
    /// The model in use, on the same conversations.
    pub present: Option<Measured>,
}

/// Figures at one moment of the conversations.
#[derive(Debug)]
pub struct After {
    /// After so many turns of the consumer; `None`: at the end.
    pub turns: Option<usize>,
    /// The figures.
    pub measured: Measured,
}

impl After {
    /// In words.
    pub fn when(&self) -> String {
        match self.turns {
            Some(1) => "after 1 message".into(),
            Some(turns) => format!("after {turns} messages"),
            None => "at the end".into(),
        }
    }
}

impl Report {
    /// The figures at the end.
    pub fn last(&self) -> &Measured {
        &self.after.last().expect("the end is always measured").measured
    }

    /// What was done, in a line.
    pub fn what(&self) -> String {
        let which = if self.by_time { "the latest " } else { "" };
        format!(
            "{} conversations, {} nodes; learned from {}, measured on {which}{}; seed {}, {:.1} s, {:.1} MiB",
            self.lessons,
            self.nodes,
            self.learned_from,
            self.measured_on,
            self.seed,
            self.seconds,
            self.bytes as f64 / f64::from(1 << 20)
        )
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        json!({
            "lessons": self.lessons, "nodes": self.nodes, "learned_from": self.learned_from,
            "measured_on": self.measured_on, "by_time": self.by_time, "seed": self.seed,
            "seconds": self.seconds, "bytes": self.bytes,
            "after": after_json(&self.after), "present": self.present.as_ref().map(measured_json),
        })
    }
}

/// The same figures as JSON, the last with everything.
pub fn after_json(after: &[After]) -> Value {
    let one =
        |after: &After| json!({ "turns": after.turns, "figures": measured_json(&after.measured) });
    after.iter().map(one).collect()
}

fn measured_json(measured: &Measured) -> Value {
    let bins = measured.calibration.iter().filter(|bin| bin.0 > 0);
    let bins: Vec<Value> =
        bins.map(|bin| json!({ "count": bin.0, "confidence": bin.1, "right": bin.2 })).collect();
    let nodes = measured.nodes.iter().map(|(node, of)| {
        let figures = json!({
            "support": of.support, "suggested": of.suggested, "right": of.right,
            "precision": of.precision(), "recall": of.recall(), "f1": of.f1(),
        });
        (node.clone(), figures)
    });
    json!({
        "conversations": measured.inside, "accuracy": measured.accuracy, "top3": measured.top3,
        "macro_f1": measured.macro_f1, "unknown": measured.unknown,
        "calibration_error": measured.calibration_error, "calibration": bins,
        "outside": measured.outside, "outside_recall": measured.outside_recall,
        "nodes": Value::Object(nodes.collect()),
        "confusions": measured.confusions.iter().map(|(truth, node, count)| json!({
            "was": truth, "suggested": node, "count": count,
        })).collect::<Value>(),
    })
}

/// The figures as a table: a row for each moment.
pub fn table(after: &[After]) -> Vec<Vec<String>> {
    let head =
        ["", "conversations", "right", "in 3", "macro-F1", "not known", "off by", "none known"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for after in after {
        let of = &after.measured;
        let outside = if of.outside == 0 { String::new() } else { percent(of.outside_recall) };
        rows.push(vec![
            after.when(),
            of.inside.to_string(),
            percent(of.accuracy),
            percent(of.top3),
            percent(of.macro_f1),
            percent(of.unknown),
            format!("{:.3}", of.calibration_error),
            outside,
        ]);
    }
    rows
}

/// Everything as text: the table, the nodes that are hardest, what is mistaken for what. `show`: rows of each.
pub fn text(after: &[After], show: usize) -> String {
    let mut text = output::table(&table(after));
    let measured = &after.last().expect("the end is always measured").measured;
    let mut nodes: Vec<_> = measured.nodes.iter().filter(|(_, of)| of.support > 0).collect();
    nodes.sort_by(|a, b| a.1.f1().total_cmp(&b.1.f1()).then_with(|| a.0.cmp(b.0)));
    let head = ["hardest nodes", "conversations", "precision", "recall"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(nodes.iter().take(show).map(|(node, of)| {
        vec![(*node).clone(), of.support.to_string(), percent(of.precision()), percent(of.recall())]
    }));
    text.push_str("\n\n");
    text.push_str(&output::table(&rows));
    if !measured.confusions.is_empty() {
        let mut rows = vec![["it was", "and it said", "times"].map(str::to_owned).to_vec()];
        rows.extend(
            measured
                .confusions
                .iter()
                .take(show)
                .map(|(truth, node, count)| vec![truth.clone(), node.clone(), count.to_string()]),
        );
        text.push_str("\n\n");
        text.push_str(&output::table(&rows));
    }
    text
}

/// A share in percent.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
