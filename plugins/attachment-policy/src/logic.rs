//! The rules themselves, free of the sandbox: a file's description in, a judgement out. Tested natively.
//!
//! What the closest table says wins, key by key: the department's, then the channel's, then the side's own.
//! `[always]` holds for everybody. A file is judged by its content; its name and its declared type only have to
//! agree with it. Unknown content is refused wherever `allow` lists what may come in.

use crate::kinds;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Bytes of one "MB" of the settings.
const MB: f64 = 1_048_576.0;

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What consumers may send; absent: everything.
    pub consumer: Limits,
    /// What agents may send.
    pub agent: Limits,
    /// What bots may send.
    pub bot: Limits,
    /// Other limits for a channel (`web`, `email`, …).
    pub channel: BTreeMap<String, Sides>,
    /// Other limits for a department, by id.
    pub department: BTreeMap<String, Sides>,
    /// What holds for everybody.
    pub always: Always,
}

/// The limits of one channel or department.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sides {
    /// As in [`Settings`].
    pub consumer: Limits,
    /// As in [`Settings`].
    pub agent: Limits,
    /// As in [`Settings`].
    pub bot: Limits,
}

/// What one side may send; what is absent is not limited (or as the next table says).
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest file, in MB of 1,048,576 bytes.
    pub max_mb: Option<f64>,
    /// Types that are allowed: `image/*`, `application/pdf`, `office`, `archive`.
    pub allow: Option<Vec<String>>,
    /// Types that are not, even if `allow` covers them.
    pub deny: Option<Vec<String>>,
}

/// What holds for everybody.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Always {
    /// Reasons to refuse a file.
    pub deny: Vec<Reason>,
    /// Reasons to let it through with a warning.
    pub warn: Vec<Reason>,
    /// From how many MB unpacked an archive is an `archive-bomb`.
    pub max_expanded_mb: f64,
    /// From how many entries an archive is an `archive-bomb`.
    pub max_entries: u64,
    /// From how many millions of pixels an image is a `huge-image`.
    pub max_megapixels: f64,
}

impl Default for Always {
    fn default() -> Self {
        Self {
            deny: Vec::new(),
            warn: Vec::new(),
            max_expanded_mb: 200.0,
            max_entries: 5_000,
            max_megapixels: 64.0,
        }
    }
}

/// Why a file is not welcome; the names are those of the settings and of the verdict's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Scripts, macros, HTML: something that would run when opened.
    ActiveContent,
    /// An archive or document that nobody can look into.
    EncryptedArchive,
    /// Name or declared type promise something else than the content is.
    ExtensionMismatch,
    /// Small file, huge content.
    ArchiveBomb,
    /// A program.
    Executable,
    /// More pixels than a browser should be given.
    HugeImage,
    /// No bytes at all.
    EmptyFile,
    /// Nobody knows what it is.
    UnknownContent,
    /// Larger than `max_mb`; not for `[always]`, limits say it.
    TooLarge,
    /// A type that `allow` does not cover; not for `[always]`, limits say it.
    TypeNotAllowed,
}

impl Reason {
    /// The name in settings and verdicts.
    pub fn code(self) -> &'static str {
        match self {
            Self::ActiveContent => "active-content",
            Self::EncryptedArchive => "encrypted-archive",
            Self::ExtensionMismatch => "extension-mismatch",
            Self::ArchiveBomb => "archive-bomb",
            Self::Executable => "executable",
            Self::HugeImage => "huge-image",
            Self::EmptyFile => "empty-file",
            Self::UnknownContent => "unknown-content",
            Self::TooLarge => "too-large",
            Self::TypeNotAllowed => "type-not-allowed",
        }
    }
}

/// A file as the host describes it.
#[derive(Debug, Default, Clone, Copy)]
pub struct File<'a> {
    /// Its name.
    pub name: &'a str,
    /// The type the sender declares.
    pub declared: &'a str,
    /// The type of the content, where the host knows it.
    pub sniffed: Option<&'a str>,
    /// Its size.
    pub bytes: u64,
    /// Its first bytes.
    pub head: &'a [u8],
    /// The fact `content.kind`.
    pub kind: Option<&'a str>,
    /// The fact `content.matches-name`.
    pub matches_name: Option<bool>,
    /// The fact `content.active`.
    pub active: bool,
    /// The fact `archive.encrypted`.
    pub encrypted: bool,
    /// The fact `archive.entries`.
    pub entries: Option<u64>,
    /// The fact `archive.expanded-bytes`.
    pub expanded_bytes: Option<u64>,
    /// The fact `image.pixels`.
    pub pixels: Option<u64>,
}

