//! What a file is, from its first bytes. Its name is used only to tell texts apart (a table from a letter).

use super::names::Name;
use super::{archive, markup, office, text};

/// Broad kinds, for rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Image,
    Audio,
    Video,
    Document,
    Spreadsheet,
    Presentation,
    Text,
    Web,
    Email,
    Font,
    Archive,
    Script,
    Executable,
    Empty,
    Unknown,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Image => "image",
            Kind::Audio => "audio",
            Kind::Video => "video",
            Kind::Document => "document",
            Kind::Spreadsheet => "spreadsheet",
            Kind::Presentation => "presentation",
            Kind::Text => "text",
            Kind::Web => "web",
            Kind::Email => "email",
            Kind::Font => "font",
            Kind::Archive => "archive",
            Kind::Script => "script",
            Kind::Executable => "executable",
            Kind::Empty => "empty",
            Kind::Unknown => "unknown",
        }
    }
}

/// Which look goes into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Zip,
    Ole,
    Pdf,
    Rtf,
    Image,
    Text,
    Other,
}

/// What a file is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sniffed {
    pub(super) mime: &'static str,
    pub(super) kind: Kind,
    pub(super) family: Family,
}

impl Sniffed {
    const fn new(mime: &'static str, kind: Kind, family: Family) -> Self {
        Sniffed { mime, kind, family }
    }

    /// The type, unless nobody knows.
    pub(super) fn known(&self) -> Option<&'static str> {
        (self.kind != Kind::Unknown).then_some(self.mime)
    }
}

/// Signatures that decide at once, before any table of a crate: what runs, and containers that are looked into.
const SIGNATURES: &[(&[u8], Sniffed)] = &[
    (b"\x7fELF", Sniffed::new("application/x-elf", Kind::Executable, Family::Other)),
    (
        b"MZ",
        Sniffed::new(
            "application/vnd.microsoft.portable-executable",
            Kind::Executable,
            Family::Other,
        ),
    ),
    (
        b"\xfe\xed\xfa\xce",
        Sniffed::new("application/x-mach-binary", Kind::Executable, Family::Other),
    ),
    (
        b"\xfe\xed\xfa\xcf",
        Sniffed::new("application/x-mach-binary", Kind::Executable, Family::Other),
    ),
    (
        b"\xce\xfa\xed\xfe",
        Sniffed::new("application/x-mach-binary", Kind::Executable, Family::Other),
    ),
    (
        b"\xcf\xfa\xed\xfe",
        Sniffed::new("application/x-mach-binary", Kind::Executable, Family::Other),
    ),
    (b"\xca\xfe\xba\xbe", Sniffed::new("application/java-vm", Kind::Executable, Family::Other)),
    // The harmless program by which one tries a virus scanner: an admin who sends it wants to see it refused.
    (
        b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$",
        Sniffed::new("application/x-msdos-program", Kind::Executable, Family::Other),
    ),
    (b"\0asm", Sniffed::new("application/wasm", Kind::Executable, Family::Other)),
    (b"dex\n", Sniffed::new("application/vnd.android.dex", Kind::Executable, Family::Other)),
    (
        b"L\0\0\0\x01\x14\x02\0",
        Sniffed::new("application/x-ms-shortcut", Kind::Executable, Family::Other),
    ),
    (b"!<arch>\n", Sniffed::new("application/x-archive", Kind::Executable, Family::Other)),
    (b"ITSF", Sniffed::new("application/vnd.ms-htmlhelp", Kind::Executable, Family::Other)),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Sniffed::new("application/x-ole-storage", Kind::Document, Family::Ole),
    ),
    (
        b"\x09\x04\x06\x00",
        Sniffed::new("application/vnd.ms-excel", Kind::Spreadsheet, Family::Other),
    ),
    (
        b"\x09\x02\x06\x00",
        Sniffed::new("application/vnd.ms-excel", Kind::Spreadsheet, Family::Other),
    ),
    (b"{\\rt", Sniffed::new("application/rtf", Kind::Document, Family::Rtf)),
    (b"\x89PNG\r\n\x1a\n", Sniffed::new("image/png", Kind::Image, Family::Image)),
    (b"GIF87a", Sniffed::new("image/gif", Kind::Image, Family::Image)),
    (b"GIF89a", Sniffed::new("image/gif", Kind::Image, Family::Image)),
    (b"\xff\xd8\xff", Sniffed::new("image/jpeg", Kind::Image, Family::Image)),
    (
        b"7z\xbc\xaf\x27\x1c",
        Sniffed::new("application/x-7z-compressed", Kind::Archive, Family::Other),
    ),
    (b"Rar!\x1a\x07", Sniffed::new("application/vnd.rar", Kind::Archive, Family::Other)),
    (b"\x1f\x8b", Sniffed::new("application/gzip", Kind::Archive, Family::Other)),
    (b"BZh", Sniffed::new("application/x-bzip2", Kind::Archive, Family::Other)),
    (b"\xfd7zXZ\0", Sniffed::new("application/x-xz", Kind::Archive, Family::Other)),
    (b"\x28\xb5\x2f\xfd", Sniffed::new("application/zstd", Kind::Archive, Family::Other)),
    (b"MSCF", Sniffed::new("application/vnd.ms-cab-compressed", Kind::Archive, Family::Other)),
    (b"xar!", Sniffed::new("application/x-xar", Kind::Archive, Family::Other)),
    (b"\x00\x05\x16\x00", Sniffed::new("application/applefile", Kind::Archive, Family::Other)),
    (
        b"\xd4\xc3\xb2\xa1",
        Sniffed::new("application/vnd.tcpdump.pcap", Kind::Unknown, Family::Other),
    ),
    (b"OggS", Sniffed::new("audio/ogg", Kind::Audio, Family::Other)),
    (b"fLaC", Sniffed::new("audio/flac", Kind::Audio, Family::Other)),
    (b"ID3", Sniffed::new("audio/mpeg", Kind::Audio, Family::Other)),
    (b"\x1a\x45\xdf\xa3", Sniffed::new("video/webm", Kind::Video, Family::Other)),
    (b"RIFX", Sniffed::new("audio/wav", Kind::Audio, Family::Other)),
];

