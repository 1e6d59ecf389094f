//! Headers with which a file is served: it can be saved, never run in the desk's name, and shown only when harmless.

use std::ops::Range;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Kinds a browser may show by itself: pictures without a script language. Not SVG.
const SHOWN_INLINE: [&str; 5] =
    ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];

/// Headers for a file of this type and name.
pub fn safe_headers(mime: &str, name: &str) -> HeaderMap {
    let inline = SHOWN_INLINE.contains(&mime);
    // What could be executed is served as bytes, whatever it is.
    let kind = if inline || harmless_to_save(mime) { mime } else { "application/octet-stream" };
    let kind =
        HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, kind);
    let way = if inline { "inline" } else { "attachment" };
    headers.insert(header::CONTENT_DISPOSITION, disposition(way, name));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-site"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=86400, immutable"),
    );
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers
}

fn harmless_to_save(mime: &str) -> bool {
    mime.starts_with("audio/")
        || mime.starts_with("video/")
        || mime == "application/pdf"
        || mime == "text/plain"
        || mime == "text/csv"
        || mime.starts_with("application/vnd.openxmlformats-officedocument.")
        || mime.starts_with("application/vnd.oasis.opendocument.")
}

/// `Content-Disposition` with a plain name for old clients and the full one by RFC 8187.
fn disposition(way: &str, name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() || "._- ".contains(character) {
                character
            } else {
                '_'
            }
        })
        .take(150)
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes().take(600) {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let value = format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

/// What a `Range` header asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Everything: no header, or one that means nothing here.
    All,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that are not there.
    Outside,
}

/// Reads a `Range` header of one range over `size` bytes; several ranges are answered with everything.
pub fn range(headers: &HeaderMap, size: u64) -> Asked {
    let Some(text) = headers.get(header::RANGE).and_then(|value| value.to_str().ok()) else {
        return Asked::All;
    };
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|spec| spec.split_once('-'))
    else {
        return Asked::All;
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(last)) if first.is_empty() => size.saturating_sub(last)..size,
        _ => return Asked::All,
    };
    if range.start >= range.end { Asked::Outside } else { Asked::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_is_shown_inline() {
        for mime in [
            "text/html",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/xml",
            "application/javascript",
            "x\ny",
        ] {
            let headers = safe_headers(mime, "a.html");
            assert_eq!(headers[header::CONTENT_TYPE], "application/octet-stream", "{mime}");
            assert!(
                headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment;"),
                "{mime}"
            );
        }
        let png = safe_headers("image/png", "a.png");
        assert!(png[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("inline;"));
        for headers in [png, safe_headers("application/pdf", "a.pdf")] {
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("sandbox"));
        }
    }

    #[test]
    fn names_cannot_break_out_of_the_header() {
        let headers = safe_headers("application/pdf", "a\"; x=\r\nSet-Cookie: ção.pdf");
        let value = headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert!(!value.contains('\r') && !value.contains('\n'), "{value}");
        assert_eq!(value.matches('"').count(), 2, "{value}");
        assert!(value.contains("%C3%A7"), "{value}");
    }

    #[test]
    fn ranges_are_read() {
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, text.parse().unwrap());
            range(&headers, 10)
        };
        assert_eq!(asked("bytes=0-3"), Asked::Part(0..4));
        assert_eq!(asked("bytes=4-"), Asked::Part(4..10));
        assert_eq!(asked("bytes=-3"), Asked::Part(7..10));
        assert_eq!(asked("bytes=8-99"), Asked::Part(8..10));
        assert_eq!(asked("bytes=10-"), Asked::Outside);
        assert_eq!(asked("bytes=5-2"), Asked::All);
        assert_eq!(asked("bytes=0-1,3-4"), Asked::All);
        assert_eq!(range(&HeaderMap::new(), 10), Asked::All);
    }
}