/// The answer: reason, words for people, and what led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Welcome.
    Allow,
    /// Let through, but people are told.
    Warn(Reason, String, Vec<String>),
    /// Refused.
    Deny(Reason, String, Vec<String>),
}

impl Settings {
    /// The limits of one side on one channel in one department.
    pub fn limits(&self, side: &str, channel: &str, department: Option<&str>) -> Limits {
        let closest_first = self.tables(side, channel, department);
        let tables = || closest_first.iter().map(|(_, limits)| limits);
        Limits {
            max_mb: tables().find_map(|limits| limits.max_mb),
            allow: tables().find_map(|limits| limits.allow.clone()),
            deny: tables().find_map(|limits| limits.deny.clone()),
        }
    }

    /// The key or the entry that speaks for a judgement, as a JSON pointer; none where no single one does.
    pub fn speaks(
        &self,
        side: &str,
        channel: &str,
        department: Option<&str>,
        judgement: &Judgement,
    ) -> Option<String> {
        let (reason, evidence) = match judgement {
            Judgement::Allow => return None,
            Judgement::Warn(reason, _, evidence) | Judgement::Deny(reason, _, evidence) => {
                (*reason, evidence)
            }
        };
        let listed = |name: &str, list: &[Reason]| {
            let at = list.iter().position(|one| *one == reason)?;
            Some(format!("/always/{name}/{at}"))
        };
        if let Some(found) =
            listed("deny", &self.always.deny).or_else(|| listed("warn", &self.always.warn))
        {
            return Some(found);
        }
        let tables = self.tables(side, channel, department);
        let table_with = |has: fn(&Limits) -> bool| tables.iter().find(|(_, limits)| has(limits));
        match reason {
            Reason::TooLarge => {
                table_with(|limits| limits.max_mb.is_some()).map(|(at, _)| format!("{at}/max_mb"))
            }
            Reason::TypeNotAllowed | Reason::UnknownContent => {
                let denied = table_with(|limits| limits.deny.is_some()).and_then(|(at, limits)| {
                    let kind = evidence.first().filter(|_| reason == Reason::TypeNotAllowed)?;
                    let list = limits.deny.as_ref()?;
                    let entry = list.iter().position(|entry| kinds::covers(entry, kind))?;
                    Some(format!("{at}/deny/{entry}"))
                });
                denied.or_else(|| {
                    table_with(|limits| limits.allow.is_some()).map(|(at, _)| format!("{at}/allow"))
                })
            }
            _ => None,
        }
    }

    /// The tables that may speak of a side, the closest first, with their JSON pointers.
    fn tables(
        &self,
        side: &str,
        channel: &str,
        department: Option<&str>,
    ) -> Vec<(String, &Limits)> {
        let side = if ["consumer", "agent"].contains(&side) { side } else { "bot" };
        let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
        let own = match side {
            "consumer" => &self.consumer,
            "agent" => &self.agent,
            _ => &self.bot,
        };
        let department = department.and_then(|id| {
            let sides = self.department.get(id)?;
            Some((format!("/department/{}/{side}", escaped(id)), sides.of(side)))
        });
        let channel = self
            .channel
            .get(channel)
            .map(|sides| (format!("/channel/{}/{side}", escaped(channel)), sides.of(side)));
        department.into_iter().chain(channel).chain([(format!("/{side}"), own)]).collect()
    }

