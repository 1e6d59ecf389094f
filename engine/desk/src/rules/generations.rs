//! Keeps what each generation was made of, so that it can be shown, compared and put in force again.
//!
//! A generation is a folder `generations/<digest>/` with its rule files under `config/` and a record of its packages; the
//! packages lie once each under `packages/<identity>/`. It is written before the generation is activated, so a commit never
//! names rules that nobody can show.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dialogo_domain::{Generation, Millis};
use dialogo_host::Package;
use dialogo_rules::Files;
use serde::{Deserialize, Serialize};

use super::tree::{self, Folders, Tree};

/// How many generations are kept; older ones are forgotten, but never the one in force.
const KEPT: usize = 50;

/// One generation in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenerationRecord {
    /// Its digest in hexadecimal.
    pub generation: String,
    /// When it was first loaded, in milliseconds UTC.
    pub at: u64,
    /// What changed with it.
    pub summary: String,
    /// Packages by name: the identity under which they are kept.
    pub packages: BTreeMap<String, String>,
}

/// A rollback: it holds, over restarts too, until the files differ from what they were.
#[derive(Serialize, Deserialize)]
struct Held {
    /// Digest of what lay in the folders, in hexadecimal.
    instead_of: String,
    /// The generation in force in its place.
    generation: String,
}

/// The folder of generations.
#[derive(Clone, Debug)]
pub struct Generations {
    folder: PathBuf,
}

