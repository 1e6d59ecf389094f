//! C: clang for wasm32 with a C library, which is either Debian's or comes with Zig's compiler from PyPI.
//!
//! The SDK holds the contract as generated C for all hooks (`sdk/c/plugin.c`); those of this plugin are chosen by
//! definitions, and the component's type is put into the module here.

use anyhow::{Context as _, Result, bail, ensure};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Project, need, run};
use crate::wasm_target::on_path;
use crate::{cache, files, package};

/// Zig's compiler as it was tried.
const ZIG: &str = "ziglang==0.17.1";

/// Every interface of the host.
const INTERFACES: [&str; 7] =
    ["log", "settings", "patterns", "catalogue", "assets", "history", "directory"];

/// From a project to a component: every `.c` file below `src`.
pub fn component(project: &Project, say: &dyn Fn(&str)) -> Result<Vec<u8>> {
    let sdk = project.sdk.join("c");
    need(&sdk.join("plugin.c"))?;
    let sources = sources(&project.folder.join("src"))?;
    // All of them may be imported: those that are not called vanish from the module, and `dialogo plugin check` tells of one
    // that the manifest does not declare.
    let world = project.world_importing(&INTERFACES)?;
    let out = project.work().join("module.wasm");
    let compiler = Compiler::find(&project.work(), say)?;
    run(compiler
        .command()
        .current_dir(&project.folder)
        .args(["-std=c17", "-Oz", "-Wall", "-Wextra", "-Wl,--strip-debug"])
        // As for Rust: pages of the stack that were written are looked for after each call.
        .arg("-Wl,-z,stack-size=65536")
        .args(project.hooks.iter().map(|hook| defined(hook)))
        .arg("-I")
        .arg(&sdk)
        .args(sources)
        .arg(sdk.join("plugin.c"))
        .arg("-o")
        .arg(&out))
    .context("the plugin does not compile")?;
    let module = fs::read(&out).with_context(|| format!("cannot read {}", out.display()))?;
    package::component_of(&module, &world).context(
        "the module cannot be made a component: if it says `wasi`, something of the C library was used that needs an operating system (stdio, files, time); a plugin has none",
    )
}

/// `classifier` -> `-DDIALOGO_HOOK_CLASSIFIER`
fn defined(hook: &str) -> String {
    format!("-DDIALOGO_HOOK_{}", hook.to_uppercase().replace('-', "_"))
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    files::collect(folder, &mut found)?;
    found.retain(|file| file.extension().is_some_and(|ending| ending == "c"));
    found.sort();
    ensure!(
        !found.is_empty(),
        "there is no .c file in {}: a project begins with them; `dialogo plugin new` writes some",
        folder.display()
    );
    Ok(found)
}

/// What compiles C to a module without a `main`.
struct Compiler {
    program: OsString,
    arguments: Vec<&'static str>,
}

impl Compiler {
    /// The machine's clang if it can make modules with a C library, else Zig's.
    fn find(work: &Path, say: &dyn Fn(&str)) -> Result<Self> {
        let clang = Self {
            program: "clang".into(),
            arguments: vec!["--target=wasm32-wasi", "-mexec-model=reactor"],
        };
        if on_path("clang") && clang.works(work) {
            return Ok(clang);
        }
        let arguments = vec!["-m", "ziglang", "cc", "--target=wasm32-wasi", "-mexec-model=reactor"];
        Ok(Self { program: zig(say)?.into_os_string(), arguments })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command
    }

    fn works(&self, work: &Path) -> bool {
        let (source, out) = (work.join("try.c"), work.join("try.wasm"));
        let text = b"#include <stdlib.h>\nvoid *take(size_t size) { return malloc(size); }\n";
        files::replace(&source, text).is_ok()
            && self
                .command()
                .arg(&source)
                .arg("-o")
                .arg(&out)
                .output()
                .is_ok_and(|output| output.status.success())
    }
}

/// A Python that has Zig; made once in the cache folder.
fn zig(say: &dyn Fn(&str)) -> Result<PathBuf> {
    let folder = cache::once(&ZIG.replace("==", "-"), |folder| {
        say("fetching Zig's C compiler from PyPI, 80 MB, once");
        if !on_path("python3") {
            bail!(
                "plugins in C need clang with a C library for wasm32 (Debian: `apt-get install clang lld wasi-libc libclang-rt-dev-wasm32`), or python3 to fetch one"
            );
        }
        let made = Command::new("python3")
            .args(["-m", "venv"])
            .arg(folder)
            .output()
            .context("cannot start python3")?;
        ensure!(
            made.status.success(),
            "python3 cannot make a virtual environment: on Debian `apt-get install python3-venv`\n{}",
            String::from_utf8_lossy(&made.stderr)
        );
        run(Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", ZIG]))
        .context(
            "pip cannot fetch the compiler: see what it says above; it needs the index only this once",
        )
    })?;
    Ok(folder.join("bin/python3"))
}

#[cfg(test)]
mod tests {
    use super::defined;
    use sha2::{Digest as _, Sha256};
    use std::fs;
    use std::path::Path;

    #[test]
    fn the_generated_code_is_of_the_present_contract() {
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk");
        let contract =
            fs::read_to_string(sdk.join("wit/dialogo-plugin.wit")).expect("the contract");
        let without_comments = contract.lines().map(|line| line.split("//").next().unwrap_or(""));
        let plain: String = without_comments.flat_map(str::split_whitespace).collect();
        let digest = Sha256::digest(plain.as_bytes());
        let digest = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        for file in ["plugin.h", "plugin.c"] {
            let made = fs::read_to_string(sdk.join("c").join(file)).expect("the generated code");
            assert!(
                made.contains(&digest),
                "sdk/c/{file} is of another contract: run sdk/c/generate.py"
            );
        }
    }

    #[test]
    fn hooks_become_definitions() {
        assert_eq!(defined("message-policy"), "-DDIALOGO_HOOK_MESSAGE_POLICY");
    }
}
