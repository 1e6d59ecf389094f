//! From groups of conversations to nodes that an admin can accept: a title, an id in the tree's manner, a place, samples.
//! Pure.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use dialogo_domain::tree::Tree;
use dialogo_learn::reasons::{Alike, Found, Group, redact::redacted};
use dialogo_model::{Who, text};
use dialogo_server::api::{AlikeNodes, FoundReasons, ProposedNode, ReasonGroup};
use dialogo_server::reasons::Decision;

use super::talks::{Talk, is_other};

/// Messages of a group that are shown.
const SAMPLES: usize = 4;

/// Characters of a message that are shown.
const LONGEST_SAMPLE: usize = 200;

/// Conversations of a group that are named.
const NAMED: usize = 200;

/// Classified conversations for each node, from which on one that was never chosen is worth a word.
const ENOUGH: usize = 10;

const WEEK_MS: u64 = 7 * 86_400_000;
const WEEKS: usize = 4;

/// Conversations of groups that became nodes count as those nodes', wherever agents had none.
pub fn remember(talks: &mut [Talk], tree: &Tree, decisions: &[Decision]) {
    let mut node_of: BTreeMap<&str, &str> = BTreeMap::new();
    for decision in decisions {
        let node = decision.node.as_deref().filter(|node| tree.nodes.contains_key(*node));
        node_of.extend(node.iter().flat_map(|node| {
            decision.conversations.iter().map(move |conversation| (&**conversation, *node))
        }));
    }
    for talk in talks.iter_mut().filter(|talk| talk.lesson.node.is_none()) {
        talk.lesson.node = node_of.get(&*talk.id).map(|node| (*node).to_owned());
    }
}

/// What was found, as it is shown. `at`: when, in milliseconds UTC.
pub fn propose(
    talks: &[Talk],
    found: &Found,
    tree: &Tree,
    decisions: &[Decision],
    at: u64,
) -> FoundReasons {
    let mut taken: BTreeSet<String> = tree.nodes.keys().map(ToString::to_string).collect();
    let mut names = BTreeSet::new();
    let mut groups = Vec::new();
    for group in &found.groups {
        let members: HashSet<&str> = group.members.iter().map(|at| &*talks[*at].id).collect();
        let decided = decisions.iter().rev().find(|one| one.is_about(|id| members.contains(id)));
        if decided.is_some_and(|one| !one.is_outgrown_by(members.len() as u64)) {
            continue;
        }
        let proposed = node(group, tree, &mut taken);
        let own = slug(&proposed.title);
        let id = numbered(&own, |id| names.insert(id.to_owned()));
        groups.push(ReasonGroup {
            id,
            size: group.members.len() as u64,
            cohesion: group.cohesion,
            weeks: weeks(talks, group),
            phrases: group.phrases.clone(),
            samples: samples(talks, group),
            nearest: group.nearest.clone(),
            proposed,
            declined_at: decided.map(|one| one.at),
            conversations: group
                .members
                .iter()
                .take(NAMED)
                .map(|at| talks[*at].id.clone())
                .collect(),
        });
    }
    FoundReasons {
        at,
        conversations: talks.len() as u64,
        looked_at: found.looked_at as u64,
        groups,
        alike: found.alike.iter().map(|alike| alike_nodes(talks, alike)).collect(),
        unused: unused(talks, tree),
    }
}

fn node(group: &Group, tree: &Tree, taken: &mut BTreeSet<String>) -> ProposedNode {
    let title = title(&group.phrases);
    let nearest = group.nearest.as_deref().and_then(|nearest| tree.nodes.get_key_value(nearest));
    let parent = nearest.and_then(|(id, node)| {
        let is_mother = tree.nodes.values().any(|other| other.parent.as_ref() == Some(id));
        node.parent.clone().or_else(|| is_mother.then(|| id.clone()))
    });
    let parent = parent.map(|parent| parent.to_string());
    let below =
        tree.nodes.iter().filter_map(|(id, node)| Some((id.to_string(), node.parent.as_ref()?)));
    // Where daughters bear their mother's name, a new one does.
    let (dotted, all) = below.fold((0, 0), |(dotted, all), (id, parent)| {
        (dotted + usize::from(id.starts_with(&format!("{parent}."))), all + 1)
    });
    let own = slug(&title);
    let own = match &parent {
        Some(parent) if dotted * 2 > all => format!("{parent}.{own}"),
        _ => own,
    };
    let id = numbered(&own, |id| taken.insert(id.to_owned()));
    ProposedNode { id, title, parent }
}

