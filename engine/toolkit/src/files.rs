//! Which files a step reads, whether they are what they were the last time, and writing without half-written files.

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder, hidden ones and what builds leave behind left out; none when the folder does not exist.
pub fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.')
            || ["target", "node_modules", "dist", "__pycache__"].contains(&&*name)
        {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// SHA-256 over names and contents, independent of the order in which the disk lists them.
pub fn digest(files: &[PathBuf], root: &Path) -> Result<String> {
    let mut sorted: Vec<&PathBuf> = files.iter().collect();
    sorted.sort();
    let mut hash = Sha256::new();
    for file in sorted {
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        hash.update(file.strip_prefix(root).unwrap_or(file).to_string_lossy().as_bytes());
        hash.update([0]);
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(&content);
    }
    Ok(hash.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")))
}

/// Writes beside and renames over, so that nobody who watches the folder sees half a file; leaves equal content alone.
/// Makes the folders above it.
pub fn replace(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|present| present == content) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    fs::write(&beside, content).with_context(|| format!("cannot write {}", beside.display()))?;
    fs::rename(&beside, file).with_context(|| format!("cannot replace {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::digest;
    use std::path::Path;

    #[test]
    fn the_digest_sees_names_and_contents_but_not_order() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (a, b) = (root.join("Cargo.toml"), root.join("wasm-target.sh"));
        let both = digest(&[a.clone(), b.clone()], root).unwrap();
        assert_eq!(digest(&[b, a.clone()], root).unwrap(), both);
        assert_ne!(digest(std::slice::from_ref(&a), root).unwrap(), both);
        assert_ne!(
            digest(std::slice::from_ref(&a), Path::new("/")).unwrap(),
            digest(&[a], root).unwrap()
        );
    }
}