/// Bytes in which a PDF's header may stand.
const PDF_HEADER_WITHIN: usize = 1_024;

/// Says what a file is.
pub(super) fn sniff(bytes: &[u8], name: &Name) -> Sniffed {
    if bytes.is_empty() {
        return Sniffed::new("application/x-empty", Kind::Empty, Family::Other);
    }
    // A program may also begin with MZ as text does ("MZ…"): two letters alone are not a program.
    let signature = SIGNATURES.iter().find(|(magic, found)| {
        bytes.starts_with(magic)
            && (*magic != b"MZ" || bytes.len() >= 64)
            && !(found.kind == Kind::Archive && bytes.len() < 6)
    });
    if let Some((_, found)) = signature {
        return refine(bytes, *found);
    }
    if bytes.starts_with(b"PK\x03\x04")
        || bytes.starts_with(b"PK\x05\x06")
        || bytes.starts_with(b"PK\x07\x08")
        || bytes.starts_with(b"PK00PK")
    {
        return archive::sniff(bytes);
    }
    let head = &bytes[..bytes.len().min(PDF_HEADER_WITHIN)];
    if super::find(head, b"%PDF-").is_some() {
        return Sniffed::new("application/pdf", Kind::Document, Family::Pdf);
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Sniffed::new("application/x-tar", Kind::Archive, Family::Other);
    }
    if bytes.get(0x8001..0x8006) == Some(b"CD001") {
        return Sniffed::new("application/x-iso9660-image", Kind::Archive, Family::Other);
    }
    if let Some(found) = infer::get(bytes).and_then(known_to_infer) {
        return found;
    }
    if bytes[0] == 0xff
        && bytes.get(1).is_some_and(|byte| byte & 0xe0 == 0xe0)
        && !text::is_utf16(bytes)
    {
        return Sniffed::new("audio/mpeg", Kind::Audio, Family::Other);
    }
    if is_old_tar(bytes) {
        return Sniffed::new("application/x-tar", Kind::Archive, Family::Other);
    }
    match text::decode(bytes) {
        Some(decoded) => sniff_text(&decoded, name),
        None => Sniffed::new("application/octet-stream", Kind::Unknown, Family::Other),
    }
}

