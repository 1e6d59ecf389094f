//! The recipes: one module a language, each from a [`Project`] to the bytes of a component.
//!
//! A recipe needs nothing installed by hand beyond its language's usual tools: what else it takes it fetches once, with
//! the language's own package manager, into [`crate::cache`], and says so.

pub mod c;
pub mod js;
pub mod python;
pub mod rust;

use anyhow::{Context as _, Result, bail, ensure};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;

use crate::world;

/// A language that plugins are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Rust.
    Rust,
    /// JavaScript or TypeScript.
    Js,
    /// Python.
    Python,
    /// C.
    C,
}

impl Lang {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rust, Self::Js, Self::Python, Self::C];

    /// As written in `[build] lang` and on the command line; also the SDK's folder below `sdk/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Js => "js",
            Self::Python => "python",
            Self::C => "c",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Lang {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|lang| lang.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(|lang| format!("`{lang}`")).join(", ");
            format!("there is no recipe for `{text}`: write one of {names}")
        })
    }
}

/// What a recipe knows of a project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its folder, absolute.
    pub folder: PathBuf,
    /// The plugin's id.
    pub id: String,
    /// The hooks it exports, by their names in the contract.
    pub hooks: Vec<String>,
    /// The interfaces of the host it may import, by their names in the contract.
    pub imports: Vec<String>,
    /// The SDK: a folder with `wit/` and a folder for the language.
    pub sdk: PathBuf,
}

impl Project {
    /// Where a recipe may leave what it makes on the way; never looked at by `watch`.
    pub fn work(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// Writes the WIT of this plugin's world ([`world::WORLD`]) and returns its folder.
    pub fn world(&self) -> Result<PathBuf> {
        world::write(&self.sdk.join("wit"), &self.work(), &self.hooks, &self.imports)
    }

    /// The same for an SDK that imports some interfaces itself, whatever the plugin does: what needs no grant.
    pub(crate) fn world_importing(&self, always: &[&str]) -> Result<PathBuf> {
        let mut imports = self.imports.clone();
        for import in always {
            if !imports.iter().any(|known| known == import) {
                imports.push((*import).to_owned());
            }
        }
        world::write(&self.sdk.join("wit"), &self.work(), &self.hooks, &imports)
    }
}

/// Makes the component. `say` is told what takes long.
pub fn component(lang: Lang, project: &Project, say: &dyn Fn(&str)) -> Result<Vec<u8>> {
    match lang {
        Lang::Rust => rust::component(project, say),
        Lang::Js => js::component(project, say),
        Lang::Python => python::component(project, say),
        Lang::C => c::component(project, say),
    }
}

/// Runs a tool to its end; what it prints goes to stderr. Anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot start {program}"))?;
    ensure!(status.success(), "{program} ended with {status}; what it said stands above");
    Ok(())
}

/// The source file that a recipe begins with.
pub(crate) fn need(file: &Path) -> Result<&Path> {
    if file.is_file() {
        return Ok(file);
    }
    bail!(
        "{} is missing: a project begins with it; `dialogo plugin new` writes one",
        file.display()
    )
}
