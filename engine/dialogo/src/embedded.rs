//! The default rules, the plugin packages and what partners begin with, inside the binary.
//!
//! The rules and the SDK are always there. Packages are there if they were built before the binary; otherwise they
//! are looked for at run time: in the folder that `DIALOGO_PLUGINS` names, then in `plugins` beside the
//! folder the binary lies in, where the build leaves them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

mod files {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// Where the plugin packages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packages {
    /// From this folder.
    Folder(PathBuf),
    /// From the binary.
    Embedded,
    /// There are none.
    Missing,
}

impl Packages {
    /// Where they come from in this process.
    pub fn find() -> Self {
        let named = std::env::var_os("DIALOGO_PLUGINS").map(PathBuf::from);
        if let Some(named) = named.filter(|folder| has_a_package(folder)) {
            return Self::Folder(named);
        }
        if !files::PLUGINS.is_empty() {
            return Self::Embedded;
        }
        let beside = std::env::current_exe()
            .ok()
            .and_then(|binary| Some(binary.parent()?.parent()?.join("plugins")));
        match beside.filter(|folder| has_a_package(folder)) {
            Some(folder) => Self::Folder(folder),
            None => Self::Missing,
        }
    }

    /// Writes them below `to`, each in a folder of its own; returns their names.
    pub fn write(&self, to: &Path) -> Result<Vec<String>> {
        std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
        match self {
            Self::Missing => {}
            Self::Embedded => write_all(files::PLUGINS, to)?,
            Self::Folder(folder) => copy_packages(folder, to)?,
        }
        names(to)
    }
}

/// Writes the default rules below `to`.
pub fn write_config(to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    anyhow::ensure!(
        !files::CONFIG.is_empty(),
        "this binary was built without the default rules (config/ was missing)"
    );
    write_all(files::CONFIG, to)
}

/// Paths of the default rules.
pub fn config_paths() -> impl Iterator<Item = &'static str> {
    files::CONFIG.iter().map(|(path, _)| *path)
}

/// What partners are given: the files of `sdk/` whose paths begin with `folder`, by the rest of their paths.
pub fn sdk_below(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    files::SDK.iter().filter_map(move |(path, bytes)| Some((path.strip_prefix(folder)?, *bytes)))
}

fn write_all(files: &[(&str, &[u8])], to: &Path) -> Result<()> {
    for (path, bytes) in files {
        write(&to.join(path), bytes)?;
    }
    Ok(())
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

fn has_a_package(folder: &Path) -> bool {
    names(folder).is_ok_and(|names| !names.is_empty())
}

/// Folders with a `plugin.toml` in them.
fn names(folder: &Path) -> Result<Vec<String>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let packages = entries.flatten().filter(|entry| entry.path().join("plugin.toml").is_file());
    let mut names: Vec<String> =
        packages.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

fn copy_packages(from: &Path, to: &Path) -> Result<()> {
    for name in names(from)? {
        copy_folder(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in std::fs::read_dir(from)
        .with_context(|| format!("cannot read {}", from.display()))?
        .flatten()
    {
        let (source, name) = (entry.path(), entry.file_name());
        if source.is_dir() {
            copy_folder(&source, &to.join(name))?;
        } else {
            let target = to.join(name);
            std::fs::copy(&source, &target)
                .with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_rules_are_inside() {
        let paths: Vec<&str> = config_paths().collect();
        for wanted in [
            "desk.toml",
            "departments.toml",
            "classifications.toml",
            "plugins.toml",
            "replies.toml",
        ] {
            assert!(paths.contains(&wanted), "{wanted} is missing in {paths:?}");
        }
    }

    #[test]
    fn packages_are_copied_with_what_is_in_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::create_dir_all(from.join("emoji/cases")).expect("made");
        std::fs::create_dir_all(from.join("no-package")).expect("made");
        std::fs::write(from.join("emoji/plugin.toml"), "id = \"emoji\"").expect("written");
        std::fs::write(from.join("emoji/cases/a.toml"), "").expect("written");
        assert_eq!(Packages::Folder(from).write(&to).expect("copied"), ["emoji"]);
        assert!(to.join("emoji/cases/a.toml").is_file());
        assert!(!to.join("no-package").exists());
    }

    #[test]
    fn no_packages_are_no_fault() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(
            Packages::Missing.write(&folder.path().join("plugins")).expect("written").is_empty()
        );
    }
}
