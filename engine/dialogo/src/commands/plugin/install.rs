//! `dialogo plugin install`: a package goes into the desk's folder as a whole, after it has passed its own cases.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use dialogo_desk::Folders;
use dialogo_desk::rules::tree;
use dialogo_host::Package;

use super::keys;
use super::opened::Opened;
use super::tried::{Tried, host};
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};

pub(super) fn run(dir: &Path, path: &Path) -> Result<Exit> {
    let desk = DeskFolder::at(dir);
    desk.need()?;
    let opened = Opened::at(path)?;
    let package = &opened.package;
    let id = package.manifest.id.clone();
    need_signature(&desk, package)?;
    let tried = Tried::of(&host()?, package.clone());
    if !tried.good() {
        tried.show();
        let what = format!("{id} does not pass its own cases; nothing was installed");
        let todo = "`dialogo plugin check` says everything that is wrong";
        return Err(Failure { what, todo: Some(todo.into()), exit: Exit::Found }.into());
    }
    let to = desk.plugins.join(&id);
    let known = to.exists();
    place(&opened.folder, &desk.plugins, &to)
        .with_context(|| format!("cannot put the package into {}", to.display()))?;
    let version = &package.manifest.version;
    output::say(format!(
        "{id} {version} is in {}{}",
        to.display(),
        if known { ", in place of the one before" } else { "" }
    ));
    let named = fs::read_to_string(desk.config.join("plugins.toml"))
        .is_ok_and(|text| text.contains(&format!("\"{id}.wasm\"")));
    if named {
        output::say("plugins.toml names it: a running desk takes it over within a second");
    } else {
        output::say("the desk asks it nothing yet; to have it asked, add to config/plugins.toml:");
        output::say(lines(package, &id));
    }
    Ok(Exit::Good)
}

/// Where the desk takes only what is signed: it would refuse the package anyway, but later and in its log.
fn need_signature(desk: &DeskFolder, package: &Package) -> Result<()> {
    let folders = Folders { config: desk.config.clone(), plugins: desk.plugins.clone() };
    let tree = tree::read(&folders).context("the desk's rules cannot be read")?;
    let loaded = dialogo_rules::load(&tree);
    let Some(rules) = loaded.checked.or(loaded.doubtful) else {
        let todo = format!("mend the rules first: `dialogo check {}`", desk.root.display());
        let what = "the desk's rules have errors, so it cannot be said which plugins it takes";
        return Err(Failure::usage(what, todo).into());
    };
    if rules.signed {
        keys::vouched(package, &rules.keyring)?;
    }
    Ok(())
}

/// Copies beside and renames, so that a desk never reads half a package.
pub(in crate::commands) fn place(from: &Path, plugins: &Path, to: &Path) -> std::io::Result<()> {
    let aside = tempfile::Builder::new().prefix(".installing-").tempdir_in(plugins)?;
    let (fresh, old) = (aside.path().join("new"), aside.path().join("old"));
    copy(from, &fresh)?;
    if to.exists() {
        fs::rename(to, &old)?;
    }
    if let Err(fault) = fs::rename(&fresh, to) {
        // Better the old one than none.
        if old.exists() {
            fs::rename(&old, to)?;
        }
        return Err(fault);
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// What an admin adds: asked in shadow first, with nothing granted beyond what it needs.
fn lines(package: &Package, id: &str) -> String {
    let quoted = |names: Vec<String>| {
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        names.join(", ")
    };
    let manifest = &package.manifest;
    let hooks = manifest.hooks.iter().filter(|hook| hook.name() != "setup");
    let hooks = quoted(hooks.map(|hook| hook.name().to_owned()).collect());
    let grants = manifest.permissions.iter().filter(|grant| !grant.is_free());
    let grants = quoted(grants.map(ToString::to_string).collect());
    let mut text = format!(
        "\n[[plugin]]\nid = \"{id}\"\nfile = \"{id}.wasm\"\nhooks = [{hooks}]\nmode = \"shadow\"            # \"enforce\" once you trust it\non_failure = \"open\""
    );
    if !grants.is_empty() {
        text.push_str(&format!(
            "\ngrants = [{grants}]            # it asks for these: grant what you want it to see"
        ));
    }
    text
}
