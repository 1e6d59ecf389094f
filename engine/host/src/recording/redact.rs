//! What of a recorded text nobody needs to know: e-mail addresses, long runs of digits (telephones, cards, CPF), names.
//!
//! Every letter or digit is masked in place, so that a text keeps its length and its shape: what a pattern finds, and where,
//! stays the same as long as it does not look at the very digits. Digits become `1`, so that a number stays a number.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

/// An address, in bytes: what stands before the `@` may be written in any script.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?-u)[^\s@<>()\[\],;:"'\\]{1,64}@[A-Za-z0-9\x80-\xff.-]{1,253}\.[A-Za-z0-9\x80-\xff-]{2,63}"#,
    )
});

/// Eight digits or more with what people write between them. Fewer are house numbers, years and prices.
static DIGITS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?-u)\+?[0-9](?:[ .()/-]{0,2}[0-9]){7,}"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern that compiles")
}

/// Masks texts, or leaves them as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redactor {
    /// Masks.
    On,
    /// Leaves everything as it is.
    Off,
}

impl Redactor {
    /// What somebody wrote.
    pub(crate) fn text(self, text: &str) -> String {
        // Only whole characters are replaced, by ASCII.
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    /// The beginning of a file, or what a bot remembers.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        if self == Self::Off {
            return bytes.into();
        }
        let without = ADDRESS.replace_all(bytes, |found: &Captures<'_>| masked(&found[0], address));
        match DIGITS.replace_all(&without, |found: &Captures<'_>| masked(&found[0], digit)) {
            Cow::Borrowed(_) => without,
            Cow::Owned(bytes) => bytes.into(),
        }
    }

    /// What somebody is called.
    pub(crate) fn name(self, name: &str) -> String {
        let letter = |letter: char| match letter {
            letter if letter.is_uppercase() => 'X',
            letter if letter.is_alphanumeric() => 'x',
            other => other,
        };
        match self {
            Self::On => name.chars().map(letter).collect(),
            Self::Off => name.to_owned(),
        }
    }
}

fn masked(found: &[u8], mask: fn(u8) -> u8) -> Vec<u8> {
    found.iter().map(|byte| mask(*byte)).collect()
}

fn address(byte: u8) -> u8 {
    if matches!(byte, b'@' | b'.' | b'-' | b'_' | b'+') { byte } else { b'x' }
}

fn digit(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'1' } else { byte }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_somebody_is_masked_in_place() {
        for (text, masked) in [
            (
                "fale com maria.silva@exemplo.com.br hoje",
                "fale com xxxxx.xxxxx@xxxxxxx.xxx.xx hoje",
            ),
            ("<joao_s+1@a-b.com>,b@c.de", "<xxxx_x+x@x-x.xxx>,x@x.xx"),
            ("joão@exemplo.com", "xxxxx@xxxxxxx.xxx"),
            ("meu CPF é 123.456.789-09.", "meu CPF é 111.111.111-11."),
            ("ligue (11) 98765-4321", "ligue (11) 11111-1111"),
            ("+55 11 98765 4321, ramal 12", "+11 11 11111 1111, ramal 12"),
            ("cartão 4111 2222 3333 4444", "cartão 1111 1111 1111 1111"),
            (r#"{"asked_at":1767614400000}"#, r#"{"asked_at":1111111111111}"#),
        ] {
            assert_eq!(Redactor::On.text(text), masked);
            assert_eq!(Redactor::Off.text(text), text);
        }
    }

    #[test]
    fn what_names_nobody_stays() {
        for text in [
            "pedido 1234567 de 2026, R$ 1.234,56",
            "a @ b, @maria, 3x ao mês",
            "às 10:30 do dia 05/01",
            "1\u{fe0f}\u{20e3} 2\u{fe0f}\u{20e3} \u{1f600}",
        ] {
            assert_eq!(Redactor::On.text(text), text);
        }
    }

    #[test]
    fn names_keep_their_shape() {
        assert_eq!(Redactor::On.name("João da Silva 2º"), "Xxxx xx Xxxxx xx");
        assert_eq!(Redactor::Off.name("João"), "João");
    }

    #[test]
    fn bytes_that_are_no_text_keep_their_length() {
        let bytes = b"\x00\xffPK tel 11987654321 \xfe";
        let masked = Redactor::On.bytes(bytes);
        assert_eq!(&*masked, b"\x00\xffPK tel 11111111111 \xfe");
    }
}
