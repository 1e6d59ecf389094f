//! Reads the rule files and the plugin packages from their folders, through whatever links lead there.
//!
//! A read is one look: bytes and digest belong together. Whether they make sense is the business of [`super::load`].

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dialogo_host::Package;
use dialogo_rules::Files;
use sha2::{Digest, Sha256};

/// Where the rules of a desk live.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Rule files: `desk.toml` and the others.
    pub config: PathBuf,
    /// Plugin packages: one folder each, or a bare `NAME.wasm` with `NAME.plugin.toml`.
    pub plugins: PathBuf,
}

/// Everything a generation is made of, as it lay on the disk at one moment.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The rule files.
    pub files: Files,
    /// Packages by the name that `plugins.toml` calls them (`keywords.wasm`): read, or the reason why not.
    pub packages: BTreeMap<String, Result<Arc<Package>, String>>,
    /// SHA-256 over all of it.
    pub digest: [u8; 32],
}

impl Tree {
    /// The same with another text in one of the rule files.
    #[must_use]
    pub fn with_file(&self, path: &str, text: &str) -> Self {
        let mut contents: BTreeMap<String, Arc<[u8]>> =
            self.files.iter().map(|(path, bytes)| (path.to_owned(), Arc::from(bytes))).collect();
        contents.insert(path.to_owned(), text.as_bytes().into());
        from_parts(contents, self.packages.clone())
    }

    /// The identity of every package that could be read.
    pub fn identities(&self) -> BTreeMap<String, [u8; 32]> {
        let readable =
            self.packages.iter().filter_map(|(name, package)| Some((name, package.as_ref().ok()?)));
        readable.map(|(name, package)| (name.clone(), package.identity())).collect()
    }
}

/// The rule files could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}")]
pub struct ReadError {
    /// What was being read.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
}

/// Most rule files, so that a link to `/` ends in an error and not in an hour of reading.
const MAX_FILES: usize = 500;

/// Reads both folders. A package that cannot be read is part of the answer; a rule file that cannot is an error.
pub fn read(folders: &Folders) -> Result<Tree, ReadError> {
    let mut contents: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
    collect(&folders.config, "", &mut contents)?;
    let packages = packages(&folders.plugins);
    let digest = digest(&contents, &packages);
    Ok(Tree { files: Files::from_map(contents).shown_under("config"), packages, digest })
}

/// Replaces one rule file as a whole, through whatever links lead to it, or makes it: a reader finds the old text or the
/// new one.
pub fn write(folders: &Folders, path: &str, text: &str) -> io::Result<()> {
    replace(folders, path, text, |_| Ok(true)).map(drop)
}

/// The same, if the file still says `was` in the moment before: whether it did. What somebody else wrote meanwhile stays.
pub fn write_over(folders: &Folders, path: &str, was: &str, text: &str) -> io::Result<bool> {
    replace(folders, path, text, |file| Ok(fs::read(file)? == was.as_bytes()))
}

fn replace(
    folders: &Folders,
    path: &str,
    text: &str,
    may: impl FnOnce(&Path) -> io::Result<bool>,
) -> io::Result<bool> {
    let file = folders.config.join(path);
    let known = file.try_exists()?;
    let file = if known { fs::canonicalize(file)? } else { file };
    let folder = file.parent().unwrap_or(&folders.config);
    fs::create_dir_all(folder)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // Names that begin with a dot are no rule files.
    let aside = folder.join(format!(".{name}.dialogo"));
    let written = (|| {
        let mut new = fs::File::create(&aside)?;
        new.write_all(text.as_bytes())?;
        if known {
            new.set_permissions(fs::metadata(&file)?.permissions())?;
        }
        new.sync_all()?;
        if !may(&file)? {
            return Ok(false);
        }
        fs::rename(&aside, &file)?;
        fs::File::open(folder)?.sync_all()?;
        Ok(true)
    })();
    if !matches!(written, Ok(true)) {
        let _ = fs::remove_file(&aside);
    }
    written
}

/// Builds a tree from contents kept elsewhere (an older generation).
pub fn from_parts(
    contents: BTreeMap<String, Arc<[u8]>>,
    packages: BTreeMap<String, Result<Arc<Package>, String>>,
) -> Tree {
    let digest = digest(&contents, &packages);
    Tree { files: Files::from_map(contents).shown_under("config"), packages, digest }
}

fn collect(
    folder: &Path,
    below: &str,
    into: &mut BTreeMap<String, Arc<[u8]>>,
) -> Result<(), ReadError> {
    let error = |path: &Path| {
        let path = path.to_owned();
        move |source| ReadError { path, source }
    };
    for entry in fs::read_dir(folder).map_err(error(folder))? {
        let entry = entry.map_err(error(folder))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = entry.path();
        // Editors' own files and the folders behind Kubernetes' links; what the links show is read through them.
        if name.starts_with('.') || name.starts_with("..") {
            continue;
        }
        let relative = format!("{below}{name}");
        let meta = match fs::metadata(&path) {
            Ok(meta) => meta,
            // A file that an editor is just replacing is as good as not there: the next look sees it.
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(ReadError { path, source }),
        };
        if meta.is_dir() {
            if below.matches('/').count() < 3 {
                collect(&path, &format!("{relative}/"), into)?;
            }
        } else if is_toml(&name) {
            if into.len() >= MAX_FILES {
                let source = io::Error::other(format!("more than {MAX_FILES} rule files"));
                return Err(ReadError { path, source });
            }
            match fs::read(&path) {
                Ok(bytes) => drop(into.insert(relative, bytes.into())),
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(ReadError { path, source }),
            }
        }
    }
    Ok(())
}

fn is_toml(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "toml")
}

/// Every package in the folder; an absent folder has none.
fn packages(folder: &Path) -> BTreeMap<String, Result<Arc<Package>, String>> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        let key = if path.is_dir() {
            if !path.join("plugin.toml").exists() {
                continue;
            }
            format!("{name}.wasm")
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "wasm") {
            name
        } else {
            continue;
        };
        let package = Package::read(&path).map(Arc::new).map_err(|fault| chain(&fault));
        found.insert(key, package);
    }
    found
}

/// An error with its sources, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn digest(
    contents: &BTreeMap<String, Arc<[u8]>>,
    packages: &BTreeMap<String, Result<Arc<Package>, String>>,
) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for (path, bytes) in contents {
        part(path.as_bytes());
        part(bytes);
    }
    for (name, package) in packages {
        part(name.as_bytes());
        match package {
            Ok(package) => part(&package.identity()),
            Err(reason) => part(reason.as_bytes()),
        }
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_meanwhile_stays() {
        let place = tempfile::tempdir().unwrap();
        let folders = Folders { config: place.path().into(), plugins: place.path().into() };
        let file = place.path().join("desk.toml");
        fs::write(&file, "mine").unwrap();
        assert!(!write_over(&folders, "desk.toml", "was", "theirs").unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
        assert!(write_over(&folders, "desk.toml", "mine", "theirs").unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), "theirs");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
