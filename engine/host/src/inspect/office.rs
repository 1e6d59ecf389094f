//! Looks into office documents: the old container (OLE2), RTF, and the parts of the new ones (called from `archive.rs`).
//!
//! Macros, links that start programs, templates from elsewhere, embedded files. Names of streams are found by scanning, not
//! by following the container's chains, so a damaged or hostile container hides nothing and cannot make us loop.

use super::names::{self, ENCRYPTED_OFFICE};
use super::sniff::{Family, Kind, Sniffed};
use super::{Findings, find, find_ignoring_case};
use crate::facts;

/// Size of a directory entry.
const ENTRY: usize = 128;

/// Which document an OLE2 container holds.
pub(super) fn sniff_ole(bytes: &[u8], found: Sniffed) -> Sniffed {
    let names = stream_names(bytes);
    let has = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let of = |mime, kind| Sniffed { mime, kind, family: Family::Ole };
    if has("EncryptedPackage") {
        of(ENCRYPTED_OFFICE, Kind::Document)
    } else if has("WordDocument") {
        of("application/msword", Kind::Document)
    } else if has("Workbook") || has("Book") {
        of("application/vnd.ms-excel", Kind::Spreadsheet)
    } else if has("PowerPoint Document") {
        of("application/vnd.ms-powerpoint", Kind::Presentation)
    } else if names.iter().any(|name| name.starts_with("__substg1.0_"))
        || has("__properties_version1.0")
    {
        of("application/vnd.ms-outlook", Kind::Email)
    } else if names.iter().any(|name| name.chars().any(|c| matches!(c, '\u{3800}'..='\u{4840}'))) {
        // An installer packs its table names into these characters.
        of("application/x-msi", Kind::Executable)
    } else {
        found
    }
}

/// Names in the container's directory.
fn stream_names(bytes: &[u8]) -> Vec<String> {
    let entries = bytes.get(512..).unwrap_or_default().chunks_exact(ENTRY);
    entries.filter_map(entry_name).collect()
}

fn entry_name(entry: &[u8]) -> Option<String> {
    let length = usize::from(u16::from_le_bytes([entry[64], entry[65]]));
    let is_entry =
        (4..=64).contains(&length) && length.is_multiple_of(2) && matches!(entry[66], 1 | 2 | 5);
    if !is_entry {
        return None;
    }
    let units =
        entry[..length - 2].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .ok()
        .filter(|name| !name.contains('\0'))
}

/// Looks into an OLE2 container.
pub(super) fn look_ole(bytes: &[u8], findings: &mut Findings) {
    let names = stream_names(bytes);
    let has = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if has("EncryptedPackage") {
        findings.flag(facts::ARCHIVE_ENCRYPTED, true);
    }
    if has("EncryptedPackage") || word_is_encrypted(bytes) || workbook_is_encrypted(bytes) {
        findings.encrypted = true;
    }
    if has("_VBA_PROJECT") || has("_VBA_PROJECT_CUR") || has("VBA") || has("Macros") {
        findings.flag(facts::OFFICE_MACROS, true);
        findings.active("macro");
    }
    if has("ObjectPool")
        || has("\u{1}Ole10Native")
        || has("Package")
        || names.iter().any(|name| name.starts_with("MBD"))
    {
        findings.flag(facts::OFFICE_EMBEDDED, true);
    }
    if let Some(at) =
        find_ignoring_utf16_case(bytes, "Ole10Native").filter(|_| has("\u{1}Ole10Native"))
    {
        // A packaged file keeps its name near its start.
        let near = &bytes[at.min(bytes.len())..];
        let risky = near
            .split(|byte| *byte == 0)
            .take(20_000)
            .filter_map(|part| std::str::from_utf8(part).ok());
        if risky
            .filter(|text| (5..=260).contains(&text.len()) && text.is_ascii())
            .any(names::is_risky)
        {
            findings.active("embedded-program");
        }
    }
    if find(bytes, b"DDEAUTO").is_some() {
        findings.flag(facts::OFFICE_DDE, true);
        findings.active("dde");
    }
}

fn find_ignoring_utf16_case(bytes: &[u8], name: &str) -> Option<usize> {
    let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    find(bytes, &wide)
}

/// The flag in Word's own header.
fn word_is_encrypted(bytes: &[u8]) -> bool {
    let headers = bytes.chunks_exact(512).filter(|sector| sector.starts_with(&[0xec, 0xa5]));
    headers.take(4).any(|header| u16::from_le_bytes([header[10], header[11]]) & 0x0100 != 0)
}

/// The record that says so, among the first of a workbook.
fn workbook_is_encrypted(bytes: &[u8]) -> bool {
    let starts =
        bytes.chunks(512).enumerate().filter(|(_, sector)| sector.starts_with(&[0x09, 0x08]));
    starts.take(4).any(|(number, _)| {
        let mut at = number * 512;
        for _ in 0..20 {
            let Some(header) = bytes.get(at..at + 4) else { return false };
            if header[..2] == [0x2f, 0x00] {
                return true;
            }
            at += 4 + usize::from(u16::from_le_bytes([header[2], header[3]]));
        }
        false
    })
}

