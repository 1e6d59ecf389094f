//! `dialogo`: a chat desk in one file. See `cli.rs` for what it can do.

use std::process::ExitCode;

/// The system's allocator keeps what a burst has freed: after a thousand replayed conversations it held four times the
/// memory in use. This one gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    dialogo::commands::run()
}
