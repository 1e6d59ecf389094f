//! Embeds the default rules and, where they are built, the plugin packages, so that a release is one file.
//!
//! Neither has to be there: a host can be built without a wasm target. What is missing then is looked for
//! at run time, and named if it is needed (`src/embedded.rs`).

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../..");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo:rerun-if-env-changed=DIALOGO_PLUGINS");
    println!("cargo:rerun-if-changed=build.rs");
    let mut code = String::new();
    table(&mut code, "CONFIG", &root.join("config"), is_rule_file);
    let plugins = env::var_os("DIALOGO_PLUGINS")
        .map_or_else(|| target_of(&out).join("plugins"), PathBuf::from);
    table(&mut code, "PLUGINS", &plugins, is_package_file);
    table(&mut code, "SDK", &root.join("sdk"), is_source);
    fs::write(out.join("embedded.rs"), code).expect("OUT_DIR can be written");
}

/// `target`, from `target/PROFILE/build/NAME/out`.
fn target_of(out: &Path) -> PathBuf {
    out.ancestors().nth(4).map_or_else(|| out.to_owned(), Path::to_owned)
}

fn is_rule_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml" || extension == "md")
}

/// What belongs to a package as it is installed, and not what was left over from building it.
fn is_package_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !name.starts_with('.') && !name.ends_with(".d") && !name.ends_with(".new")
}

/// What partners are given: sources, and nothing that an editor has left beside them.
fn is_source(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !name.starts_with('.')
}

/// A folder that a build has left.
fn is_left_behind(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    ["target", "node_modules", "dist", "__pycache__", "examples"].contains(&name)
}

/// Writes `static NAME: &[(path, bytes)]` over all files below `folder`.
fn table(code: &mut String, name: &str, folder: &Path, wanted: fn(&Path) -> bool) {
    let mut files = Vec::new();
    if folder.is_dir() {
        // Only what exists is watched: cargo takes a missing path for a change at every build.
        println!("cargo:rerun-if-changed={}", folder.display());
        collect(folder, wanted, &mut files);
    }
    files.sort();
    let _ = writeln!(code, "pub(super) static {name}: &[(&str, &[u8])] = &[");
    for file in files {
        let inside = file.strip_prefix(folder).expect("below the folder");
        let inside = inside.to_str().expect("file names are UTF-8").replace('\\', "/");
        let absolute = fs::canonicalize(&file).expect("the file exists");
        let _ = writeln!(
            code,
            "    ({inside:?}, include_bytes!({:?})),",
            absolute.display().to_string()
        );
    }
    let _ = writeln!(code, "];");
}

fn collect(folder: &Path, wanted: fn(&Path) -> bool, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !is_left_behind(&path) {
            collect(&path, wanted, files);
        } else if path.is_file() && wanted(&path) {
            files.push(path);
        }
    }
}
