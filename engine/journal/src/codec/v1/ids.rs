//! Ids as stored: 128-bit ones as 16 bytes, digests as 32, admins' ids as text, times and positions as numbers.

use dialogo_domain::Millis;
use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};

/// A 128-bit id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) u128);

/// A SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest(pub(crate) [u8; 32]);

impl<C> Encode<C> for Id {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.0.to_be_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Id {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        fixed(d, "an id has 16 bytes").map(|bytes| Self(u128::from_be_bytes(bytes)))
    }
}

impl<C> Encode<C> for Digest {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Digest {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        fixed(d, "a digest has 32 bytes").map(Self)
    }
}

fn fixed<const N: usize>(
    d: &mut Decoder<'_>,
    wrong: &'static str,
) -> Result<[u8; N], decode::Error> {
    let at = d.position();
    d.bytes()?.try_into().map_err(|_| decode::Error::message(wrong).at(at))
}

/// An optional time as stored.
pub(crate) fn time(at: Option<Millis>) -> Option<u64> {
    at.map(|at| at.0)
}

/// An optional time as read.
pub(crate) fn time_back(at: Option<u64>) -> Option<Millis> {
    at.map(Millis)
}

/// An optional text id as stored.
macro_rules! text {
    ($id:expr) => {
        $id.as_ref().map(|id| id.as_str())
    };
}
pub(super) use text;
