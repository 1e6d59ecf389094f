//! Looks into ZIP archives, and into what is built on them: office documents, books, programs.
//!
//! The directory is read as told, and a bounded part is unpacked to see whether it is true. Archives inside are opened to
//! a small depth; what is nested deeper counts as endless.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::sniff::{Family, Kind, Sniffed};
use super::{Findings, find, names, office};
use crate::facts;

/// Archives inside archives that are opened.
const MAX_DEPTH: u32 = 3;
/// Entries whose names are looked at.
const MAX_ENTRIES: usize = 10_000;
/// Bytes of one part of a document that are read.
const MAX_PART: u64 = 8 << 20;
/// Bytes of an archive inside that are read.
const MAX_INNER: u64 = 16 << 20;
/// What nested deeper than `MAX_DEPTH` counts as unpacked.
const ENDLESS: f64 = 1e18;

type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

const DOCUMENTS: &[(&str, &str, Kind)] = &[
    (
        "word/",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Kind::Document,
    ),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Kind::Spreadsheet),
    (
        "ppt/",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        Kind::Presentation,
    ),
];
const MACRO_DOCUMENTS: &[(&[u8], &str, Kind)] = &[
    (
        b"ms-word.document.macroenabled",
        "application/vnd.ms-word.document.macroEnabled.12",
        Kind::Document,
    ),
    (
        b"ms-word.template.macroenabled",
        "application/vnd.ms-word.document.macroEnabled.12",
        Kind::Document,
    ),
    (
        b"ms-excel.sheet.macroenabled",
        "application/vnd.ms-excel.sheet.macroEnabled.12",
        Kind::Spreadsheet,
    ),
    (
        b"ms-powerpoint.presentation.macroenabled",
        "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
        Kind::Presentation,
    ),
    (
        b"ms-powerpoint.slideshow.macroenabled",
        "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
        Kind::Presentation,
    ),
];
const BY_MIMETYPE: &[(&str, &str, Kind)] = &[
    (
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.text",
        Kind::Document,
    ),
    (
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.spreadsheet",
        Kind::Spreadsheet,
    ),
    (
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.presentation",
        Kind::Presentation,
    ),
    ("application/epub+zip", "application/epub+zip", Kind::Document),
];

/// Which of the things built on ZIP it is.
pub(super) fn sniff(bytes: &[u8]) -> Sniffed {
    let of = |mime, kind| Sniffed { mime, kind, family: Family::Zip };
    let plain = of("application/zip", Kind::Archive);
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return plain };
    let names = names_of(&archive);
    let has = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if has("mimetype")
        && let Some(told) = read_named(&mut archive, "mimetype", 128)
        && let Some((_, mime, kind)) =
            BY_MIMETYPE.iter().find(|(prefix, ..)| told.starts_with(prefix.as_bytes()))
    {
        return of(mime, *kind);
    }
    if has("[content_types].xml") {
        let types = read_named(&mut archive, "[Content_Types].xml", MAX_PART).unwrap_or_default();
        let macros = MACRO_DOCUMENTS
            .iter()
            .find(|(mark, ..)| super::find_ignoring_case(&types, mark).is_some());
        if let Some((_, mime, kind)) = macros {
            return of(mime, *kind);
        }
        let document =
            DOCUMENTS.iter().find(|(folder, ..)| names.iter().any(|name| name.starts_with(folder)));
        if let Some((_, mime, kind)) = document {
            return of(mime, *kind);
        }
    }
    if has("classes.dex") || has("androidmanifest.xml") {
        return of("application/vnd.android.package-archive", Kind::Executable);
    }
    if has("meta-inf/manifest.mf") && names.iter().any(|name| name.ends_with(".class")) {
        return of("application/java-archive", Kind::Executable);
    }
    plain
}

fn names_of(archive: &Archive) -> Vec<String> {
    archive
        .file_names_raw()
        .take(MAX_ENTRIES)
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect()
}

fn read_named(archive: &mut Archive, name: &str, limit: u64) -> Option<Vec<u8>> {
    let mut part = Vec::new();
    archive.by_name(name).ok()?.take(limit).read_to_end(&mut part).ok()?;
    Some(part)
}

/// Sums over an archive and those inside it.
#[derive(Default)]
struct Totals {
    entries: u64,
    told: f64,
    seen: u64,
    depth: u32,
    endless: bool,
    encrypted: bool,
    unsafe_paths: bool,
    programs: bool,
}

