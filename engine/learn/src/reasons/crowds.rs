//! Crowds in a space: who stands near whom, and which parts hold together more than chance would have it.
//!
//! Two rows are tied as far as they share nearest neighbours, and the ties are divided by modularity (Louvain), which needs no
//! number of groups beforehand. Rows in their order, ties to the smaller number: the same rows give the same crowds.

use crate::matrix::Dense;
use dialogo_model::model::dot;
use std::collections::BTreeMap;

/// The nearest `count` others of each, the nearest first. `among`: the rows that are looked at, which are named by their place in it.
pub(crate) fn neighbours(rows: &Dense, among: &[usize], count: usize) -> Vec<Vec<(u32, f32)>> {
    (0..among.len())
        .map(|at| {
            let own = rows.row(among[at]);
            let mut near: Vec<(u32, f32)> = (0..among.len())
                .filter(|other| *other != at)
                .map(|other| (other as u32, dot(own, rows.row(among[other]))))
                .collect();
            let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
            if near.len() > count {
                near.select_nth_unstable_by(count, order);
                near.truncate(count);
            }
            near.sort_by(order);
            near
        })
        .collect()
}

/// What ties rows: for each the others and how much.
pub(crate) type Ties = Vec<Vec<(u32, f32)>>;

/// The share of neighbours that two rows have in common, where one is among the other's.
pub(crate) fn ties(near: &[Vec<(u32, f32)>]) -> Ties {
    let sorted: Vec<Vec<u32>> = near
        .iter()
        .enumerate()
        .map(|(at, near)| {
            let mut all: Vec<u32> = near.iter().map(|(other, _)| *other).collect();
            all.push(at as u32);
            all.sort_unstable();
            all
        })
        .collect();
    let mut ties = vec![BTreeMap::new(); near.len()];
    for (at, near) in near.iter().enumerate() {
        for (other, _) in near {
            let (a, b) = (&sorted[at], &sorted[*other as usize]);
            let common = a.iter().filter(|one| b.binary_search(one).is_ok()).count();
            let share = common as f32 / (a.len() + b.len() - common) as f32;
            ties[at].insert(*other, share);
            ties[*other as usize].insert(at as u32, share);
        }
    }
    ties.into_iter().map(|ties| ties.into_iter().collect()).collect()
}

/// The crowd of each row. `grain`: the higher, the smaller the crowds.
pub(crate) fn crowds(ties: &Ties, grain: f32) -> Vec<u32> {
    let mut of: Vec<u32> = (0..ties.len() as u32).collect();
    let mut level = ties.clone();
    loop {
        let moved = settled(&level, grain);
        let (renamed, count) = renumbered(&moved);
        of.iter_mut().for_each(|crowd| *crowd = renamed[*crowd as usize]);
        if count == level.len() {
            return of;
        }
        level = merged(&level, &renamed, count);
    }
}

/// Each goes to the crowd of its ties where it adds most, until nobody moves.
fn settled(ties: &Ties, grain: f32) -> Vec<u32> {
    let weight: Vec<f32> = ties.iter().map(|ties| ties.iter().map(|tie| tie.1).sum()).collect();
    let all: f32 = weight.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let mut of: Vec<u32> = (0..ties.len() as u32).collect();
    let mut inside = weight.clone();
    for _ in 0..50 {
        let mut moves = 0;
        for at in 0..ties.len() {
            let own = of[at];
            inside[own as usize] -= weight[at];
            let mut towards: BTreeMap<u32, f32> = BTreeMap::from([(own, 0.0)]);
            for (other, tie) in ties[at].iter().filter(|tie| tie.0 as usize != at) {
                *towards.entry(of[*other as usize]).or_default() += tie;
            }
            let gain =
                |crowd: u32, tie: f32| tie - grain * weight[at] * inside[crowd as usize] / all;
            let mut best = (own, gain(own, towards[&own]));
            for (crowd, tie) in towards {
                let gain = gain(crowd, tie);
                if gain > best.1 + 1e-6 {
                    best = (crowd, gain);
                }
            }
            of[at] = best.0;
            inside[best.0 as usize] += weight[at];
            moves += usize::from(best.0 != own);
        }
        if moves == 0 {
            break;
        }
    }
    of
}

/// Names from nought without gaps, in the order of first members.
fn renumbered(of: &[u32]) -> (Vec<u32>, usize) {
    let mut names: BTreeMap<u32, u32> = BTreeMap::new();
    let renamed = of
        .iter()
        .map(|crowd| {
            let next = names.len() as u32;
            *names.entry(*crowd).or_insert(next)
        })
        .collect();
    (renamed, names.len())
}

/// Crowds become rows; ties within stay as a tie to itself.
fn merged(ties: &Ties, of: &[u32], count: usize) -> Ties {
    let mut merged = vec![BTreeMap::new(); count];
    for (at, ties) in ties.iter().enumerate() {
        for (other, tie) in ties {
            *merged[of[at] as usize].entry(of[*other as usize]).or_default() += tie;
        }
    }
    merged.into_iter().map(|ties| ties.into_iter().collect()).collect()
}
