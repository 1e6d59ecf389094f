//! Every fact key there is, with type, unit and meaning: one table, for plugins' authors and for tests.
//!
//! Facts about files come from [`crate::inspect`]; the others are given by the desk. A key that is not here is not sent by
//! the engine (plugins must bear keys they do not know).

/// What sort of value a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Yes or no.
    Flag,
    /// A number.
    Number,
    /// A text.
    Text,
    /// Several texts.
    Texts,
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct FactKey {
    /// The key.
    pub key: &'static str,
    /// Its value's type.
    pub kind: FactKind,
    /// On what it stands: `attachment`, `conversation`, `message` or `participant`.
    pub on: &'static str,
    /// Meaning and unit. Absent means: not known, or does not apply.
    pub meaning: &'static str,
}

const fn file(key: &'static str, kind: FactKind, meaning: &'static str) -> FactKey {
    FactKey { key, kind, on: "attachment", meaning }
}

const fn conversation(key: &'static str, kind: FactKind, meaning: &'static str) -> FactKey {
    FactKey { key, kind, on: "conversation", meaning }
}

/// All keys.
pub const FACTS: &[FactKey] = &[
    file(
        "content.kind",
        FactKind::Text,
        "what it is: image, audio, video, document, spreadsheet, presentation, text, web, email, font, archive, script, executable, empty, unknown",
    ),
    file(
        "content.matches-name",
        FactKind::Flag,
        "the content is what the file name's ending promises; absent if the ending promises nothing",
    ),
    file(
        "content.matches-mime",
        FactKind::Flag,
        "the content is what the sender's type promises; absent if that promises nothing",
    ),
    file(
        "content.active",
        FactKind::Flag,
        "it can do something by itself when opened: scripts, macros, actions, programs, formulas that call out, names that leave the folder it is unpacked to",
    ),
    file(
        "content.active-reasons",
        FactKind::Texts,
        "why content.active is set: script, event-handler, macro, javascript, launch, dde, formula, entities, external-template, embedded-program, polyglot, program, program-in-archive, unsafe-paths and the like",
    ),
    file("content.encrypted", FactKind::Flag, "it cannot be looked into without a password"),
    file(
        "content.polyglot",
        FactKind::Flag,
        "it is two things at once, such as an image with a script or an archive behind it",
    ),
    file("content.damaged", FactKind::Flag, "it begins like its kind but cannot be read as such"),
    file(
        "content.incomplete",
        FactKind::Flag,
        "the host's bounds of size, depth or time ended the inspection early",
    ),
    file(
        "content.concerns",
        FactKind::Texts,
        "everything that speaks against it, as words: active-content, encrypted, extension-mismatch, executable, archive-bomb, huge-image, unsafe-paths, double-extension, unsafe-name, polyglot, damaged, empty; an empty list says that the inspection found nothing",
    ),
    file(
        "name.double-extension",
        FactKind::Flag,
        "a harmless ending stands before a dangerous one: invoice.pdf.exe",
    ),
    file(
        "name.unsafe",
        FactKind::Flag,
        "the name holds path separators, control characters or characters that turn the direction of writing",
    ),
    file("archive.entries", FactKind::Number, "files in the archive and in archives inside it"),
    file(
        "archive.expanded-bytes",
        FactKind::Number,
        "bytes when unpacked, archives inside included; 1e18 if archives are nested deeper than the host looks",
    ),
    file("archive.ratio", FactKind::Number, "archive.expanded-bytes divided by the file's size"),
    file(
        "archive.nested",
        FactKind::Number,
        "depth of archives inside the archive; 0 if there are none",
    ),
    file(
        "archive.encrypted",
        FactKind::Flag,
        "at least one file in it is encrypted, or it is an office document that is encrypted as a whole",
    ),
    file(
        "archive.unsafe-paths",
        FactKind::Flag,
        "a name in it would leave the folder it is unpacked to",
    ),
    file(
        "archive.programs",
        FactKind::Flag,
        "at least one name in it is that of a program or script",
    ),
    file("image.width", FactKind::Number, "pixels"),
    file("image.height", FactKind::Number, "pixels"),
    file("image.pixels", FactKind::Number, "width times height"),
    file("office.macros", FactKind::Flag, "it holds macros"),
    file("office.dde", FactKind::Flag, "a field or link would start another program"),
    file(
        "office.external",
        FactKind::Flag,
        "a template, frame or object is fetched from elsewhere",
    ),
    file("office.embedded", FactKind::Flag, "other files are embedded in it"),
    file("pdf.javascript", FactKind::Flag, "it holds JavaScript"),
    file(
        "pdf.open-action",
        FactKind::Flag,
        "something happens when it is opened (often only a jump to a page)",
    ),
    file("pdf.launch", FactKind::Flag, "it would start a program"),
    file("pdf.embedded-files", FactKind::Flag, "other files are embedded in it"),
    file("pdf.encrypted", FactKind::Flag, "it is encrypted (possibly only against editing)"),
    file("text.encoding", FactKind::Text, "utf-8, utf-16le, utf-16be or other"),
    file("text.formulas", FactKind::Flag, "a cell of the table begins like a formula"),
    conversation(
        "department.open-now",
        FactKind::Flag,
        "the conversation's department is within its hours",
    ),
    conversation(
        "waited-seconds",
        FactKind::Number,
        "seconds the consumer has been waiting for an answer",
    ),
];

/// A key's entry in the table.
pub fn fact(key: &str) -> Option<&'static FactKey> {
    FACTS.iter().find(|fact| fact.key == key)
}
