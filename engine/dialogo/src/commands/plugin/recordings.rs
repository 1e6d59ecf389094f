//! `dialogo plugin recordings`: what a desk has recorded, and where it lies.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dialogo_host::recording::{self, Recording, RecordingError};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};

/// One file.
#[derive(Debug, Serialize)]
struct Kept {
    plugin: String,
    version: String,
    digest: String,
    calls: usize,
    begun: String,
    deleted_after: String,
    share: f64,
    redacted: bool,
    bytes: u64,
    file: PathBuf,
}

pub(super) fn list(dir: &Path, plugin: Option<&str>, json: bool) -> Result<Exit> {
    let desk = DeskFolder::at(dir);
    desk.need()?;
    let all = desk.data.join("recordings");
    let folders = match plugin {
        Some(plugin) => vec![all.join(plugin)],
        None => folders(&all),
    };
    let files = folders.iter().flat_map(|folder| recording::files(folder));
    let kept = files.map(|(_, file)| kept(file)).collect::<Result<Vec<_>>>()?;
    if json {
        output::say_json(&json!({ "recordings": kept }));
    } else if kept.is_empty() {
        output::say(
            "nothing is recorded; in config/plugins.toml, beside a plugin's id: record = { share = 0.05 }",
        );
    } else {
        show(&kept);
    }
    Ok(Exit::Good)
}

/// The files behind what a command was given: files, and folders of them.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let found = recording::files(path);
        if found.is_empty() {
            let what = format!("there is no recording in {}", path.display());
            let todo = "`dialogo plugin recordings` lists what a desk has recorded";
            return Err(Failure::usage(what, todo).into());
        }
        files.extend(found.into_iter().map(|(_, file)| file));
    }
    Ok(files)
}

/// Opens a recording, or says what to do about it.
pub(super) fn open(file: &Path) -> Result<Recording> {
    Recording::open(file).map_err(|fault| unreadable(&fault))
}

pub(super) fn unreadable(fault: &RecordingError) -> anyhow::Error {
    let todo = match fault {
        RecordingError::Read { .. } | RecordingError::NotOne { .. } => {
            "`dialogo plugin recordings` lists what a desk has recorded"
        }
        RecordingError::Format { .. } => "use the dialogo of the desk that recorded it",
        RecordingError::Line { .. } => {
            "whole lines can be taken out of a recording, all but the first; what is in a line must stay as it is"
        }
    };
    Failure::usage(crate::client::chain(fault), todo).into()
}

/// How many calls are in a file; a line that is still being written does not count.
pub(super) fn calls(file: &Path) -> Result<usize> {
    let read = || format!("cannot read {}", file.display());
    let mut reader = BufReader::new(fs::File::open(file).with_context(read)?);
    let (mut lines, mut line) = (0_usize, Vec::new());
    while reader.read_until(b'\n', &mut line).with_context(read)? > 0 {
        lines += usize::from(line.ends_with(b"\n"));
        line.clear();
    }
    Ok(lines.saturating_sub(1))
}

fn folders(all: &Path) -> Vec<PathBuf> {
    // No folder: nothing was ever recorded.
    let entries = fs::read_dir(all).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

fn kept(file: PathBuf) -> Result<Kept> {
    let header = open(&file)?.header;
    let at = |ms: u64| {
        let time = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
    };
    Ok(Kept {
        calls: calls(&file)?,
        begun: at(header.begun),
        deleted_after: at(header.begun.saturating_add(header.keep_ms)),
        plugin: header.plugin,
        version: header.version,
        digest: header.digest,
        share: header.share,
        redacted: header.redacted,
        bytes: fs::metadata(&file).map_or(0, |file| file.len()),
        file,
    })
}

fn show(kept: &[Kept]) {
    let head = ["plugin", "version", "calls", "begun", "deleted after", "KiB", "masked", "file"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(kept.iter().map(|one| {
        vec![
            one.plugin.clone(),
            one.version.clone(),
            one.calls.to_string(),
            one.begun.clone(),
            one.deleted_after.clone(),
            one.bytes.div_ceil(1024).to_string(),
            if one.redacted { "yes" } else { "NO" }.to_owned(),
            one.file.display().to_string(),
        ]
    }));
    output::say(output::table(&rows));
}
