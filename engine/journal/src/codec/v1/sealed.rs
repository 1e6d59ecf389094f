//! The personal part of an event: everything a person wrote or is, in a field of its own, so that it can later be sealed
//! with a key per consumer and made unreadable by forgetting the key. For now the one scheme is `plain`.
//!
//! What is *not* here (ids, numbers, codes, departments) is what the desk needs to go on when a person is erased.

use std::borrow::Cow;

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};

use super::message::{Attachment, Choice, Profile};
use super::plugin::Reason;
use crate::codec::CodecFault;

/// Bytes that hold a [`Personal`] under some scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed<'a> {
    scheme: u8,
    bytes: Cow<'a, [u8]>,
}

/// The bytes are the CBOR itself.
const PLAIN: u8 = 0;

impl<C> Encode<C> for Sealed<'_> {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?.u8(self.scheme)?.bytes(&self.bytes)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Sealed<'b> {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        if d.array()? != Some(2) {
            return Err(decode::Error::message("a sealed part has two fields").at(at));
        }
        Ok(Self { scheme: d.u8()?, bytes: Cow::Borrowed(d.bytes()?) })
    }
}

/// What is sealed. Every kind of event fills the fields it has.
#[derive(Debug, Default, Encode, Decode)]
pub(crate) struct Personal<'a> {
    /// A message, a note, a comment, a name.
    #[b(0)]
    pub(crate) text: Option<&'a str>,
    /// The reason given to people.
    #[b(1)]
    pub(crate) detail: Option<&'a str>,
    /// Of each plugin's decision, in their order.
    #[b(2)]
    pub(crate) reasons: Option<Vec<Reason<'a>>>,
    #[b(3)]
    pub(crate) attachments: Option<Vec<Attachment<'a>>>,
    #[b(4)]
    pub(crate) choices: Option<Vec<Choice<'a>>>,
    #[b(5)]
    pub(crate) profile: Option<Profile<'a>>,
    /// Of each suggestion, in their order.
    #[b(6)]
    pub(crate) evidence: Option<Vec<Vec<&'a str>>>,
    /// What a bot keeps.
    #[b(7)]
    #[cbor(with = "minicbor::bytes")]
    pub(crate) state: Option<&'a [u8]>,
}

impl Sealed<'_> {
    /// Seals a personal part.
    pub(crate) fn of(personal: &Personal<'_>) -> Self {
        let mut bytes = Vec::with_capacity(256);
        // Writing into memory cannot fail.
        let Ok(()) =
            minicbor::encode(personal, &mut bytes).map_err(|error| unreachable!("{error}"));
        Self { scheme: PLAIN, bytes: Cow::Owned(bytes) }
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Result<Personal<'_>, CodecFault> {
        if self.scheme != PLAIN {
            return Err(CodecFault::Sealed(self.scheme));
        }
        Ok(minicbor::decode(&self.bytes)?)
    }
}

/// `None` for nothing, which takes no room.
pub(crate) fn some_text(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// `None` for nothing, which takes no room.
pub(crate) fn some_list<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
