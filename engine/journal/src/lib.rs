//! The ordered, durable journal of a desk, and everything that is read from it.
//!
//! - [`Journal`] is the port: one stream of payloads, appended in batches, durable when acknowledged. [`SegmentLog`] is
//!   the adapter that counts, [`MemoryLog`] its twin; [`GroupCommit`] is how many producers share one sync.
//! - [`codec`] makes payloads of commits. [`snapshot`] keeps the folded state for a quick start.
//! - [`Views`] (in sled) follow the log and can be deleted at any time.
//!
//! What a commit means is the domain's business; who may see it, the server's. Nothing here decides anything.

pub mod backup;
pub mod batch;
pub mod codec;
pub mod disk;
pub mod fault;
pub mod folder;
pub mod group;
pub mod head;
pub mod log;
pub mod memory;
pub mod port;
pub mod progress;
pub mod rebuild;
pub mod snapshot;
pub mod verify;
pub mod views;

pub use backup::backup;
pub use batch::{Batch, Chunk};
pub use fault::Fault;
pub use folder::Folder;
pub use group::{GroupCommit, Settled};
pub use head::Follow;
pub use log::SegmentLog;
pub use memory::MemoryLog;
pub use port::{Journal, Limit};
pub use progress::Progress;
pub use rebuild::rebuild;
pub use snapshot::Snapshots;
pub use verify::{VerifyReport, verify};
pub use views::Views;
