//! The WIT world of one plugin: exactly the hooks it exports, and of the host's interfaces exactly those it may import.
//!
//! Languages whose tools take a world whole (JavaScript, Python, C) are given this one; Rust's SDK chooses by Cargo
//! features instead.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};

use crate::files::replace;

/// The world's name.
pub const WORLD: &str = "plugin";

/// Writes the contract from `contract` (a folder of `.wit` files) and the world beside it into `work/wit`; returns that
/// folder.
pub fn write(
    contract: &Path,
    work: &Path,
    hooks: &[String],
    imports: &[String],
) -> Result<PathBuf> {
    let folder = work.join("wit");
    let file = contract.join("dialogo-plugin.wit");
    let text = fs::read_to_string(&file).with_context(|| {
        format!(
            "the contract {} is missing: `dialogo plugin new` writes it; copy it from a new project, or say in plugin.toml where it is: [build] sdk = \"FOLDER\"",
            file.display()
        )
    })?;
    let package = package_line(&text)
        .with_context(|| format!("{} does not say `package …;`", file.display()))?;
    replace(&folder.join("dialogo-plugin.wit"), text.as_bytes())?;
    replace(&folder.join("plugin.wit"), world(package, hooks, imports).as_bytes())?;
    Ok(folder)
}

fn package_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| line.starts_with("package ") && line.ends_with(';'))
}

fn world(package: &str, hooks: &[String], imports: &[String]) -> String {
    let mut text = format!("{package}\n\nworld {WORLD} {{\n");
    for import in imports {
        text.push_str(&format!("    import {import};\n"));
    }
    for hook in hooks {
        text.push_str(&format!("    export {hook};\n"));
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::{package_line, world};

    #[test]
    fn a_world_has_what_was_chosen() {
        let text = world("package a:b@1.0.0;", &["classifier".into()], &["log".into()]);
        assert_eq!(
            text,
            "package a:b@1.0.0;\n\nworld plugin {\n    import log;\n    export classifier;\n}\n"
        );
        assert_eq!(package_line("/// x\npackage a:b@1.0.0;\n"), Some("package a:b@1.0.0;"));
    }
}
