//! Small cases, one `check(given, when, then)` each, by area. The words of the scripts are explained in [`scene`].
//!
//! Update the expectations with `UPDATE_EXPECT=1 cargo test -p dialogo-domain --test areas`.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them so")]

mod access;
mod capacity;
mod classification;
mod explain;
mod lifecycle;
mod messages;
mod routing;
mod scene;
mod transfer;
