//! Looks into PDFs: actions, scripts, embedded files. Searches names, also in compressed object streams and when written
//! with escapes; does not interpret the document.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::{Findings, find};
use crate::facts;

/// Bytes unpacked from one stream.
const MAX_STREAM: u64 = 4 << 20;
/// Streams unpacked.
const MAX_STREAMS: usize = 2_000;

#[derive(Default)]
struct Names {
    javascript: bool,
    open_action: bool,
    launch: bool,
    embedded: bool,
    encrypted: bool,
    rich: bool,
}

/// Looks into a PDF.
pub(super) fn look(bytes: &[u8], findings: &mut Findings) {
    let mut names = Names::default();
    let mut at = 0;
    let mut streams = 0;
    while at < bytes.len() {
        let start = find(&bytes[at..], b"stream").map(|found| at + found);
        let outside = &bytes[at..start.unwrap_or(bytes.len())];
        note(outside, &mut names);
        let Some(start) = start else { break };
        let data = start + b"stream".len();
        let end = find(&bytes[data..], b"endstream").map_or(bytes.len(), |found| data + found);
        let dictionary = &outside[outside.len().saturating_sub(2_048)..];
        if find(dictionary, b"ObjStm").is_some() || find(dictionary, b"#").is_some() {
            streams += 1;
            if streams > MAX_STREAMS || !findings.in_time() {
                findings.incomplete = true;
                break;
            }
            note(&unpack(&bytes[data..end], findings), &mut names);
        }
        at = (end + b"endstream".len()).min(bytes.len());
    }
    findings.encrypted |= names.encrypted;
    for (key, holds) in [
        (facts::PDF_JAVASCRIPT, names.javascript),
        (facts::PDF_OPEN_ACTION, names.open_action),
        (facts::PDF_LAUNCH, names.launch),
        (facts::PDF_EMBEDDED_FILES, names.embedded),
        (facts::PDF_ENCRYPTED, names.encrypted),
    ] {
        if holds {
            findings.flag(key, true);
        }
    }
    for (reason, holds) in
        [("javascript", names.javascript), ("launch", names.launch), ("rich-media", names.rich)]
    {
        if holds {
            findings.active(reason);
        }
    }
}

fn unpack(stream: &[u8], findings: &mut Findings) -> Vec<u8> {
    let stream =
        stream.strip_prefix(b"\r\n").or_else(|| stream.strip_prefix(b"\n")).unwrap_or(stream);
    let limit = MAX_STREAM.min(findings.unpacked_left);
    let mut unpacked = Vec::new();
    // What is damaged is searched as far as it goes.
    let _ = ZlibDecoder::new(stream).take(limit).read_to_end(&mut unpacked);
    findings.unpacked_left -= unpacked.len() as u64;
    findings.incomplete |= unpacked.len() as u64 == limit;
    unpacked
}

/// Notes the names that stand in a piece of the document.
fn note(piece: &[u8], names: &mut Names) {
    let mut rest = piece;
    while let Some(at) = rest.iter().position(|byte| *byte == b'/') {
        rest = &rest[at + 1..];
        let length = rest.iter().take_while(|byte| is_regular(**byte)).count().min(127);
        match &*unescape(&rest[..length]) {
            b"JavaScript" | b"JS" => names.javascript = true,
            b"OpenAction" | b"AA" => names.open_action = true,
            b"Launch" => names.launch = true,
            b"EmbeddedFile" | b"EmbeddedFiles" | b"Filespec" => names.embedded = true,
            b"Encrypt" => names.encrypted = true,
            b"RichMedia" | b"Movie" | b"Flash" => names.rich = true,
            _ => {}
        }
        rest = &rest[length..];
    }
}

fn is_regular(byte: u8) -> bool {
    byte > b' '
        && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// `J#61vaScript` -> `JavaScript`
fn unescape(name: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(name.len());
    let mut at = 0;
    while at < name.len() {
        let escaped = name.get(at + 1..at + 3).filter(|_| name[at] == b'#').and_then(|hex| {
            std::str::from_utf8(hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
        });
        plain.push(escaped.unwrap_or(name[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    plain
}
