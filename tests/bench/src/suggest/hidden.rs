//! Reasons that are hidden, and looked for: a tenth of a set's nodes lose their names, a fifth of the rows of all others too, and
//! what is found is compared with what was hidden. Nodes that are cut in two at random must be found to be the same.
//!
//! On train splits alone: there is nothing to be learned by heart, since the names are what is left out.

use std::collections::{BTreeMap, BTreeSet};

use dialogo_learn::Lesson;
use dialogo_learn::reasons::{Found, Settings, find};

use crate::figure::Figure;

/// One node in so many is hidden.
const HIDDEN: usize = 10;

/// Rows of each hidden node: as a reason begins on a desk, not as it is once everybody knows it.
const ROWS: usize = 60;

/// Of the rows of known nodes one in so many has no name either, as on a desk where some is left for later.
const LEFT: usize = 5;

/// Nodes that are cut in two.
const TWINS: usize = 5;

/// Numbers that look random and are the same for the same seed (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * end as u128) >> 64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

pub(crate) fn measure(name: &str, train: &[Lesson], seed: u64) -> Vec<Figure> {
    let mut random = Random(seed);
    let mut rows = train.to_vec();
    random.shuffle(&mut rows);
    let nodes: BTreeSet<String> = rows.iter().filter_map(|row| row.node.clone()).collect();
    let mut nodes: Vec<String> = nodes.into_iter().collect();
    random.shuffle(&mut nodes);
    let hidden: BTreeSet<&str> =
        nodes.iter().take(nodes.len().div_ceil(HIDDEN)).map(String::as_str).collect();
    if nodes.len() < 2 * hidden.len() + TWINS {
        return Vec::new();
    }
    let twins = &nodes[hidden.len()..hidden.len() + TWINS];
    let (mut lessons, mut truths) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for (at, row) in rows.into_iter().enumerate() {
        let count = seen.entry(row.node.clone()).or_default();
        *count += 1;
        let is_hidden = row.node.as_deref().is_some_and(|node| hidden.contains(node));
        if is_hidden && *count > ROWS {
            continue;
        }
        let twin = |node: &String| twins.contains(node).then(|| format!("{node}{}", *count % 2));
        let named = row.node.as_ref().filter(|_| !is_hidden && at % LEFT != 0);
        let node = named.map(|node| twin(node).unwrap_or_else(|| node.clone()));
        truths.push(row.node);
        lessons.push(Lesson { turns: row.turns, node });
    }
    let began = std::time::Instant::now();
    let found = find(&lessons, &Settings::new(seed), &mut |_| ());
    let seconds = began.elapsed().as_secs_f64();
    let same = found.alike.iter().filter(|alike| {
        let [one, other] = &alike.nodes;
        one[..one.len() - 1] == other[..other.len() - 1]
            && twins.iter().any(|twin| one.starts_with(twin.as_str()))
    });
    let same = same.count();
    let sum = Sum::of(&found, &truths, &hidden);
    let of = hidden.len() as f64;
    let figure = |metric: &str, value: f64| Figure::new(name, metric, value);
    vec![
        figure("hidden_found", sum.found as f64 / of),
        figure("hidden_purity", sum.purity / (sum.found as f64).max(1.0)),
        figure("hidden_recall", sum.recall / of),
        figure("hidden_groups", found.groups.len() as f64),
        figure("hidden_groups_of_known", sum.known as f64),
        figure("twins_found", same as f64 / TWINS as f64),
        figure("alike_but_no_twins", (found.alike.len() - same) as f64),
        figure("hidden_seconds", seconds),
    ]
}

/// What groups say of hidden nodes, added up.
#[derive(Default)]
struct Sum {
    /// Hidden nodes that most of some group is about.
    found: usize,
    /// Of the best group of each of them: the share that is about it.
    purity: f64,
    /// The share of it that is in that group.
    recall: f64,
    /// Groups that are about no hidden node.
    known: usize,
}

impl Sum {
    fn of(found: &Found, truths: &[Option<String>], hidden: &BTreeSet<&str>) -> Self {
        let mut sum = Self::default();
        let mut best: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for group in &found.groups {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for truth in group.members.iter().filter_map(|at| truths[*at].as_deref()) {
                *counts.entry(truth).or_default() += 1;
            }
            let Some((node, count)) = counts.into_iter().max_by_key(|(_, count)| *count) else {
                sum.known += 1;
                continue;
            };
            let purity = count as f64 / group.members.len() as f64;
            if purity < 0.5 || !hidden.contains(node) {
                sum.known += 1;
                continue;
            }
            let of = truths.iter().filter(|truth| truth.as_deref() == Some(node)).count();
            let recall = count as f64 / of as f64;
            let best = best.entry(node).or_default();
            if recall > best.1 {
                *best = (purity, recall);
            }
        }
        sum.found = best.len();
        sum.purity = best.values().map(|best| best.0).sum();
        sum.recall = best.values().map(|best| best.1).sum();
        sum
    }
}
