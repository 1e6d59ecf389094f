//! What the black-box tests stand on: a desk as a process of its own, and clients of its public API.
//!
//! Nothing here links the engine: what the tests know of it is the command line, HTTP, the socket and the files. Faults
//! come back as `anyhow` errors that say what was expected and what came instead; a desk that was not stopped cleanly
//! prints the end of its log. Begin with [`desk`].

pub mod api;
pub mod command;
pub mod data;
pub mod deadline;
pub mod desk;
pub mod disk;
pub mod figures;
pub mod folder;
pub mod guide;
pub mod load;
pub mod metrics;
pub mod random;
pub mod socket;
pub mod template;
