//! Sessions: the one thing in the views that does not come from the log. They may be lost with sled, which costs
//! everybody a login and nothing else. Values are the server's business.

use crate::fault::Fault;

use super::{Views, broken, keys};

impl Views {
    /// Keeps a session by the hash of its token.
    pub fn put_session(&self, hash: &[u8; 32], value: &[u8]) -> Result<(), Fault> {
        self.tree
            .insert(keys::session(hash), value)
            .map(drop)
            .map_err(|error| broken("write", &error))
    }

    /// The session of a token, by its hash.
    pub fn get_session(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        let value = self.tree.get(keys::session(hash)).map_err(|error| broken("read", &error))?;
        Ok(value.map(|value| value.to_vec()))
    }

    /// Ends a session.
    pub fn delete_session(&self, hash: &[u8; 32]) -> Result<(), Fault> {
        self.tree.remove(keys::session(hash)).map(drop).map_err(|error| broken("write", &error))
    }

    /// Ends every session that `keep` does not want, and says how many.
    pub fn retain_sessions(&self, mut keep: impl FnMut(&[u8]) -> bool) -> Result<usize, Fault> {
        let mut ended = 0;
        for pair in self.tree.scan_prefix(keys::sessions()) {
            let (key, value) = pair.map_err(|error| broken("read", &error))?;
            if !keep(&value) {
                self.tree.remove(key).map_err(|error| broken("write", &error))?;
                ended += 1;
            }
        }
        Ok(ended)
    }
}
