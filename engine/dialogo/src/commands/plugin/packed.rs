//! A package in one file, `NAME-VERSION.dialogo`: a zip whose bytes depend on nothing but the package.
//!
//! Names in order, no times, no owners, one way of compressing. Unpacked within the bounds of a package, and never outside
//! of its folder.

use std::fs::File;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dialogo_host::{Package, package, signature};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::output::Failure;

/// The ending of packed files.
const ENDING: &str = "dialogo";
/// Bytes of everything in a packed file, unpacked: a component and assets as large as they may be, and some room.
const MAX_BYTES: u64 = package::MAX_COMPONENT + 2 * package::MAX_ASSET;

/// Whether a path is that of a packed file.
pub(super) fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
}

/// The file's name.
pub(super) fn name(package: &Package) -> String {
    format!("{}-{}.{ENDING}", package.manifest.id, package.manifest.version)
}

/// Packs exactly the files that the package was read from, and its signature.
pub(super) fn pack(folder: &Path, package: &Package) -> Result<Vec<u8>> {
    let mut names: Vec<&str> = package.contents.names().collect();
    if folder.join(signature::FILE).is_file() {
        names.push(signature::FILE);
    }
    names.sort_unstable();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        let file = folder.join(name);
        let bytes =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        zip.start_file(name, options).with_context(|| format!("cannot pack {name}"))?;
        zip.write_all(&bytes).with_context(|| format!("cannot pack {name}"))?;
    }
    Ok(zip.finish().context("cannot pack")?.into_inner())
}

/// Unpacks into an empty folder.
pub(super) fn unpack(file: &Path, to: &Path) -> Result<()> {
    let broken = |why: String| {
        let what = format!("{} is no packed plugin: {why}", file.display());
        Failure::usage(
            what,
            "make one with `dialogo plugin pack`; if it came over a network, fetch it again",
        )
    };
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut zip = ZipArchive::new(opened).map_err(|fault| broken(fault.to_string()))?;
    if zip.len() > 2 * package::MAX_FILES + 10 {
        return Err(broken(format!("it holds {} files", zip.len())).into());
    }
    let mut left = MAX_BYTES;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|fault| broken(fault.to_string()))?;
        let Some(name) = entry.enclosed_name().filter(|_| entry.is_file()) else {
            return Err(broken(format!("its entry {index} is no plain file inside it")).into());
        };
        let mut bytes = Vec::new();
        let read = (&mut entry).take(left + 1).read_to_end(&mut bytes);
        let read = read.map_err(|fault| broken(fault.to_string()))? as u64;
        left = left
            .checked_sub(read)
            .ok_or_else(|| broken(format!("unpacked it has more than {MAX_BYTES} bytes")))?;
        write(&to.join(name), &bytes)?;
    }
    Ok(())
}

fn write(file: &PathBuf, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}
