//! Remembers what was found in a text, across plugins and across calls.
//!
//! A conversation grows by one message at a time: with this, classifying it again matches only the new one. Entries are
//! compared by the text itself, so a collision of hashes cannot give a wrong answer. Bounded; the older half goes first.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;

use super::set::{Hit, PatternSet};

const SHARDS: usize = 16;
/// Entries in one of the two halves of a shard; 16 × 2 × 512 texts altogether.
const HALF: usize = 512;
/// Longer texts are not remembered.
const MAX_TEXT: usize = 16 << 10;

/// What was found in recent texts.
#[derive(Debug)]
pub(crate) struct FindCache {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    young: HashMap<u64, Entry>,
    old: HashMap<u64, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    set: u64,
    limit: u32,
    text: Arc<str>,
    hits: Arc<[Hit]>,
}

impl FindCache {
    pub(crate) fn new() -> Self {
        FindCache { hasher: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// As [`PatternSet::find`].
    pub(crate) fn find(&self, set: &PatternSet, text: &str, limit: u32) -> Arc<[Hit]> {
        if text.len() > MAX_TEXT {
            return set.find(text, limit as usize).into();
        }
        let key = self.hasher.hash_one((set.id(), limit, text));
        let shard = &self.shards[key as usize % SHARDS];
        if let Some(hits) = shard.lock().get(key, set.id(), limit, text) {
            return hits;
        }
        let hits: Arc<[Hit]> = set.find(text, limit as usize).into();
        shard
            .lock()
            .put(key, Entry { set: set.id(), limit, text: text.into(), hits: hits.clone() });
        hits
    }
}

impl Shard {
    fn get(&mut self, key: u64, set: u64, limit: u32, text: &str) -> Option<Arc<[Hit]>> {
        let same =
            |entry: &&Entry| entry.set == set && entry.limit == limit && *entry.text == *text;
        if let Some(entry) = self.young.get(&key).filter(same) {
            return Some(entry.hits.clone());
        }
        let entry = self.old.get(&key).filter(same)?.clone();
        let hits = entry.hits.clone();
        self.put(key, entry);
        Some(hits)
    }

    fn put(&mut self, key: u64, entry: Entry) {
        if self.young.len() >= HALF {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::super::set::Pattern;
    use super::*;

    #[test]
    fn remembers_without_mixing_sets_texts_or_limits() {
        let set = |source: &str| {
            PatternSet::compile(vec![
                Pattern { name: "x".into(), source: source.into() },
                Pattern { name: "y".into(), source: "oi".into() },
            ])
            .expect("compiles")
        };
        let (first, second) = (set("boleto"), set("cartao"));
        let cache = FindCache::new();
        for _ in 0..2 {
            assert_eq!(cache.find(&first, "oi boleto", 10).len(), 2);
            assert_eq!(cache.find(&first, "oi boleto", 1).len(), 1);
            assert_eq!(cache.find(&second, "oi boleto", 10).len(), 1);
            assert_eq!(cache.find(&first, "nada", 10).len(), 0);
        }
        let one = cache.find(&first, "oi boleto", 10);
        assert!(Arc::ptr_eq(&one, &cache.find(&first, "oi boleto", 10)));
    }

    #[test]
    fn stays_bounded() {
        let set = PatternSet::compile(Vec::new()).expect("compiles");
        let cache = FindCache::new();
        for number in 0..(SHARDS * HALF * 4) {
            cache.find(&set, &number.to_string(), 1);
        }
        let entries: usize = cache
            .shards
            .iter()
            .map(|s| {
                let s = s.lock();
                s.young.len() + s.old.len()
            })
            .sum();
        assert!(entries <= SHARDS * HALF * 2, "{entries}");
    }
}
