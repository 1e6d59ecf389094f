//! From `console/` to `console/dist`, which the engine takes into its binary: locked packages, then the build.
//!
//! Nothing is done when nothing has changed since the last time.

use crate::say;
use anyhow::{Context as _, Result};
use dialogo_toolkit::files::{collect, digest};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the console.
pub(crate) fn build(root: &Path) -> Result<()> {
    let folder = root.join("console");
    let target = root.join("target");
    packages(root, &folder, "console.packages")?;
    let mut inputs: Vec<PathBuf> = Vec::new();
    collect(&folder, &mut inputs)?;
    let inputs = digest(&inputs, root)?;
    let built = target.join("console.stamp");
    if same(&built, &inputs) && folder.join("dist/index.html").is_file() {
        say::line("console: nothing has changed");
        return Ok(());
    }
    npm(&folder, &["run", "build"])?;
    fs::write(&built, &inputs).context("cannot remember that the console is built")
}

/// What the browser's side has tests for without a browser: its types and its pure state.
pub(crate) fn check(root: &Path) -> Result<()> {
    let folder = root.join("console");
    npm(&folder, &["run", "check"])?;
    npm(&folder, &["test"])
}

/// The packages that a folder's lock file names; nothing is done when they are there.
pub(crate) fn packages(root: &Path, folder: &Path, stamp: &str) -> Result<()> {
    let target = root.join("target");
    fs::create_dir_all(&target)?;
    let lock = digest(&[folder.join("package-lock.json")], root)?;
    let stamp = target.join(stamp);
    if same(&stamp, &lock) && folder.join("node_modules").is_dir() {
        return Ok(());
    }
    npm(folder, &["ci", "--no-audit", "--no-fund"])?;
    fs::write(&stamp, &lock).context("cannot remember which packages are there")
}

fn same(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|known| known == wanted)
}

fn npm(folder: &Path, args: &[&str]) -> Result<()> {
    say::run(Command::new("npm").current_dir(folder).args(args))
}
