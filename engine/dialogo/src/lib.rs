//! The binary's parts: the command line, the wiring of a desk, and the replay client.
//!
//! [`client`] and [`replay`] know the public API and nothing else, so that tests and benchmarks can
//! play people; everything that opens a desk is in [`folder`] and [`commands`]. No rule of the desk is
//! decided here.

pub mod backtest;
pub mod cli;
pub mod client;
pub mod commands;
pub mod demo;
pub mod embedded;
pub mod folder;
pub mod learning;
pub mod memory;
pub mod output;
pub mod project;
pub mod replay;
