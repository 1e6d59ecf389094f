//! A figure: what was measured, the limit measured beside it in the same run, their ratio, and the bar it should hold.
//! Printed as a table for people and as one object for programs. How anything is measured is elsewhere.

use serde_json::{Value, json};

/// What a figure should reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bar {
    /// The ratio at least.
    Ratio(f64),
    /// The value at least.
    AtLeast(f64),
    /// The value at most.
    AtMost(f64),
    /// Nothing was promised.
    None,
}

/// One figure.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    /// Its name in the JSON object.
    pub(crate) name: &'static str,
    /// What was measured.
    pub(crate) value: f64,
    /// Of `value` and `limit`.
    pub(crate) unit: &'static str,
    /// What the machine does without Dialogo, measured in the same run.
    pub(crate) limit: f64,
    /// What it should reach.
    pub(crate) bar: Bar,
    /// How it was measured, in a few words.
    pub(crate) note: String,
}

impl Figure {
    /// Value in limits: a share for rates, a multiple for times and sizes.
    pub(crate) fn ratio(&self) -> f64 {
        if self.limit == 0.0 { 0.0 } else { self.value / self.limit }
    }

    /// Whether the bar holds; `None` where there is none.
    pub(crate) fn holds(&self) -> Option<bool> {
        match self.bar {
            Bar::Ratio(least) => Some(self.ratio() >= least),
            Bar::AtLeast(least) => Some(self.value >= least),
            Bar::AtMost(most) => Some(self.value <= most),
            Bar::None => None,
        }
    }

    fn bar_text(&self) -> String {
        match self.bar {
            Bar::Ratio(least) => format!("ratio ≥ {least}"),
            Bar::AtLeast(least) => format!("≥ {}", short(least)),
            Bar::AtMost(most) => format!("≤ {}", short(most)),
            Bar::None => String::new(),
        }
    }
}

/// The object for programs.
pub(crate) fn json(figures: &[Figure]) -> Value {
    let figures: Vec<Value> = figures
        .iter()
        .map(|figure| {
            json!({
                "name": figure.name,
                "value": rounded(figure.value),
                "unit": figure.unit,
                "limit": rounded(figure.limit),
                "ratio": rounded(figure.ratio()),
            })
        })
        .collect();
    json!({ "figures": figures })
}

/// The table for people.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut text = format!(
        "{:<22} {:>10} {:<11} {:>10} {:>8}  {:<13} {:<5} how\n",
        "figure", "value", "unit", "limit", "ratio", "bar", "holds"
    );
    for figure in figures {
        let holds = match figure.holds() {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        text.push_str(&format!(
            "{:<22} {:>10} {:<11} {:>10} {:>8}  {:<13} {:<5} {}\n",
            figure.name,
            short(figure.value),
            figure.unit,
            short(figure.limit),
            short(figure.ratio()),
            figure.bar_text(),
            holds,
            figure.note
        ));
    }
    text
}

/// Four significant digits at least, and no more decimals than that needs.
fn short(value: f64) -> String {
    let magnitude = value.abs();
    let decimals = match magnitude {
        large if large >= 1_000.0 => 0,
        large if large >= 100.0 => 1,
        large if large >= 10.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: f64, limit: f64, bar: Bar) -> Figure {
        Figure { name: "journal_16", value, unit: "commits/s", limit, bar, note: "as it is".into() }
    }

    #[test]
    fn the_object_has_the_promised_members_and_no_other() {
        let object = json(&[figure(30_000.0, 40_000.0, Bar::Ratio(0.7))]);
        let figures = object["figures"].as_array().expect("a list");
        let members: Vec<&str> =
            figures[0].as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(members, ["name", "value", "unit", "limit", "ratio"]);
        assert_eq!(figures[0]["ratio"], 0.75);
        assert_eq!(figures[0]["name"], "journal_16");
    }

    #[test]
    fn bars_hold_or_not() {
        assert_eq!(figure(7.0, 10.0, Bar::Ratio(0.7)).holds(), Some(true));
        assert_eq!(figure(6.9, 10.0, Bar::Ratio(0.7)).holds(), Some(false));
        assert_eq!(figure(500.0, 0.0, Bar::AtMost(500.0)).holds(), Some(true));
        assert_eq!(figure(19_999.0, 0.0, Bar::AtLeast(20_000.0)).holds(), Some(false));
        assert_eq!(figure(1.0, 1.0, Bar::None).holds(), None);
        assert!(figure(1.0, 0.0, Bar::None).ratio().abs() < 1e-9, "no limit, no ratio");
    }

    #[test]
    fn the_table_says_what_fails() {
        let text = table(&[figure(6.0, 10.0, Bar::Ratio(0.7)), figure(8.0, 10.0, Bar::Ratio(0.7))]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].contains(" NO "), "{text}");
        assert!(lines[2].contains(" yes "), "{text}");
        assert!(lines[1].contains("ratio ≥ 0.7"), "{text}");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(123_456.7), "123457");
        assert_eq!(short(0.750_4), "0.75");
        assert_eq!(short(12.5), "12.5");
    }
}
