//! What the trainer and the plugin must do alike: read a conversation, and score it with a learned model.
//!
//! No I/O, no clock, no randomness, no hash order; floats are added in a fixed order and `exp` and `ln` are `libm`'s, so that
//! the same bytes give the same bytes on every machine and inside the sandbox. Training is in `engine/learn`.

pub mod answers;
pub mod bytes;
pub mod features;
pub mod model;
pub mod text;
mod whole;
pub mod why;

pub use answers::Answers;
pub use bytes::Damaged;
pub use features::{FAMILIES, Family, Feature, Turn, Weighing, Who, Words, words};
pub use model::{Model, Reading};
pub use why::{Reason, Reasons};
