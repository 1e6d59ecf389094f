//! A partner's plugin in source: where its parts are, and how it becomes a package.
//!
//! A project is a folder whose `plugin.toml` has a `[build]` table and no component beside it; the same manifest with the
//! component beside it is a package. The recipes are in `dialogo-toolkit`, what a package must be is checked by the host.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use dialogo_host::{Grant, Manifest};
use dialogo_toolkit::build::{self, Lang};
use dialogo_toolkit::package;

use crate::output::Failure;

/// Interfaces that any plugin may import.
const FREE: [Grant; 2] = [Grant::Log, Grant::Settings];

/// A project.
#[derive(Debug)]
pub struct Project {
    /// Its manifest.
    pub manifest: Manifest,
    /// Its language.
    pub lang: Lang,
    recipe: build::Project,
}

/// What came of a build.
#[derive(Clone, Debug)]
pub struct Built {
    /// The package.
    pub package: PathBuf,
    /// Bytes of the component.
    pub bytes: usize,
    /// How long it took.
    pub took: Duration,
}

impl Project {
    /// The project in a folder; none if what lies there is something else.
    pub fn find(folder: &Path) -> Result<Option<Self>> {
        let file = folder.join("plugin.toml");
        if !file.is_file() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let manifest = Manifest::parse(&text).map_err(|fault| wrong_manifest(&file, &fault))?;
        let Some(build) = manifest.build.clone() else { return Ok(None) };
        if folder.join(format!("{}.wasm", manifest.id)).is_file() {
            return Ok(None);
        }
        let lang: Lang = build.lang.parse().map_err(|fault| {
            let what = format!("`build.lang` in {}: {fault}", file.display());
            Failure::usage(what, "the recipes are listed by `dialogo plugin new --help`")
        })?;
        let folder = std::path::absolute(folder).context("the present folder is gone")?;
        let recipe = build::Project {
            id: manifest.id.clone(),
            hooks: manifest.hooks.iter().map(|hook| hook.name().to_owned()).collect(),
            imports: imports(&manifest),
            sdk: folder.join(build.sdk.as_deref().unwrap_or("sdk")),
            folder,
        };
        Ok(Some(Self { manifest, lang, recipe }))
    }

    /// The same for those who can do nothing else.
    pub fn need(folder: &Path) -> Result<Self> {
        let found = Self::find(folder)?;
        found.ok_or_else(|| {
            let what = format!(
                "{} is no project: it has no plugin.toml with a [build] table, or the component lies beside it",
                folder.display()
            );
            let todo = "begin one with `dialogo plugin new NAME --hook classifier --lang rust`, and go into its folder";
            Failure::usage(what, todo).into()
        })
    }

    /// Its folder, absolute.
    pub fn folder(&self) -> &Path {
        &self.recipe.folder
    }

    /// Where its package is laid out.
    pub fn package(&self) -> PathBuf {
        self.recipe.folder.join("dist").join(&self.manifest.id)
    }

    /// Compiles it and lays out its package. `say` is told what takes long.
    pub fn build(&self, say: &dyn Fn(&str)) -> Result<Built> {
        let begun = Instant::now();
        let component = build::component(self.lang, &self.recipe, say).map_err(|fault| {
            let what = format!("{} cannot be built: {fault:#}", self.manifest.id);
            Failure { what, todo: None, exit: crate::output::Exit::Found }
        })?;
        let to = self.package();
        package::lay_out(self.folder(), &to, &self.manifest.id, &component)
            .with_context(|| format!("cannot lay out the package in {}", to.display()))?;
        Ok(Built { package: to, bytes: component.len(), took: begun.elapsed() })
    }
}

/// Those interfaces among its permissions that a component can import, the free ones included.
fn imports(manifest: &Manifest) -> Vec<String> {
    let is_interface = |grant: &Grant| !grant.name().contains('.');
    let asked = manifest.permissions.iter().filter(|grant| !FREE.contains(grant));
    let all = FREE.iter().chain(asked);
    all.filter(|grant| is_interface(grant)).map(|grant| grant.name().to_owned()).collect()
}

fn wrong_manifest(file: &Path, fault: &dialogo_host::manifest::ManifestError) -> Failure {
    let what = format!("{} is wrong: {}", file.display(), crate::client::chain(fault));
    Failure::usage(what, crate::commands::plugin::advice::manifest(fault))
}
