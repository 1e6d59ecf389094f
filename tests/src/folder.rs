//! A desk's folder: copies of it, and edits of its rule files the way people and programs make them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A desk's folder on disk.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// By its path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The rule files.
    pub fn config(&self) -> PathBuf {
        self.0.join("config")
    }

    /// The plugin packages.
    pub fn plugins(&self) -> PathBuf {
        self.0.join("plugins")
    }

    /// Journal, views, attachments, keys.
    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// The text of a rule file.
    pub fn read(&self, file: &str) -> Result<String> {
        let path = self.config().join(file);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Writes a rule file in place.
    pub fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.config().join(file);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Replaces a piece of a rule file that must be there.
    pub fn replace(&self, file: &str, from: &str, to: &str) -> Result<()> {
        let text = self.read(file)?;
        ensure!(text.contains(from), "config/{file} does not contain {from:?}");
        self.write(file, &text.replace(from, to))
    }

    /// Takes the `[[test]]` cases out of a plugin's settings: with other plugins beside it, they would rightly fail.
    pub fn without_tests(&self, file: &str) -> Result<()> {
        let mut inside = false;
        let text = self.read(file)?;
        let kept = text.lines().filter(|line| {
            if line.starts_with('[') {
                inside = line.starts_with("[[test");
            }
            !inside
        });
        self.write(file, &kept.fold(String::new(), |text, line| text + line + "\n"))
    }

    /// Adds to the end of a rule file.
    pub fn append(&self, file: &str, more: &str) -> Result<()> {
        let text = self.read(file)?;
        self.write(file, &format!("{text}\n{more}\n"))
    }

    /// The segments of the log that hold something, oldest first.
    pub fn segments(&self) -> Result<Vec<PathBuf>> {
        let log = self.data().join("log");
        let entries =
            fs::read_dir(&log).with_context(|| format!("cannot read {}", log.display()))?;
        let mut segments: Vec<PathBuf> = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.is_file() && used_bytes(&path)? > 0 {
                segments.push(path);
            }
        }
        segments.sort();
        Ok(segments)
    }
}

/// Bytes up to the last one that is not zero: segments are preallocated.
pub fn used_bytes(file: &Path) -> Result<usize> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1))
}

/// Overwrites every file below a folder with bytes that mean nothing.
pub fn fill_with_garbage(folder: &Path) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            fill_with_garbage(&path)?;
            continue;
        }
        let bytes = fs::metadata(&path)?.len().clamp(4096, 1 << 20) as usize;
        fs::write(&path, crate::random::Random::new(bytes as u64).bytes(bytes))
            .with_context(|| format!("cannot overwrite {}", path.display()))?;
    }
    Ok(())
}

/// Copies a folder with everything in it; long runs of zeros take no room in the copy.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let status = Command::new("cp")
        .args(["-a", "--sparse=always", "--"])
        .arg(from.join("."))
        .arg(to)
        .status()
        .context("cannot run cp")?;
    ensure!(status.success(), "cp {} {} failed: {status}", from.display(), to.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_hold_everything() -> Result<()> {
        let home = tempfile::tempdir()?;
        let from = home.path().join("from");
        fs::create_dir_all(from.join("config/plugins"))?;
        fs::write(from.join("config/plugins/a.toml"), "x = 1")?;
        fs::write(from.join("zeros"), [vec![1, 2], vec![0; 100]].concat())?;
        let to = home.path().join("to");
        fs::create_dir(&to)?;
        copy(&from, &to)?;
        assert_eq!(fs::read(to.join("config/plugins/a.toml"))?, b"x = 1");
        assert_eq!(used_bytes(&to.join("zeros"))?, 2);
        let folder = Folder::at(&to);
        folder.replace("plugins/a.toml", "1", "2")?;
        assert_eq!(folder.read("plugins/a.toml")?, "x = 2");
        assert!(
            folder.replace("plugins/a.toml", "1", "3").is_err(),
            "what is not there cannot be replaced"
        );
        Ok(())
    }
}
