//! The types of the JavaScript SDK, which are made from the contract and kept in the repository: whether they still are what
//! the contract says.

use crate::say;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Fetches the generator and compares.
pub(crate) fn check(root: &Path) -> Result<()> {
    let folder = root.join("sdk/types");
    let mut install = Command::new("npm");
    // Not `npm ci`: it insists on packages for other systems, some of which were never published.
    install.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]);
    say::run(install.arg("--loglevel=error").current_dir(&folder))?;
    say::run(Command::new("node").args(["generate.mjs", "--check"]).current_dir(&folder))
}
