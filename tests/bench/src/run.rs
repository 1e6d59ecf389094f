//! Which figures are measured, in which order. A measure that cannot be made is told and the others go on; the run then
//! ends with an error.

use std::time::Instant;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::desk::{Plugins, Template};
use crate::figures::{Bar, Figure};
use crate::say::line;
use crate::{
    figures, journal, languages, memory, policy, reload, suggestion, whole_way, with_views,
};

/// Every figure there is.
pub(crate) const NAMES: [&str; 16] = [
    "journal_1",
    "journal_16",
    "journal_256",
    "journal_with_views",
    "policy_call",
    "policy_call_keywords",
    "languages",
    "whole_way",
    "whole_way_cpu",
    "whole_way_full",
    "whole_way_full_cpu",
    "suggestion",
    "reload",
    "idle_connection",
    "per_conversation",
    "rss",
];

/// What is wanted.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Only these; all if empty.
    pub(crate) only: Vec<String>,
    /// For each measure.
    pub(crate) seconds: f64,
    /// The long way.
    pub(crate) full: bool,
}

impl Wanted {
    /// Whether every name is one.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(unknown) = self.only.iter().find(|name| !NAMES.contains(&name.as_str())) {
            bail!("there is no figure `{unknown}`; there are {}", NAMES.join(", "));
        }
        Ok(())
    }

    fn any(&self, names: &[&str]) -> bool {
        self.only.is_empty()
            || names.iter().any(|name| self.only.iter().any(|wanted| wanted == name))
    }
}

/// What was measured and what could not be.
#[derive(Default)]
struct Results {
    figures: Vec<Figure>,
    languages: Vec<languages::Row>,
    failed: Vec<String>,
}

/// What was measured.
pub(crate) struct Measured {
    figures: Vec<Figure>,
    languages: Vec<languages::Row>,
}

impl Measured {
    /// For people.
    pub(crate) fn table(&self) -> String {
        let mut tables = Vec::new();
        if !self.figures.is_empty() {
            tables.push(figures::table(&self.figures));
        }
        if !self.languages.is_empty() {
            tables.push(languages::table(&self.languages));
        }
        tables.join("\n")
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let mut object = figures::json(&self.figures);
        object["languages"] = languages::json(&self.languages);
        object
    }
}

impl Results {
    fn take(&mut self, what: &str, measured: Result<Vec<Figure>>, started: Instant) {
        match measured {
            Ok(figures) => {
                line(&format!("{what}: measured in {:.1} s", started.elapsed().as_secs_f64()));
                for figure in &figures {
                    let (name, value, unit, limit) =
                        (figure.name, figure.value, figure.unit, figure.limit);
                    line(&format!(
                        "  {name} {value:.1} {unit}, limit {limit:.1}, ratio {:.3}",
                        figure.ratio()
                    ));
                }
                self.figures.extend(figures);
            }
            Err(fault) => {
                line(&format!("{what}: CANNOT BE MEASURED: {fault:#}"));
                self.failed.push(what.to_owned());
            }
        }
    }
}

/// Measures what is wanted.
pub(crate) async fn all(wanted: &Wanted) -> Result<Measured> {
    let mut results = Results::default();
    line("measuring; other programs on this machine change the values, and the ratios less");
    logs(wanted, &mut results).await;
    sandboxes(wanted, &mut results);
    if wanted.any(&NAMES[7..]) {
        let started = Instant::now();
        match Template::make().await {
            Ok(template) => desks(wanted, &template, &mut results).await,
            Err(fault) => results.take("a desk to measure", Err(fault), started),
        }
    }
    results.figures.retain(|figure| wanted.any(&[figure.name]));
    let Results { figures, languages, failed } = results;
    let measured = Measured { figures, languages };
    if !failed.is_empty() {
        line(&measured.table());
        bail!("could not measure: {}", failed.join(", "));
    }
    Ok(measured)
}

