//! The example plugin in each language, from `sdk/examples/LANGUAGE` to a package in `target/examples/LANGUAGE`, by the
//! recipes that partners use. Tests and bench ask all of them the same.
//!
//! A language is built anew when its sources, its SDK or the contract have changed.

use crate::{python, say};
use anyhow::{Context as _, Result};
use dialogo_toolkit::build::{self, Lang, Project};
use dialogo_toolkit::files::{collect, digest, replace};
use dialogo_toolkit::package;
use std::fs;
use std::path::{Path, PathBuf};

/// What the manifests of all of them say, as far as the recipes must know.
const ID: &str = "words";
const HOOKS: [&str; 2] = ["classifier", "message-policy"];
const IMPORTS: [&str; 3] = ["log", "settings", "patterns"];

/// Raised when the way of building changes.
const FORMAT: &str = "dialogo examples 1";

/// Builds them; returns the folder of the packages.
pub(crate) fn build(root: &Path) -> Result<PathBuf> {
    python::ensure()?;
    let out = root.join("target/examples");
    for lang in Lang::ALL {
        one(root, lang, &out.join(lang.name()))
            .with_context(|| format!("the example plugin in {lang} cannot be built"))?;
    }
    Ok(out)
}

fn one(root: &Path, lang: Lang, package: &Path) -> Result<()> {
    let sdk = root.join("sdk");
    let folder = sdk.join("examples").join(lang.name());
    let mut sources = Vec::new();
    for part in [&folder, &sdk.join(lang.name()), &sdk.join("wit")] {
        collect(part, &mut sources)?;
    }
    let inputs = format!("{FORMAT}\n{}\n", digest(&sources, root)?);
    let stamp = root.join("target").join(format!("example-{lang}.stamp"));
    let component = package.join(format!("{ID}.wasm"));
    if component.is_file() && fs::read_to_string(&stamp).is_ok_and(|known| known == inputs) {
        return Ok(());
    }
    let project = Project {
        folder: folder.clone(),
        id: ID.to_owned(),
        hooks: HOOKS.map(str::to_owned).to_vec(),
        imports: IMPORTS.map(str::to_owned).to_vec(),
        sdk,
    };
    let say = |text: &str| say::line(&format!("{lang}: {text}"));
    let bytes = say::step(&format!("building the example plugin in {lang}"), || {
        build::component(lang, &project, &say)
    })?;
    package::lay_out(&folder, package, ID, &bytes)?;
    replace(&stamp, inputs.as_bytes())
}
