//! A plugin's package: component, manifest, schema, cases, assets.
//!
//! [`Package::read`] is the only place in this crate that reads packages from a disk; everything else takes bytes. Within
//! bounds, so that a package cannot fill the host's memory. What a component contains is checked in `bind.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::manifest::{Manifest, ManifestError, is_inside};
use crate::signature::{self, Contents, Signed};

/// Bytes of a component at most (a Python guest has 18 MB).
pub const MAX_COMPONENT: u64 = 64 << 20;
/// Bytes of one asset at most.
pub const MAX_ASSET: u64 = 64 << 20;
/// Bytes of manifest, schema or one file of cases at most.
pub const MAX_TEXT: u64 = 4 << 20;
/// Files in `cases/` and `assets/` at most.
pub const MAX_FILES: usize = 1_000;

/// Everything that makes a plugin, in memory.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its manifest.
    pub manifest: Manifest,
    /// The component.
    pub component: Arc<[u8]>,
    /// SHA-256 of the component, in hexadecimal.
    pub digest: Arc<str>,
    /// JSON Schema of the settings, unparsed.
    pub settings_schema: Option<String>,
    /// Files in `assets/` by name (`words.txt`, `model/weights.bin`).
    pub assets: BTreeMap<String, Arc<[u8]>>,
    /// Files in `cases/*.toml` by name, unparsed.
    pub cases: BTreeMap<String, String>,
    /// Files in `cases/files/`, by the name cases call them.
    pub case_files: BTreeMap<String, Arc<[u8]>>,
    /// What a signature is over.
    pub contents: Contents,
    /// Who vouches for it.
    pub signed: Signed,
}

/// Why a package cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The disk said no.
    #[error("cannot read {path}")]
    Read {
        /// What was being read.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// There is no manifest where one should be.
    #[error(
        "{path} is missing: a package is a folder with plugin.toml and NAME.wasm, or NAME.wasm beside NAME.plugin.toml"
    )]
    NoManifest {
        /// Where it should be.
        path: PathBuf,
    },
    /// The manifest is wrong.
    #[error("{path} is wrong")]
    Manifest {
        /// Which one.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: ManifestError,
    },
    /// A file is larger than it may be.
    #[error("{path} has more than {limit} bytes")]
    TooLarge {
        /// Which one.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// Too many files.
    #[error("{path} holds more than {MAX_FILES} files")]
    TooMany {
        /// Which folder.
        path: PathBuf,
    },
    /// A text that is not UTF-8.
    #[error("{path} is not UTF-8")]
    NotText {
        /// Which one.
        path: PathBuf,
    },
}

impl Package {
    /// A package without schema, cases and assets.
    pub fn new(manifest: Manifest, component: impl Into<Arc<[u8]>>) -> Self {
        let component = component.into();
        Package {
            manifest,
            digest: hex(&Sha256::digest(&component)).into(),
            component,
            settings_schema: None,
            assets: BTreeMap::new(),
            cases: BTreeMap::new(),
            case_files: BTreeMap::new(),
            contents: Contents::default(),
            signed: Signed::No,
        }
    }

    /// Reads a package folder, or a bare `NAME.wasm` with `NAME.plugin.toml` beside it.
    pub fn read(path: &Path) -> Result<Self, PackageError> {
        let is_folder = fs::metadata(path).map_err(|source| read_error(path, source))?.is_dir();
        if is_folder { Self::read_folder(path) } else { Self::read_bare(path) }
    }

    fn read_bare(wasm: &Path) -> Result<Self, PackageError> {
        let (manifest, _) = read_manifest(&wasm.with_extension("plugin.toml"))?;
        let mut package = Package::new(manifest, read_file(wasm, MAX_COMPONENT)?);
        if let Some(schema) = &package.manifest.settings {
            package.settings_schema = Some(read_text(&wasm.with_file_name(schema))?);
        }
        Ok(package)
    }

    fn read_folder(folder: &Path) -> Result<Self, PackageError> {
        let (manifest, text) = read_manifest(&folder.join("plugin.toml"))?;
        let wasm = format!("{}.wasm", manifest.id);
        let mut package = Package::new(manifest, read_file(&folder.join(&wasm), MAX_COMPONENT)?);
        let mut contents = Contents::default();
        contents.add("plugin.toml", text.as_bytes());
        contents.add(&wasm, &package.component);
        if let Some(name) = &package.manifest.settings {
            let schema = read_text(&folder.join(name))?;
            contents.add(name, schema.as_bytes());
            package.settings_schema = Some(schema);
        }
        for (name, path) in files_below(&folder.join("cases"))? {
            if name.ends_with(".toml") && !name.contains('/') {
                let text = read_text(&path)?;
                contents.add(&format!("cases/{name}"), text.as_bytes());
                package.cases.insert(name, text);
            } else {
                let bytes = read_file(&path, MAX_ASSET)?;
                contents.add(&format!("cases/{name}"), &bytes);
                package.case_files.insert(name, bytes.into());
            }
        }
        for (name, path) in files_below(&folder.join("assets"))? {
            let bytes = read_file(&path, MAX_ASSET)?;
            contents.add(&format!("assets/{name}"), &bytes);
            package.assets.insert(name, bytes.into());
        }
        let signature = folder.join(signature::FILE);
        if signature.exists() {
            package.signed = contents.signed(&read_text(&signature)?);
        }
        package.contents = contents;
        Ok(package)
    }

    /// SHA-256 over component, manifest, assets, cases and who vouches: what decides whether a bound plugin can be carried over.
    pub fn identity(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.digest.as_bytes());
        hash.update(format!("{:?}", self.manifest).as_bytes());
        for (name, bytes) in &self.assets {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        hash.update(format!("{:?}", self.cases).as_bytes());
        hash.update(format!("{:?}", self.signed).as_bytes());
        hash.finalize().into()
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The manifest and its text.
fn read_manifest(path: &Path) -> Result<(Manifest, String), PackageError> {
    if !path.exists() {
        return Err(PackageError::NoManifest { path: path.into() });
    }
    let text = read_text(path)?;
    let manifest = Manifest::parse(&text)
        .map_err(|source| PackageError::Manifest { path: path.into(), source })?;
    Ok((manifest, text))
}

fn read_text(path: &Path) -> Result<String, PackageError> {
    String::from_utf8(read_file(path, MAX_TEXT)?)
        .map_err(|_| PackageError::NotText { path: path.into() })
}

fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, PackageError> {
    let file = fs::File::open(path).map_err(|source| read_error(path, source))?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|source| read_error(path, source))?;
    if bytes.len() as u64 > limit {
        return Err(PackageError::TooLarge { path: path.into(), limit });
    }
    Ok(bytes)
}

/// Regular files below a folder, by their name with `/`; none if there is no folder. Links are not followed out of it.
fn files_below(root: &Path) -> Result<BTreeMap<String, PathBuf>, PackageError> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(source) => return Err(read_error(&folder, source)),
        };
        for entry in entries {
            let entry = entry.map_err(|source| read_error(&folder, source))?;
            let kind = entry.file_type().map_err(|source| read_error(&entry.path(), source))?;
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file()
                && let Some(name) = entry.path().strip_prefix(root).ok().and_then(Path::to_str)
                && is_inside(name)
            {
                found.insert(name.replace('\\', "/"), entry.path());
            }
            if found.len() > MAX_FILES || open.len() > MAX_FILES {
                return Err(PackageError::TooMany { path: root.into() });
            }
        }
    }
    Ok(found)
}

fn read_error(path: &Path, source: std::io::Error) -> PackageError {
    PackageError::Read { path: path.into(), source }
}
