//! Debian's packages, for what tests need and a machine that was just made lacks.

use crate::say;
use anyhow::{Context as _, Result};
use std::process::{Command, Stdio};

/// Whether packages can be installed here: by root, with apt.
pub(crate) fn may_install() -> bool {
    let root = output("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    root && output("apt-get", &["--version"]).is_some()
}

/// Runs `remedy`, a line of `apt-get install …`.
pub(crate) fn install(remedy: &str) -> Result<()> {
    // A machine that was just made has no lists yet.
    for line in ["apt-get update", remedy] {
        let mut words = line.split(' ');
        let mut command = Command::new(words.next().unwrap_or_default());
        say::run(command.args(words).args(["-qq"]).env("DEBIAN_FRONTEND", "noninteractive"))
            .with_context(|| format!("it cannot be installed; do as root: {remedy}"))?;
    }
    Ok(())
}

/// What a program prints; none when it is not there or fails.
pub(crate) fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
