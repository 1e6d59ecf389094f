//! Sessions of accounts: random tokens, kept only as their hashes, ending twelve hours after the last use.
//!
//! The store behind may lose everything (it lives with the views): then people log in again. What is read often is kept
//! in memory in front of it.

use std::collections::HashMap;
use std::sync::Arc;

use dialogo_domain::{AgentId, Millis};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use super::hex;

/// A session ends this long after it was last used: a working day with its breaks.
pub const SESSION_KEPT_MS: u64 = 12 * 3_600_000;
/// The end is moved at most this often, to spare the store a write for every request.
const SLIDE_MS: u64 = 5 * 60_000;

/// SHA-256 of a token.
pub(crate) type TokenHash = [u8; 32];

/// One login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub agent: AgentId,
    /// When it ends unless it is used.
    pub expires: Millis,
}

/// The store does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the session store failed: {0}")]
pub struct StoreFault(pub String);

/// Where sessions are kept besides memory.
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps a session under the hash of its token.
    fn put(&self, hash: &TokenHash, session: &Session) -> Result<(), StoreFault>;
    /// Finds one.
    fn get(&self, hash: &TokenHash) -> Result<Option<Session>, StoreFault>;
    /// Forgets one.
    fn delete(&self, hash: &TokenHash) -> Result<(), StoreFault>;
    /// Forgets every session that `keep` does not want.
    fn retain(&self, keep: &mut dyn FnMut(&Session) -> bool) -> Result<(), StoreFault>;
}

/// A store that forgets everything with the process.
#[derive(Debug, Default)]
pub struct MemorySessions(Mutex<HashMap<TokenHash, Session>>);

impl SessionStore for MemorySessions {
    fn put(&self, hash: &TokenHash, session: &Session) -> Result<(), StoreFault> {
        self.0.lock().insert(*hash, session.clone());
        Ok(())
    }

    fn get(&self, hash: &TokenHash) -> Result<Option<Session>, StoreFault> {
        Ok(self.0.lock().get(hash).cloned())
    }

    fn delete(&self, hash: &TokenHash) -> Result<(), StoreFault> {
        self.0.lock().remove(hash);
        Ok(())
    }

    fn retain(&self, keep: &mut dyn FnMut(&Session) -> bool) -> Result<(), StoreFault> {
        self.0.lock().retain(|_, session| keep(session));
        Ok(())
    }
}

/// All sessions.
pub struct Sessions {
    store: Arc<dyn SessionStore>,
    seen: Mutex<HashMap<TokenHash, Session>>,
}

fn hash_of(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

impl Sessions {
    /// Over a store.
    pub fn new(store: Arc<dyn SessionStore>) -> Self {
        Self { store, seen: Mutex::default() }
    }

    /// A new session's token, and when it ends.
    pub fn begin(&self, agent: &AgentId, now: Millis) -> Result<(String, Millis), StoreFault> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| StoreFault(error.to_string()))?;
        let token = format!("a1.{}", hex(&random));
        let session = Session { agent: agent.clone(), expires: now.plus(SESSION_KEPT_MS) };
        let hash = hash_of(&token);
        self.store.put(&hash, &session)?;
        let expires = session.expires;
        self.seen.lock().insert(hash, session);
        Ok((token, expires))
    }

    /// Whose token it is, if it still holds; using it moves its end.
    pub fn find(
        &self,
        token: &str,
        now: Millis,
    ) -> Result<Option<(AgentId, TokenHash)>, StoreFault> {
        let hash = hash_of(token);
        let seen = self.seen.lock().get(&hash).cloned();
        let found = match seen {
            Some(session) => Some(session),
            None => self.store.get(&hash)?,
        };
        let Some(mut session) = found else { return Ok(None) };
        if session.expires <= now {
            self.end(&hash)?;
            return Ok(None);
        }
        let later = now.plus(SESSION_KEPT_MS);
        if later.since(session.expires) >= SLIDE_MS {
            session.expires = later;
            self.store.put(&hash, &session)?;
        }
        let agent = session.agent.clone();
        self.seen.lock().insert(hash, session);
        Ok(Some((agent, hash)))
    }

    /// Ends one session.
    pub fn end(&self, hash: &TokenHash) -> Result<(), StoreFault> {
        self.seen.lock().remove(hash);
        self.store.delete(hash)
    }

    /// Ends all sessions of an account but `keep`.
    pub fn end_all_of(&self, agent: &AgentId, keep: Option<&TokenHash>) -> Result<(), StoreFault> {
        let kept = match keep {
            Some(hash) => self.store.get(hash)?.map(|session| (*hash, session)),
            None => None,
        };
        self.seen.lock().retain(|hash, session| session.agent != *agent || Some(hash) == keep);
        self.store.retain(&mut |session| session.agent != *agent)?;
        match kept {
            Some((hash, session)) => self.store.put(&hash, &session),
            None => Ok(()),
        }
    }

    /// Forgets sessions that have ended.
    pub fn sweep(&self, now: Millis) -> Result<(), StoreFault> {
        self.seen.lock().retain(|_, session| session.expires > now);
        self.store.retain(&mut |session| session.expires > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions() -> (Sessions, Arc<MemorySessions>) {
        let store = Arc::new(MemorySessions::default());
        (Sessions::new(Arc::clone(&store) as _), store)
    }

    #[test]
    fn a_session_slides_and_ends() {
        let (sessions, _) = sessions();
        let ana = AgentId::from("ana");
        let (token, expires) = sessions.begin(&ana, Millis(0)).unwrap();
        assert_eq!(expires, Millis(SESSION_KEPT_MS));
        let later = Millis(SESSION_KEPT_MS - 1);
        assert_eq!(sessions.find(&token, later).unwrap().unwrap().0, ana);
        assert!(sessions.find(&token, later.plus(SESSION_KEPT_MS - 1)).unwrap().is_some());
        assert!(sessions.find(&token, Millis(10 * SESSION_KEPT_MS)).unwrap().is_none());
    }

    #[test]
    fn the_store_never_sees_a_token() {
        let (sessions, store) = sessions();
        let (token, _) = sessions.begin(&AgentId::from("ana"), Millis(0)).unwrap();
        let hashes: Vec<TokenHash> = store.0.lock().keys().copied().collect();
        assert_eq!(hashes, [hash_of(&token)]);
        assert!(!token.contains(&hex(&hashes[0])));
    }

    #[test]
    fn a_new_password_ends_the_other_sessions() {
        let (sessions, _) = sessions();
        let (ana, bia) = (AgentId::from("ana"), AgentId::from("bia"));
        let (here, _) = sessions.begin(&ana, Millis(0)).unwrap();
        let (there, _) = sessions.begin(&ana, Millis(0)).unwrap();
        let (other, _) = sessions.begin(&bia, Millis(0)).unwrap();
        let (_, keep) = sessions.find(&here, Millis(1)).unwrap().unwrap();
        sessions.end_all_of(&ana, Some(&keep)).unwrap();
        assert!(sessions.find(&here, Millis(2)).unwrap().is_some());
        assert!(sessions.find(&there, Millis(2)).unwrap().is_none());
        assert!(sessions.find(&other, Millis(2)).unwrap().is_some());
    }
}
