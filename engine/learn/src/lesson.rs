//! What is learned from: conversations with the node that was right in the end.
//!
//! A conversation of several turns is shown as it stood after each of the consumer's first turns and at its end, because that
//! is when suggestions are wanted. All of these stay on one side of every split.

use dialogo_model::{Turn, Weighing, Who, Words, words};
use std::collections::BTreeMap;

/// Consumer's turns after which a conversation is shown, beside its end.
const SHOWN_AFTER: usize = 3;

/// A conversation that was classified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// Who wrote what, in order.
    pub turns: Vec<(Who, String)>,
    /// The node; `None`: it is about none of the nodes, which is worth knowing too.
    pub node: Option<String>,
}

impl Lesson {
    /// One message of a consumer.
    pub fn of_text(text: impl Into<String>, node: Option<&str>) -> Self {
        Self { turns: vec![(Who::Consumer, text.into())], node: node.map(str::to_owned) }
    }

    /// Its turns.
    pub fn turns(&self) -> Vec<Turn<'_>> {
        self.turns.iter().map(|(who, text)| Turn { who: *who, text }).collect()
    }

    /// How many turns there are when it is shown: after the consumer's first ones, and at the end.
    pub fn shown(&self) -> Vec<usize> {
        let consumers = self.turns.iter().enumerate().filter(|(_, (who, _))| *who == Who::Consumer);
        let ends: Vec<usize> = consumers.map(|(at, _)| at + 1).collect();
        let mut shown: Vec<usize> = ends.iter().copied().take(SHOWN_AFTER).collect();
        if let Some(last) = ends.last().filter(|last| !shown.contains(last)) {
            shown.push(*last);
        }
        shown
    }
}

/// One view of a lesson, read.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) words: Words,
    /// Its class.
    pub(crate) class: u32,
    /// Its lesson.
    pub(crate) lesson: usize,
}

/// The classes of lessons in the order of their names, “none of them” last, and all views.
pub(crate) struct Views {
    pub(crate) names: Vec<String>,
    pub(crate) none: Option<u32>,
    pub(crate) views: Vec<View>,
}

pub(crate) fn views(lessons: &[Lesson], weighing: Weighing) -> Views {
    let mut classes: BTreeMap<&str, u32> = BTreeMap::new();
    for node in lessons.iter().filter_map(|lesson| lesson.node.as_deref()) {
        classes.insert(node, 0);
    }
    classes.values_mut().enumerate().for_each(|(at, class)| *class = at as u32);
    let has_none = lessons.iter().any(|lesson| lesson.node.is_none());
    let none = has_none.then_some(classes.len() as u32);
    let mut views = Vec::new();
    for (at, lesson) in lessons.iter().enumerate() {
        let class = match &lesson.node {
            Some(node) => classes[node.as_str()],
            None => classes.len() as u32,
        };
        let turns = lesson.turns();
        for end in lesson.shown() {
            views.push(View { words: words(&turns[..end], weighing), class, lesson: at });
        }
    }
    let mut names: Vec<String> = classes.keys().map(|name| (*name).to_owned()).collect();
    if has_none {
        names.push(String::new());
    }
    Views { names, none, views }
}
