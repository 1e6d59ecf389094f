//! Looks into markup (HTML, SVG, XML): what is it, and does it run or fetch anything. Searches, does not parse: what a
//! browser would make of broken markup is more than any parser here would see.

use super::{Findings, find_ignoring_case};

/// What the outermost element says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Html,
    Svg,
    WordXml,
    Xml,
}

/// Elements at the start of a text that make browsers take it for a page (WHATWG's list, and some).
const HTML_STARTS: &[&str] = &[
    "<!doctype html",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a ",
    "<a>",
    "<style",
    "<title",
    "<b>",
    "<body",
    "<br",
    "<p>",
    "<p ",
    "<img",
    "<meta",
    "<form",
    "<object",
    "<embed",
    "<link",
    "<base",
];
/// Characters in which the outermost element is looked for.
const ROOT_WITHIN: usize = 4_096;

/// What the text is, by its first element. `start` has no white space before it.
pub(super) fn root(start: &str) -> Option<Root> {
    if !start.starts_with('<') {
        return None;
    }
    let head = start[..start.floor_char_boundary(ROOT_WITHIN)].to_ascii_lowercase();
    let first = skip_prolog(&head);
    if HTML_STARTS.iter().any(|tag| first.starts_with(tag)) || first.starts_with("<!doctype html") {
        return Some(Root::Html);
    }
    if first.starts_with("<svg")
        || first.starts_with("<!doctype svg")
        || (first.starts_with("<!doctype") && head.contains("<svg"))
    {
        return Some(Root::Svg);
    }
    if first.starts_with("<svg:svg") {
        return Some(Root::Svg);
    }
    if head.contains("progid=\"word.document\"") || head.contains("<w:worddocument") {
        return Some(Root::WordXml);
    }
    if head.contains("http://www.w3.org/1999/xhtml") || head.contains("<html") {
        return Some(Root::Html);
    }
    let element = first.strip_prefix('<')?.chars().next()?;
    (head.starts_with("<?xml") || element == '!' || element.is_ascii_alphabetic())
        .then_some(Root::Xml)
}

/// Past declarations and comments.
fn skip_prolog(mut head: &str) -> &str {
    loop {
        head = head.trim_start();
        let end = if head.starts_with("<?") {
            head.find("?>").map(|at| at + 2)
        } else if head.starts_with("<!--") {
            head.find("-->").map(|at| at + 3)
        } else {
            None
        };
        match end {
            Some(end) => head = &head[end..],
            None => return head,
        }
    }
}

/// Looks into markup.
pub(super) fn look(text: &str, findings: &mut Findings) {
    let lower = text.to_ascii_lowercase();
    for (mark, reason) in [
        ("<script", "script"),
        ("<svg:script", "script"),
        ("javascript:", "script"),
        ("vbscript:", "script"),
        ("data:text/html", "script"),
        ("<iframe", "frame"),
        ("<frame", "frame"),
        ("<object", "object"),
        ("<embed", "object"),
        ("<applet", "object"),
        ("<foreignobject", "object"),
        ("<?php", "script"),
        ("<form", "form"),
        ("<?xml-stylesheet", "stylesheet"),
    ] {
        if lower.contains(mark) {
            findings.active(reason);
        }
    }
    if lower.contains("http-equiv") && lower.contains("refresh") {
        findings.active("refresh");
    }
    if has_handler(&lower) {
        findings.active("event-handler");
    }
    if has_entities(&lower) {
        findings.active("entities");
    }
}

/// Whether a text that is no markup as a whole holds a script all the same.
pub(super) fn has_script(text: &str) -> bool {
    let bytes = text.as_bytes();
    find_ignoring_case(bytes, b"<script").is_some_and(|at| {
        bytes
            .get(at + 7)
            .is_some_and(|next| matches!(next, b'>' | b' ' | b'\n' | b'\r' | b'\t' | b'/'))
    }) && find_ignoring_case(bytes, b"</script").is_some()
}

/// `onload=` and its like inside a tag.
fn has_handler(lower: &str) -> bool {
    let mut rest = lower;
    while let Some(at) = rest.find("on") {
        let before = rest[..at].chars().next_back();
        rest = &rest[at + 2..];
        let name = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        let after = rest[name..].trim_start();
        let begins = before.is_some_and(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '/'));
        if begins && (3..=24).contains(&name) && after.starts_with('=') && !after.starts_with("==")
        {
            let value = after[1..].trim_start();
            if value.starts_with(['"', '\''])
                || value.bytes().take_while(|b| b.is_ascii_alphanumeric()).count() > 0
            {
                return true;
            }
        }
    }
    false
}

/// Entities that fetch something or are made of one another. Plain abbreviations are common and harmless.
fn has_entities(lower: &str) -> bool {
    lower.split("<!entity").skip(1).any(|declaration| {
        let declaration = &declaration[..declaration.find('>').unwrap_or(declaration.len())];
        let value = declaration.split(['"', '\'']).nth(1).unwrap_or_default();
        declaration.contains(" system")
            || declaration.contains(" public")
            || declaration.trim_start().starts_with('%')
            || (value.contains('&') && !value.contains("&#"))
    })
}

/// Whether something that is no text holds a script that a server or browser would find.
pub(super) fn hides_script(bytes: &[u8]) -> bool {
    let php = find_ignoring_case(bytes, b"<?php").is_some();
    let script = find_ignoring_case(bytes, b"<script")
        .is_some_and(|at| find_ignoring_case(&bytes[at..], b"</script").is_some());
    // An image whose size reads as the start of a comment, and a script behind the end of the comment.
    let comment = bytes
        .get(..64.min(bytes.len()))
        .is_some_and(|head| super::find(head, b"/*").is_some_and(|at| at <= 12))
        && super::find(bytes, b"*/").is_some_and(|at| {
            bytes.get(at + 2).is_some_and(|next| matches!(next, b'=' | b';' | b'(' | b'\n' | b' '))
        });
    php || script || comment
}
