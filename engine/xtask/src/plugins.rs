//! From a guest crate in `plugins/` to a package in `target/plugins/NAME`: compile for wasm, encode the
//! component, lay out manifest, schema and cases beside it.
//!
//! Nothing is done when neither an input nor an output has changed since the last time. The same inputs
//! and compiler give the same bytes. It does not judge the packages: the host does when it loads them.

use crate::files::{collect, digest};
use crate::say;
use crate::wasm_target::{self, TARGET};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    let compiler = wasm_target::compiler(root)?;
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
    for folder in ["plugins", "sdk/rust", "sdk/wit"] {
        collect(&root.join(folder), &mut files)?;
    }
    Ok(files)
}

fn compile(places: &Places<'_>, compiler: &Path) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")));
    // Paths of this machine must not reach the bytes.
    let mut flags = vec![
        "-Ctarget-feature=+simd128".to_owned(),
        // A quarter of the linker's own choice: after each call the pages of the memory are looked through for written ones.
        "-Clink-arg=-zstack-size=262144".to_owned(),
        format!("--remap-path-prefix={}=/dialogo", places.root.display()),
    ];
    flags.extend(home.map(|home| format!("--remap-path-prefix={home}=/cargo")));
    let mut command = Command::new(cargo);
    command
        .current_dir(places.root.join("plugins"))
        .args(["build", "--release", "--locked", "--target", TARGET])
        .args(["--workspace", "--exclude", "dialogo-plugin"])
        .env("RUSTC", compiler)
        .env("CARGO_TARGET_DIR", &places.build)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("CARGO_INCREMENTAL", "0");
    for inherited in ["RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"]
    {
        command.env_remove(inherited);
    }
    say::run(&mut command)
}

fn package(places: &Places<'_>, name: &str) -> Result<()> {
    let crate_file = format!("dialogo_{}.wasm", name.replace('-', "_"));
    let module = places.build.join(TARGET).join("release").join(crate_file);
    let component = component(
        &fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?,
    )?;
    let (from, to) = (places.root.join("plugins").join(name), places.out.join(name));
    fs::create_dir_all(&to)?;
    replace(&to.join(format!("{name}.wasm")), &component)?;
    let mut expected = vec![to.join(format!("{name}.wasm"))];
    for part in ["plugin.toml", "settings.schema.json", "cases", "assets"] {
        let mut files = Vec::new();
        let source = from.join(part);
        if source.is_dir() {
            collect(&source, &mut files)?;
        } else if source.is_file() {
            files.push(source);
        }
        for file in files {
            let copy = to.join(file.strip_prefix(&from)?);
            fs::create_dir_all(copy.parent().context("a file without a folder")?)?;
            replace(&copy, &fs::read(&file)?)?;
            expected.push(copy);
        }
    }
    let mut present = Vec::new();
    collect(&to, &mut present)?;
    for file in present.iter().filter(|file| !expected.contains(file)) {
        fs::remove_file(file)?;
    }
    say::line(&format!("plugins: {name}, {} KiB", component.len().div_ceil(1024)));
    Ok(())
}

/// The component around a core module; its types stand in the sections that `wit-bindgen` left.
fn component(module: &[u8]) -> Result<Vec<u8>> {
    wit_component::ComponentEncoder::default().validate(true).module(module)?.encode()
}

/// Writes beside and renames over, so that nobody who watches the folder sees half a file; leaves equal content alone.
fn replace(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|present| present == content) {
        return Ok(());
    }
    let beside = file.with_extension("new");
    fs::write(&beside, content).with_context(|| format!("cannot write {}", beside.display()))?;
    fs::rename(&beside, file).with_context(|| format!("cannot replace {}", file.display()))
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

#[cfg(test)]
mod tests {
    use super::component;

    #[test]
    fn what_is_not_a_module_is_refused() {
        assert!(component(b"not wasm").is_err());
    }
}
