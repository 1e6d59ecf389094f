//! Looks into texts: their encoding, markup that runs, tables whose cells are formulas.

use super::Findings;
use super::markup;
use super::names::Name;
use super::sniff::Sniffed;
use crate::facts;

/// Characters of a text that are looked at to tell whether it is one.
const SAMPLE: usize = 8_192;

/// Whether it looks like UTF-16: by its mark, or by every other byte being zero.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    utf16_order(bytes).is_some()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

fn utf16_order(bytes: &[u8]) -> Option<Order> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(Order::Little),
        [0xfe, 0xff, ..] => return Some(Order::Big),
        _ => {}
    }
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    if sample.len() < 8 {
        return None;
    }
    let zeros =
        |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let half = sample.len() / 2;
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 10 >= half * 8 && even * 10 <= half {
        Some(Order::Little)
    } else if even * 10 >= half * 8 && odd * 10 <= half {
        Some(Order::Big)
    } else {
        None
    }
}

/// The text, if it is one, in whatever encoding browsers would read it.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    if let Some(order) = utf16_order(bytes) {
        let units = bytes.chunks_exact(2).map(|pair| match order {
            Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
            Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
        });
        return Some(char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{FFFD}')).collect());
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let controls = sample
        .iter()
        .filter(|byte| **byte < 32 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
        .count();
    if controls * 50 > sample.len() {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        // One byte a character, as Latin-1: wrong for the letters beyond ASCII, right for everything that runs.
        Err(_) => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

fn encoding(bytes: &[u8]) -> &'static str {
    match utf16_order(bytes) {
        Some(Order::Little) => "utf-16le",
        Some(Order::Big) => "utf-16be",
        None if std::str::from_utf8(bytes).is_ok() => "utf-8",
        None => "other",
    }
}

/// Whether it begins with the header of a mail.
pub(super) fn is_email(start: &str) -> bool {
    const FIELDS: &[&str] = &[
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "received",
        "return-path",
        "content-type",
    ];
    let known = start.lines().take(40).take_while(|line| !line.is_empty()).filter(|line| {
        let field = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        line.contains(':') && FIELDS.contains(&field.as_str())
    });
    known.count() >= 3
}

/// Looks into a text.
pub(super) fn look(bytes: &[u8], sniffed: &Sniffed, name: &Name, findings: &mut Findings) {
    let Some(text) = decode(bytes) else { return };
    findings.facts.push(facts::TEXT_ENCODING.is(encoding(bytes)));
    match sniffed.mime {
        "text/html" | "image/svg+xml" | "text/xml" | "application/msword" => {
            markup::look(&text, findings)
        }
        "text/csv" | "text/tab-separated-values" => look_at_table(&text, findings),
        // A browser that guesses, or a mail reader, may still take it for a page.
        _ if name.extension() != "js" && markup::has_script(&text) => findings.active("script"),
        _ => {}
    }
}

fn look_at_table(text: &str, findings: &mut Findings) {
    let mut formulas = false;
    for cell in text.split(['\n', '\r', ',', ';', '\t']) {
        let cell = cell.trim_start_matches([' ', '"', '\'']);
        let mut characters = cell.chars();
        let (first, second) = (characters.next(), characters.next());
        let calls = |c: char| c.is_ascii_alphabetic() || matches!(c, '(' | '@' | '=');
        formulas |= match (first, second) {
            (Some('=' | '@'), Some(next)) => {
                calls(next) || next.is_ascii_digit() && first == Some('=')
            }
            // A sign before letters is a formula only if something is called.
            (Some('+' | '-'), Some(next)) => calls(next) && cell.contains(['(', '|', '!']),
            _ => false,
        };
    }
    if formulas {
        findings.flag(facts::TEXT_FORMULAS, true);
        findings.active("formula");
    }
}
