//! Rust: cargo for wasm32, then the component around the module.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Project, need, run};
use crate::package;
use crate::wasm_target::{self, TARGET};

/// From a project to a component. The library of its crate is called as the plugin is.
pub fn component(project: &Project, _say: &dyn Fn(&str)) -> Result<Vec<u8>> {
    need(&project.folder.join("Cargo.toml"))?;
    let compiler = wasm_target::compiler_at_hand()?;
    // Whoever names a folder for all of their builds has what is common compiled once.
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| project.work(), |named| project.folder.join(named));
    run(&mut cargo_build(&project.folder, &project.folder, &compiler, &target))
        .context("the plugin does not compile")?;
    module_to_component(&target, &project.id)
}

/// The cargo command that builds guests in `folder` into `target`. `root` is the folder whose path must not reach the bytes.
pub fn cargo_build(folder: &Path, root: &Path, compiler: &Path, target: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")));
    // Paths of this machine must not reach the bytes.
    let mut flags = vec![
        "-Ctarget-feature=+simd128".to_owned(),
        // A quarter of the linker's own choice: after each call the pages of the memory are looked through for written ones.
        "-Clink-arg=-zstack-size=262144".to_owned(),
        format!("--remap-path-prefix={}=/dialogo", root.display()),
    ];
    flags.extend(home.map(|home| format!("--remap-path-prefix={home}=/cargo")));
    let mut command = Command::new(cargo);
    command
        .current_dir(folder)
        .args(["build", "--release", "--target", TARGET])
        .env("RUSTC", compiler)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("CARGO_INCREMENTAL", "0");
    for inherited in ["RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"]
    {
        command.env_remove(inherited);
    }
    command
}

/// The component of a library that [`cargo_build`] has made, by the library's name.
pub fn module_to_component(target: &Path, library: &str) -> Result<Vec<u8>> {
    let file = format!("{}.wasm", library.replace('-', "_"));
    let module = target.join(TARGET).join("release").join(file);
    let bytes = fs::read(&module).with_context(|| {
        format!(
            "cargo made no {}: the crate must be called `{library}` and have `crate-type = [\"cdylib\"]` under [lib]",
            module.display()
        )
    })?;
    package::component(&bytes)
        .with_context(|| format!("{} cannot be made a component", module.display()))
}
