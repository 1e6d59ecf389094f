//! Learns a classifier from classified conversations. Pure: lessons and a seed in, the bytes of a model out.
//!
//! Reading order: [`Lesson`] is what goes in, [`train()`] how it becomes a model, [`measure()`] how good any classifier is, and
//! [`reasons`] what the tree lacks.
//! What a model *is* and how it reads a conversation is in `engine/model`, which the plugin shares. No I/O, no clock, no
//! chance: a seed decides what looks random, two threads share jobs of which each is the same whoever does it.

pub mod answers;
mod calibrate;
pub mod deep;
mod doubt;
mod fit;
mod jobs;
mod lesson;
pub mod linear;
mod matrix;
pub mod measure;
mod random;
pub mod reasons;
pub mod settings;
pub mod train;
mod vocabulary;

pub use lesson::Lesson;
pub use measure::{Answer, Measured, measure};
pub use settings::Settings;
pub use train::{Step, TooLittle, train};
