//! Where tools that were fetched or made once are kept for all projects: `$XDG_CACHE_HOME/dialogo`, else
//! `~/.cache/dialogo`. Everything in it can be deleted at any time and is made again.

use anyhow::{Context as _, Result};
use std::path::PathBuf;

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
