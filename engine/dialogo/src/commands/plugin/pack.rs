//! `dialogo plugin pack`: a package in one file.

use std::path::Path;

use anyhow::Result;
use dialogo_host::Package;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::opened::Opened;
use super::tried::{Tried, host};
use super::{keys, packed};
use crate::output::{self, Exit, Failure};

pub(super) fn run(path: &Path, key: Option<&Path>, out: &Path, json: bool) -> Result<Exit> {
    let key = key.map(keys::private).transpose()?;
    let mut opened = Opened::at(path)?;
    let tried = Tried::of(&host()?, opened.package.clone());
    if !tried.good() {
        tried.show();
        let what = format!("{} does not pass its own cases; nothing was packed", tried.name);
        let todo = "`dialogo plugin check` says everything that is wrong";
        return Err(Failure { what, todo: Some(todo.into()), exit: Exit::Found }.into());
    }
    if let Some(key) = &key {
        keys::sign_folder(&opened.folder, &opened.package, key)?;
        opened.package = Package::read(&opened.folder)?;
    }
    let bytes = packed::pack(&opened.folder, &opened.package)?;
    let file = out.join(packed::name(&opened.package));
    dialogo_toolkit::files::replace(&file, &bytes)?;
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let signer = key.as_ref().map(|key| key.public().to_string());
    if json {
        output::say_json(
            &json!({ "file": file, "bytes": bytes.len(), "sha256": digest, "signed_by": signer }),
        );
    } else {
        output::say(format!(
            "{}: {} KiB, SHA-256 {digest}",
            file.display(),
            bytes.len().div_ceil(1024)
        ));
        match signer {
            Some(signer) => output::say(format!("signed by {signer}")),
            None => output::say("not signed: `dialogo plugin sign` does it"),
        }
    }
    Ok(Exit::Good)
}
