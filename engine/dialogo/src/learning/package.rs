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

/// The name of the plugin that suggests replies.
const REPLIES: &str = "replies";

/// Where in its package the answers are, as the plugin reads them and as people do.
const ANSWERS: &str = "assets/answers.bin";
const ANSWER_TEXTS: &str = "answers.txt";

/// As [`CASES`].
const REPLIES_CASES: &str = r#"# Written by `dialogo train-replies`: what the plugin must answer whatever it has learned.
hook = "replies"

[[case]]
name = "there is no answer to nothing"
input.conversation.recent = [""]
expect.replies = []

[[case]]
name = "nor to a text without a word"
input.conversation.recent = ["…"]
expect.replies = []

[[case]]
name = "canned replies are suggested as before"
settings.hint = [{ reply = "canned", words = ["zyzzyva"] }]
input.canned = [{ id = "canned", title = "Canned", text = "A canned reply." }]
input.conversation.recent = ["zyzzyva"]
expect = { canned = "canned" }
"#;

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
    let fresh = Fresh::of(ID, to)?;
    fresh.begin(id, version)?;
    fresh.put("cases/learned.toml", CASES.as_bytes())?;
    fresh.put(MODEL, model)?;
    fresh.put(REPORT, format!("{report:#}\n").as_bytes())
}

/// Writes the package of the plugin that suggests replies, with what agents answer.
pub fn write_replies(to: &Path, answers: &[u8], texts: &str, version: &str) -> Result<()> {
    let fresh = Fresh::of(REPLIES, to)?;
    fresh.begin(REPLIES, version)?;
    fresh.put("cases/answers.toml", REPLIES_CASES.as_bytes())?;
    fresh.put(ANSWERS, answers)?;
    fresh.put(ANSWER_TEXTS, texts.as_bytes())
}

/// A package to be made of one that ships with the desk.
struct Fresh<'a> {
    /// The name of the one it is made of.
    name: &'static str,
    from: tempfile::TempDir,
    to: &'a Path,
}

impl<'a> Fresh<'a> {
    fn of(name: &'static str, to: &'a Path) -> Result<Self> {
        if to.exists() {
            let what = format!("{} is there already", to.display());
            return Err(Failure::usage(what, "name another folder, or remove that one").into());
        }
        let from = tempfile::tempdir().context("cannot make a folder to work in")?;
        let names = Packages::find().write(from.path())?;
        if !names.iter().any(|known| known == name) {
            let what = format!("the plugin `{name}` is not among the packages of this binary");
            return Err(Failure::unavailable(what, "build them with `cargo xtask plugins`").into());
        }
        Ok(Self { name, from, to })
    }

    /// Component, schema and manifest, under this id and version.
    fn begin(&self, id: &str, version: &str) -> Result<()> {
        let manifest =
            String::from_utf8(self.read("plugin.toml")?).context("the manifest is not UTF-8")?;
        let mut manifest: DocumentMut = manifest.parse().context("the manifest cannot be read")?;
        manifest["id"] = toml_edit::value(id);
        manifest["version"] = toml_edit::value(version);
        self.put(&format!("{id}.wasm"), &self.read(&format!("{}.wasm", self.name))?)?;
        self.put("settings.schema.json", &self.read("settings.schema.json")?)?;
        self.put("plugin.toml", manifest.to_string().as_bytes())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let file = self.from.path().join(self.name).join(name);
        fs::read(file).with_context(|| format!("cannot read {name}"))
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let file = self.to.join(name);
        let folder = file.parent().unwrap_or(self.to);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))
    }
}

/// A version that says which model it is: the same model has the same version.
pub fn version(model: &[u8]) -> String {
    // FNV-1a: this tells models apart, it guards nothing.
    let hash = model.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{}+{hash:016x}", env!("CARGO_PKG_VERSION"))
}
