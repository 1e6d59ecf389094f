//! Who vouches for a package: Ed25519 signatures over its contents.
//!
//! A signed package holds `signature.toml`: the signer's public key, and the signature over the names and contents of every
//! other file. Whether that key is believed is not decided here but by the desk's keyring. Keys are written as text:
//! public ones as `ed25519:BASE64`, private ones as PKCS#8 in PEM, as OpenSSL writes them.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The file in a package that is not signed because it holds the signature.
pub const FILE: &str = "signature.toml";

/// Put before what is signed, so that the signature means nothing elsewhere.
const PURPOSE: &[u8] = b"dialogo plugin package 1\n";
const PREFIX: &str = "ed25519:";
const PEM_HEAD: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_FOOT: &str = "-----END PRIVATE KEY-----";

/// Whether anybody vouches for a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Signed {
    /// Nobody does.
    #[default]
    No,
    /// The holder of this key does, for exactly these contents.
    By(PublicKey),
    /// There is a signature, and it does not fit: the reason.
    Broken(String),
}

/// A public key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads `ed25519:BASE64`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "a public key looks like \"ed25519:\" and 44 letters of base64".to_owned();
        let encoded = text.strip_prefix(PREFIX).ok_or_else(wrong)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| wrong())?;
        bytes.try_into().map(Self).map_err(|_| wrong())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A private key; only its public half is ever shown.
pub struct PrivateKey(Ed25519KeyPair);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.public())
    }
}

impl PrivateKey {
    /// A new one, as PEM: to be kept in a file that nobody else can read.
    pub fn generate() -> Result<String, String> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| "the system gives no randomness".to_owned())?;
        let encoded = STANDARD.encode(document.as_ref());
        let mut pem = format!("{PEM_HEAD}\n");
        for line in encoded.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        Ok(format!("{pem}{PEM_FOOT}\n"))
    }

    /// Reads PEM.
    pub fn parse(pem: &str) -> Result<Self, String> {
        let wrong = || {
            "it is no private key for Ed25519 in PEM: `dialogo plugin keygen NAME` makes one"
                .to_owned()
        };
        let inside = pem.split(PEM_HEAD).nth(1).and_then(|rest| rest.split(PEM_FOOT).next());
        let encoded: String = inside.ok_or_else(wrong)?.split_whitespace().collect();
        let bytes = STANDARD.decode(encoded).map_err(|_| wrong())?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes).map(Self).map_err(|_| wrong())
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }

    /// The text of `signature.toml` for these contents.
    pub fn sign(&self, contents: &Contents) -> String {
        let signature = STANDARD.encode(self.0.sign(&contents.message()).as_ref());
        format!("key = \"{}\"\nsignature = \"{signature}\"\n", self.public())
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SignatureFile {
    key: String,
    signature: String,
}

/// What is signed of a package: the digest of each file, by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents(BTreeMap<String, [u8; 32]>);

impl Contents {
    /// With one more file, by its name inside the package, with `/`.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        if name != FILE {
            self.0.insert(name.to_owned(), Sha256::digest(bytes).into());
        }
    }

    /// The files' names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn message(&self) -> Vec<u8> {
        let mut message = PURPOSE.to_vec();
        for (name, digest) in &self.0 {
            message.extend((name.len() as u64).to_le_bytes());
            message.extend(name.as_bytes());
            message.extend(digest);
        }
        message
    }

    /// What the text of `signature.toml` is worth for these contents.
    pub fn signed(&self, text: &str) -> Signed {
        match self.signer(text) {
            Ok(key) => Signed::By(key),
            Err(reason) => Signed::Broken(reason),
        }
    }

    fn signer(&self, text: &str) -> Result<PublicKey, String> {
        let file: SignatureFile =
            toml::from_str(text).map_err(|fault| format!("{FILE} cannot be read: {fault}"))?;
        let key = PublicKey::parse(&file.key).map_err(|fault| format!("{FILE}: {fault}"))?;
        let signature = STANDARD
            .decode(&file.signature)
            .map_err(|_| format!("{FILE}: `signature` is no base64"))?;
        UnparsedPublicKey::new(&ED25519, key.0).verify(&self.message(), &signature).map_err(
            |_| {
                "it was changed after it was signed, or the signature is of something else"
                    .to_owned()
            },
        )?;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(text: &str) -> Contents {
        let mut contents = Contents::default();
        contents.add("plugin.toml", text.as_bytes());
        contents.add("a.wasm", b"asm");
        contents
    }

    #[test]
    fn a_signature_is_for_one_key_and_exactly_these_contents() {
        let key = PrivateKey::parse(&PrivateKey::generate().expect("made")).expect("read");
        let text = key.sign(&contents("x"));
        assert_eq!(contents("x").signed(&text), Signed::By(key.public()));
        assert!(matches!(contents("y").signed(&text), Signed::Broken(_)));
        let mut more = contents("x");
        more.add("cases/new.toml", b"");
        assert!(matches!(more.signed(&text), Signed::Broken(_)));
        more = contents("x");
        more.add(FILE, text.as_bytes());
        assert_eq!(more.signed(&text), Signed::By(key.public()));
        let other = PrivateKey::parse(&PrivateKey::generate().expect("made")).expect("read");
        let stolen = text.replace(&key.public().to_string(), &other.public().to_string());
        assert!(matches!(contents("x").signed(&stolen), Signed::Broken(_)));
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let key = PrivateKey::parse(&PrivateKey::generate().expect("made")).expect("read");
        assert_eq!(PublicKey::parse(&key.public().to_string()), Ok(key.public()));
        for wrong in ["", "ed25519:", "ed25519:AAAA", "rsa:AAAA"] {
            assert!(PublicKey::parse(wrong).is_err(), "{wrong}");
        }
        assert!(PrivateKey::parse("nothing").is_err());
    }

    #[test]
    fn a_key_that_openssl_made_is_read() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let key = PrivateKey::parse(pem).expect("read");
        assert_eq!(
            key.public().to_string(),
            "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
        );
    }
}
