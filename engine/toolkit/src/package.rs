//! What comes out of a build: the component, and a package folder with manifest, schema, cases and assets beside it.
//!
//! It does not judge the package: the host does when it loads it.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;

use wit_parser::Resolve;

use crate::files::{collect, replace};
use crate::world::WORLD;

/// What belongs to a package besides the component, by its name in the project.
const PARTS: [&str; 4] = ["plugin.toml", "settings.schema.json", "cases", "assets"];

/// The component around a core module; its types stand in the sections that `wit-bindgen` left.
pub fn component(module: &[u8]) -> Result<Vec<u8>> {
    wit_component::ComponentEncoder::default().validate(true).module(module)?.encode()
}

/// The component around a core module that says nothing of its types: they are those of the world in `wit`.
pub fn component_of(module: &[u8], wit: &Path) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).context("the contract cannot be read")?;
    let world = resolve.select_world(&[package], Some(WORLD)).context("the world is missing")?;
    let mut module = module.to_vec();
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, &resolve, world, encoding, false)?;
    component(&module)
}

/// Lays the package of the project in `from` out in `to`: its parts, and the component as `ID.wasm`. What else lies in
/// `to` goes; what is equal is not written again.
pub fn lay_out(from: &Path, to: &Path, id: &str, component: &[u8]) -> Result<()> {
    let wasm = to.join(format!("{id}.wasm"));
    replace(&wasm, component)?;
    let mut expected = vec![wasm];
    for part in PARTS {
        let mut files = Vec::new();
        let source = from.join(part);
        if source.is_dir() {
            collect(&source, &mut files)?;
        } else if source.is_file() {
            files.push(source);
        }
        for file in files {
            let copy = to.join(file.strip_prefix(from)?);
            let content =
                fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            replace(&copy, &content)?;
            expected.push(copy);
        }
    }
    let mut present = Vec::new();
    collect(to, &mut present)?;
    for file in present.iter().filter(|file| !expected.contains(file)) {
        fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::component;

    #[test]
    fn what_is_not_a_module_is_refused() {
        assert!(component(b"not wasm").is_err());
    }
}
