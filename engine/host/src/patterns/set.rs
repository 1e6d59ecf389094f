//! A compiled pattern set: which of many patterns occur in a text, and where each of them first does.
//!
//! Three steps, each cheaper than trying every pattern. Patterns that must begin or end with one of a few words (nearly all
//! rules do) are found by one Aho-Corasick pass over those words; the others by one automaton for them all; only what
//! either brings up is then searched for exactly. The cost of a text that says nothing of interest does not depend on the
//! number of patterns. Everything runs in linear time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex_automata::meta::Regex;
use regex_automata::{Input, PatternSet as Matched};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, Look};

use super::fold::Folded;
use super::syntax::{self, PatternError};

/// Patterns in one set at most.
pub const MAX_PATTERNS: usize = 5_000;
/// Bytes of one pattern's source at most.
pub const MAX_SOURCE: usize = 2_000;
/// Bytes of one compiled pattern at most: `\w{1,50}` fits, `\w{1,5000}` does not.
const MAX_COMPILED: usize = 2 << 20;
/// Bytes of the automaton for patterns without words of their own.
const MAX_COMPILED_TOGETHER: usize = 32 << 20;
/// Shorter words would bring up too many patterns.
const MIN_WORD: usize = 2;
/// Up to this many bytes of words the faster, larger automaton is built.
const DENSE_WORDS: usize = 96 << 10;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// One pattern before it is compiled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// What hits are called.
    pub name: Arc<str>,
    /// Regular expression.
    pub source: String,
}

/// The first place where a pattern occurs, in bytes of the original text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The pattern's name.
    pub pattern: Arc<str>,
    /// First byte.
    pub start: u32,
    /// After the last byte.
    pub end: u32,
}

/// A compiled set.
#[derive(Debug)]
pub struct PatternSet {
    id: u64,
    patterns: Vec<Pattern>,
    exact: Vec<Regex>,
    words: Option<AhoCorasick>,
    /// Which pattern each word belongs to.
    owner: Vec<u32>,
    wordless: Option<Regex>,
    /// Which pattern each one of `wordless` is.
    wordless_owner: Vec<u32>,
}