/// Looks into a ZIP file.
pub(super) fn look(bytes: &[u8], findings: &mut Findings) {
    let mut totals = Totals::default();
    let is_document = !matches!(sniff(bytes).kind, Kind::Archive);
    look_deep(bytes, 0, is_document, &mut totals, findings);
    let expanded = if totals.endless { ENDLESS } else { totals.told.max(totals.seen as f64) };
    findings.number(facts::ARCHIVE_ENTRIES, totals.entries as f64);
    findings.number(facts::ARCHIVE_EXPANDED_BYTES, expanded);
    findings.number(facts::ARCHIVE_RATIO, expanded / bytes.len().max(1) as f64);
    findings.number(facts::ARCHIVE_NESTED, f64::from(totals.depth));
    if totals.encrypted {
        findings.flag(facts::ARCHIVE_ENCRYPTED, true);
        findings.encrypted = true;
    }
    if totals.unsafe_paths {
        findings.flag(facts::ARCHIVE_UNSAFE_PATHS, true);
    }
    if totals.programs {
        findings.flag(facts::ARCHIVE_PROGRAMS, true);
        findings.active("program-in-archive");
    }
}

fn look_deep(
    bytes: &[u8],
    depth: u32,
    is_document: bool,
    totals: &mut Totals,
    findings: &mut Findings,
) {
    totals.depth = totals.depth.max(depth);
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        findings.damaged |= depth == 0;
        // At least what the first entry tells.
        if let Some(told) = bytes.get(22..26) {
            totals.entries += 1;
            totals.told += f64::from(u32::from_le_bytes([told[0], told[1], told[2], told[3]]));
        }
        return;
    };
    totals.entries += archive.len() as u64;
    if archive.len() > MAX_ENTRIES {
        findings.incomplete = true;
    }
    for index in 0..archive.len().min(MAX_ENTRIES) {
        if !findings.in_time() {
            return;
        }
        let Some(name) =
            look_at_entry(&mut archive, index, is_document && depth == 0, totals, findings)
        else {
            continue;
        };
        let inner = is_archive(&name);
        let telling = is_document && depth == 0 && office::is_telling(&name);
        let limit = if inner { MAX_INNER } else { MAX_PART };
        let part = unpack(&mut archive, index, limit, inner || telling, totals, findings);
        if telling {
            office::look_part(&name, &part, findings);
        }
        if (inner || part.starts_with(b"PK\x03\x04")) && !part.is_empty() && !is_document {
            if depth + 1 >= MAX_DEPTH {
                totals.endless = true;
                totals.depth = depth + 1;
            } else {
                look_deep(&part, depth + 1, false, totals, findings);
            }
        }
    }
}

fn is_archive(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".zip", ".jar", ".docx", ".xlsx", ".pptx"].iter().any(|ending| lower.ends_with(ending))
}

/// Looks at what the directory tells; gives the name.
fn look_at_entry(
    archive: &mut Archive,
    index: usize,
    is_document: bool,
    totals: &mut Totals,
    findings: &mut Findings,
) -> Option<String> {
    let entry = archive.by_index_raw(index).ok()?;
    let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
    totals.told += entry.size() as f64;
    totals.encrypted |= entry.encrypted();
    let leaves = name.split(['/', '\\']).any(|part| part == "..")
        || name.starts_with(['/', '\\'])
        || name.as_bytes().get(1) == Some(&b':');
    totals.unsafe_paths |= leaves || entry.is_symlink();
    drop(entry);
    if is_document {
        office::look_part_name(&name, findings);
    } else {
        totals.programs |= names::is_risky(&name);
    }
    Some(name)
}

/// Unpacks one entry as far as the bounds go; keeps its bytes only if they are wanted.
fn unpack(
    archive: &mut Archive,
    index: usize,
    limit: u64,
    wanted: bool,
    totals: &mut Totals,
    findings: &mut Findings,
) -> Vec<u8> {
    // Encrypted, or packed in a way nobody uses any more: as far as it was told.
    let Ok(entry) = archive.by_index(index) else { return Vec::new() };
    let told = entry.size();
    let mut reader = entry.take(limit.min(findings.unpacked_left));
    let mut kept = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    let mut unpacked = 0;
    loop {
        match reader.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => {
                unpacked += count as u64;
                let room = if wanted { limit } else { 4 };
                let keep = (room - (kept.len() as u64).min(room)).min(count as u64) as usize;
                kept.extend_from_slice(&buffer[..keep]);
            }
        }
        if !findings.in_time() {
            break;
        }
    }
    findings.unpacked_left -= unpacked.min(findings.unpacked_left);
    findings.incomplete |= unpacked < told;
    totals.seen += unpacked;
    kept
}

/// An archive behind something that is none.
pub(super) fn look_behind(bytes: &[u8], findings: &mut Findings) {
    let tail = &bytes[bytes.len().saturating_sub(22 + 65_535)..];
    if find(tail, b"PK\x05\x06").is_none() || bytes.starts_with(b"PK") {
        return;
    }
    let opens = ZipArchive::new(Cursor::new(bytes)).is_ok_and(|archive| !archive.is_empty());
    if opens || find(bytes, b"PK\x01\x02").is_some() {
        findings.polyglot = true;
    }
}
