//! Commits as bytes and back. What is stored has versioned types of its own ([`v1`]), so that the domain's can change
//! without touching what lies on disks. Every stored value stands in an envelope `[version, value]`.
//!
//! Nothing here panics on any bytes: what cannot be read is a [`CodecFault`].

mod v1;

use std::convert::Infallible;

use dialogo_domain::conversation::Conversation;
use dialogo_domain::{Commit, Desk};
use minicbor::{Decoder, Encoder};

/// The version that is written.
pub const VERSION: u16 = 1;

/// Names the form of a desk's snapshot; one that names another is not used.
pub const SCHEMA: &str = v1::desk::SCHEMA;

/// Stored bytes that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecFault {
    /// Written by a later dialogo.
    #[error(
        "it was written in version {0} of the stored form, this dialogo reads up to {VERSION}: upgrade dialogo"
    )]
    Newer(u16),
    /// Not what any version writes.
    #[error("the stored bytes are not a valid record: {0}")]
    Malformed(String),
    /// The personal part is sealed in a way this dialogo cannot open.
    #[error("its personal part is sealed under the unknown scheme {0}")]
    Sealed(u8),
    /// Bytes follow the value.
    #[error("{0} bytes follow the record")]
    Trailing(usize),
}

impl From<minicbor::decode::Error> for CodecFault {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// Appends the stored form of a commit to `bytes`.
pub fn encode(commit: &Commit, bytes: &mut Vec<u8>) {
    put(&v1::Commit::of(commit), bytes);
}

/// Reads a commit in any version there ever was.
pub fn decode(bytes: &[u8]) -> Result<Commit, CodecFault> {
    open(bytes, |version, decoder| match version {
        1 => decoder.decode::<v1::Commit<'_>>()?.into_domain(),
        // A version 2 decodes its own form here; version 1 then goes through a step that makes a version 2 of it.
        newer => Err(CodecFault::Newer(newer)),
    })
}

/// Appends the stored form of a conversation to `bytes`.
pub fn encode_conversation(conversation: &Conversation, bytes: &mut Vec<u8>) {
    put(&v1::conversation::Conversation::of(conversation), bytes);
}

/// Reads a conversation in any version there ever was.
pub fn decode_conversation(bytes: &[u8]) -> Result<Conversation, CodecFault> {
    open(bytes, |version, decoder| match version {
        1 => decoder.decode::<v1::conversation::Conversation<'_>>()?.into_domain(),
        newer => Err(CodecFault::Newer(newer)),
    })
}

/// Appends the stored form of a desk's state to `bytes`.
pub fn encode_desk(desk: &Desk, bytes: &mut Vec<u8>) {
    put(&v1::desk::Desk::of(desk), bytes);
}

/// Reads a desk's state; only the version that is written now.
pub fn decode_desk(bytes: &[u8]) -> Result<Desk, CodecFault> {
    open(bytes, |version, decoder| match version {
        VERSION => decoder.decode::<v1::desk::Desk<'_>>()?.into_domain(),
        other => Err(CodecFault::Newer(other)),
    })
}

/// Appends the stored form of a summary to `bytes`.
pub(crate) fn encode_summary(summary: &crate::views::Summary, bytes: &mut Vec<u8>) {
    put(&v1::summary::Summary::of(summary), bytes);
}

/// Reads a summary; only the version that is written now.
pub(crate) fn decode_summary(bytes: &[u8]) -> Result<crate::views::Summary, CodecFault> {
    open(bytes, |version, decoder| match version {
        VERSION => Ok(decoder.decode::<v1::summary::Summary<'_>>()?.into_view()),
        other => Err(CodecFault::Newer(other)),
    })
}

/// Appends the stored form of figures to `bytes`.
pub(crate) fn encode_figures(figures: &crate::views::figures::Figures, bytes: &mut Vec<u8>) {
    put(figures, bytes);
}

/// Reads figures; only the version that is written now.
pub(crate) fn decode_figures(bytes: &[u8]) -> Result<crate::views::figures::Figures, CodecFault> {
    open_now(bytes)
}

/// Appends the stored form of what was measured of a plugin to `bytes`.
pub(crate) fn encode_trial(trial: &crate::views::trials::Trial, bytes: &mut Vec<u8>) {
    put(trial, bytes);
}

/// Reads what was measured of a plugin; only the version that is written now.
pub(crate) fn decode_trial(bytes: &[u8]) -> Result<crate::views::trials::Trial, CodecFault> {
    open_now(bytes)
}

/// Appends the stored form of what classifiers suggest in a conversation to `bytes`.
pub(crate) fn encode_standing(standing: &[crate::views::trials::Standing], bytes: &mut Vec<u8>) {
    put(&standing, bytes);
}

/// Reads what classifiers suggest in a conversation; only the version that is written now.
pub(crate) fn decode_standing(
    bytes: &[u8],
) -> Result<Vec<crate::views::trials::Standing>, CodecFault> {
    open_now(bytes)
}

/// Reads what only the views keep, which are made anew when its form changes.
fn open_now<T: for<'b> minicbor::Decode<'b, ()>>(bytes: &[u8]) -> Result<T, CodecFault> {
    open(bytes, |version, decoder| match version {
        VERSION => Ok(decoder.decode()?),
        other => Err(CodecFault::Newer(other)),
    })
}

/// Writes an envelope of the present version around a value.
fn put<T: minicbor::Encode<()>>(value: &T, bytes: &mut Vec<u8>) {
    let mut encoder = Encoder::new(bytes);
    let written: Result<(), minicbor::encode::Error<Infallible>> =
        encoder.array(2).and_then(|e| e.u16(VERSION)).and_then(|e| e.encode(value)).map(|_| ());
    // Writing into memory cannot fail, and no stored type has an encoding that can.
    debug_assert!(written.is_ok(), "{written:?}");
}

/// Opens an envelope and sees to it that nothing follows.
fn open<'b, T>(
    bytes: &'b [u8],
    read: impl FnOnce(u16, &mut Decoder<'b>) -> Result<T, CodecFault>,
) -> Result<T, CodecFault> {
    let mut decoder = Decoder::new(bytes);
    if decoder.array()? != Some(2) {
        return Err(CodecFault::Malformed("the envelope has not two fields".into()));
    }
    let version = decoder.u16()?;
    let value = read(version, &mut decoder)?;
    match bytes.len() - decoder.position() {
        0 => Ok(value),
        more => Err(CodecFault::Trailing(more)),
    }
}