impl PatternSet {
    /// Compiles all, or tells what is wrong with each pattern that does not compile (by index).
    pub fn compile(patterns: Vec<Pattern>) -> Result<Self, Vec<(usize, PatternError)>> {
        if patterns.len() > MAX_PATTERNS {
            let message = format!(
                "a set holds at most {MAX_PATTERNS} patterns, this one has {}",
                patterns.len()
            );
            return Err(vec![(MAX_PATTERNS, PatternError { offset: None, message })]);
        }
        let mut problems = Vec::new();
        let mut trees = Vec::with_capacity(patterns.len());
        let mut exact = Vec::with_capacity(patterns.len());
        for (index, pattern) in patterns.iter().enumerate() {
            match compile_one(&pattern.source) {
                Ok((tree, regex)) => {
                    trees.push(tree);
                    exact.push(regex);
                }
                Err(error) => problems.push((index, error)),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let (words, owner, rest) = words_of(&trees);
        let wordless = together(&rest, &trees)
            .map_err(|error| vec![(rest.first().map_or(0, |i| *i as usize), error)])?;
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Ok(PatternSet { id, patterns, exact, words, owner, wordless, wordless_owner: rest })
    }

    /// Differs for every set compiled in this process.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// What it was compiled from.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Every pattern that occurs in `text`, in the order of the set, its first place, at most `limit` of them.
    pub fn find(&self, text: &str, limit: usize) -> Vec<Hit> {
        let folded = Folded::new(text);
        let mut hits = Vec::new();
        for index in self.candidates(folded.as_str()) {
            if hits.len() >= limit {
                break;
            }
            let index = index as usize;
            if let Some(found) = self.exact[index].find(folded.as_str()) {
                let (start, end) = folded.span(found.start(), found.end());
                hits.push(Hit { pattern: self.patterns[index].name.clone(), start, end });
            }
        }
        hits
    }

    fn candidates(&self, folded: &str) -> Vec<u32> {
        let mut found = Vec::new();
        if let Some(words) = &self.words {
            found.extend(
                words.find_overlapping_iter(folded).map(|hit| self.owner[hit.pattern().as_usize()]),
            );
        }
        if let Some(wordless) = &self.wordless {
            let mut matched = Matched::new(wordless.pattern_len());
            wordless.which_overlapping_matches(&Input::new(folded), &mut matched);
            found.extend(matched.iter().map(|id| self.wordless_owner[id.as_usize()]));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn compile_one(source: &str) -> Result<(Hir, Regex), PatternError> {
    if source.len() > MAX_SOURCE {
        let message =
            format!("a pattern has at most {MAX_SOURCE} bytes, this one has {}", source.len());
        return Err(PatternError { offset: Some(MAX_SOURCE), message });
    }
    let tree = syntax::parse(source)?;
    let config =
        Regex::config().nfa_size_limit(Some(MAX_COMPILED)).hybrid_cache_capacity(256 << 10);
    let regex = Regex::builder()
        .configure(config)
        .build_from_hir(&tree)
        .map_err(|error| too_large(&error))?;
    Ok((tree, regex))
}

fn too_large(error: &regex_automata::meta::BuildError) -> PatternError {
    let message = match error.size_limit() {
        Some(limit) => format!(
            "the pattern is too large when compiled (more than {limit} bytes): use smaller repetitions"
        ),
        None => error.to_string(),
    };
    PatternError { offset: None, message }
}

/// The words that announce patterns, whose they are, and the patterns that have none.
fn words_of(trees: &[Hir]) -> (Option<AhoCorasick>, Vec<u32>, Vec<u32>) {
    let (mut words, mut owner, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for (index, tree) in trees.iter().enumerate() {
        match announcing(tree) {
            Some(literals) => {
                owner.extend(std::iter::repeat_n(index as u32, literals.len()));
                words.extend(literals);
            }
            None => rest.push(index as u32),
        }
    }
    if words.is_empty() {
        return (None, owner, rest);
    }
    let size: usize = words.iter().map(Vec::len).sum();
    let kind =
        if size <= DENSE_WORDS { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
    match AhoCorasick::builder().match_kind(MatchKind::Standard).kind(Some(kind)).build(&words) {
        Ok(automaton) => (Some(automaton), owner, rest),
        // Too many states: search for all of them together.
        Err(_) => (None, Vec::new(), (0..trees.len() as u32).collect()),
    }
}

/// Words of which at least one stands at the start (or the end) of every match.
fn announcing(tree: &Hir) -> Option<Vec<Vec<u8>>> {
    [ExtractKind::Prefix, ExtractKind::Suffix].into_iter().find_map(|kind| {
        let sequence = Extractor::new().kind(kind).extract(tree);
        let literals = sequence.literals()?;
        let useful = !literals.is_empty()
            && literals.iter().all(|literal| literal.as_bytes().len() >= MIN_WORD);
        useful.then(|| literals.iter().map(|literal| literal.as_bytes().to_vec()).collect())
    })
}

fn together(rest: &[u32], trees: &[Hir]) -> Result<Option<Regex>, PatternError> {
    if rest.is_empty() {
        return Ok(None);
    }
    let loose: Vec<Hir> =
        rest.iter().map(|index| syntax::without_word_borders(&trees[*index as usize])).collect();
    debug_assert!(loose.iter().all(|hir| !hir.properties().look_set().contains(Look::WordUnicode)));
    let config = Regex::config()
        .match_kind(regex_automata::MatchKind::All)
        .nfa_size_limit(Some(MAX_COMPILED_TOGETHER))
        .hybrid_cache_capacity(4 << 20);
    Regex::builder()
        .configure(config)
        .build_many_from_hir(&loose)
        .map(Some)
        .map_err(|error| too_large(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(sources: &[&str]) -> PatternSet {
        let patterns = sources.iter().enumerate().map(|(index, source)| Pattern {
            name: index.to_string().into(),
            source: (*source).to_owned(),
        });
        PatternSet::compile(patterns.collect()).expect("compiles")
    }

    fn found(sources: &[&str], text: &str) -> Vec<(String, String)> {
        set(sources)
            .find(text, 100)
            .into_iter()
            .map(|hit| {
                (hit.pattern.to_string(), text[hit.start as usize..hit.end as usize].to_owned())
            })
            .collect()
    }

    #[test]
    fn finds_folded_text_and_maps_spans_back() {
        let hits = found(
            &[r"\b(2a|segunda) via\b", r"\bboletos?\b", r"cancelar"],
            "Preciso da 2ª VIA do BOLETO, já!",
        );
        assert_eq!(hits, [("0".into(), "2ª VIA".into()), ("1".into(), "BOLETO".into())]);
    }

    #[test]
    fn folds_patterns_without_breaking_escapes_and_classes() {
        assert_eq!(found(&["ação"], "acao")[0].1, "acao");
        assert_eq!(found(&[r"\x41\u{C7}"], "aç")[0].1, "aç");
        assert_eq!(found(&["[ãõ]z"], "Az")[0].1, "Az");
        assert!(found(&["[^a]b"], "ab").is_empty());
        assert!(found(&["[^A]b"], "Áb").is_empty());
        assert_eq!(found(&[r"\D\d{3}\b"], "x123")[0].1, "x123");
    }

    #[test]
    fn word_borders_are_kept_for_patterns_without_words() {
        let sources = &[r"\bo\b", r"\b\d{4}\b", "."];
        assert_eq!(found(sources, "foo 12345"), [("2".into(), "f".into())]);
        assert_eq!(found(sources, "é o 1234").len(), 3);
        assert!(found(&[r"\bo\b"], "ждo").is_empty());
    }

    #[test]
    fn order_and_limit_are_those_of_the_set() {
        let set = set(&["bb", "aa", "cc"]);
        let names: Vec<_> =
            set.find("cc bb aa", 2).into_iter().map(|hit| hit.pattern.to_string()).collect();
        assert_eq!(names, ["0", "1"]);
    }

    #[test]
    fn agrees_with_the_plain_engine() {
        let sources: &[&str] = &[
            "boleto",
            "segunda.*via",
            r"\bpix\b",
            r"[0-9]{3}\.[0-9]{3}",
            "a|bb|ccc",
            r"(?:\w+@\w+\.com)",
            "via$",
            "^oi",
        ];
        let texts = [
            "oi, boleto",
            "a segunda ou terceira via",
            "pixel pix",
            "cpf 123.456",
            "nada",
            "x bb",
            "fulano@site.com via",
            "",
        ];
        let together = set(sources);
        for text in texts {
            let expected: Vec<String> = sources
                .iter()
                .enumerate()
                .filter(|(_, source)| regex::Regex::new(source).expect("valid").is_match(text))
                .map(|(index, _)| index.to_string())
                .collect();
            let got: Vec<String> =
                together.find(text, 100).iter().map(|hit| hit.pattern.to_string()).collect();
            assert_eq!(got, expected, "{text}");
        }
    }

    #[test]
    fn a_broken_pattern_is_told_with_its_offset() {
        let patterns = vec![
            Pattern { name: "0".into(), source: "fine".into() },
            Pattern { name: "1".into(), source: r"\b(2a|segunda via\b".into() },
            Pattern { name: "2".into(), source: r"(\w{500}){500}".into() },
        ];
        let problems = PatternSet::compile(patterns).expect_err("broken");
        assert_eq!(problems[0].0, 1);
        assert_eq!(problems[0].1.offset, Some(2));
        assert_eq!(problems[0].1.message, "unclosed group");
        assert_eq!(problems[1].0, 2);
    }
}
