//! The black-box tests, as one binary: each module is one promise of the product, tried on a desk that runs.
//!
//! They need the binary and the plugin packages (`cargo xtask test` builds both). What they stand on is the library of
//! this crate; samples are in `tests/data`. `DIALOGO_SEED` repeats a run whose seed was printed. Where
//! the large sets lie beside the project, the long runs take them.

mod admin;
mod api;
mod asking;
mod attachments;
mod backtest;
mod bad_input;
mod command_line;
mod crash;
mod docs;
mod hostile;
mod languages;
mod learning;
mod partner;
mod partner_mistakes;
mod promotion;
mod reasons;
mod recordings;
mod reload;
mod replay;
mod replies;
mod socket;