    /// Everything that is wrong: a JSON pointer and what is the matter there.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (side, limits) in
            [("consumer", &self.consumer), ("agent", &self.agent), ("bot", &self.bot)]
        {
            limits.problems(&format!("/{side}"), &mut found);
        }
        for (table, map) in [("channel", &self.channel), ("department", &self.department)] {
            for (id, sides) in map {
                let at = format!("/{table}/{}", id.replace('~', "~0").replace('/', "~1"));
                if table == "channel"
                    && !["web", "mobile", "email", "social", "voice", "api"].contains(&id.as_str())
                {
                    found.push((
                        at.clone(),
                        format!(
                            "`{id}` is no channel; there are web, mobile, email, social, voice, api"
                        ),
                    ));
                }
                for side in ["consumer", "agent", "bot"] {
                    sides.of(side).problems(&format!("{at}/{side}"), &mut found);
                }
            }
        }
        self.always.problems(&mut found);
        found
    }
}

impl Sides {
    fn of(&self, side: &str) -> &Limits {
        match side {
            "consumer" => &self.consumer,
            "agent" => &self.agent,
            _ => &self.bot,
        }
    }
}

impl Limits {
    fn problems(&self, at: &str, found: &mut Vec<(String, String)>) {
        if self.max_mb.is_some_and(|mb| mb <= 0.0) {
            found.push((format!("{at}/max_mb"), "must be more than 0".to_owned()));
        }
        for (name, list) in [("allow", &self.allow), ("deny", &self.deny)] {
            for (i, entry) in
                list.iter().flatten().enumerate().filter(|(_, entry)| !kinds::is_entry(entry))
            {
                let what = format!(
                    "`{entry}` is neither a type like `image/png` or `image/*` nor `office` nor `archive`"
                );
                found.push((format!("{at}/{name}/{i}"), what));
            }
        }
    }
}

impl Always {
    fn problems(&self, found: &mut Vec<(String, String)>) {
        for (name, list) in [("deny", &self.deny), ("warn", &self.warn)] {
            for (i, reason) in list.iter().enumerate() {
                if matches!(reason, Reason::TooLarge | Reason::TypeNotAllowed) {
                    let what = format!(
                        "`{}` is said by `max_mb` and `allow` of consumer and agent",
                        reason.code()
                    );
                    found.push((format!("/always/{name}/{i}"), what));
                }
            }
        }
        let numbers =
            [("max_expanded_mb", self.max_expanded_mb), ("max_megapixels", self.max_megapixels)];
        for (name, _) in numbers.into_iter().filter(|(_, number)| *number <= 0.0) {
            found.push((format!("/always/{name}"), "must be more than 0".to_owned()));
        }
    }
}

/// Judges a file; the first reason counts.
pub fn judge(settings: &Settings, limits: &Limits, file: &File<'_>) -> Judgement {
    if let Some(most) = limits.max_mb.filter(|most| file.bytes as f64 > most * MB) {
        let detail = format!("files may have {most} MB at most");
        return Judgement::Deny(
            Reason::TooLarge,
            detail,
            vec![format!("{:.1} MB", file.bytes as f64 / MB)],
        );
    }
    let faults = faults(&settings.always, file);
    if let Some((reason, detail, evidence)) =
        faults.iter().find(|(reason, ..)| settings.always.deny.contains(reason))
    {
        return Judgement::Deny(*reason, detail.clone(), evidence.clone());
    }
    if let Some((reason, detail, evidence)) = not_allowed(limits, file) {
        return Judgement::Deny(reason, detail, evidence);
    }
    let warned = faults.into_iter().find(|(reason, ..)| settings.always.warn.contains(reason));
    warned.or_else(|| mistake(file)).map_or(Judgement::Allow, |(reason, detail, evidence)| {
        Judgement::Warn(reason, detail, evidence)
    })
}

type Fault = (Reason, String, Vec<String>);

