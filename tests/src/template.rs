//! One desk made with `dialogo init` and the accounts of the default rules; every test begins with a copy of it.
//!
//! Making it compiles the plugins once; the copies find them in their code cache.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;
use tokio::sync::OnceCell;

use crate::api::PASSWORD;
use crate::command::dialogo_with;
use crate::deadline::SOON;
use crate::desk::Process;
use crate::folder::Folder;

/// The accounts: login, name, role. Who belongs to which department is in the default rules.
pub const ACCOUNTS: [(&str, &str, &str); 6] = [
    ("ana", "Ana", "agent"),
    ("bruno", "Bruno", "agent"),
    ("carla", "Carla", "agent"),
    ("davi", "Davi", "agent"),
    ("elisa", "Elisa", "agent"),
    ("sofia", "Sofia", "supervisor"),
];

/// The folder to copy, made once in this process.
pub async fn template() -> Result<&'static Path> {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    TEMPLATE.get_or_try_init(make).await.map(PathBuf::as_path)
}

async fn make() -> Result<PathBuf> {
    forget_old_ones();
    let folder =
        std::env::temp_dir().join(format!("dialogo-tests.{}.template", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    make_in(&folder).await.context("cannot make the desk that all tests begin with")?;
    Ok(folder)
}

async fn make_in(path: &Path) -> Result<()> {
    let shown = path.to_string_lossy().into_owned();
    let init = ["init", &shown, "--admin", "admin", "--password-stdin"];
    dialogo_with(init, &format!("{PASSWORD}\n"), SOON * 6).await?.expect(0)?;
    let folder = Folder::at(path);
    // A test says in a second what a person says in an hour; what the limits do is a test of its own.
    folder.replace("desk.toml", "messages = 20 ", "messages = 10000 ")?;
    folder.replace("desk.toml", "uploads_per_hour = 30 ", "uploads_per_hour = 10000 ")?;
    folder.replace("desk.toml", "new_per_hour = 600 ", "new_per_hour = 10000 ")?;
    let mut process = Process::start(path, &[]).await?;
    let admin = process.api().log_in("admin").await?;
    for (login, name, role) in ACCOUNTS {
        let account = json!({ "login": login, "name": name, "role": role, "password": PASSWORD });
        admin.post("/agents", account).await?.expect(201)?;
    }
    process.stop().await
}

/// Templates of test runs that are over.
fn forget_old_ones() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(pid) =
            name.strip_prefix("dialogo-tests.").and_then(|rest| rest.strip_suffix(".template"))
        else {
            continue;
        };
        if !Path::new("/proc").join(pid).exists() {
            // Somebody else's, or gone meanwhile: nothing depends on it.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