async fn logs(wanted: &Wanted, results: &mut Results) {
    let sizes = [
        ("journal_1", 1, Bar::None),
        ("journal_16", 16, Bar::Ratio(0.7)),
        ("journal_256", 256, Bar::Ratio(0.5)),
    ];
    for (name, writers, bar) in sizes {
        if wanted.any(&[name]) {
            let started = Instant::now();
            let figure = journal::figure(name, writers, bar, wanted.seconds).await;
            results.take(name, figure.map(|figure| vec![figure]), started);
        }
    }
    if wanted.any(&["journal_with_views"]) {
        let started = Instant::now();
        let seconds = if wanted.full { 60.0 } else { wanted.seconds };
        let figure = with_views::figure(seconds).await;
        results.take("journal_with_views", figure.map(|figure| vec![figure]), started);
    }
}

fn sandboxes(wanted: &Wanted, results: &mut Results) {
    // On threads of their own: a call blocks.
    let calls: [(&str, fn(f64) -> Result<Figure>); 2] =
        [("policy_call", policy::emoji), ("policy_call_keywords", policy::keywords)];
    for (name, measure) in calls {
        if wanted.any(&[name]) {
            let started = Instant::now();
            let figure = tokio::task::block_in_place(|| measure(wanted.seconds));
            results.take(name, figure.map(|figure| vec![figure]), started);
        }
    }
    if wanted.any(&["languages"]) {
        let started = Instant::now();
        let rows = tokio::task::block_in_place(|| languages::measure(wanted.seconds * 4.0));
        let none = rows.map(|rows| results.languages = rows).map(|()| Vec::new());
        results.take("languages", none, started);
    }
}

async fn desks(wanted: &Wanted, template: &Template, results: &mut Results) {
    let ways = [
        (["whole_way", "whole_way_cpu"], Plugins::Policies, 0.4),
        (["whole_way_full", "whole_way_full_cpu"], Plugins::All, 0.25),
    ];
    for (names, plugins, bar) in ways {
        if wanted.any(&names) {
            let started = Instant::now();
            let both = whole_way::figures(
                template,
                plugins,
                (names[0], names[1]),
                bar,
                wanted.seconds * 2.0,
            )
            .await;
            results.take(names[0], both.map(|both| vec![both.rate, both.cpu]), started);
        }
    }
    if wanted.any(&["suggestion"]) {
        let started = Instant::now();
        let figure = suggestion::figure(template, wanted.seconds).await;
        results.take("suggestion", figure.map(|figure| vec![figure]), started);
    }
    if wanted.any(&["reload"]) {
        let started = Instant::now();
        let figure = reload::figure(template, 20).await;
        results.take("reload", figure.map(|figure| vec![figure]), started);
    }
    if wanted.any(&["idle_connection"]) {
        let started = Instant::now();
        let figure = memory::idle(template).await;
        results.take("idle_connection", figure.map(|figure| vec![figure]), started);
    }
    if wanted.any(&["per_conversation", "rss"]) {
        let started = Instant::now();
        let commits = if wanted.full { 500_000 } else { 50_000 };
        let figures = memory::conversations(template, commits).await;
        results.take("rss", figures.map(Vec::from), started);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(only: &[&str]) -> Wanted {
        Wanted {
            only: only.iter().map(|name| (*name).to_owned()).collect(),
            seconds: 1.0,
            full: false,
        }
    }

    #[test]
    fn unknown_figures_are_told() {
        assert!(wanted(&["journal_1", "rss"]).check().is_ok());
        let fault = wanted(&["journal_2"]).check().expect_err("there is none");
        assert!(fault.to_string().contains("journal_16"), "{fault}");
    }

    #[test]
    fn nothing_named_means_all() {
        assert!(NAMES.iter().all(|name| wanted(&[]).any(&[name])));
        assert!(!wanted(&["reload"]).any(&["journal_1", "rss"]));
    }
}
