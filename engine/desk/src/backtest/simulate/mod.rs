//! Who would have been given what, and how long people would have waited: the past is played through the desk's own state
//! machine on a virtual clock, once by the rules in use and once by the candidate's.
//!
//! [`record`] makes a [`script`] of a journal's commits, [`invent`] of recorded dialogues; `world` plays it, [`measure`]
//! counts what comes of it (and, in the same way, what really came), and [`compare`] says what differs. What the model takes
//! for granted is said in [`compare::assumptions`], which stands in every report.

pub mod compare;
pub mod invent;
pub mod measure;
pub mod record;
mod script;
mod world;

pub use compare::Assignments;
pub use script::Script;
pub use world::{Played, play};