fn refine(bytes: &[u8], found: Sniffed) -> Sniffed {
    match found.family {
        Family::Ole => office::sniff_ole(bytes, found),
        _ if found.mime == "application/java-vm"
            && bytes.get(4..8).is_some_and(|count| count < &[0, 0, 0, 30][..]) =>
        {
            Sniffed::new("application/x-mach-binary", Kind::Executable, Family::Other)
        }
        _ => found,
    }
}

/// Types of the crate `infer` that are taken over; texts are looked at here.
fn known_to_infer(found: infer::Type) -> Option<Sniffed> {
    use infer::MatcherType;
    // Certificates are text to people, whatever the crate counts them as.
    if found.mime_type() == "application/x-x509-ca-cert" {
        return Some(Sniffed::new("application/x-x509-ca-cert", Kind::Text, Family::Other));
    }
    let (kind, family) = match found.matcher_type() {
        MatcherType::Image => (Kind::Image, Family::Image),
        MatcherType::Audio => (Kind::Audio, Family::Other),
        MatcherType::Video => (Kind::Video, Family::Other),
        MatcherType::Font => (Kind::Font, Family::Other),
        MatcherType::Archive => (Kind::Archive, Family::Other),
        MatcherType::App => (Kind::Executable, Family::Other),
        MatcherType::Doc | MatcherType::Book => (Kind::Document, Family::Other),
        _ => return None,
    };
    let mime = match found.mime_type() {
        "audio/x-flac" => "audio/flac",
        "audio/x-wav" => "audio/wav",
        "image/heif" => "image/heic",
        other => other,
    };
    Some(Sniffed::new(mime, kind, family))
}

/// Archives older than `ustar` have only a checksum to go by.
fn is_old_tar(bytes: &[u8]) -> bool {
    let Some(header) = bytes.get(..512) else { return false };
    let told =
        std::str::from_utf8(&header[148..156]).ok().map(|text| text.trim_matches([' ', '\0']));
    let Some(told) = told.and_then(|text| u32::from_str_radix(text, 8).ok()) else { return false };
    let sum: u32 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) })
        .sum();
    sum == told && header[0] != 0
}

fn sniff_text(decoded: &str, name: &Name) -> Sniffed {
    let start = decoded.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    let of = |mime, kind| Sniffed::new(mime, kind, Family::Text);
    if start.starts_with("#!") {
        return of("text/x-script", Kind::Script);
    }
    if start.starts_with("<?php") || start.starts_with("<?=") {
        return of("application/x-httpd-php", Kind::Script);
    }
    match markup::root(start) {
        Some(markup::Root::Html) => return of("text/html", Kind::Web),
        Some(markup::Root::Svg) => return of("image/svg+xml", Kind::Image),
        Some(markup::Root::WordXml) => return of("application/msword", Kind::Document),
        Some(markup::Root::Xml) => return of("text/xml", Kind::Text),
        None => {}
    }
    if text::is_email(start) {
        return of("message/rfc822", Kind::Email);
    }
    match name.extension() {
        "csv" => of("text/csv", Kind::Text),
        "tsv" => of("text/tab-separated-values", Kind::Text),
        "js" | "mjs" => of("text/javascript", Kind::Script),
        _ => of("text/plain", Kind::Text),
    }
}
