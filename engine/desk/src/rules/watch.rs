//! Notices that rule files or packages may have changed. What it says are hints; the truth is the digest of what is read.
//!
//! Editors save by renaming, Kubernetes swaps a link, network disks say nothing at all: so every folder on the way to
//! every file is watched, and besides there is a slow poll.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::tree::Folders;

/// How long nothing must have happened before a change is read: editors write in several steps.
const QUIET: Duration = Duration::from_millis(120);

/// How long a change is put off at most while there is no quiet.
const AT_MOST: Duration = Duration::from_secs(2);

/// How often the folders are read even though nobody said anything.
pub const POLL: Duration = Duration::from_secs(5);

/// Watches the folders of the rules.
pub(crate) struct Watch {
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    folders: Folders,
}

impl Watch {
    /// Starts watching; where the system has no watches left, the poll alone remains and that is said.
    pub(crate) fn start(folders: Folders, hints: Sender<()>) -> Self {
        let handler = move |event: notify::Result<notify::Event>| {
            if event.map_or(true, |event| is_change(event.kind)) {
                let _ = hints.try_send(());
            }
        };
        let watcher = notify::recommended_watcher(handler)
            .inspect_err(|fault| tracing::warn!(%fault, "cannot watch the rule files; they are read every 5 seconds"))
            .ok();
        let mut watch = Self { watcher, watched: BTreeSet::new(), folders };
        watch.again();
        watch
    }

    /// Watches what has to be watched as the links lie now.
    pub(crate) fn again(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        let wanted = wanted(&self.folders);
        for gone in self.watched.difference(&wanted) {
            let _ = watcher.unwatch(gone);
        }
        let mut now = BTreeSet::new();
        for path in wanted {
            // Watching again what is watched is harmless and heals a folder that was deleted and made anew.
            match watcher.watch(&path, RecursiveMode::NonRecursive) {
                Ok(()) => drop(now.insert(path)),
                Err(fault) => tracing::debug!(%fault, path = %path.display(), "cannot watch"),
            }
        }
        self.watched = now;
    }
}

/// Whether an event can mean that a content has changed. Reading is none: we read ourselves.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

/// Every folder in which something may happen that changes what is read: the folders themselves, the ones below, the
/// parents, and the same for wherever links lead.
fn wanted(folders: &Folders) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    for root in [&folders.config, &folders.plugins] {
        below(root, 0, &mut all);
        if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            all.insert(parent.to_owned());
        }
    }
    all
}

fn below(folder: &Path, depth: usize, all: &mut BTreeSet<PathBuf>) {
    if depth > 4 || !folder.is_dir() {
        return;
    }
    all.insert(folder.to_owned());
    follow(folder, all);
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with("..") {
            follow(&path, all);
        } else if path.is_dir() {
            below(&path, depth + 1, all);
        } else if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
            follow(&path, all);
        }
    }
}

/// The folders that hold each link of the chain that starts at `path`.
fn follow(path: &Path, all: &mut BTreeSet<PathBuf>) {
    let mut path = path.to_owned();
    for _ in 0..16 {
        let Ok(target) = std::fs::read_link(&path) else { break };
        let parent = path.parent().unwrap_or(Path::new("/")).to_owned();
        let target = parent.join(target);
        if let Some(home) = target.parent()
            && home.is_dir()
        {
            all.insert(home.to_owned());
        }
        if target.is_dir() {
            all.insert(target.clone());
        }
        path = target;
    }
    if let Ok(real) = path.canonicalize() {
        let home = if real.is_dir() { Some(real.as_path()) } else { real.parent() };
        all.extend(home.map(Path::to_owned));
    }
}

/// Waits for the quiet after a hint, and takes the other hints with it.
pub(crate) fn settle(hints: &Receiver<()>) {
    let end = Instant::now() + AT_MOST;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || hints.recv_timeout(QUIET.min(left)).is_err() {
            return;
        }
    }
}
