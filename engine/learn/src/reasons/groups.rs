//! Groups of conversations that no node explains.

use std::collections::BTreeMap;

use dialogo_model::model::dot;

use super::alike::Margins;
use super::space::{self, unit};
use super::{Group, Read, Settings, crowds, phrases};
use crate::Lesson;
use crate::matrix::{Dense, add};
use crate::vocabulary::Vocabulary;

/// Groups that no node explains, the largest first.
pub(super) fn find(
    lessons: &[Lesson],
    read: &[Read],
    nodes: &[&str],
    margins: Option<&Margins>,
    settings: &Settings,
) -> Vec<Group> {
    let rows = &rows(read, margins, settings);
    let standing = standing(read, nodes.len(), settings.beside);
    let near = crowds::neighbours(rows, &standing, settings.neighbours);
    let grain = grain(standing.len(), nodes.len(), settings);
    let crowd_of = crowds::crowds(&crowds::ties(&near), grain);
    let mut crowds: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, crowd) in standing.iter().zip(crowd_of) {
        crowds.entry(crowd).or_default().push(*at);
    }
    let middles = middles(read, nodes.len(), rows);
    let mut groups = Vec::new();
    for crowd in crowds.values() {
        let new: Vec<usize> =
            crowd.iter().copied().filter(|at| read[*at].class.is_none()).collect();
        let fits = |at: usize| margins.map_or(0.0, |margins| margins.fit(std::iter::once(at)));
        // What looks like a node's own has only not been classified yet.
        let unexplained = new.iter().filter(|at| fits(**at) < settings.fit).count();
        if new.len() < settings.least || (unexplained as f32) < settings.new * crowd.len() as f32 {
            continue;
        }
        let (members, middle) = core(&new, rows, settings.close);
        if members.len() < settings.least {
            continue;
        }
        let cohesion = members.iter().map(|member| member.1).sum::<f32>() / members.len() as f32;
        let fit = margins.map_or(0.0, |margins| margins.fit(members.iter().map(|member| member.0)));
        if fit >= settings.fit {
            continue;
        }
        let nearest = (0..nodes.len())
            .max_by(|a, b| dot(middles.row(*a), &middle).total_cmp(&dot(middles.row(*b), &middle)));
        groups.push(Group {
            members: members.into_iter().map(|(at, _)| at).collect(),
            cohesion,
            fit,
            phrases: Vec::new(),
            nearest: nearest.map(|at| nodes[at].to_owned()),
        });
    }
    groups.sort_by(|a, b| b.members.len().cmp(&a.members.len()).then(a.members.cmp(&b.members)));
    let members: Vec<&[usize]> = groups.iter().map(|group| &*group.members).collect();
    let phrases = phrases::of_groups(lessons, read, &members);
    for (group, phrases) in groups.iter_mut().zip(phrases) {
        group.phrases = phrases;
        group.members.iter_mut().for_each(|at| *at = read[*at].lesson);
    }
    groups
}

/// Where the conversations stand.
fn rows(read: &[Read], margins: Option<&Margins>, settings: &Settings) -> Dense {
    let vocabulary = Vocabulary::of(read.iter().map(|one| &*one.words.features), 2);
    let texts = vocabulary.vectors(read.iter().map(|one| &*one.words.features));
    let width = settings.width.min(read.len());
    let said = space::space(&texts, vocabulary.len(), width, settings.seed);
    let Some(margins) = margins.filter(|_| settings.margins > 0.0) else { return said };
    let classes = margins.rows.width;
    let mut rows = Dense::zeros(read.len(), width + classes);
    for at in 0..read.len() {
        let row = rows.row_mut(at);
        row[..width].copy_from_slice(said.row(at));
        let of = margins.rows.row(at);
        let mean = of.iter().sum::<f32>() / classes as f32;
        row[width..].iter_mut().zip(of).for_each(|(to, from)| *to = from - mean);
        unit(&mut row[width..]);
        row[width..].iter_mut().for_each(|value| *value *= settings.margins);
        unit(row);
    }
    rows
}

/// Those without a node, and the last `beside` of each node.
fn standing(read: &[Read], nodes: usize, beside: usize) -> Vec<usize> {
    let mut taken = vec![0; nodes];
    let mut standing: Vec<usize> = (0..read.len())
        .rev()
        .filter(|at| {
            let Some(class) = read[*at].class else { return true };
            taken[class as usize] += 1;
            taken[class as usize] <= beside
        })
        .collect();
    standing.reverse();
    standing
}

/// How fine the crowds shall be, by how many there may be: as many as there are nodes, and where few are used, as many as so many
/// conversations usually have.
fn grain(conversations: usize, nodes: usize, settings: &Settings) -> f32 {
    let usual = (conversations as f32 / 2.0).sqrt();
    (settings.grain * usual.max(nodes as f32)).max(1.0)
}

/// Those that stand close to their middle with how close, the closest first; and the middle.
fn core(all: &[usize], rows: &Dense, close: f32) -> (Vec<(usize, f32)>, Vec<f32>) {
    let mut kept: Vec<(usize, f32)> = all.iter().map(|at| (*at, 1.0)).collect();
    let mut middle = vec![0.0; rows.width];
    // Those who are far away move the middle: once without them, and it stays.
    for _ in 0..2 {
        middle.fill(0.0);
        kept.iter().for_each(|(at, _)| add(&mut middle, 1.0, rows.row(*at)));
        unit(&mut middle);
        kept = all
            .iter()
            .map(|at| (*at, dot(rows.row(*at), &middle)))
            .filter(|(_, cosine)| *cosine >= close)
            .collect();
    }
    kept.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    (kept, middle)
}

/// The middle of each node's conversations.
fn middles(read: &[Read], nodes: usize, rows: &Dense) -> Dense {
    let mut middles = Dense::zeros(nodes, rows.width);
    for (at, one) in read.iter().enumerate() {
        if let Some(class) = one.class {
            add(middles.row_mut(class as usize), 1.0, rows.row(at));
        }
    }
    (0..nodes).for_each(|node| unit(middles.row_mut(node)));
    middles
}
