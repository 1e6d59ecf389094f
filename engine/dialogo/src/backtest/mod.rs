//! What surrounds a backtest: where the past comes from, and how a report is read.
//!
//! Judging and comparing are `dialogo_desk::backtest`'s.

pub mod page;
pub mod past;
mod played;
pub mod text;
