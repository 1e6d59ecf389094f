//! The console's files, which are part of the binary.
//!
//! They are what `console/dist` held when the engine was compiled. Where the console was not built (Node is not needed for
//! the engine) a small page says so.

use std::borrow::Cow;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::pages;
use crate::router::unknown;

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[exclude = ".gitignore"]
struct Built;

/// Files under `assets/` have a digest in their name and never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The first page: the console, or what to do to get it.
pub(crate) async fn first(headers: HeaderMap) -> Response {
    match Built::get("index.html") {
        Some(page) => answer("index.html", page, "no-cache", &headers),
        None => pages::landing().await,
    }
}

/// A file that the console loads.
pub(crate) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("assets/{name}");
    match Built::get(&path) {
        Some(file) => answer(&path, file, FOR_EVER, &headers),
        None => unknown(&path).into_response(),
    }
}

/// What a site's page loads for its visitors; the one file here that is meant for other origins.
pub(crate) async fn widget(headers: HeaderMap) -> Response {
    let Some(file) = Built::get("widget.js") else { return unknown("widget.js").into_response() };
    let mut response = answer("widget.js", file, "no-cache", &headers);
    let anywhere = HeaderValue::from_static("cross-origin");
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    response.headers_mut().insert(policy, anywhere);
    response
}

/// The picture in the browser's tab.
pub(crate) async fn icon(headers: HeaderMap) -> Response {
    match Built::get("icon.svg") {
        Some(file) => answer("icon.svg", file, "no-cache", &headers),
        None => unknown("icon.svg").into_response(),
    }
}

fn answer(path: &str, file: EmbeddedFile, keep: &'static str, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", crate::auth::hex(&file.metadata.sha256_hash()[..16]));
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str());
    let headers: [(HeaderName, String); 3] = [
        (header::CONTENT_TYPE, kind(path).to_owned()),
        (header::CACHE_CONTROL, keep.to_owned()),
        (header::ETAG, tag),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let content = match file.data {
        Cow::Borrowed(inside) => Bytes::from_static(inside),
        Cow::Owned(read) => read.into(),
    };
    (headers, content).into_response()
}

/// The types that the console's build makes.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" | "map" => "application/json",
        "woff2" => "font/woff2",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}
