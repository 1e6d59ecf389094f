//! Tokens of consumers: self-contained and signed, so that losing every cache loses no conversation.
//!
//! `c1.<consumer, 32 hex digits>.<expiry, ms>.<HMAC-SHA256 over what stands before, hex>`. The key lies in the data
//! folder (`keys/consumer`, mode 0600). They cannot be taken back one by one; changing the key ends them all.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use dialogo_domain::{ConsumerId, Millis};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::{hex, unhex};

/// How long a token holds: a consumer who comes back after the holidays still finds the conversation.
pub(super) const TOKEN_KEPT_MS: u64 = 180 * 24 * 3_600_000;

/// Makes and checks tokens of consumers.
#[derive(Clone)]
pub struct ConsumerTokens {
    key: [u8; 32],
}

/// The key could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Reading or writing failed.
    #[error("cannot {operation} the key file {}", path.display())]
    File {
        /// What was tried.
        operation: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The file does not hold a key.
    #[error("the key file {} must hold exactly 32 bytes, it holds {found}", path.display())]
    Length {
        /// Which file.
        path: PathBuf,
        /// Its size in bytes.
        found: usize,
    },
    /// The machine has no randomness.
    #[error("the machine gives no random bytes")]
    Random(#[source] getrandom::Error),
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// Not a token of ours.
    Invalid,
    /// Was one.
    Expired,
}

impl ConsumerTokens {
    /// With this key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// With the key in `path`, which is made when there is none.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let fault = |operation| {
            let path = path.to_owned();
            move |source| KeyError::File { operation, path, source }
        };
        match fs::read(path) {
            Ok(bytes) => {
                let found = bytes.len();
                let key = bytes
                    .try_into()
                    .map_err(|_| KeyError::Length { path: path.to_owned(), found })?;
                return Ok(Self { key });
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(fault("read")(error)),
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(KeyError::Random)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(fault("make the folder of"))?;
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(fault("create"))?;
        file.write_all(&key).and_then(|()| file.sync_all()).map_err(fault("write"))?;
        fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(fault("sync the folder of"))?;
        Ok(Self { key })
    }

    /// A token for `consumer`, and when it ends.
    pub fn issue(&self, consumer: ConsumerId, now: Millis) -> (String, Millis) {
        let expires = now.plus(TOKEN_KEPT_MS);
        let signed = format!("c1.{:032x}.{}", consumer.0, expires.0);
        let mac = hex(&self.mac(&signed));
        (format!("{signed}.{mac}"), expires)
    }

    /// Whose token it is.
    pub fn check(&self, token: &str, now: Millis) -> Result<ConsumerId, TokenFault> {
        let (signed, mac) = token.rsplit_once('.').ok_or(TokenFault::Invalid)?;
        let mac: [u8; 32] = unhex(mac).ok_or(TokenFault::Invalid)?;
        if !bool::from(self.mac(signed).ct_eq(&mac)) {
            return Err(TokenFault::Invalid);
        }
        let mut parts = signed.split('.');
        let (Some("c1"), Some(consumer), Some(expires), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenFault::Invalid);
        };
        let consumer = u128::from_str_radix(consumer, 16).map_err(|_| TokenFault::Invalid)?;
        let expires: u64 = expires.parse().map_err(|_| TokenFault::Invalid)?;
        if expires <= now.0 {
            return Err(TokenFault::Expired);
        }
        Ok(ConsumerId(consumer))
    }

    /// The consumer that a key makes: the same again for the same key, and guessed by nobody without the server's key.
    pub fn consumer_of(&self, key: dialogo_domain::CommandId) -> u128 {
        let mac = self.mac(&format!("consumer of {key}"));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid().as_u128()
    }

    fn mac(&self, text: &str) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000_000);

    #[test]
    fn a_token_names_its_consumer() {
        let tokens = ConsumerTokens::new([7; 32]);
        let (token, expires) = tokens.issue(ConsumerId(42), NOW);
        assert_eq!(tokens.check(&token, NOW), Ok(ConsumerId(42)));
        assert_eq!(tokens.check(&token, expires), Err(TokenFault::Expired));
    }

    #[test]
    fn a_changed_or_foreign_token_is_refused() {
        let tokens = ConsumerTokens::new([7; 32]);
        let (token, _) = tokens.issue(ConsumerId(42), NOW);
        assert_eq!(ConsumerTokens::new([8; 32]).check(&token, NOW), Err(TokenFault::Invalid));
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(tokens.check(&changed, NOW), Err(TokenFault::Invalid), "{changed}");
        }
        for text in ["", "c1", "c1...", "c1.0.0.00", "çç.çç.çç"] {
            assert_eq!(tokens.check(text, NOW), Err(TokenFault::Invalid), "{text}");
        }
    }

    #[test]
    fn the_key_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/consumer");
        let (token, _) = ConsumerTokens::open(&path).unwrap().issue(ConsumerId(1), NOW);
        assert_eq!(ConsumerTokens::open(&path).unwrap().check(&token, NOW), Ok(ConsumerId(1)));
        fs::write(&path, b"short").unwrap();
        assert!(matches!(ConsumerTokens::open(&path), Err(KeyError::Length { found: 5, .. })));
    }
}
