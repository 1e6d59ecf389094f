//! The host's services: the contract's imports in a guest, and what stands in for them in native tests.

#[cfg(target_arch = "wasm32")]
pub use crate::bindings::imports::dialogo::plugin::{
    assets, catalogue, directory, history, patterns,
};
#[cfg(target_arch = "wasm32")]
pub(crate) use crate::bindings::imports::dialogo::plugin::{log, settings};
#[cfg(not(target_arch = "wasm32"))]
pub use crate::testing::services::{assets, catalogue, directory, history, patterns};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use crate::testing::services::{log, settings};

/// Which host this is: a guest has one, each test its own.
#[cfg(target_arch = "wasm32")]
pub(crate) fn number() -> u64 {
    0
}

/// Which host this is: a guest has one, each test its own.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn number() -> u64 {
    crate::testing::number()
}
