//! The documentation keeps its promises: marked command blocks run, and links lead somewhere.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use dialogo_tests::command::{self, binary, plugins, repository};
use dialogo_tests::{desk, guide};
use tokio::process::Command;

/// A plugin may be compiled, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(600);

/// Every block marked with `<!-- test -->` runs in a fresh folder, with `dialogo` on the path; one fault ends it.
#[tokio::test]
async fn marked_commands_run() -> Result<()> {
    let bin = binary()?;
    let folder = bin.parent().unwrap_or(Path::new("/")).to_owned();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut failed = Vec::new();
    let blocks = guide::blocks(&repository())?;
    println!("{} blocks", blocks.len());
    for block in blocks {
        let _place = desk::place().await?;
        let home = tempfile::tempdir()?;
        let mut shell = Command::new("bash");
        shell
            .args(["-euo", "pipefail", "-c", &block.script])
            .current_dir(home.path())
            .env("PATH", format!("{}:{path}", folder.display()))
            .env("DIALOGO_PLUGINS", plugins()?)
            // What cargo has compiled for the plugins of this repository need not be compiled again.
            .env("CARGO_TARGET_DIR", plugins()?.with_file_name("wasm"))
            .env("DIALOGO_REPOSITORY", repository());
        let ended = command::run(shell, "", PATIENCE).await?;
        if ended.code != Some(0) {
            failed.push(format!(
                "{}:{}: {:?}\n{}",
                block.page.display(),
                block.line,
                ended.code,
                ended.all()
            ));
        }
    }
    ensure!(failed.is_empty(), "commands in the documentation fail:\n{}", failed.join("\n"));
    Ok(())
}

/// Files that the pages link to exist.
#[test]
fn links_lead_somewhere() -> Result<()> {
    let root = repository();
    let mut pages = vec![root.join("README.md"), root.join("CHANGELOG.md")];
    let mut open = vec![root.join("docs")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    let mut broken = Vec::new();
    let mut seen = 0;
    for page in pages.iter().filter(|page| page.is_file()) {
        seen += 1;
        let text = std::fs::read_to_string(page)?;
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let outside = file.is_empty()
                || file.contains("://")
                || file.starts_with("mailto:")
                || file.contains(' ');
            if !outside && !page.parent().unwrap_or(&root).join(file).exists() {
                broken.push(format!("{} → {target}", page.display()));
            }
        }
    }
    ensure!(seen > 0, "no pages at all");
    ensure!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
    Ok(())
}
