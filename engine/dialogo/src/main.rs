//! `dialogo`: a chat desk in one file. See `cli.rs` for what it can do.

use std::process::ExitCode;

fn main() -> ExitCode {
    dialogo::commands::run()
}
