//! The rule files as bytes, and who hands them in.
//!
//! Nothing here reads a disk: whoever does gives a [`Files`], made with [`Files::from_map`]. What a plugin package says
//! about itself comes in the same way, through [`Source::package`], since only the plugin host can open a package.
//! [`crate::diff`] compares two of these, [`crate::generation`] names one by its content.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Largest rule file, in bytes. A tree of 5,000 nodes takes about half of it.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

/// A set of rule files: path below the folder (`plugins/emoji.toml`, always with `/`) to content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    shown_under: String,
    contents: BTreeMap<String, Arc<[u8]>>,
}

impl Files {
    /// Takes the files as they are. Paths are relative to the folder and use `/`.
    pub fn from_map<P, B>(contents: impl IntoIterator<Item = (P, B)>) -> Self
    where
        P: Into<String>,
        B: Into<Arc<[u8]>>,
    {
        let contents =
            contents.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect();
        Self { shown_under: String::new(), contents }
    }

    /// The folder's name as people know it (`config`), put before every path that is shown.
    #[must_use]
    pub fn shown_under(mut self, folder: &str) -> Self {
        self.shown_under = if folder.is_empty() {
            String::new()
        } else {
            format!("{}/", folder.trim_end_matches('/'))
        };
        self
    }

    /// The path as it is shown to people.
    pub fn shown(&self, path: &str) -> String {
        format!("{}{path}", self.shown_under)
    }

    /// Content of one file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.contents.get(path).map(AsRef::as_ref)
    }

    /// Content of one file as text, with what is not UTF-8 replaced.
    pub fn text(&self, path: &str) -> Option<std::borrow::Cow<'_, str>> {
        self.get(path).map(String::from_utf8_lossy)
    }

    /// All paths, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.contents.keys().map(String::as_str)
    }

    /// Paths and contents, in order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.contents.iter().map(|(path, bytes)| (path.as_str(), bytes.as_ref()))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.contents.len()
    }

    /// Whether there is no file at all.
    pub fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }
}

/// What the checks need from outside: the files, and what is known of the plugin packages they name.
pub trait Source {
    /// The rule files.
    fn files(&self) -> &Files;

    /// What is known of the package that `plugins.toml` names with `file = "…"`. The default knows nothing, and nothing
    /// about packages is checked then.
    fn package(&self, file: &str) -> Package {
        let _ = file;
        Package::NotAsked
    }
}

impl Source for Files {
    fn files(&self) -> &Files {
        self
    }
}

/// What is known of a plugin package.
#[derive(Clone, Debug, Default)]
pub enum Package {
    /// Nobody looked.
    #[default]
    NotAsked,
    /// There is none under that name; with the names that exist.
    Missing(Vec<String>),
    /// It could not be used, for this reason.
    Broken(String),
    /// It is there.
    Found(PackageFacts),
}

/// What a plugin package says about itself.
#[derive(Clone, Debug, Default)]
pub struct PackageFacts {
    /// SHA-256 of everything in it; part of the generation.
    pub digest: [u8; 32],
    /// Hooks it exports, by interface name.
    pub hooks: BTreeSet<String>,
    /// Permissions it cannot do without: the interfaces it imports.
    pub needs: BTreeSet<String>,
    /// JSON Schema of its settings, if it ships one.
    pub settings_schema: Option<serde_json::Value>,
    /// Who vouches for it.
    pub signed: Signed,
}

/// Whether anybody vouches for a package; keys as they are written in the keyring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Signed {
    /// Nobody does.
    #[default]
    No,
    /// The holder of this public key does.
    By(String),
    /// There is a signature, and it does not fit: the reason.
    Broken(String),
}
