//! Looks at what the machine must have before anything is built, and names all that is missing at once,
//! each with its remedy. It installs nothing.

use crate::{browser, python, say};
use anyhow::{Result, bail};
use dialogo_toolkit::wasm_target;
use std::path::Path;
use std::process::Command;

/// The oldest compiler that builds the engine; the same as `rust-version` in the root manifest.
const RUSTC: Version = Version(1, 95);
/// The oldest Node that builds the console.
const NODE: Version = Version(20, 19);

/// Major and minor number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

impl Version {
    /// The first version in a text such as `rustc 1.95.0 (5980…)` or `v20.19.4`.
    fn find(text: &str) -> Option<Self> {
        text.split(|c: char| c.is_whitespace() || c == '-').find_map(|word| {
            let mut parts = word.trim_start_matches('v').split('.').map(str::parse);
            match (parts.next(), parts.next()) {
                (Some(Ok(major)), Some(Ok(minor))) => Some(Self(major, minor)),
                _ => None,
            }
        })
    }
}

/// Checks what building takes.
///
/// # Errors
/// One that lists each missing thing with its remedy.
pub(crate) fn check(root: &Path) -> Result<()> {
    verdict(&lacks(root))
}

/// Checks what any task takes.
pub(crate) fn everything(root: &Path) -> Result<()> {
    let mut missing = lacks(root);
    missing.extend(browser::missing());
    missing.extend(python::missing());
    verdict(&missing)
}

fn lacks(root: &Path) -> Vec<String> {
    let mut missing: Vec<String> = [rustc(), c_compiler()].into_iter().flatten().collect();
    missing.extend(wasm_target::missing());
    if root.join("console/package.json").is_file() {
        missing.extend(node());
    }
    missing
}

fn verdict(missing: &[String]) -> Result<()> {
    if missing.is_empty() {
        say::line("preflight: everything is here");
        return Ok(());
    }
    bail!("this machine lacks:\n  - {}", missing.join("\n  - "))
}

fn rustc() -> Option<String> {
    let remedy = "install or update it with rustup: `rustup update stable` (Debian: `apt-get install rustup` first)";
    let program = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    too_old("rustc", RUSTC, answer(&program, "--version").as_deref(), remedy)
}

fn node() -> Option<String> {
    let remedy = "install it with your system's package manager or a Node version manager";
    too_old("Node", NODE, answer("node", "--version").as_deref(), remedy)
}

/// sled, ring and zlib-rs need none, but the linker driver is `cc` and some dependencies compile C.
fn c_compiler() -> Option<String> {
    let program = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    answer(&program, "--version")
        .is_none()
        .then(|| format!("a C compiler (`{program}`): `apt-get install gcc libc6-dev`, or set CC to the one you have"))
}

fn too_old(what: &str, wanted: Version, answer: Option<&str>, remedy: &str) -> Option<String> {
    let Version(major, minor) = wanted;
    match answer.map(Version::find) {
        None => Some(format!("{what} (at least {major}.{minor}): {remedy}")),
        Some(Some(found)) if found >= wanted => None,
        Some(_) => Some(format!(
            "{what} {major}.{minor} or newer, here is `{}`: {remedy}",
            answer.unwrap_or_default().trim()
        )),
    }
}

/// What a program prints when asked with one argument; none when it is not there or fails.
fn answer(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{RUSTC, Version, too_old};

    #[test]
    fn versions_are_found_in_what_programs_print() {
        assert_eq!(Version::find("rustc 1.95.0 (59807616e 2026-04-14)"), Some(Version(1, 95)));
        assert_eq!(Version::find("rustc 1.97.0-nightly (abc 2026-05-01)"), Some(Version(1, 97)));
        assert_eq!(Version::find("v20.19.4"), Some(Version(20, 19)));
        assert_eq!(Version::find("no number"), None);
    }

    #[test]
    fn old_and_absent_programs_are_named_with_the_remedy() {
        assert_eq!(too_old("rustc", RUSTC, Some("rustc 1.95.0 (x)"), "do this"), None);
        assert_eq!(too_old("rustc", RUSTC, Some("rustc 2.0.0 (x)"), "do this"), None);
        let old = too_old("rustc", RUSTC, Some("rustc 1.85.1 (x)\n"), "do this").unwrap();
        assert_eq!(old, "rustc 1.95 or newer, here is `rustc 1.85.1 (x)`: do this");
        let absent = too_old("rustc", RUSTC, None, "do this").unwrap();
        assert_eq!(absent, "rustc (at least 1.95): do this");
    }
}
