//! What a file's name promises, and whether the content keeps it.

use super::sniff::{Kind, Sniffed};

/// Endings that a system runs when the file is opened.
const PROGRAMS: &[&str] = &[
    "exe",
    "com",
    "scr",
    "pif",
    "msi",
    "msp",
    "cpl",
    "dll",
    "sys",
    "jar",
    "class",
    "apk",
    "app",
    "deb",
    "rpm",
    "dmg",
    "pkg",
    "appx",
    "msix",
    "elf",
    "so",
    "dylib",
    "lnk",
    "url",
    "scf",
    "chm",
    "pyc",
    "gadget",
    "application",
    "xll",
    "ocx",
];
/// Endings of scripts that a system runs when the file is opened.
const SCRIPTS: &[&str] = &[
    "py",
    "pyw",
    "rb",
    "pl",
    "js",
    "jse",
    "mjs",
    "vbs",
    "vbe",
    "vb",
    "wsf",
    "wsh",
    "ws",
    "hta",
    "bat",
    "cmd",
    "ps1",
    "psm1",
    "ps1xml",
    "psc1",
    "msh",
    "sh",
    "bash",
    "zsh",
    "command",
    "csh",
    "reg",
    "inf",
    "php",
    "phtml",
    "phar",
    "asp",
    "aspx",
    "jsp",
    "cgi",
    "scpt",
    "settingcontent-ms",
];
/// Endings that people take for harmless.
const TRUSTED: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "jpg", "jpeg", "png", "gif", "mp3",
    "mp4", "csv", "rtf", "odt", "ods", "zip", "html", "htm",
];

/// What endings promise.
const PROMISES: &[(&str, &[&str])] = &[
    ("jpg", &["image/jpeg"]),
    ("jpeg", &["image/jpeg"]),
    ("jpe", &["image/jpeg"]),
    ("png", &["image/png"]),
    ("gif", &["image/gif"]),
    ("webp", &["image/webp"]),
    ("bmp", &["image/bmp"]),
    ("tif", &["image/tiff"]),
    ("tiff", &["image/tiff"]),
    ("heic", &["image/heic"]),
    ("heif", &["image/heic"]),
    ("avif", &["image/avif"]),
    ("ico", &["image/vnd.microsoft.icon"]),
    ("svg", &["image/svg+xml"]),
    ("pdf", &["application/pdf"]),
    ("doc", &["application/msword", "application/rtf"]),
    ("dot", &["application/msword"]),
    ("xls", &["application/vnd.ms-excel"]),
    ("ppt", &["application/vnd.ms-powerpoint"]),
    ("pps", &["application/vnd.ms-powerpoint"]),
    ("msg", &["application/vnd.ms-outlook"]),
    (
        "docx",
        &[
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ENCRYPTED_OFFICE,
        ],
    ),
    ("docm", &["application/vnd.ms-word.document.macroEnabled.12", ENCRYPTED_OFFICE]),
    (
        "xlsx",
        &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ENCRYPTED_OFFICE],
    ),
    ("xlsm", &["application/vnd.ms-excel.sheet.macroEnabled.12", ENCRYPTED_OFFICE]),
    (
        "pptx",
        &[
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ENCRYPTED_OFFICE,
        ],
    ),
    ("pptm", &["application/vnd.ms-powerpoint.presentation.macroEnabled.12", ENCRYPTED_OFFICE]),
    ("odt", &["application/vnd.oasis.opendocument.text"]),
    ("ods", &["application/vnd.oasis.opendocument.spreadsheet"]),
    ("odp", &["application/vnd.oasis.opendocument.presentation"]),
    ("epub", &["application/epub+zip"]),
    ("rtf", &["application/rtf"]),
    ("zip", &["application/zip"]),
    ("gz", &["application/gzip"]),
    ("tgz", &["application/gzip"]),
    ("bz2", &["application/x-bzip2"]),
    ("xz", &["application/x-xz"]),
    ("7z", &["application/x-7z-compressed"]),
    ("rar", &["application/vnd.rar"]),
    ("tar", &["application/x-tar"]),
    ("cab", &["application/vnd.ms-cab-compressed"]),
    ("iso", &["application/x-iso9660-image"]),
    ("mp3", &["audio/mpeg"]),
    ("ogg", &["audio/ogg"]),
    ("oga", &["audio/ogg"]),
    ("opus", &["audio/ogg"]),
    ("flac", &["audio/flac"]),
    ("wav", &["audio/wav"]),
    ("m4a", &["audio/m4a", "video/mp4", "audio/mp4"]),
    ("mp4", &["video/mp4"]),
    ("mov", &["video/quicktime", "video/mp4"]),
    ("webm", &["video/webm"]),
    ("mkv", &["video/x-matroska", "video/webm"]),
    ("avi", &["video/x-msvideo"]),
    ("html", &["text/html"]),
    ("htm", &["text/html"]),
    ("xhtml", &["text/html"]),
    ("xml", &["text/xml", "image/svg+xml"]),
    ("eml", &["message/rfc822"]),
    ("csv", &["text/csv"]),
    ("tsv", &["text/tab-separated-values"]),
    ("txt", &["text/plain"]),
    ("md", &["text/plain"]),
    ("log", &["text/plain"]),
    ("json", &["text/plain"]),
    ("js", &["text/javascript"]),
    ("exe", &["application/vnd.microsoft.portable-executable"]),
    ("class", &["application/java-vm"]),
];

