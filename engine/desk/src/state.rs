//! The durable state: the desk as of the last commit that is safe on disk. All reads come from here.

use dialogo_domain::Desk;
use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::recent::Recent;

/// The durable desk and the last words of its open conversations, behind one lock. Only the publisher writes.
pub(crate) struct Durable {
    inner: RwLock<DurableState>,
}

/// What is behind the lock.
pub(crate) struct DurableState {
    pub(crate) desk: Desk,
    pub(crate) recent: Recent,
}

impl Durable {
    pub(crate) fn new(desk: Desk, recent: Recent) -> Self {
        Self { inner: RwLock::new(DurableState { desk, recent }) }
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, DurableState> {
        self.inner.read()
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, DurableState> {
        self.inner.write()
    }
}