/// Looks into an RTF.
pub(super) fn look_rtf(bytes: &[u8], findings: &mut Findings) {
    let has = |word: &[u8]| find_ignoring_case(bytes, word).is_some();
    if has(b"\\objdata") || has(b"\\objemb") {
        findings.flag(facts::OFFICE_EMBEDDED, true);
        if has(b"\\objupdate") || has(b"4f6c653130") || has(b"\\objautlink") {
            findings.active("embedded-object");
        }
    }
    if has(b"\\*\\template http") || has(b"\\*\\template \\\\") {
        findings.flag(facts::OFFICE_EXTERNAL, true);
        findings.active("external-template");
    }
    if has(b"ddeauto") || has(b"\\objautlink") {
        findings.flag(facts::OFFICE_DDE, true);
        findings.active("dde");
    }
}

/// Looks at a name in a new document.
pub(super) fn look_part_name(name: &str, findings: &mut Findings) {
    let lower = name.to_ascii_lowercase();
    if lower.ends_with("vbaproject.bin")
        || lower.contains("/macrosheets/")
        || lower.starts_with("basic/")
        || lower.starts_with("scripts/")
    {
        if !findings.has(facts::OFFICE_MACROS) {
            findings.flag(facts::OFFICE_MACROS, true);
        }
        findings.active("macro");
    }
    if lower.contains("/activex/") {
        findings.active("active-x");
    }
    if (lower.contains("/embeddings/") || lower.starts_with("object "))
        && !findings.has(facts::OFFICE_EMBEDDED)
    {
        findings.flag(facts::OFFICE_EMBEDDED, true);
    }
    if lower.contains("/embeddings/") && names::is_risky(&lower) {
        findings.active("embedded-program");
    }
}

/// Whether a part is worth reading.
pub(super) fn is_telling(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".rels")
        || lower == "[content_types].xml"
        || lower == "meta-inf/manifest.xml"
        || lower == "content.xml"
        || lower.contains("externallink")
        || (lower.starts_with("word/") && lower.ends_with(".xml") && !lower.contains("/theme/"))
        || (lower.starts_with("xl/") && lower.ends_with(".xml") && !lower.contains("/theme/"))
}

/// Looks into a part that was read.
pub(super) fn look_part(name: &str, part: &[u8], findings: &mut Findings) {
    let has = |word: &[u8]| find_ignoring_case(part, word).is_some();
    let lower = name.to_ascii_lowercase();
    if lower == "meta-inf/manifest.xml" && has(b"encryption-data") {
        findings.encrypted = true;
    }
    if lower == "[content_types].xml" && (has(b"macroenabled") || has(b"vbaproject")) {
        look_part_name("vbaProject.bin", findings);
    }
    if lower == "content.xml" && has(b"script:event-listener") {
        findings.active("event-handler");
    }
    if lower.ends_with(".rels") {
        look_relations(part, findings);
    }
    let fetches = lower.starts_with("word/")
        && has(b"instrtext")
        && [&b"includetext"[..], b"includepicture", b" import ", b" link "]
            .iter()
            .any(|field| has(field))
        && (has(b"http") || has(b"\\\\"));
    if fetches {
        if !findings.has(facts::OFFICE_EXTERNAL) {
            findings.flag(facts::OFFICE_EXTERNAL, true);
        }
        findings.active("external-field");
    }
    let is_field =
        lower.starts_with("word/") && (has(b"dde ") || has(b"ddeauto")) && has(b"instrtext");
    let is_cell =
        lower.starts_with("xl/worksheets/") && (has(b"<f>dde") || find(part, b"|'").is_some());
    if has(b"<ddelink") || is_field || is_cell {
        if !findings.has(facts::OFFICE_DDE) {
            findings.flag(facts::OFFICE_DDE, true);
        }
        findings.active("dde");
    }
}

/// Relations to something elsewhere, other than links to click on.
fn look_relations(part: &[u8], findings: &mut Findings) {
    let text = String::from_utf8_lossy(part).to_ascii_lowercase();
    let external = text
        .split("<relationship ")
        .skip(1)
        .filter(|relation| relation.contains("targetmode=\"external\""));
    let fetched = external.filter(|relation| {
        [
            "attachedtemplate",
            "/oleobject",
            "/frame",
            "/subdocument",
            "/afchunk",
            "/externallinkpath",
            "/package",
        ]
        .iter()
        .any(|kind| relation.contains(kind))
    });
    let (mut external, mut runs) = (false, false);
    for relation in fetched {
        external = true;
        runs |= !relation.contains("/externallinkpath");
    }
    if external && !findings.has(facts::OFFICE_EXTERNAL) {
        findings.flag(facts::OFFICE_EXTERNAL, true);
    }
    if runs {
        findings.active("external-template");
    }
}
