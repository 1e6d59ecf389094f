//! Where everything lies in a desk's data folder. Only `log` is the truth; the rest can be deleted and comes back.

use std::path::{Path, PathBuf};

/// A desk's data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// By its path.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The segment log.
    pub fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    /// Snapshots of the desk's state.
    pub fn snapshots(&self) -> PathBuf {
        self.root.join("snapshots")
    }

    /// The views.
    pub fn views(&self) -> PathBuf {
        self.root.join("views")
    }
}
