//! Looks inside files, once, within bounds, so that plugins get facts and never whole files.
//!
//! Reads, never runs or renders. Bounded in time, in bytes and in depth; what the bounds cut off is said
//! (`content.incomplete`), never taken for harmless. `sniff` says what a file is, `names` what its name promises, the others
//! look into one family each. The keys are documented in [`crate::facts`].

mod archive;
mod image;
mod markup;
mod names;
mod office;
mod pdf;
mod sniff;
mod text;

use std::time::{Duration, Instant};

use crate::facts::{self, Flag, Key, Number};
use crate::input::{Fact, Text};
use names::Name;
use sniff::Kind;

/// Time one inspection may take.
const MAX_TIME: Duration = Duration::from_millis(400);
/// Bytes unpacked in one inspection.
const MAX_UNPACKED: u64 = 48 << 20;
/// Bytes of a file that are searched through.
const MAX_SEARCHED: usize = 32 << 20;
/// Unpacked size from which an archive counts as a bomb, if it also grows by `BOMB_RATIO`.
const BOMB_BYTES: f64 = 10e6;
/// See `BOMB_BYTES`.
const BOMB_RATIO: f64 = 100.0;
/// Unpacked size that is a bomb in any case.
const BOMB_ANYWAY: f64 = 2e9;
/// Entries that are a bomb in any case.
const BOMB_ENTRIES: f64 = 100_000.0;
/// Pixels from which showing an image is dangerous.
const HUGE_PIXELS: f64 = 100e6;

/// What was found in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Type as found in the bytes; none if nobody knows.
    pub sniffed_mime: Option<Text>,
    /// What was found, in the order of the table in [`crate::facts`] as far as it goes.
    pub facts: Vec<Fact>,
}

