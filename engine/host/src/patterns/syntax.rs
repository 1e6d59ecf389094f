//! A pattern's source as a folded expression tree.
//!
//! Folding works on the tree and not on the source, so escapes and classes cannot be broken by it: `\x41` becomes `a`,
//! `[ãõ]` becomes `[ao]`, `ª` becomes `a`, and what a class excludes stays excluded.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Capture, Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};

use super::fold::{fold_char, fold_str};

/// A class with at most this many characters is folded character by character; a larger one (`\w`, `[^x]`) already holds
/// the folded forms.
const SMALL_CLASS: usize = 512;

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// Byte offset in the pattern's source, where known.
    pub offset: Option<usize>,
    /// What is wrong.
    pub message: String,
}

/// Parses and folds.
pub(crate) fn parse(source: &str) -> Result<Hir, PatternError> {
    let parsed = ParserBuilder::new().case_insensitive(true).nest_limit(64).build().parse(source);
    let folded = parsed.map(|hir| fold(&hir)).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => PatternError {
            offset: Some(error.span().start.offset),
            message: error.kind().to_string(),
        },
        regex_syntax::Error::Translate(error) => PatternError {
            offset: Some(error.span().start.offset),
            message: error.kind().to_string(),
        },
        other => PatternError { offset: None, message: other.to_string() },
    })?;
    if folded.properties().minimum_len().is_none() {
        let message = "no text can ever match it".to_owned();
        return Err(PatternError { offset: None, message });
    }
    Ok(folded)
}

/// The same expression without word borders: matches wherever the original does, and perhaps elsewhere. Automata that
/// look for many patterns at once cannot decide Unicode word borders quickly.
pub(crate) fn without_word_borders(hir: &Hir) -> Hir {
    map(hir, &|leaf| match leaf.kind() {
        HirKind::Look(look) if is_word_look(*look) => Hir::empty(),
        _ => leaf.clone(),
    })
}

fn is_word_look(look: Look) -> bool {
    !matches!(
        look,
        Look::Start | Look::End | Look::StartLF | Look::EndLF | Look::StartCRLF | Look::EndCRLF
    )
}

fn fold(hir: &Hir) -> Hir {
    map(hir, &|leaf| match leaf.kind() {
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => Hir::literal(fold_str(text).into_bytes()),
            Err(_) => leaf.clone(),
        },
        HirKind::Class(Class::Unicode(class)) => fold_class(class),
        _ => leaf.clone(),
    })
}

fn fold_class(class: &ClassUnicode) -> Hir {
    let size: usize = class.ranges().iter().map(ClassUnicodeRange::len).sum();
    if size == 0 || size > SMALL_CLASS {
        return Hir::class(Class::Unicode(class.clone()));
    }
    let mut single = ClassUnicode::empty();
    let mut several: Vec<Hir> = Vec::new();
    for range in class.ranges() {
        for character in range.start()..=range.end() {
            let mut image = String::new();
            fold_char(character, |c| image.push(c));
            let mut parts = image.chars();
            match (parts.next(), parts.next()) {
                (Some(only), None) => single.push(ClassUnicodeRange::new(only, only)),
                (None, _) => several.push(Hir::empty()),
                _ => several.push(Hir::literal(image.into_bytes())),
            }
        }
    }
    if several.is_empty() {
        return Hir::class(Class::Unicode(single));
    }
    several.sort_by_key(|hir| format!("{hir:?}"));
    several.dedup();
    if !single.ranges().is_empty() {
        several.insert(0, Hir::class(Class::Unicode(single)));
    }
    Hir::alternation(several)
}

/// Rebuilds the tree with each leaf replaced.
fn map(hir: &Hir, leaf: &impl Fn(&Hir) -> Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => leaf(hir),
        HirKind::Repetition(repetition) => {
            Hir::repetition(repetition.with(map(&repetition.sub, leaf)))
        }
        HirKind::Capture(capture) => Hir::capture(Capture {
            index: capture.index,
            name: capture.name.clone(),
            sub: Box::new(map(&capture.sub, leaf)),
        }),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(|part| map(part, leaf)).collect()),
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.iter().map(|part| map(part, leaf)).collect())
        }
    }
}
