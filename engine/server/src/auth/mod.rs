//! Who is calling: passwords, sessions of accounts, tokens of consumers, and the extractor that puts them together.
//!
//! What a caller may do is decided by the domain; here it is only found out who it is.

mod caller;
mod consumer_token;
mod password;
mod sessions;

pub use caller::{Account, Caller, Supervisor, bearer, identify};
pub use consumer_token::{ConsumerTokens, KeyError, TokenFault};
pub use password::{MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, PasswordFault, Passwords};
pub use sessions::{MemorySessions, SESSION_KEPT_MS, Session, SessionStore, Sessions, StoreFault};

use std::fmt::Write as _;

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hexadecimal digits as bytes; `None` when they are not.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    Some(bytes)
}
