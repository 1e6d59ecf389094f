//! A model becomes a plugin's package: the classifier that ships with the desk, with the model, cases and a version of its own.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml_edit::DocumentMut;

use crate::embedded::Packages;
use crate::output::Failure;

/// The name of the plugin that ships with the desk, and has learned nothing yet.
pub const ID: &str = "learned";

/// Where in the package its model is.
pub const MODEL: &str = "assets/model.bin";

/// Figures of the model, beside it.
pub const REPORT: &str = "report.json";

/// Cases that hold whatever was learned: they are also what lets its sandboxes be reused. None holds what people wrote.
const CASES: &str = r#"# Written by `dialogo train`: what the plugin must answer whatever it has learned.
hook = "classifier"

[[case]]
name = "it knows nothing of nothing"
input.conversation.recent = [""]
expect = { suggests = [] }

[[case]]
name = "nor of a text without a word"
input.conversation.recent = ["…"]
expect = { suggests = [] }
"#;

/// Writes the package `id` into a folder that does not exist yet.
pub fn write(
    to: &Path,
    id: &str,
    model: &[u8],
    version: &str,
    report: &serde_json::Value,
) -> Result<()> {
    if to.exists() {
        let what = format!("{} is there already", to.display());
        return Err(Failure::usage(what, "name another folder, or remove that one").into());
    }
    let aside = tempfile::tempdir().context("cannot make a folder to work in")?;
    let names = Packages::find().write(aside.path())?;
    if !names.iter().any(|name| name == ID) {
        let what = format!("the plugin `{ID}` is not among the packages of this binary");
        return Err(Failure::unavailable(what, "build them with `cargo xtask plugins`").into());
    }
    let from = aside.path().join(ID);
    let manifest =
        fs::read_to_string(from.join("plugin.toml")).context("cannot read the manifest")?;
    let mut manifest: DocumentMut = manifest.parse().context("the manifest cannot be read")?;
    manifest["id"] = toml_edit::value(id);
    manifest["version"] = toml_edit::value(version);
    let put = |name: &str, bytes: &[u8]| {
        let file = to.join(name);
        let folder = file.parent().unwrap_or(to);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))
    };
    let read =
        |name: &str| fs::read(from.join(name)).with_context(|| format!("cannot read {name}"));
    put(&format!("{id}.wasm"), &read(&format!("{ID}.wasm"))?)?;
    put("settings.schema.json", &read("settings.schema.json")?)?;
    put("plugin.toml", manifest.to_string().as_bytes())?;
    put("cases/learned.toml", CASES.as_bytes())?;
    put(MODEL, model)?;
    put(REPORT, format!("{report:#}\n").as_bytes())
}

/// A version that says which model it is: the same model has the same version.
pub fn version(model: &[u8]) -> String {
    // FNV-1a: this tells models apart, it guards nothing.
    let hash = model.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{}+{hash:016x}", env!("CARGO_PKG_VERSION"))
}
