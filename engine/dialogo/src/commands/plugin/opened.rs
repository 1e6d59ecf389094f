//! What a verb is given, as a package folder: a project is built, a packed file is unpacked.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dialogo_host::{Package, PackageError};
use tempfile::TempDir;

use super::packed;
use crate::output::{self, Failure};
use crate::project::Project;

/// A package, and the folder it lies in for as long as this lives.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) folder: PathBuf,
    pub(super) package: Package,
    _unpacked: Option<TempDir>,
}

impl Opened {
    /// Opens a project, a package or a packed file.
    pub(super) fn at(path: &Path) -> Result<Self> {
        if let Some(project) = Project::find(path)? {
            let built = project.build(&|line| output::note(line))?;
            output::note(format!(
                "{}: built in {:.1} s",
                project.manifest.id,
                built.took.as_secs_f64()
            ));
            return Self::folder(built.package, None);
        }
        if packed::is_packed(path) {
            let aside = tempfile::tempdir().context("there is no temporary folder")?;
            packed::unpack(path, aside.path())?;
            return Self::folder(aside.path().to_owned(), Some(aside));
        }
        // The component of a package stands for the package.
        let beside = path.with_file_name("plugin.toml");
        let within = path.parent().filter(|_| path.is_file() && beside.is_file());
        Self::folder(within.unwrap_or(path).to_owned(), None)
    }

    fn folder(folder: PathBuf, unpacked: Option<TempDir>) -> Result<Self> {
        let package = Package::read(&folder).map_err(|fault| unreadable(&folder, &fault))?;
        Ok(Self { folder, package, _unpacked: unpacked })
    }
}

fn unreadable(folder: &Path, fault: &PackageError) -> Failure {
    let todo = match fault {
        PackageError::Manifest { source, .. } => &super::advice::manifest(source),
        PackageError::NoManifest { .. } => {
            "name a project, a package or a packed file; `dialogo plugin new` begins a project"
        }
        PackageError::Read { .. } => {
            "a package is a folder with plugin.toml and ID.wasm; a project makes one with `dialogo plugin build`"
        }
        _ => "docs/guide/plugin-packages.md describes what must be in a package",
    };
    let what = format!(
        "{} is no package that can be used: {}",
        folder.display(),
        crate::client::chain(fault)
    );
    Failure::usage(what, todo)
}