/// An encrypted document of the newer Office formats: a password-protected box without telling which.
pub(super) const ENCRYPTED_OFFICE: &str = "application/x-ooxml-protected";

/// A file's name.
#[derive(Debug)]
pub(super) struct Name {
    whole: String,
    endings: Vec<String>,
}

impl Name {
    pub(super) fn new(name: &str) -> Self {
        // Windows ignores trailing dots and spaces: `x.exe. ` runs.
        let trimmed = name.trim_end_matches(['.', ' ']).to_lowercase();
        let endings = trimmed.split('.').skip(1).map(|ending| ending.trim().to_owned()).collect();
        Name { whole: name.to_owned(), endings }
    }

    /// The last ending in lower case; empty if there is none.
    pub(super) fn extension(&self) -> &str {
        self.endings.last().map_or("", String::as_str)
    }

    pub(super) fn is_program(&self) -> bool {
        PROGRAMS.contains(&self.extension())
    }

    pub(super) fn is_script(&self) -> bool {
        SCRIPTS.contains(&self.extension())
    }

    pub(super) fn double_extension(&self) -> bool {
        let before = self.endings.len().checked_sub(2).map(|at| self.endings[at].as_str());
        (self.is_program() || self.is_script())
            && before.is_some_and(|ending| TRUSTED.contains(&ending))
    }

    pub(super) fn is_unsafe(&self) -> bool {
        self.whole.contains(['/', '\\', '\0'])
            || self.whole.chars().any(|c| {
                c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
            })
    }

    /// Whether the content is what the ending promises; none if it promises nothing.
    pub(super) fn fits(&self, sniffed: &Sniffed) -> Option<bool> {
        let promise = PROMISES.iter().find(|(ending, _)| *ending == self.extension());
        match promise {
            Some((_, mimes)) => Some(mimes.contains(&sniffed.mime)),
            // Nothing is promised, but nobody expects a program behind it.
            None if sniffed.kind == Kind::Executable && !self.is_program() => {
                Some(self.endings.is_empty())
            }
            None => None,
        }
    }
}

/// Whether the name of something in an archive is that of a program or script.
pub(super) fn is_risky(name: &str) -> bool {
    let name = Name::new(name.rsplit(['/', '\\']).next().unwrap_or_default());
    name.is_program()
        || (name.is_script() && !matches!(name.extension(), "js" | "php" | "inf" | "sh" | "vb"))
}

/// Whether the declared type is that of the content; none if it says nothing.
pub(super) fn mime_fits(declared: &str, sniffed: &Sniffed) -> Option<bool> {
    let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if declared.is_empty()
        || declared == "application/octet-stream"
        || sniffed.kind == Kind::Unknown
    {
        return None;
    }
    let same = |one: &str, other: &str| {
        one.eq_ignore_ascii_case(other) || one.replace("/x-", "/") == other.replace("/x-", "/")
    };
    if same(&declared, sniffed.mime) {
        return Some(true);
    }
    // The same promise under another name: `application/x-zip-compressed`, `text/rtf`, `application/xml`.
    let twin = match &*declared {
        "application/x-zip-compressed" => "application/zip",
        "text/rtf" => "application/rtf",
        "application/xml" => "text/xml",
        "image/jpg" => "image/jpeg",
        "image/heif" => "image/heic",
        "application/csv" | "application/vnd.ms-excel" if sniffed.mime == "text/csv" => "text/csv",
        "application/javascript" | "application/x-javascript" => "text/javascript",
        "audio/mp3" => "audio/mpeg",
        "application/x-msdownload" | "application/x-dosexec" => {
            "application/vnd.microsoft.portable-executable"
        }
        other if sniffed.mime == ENCRYPTED_OFFICE && other.contains("office") => ENCRYPTED_OFFICE,
        other if other.starts_with("text/") && sniffed.mime == "text/plain" => "text/plain",
        _ => return Some(false),
    };
    Some(twin == sniffed.mime)
}
