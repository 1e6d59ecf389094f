//! From a guest crate in `plugins/` to a package in `target/plugins/NAME`: compile for wasm, encode the
//! component, lay out manifest, schema and cases beside it.
//!
//! Nothing is done when neither an input nor an output has changed since the last time. The same inputs
//! and compiler give the same bytes. It does not judge the packages: the host does when it loads them.

use crate::say;
use anyhow::{Context as _, Result, ensure};
use dialogo_toolkit::build::rust;
use dialogo_toolkit::files::{collect, digest};
use dialogo_toolkit::{package, wasm_target};
use std::fs;
use std::path::{Path, PathBuf};

/// Raised when the way of building changes, so that old packages are built again.
const FORMAT: &str = "dialogo plugins 2";

/// Where things are.
#[derive(Debug)]
struct Places<'a> {
    root: &'a Path,
    /// The packages.
    out: PathBuf,
    /// Cargo's folder for the guests.
    build: PathBuf,
}

/// Builds all packages; returns their folder.
pub(crate) fn build(root: &Path, force: bool) -> Result<PathBuf> {
    let target = root.join("target");
    let places = Places { root, out: target.join("plugins"), build: target.join("wasm") };
    let stamp = target.join("plugins.stamp");
    let names = names(root)?;
    let inputs = digest(&input_files(root)?, root)?;
    if !force
        && fs::read_to_string(&stamp)
            .is_ok_and(|known| Some(known) == current(&inputs, &places).ok())
    {
        say::line("plugins: nothing has changed");
        return Ok(places.out);
    }
    let compiler = wasm_target::compiler()?;
    compile(&places, &compiler)?;
    for name in &names {
        package(&places, name).with_context(|| format!("cannot make the package of `{name}`"))?;
    }
    remove_strangers(&places.out, &names)?;
    fs::write(&stamp, current(&inputs, &places)?)?;
    Ok(places.out)
}

/// The plugins: every folder of `plugins/` with a manifest of its own.
fn names(root: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("plugins")).context("cannot read plugins/")? {
        let entry = entry?;
        if entry.path().join("plugin.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    ensure!(!names.is_empty(), "there is no plugin in plugins/");
    Ok(names)
}

/// What the stamp holds when everything is as it was.
fn current(inputs: &str, places: &Places<'_>) -> Result<String> {
    let mut outputs = Vec::new();
    collect(&places.out, &mut outputs)?;
    Ok(format!("{FORMAT}\n{inputs}\n{}\n", digest(&outputs, places.root)?))
}

fn input_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    // `engine/model` is what the trainer and the plugin `learned` must do alike.
    for folder in ["plugins", "sdk/rust", "sdk/wit", "engine/model"] {
        collect(&root.join(folder), &mut files)?;
    }
    Ok(files)
}

fn compile(places: &Places<'_>, compiler: &Path) -> Result<()> {
    let folder = places.root.join("plugins");
    let mut command = rust::cargo_build(&folder, places.root, compiler, &places.build);
    say::run(command.args(["--locked", "--workspace", "--exclude", "dialogo-plugin"]))
}

fn package(places: &Places<'_>, name: &str) -> Result<()> {
    let component = rust::module_to_component(&places.build, &format!("dialogo-{name}"))?;
    let from = places.root.join("plugins").join(name);
    package::lay_out(&from, &places.out.join(name), name, &component)?;
    say::line(&format!("plugins: {name}, {} KiB", component.len().div_ceil(1024)));
    Ok(())
}

/// Packages of plugins that are gone.
fn remove_strangers(out: &Path, names: &[String]) -> Result<()> {
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        if !names.iter().any(|name| *name == *entry.file_name().to_string_lossy()) {
            fs::remove_dir_all(entry.path())
                .with_context(|| format!("cannot remove {}", entry.path().display()))?;
        }
    }
    Ok(())
}
