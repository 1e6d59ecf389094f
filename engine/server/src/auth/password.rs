//! Passwords: argon2id, a few at a time, and as slow for a login that does not exist as for one that does.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// Hashes at once. Each takes 19 MiB and a core for tens of milliseconds; more would let logins starve the desk.
const AT_ONCE: usize = 2;
/// Shortest password, in characters (NIST SP 800-63B asks for eight).
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Longest password: more is an attack on the hash, not a password.
pub const MAX_PASSWORD_BYTES: usize = 1_024;

/// Makes and checks password hashes.
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// A hash nobody has the password of, checked when the login is unknown.
    decoy: Arc<str>,
}

/// A password could not be hashed or checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Shorter than [`MIN_PASSWORD_CHARS`].
    #[error("a password has at least {MIN_PASSWORD_CHARS} characters")]
    TooShort,
    /// Longer than [`MAX_PASSWORD_BYTES`].
    #[error("a password has at most {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// The hash function failed.
    #[error("the password could not be hashed")]
    Hash,
}

fn argon2id() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// The PHC string of a password. Takes tens of milliseconds: not for async code.
fn hash_now(password: &[u8]) -> Result<String, PasswordFault> {
    argon2id().hash_password(password).map(|hash| hash.to_string()).map_err(|_| PasswordFault::Hash)
}

impl Passwords {
    /// Makes the decoy, which takes tens of milliseconds.
    pub fn new() -> Result<Self, PasswordFault> {
        let mut nobody = [0; 32];
        getrandom::fill(&mut nobody).map_err(|_| PasswordFault::Hash)?;
        Ok(Self { permits: Arc::new(Semaphore::new(AT_ONCE)), decoy: hash_now(&nobody)?.into() })
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, password: &str) -> Result<Arc<str>, PasswordFault> {
        if password.chars().count() < MIN_PASSWORD_CHARS {
            return Err(PasswordFault::TooShort);
        }
        if password.len() > MAX_PASSWORD_BYTES {
            return Err(PasswordFault::TooLong);
        }
        let password = password.to_owned();
        self.off_thread(move || hash_now(password.as_bytes())).await?.map(Into::into)
    }

    /// Whether `password` belongs to `hash`; with no hash the answer is no, after the same time.
    pub async fn verify(
        &self,
        password: &str,
        hash: Option<Arc<str>>,
    ) -> Result<bool, PasswordFault> {
        if password.len() > MAX_PASSWORD_BYTES {
            return Ok(false);
        }
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| Arc::clone(&self.decoy));
        let password = password.to_owned();
        let fits = self
            .off_thread(move || argon2id().verify_password(password.as_bytes(), &*hash).is_ok())
            .await?;
        Ok(known && fits)
    }

    async fn off_thread<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, PasswordFault> {
        let permit =
            Arc::clone(&self.permits).acquire_owned().await.map_err(|_| PasswordFault::Hash)?;
        // The permit goes with the work: a client that hangs up does not free a core that is still busy.
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(|_| PasswordFault::Hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert_eq!(passwords.verify("correct horse", Some(Arc::clone(&hash))).await, Ok(true));
        assert_eq!(passwords.verify("wrong horse", Some(hash)).await, Ok(false));
        assert_eq!(passwords.verify("correct horse", None).await, Ok(false));
        assert_eq!(
            passwords.verify("correct horse", Some("no PHC string".into())).await,
            Ok(false)
        );
    }

    #[tokio::test]
    async fn short_and_endless_passwords_are_refused() {
        let passwords = Passwords::new().unwrap();
        assert_eq!(passwords.hash("short").await, Err(PasswordFault::TooShort));
        assert_eq!(passwords.hash(&"x".repeat(2_000)).await, Err(PasswordFault::TooLong));
        assert_eq!(passwords.verify(&"x".repeat(2_000), None).await, Ok(false));
    }
}
