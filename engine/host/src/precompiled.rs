//! Machine code of components: compiled, and kept in a cache on disk.
//!
//! One of two modules with `unsafe` (the other is `function.rs`): loading machine code trusts the file. A file is loaded only
//! if its keyed MAC fits, with a key that this host made and keeps beside the files; anything odd means delete and compile.
//! Precompiled code in a package is never loaded.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::package::hex;

/// Where compiled components are kept, and the key that proves they are ours.
#[derive(Debug)]
pub(crate) struct CodeCache {
    folder: PathBuf,
    key: [u8; 32],
    compatibility: String,
}

/// Whether code was found or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Cache,
    Compiled,
}

impl CodeCache {
    /// Opens or makes the cache; none if the folder cannot be used (the host then compiles every time).
    pub(crate) fn open(folder: &Path, engine: &Engine) -> Option<Self> {
        let opened = private_folder(folder).and_then(|()| read_or_make_key(&folder.join("key")));
        match opened {
            Ok(key) => {
                Some(CodeCache { folder: folder.into(), key, compatibility: compatibility(engine) })
            }
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "compiled plugins cannot be kept here");
                None
            }
        }
    }

    fn path(&self, digest: &str) -> PathBuf {
        self.folder.join(format!("{digest}-{}.cwasm", self.compatibility))
    }

    fn mac(&self, digest: &str, code: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any length of key is fine");
        mac.update(digest.as_bytes());
        mac.update(self.compatibility.as_bytes());
        mac.update(code);
        mac
    }

    fn load(&self, engine: &Engine, digest: &str) -> Option<Component> {
        let path = self.path(digest);
        let code = fs::read(&path).ok()?;
        let proof = fs::read(path.with_extension("mac")).unwrap_or_default();
        if self.mac(digest, &code).verify_slice(&proof).is_err() {
            tracing::warn!(path = %path.display(), "compiled plugin is not ours or damaged; compiling again");
            self.remove(&path);
            return None;
        }
        match deserialize(engine, &path) {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "compiled plugin cannot be loaded; compiling again");
                self.remove(&path);
                None
            }
        }
    }

    fn store(&self, digest: &str, component: &Component) -> std::io::Result<()> {
        let code = component.serialize().map_err(std::io::Error::other)?;
        let path = self.path(digest);
        let proof = self.mac(digest, &code).finalize().into_bytes();
        write_whole(&path.with_extension("mac"), &proof)?;
        write_whole(&path, &code)
    }

    fn remove(&self, path: &Path) {
        // If it cannot be deleted it fails the same checks next time.
        let _ = fs::remove_file(path);
        let _ = fs::remove_file(path.with_extension("mac"));
    }
}

/// Loads from the cache or compiles. Slow: call it on a thread that nobody waits on for verdicts.
pub(crate) fn component(
    engine: &Engine,
    cache: Option<&CodeCache>,
    digest: &str,
    bytes: &[u8],
) -> wasmtime::Result<(Component, Origin)> {
    if let Some(found) = cache.and_then(|cache| cache.load(engine, digest)) {
        return Ok((found, Origin::Cache));
    }
    let component = Component::from_binary(engine, bytes)?;
    if let Some(cache) = cache
        && let Err(error) = cache.store(digest, &component)
    {
        tracing::warn!(%error, "compiled plugin could not be kept");
    }
    Ok((component, Origin::Compiled))
}

#[expect(
    unsafe_code,
    reason = "loading machine code: the caller has just verified the file's keyed MAC"
)]
fn deserialize(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file was written by `store` of a host with this key (its MAC was verified), for an engine with this
    // compatibility hash, and lies in a folder that only this user may write.
    unsafe { Component::deserialize_file(engine, path) }
}

/// Wasmtime's own idea of which engines may share code, as text.
fn compatibility(engine: &Engine) -> String {
    let mut hasher = Sha256Hasher(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hex(&hasher.0.finalize()[..8])
}

/// `std`'s hash of a value may change with the compiler; SHA-256 of the same bytes does not.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

fn read_or_make_key(path: &Path) -> std::io::Result<[u8; 32]> {
    if let Ok(key) = fs::read(path)
        && let Ok(key) = key.try_into()
    {
        return Ok(key);
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(std::io::Error::other)?;
    write_whole(path, &key)?;
    Ok(key)
}

/// Makes a folder that nobody else may look into.
#[cfg(unix)]
pub(crate) fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
pub(crate) fn private_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

/// Writes beside and renames, so that nobody ever sees half a file.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut number = [0; 8];
    getrandom::fill(&mut number).map_err(std::io::Error::other)?;
    let beside = path.with_extension(format!("{}.new", hex(&number)));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut file| file.write_all(bytes));
    written.and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })
}
