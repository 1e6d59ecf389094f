//! Reading `/metrics`: the text format of Prometheus, strictly enough that nonsense is noticed.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

/// Samples by name and labels as written: `dialogo_panics_total{}`.
#[derive(Clone, Debug, Default)]
pub struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// Reads the text; every line must be a comment or a sample.
    pub fn parse(text: &str) -> Result<Self> {
        let mut samples = BTreeMap::new();
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let (name, value) = sample(line).with_context(|| format!("no sample: {line:?}"))?;
            ensure!(samples.insert(name, value).is_none(), "the same sample twice: {line:?}");
        }
        ensure!(!samples.is_empty(), "no samples at all");
        Ok(Self(samples))
    }

    /// The sum of all samples of this name, whatever their labels; `None`: there is none.
    pub fn sum(&self, name: &str) -> Option<f64> {
        let of_name = self.0.iter().filter(|(key, _)| key.split('{').next() == Some(name));
        let values: Vec<f64> = of_name.map(|(_, value)| *value).collect();
        (!values.is_empty()).then(|| values.iter().sum())
    }

    /// The one name that contains this, and its sum.
    pub fn named_like(&self, part: &str) -> Result<f64> {
        let names: std::collections::BTreeSet<&str> = self
            .0
            .keys()
            .filter_map(|key| key.split('{').next())
            .filter(|name| name.contains(part))
            .collect();
        match names.iter().next() {
            Some(name) => Ok(self.sum(name).unwrap_or_default()),
            None => bail!("no metric has {part:?} in its name: {:?}", self.names()),
        }
    }

    /// All names.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.keys().filter_map(|key| key.split('{').next()).collect();
        names.dedup();
        names
    }
}

fn sample(line: &str) -> Result<(String, f64)> {
    let at = match line.rfind('}') {
        Some(end) => end + 1,
        None => line.find(' ').context("no value")?,
    };
    let (name, rest) = line.split_at(at);
    let bare = name.split('{').next().unwrap_or_default();
    let fine = |next: char| next.is_ascii_alphanumeric() || next == '_' || next == ':';
    ensure!(!bare.is_empty() && bare.chars().all(fine), "the name {bare:?}");
    let value = rest.split_whitespace().next().context("no value")?;
    let value = match value {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        other => other.parse().with_context(|| format!("the value {other:?}"))?,
    };
    Ok((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_and_nonsense_is_noticed() {
        let text = "# HELP a b\na_total{x=\"1\"} 2\na_total{x=\"2\"} 3\nb 0.5 # {x=\"y\"} 1\n";
        let metrics = Metrics::parse(&text.replace(" # {x=\"y\"} 1", "")).expect("samples");
        assert_eq!(metrics.sum("a_total"), Some(5.0));
        assert_eq!(metrics.sum("b"), Some(0.5));
        assert_eq!(metrics.sum("c"), None);
        assert!(Metrics::parse("what is this").is_err());
        assert!(Metrics::parse("").is_err());
        assert!(Metrics::parse("a 1\na 2").is_err());
    }
}
