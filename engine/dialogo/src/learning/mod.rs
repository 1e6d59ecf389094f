//! Learning from what agents decided, and measuring how good a classifier is.
//!
//! [`lessons`] reads what happened, [`teach`] learns and measures on what came last, [`report`] and [`page`] tell it,
//! [`package`] makes a plugin of it, [`slots`] says where it goes, [`nightly`] does it all again every night.
//! What the tree lacks: [`talks`] are looked at, [`proposals`] are made of what is found, [`search`] does so beside a running desk.
//! What learning and finding are, is in `engine/learn`; nothing here leaves the machine.

pub mod asked;
pub mod lessons;
pub mod nightly;
pub mod package;
pub mod page;
pub mod proposals;
pub mod report;
pub mod search;
pub mod slots;
pub mod talks;
pub mod teach;
