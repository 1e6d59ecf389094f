//! The identifiers of the desk, each a type of its own so that they cannot be mixed up.
//!
//! Ids that a client or the engine makes fresh are 128-bit (written as UUIDs); ids that an admin writes in a rule file
//! are short texts.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A text that should have been a UUID and is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAUuid(pub String);

impl fmt::Display for NotAUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a UUID such as 0190f5e4-7b1c-7000-8000-000000000001", self.0)
    }
}

impl std::error::Error for NotAUuid {}

/// Hyphens of a UUID's text, as places in it.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

fn write_uuid(value: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [b'-'; 36];
    let mut rest = value;
    for at in (0..text.len()).rev().filter(|at| !HYPHENS.contains(at)) {
        text[at] = b"0123456789abcdef"[(rest & 0xF) as usize];
        rest >>= 4;
    }
    f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

fn read_uuid(text: &str) -> Result<u128, NotAUuid> {
    let wrong = || NotAUuid(text.chars().take(64).collect());
    let bytes = text.as_bytes();
    if bytes.len() != 36 || HYPHENS.iter().any(|&at| bytes[at] != b'-') {
        return Err(wrong());
    }
    let mut value = 0u128;
    for (at, &byte) in bytes.iter().enumerate() {
        if HYPHENS.contains(&at) {
            continue;
        }
        let digit = char::from(byte).to_digit(16).ok_or_else(wrong)?;
        value = value << 4 | u128::from(digit);
    }
    Ok(value)
}

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAUuid;

            fn from_str(text: &str) -> Result<Self, NotAUuid> {
                read_uuid(text).map(Self)
            }
        }
    )*};
}

uuid_ids! {
    /// A command, chosen by whoever sends it; a resend with the same id gets the first answer.
    CommandId;
    /// A conversation (atendimento).
    ConversationId;
    /// A consumer (consumidor).
    ConsumerId;
    /// A message, chosen by its sender; unique in its conversation.
    MessageId;
    /// An uploaded file as it stands in one conversation.
    AttachmentId;
}

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is; what is allowed in it is checked where it comes in.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The id as written in the rule files.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_ids! {
    /// An agent (atendente), supervisor or admin: the login of the account.
    AgentId;
    /// A department (departamento).
    DepartmentId;
    /// A node of the classification tree, stable for ever.
    NodeId;
    /// A plugin as bound in `plugins.toml`.
    PluginId;
}

/// The place of a commit in the journal, counted from 1; 0 is "before everything". It is also the cursor of the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    /// The position of the next commit.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A generation of the rules, named by the digest (SHA-256) of everything it was made of.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub [u8; 32]);

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_written_as_they_were_read() {
        let text = "0190f5e4-7b1c-7000-8000-0000000000ff";
        assert_eq!(text.parse::<MessageId>().unwrap().to_string(), text);
    }

    #[test]
    fn what_is_no_uuid_is_refused() {
        for text in [
            "",
            "0190f5e47b1c700080000000000000ff",
            "0190f5e4-7b1c-7000-8000-0000000000fg",
            "çççççççççççççççççç",
        ] {
            assert!(text.parse::<MessageId>().is_err(), "{text}");
        }
    }
}