/// Everything that `[always]` may object to, the gravest first.
fn faults(always: &Always, file: &File<'_>) -> Vec<Fault> {
    let mut found: Vec<Fault> = Vec::new();
    let mut add = |reason, is: bool, detail: &str, evidence: Vec<String>| {
        if is {
            found.push((reason, detail.to_owned(), evidence));
        }
    };
    let content = content(file).unwrap_or_default();
    add(
        Reason::Executable,
        file.kind == Some("executable") || kinds::is_program(&content),
        "the file is a program",
        vec![content.clone()],
    );
    add(
        Reason::ActiveContent,
        file.active,
        "the file holds something that runs when it is opened",
        vec![content.clone()],
    );
    add(
        Reason::EncryptedArchive,
        file.encrypted,
        "the file is encrypted, nobody can look into it",
        vec![content],
    );
    let expanded = file.expanded_bytes.filter(|&bytes| bytes as f64 > always.max_expanded_mb * MB);
    let entries = file.entries.filter(|&entries| entries > always.max_entries);
    let sizes = expanded.map(|bytes| format!("{:.0} MB unpacked", bytes as f64 / MB));
    let counts = entries.map(|entries| format!("{entries} entries"));
    let evidence: Vec<String> = sizes.into_iter().chain(counts).collect();
    add(
        Reason::ArchiveBomb,
        !evidence.is_empty(),
        "the archive unpacks to far more than it seems",
        evidence,
    );
    let pixels = file.pixels.filter(|&pixels| pixels as f64 > always.max_megapixels * 1e6);
    let evidence =
        pixels.map(|pixels| format!("{:.0} megapixels", pixels as f64 / 1e6)).into_iter().collect();
    add(Reason::HugeImage, pixels.is_some(), "the image has too many pixels", evidence);
    if let Some(evidence) = mismatch(file).filter(|_| mistake(file).is_none()) {
        add(
            Reason::ExtensionMismatch,
            true,
            "the content is not what name or type promise",
            evidence,
        );
    }
    add(Reason::EmptyFile, file.bytes == 0, "the file is empty", Vec::new());
    add(
        Reason::UnknownContent,
        self::content(file).is_none(),
        "nobody knows what the file is",
        vec![file.name.to_owned()],
    );
    found
}

/// What name, declared type and content say, when they do not agree.
fn mismatch(file: &File<'_>) -> Option<Vec<String>> {
    let declared = kinds::canonical(file.declared);
    let content = content(file)?;
    let differs = !kinds::says_nothing(&declared) && !kinds::compatible(&declared, &content);
    (differs || file.matches_name == Some(false))
        .then(|| vec![file.name.to_owned(), declared, content])
}

/// A mismatch that harms nobody, such as a PNG called `.jpg`: worth a warning.
fn mistake(file: &File<'_>) -> Option<Fault> {
    let evidence = mismatch(file)?;
    let content = content(file)?;
    let declared = kinds::canonical(file.declared);
    let declared_is_fine = kinds::says_nothing(&declared)
        || kinds::compatible(&declared, &content)
        || kinds::harmless_mistake(&declared, &content);
    let name_is_fine = file.matches_name != Some(false)
        || kinds::promised_by_name(file.name)
            .is_some_and(|promised| kinds::harmless_mistake(promised, &content));
    let detail = "the content has another format of its kind than name or type say".to_owned();
    (declared_is_fine && name_is_fine).then_some((Reason::ExtensionMismatch, detail, evidence))
}

/// Whether the type is outside what this side may send.
fn not_allowed(limits: &Limits, file: &File<'_>) -> Option<Fault> {
    let Some(content) = content(file) else {
        let detail = "nobody knows what the file is, and only known types are allowed".to_owned();
        return limits
            .allow
            .is_some()
            .then(|| (Reason::UnknownContent, detail, vec![file.name.to_owned()]));
    };
    let declared = kinds::canonical(file.declared);
    // A container by its first bytes is what it was declared as, once the two fit together.
    let types = if kinds::compatible(&declared, &content) {
        [declared, content.clone()]
    } else {
        [content.clone(), content.clone()]
    };
    let covered = |list: &Vec<String>| {
        list.iter().any(|entry| types.iter().any(|mime| kinds::covers(entry, mime)))
    };
    let denied = limits.deny.as_ref().is_some_and(covered);
    let refused = denied || !limits.allow.as_ref().is_none_or(covered);
    refused.then(|| {
        (
            Reason::TypeNotAllowed,
            format!("files of the type {content} are not allowed here"),
            vec![content],
        )
    })
}

