//! JavaScript and TypeScript: Node checks the types, bundles the modules, and puts QuickJS around them.
//!
//! What is run is the SDK's own `build.mjs`, beside the packages that its lock file names, in a cache folder for all
//! projects with the same SDK. WASI is stubbed out: a plugin has none of it.

use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Project, need, run};
use crate::world::WORLD;
use crate::{cache, files};

/// The oldest Node that the tools run on.
const NODE: (u32, u32) = (20, 19);

/// What of the SDK is copied beside the packages.
const TOOLS: [&str; 3] = ["package.json", "package-lock.json", "build.mjs"];

/// From a project to a component.
pub fn component(project: &Project, say: &dyn Fn(&str)) -> Result<Vec<u8>> {
    node()?;
    let sdk = project.sdk.join("js");
    let tools = tools(&sdk, say)?;
    let world = project.world_importing(&["log", "settings"])?;
    let out = project.work().join("component.wasm");
    run(Command::new("node")
        .current_dir(&project.folder)
        .arg(tools.join("build.mjs"))
        .arg("--project")
        .arg(&project.folder)
        .arg("--sdk")
        .arg(&sdk)
        .arg("--wit")
        .arg(&world)
        .args(["--world", WORLD, "--hooks", &project.hooks.join(","), "--out"])
        .arg(&out))
    .context("the plugin cannot be built")?;
    fs::read(&out).with_context(|| format!("cannot read {}", out.display()))
}

/// The folder with the SDK's tools and their packages; made when there is none yet.
fn tools(sdk: &Path, say: &dyn Fn(&str)) -> Result<PathBuf> {
    let sources: Vec<PathBuf> = TOOLS.iter().map(|name| sdk.join(name)).collect();
    for source in &sources {
        need(source)?;
    }
    let digest = files::digest(&sources, sdk)?;
    cache::once(&format!("js-{}", &digest[..16]), |folder| {
        say("fetching the tools for JavaScript from npm, 80 MB, once");
        for (name, source) in TOOLS.iter().zip(&sources) {
            fs::copy(source, folder.join(name))
                .with_context(|| format!("cannot copy {}", source.display()))?;
        }
        // Not `npm ci`: it insists on packages for other systems, some of which were never published.
        run(Command::new("npm").current_dir(folder).args([
            "install",
            "--no-save",
            "--omit=dev",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]))
        .context("npm cannot fetch the tools: see what it says above; it needs the registry only this once")
    })
}

/// Says what to do when there is no Node, or an old one.
fn node() -> Result<()> {
    let (major, minor) = NODE;
    let remedy =
        "install it with your system's package manager or a Node version manager, with npm";
    let Ok(output) = Command::new("node").arg("--version").output() else {
        bail!(
            "plugins in JavaScript need Node {major}.{minor} or newer, and `node` is not here: {remedy}"
        );
    };
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    ensure!(
        version(&said).is_some_and(|found| found >= NODE),
        "plugins in JavaScript need Node {major}.{minor} or newer, here is `{said}`: {remedy}"
    );
    ensure!(
        Command::new("npm").arg("--version").output().is_ok_and(|output| output.status.success()),
        "plugins in JavaScript need npm, and `npm` is not here: on Debian `apt-get install npm`, elsewhere it comes with Node"
    );
    Ok(())
}

/// Major and minor number of what `node --version` prints.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.strip_prefix('v')?.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::{NODE, version};

    #[test]
    fn an_old_node_is_older() {
        assert!(version("v20.19.4") >= Some(NODE));
        assert!(version("v18.20.0") < Some(NODE));
        assert_eq!(version("node"), None);
    }
}
