//! The name of a generation: a digest of everything it was made of.

use std::collections::BTreeMap;

use dialogo_domain::id::Generation;
use sha2::{Digest, Sha256};

use crate::files::Files;

/// SHA-256 over the paths and contents of the rule files and the digests of the plugin packages, by their names in
/// `plugins.toml`.
pub fn generation(files: &Files, packages: &BTreeMap<String, [u8; 32]>) -> Generation {
    let mut hasher = Sha256::new();
    hasher.update(b"dialogo rules 1\n");
    // Lengths go first, so that no two different trees give the same bytes.
    let mut part = |name: &str, content: &[u8]| {
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update((content.len() as u64).to_le_bytes());
        hasher.update(content);
    };
    for (path, content) in files.iter() {
        part(path, content);
    }
    part("", b"packages");
    for (name, digest) in packages {
        part(name, digest);
    }
    Generation(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts_and_borders_do_too() {
        let none = BTreeMap::new();
        let name = |files: &[(&str, &str)]| {
            generation(
                &Files::from_map(
                    files.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())),
                ),
                &none,
            )
        };
        let base = name(&[("a.toml", "x = 1"), ("b.toml", "")]);
        assert_eq!(base, name(&[("b.toml", ""), ("a.toml", "x = 1")]));
        assert_ne!(base, name(&[("a.toml", "x = 2"), ("b.toml", "")]));
        assert_ne!(base, name(&[("a.toml", "x = 1b.toml")]));
        assert_ne!(base, name(&[("a.toml", "x = 1")]));
        let packages = BTreeMap::from([("keywords.wasm".to_owned(), [1; 32])]);
        assert_ne!(generation(&Files::default(), &none), generation(&Files::default(), &packages));
    }
}