/// The type of the content: what the host found; text has no mark of its own and is taken at its word where it looks
/// like text.
fn content(file: &File<'_>) -> Option<String> {
    if let Some(sniffed) =
        file.sniffed.map(kinds::canonical).filter(|mime| !kinds::says_nothing(mime))
    {
        return Some(sniffed);
    }
    let declared = kinds::canonical(file.declared);
    let is_text = declared.starts_with("text/")
        || matches!(declared.as_str(), "application/json" | "application/xml");
    (is_text && file.active)
        .then(|| declared.clone())
        .or_else(|| (is_text && looks_like_text(file.head)).then_some(declared))
}

fn looks_like_text(head: &[u8]) -> bool {
    head.iter().all(|&byte| byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B))
}

#[cfg(test)]
mod tests {
    use super::{File, Judgement, Reason, Settings, judge};

    const DEFAULT: &str = r#"{
        "consumer": { "max_mb": 10, "allow": ["image/*", "application/pdf", "office", "text/plain"] },
        "agent": { "max_mb": 25 },
        "always": { "deny": ["active-content", "encrypted-archive", "extension-mismatch", "archive-bomb", "executable", "huge-image"] },
        "department": { "financeiro": { "consumer": { "max_mb": 1 } } },
        "channel": { "email": { "consumer": { "allow": ["application/pdf"] } } }
    }"#;

    const PHOTO: File<'_> = File {
        name: "foto.jpg",
        declared: "image/jpeg",
        sniffed: Some("image/jpeg"),
        bytes: 120_000,
        head: b"",
        kind: Some("image"),
        matches_name: Some(true),
        active: false,
        encrypted: false,
        entries: None,
        expanded_bytes: None,
        pixels: Some(12_000_000),
    };

    fn settings() -> Settings {
        serde_json::from_str(DEFAULT).unwrap()
    }

    fn outcome(file: &File<'_>) -> Result<Option<Reason>, Reason> {
        let settings = settings();
        match judge(&settings, &settings.limits("consumer", "web", None), file) {
            Judgement::Allow => Ok(None),
            Judgement::Warn(reason, ..) => Ok(Some(reason)),
            Judgement::Deny(reason, ..) => Err(reason),
        }
    }

    #[test]
    fn ordinary_files_pass() {
        assert_eq!(outcome(&PHOTO), Ok(None));
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        assert_eq!(
            outcome(&File { name: "a.docx", declared: docx, sniffed: Some(docx), ..PHOTO }),
            Ok(None)
        );
        let zip = Some("application/zip");
        assert_eq!(
            outcome(&File { name: "a.docx", declared: docx, sniffed: zip, ..PHOTO }),
            Ok(None),
            "seen as its container"
        );
        let note = File {
            name: "a.txt",
            declared: "text/plain",
            sniffed: None,
            head: b"ol\xc3\xa1\n",
            ..PHOTO
        };
        assert_eq!(outcome(&note), Ok(None));
        assert_eq!(
            outcome(&File { declared: "application/octet-stream", ..PHOTO }),
            Ok(None),
            "undeclared is no lie"
        );
    }

    #[test]
    fn size_is_a_matter_of_side_channel_and_department() {
        let settings = settings();
        let big = File { bytes: 2 * 1_048_576, ..PHOTO };
        let limits = |side, channel, department| settings.limits(side, channel, department);
        let denied = |limits| matches!(judge(&settings, &limits, &big), Judgement::Deny(..));
        assert!(!denied(limits("consumer", "web", None)));
        assert!(denied(limits("consumer", "web", Some("financeiro"))));
        assert!(!denied(limits("agent", "web", Some("financeiro"))));
        assert!(denied(limits("consumer", "email", None)), "only PDF by mail");
        assert_eq!(
            limits("consumer", "email", Some("financeiro")).max_mb,
            Some(1.0),
            "both tables count"
        );
        assert_eq!(
            outcome(&File { bytes: 10 * 1_048_576, ..PHOTO }),
            Ok(None),
            "exactly the limit"
        );
        assert_eq!(outcome(&File { bytes: 10 * 1_048_576 + 1, ..PHOTO }), Err(Reason::TooLarge));
    }

    #[test]
    fn content_is_judged_against_what_was_declared() {
        let disguised = File { sniffed: Some("application/pdf"), ..PHOTO };
        assert_eq!(outcome(&disguised), Err(Reason::ExtensionMismatch), "a PDF called an image");
        let renamed = File {
            name: "a.pdf",
            declared: "application/pdf",
            sniffed: Some("application/zip"),
            ..PHOTO
        };
        assert_eq!(outcome(&renamed), Err(Reason::ExtensionMismatch));
        assert_eq!(
            outcome(&File { matches_name: Some(false), name: "foto.jpg.exe", ..PHOTO }),
            Err(Reason::ExtensionMismatch)
        );
    }

    #[test]
    fn a_picture_in_another_picture_format_is_a_mistake_with_a_warning() {
        let png = File { sniffed: Some("image/png"), matches_name: Some(false), ..PHOTO };
        assert_eq!(outcome(&png), Ok(Some(Reason::ExtensionMismatch)));
        let svg = File { sniffed: Some("image/svg+xml"), matches_name: Some(false), ..PHOTO };
        assert_eq!(outcome(&svg), Err(Reason::ExtensionMismatch));
    }

    #[test]
    fn dangerous_files_are_refused_with_their_reason() {
        assert_eq!(outcome(&File { active: true, ..PHOTO }), Err(Reason::ActiveContent));
        assert_eq!(outcome(&File { encrypted: true, ..PHOTO }), Err(Reason::EncryptedArchive));
        assert_eq!(outcome(&File { kind: Some("executable"), ..PHOTO }), Err(Reason::Executable));
        assert_eq!(
            outcome(&File { sniffed: Some("application/x-msdownload"), ..PHOTO }),
            Err(Reason::Executable)
        );
        assert_eq!(
            outcome(&File { expanded_bytes: Some(50 << 30), ..PHOTO }),
            Err(Reason::ArchiveBomb)
        );
        assert_eq!(outcome(&File { entries: Some(1_000_000), ..PHOTO }), Err(Reason::ArchiveBomb));
        assert_eq!(
            outcome(&File { pixels: Some(10_000_000_000), ..PHOTO }),
            Err(Reason::HugeImage)
        );
        let page =
            File { name: "a.html", declared: "text/html", sniffed: None, active: true, ..PHOTO };
        assert_eq!(outcome(&page), Err(Reason::ActiveContent));
    }

    #[test]
    fn what_nobody_knows_is_refused_where_only_known_types_are_allowed() {
        let blob = File {
            name: "x.bin",
            declared: "application/x-thing",
            sniffed: None,
            kind: None,
            ..PHOTO
        };
        assert_eq!(outcome(&blob), Err(Reason::UnknownContent));
        let text_with_zero =
            File { name: "a.txt", declared: "text/plain", sniffed: None, head: b"a\0b", ..PHOTO };
        assert_eq!(outcome(&text_with_zero), Err(Reason::UnknownContent));
        assert_eq!(
            outcome(&File { sniffed: Some("video/mp4"), declared: "video/mp4", ..PHOTO }),
            Err(Reason::TypeNotAllowed)
        );
    }

    #[test]
    fn a_denied_type_is_denied_though_its_family_is_allowed() {
        let settings: Settings =
            serde_json::from_str(r#"{"consumer":{"allow":["image/*"],"deny":["image/gif"]}}"#)
                .unwrap();
        let gif = File { sniffed: Some("image/gif"), declared: "image/gif", ..PHOTO };
        let limits = settings.limits("consumer", "web", None);
        assert!(matches!(
            judge(&settings, &limits, &gif),
            Judgement::Deny(Reason::TypeNotAllowed, ..)
        ));
        assert_eq!(judge(&settings, &limits, &PHOTO), Judgement::Allow);
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let json = r#"{"consumer":{"max_mb":0,"allow":["image/*","pictures"]},"channel":{"fax":{"agent":{"deny":["x y"]}}},
                       "always":{"deny":["too-large"],"max_megapixels":-1}}"#;
        let settings: Settings = serde_json::from_str(json).unwrap();
        let places: Vec<_> = settings.problems().into_iter().map(|(path, _)| path).collect();
        let wanted = [
            "/consumer/max_mb",
            "/consumer/allow/1",
            "/channel/fax",
            "/channel/fax/agent/deny/0",
            "/always/deny/0",
            "/always/max_megapixels",
        ];
        assert_eq!(places, wanted);
    }
}
