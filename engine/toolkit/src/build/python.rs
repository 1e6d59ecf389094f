//! Python: `componentize-py` puts a Python with the plugin's modules loaded into a component, WASI stubbed out.
//!
//! It lives in a virtual environment in the cache folder, for all projects with the same `requirements.txt` of the SDK.

use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Project, need, run};
use crate::world::WORLD;
use crate::{cache, files};

/// From a project to a component; leaves the modules that stand for the contract in `target/python`, for editors.
pub fn component(project: &Project, say: &dyn Fn(&str)) -> Result<Vec<u8>> {
    let source = project.folder.join("src");
    need(&source.join("plugin.py"))?;
    let sdk = project.sdk.join("python");
    let tool = tool(&sdk, say)?;
    let world = project.world_importing(&["log", "settings"])?;
    let for_editors = project.work().join("python");
    if for_editors.exists() {
        fs::remove_dir_all(&for_editors)
            .with_context(|| format!("cannot remove {}", for_editors.display()))?;
    }
    let componentize = |verb: &str| {
        let mut command = Command::new(&tool);
        command.current_dir(&project.folder).args(["--quiet", "--wit-path"]).arg(&world);
        command.args(["--world", WORLD, verb]).env("RUST_BACKTRACE", "0");
        command
    };
    run(componentize("bindings").arg(&for_editors)).context("the contract cannot be read")?;
    let out = project.work().join("component.wasm");
    say("putting Python around the plugin, some 20 seconds of work");
    run(componentize("componentize")
        .args(["plugin", "--stub-wasi", "--python-path"])
        .arg(&source)
        .arg("--python-path")
        .arg(&sdk)
        .arg("--output")
        .arg(&out))
    .context(
        "the plugin cannot be built; what `wit_world.imports` lacks needs its permission in plugin.toml, what `wit_world.exports` lacks its hook",
    )?;
    fs::read(&out).with_context(|| format!("cannot read {}", out.display()))
}

/// `componentize-py` as the SDK's `requirements.txt` names it; installed when it is not there yet.
fn tool(sdk: &Path, say: &dyn Fn(&str)) -> Result<PathBuf> {
    let wanted = sdk.join("requirements.txt");
    need(&wanted)?;
    let digest = files::digest(std::slice::from_ref(&wanted), sdk)?;
    let folder = cache::once(&format!("python-{}", &digest[..16]), |folder| {
        let python = python()?;
        say("fetching the tools for Python from PyPI, 60 MB, once");
        let made = Command::new(python)
            .args(["-m", "venv"])
            .arg(folder)
            .output()
            .with_context(|| format!("cannot start {python}"))?;
        ensure!(
            made.status.success(),
            "{python} cannot make a virtual environment: on Debian `apt-get install python3-venv`\n{}",
            String::from_utf8_lossy(&made.stderr)
        );
        run(Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"])
            .arg("--requirement")
            .arg(&wanted))
        .context(
            "pip cannot fetch the tools: see what it says above; it needs the index only this once",
        )
    })?;
    Ok(folder.join("bin/componentize-py"))
}

/// A Python of this machine.
fn python() -> Result<&'static str> {
    let there = |program: &&str| {
        Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
    };
    let Some(found) = ["python3", "python"].into_iter().find(|program| there(program)) else {
        bail!(
            "plugins in Python need Python 3.10 or newer, and `python3` is not here: on Debian `apt-get install python3 python3-venv`"
        );
    };
    Ok(found)
}
