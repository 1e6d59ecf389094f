//! Every fact key there is, with type, unit and meaning: one table, from which the code takes its keys and
//! `docs/guide/facts.md` is made.
//!
//! Facts about files come from [`crate::inspect`]; the others are given by the desk. A key that is not here is not sent by
//! the engine (plugins must bear keys they do not know); only what the page that a consumer writes from says about them
//! has keys of its own.

use std::marker::PhantomData;

use crate::input::Fact;

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

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct FactKey {
    /// The key.
    pub key: &'static str,
    /// Its value's type.
    pub kind: FactKind,
    /// On what it stands: `attachment` or `conversation`.
    pub on: &'static str,
    /// Of a number.
    pub unit: &'static str,
    /// When it is there; absent means that it is not known, or does not apply.
    pub when: &'static str,
    /// What it says.
    pub meaning: &'static str,
}

/// A key with the type of its value, which is one of the types below.
#[derive(Debug)]
pub struct Key<Kind>(&'static str, PhantomData<Kind>);

impl<Kind> Clone for Key<Kind> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Kind> Copy for Key<Kind> {}

impl<Kind> Key<Kind> {
    /// The key itself.
    pub fn name(self) -> &'static str {
        self.0
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug)]
pub struct Flag;
/// A number.
#[derive(Clone, Copy, Debug)]
pub struct Number;
/// A text.
#[derive(Clone, Copy, Debug)]
pub struct Text;
/// Several texts.
#[derive(Clone, Copy, Debug)]
pub struct Texts;

impl Key<Flag> {
    /// The fact.
    pub fn is(self, value: bool) -> Fact {
        Fact::flag(self.0, value)
    }
}

impl Key<Number> {
    /// The fact, in the unit of the table.
    pub fn is(self, value: f64) -> Fact {
        Fact::number(self.0, value)
    }
}

impl Key<Text> {
    /// The fact.
    pub fn is(self, value: &str) -> Fact {
        Fact::text(self.0, value)
    }
}

impl Key<Texts> {
    /// The fact.
    pub fn are<T: AsRef<str>>(self, values: &[T]) -> Fact {
        Fact::texts(self.0, values)
    }
}

/// Makes a constant of each row, and the table of all.
macro_rules! facts {
    ($($on:literal: $($name:ident = $kind:ident $key:literal, $unit:literal, $when:literal, $meaning:literal;)*)*) => {
        $($(
            #[doc = $meaning]
            pub const $name: Key<$kind> = Key($key, PhantomData);
        )*)*

        /// All keys.
        pub const FACTS: &[FactKey] = &[$($(FactKey {
            key: $key,
            kind: FactKind::$kind,
            on: $on,
            unit: $unit,
            when: $when,
            meaning: $meaning,
        },)*)*];
    };
}

