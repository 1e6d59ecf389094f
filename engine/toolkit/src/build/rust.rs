//! Rust: cargo for wasm32, then the component around the module. Beside it, where the crate depends on `schemars`, the JSON
//! Schema of its settings, which only a native build can tell: a guest carries nothing of it.

use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::SystemTime;

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
    // The compilers of the two need not wait for each other.
    let (compiled, schema) = thread::scope(|scope| {
        let schema = scope.spawn(|| write_schema(&project.folder, &target));
        let compiled = run(&mut cargo_build(&project.folder, &project.folder, &compiler, &target));
        (compiled, schema.join())
    });
    compiled.context("the plugin does not compile")?;
    schema.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    module_to_component(&target, &project.id)
}

/// Keeps `settings.schema.json` as the type of the settings has it: runs the test that `settings_schema!` of the SDK makes.
fn write_schema(folder: &Path, target: &Path) -> Result<()> {
    let manifest =
        fs::read_to_string(folder.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let derives = manifest.lines().any(|line| line.trim_start().starts_with("schemars"));
    let file = folder.join("settings.schema.json");
    let made = fs::metadata(&file).and_then(|file| file.modified()).ok();
    if !derives || made.is_some_and(|made| newest(folder).is_some_and(|newest| newest < made)) {
        return Ok(());
    }
    let mut command = cargo();
    command
        .current_dir(folder)
        .args(["test", "--quiet", "--lib", "settings_schema"])
        .env("CARGO_TARGET_DIR", target)
        .env("DIALOGO_WRITE_SCHEMA", "1")
        .stdin(Stdio::null());
    let ended = command.output().context("cannot start cargo")?;
    ensure!(
        ended.status.success(),
        "settings.schema.json cannot be made of the type of the settings (cargo test settings_schema):\n{}{}",
        String::from_utf8_lossy(&ended.stderr),
        String::from_utf8_lossy(&ended.stdout)
    );
    let kept = fs::File::options().append(true).open(&file);
    let kept = kept.context(
        "no settings.schema.json was made: dialogo_plugin::settings_schema!(Settings) is missing",
    )?;
    kept.set_modified(SystemTime::now()).context("cannot touch settings.schema.json")
}

/// When something of the crate was last changed.
fn newest(folder: &Path) -> Option<SystemTime> {
    let mut open = vec![folder.join("src")];
    let mut files = vec![folder.join("Cargo.toml")];
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()) {
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.iter().filter_map(|file| fs::metadata(file).ok()?.modified().ok()).max()
}

/// Cargo, without what the caller's own build was told.
fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    for inherited in ["RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"]
    {
        command.env_remove(inherited);
    }
    command
}

/// The cargo command that builds guests in `folder` into `target`. `root` is the folder whose path must not reach the bytes.
pub fn cargo_build(folder: &Path, root: &Path, compiler: &Path, target: &Path) -> Command {
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
    let mut command = cargo();
    command
        .current_dir(folder)
        .args(["build", "--release", "--target", TARGET])
        .env("RUSTC", compiler)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("CARGO_INCREMENTAL", "0");
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
