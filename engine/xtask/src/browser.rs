//! Tests in a browser: locked packages, a Chromium, then the journeys of `tests/browser` against the built binary.
//!
//! The Chromium is the one that is installed; on Debian and Ubuntu it is installed where it is missing, as far as this
//! process may. Nothing is downloaded from elsewhere: Playwright's own browsers are not used.

use crate::console::packages;
use crate::{debian, say};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names it has, the likeliest first.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// Names another one than those on the path.
const VARIABLE: &str = "DIALOGO_CHROMIUM";
/// What a person types. Without a font there is no text on a page, and without this one no emoji.
const REMEDY: &str =
    "apt-get install -y --no-install-recommends chromium fonts-dejavu-core fonts-noto-color-emoji";

/// What is missing to have a Chromium at all.
pub(crate) fn missing() -> Option<String> {
    (found().is_none() && !debian::may_install()).then(|| {
        format!(
            "Chromium, for the tests in a browser: as root `{REMEDY}`, or name one in {VARIABLE}"
        )
    })
}

/// The Chromium on this machine, installed now if there was none.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(program) = found() {
        return Ok(program);
    }
    if let Some(remedy) = missing() {
        bail!("this machine lacks {remedy}");
    }
    say::step("installing Debian's Chromium", || debian::install(REMEDY))?;
    found().with_context(|| format!("`{REMEDY}` left no program of its names on the path"))
}

/// The types of the tests, then the tests. `args` go to Playwright: a file's name, `--grep`, `--headed` …
pub(crate) fn test(root: &Path, chromium: &Path, command: Command, args: &[String]) -> Result<()> {
    let folder = root.join("tests/browser");
    packages(root, &folder, "browser.packages")?;
    say::run(Command::new("npm").current_dir(&folder).args(["run", "--silent", "check"]))?;
    let mut journeys = command;
    journeys
        .current_dir(&folder)
        .args(["run", "--silent", "test", "--"])
        .args(args)
        .env(VARIABLE, chromium);
    say::run(&mut journeys)
}

fn found() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Some(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES.iter().find_map(|name| {
        folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file())
    })
}