facts! {
    "attachment":
    CONTENT_KIND = Text "content.kind", "", "always",
        "what it is: image, audio, video, document, spreadsheet, presentation, text, web, email, font, archive, script, executable, empty, unknown";
    CONTENT_MATCHES_NAME = Flag "content.matches-name", "", "when the name's ending promises something",
        "the content is what the file name's ending promises";
    CONTENT_MATCHES_MIME = Flag "content.matches-mime", "", "when the sender's type promises something",
        "the content is what the sender's type promises";
    CONTENT_ACTIVE = Flag "content.active", "", "always",
        "it can do something by itself when opened: scripts, macros, actions, programs, formulas that call out, names that leave the folder it is unpacked to";
    CONTENT_ACTIVE_REASONS = Texts "content.active-reasons", "", "when content.active is set",
        "why content.active is set: script, event-handler, macro, javascript, launch, dde, formula, entities, external-template, embedded-program, polyglot, program, program-in-archive, unsafe-paths and the like";
    CONTENT_ENCRYPTED = Flag "content.encrypted", "", "only when it is so",
        "it cannot be looked into without a password";
    CONTENT_POLYGLOT = Flag "content.polyglot", "", "only when it is so",
        "it is two things at once, such as an image with a script or an archive behind it";
    CONTENT_DAMAGED = Flag "content.damaged", "", "only when it is so",
        "it begins like its kind but cannot be read as such";
    CONTENT_INCOMPLETE = Flag "content.incomplete", "", "only when it is so",
        "the host's bounds of size, depth or time ended the inspection early";
    CONTENT_CONCERNS = Texts "content.concerns", "", "always",
        "everything that speaks against it, as words: active-content, encrypted, extension-mismatch, executable, archive-bomb, huge-image, unsafe-paths, double-extension, unsafe-name, polyglot, damaged, empty; an empty list says that the inspection found nothing";
    NAME_DOUBLE_EXTENSION = Flag "name.double-extension", "", "only when it is so",
        "a harmless ending stands before a dangerous one: invoice.pdf.exe";
    NAME_UNSAFE = Flag "name.unsafe", "", "only when it is so",
        "the name holds path separators, control characters or characters that turn the direction of writing";
    ARCHIVE_ENTRIES = Number "archive.entries", "files", "archives and office documents that are archives",
        "files in the archive and in archives inside it";
    ARCHIVE_EXPANDED_BYTES = Number "archive.expanded-bytes", "bytes", "with archive.entries",
        "when unpacked, archives inside included; 1e18 if archives are nested deeper than the host looks";
    ARCHIVE_RATIO = Number "archive.ratio", "factor", "with archive.entries",
        "archive.expanded-bytes divided by the file's size";
    ARCHIVE_NESTED = Number "archive.nested", "levels", "with archive.entries",
        "depth of archives inside the archive; 0 if there are none";
    ARCHIVE_ENCRYPTED = Flag "archive.encrypted", "", "only when it is so",
        "at least one file in it is encrypted, or it is an office document that is encrypted as a whole";
    ARCHIVE_UNSAFE_PATHS = Flag "archive.unsafe-paths", "", "only when it is so",
        "a name in it would leave the folder it is unpacked to";
    ARCHIVE_PROGRAMS = Flag "archive.programs", "", "only when it is so",
        "at least one name in it is that of a program or script";
    IMAGE_WIDTH = Number "image.width", "pixels", "images whose head can be read",
        "its width";
    IMAGE_HEIGHT = Number "image.height", "pixels", "with image.width",
        "its height";
    IMAGE_PIXELS = Number "image.pixels", "pixels", "with image.width",
        "width times height";
    OFFICE_MACROS = Flag "office.macros", "", "only when it is so",
        "it holds macros";
    OFFICE_DDE = Flag "office.dde", "", "only when it is so",
        "a field or link would start another program";
    OFFICE_EXTERNAL = Flag "office.external", "", "only when it is so",
        "a template, frame or object is fetched from elsewhere";
    OFFICE_EMBEDDED = Flag "office.embedded", "", "only when it is so",
        "other files are embedded in it";
    PDF_JAVASCRIPT = Flag "pdf.javascript", "", "only when it is so",
        "it holds JavaScript";
    PDF_OPEN_ACTION = Flag "pdf.open-action", "", "only when it is so",
        "something happens when it is opened (often only a jump to a page)";
    PDF_LAUNCH = Flag "pdf.launch", "", "only when it is so",
        "it would start a program";
    PDF_EMBEDDED_FILES = Flag "pdf.embedded-files", "", "only when it is so",
        "other files are embedded in it";
    PDF_ENCRYPTED = Flag "pdf.encrypted", "", "only when it is so",
        "it is encrypted (possibly only against editing)";
    TEXT_ENCODING = Text "text.encoding", "", "texts",
        "utf-8, utf-16le, utf-16be or other";
    TEXT_FORMULAS = Flag "text.formulas", "", "only when it is so",
        "a cell of the table begins like a formula";
    "conversation":
    DEPARTMENT_OPEN_NOW = Flag "department.open-now", "", "when the conversation has a department",
        "the conversation's department is within its hours";
    WAITED_SECONDS = Number "waited-seconds", "seconds", "while the consumer waits",
        "how long the consumer has been waiting for an answer";
    TRANSFERS = Number "transfers", "transfers", "always",
        "how often the conversation went from one department or agent to another";
    CALENDARS_OPEN = Texts "calendars.open", "", "always",
        "ids of the desk's calendars that are open now; may be empty";
    DESK_LANGUAGE = Text "desk.language", "", "always",
        "the desk's first language, as a tag such as pt-BR";
}

/// A key's row in the table.
pub fn fact(key: &str) -> Option<&'static FactKey> {
    FACTS.iter().find(|fact| fact.key == key)
}