impl Inspection {
    /// What speaks against the file (`content.concerns`).
    pub fn concerns(&self) -> Vec<&str> {
        let concerns = self.facts.iter().find(|fact| &*fact.key == facts::CONTENT_CONCERNS.name());
        match concerns.map(|fact| &fact.value) {
            Some(crate::input::FactValue::Texts(texts)) => {
                texts.iter().map(|text| &**text).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Collects what the looks into a file find.
struct Findings {
    facts: Vec<Fact>,
    active: Vec<&'static str>,
    encrypted: bool,
    polyglot: bool,
    damaged: bool,
    incomplete: bool,
    until: Instant,
    unpacked_left: u64,
}

impl Findings {
    fn new() -> Self {
        Findings {
            facts: Vec::new(),
            active: Vec::new(),
            encrypted: false,
            polyglot: false,
            damaged: false,
            incomplete: false,
            until: Instant::now() + MAX_TIME,
            unpacked_left: MAX_UNPACKED,
        }
    }

    fn flag(&mut self, key: Key<Flag>, value: bool) {
        self.facts.push(key.is(value));
    }

    fn number(&mut self, key: Key<Number>, value: f64) {
        self.facts.push(key.is(value));
    }

    fn active(&mut self, reason: &'static str) {
        if !self.active.contains(&reason) {
            self.active.push(reason);
        }
    }

    /// Whether there is time left; remembers when there is not.
    fn in_time(&mut self) -> bool {
        let in_time = Instant::now() < self.until;
        self.incomplete |= !in_time;
        in_time
    }

    fn has(&self, key: Key<Flag>) -> bool {
        self.facts.iter().any(|fact| {
            &*fact.key == key.name() && fact.value == crate::input::FactValue::Flag(true)
        })
    }

    fn amount(&self, key: Key<Number>) -> f64 {
        let value = self.facts.iter().find(|fact| &*fact.key == key.name()).map(|fact| &fact.value);
        if let Some(crate::input::FactValue::Number(number)) = value { *number } else { 0.0 }
    }
}

/// Looks into `bytes`, called `name` and declared as `mime` by the sender.
pub fn inspect(bytes: &[u8], name: &str, mime: &str) -> Inspection {
    let mut findings = Findings::new();
    let name = Name::new(name);
    let sniffed = sniff::sniff(bytes, &name);
    look_inside(bytes, &sniffed, &name, &mut findings);
    if name.is_script() && sniffed.kind == Kind::Text || sniffed.kind == Kind::Script {
        findings.active("script");
    }
    if name.is_program() || sniffed.kind == Kind::Executable {
        findings.active("program");
    }
    if findings.polyglot {
        findings.active("polyglot");
    }
    if findings.has(facts::ARCHIVE_UNSAFE_PATHS) {
        findings.active("unsafe-paths");
    }
    let kind = if name.is_program() && !bytes.is_empty() { Kind::Executable } else { sniffed.kind };
    let kind = if name.is_script() && kind == Kind::Text { Kind::Script } else { kind };
    conclude(bytes, &sniffed, kind, &name, mime, findings)
}

fn look_inside(bytes: &[u8], sniffed: &sniff::Sniffed, name: &Name, findings: &mut Findings) {
    let searched = &bytes[..bytes.len().min(MAX_SEARCHED)];
    findings.incomplete |= searched.len() < bytes.len();
    match sniffed.family {
        sniff::Family::Zip => archive::look(bytes, findings),
        sniff::Family::Ole => office::look_ole(searched, findings),
        sniff::Family::Pdf => pdf::look(searched, findings),
        sniff::Family::Rtf => office::look_rtf(searched, findings),
        sniff::Family::Image => image::look(bytes, sniffed.mime, findings),
        sniff::Family::Text => text::look(searched, sniffed, name, findings),
        sniff::Family::Other => {}
    }
    if matches!(sniffed.family, sniff::Family::Image | sniff::Family::Pdf | sniff::Family::Other) {
        archive::look_behind(bytes, findings);
    }
    if matches!(sniffed.family, sniff::Family::Image | sniff::Family::Other)
        && markup::hides_script(searched)
    {
        findings.polyglot = true;
    }
}

fn conclude(
    bytes: &[u8],
    sniffed: &sniff::Sniffed,
    kind: Kind,
    name: &Name,
    mime: &str,
    mut findings: Findings,
) -> Inspection {
    let matches_name = if bytes.is_empty() { None } else { name.fits(sniffed) };
    let matches_mime = if bytes.is_empty() { None } else { names::mime_fits(mime, sniffed) };
    let mut concerns: Vec<&str> = Vec::new();
    let mut concern = |holds: bool, word: &'static str| {
        if holds {
            concerns.push(word);
        }
    };
    let expanded = findings.amount(facts::ARCHIVE_EXPANDED_BYTES);
    let bomb = expanded > BOMB_ANYWAY
        || (expanded > BOMB_BYTES && expanded / (bytes.len().max(1) as f64) > BOMB_RATIO)
        || findings.amount(facts::ARCHIVE_ENTRIES) > BOMB_ENTRIES;
    concern(!findings.active.is_empty(), "active-content");
    concern(findings.encrypted, "encrypted");
    concern(matches_name == Some(false), "extension-mismatch");
    concern(kind == Kind::Executable, "executable");
    concern(bomb, "archive-bomb");
    concern(findings.amount(facts::IMAGE_PIXELS) > HUGE_PIXELS, "huge-image");
    concern(findings.has(facts::ARCHIVE_UNSAFE_PATHS), "unsafe-paths");
    concern(name.double_extension(), "double-extension");
    concern(name.is_unsafe(), "unsafe-name");
    concern(findings.polyglot, "polyglot");
    concern(findings.damaged, "damaged");
    concern(bytes.is_empty(), "empty");

    let mut facts = vec![facts::CONTENT_KIND.is(kind.word())];
    facts.extend(matches_name.map(|fits| facts::CONTENT_MATCHES_NAME.is(fits)));
    facts.extend(matches_mime.map(|fits| facts::CONTENT_MATCHES_MIME.is(fits)));
    facts.push(facts::CONTENT_ACTIVE.is(!findings.active.is_empty()));
    if !findings.active.is_empty() {
        facts.push(facts::CONTENT_ACTIVE_REASONS.are(&findings.active));
    }
    for (key, holds) in [
        (facts::CONTENT_ENCRYPTED, findings.encrypted),
        (facts::CONTENT_POLYGLOT, findings.polyglot),
        (facts::CONTENT_DAMAGED, findings.damaged),
        (facts::CONTENT_INCOMPLETE, findings.incomplete),
        (facts::NAME_DOUBLE_EXTENSION, name.double_extension()),
        (facts::NAME_UNSAFE, name.is_unsafe()),
    ] {
        if holds {
            facts.push(key.is(true));
        }
    }
    facts.push(facts::CONTENT_CONCERNS.are(&concerns));
    facts.append(&mut findings.facts);
    Inspection { sniffed_mime: sniffed.known().map(Into::into), facts }
}

/// Where `needle` first stands in `bytes`, ignoring the case of ASCII letters. `needle` must be lower case.
fn find_ignoring_case(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let upper = first.to_ascii_uppercase();
    let last = bytes.len().checked_sub(rest.len() + 1)?;
    (0..=last).find(|at| {
        (bytes[*at] == *first || bytes[*at] == upper)
            && bytes[at + 1..at + 1 + rest.len()].eq_ignore_ascii_case(rest)
    })
}

/// Where `needle` first stands in `bytes`.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}
