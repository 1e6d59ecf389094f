//! `dialogo plugin keygen | sign | verify`: who vouches for a package.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dialogo_host::signature::{self, PrivateKey};
use dialogo_host::{Package, Signed, manifest};
use dialogo_rules::Keyring;
use serde_json::json;

use super::opened::Opened;
use super::packed;
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};

/// `keygen`
pub(super) fn generate(name: &str, out: &Path, json: bool) -> Result<Exit> {
    if !manifest::is_id(name) {
        let what = format!("`{name}` cannot be a key's name");
        return Err(Failure::usage(what, "use 1 to 64 characters of a-z, 0-9 and \"-\"").into());
    }
    let file = out.join(format!("{name}.key"));
    let pem = PrivateKey::generate().map_err(anyhow::Error::msg)?;
    let public = PrivateKey::parse(&pem).map_err(anyhow::Error::msg)?.public();
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
    let mut opened = opened.map_err(|fault| {
        let todo =
            "an old key is never overwritten: take another name, or another folder with --out";
        Failure::usage(format!("cannot make {}: {fault}", file.display()), todo)
    })?;
    opened.write_all(pem.as_bytes()).with_context(|| format!("cannot write {}", file.display()))?;
    if json {
        output::say_json(&json!({ "name": name, "private": file, "public": public.to_string() }));
    } else {
        output::say(format!("the private key is in {}: keep it to yourself", file.display()));
        output::say("desks that take what it has signed have in config/keyring.toml:\n");
        output::say(format!("[[key]]\nid = \"{name}\"\npublic = \"{public}\""));
    }
    Ok(Exit::Good)
}

/// Reads a private key.
pub(super) fn private(file: &Path) -> Result<PrivateKey> {
    let pem =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    PrivateKey::parse(&pem).map_err(|fault| {
        let what = format!("{} cannot be used: {fault}", file.display());
        Failure::usage(what, "name the file that ends in .key").into()
    })
}

/// Puts a signature into a package folder.
pub(super) fn sign_folder(folder: &Path, package: &Package, key: &PrivateKey) -> Result<()> {
    let text = key.sign(&package.contents);
    dialogo_toolkit::files::replace(&folder.join(signature::FILE), text.as_bytes())
}

/// `sign`
pub(super) fn sign(path: &Path, key: &Path) -> Result<Exit> {
    let key = private(key)?;
    if crate::project::Project::find(path)?.is_some() {
        let todo = "`dialogo plugin pack --key FILE` builds, signs and packs it";
        return Err(Failure::usage(format!("{} is a project", path.display()), todo).into());
    }
    let opened = Opened::at(path)?;
    sign_folder(&opened.folder, &opened.package, &key)?;
    if packed::is_packed(path) {
        let bytes = packed::pack(&opened.folder, &opened.package)?;
        dialogo_toolkit::files::replace(path, &bytes)?;
    }
    output::say(format!("{} is signed by {}", path.display(), key.public()));
    Ok(Exit::Good)
}

/// `verify`
pub(super) fn verify(
    dir: &Path,
    path: &Path,
    keyring: Option<PathBuf>,
    json: bool,
) -> Result<Exit> {
    let file = match keyring {
        Some(file) => file,
        None => {
            let desk = DeskFolder::at(dir);
            desk.need()?;
            desk.config.join(dialogo_rules::KEYRING_FILE)
        }
    };
    let keyring = read_keyring(&file)?;
    let opened = Opened::at(path)?;
    let vouched = vouched(&opened.package, &keyring);
    let manifest = &opened.package.manifest;
    if json {
        let (by, problem) = match &vouched {
            Ok(name) => (Some(name), None),
            Err(problem) => (None, Some(&problem.what)),
        };
        output::say_json(&json!({
            "id": manifest.id, "version": manifest.version, "good": vouched.is_ok(), "by": by,
            "problem": problem,
        }));
        return Ok(if vouched.is_ok() { Exit::Good } else { Exit::Found });
    }
    let name = vouched?;
    output::say(format!("{} {} is as `{name}` signed it", manifest.id, manifest.version));
    Ok(Exit::Good)
}

/// The name of the key that vouches for a package.
pub(super) fn vouched(package: &Package, keyring: &Keyring) -> Result<String, Failure> {
    let id = &package.manifest.id;
    let no =
        |what: String, todo: &str| Failure { what, todo: Some(todo.to_owned()), exit: Exit::Found };
    match &package.signed {
        Signed::No => {
            Err(no(format!("{id} is not signed"), "its author signs it with `dialogo plugin sign`"))
        }
        Signed::Broken(why) => Err(no(
            format!("the signature of {id} does not fit: {why}"),
            "do not use it; get it again from its author, who signs what has changed with `dialogo plugin sign`",
        )),
        Signed::By(key) => keyring.name(&key.to_string()).map(str::to_owned).ok_or_else(|| {
            no(
                format!("{id} is signed by {key}, which is not in the keyring"),
                "if you trust that key (ask its holder another way), add it to config/keyring.toml",
            )
        }),
    }
}

fn read_keyring(file: &Path) -> Result<Keyring> {
    let bytes = fs::read(file).map_err(|fault| {
        let todo = "the keyring of a desk is config/keyring.toml (docs/guide/admin.md); name another file with --keyring";
        Failure::usage(format!("there is no keyring: cannot read {}: {fault}", file.display()), todo)
    })?;
    dialogo_rules::read_keyring(bytes).map_err(|report| {
        let what = format!("{} is wrong:\n{report}", file.display());
        Failure::usage(what, "mend it; `dialogo check` shows the same").into()
    })
}
