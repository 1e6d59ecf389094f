//! Plugins: sandboxed WebAssembly components that advise the desk.
//!
//! [`Host`] is the engine room of a process; [`Host::prepare`] turns packages and the operator's bindings into a [`Chain`],
//! the immutable set of plugins of one generation of the rules; a chain answers questions about messages, files,
//! conversations and transfers. [`inspect`] looks into files. Knows nothing of the desk: everything comes in as plain
//! values ([`input`]) and goes out as plain values ([`verdict`]). No WASI is linked, ever.
//!
//! Reading order: `chain` (one event), `unit` (one plugin), `sandbox` (one call), `hooks` (the contract), `merge` (many
//! answers into one); aside from live traffic: `package`, `manifest`, `prepare`, `bind`, `precompiled`, `cases`, `recording`.

mod bind;
mod breaker;
pub mod cases;
mod catalogue;
mod chain;
pub mod emoji;
mod engine;
pub mod facts;
mod failure;
mod function;
mod hook;
mod hooks;
mod host;
mod imports;
pub mod input;
pub mod inspect;
pub mod manifest;
mod merge;
pub mod metrics;
pub mod package;
pub mod patterns;
mod precompiled;
mod prepare;
pub mod question;
pub mod recording;
mod sandbox;
mod share;
pub mod signature;
#[cfg(feature = "testing")]
pub mod testing;
mod unit;
pub mod verdict;
mod view;
mod wire;
mod workers;

pub use bind::{PluginProblem, ProblemKind};
pub use breaker::BreakerState;
pub use catalogue::{Catalogue, Node};
pub use chain::{Chain, HEAD_BYTES, Pending};
pub use failure::{Failure, FailureKind};
pub use hook::{Grant, Grants, Hook};
pub use host::{Ceilings, Host, HostConfig, HostError};
pub use manifest::{Instances, Manifest};
pub use metrics::PluginMetrics;
pub use package::{Package, PackageError};
pub use prepare::{Binding, HookBinding, Limits, Plugin, ReusedPlugin, Source, Surroundings};
pub use signature::Signed;
pub use unit::{AT_HAND, Cost};
