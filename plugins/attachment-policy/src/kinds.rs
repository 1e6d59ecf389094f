//! Types of files: what an entry of `allow` means, and which type a file really has.
//!
//! Types are MIME types in lower case without parameters. It guesses nothing from names alone.

/// Types behind the entry `office`: documents, sheets and slides of the usual office programs. The forms that
/// carry macros (`docm`, `xlsm` …) are not among them.
const OFFICE: &[&str] = &[
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "application/rtf",
    "text/rtf",
];

/// Types behind the entry `archive`.
const ARCHIVE: &[&str] = &[
    "application/zip",
    "application/gzip",
    "application/x-tar",
    "application/x-7z-compressed",
    "application/vnd.rar",
    "application/x-bzip2",
    "application/x-xz",
    "application/zstd",
];

/// The old container of all Microsoft office files; says less than their names.
const OLE: &[&str] = &["application/x-ole-storage", "application/x-cfb", "application/x-msi"];

/// Programs, whatever system they are for.
const PROGRAM: &[&str] = &[
    "application/x-msdownload",
    "application/vnd.microsoft.portable-executable",
    "application/x-dosexec",
    "application/x-executable",
    "application/x-pie-executable",
    "application/x-sharedlib",
    "application/x-elf",
    "application/x-mach-binary",
    "application/java-archive",
    "application/vnd.android.package-archive",
    "application/wasm",
    "application/x-sh",
    "text/x-shellscript",
];

/// Different names of one type.
const ALIASES: &[(&str, &str)] = &[
    ("image/jpg", "image/jpeg"),
    ("image/pjpeg", "image/jpeg"),
    ("image/x-png", "image/png"),
    ("image/x-ms-bmp", "image/bmp"),
    ("image/x-icon", "image/vnd.microsoft.icon"),
    ("application/x-pdf", "application/pdf"),
    ("application/x-zip-compressed", "application/zip"),
    ("application/x-zip", "application/zip"),
    ("application/x-gzip", "application/gzip"),
    ("application/x-rar-compressed", "application/vnd.rar"),
    ("application/x-rar", "application/vnd.rar"),
    ("audio/mp3", "audio/mpeg"),
    ("audio/x-wav", "audio/wav"),
    ("audio/x-flac", "audio/flac"),
    ("audio/x-m4a", "audio/mp4"),
    ("audio/m4a", "audio/mp4"),
    ("application/x-rtf", "application/rtf"),
    ("text/rtf", "application/rtf"),
    ("text/xml", "application/xml"),
];

/// A type in its one form: lower case, without parameters, aliases resolved.
pub fn canonical(mime: &str) -> String {
    let bare = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    ALIASES.iter().find(|(alias, _)| *alias == bare).map_or(bare, |(_, name)| (*name).to_owned())
}

/// Whether a declared type says nothing.
pub fn says_nothing(mime: &str) -> bool {
    matches!(mime, "" | "application/octet-stream" | "binary/octet-stream" | "*/*")
}

/// Whether a (canonical) type is that of a program.
pub fn is_program(mime: &str) -> bool {
    PROGRAM.contains(&mime)
}

/// Whether an entry of `allow` or `deny` speaks of a (canonical) type.
pub fn covers(entry: &str, mime: &str) -> bool {
    match entry {
        "*" | "*/*" => true,
        "office" => OFFICE.contains(&mime),
        "archive" => ARCHIVE.contains(&mime),
        _ => match entry.strip_suffix("/*") {
            Some(family) => mime.split('/').next() == Some(family),
            None => canonical(entry) == mime,
        },
    }
}

/// Whether an entry can speak of anything at all.
pub fn is_entry(entry: &str) -> bool {
    let part = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    match entry {
        "*" | "*/*" | "office" | "archive" => true,
        _ => entry
            .split_once('/')
            .is_some_and(|(family, rest)| part(family) && (rest == "*" || part(rest))),
    }
}

/// Whether a file declared as one type may well have the other as its content: containers are recognised as such
/// by their first bytes only.
pub fn compatible(declared: &str, content: &str) -> bool {
    declared == content
        || (OFFICE.contains(&declared) && (content == "application/zip" || OLE.contains(&content)))
        || (family(declared) == "text" && content == "text/plain")
        || (declared == "text/plain" && matches!(content, "text/csv" | "text/markdown"))
        || matches!((declared, content), ("audio/mp4", "video/mp4") | ("video/mp4", "audio/mp4"))
        || matches!(
            (declared, content),
            ("audio/webm", "video/webm") | ("audio/ogg", "application/ogg")
        )
}

/// Whether mistaking one type for the other harms nobody: pictures among pictures and so on.
pub fn harmless_mistake(declared: &str, content: &str) -> bool {
    let (family, active) = (family(content), ["image/svg+xml"]);
    matches!(family, "image" | "audio" | "video")
        && family == self::family(declared)
        && !active.contains(&declared)
        && !active.contains(&content)
}

/// The type that a file's name promises; only for the harmless families, where a wrong name is a mere mistake.
pub fn promised_by_name(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match extension.as_str() {
        "jpg" | "jpeg" | "jfif" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "bmp" => "image/bmp",
        "heic" | "heif" => "image/heif",
        "avif" => "image/avif",
        "tif" | "tiff" => "image/tiff",
        "mp3" => "audio/mpeg",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "wav" => "audio/wav",
        "m4a" => "audio/mp4",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        _ => return None,
    })
}

fn family(mime: &str) -> &str {
    mime.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{canonical, compatible, covers, harmless_mistake, is_entry};

    #[test]
    fn types_have_one_form() {
        assert_eq!(canonical("Image/JPG"), "image/jpeg");
        assert_eq!(canonical("text/plain; charset=utf-8"), "text/plain");
    }

    #[test]
    fn entries_are_types_families_and_groups() {
        assert!(covers("image/*", "image/png"));
        assert!(!covers("image/*", "application/pdf"));
        assert!(covers("image/jpg", "image/jpeg"));
        assert!(covers("office", "application/vnd.oasis.opendocument.text"));
        assert!(!covers("office", "application/vnd.ms-word.document.macroenabled.12"));
        assert!(is_entry("image/*") && is_entry("office") && is_entry("application/vnd.x+xml"));
        assert!(
            !is_entry("pictures") && !is_entry("image/") && !is_entry("a b/c") && !is_entry("/*")
        );
    }

    #[test]
    fn containers_are_compatible_with_what_they_contain() {
        assert!(compatible("application/msword", "application/x-ole-storage"));
        assert!(compatible("text/csv", "text/plain"));
        assert!(!compatible("image/png", "application/zip"));
        assert!(!compatible("text/plain", "text/html"));
    }

    #[test]
    fn a_png_called_jpg_is_a_mistake_and_an_svg_is_not() {
        assert!(harmless_mistake("image/jpeg", "image/png"));
        assert!(!harmless_mistake("image/png", "image/svg+xml"));
        assert!(!harmless_mistake("image/png", "application/pdf"));
        assert!(!harmless_mistake("text/plain", "text/html"));
    }
}
