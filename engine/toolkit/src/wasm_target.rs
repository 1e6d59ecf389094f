//! The Rust compiler for guests: the installed one where it has `wasm32-unknown-unknown`, else one that
//! `wasm-target.sh` beside this crate's manifest makes from Debian's packages, once, in the user's cache folder.

use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cache;

/// The target of every Rust guest.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Carried along, because the binary has no repository beside it.
const SCRIPT: &str = include_str!("../wasm-target.sh");

/// The value to use as RUSTC. The script says on stderr what it does; the first time takes a minute or two.
pub fn compiler() -> Result<PathBuf> {
    let made = cache::folder("wasm-rust")?;
    compiler_in(&made)
}

/// The same, without asking Debian whether there is a newer one where one was made before: that takes seconds.
pub fn compiler_at_hand() -> Result<PathBuf> {
    if installed_has_target() {
        return Ok(PathBuf::from("rustc"));
    }
    let made = cache::folder("wasm-rust")?;
    // The stamp is written last.
    if made.join("stamp").is_file() {
        return Ok(made.join("bin/rustc"));
    }
    compiler_in(&made)
}

fn compiler_in(made: &Path) -> Result<PathBuf> {
    let output = Command::new("bash")
        .args(["-c", SCRIPT, "wasm-target.sh"])
        .arg(made)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run bash, which looks for a compiler for wasm: install it")?;
    ensure!(
        output.status.success(),
        "no compiler for {TARGET}: run `rustup target add {TARGET}` and try again"
    );
    let text = String::from_utf8(output.stdout).context("the compiler's path is not UTF-8")?;
    let last = text.lines().next_back().context("wasm-target.sh named no compiler")?;
    Ok(PathBuf::from(last))
}

/// What is missing to get such a compiler at all.
pub fn missing() -> Option<String> {
    if installed_has_target() || (on_path("bash") && on_path("apt-get") && on_path("dpkg-deb")) {
        return None;
    }
    Some(format!(
        "a compiler for {TARGET}: `rustup target add {TARGET}` (only on Debian and Ubuntu it can be made without)"
    ))
}

fn installed_has_target() -> bool {
    let Ok(output) =
        Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output()
    else {
        return false;
    };
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
    })
}

/// Whether a program can be started by its name.
pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