/// `name`, or `name-2` and so on where it is taken.
fn numbered(name: &str, mut take: impl FnMut(&str) -> bool) -> String {
    let more = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(more).find(|name| take(name)).unwrap_or_default()
}

/// The most telling words; a single one gets company.
fn title(phrases: &[String]) -> String {
    let mut title = phrases.first().cloned().unwrap_or_default();
    if let Some(second) = phrases.get(1).filter(|_| !title.contains(' ')) {
        title = format!("{title}, {second}");
    }
    let mut letters = title.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Small letters, digits and dashes.
fn slug(title: &str) -> String {
    let words: Vec<String> = text::tokens(title)
        .into_iter()
        .map(|token| token.text.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() { "new".to_owned() } else { words.join("-") }
}

/// How many began in each of the last weeks before the latest conversation of all.
fn weeks(talks: &[Talk], group: &Group) -> Vec<u64> {
    let latest = talks.iter().map(|talk| talk.at).max().unwrap_or_default();
    if latest == 0 {
        return Vec::new();
    }
    let mut weeks = vec![0; WEEKS];
    for at in &group.members {
        let ago = (latest.saturating_sub(talks[*at].at) / WEEK_MS) as usize;
        if let Some(week) = (WEEKS - 1).checked_sub(ago) {
            weeks[week] += 1;
        }
    }
    weeks
}

/// Typical messages, none twice.
fn samples(talks: &[Talk], group: &Group) -> Vec<String> {
    let mut samples: Vec<String> = Vec::new();
    for at in &group.members {
        let sample = sample(&talks[*at], &group.phrases);
        if !samples.contains(&sample) {
            samples.push(sample);
        }
        if samples.len() == SAMPLES {
            break;
        }
    }
    samples
}

/// The consumer's message that says most of what the group is about: its words, else the most words.
fn sample(talk: &Talk, phrases: &[String]) -> String {
    let said = talk.lesson.turns.iter().filter(|(who, _)| *who == Who::Consumer);
    let telling = |text: &str| {
        let text = text.to_lowercase();
        let has = phrases.iter().filter(|phrase| text.contains(&***phrase)).count();
        (has, text.split_whitespace().count().min(12))
    };
    let best = said.map(|(_, text)| text.trim()).rev().max_by_key(|text| telling(text));
    let text = redacted(best.unwrap_or_default());
    match text.char_indices().nth(LONGEST_SAMPLE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn alike_nodes(talks: &[Talk], alike: &Alike) -> AlikeNodes {
    let of_one = |at: &[usize]| at.iter().map(|at| sample(&talks[*at], &[])).collect();
    AlikeNodes {
        nodes: alike.nodes.clone(),
        of: alike.of as u64,
        confused: alike.confused as u64,
        similarity: alike.similarity,
        samples: [of_one(&alike.samples[0]), of_one(&alike.samples[1])],
    }
}

/// Nodes without children that could be chosen and never were; none where too little was classified to say so.
fn unused(talks: &[Talk], tree: &Tree) -> Vec<String> {
    let nodes: Vec<&str> = talks.iter().filter_map(|talk| talk.lesson.node.as_deref()).collect();
    let used: HashSet<&str> = nodes.iter().copied().collect();
    let mothers: HashSet<&str> =
        tree.nodes.values().filter_map(|node| node.parent.as_ref()).map(|id| id.as_str()).collect();
    let leaves = tree.nodes.iter().filter(|(id, node)| {
        node.active && !is_other(id.as_str()) && !mothers.contains(id.as_str())
    });
    let leaves: Vec<&str> = leaves.map(|(id, _)| id.as_str()).collect();
    if nodes.len() < ENOUGH * leaves.len() {
        return Vec::new();
    }
    leaves.into_iter().filter(|id| !used.contains(id)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use dialogo_domain::tree::{Confidence, Node};
    use dialogo_learn::Lesson;

    use super::*;

    fn tree() -> Tree {
        let node = |id: &str, parent: Option<&str>| {
            let node = Node {
                parent: parent.map(Into::into),
                name: [("pt".to_owned(), id.to_owned())].into(),
                active: true,
                departments: BTreeSet::new(),
                channels: BTreeSet::new(),
                synonyms: Vec::new(),
                confidence: Confidence::default(),
            };
            (id.into(), node)
        };
        let nodes = [node("conta", None), node("conta.senha", Some("conta")), node("outros", None)];
        Tree { nodes: nodes.into(), ..Tree::default() }
    }

    fn talk(id: u64, text: &str) -> Talk {
        Talk { id: id.to_string(), at: WEEK_MS * id, lesson: Lesson::of_text(text, None) }
    }

    fn found() -> Found {
        let group = Group {
            members: vec![0, 1, 2],
            cohesion: 0.5,
            fit: -0.5,
            phrases: vec!["cartão".into(), "engolido".into()],
            nearest: Some("conta.senha".into()),
        };
        Found { looked_at: 3, groups: vec![group], alike: Vec::new() }
    }

    fn talks() -> Vec<Talk> {
        let texts = ["oi", "o caixa engoliu o cartão 4111 1111 1111 1111", "cartão preso"];
        texts.iter().zip(1..).map(|(text, id)| talk(id, text)).collect()
    }

    #[test]
    fn a_group_becomes_a_node_in_the_tree_s_manner() {
        let shown = propose(&talks(), &found(), &tree(), &[], 9);
        let group = &shown.groups[0];
        assert_eq!(group.id, "cartao-engolido");
        let parent = Some("conta".to_owned());
        let node = ProposedNode {
            id: "conta.cartao-engolido".into(),
            title: "Cartão, engolido".into(),
            parent,
        };
        assert_eq!(group.proposed, node);
        assert_eq!(group.weeks, [0, 1, 1, 1]);
        assert_eq!(group.samples[1], "o caixa engoliu o cartão •••••");
        assert_eq!(shown.unused, Vec::<String>::new(), "nothing was classified at all");
        let mut classified: Vec<Talk> = (1..=10).map(|id| talk(id, "oi")).collect();
        classified.iter_mut().for_each(|talk| talk.lesson.node = Some("conta".into()));
        assert_eq!(unused(&classified, &tree()), ["conta.senha"]);
        assert_eq!(unused(&classified[1..], &tree()), Vec::<String>::new(), "too few to say so");
    }

    #[test]
    fn what_was_declined_stays_away_until_it_has_grown_and_what_was_accepted_has_a_node() {
        let group = propose(&talks(), &found(), &tree(), &[], 9).groups.remove(0);
        let by = dialogo_domain::Actor::Operator;
        let declined = Decision::about(&group, None, &by, 10);
        assert!(
            propose(&talks(), &found(), &tree(), std::slice::from_ref(&declined), 11)
                .groups
                .is_empty()
        );
        let smaller = Decision { size: 2, ..declined.clone() };
        let again = propose(&talks(), &found(), &tree(), &[smaller], 11);
        assert_eq!(again.groups[0].declined_at, Some(10));
        let mut talks = talks();
        remember(&mut talks, &tree(), &[Decision { node: Some("conta.senha".into()), ..declined }]);
        assert!(talks.iter().all(|talk| talk.lesson.node.as_deref() == Some("conta.senha")));
    }

    #[test]
    fn names_that_are_taken_get_a_number() {
        let mut found = found();
        found.groups.push(found.groups[0].clone());
        let shown = propose(&talks(), &found, &tree(), &[], 9);
        assert_eq!(shown.groups[1].id, "cartao-engolido-2");
        assert_eq!(shown.groups[1].proposed.id, "conta.cartao-engolido-2");
    }
}