impl Generations {
    /// Uses (and makes) `folder`.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(folder.join("packages"))?;
        Ok(Self { folder })
    }

    /// All that are kept, newest first.
    pub fn list(&self) -> Vec<GenerationRecord> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let mut all: Vec<GenerationRecord> = entries
            .flatten()
            .filter_map(|entry| fs::read(entry.path().join("record.json")).ok())
            .filter_map(|bytes| serde_json::from_slice(&bytes).ok())
            .collect();
        all.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.generation.cmp(&b.generation)));
        all
    }

    /// Remembers that a generation is in force instead of what lies in the folders.
    pub(crate) fn hold(&self, instead_of: &[u8; 32], generation: &str) -> io::Result<()> {
        let held = Held { instead_of: hex(instead_of), generation: generation.to_owned() };
        let aside = self.folder.join(".held");
        let mut file = fs::File::create(&aside)?;
        file.write_all(&serde_json::to_vec(&held)?)?;
        file.sync_all()?;
        fs::rename(&aside, self.folder.join("held.json"))
    }

    /// Forgets a rollback: the files have changed since.
    pub(crate) fn let_go(&self) {
        let _ = fs::remove_file(self.folder.join("held.json"));
    }

    /// The generation that is in force instead of what lies in the folders, if there was a rollback from just that.
    pub(crate) fn held(&self, lies_there: &[u8; 32]) -> Option<GenerationRecord> {
        let text = fs::read(self.folder.join("held.json")).ok()?;
        let held: Held = serde_json::from_slice(&text).ok()?;
        let record = self.find(&held.generation)?;
        (held.instead_of == hex(lies_there)).then_some(record)
    }

    /// The record whose digest begins with `prefix`, if there is exactly one.
    pub fn find(&self, prefix: &str) -> Option<GenerationRecord> {
        let mut found =
            self.list().into_iter().filter(|record| record.generation.starts_with(prefix));
        found.next().filter(|_| found.next().is_none())
    }

    /// The rule files of a generation.
    pub fn files(&self, generation: &str) -> Option<Files> {
        let config = self.folder.join(safe(generation)?).join("config");
        let folders = Folders { config, plugins: PathBuf::from("/nonexistent") };
        tree::read(&folders).ok().map(|tree| tree.files)
    }

    /// Everything a generation was made of.
    pub fn tree(&self, record: &GenerationRecord) -> Option<Tree> {
        let files = self.files(&record.generation)?;
        let contents =
            files.iter().map(|(path, bytes)| (path.to_owned(), Arc::from(bytes))).collect();
        let packages = record
            .packages
            .iter()
            .map(|(name, identity)| {
                let path = self.package_folder(identity);
                let package =
                    Package::read(&path).map(Arc::new).map_err(|fault| tree::chain(&fault));
                (name.clone(), package)
            })
            .collect();
        Some(tree::from_parts(contents, packages))
    }

    /// Keeps a generation; what is kept already stays as it is.
    pub fn keep(
        &self,
        generation: Generation,
        at: Millis,
        summary: &str,
        tree: &Tree,
        plugins: &Path,
    ) -> io::Result<()> {
        let name = hex(&generation.0);
        let folder = self.folder.join(&name);
        if folder.join("record.json").exists() {
            return Ok(());
        }
        let mut packages: BTreeMap<String, String> = BTreeMap::new();
        for (package_name, package) in &tree.packages {
            let Ok(package) = package else { continue };
            let identity = hex(&package.identity());
            self.keep_package(package_name, package, &identity, plugins)?;
            packages.insert(package_name.clone(), identity);
        }
        let aside = self.folder.join(format!(".{name}"));
        let _ = fs::remove_dir_all(&aside);
        for (path, bytes) in tree.files.iter() {
            let path = aside.join("config").join(path);
            fs::create_dir_all(path.parent().unwrap_or(&aside))?;
            fs::write(path, bytes)?;
        }
        fs::create_dir_all(&aside)?;
        let record =
            GenerationRecord { generation: name, at: at.0, summary: summary.to_owned(), packages };
        fs::write(aside.join("record.json"), serde_json::to_vec_pretty(&record)?)?;
        fs::rename(&aside, &folder)?;
        self.forget_oldest();
        Ok(())
    }

    /// Copies a package as it lies in the plugins' folder, and keeps the copy only if it is the very one that was read.
    fn keep_package(
        &self,
        name: &str,
        package: &Package,
        identity: &str,
        plugins: &Path,
    ) -> io::Result<()> {
        let home = self.package_folder(identity);
        if home.exists() {
            return Ok(());
        }
        let aside = self.folder.join("packages").join(format!(".{identity}"));
        let _ = fs::remove_dir_all(&aside);
        let stem = name.strip_suffix(".wasm").unwrap_or(name);
        let source = plugins.join(stem);
        if source.is_dir() {
            copy_folder(&source, &aside, 0)?;
        } else {
            fs::create_dir_all(&aside)?;
            fs::copy(plugins.join(format!("{stem}.plugin.toml")), aside.join("plugin.toml"))?;
            fs::copy(plugins.join(name), aside.join(format!("{}.wasm", package.manifest.id)))?;
            if let Some(schema) = &package.manifest.settings {
                fs::copy(plugins.join(schema), aside.join(schema))?;
            }
        }
        let same = Package::read(&aside).is_ok_and(|copy| copy.identity() == package.identity());
        if !same {
            // It changed while it was copied: the next look will see the change, and this generation goes without a copy.
            tracing::warn!(
                package = name,
                "a package changed while it was being kept; it cannot be rolled back to"
            );
            return fs::remove_dir_all(&aside);
        }
        fs::rename(&aside, &home)
    }

    fn package_folder(&self, identity: &str) -> PathBuf {
        self.folder.join("packages").join(identity)
    }

    fn forget_oldest(&self) {
        let all = self.list();
        for old in all.iter().skip(KEPT) {
            if let Some(name) = safe(&old.generation) {
                let _ = fs::remove_dir_all(self.folder.join(name));
            }
        }
        let used: Vec<&String> =
            all.iter().take(KEPT).flat_map(|record| record.packages.values()).collect();
        let Ok(entries) = fs::read_dir(self.folder.join("packages")) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !used.contains(&&name) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// A digest and nothing else: it becomes part of a path.
fn safe(generation: &str) -> Option<&str> {
    let digits = generation.bytes().all(|byte| byte.is_ascii_hexdigit());
    (digits && generation.len() == 64).then_some(generation)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn copy_folder(from: &Path, to: &Path, depth: usize) -> io::Result<()> {
    if depth > 4 {
        return Err(io::Error::other("the package's folders lie too deep"));
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target, depth + 1)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
