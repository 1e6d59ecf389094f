//! `dialogo check`: everything a desk would look at before it puts the files in force, at once.
//!
//! Rule files, plugin packages, settings and the files' own tests: what passes here passes a reload.

use std::fs;
use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Context, Result};
use dialogo_desk::Folders;
use dialogo_desk::rules::{load, tree};
use dialogo_domain::Millis;
use dialogo_host::{Host, HostConfig};
use dialogo_rules::Report;
use serde_json::json;

use super::sarif;
use crate::cli::Check;
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};

pub(super) fn run(dir: &Path, asked: &Check) -> Result<Exit> {
    let folders = folders(asked.folder.as_deref().unwrap_or(dir))?;
    if let Some(schemas) = &asked.schemas {
        write_schemas(schemas, &folders)?;
    }
    let looked = look(&folders, &mut |_, _| ())?;
    if asked.sarif {
        let report = Report::new(&looked.tree.files, &looked.loaded.problems);
        output::say_json(&sarif::sarif(&report.located()));
    } else {
        looked.say(asked.json);
    }
    Ok(if looked.loaded.rules.is_some() { Exit::Good } else { Exit::Found })
}

/// What a look at the folders found.
pub(super) struct Looked {
    pub(super) tree: dialogo_desk::rules::Tree,
    pub(super) loaded: load::Loaded,
    /// What the plugins were bound with.
    pub(super) host: Host,
}

impl Looked {
    /// Prints what was found.
    pub(super) fn say(&self, json: bool) {
        if json {
            output::say_json(&self.as_json());
        } else {
            output::say(self.as_text().trim_end());
        }
    }

    fn as_text(&self) -> String {
        let colour = std::io::stdout().is_terminal();
        let tests = match self.loaded.tests {
            0 => None,
            tests => Some(format!("{tests} test cases were run.")),
        };
        Report::new(&self.tree.files, &self.loaded.problems).text(colour, tests.as_deref())
    }

    fn as_json(&self) -> serde_json::Value {
        let report = Report::new(&self.tree.files, &self.loaded.problems);
        let generation = self.loaded.rules.as_ref().map(|rules| rules.generation.to_string());
        json!({
            "good": self.loaded.rules.is_some(), "generation": generation, "files": self.tree.files.len(),
            "tests": self.loaded.tests, "summary": report.summary(), "problems": report.located(),
        })
    }
}

/// Reads, checks, compiles, configures and tests what lies in the folders, as a reload would.
pub(super) fn look(folders: &Folders, progress: &mut dyn FnMut(usize, usize)) -> Result<Looked> {
    let tree = tree::read(folders).map_err(|fault| {
        Failure::unavailable(
            crate::client::chain(&fault),
            "name a desk's folder, or one with rule files in it",
        )
    })?;
    let host = Host::new(HostConfig::default()).context("the plugin host cannot be started")?;
    let loaded = load::check(&host, &tree, None, now(), progress);
    Ok(Looked { tree, loaded, host })
}

/// The folders meant by a path: a desk's, or the rule files themselves with `plugins` beside them.
pub(super) fn folders(path: &Path) -> Result<Folders> {
    let desk = DeskFolder::at(path);
    if desk.exists() {
        return Ok(Folders { config: desk.config, plugins: desk.plugins });
    }
    if path.join("desk.toml").is_file() {
        let beside =
            path.parent().map_or_else(|| path.join("../plugins"), |parent| parent.join("plugins"));
        return Ok(Folders { config: path.to_owned(), plugins: beside });
    }
    desk.need()?;
    Ok(Folders { config: desk.config, plugins: desk.plugins })
}

pub(super) fn now() -> Millis {
    let since =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Millis(since.as_millis() as u64)
}

/// Writes a schema for every rule file, and for the settings of every package that brings one.
fn write_schemas(to: &Path, folders: &Folders) -> Result<()> {
    fs::create_dir_all(to.join("plugins"))
        .with_context(|| format!("cannot make {}", to.display()))?;
    let mut written: Vec<(String, serde_json::Value)> = dialogo_rules::schemas()
        .into_iter()
        .map(|(file, schema)| (schema_name(file), schema))
        .collect();
    if let Ok(tree) = tree::read(folders) {
        for (name, package) in &tree.packages {
            let schema =
                package.as_ref().ok().and_then(|package| package.settings_schema.as_deref());
            if let Some(schema) = schema.and_then(|text| serde_json::from_str(text).ok()) {
                let name = format!("plugins/{}.schema.json", name.trim_end_matches(".wasm"));
                written.push((name, dialogo_rules::settings_schema(&schema)));
            }
        }
    }
    for (name, schema) in written {
        let file = to.join(&name);
        let text =
            serde_json::to_string_pretty(&schema).context("cannot write a schema as JSON")?;
        fs::write(&file, text + "\n")
            .with_context(|| format!("cannot write {}", file.display()))?;
        output::note(format!(
            "wrote {}; to use it, begin the file with: {}",
            file.display(),
            dialogo_rules::editor_hint(&file.display().to_string())
        ));
    }
    Ok(())
}

/// `desk.toml` → `desk.schema.json`; what the engine itself reads of any settings → `settings.schema.json`.
fn schema_name(file: &str) -> String {
    if file.contains('*') {
        return "settings.schema.json".to_owned();
    }
    format!("{}.schema.json", file.trim_end_matches(".toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_rule_files_is_taken_too() {
        let place = tempfile::tempdir().expect("a folder");
        let config = place.path().join("config");
        fs::create_dir_all(&config).expect("made");
        assert!(folders(place.path()).is_err());
        fs::write(config.join("desk.toml"), "").expect("written");
        assert_eq!(folders(place.path()).expect("a desk").config, config);
        assert_eq!(folders(&config).expect("rule files").plugins, place.path().join("plugins"));
    }

    #[test]
    fn schemas_are_named_after_their_files() {
        assert_eq!(schema_name("desk.toml"), "desk.schema.json");
        for (file, _) in dialogo_rules::schemas() {
            let name = schema_name(file);
            assert!(
                name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)),
                "{name}"
            );
        }
    }
}
