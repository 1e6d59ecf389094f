//! Where tools that were fetched or made once are kept for all projects: `$XDG_CACHE_HOME/dialogo`, else
//! `~/.cache/dialogo`. Everything in it can be deleted at any time and is made again.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder for one tool; it need not exist yet.
pub fn folder(tool: &str) -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|named| !named.is_empty()) {
        Some(named) => PathBuf::from(named),
        None => std::env::home_dir()
            .filter(|home| home.is_absolute())
            .context("there is no home folder to keep tools in: name a folder in XDG_CACHE_HOME")?
            .join(".cache"),
    };
    Ok(base.join("dialogo").join(tool))
}

/// The folder for one tool, filled by `make` when that has not been done yet. Who else wants the same tool meanwhile waits; what was begun and
/// not ended is done anew.
pub fn once(tool: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let folder = folder(tool)?;
    let done = folder.join(".done");
    if done.is_file() {
        return Ok(folder);
    }
    let fault = || format!("cannot use the cache folder {}", folder.display());
    fs::create_dir_all(folder.parent().unwrap_or(&folder)).with_context(fault)?;
    let lock = folder.with_file_name(format!("{tool}.lock"));
    let lock = fs::File::create(lock).with_context(fault)?;
    lock.lock().with_context(fault)?;
    if done.is_file() {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(fault)?;
    }
    fs::create_dir_all(&folder).with_context(fault)?;
    make(&folder)?;
    fs::write(&done, "").with_context(fault)?;
    Ok(folder)
}
