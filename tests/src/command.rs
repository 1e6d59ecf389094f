//! The binary under test, run as a command: its answer, its exit code, and where it and the plugins are found.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// What a command ended with.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit code; `None`: a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it said beside.
    pub err: String,
}

impl Ended {
    /// Must have ended with this code.
    pub fn expect(self, code: i32) -> Result<Self> {
        ensure!(
            self.code == Some(code),
            "ended with {:?} instead of {code}\n{}\n{}",
            self.code,
            self.out,
            self.err
        );
        Ok(self)
    }

    /// What it printed, as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.out)
            .with_context(|| format!("not JSON: {}\n{}", self.out, self.err))
    }

    /// Everything it said.
    pub fn all(&self) -> String {
        format!("{}\n{}", self.out, self.err)
    }
}

/// The repository.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The binary under test: `DIALOGO_BIN`, else the one cargo built beside the tests.
pub fn binary() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("DIALOGO_BIN").map(PathBuf::from) {
        ensure!(named.is_file(), "DIALOGO_BIN names {}, which is not there", named.display());
        return Ok(named);
    }
    let me = std::env::current_exe().context("cannot find myself")?;
    let candidates = me.ancestors().skip(1).take(3).map(|folder| folder.join("dialogo"));
    let found = candidates.into_iter().find(|candidate| candidate.is_file());
    found.context(
        "the binary is not built: run `cargo build -p dialogo` first, or name it in DIALOGO_BIN",
    )
}

/// The built plugin packages: `DIALOGO_PLUGINS`, else `target/plugins` beside the binary.
pub fn plugins() -> Result<PathBuf> {
    let folder = match std::env::var_os("DIALOGO_PLUGINS") {
        Some(named) => PathBuf::from(named),
        None => {
            binary()?.ancestors().nth(2).map(|target| target.join("plugins")).unwrap_or_default()
        }
    };
    if folder.join("emoji-policy/plugin.toml").is_file() {
        return Ok(folder);
    }
    bail!("there are no plugin packages in {}: run `cargo xtask plugins` first", folder.display())
}

/// Runs `dialogo` with these arguments.
pub async fn dialogo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Result<Ended> {
    dialogo_with(arguments, "", Duration::from_secs(120)).await
}

/// Runs `dialogo` with these arguments and this on its standard input.
pub async fn dialogo_with<S: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = S>,
    input: &str,
    within: Duration,
) -> Result<Ended> {
    let mut command = Command::new(binary()?);
    command.args(arguments).env("DIALOGO_PLUGINS", plugins()?);
    run(command, input, within).await
}

/// Runs any command to its end.
pub async fn run(mut command: Command, input: &str, within: Duration) -> Result<Ended> {
    let shown = format!("{:?}", command.as_std());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().with_context(|| format!("cannot start {shown}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input may have closed it.
        let _ = stdin.write_all(input.as_bytes()).await;
    }
    let waited = tokio::time::timeout(within, child.wait_with_output()).await;
    let output =
        waited.with_context(|| format!("{shown} did not end within {} s", within.as_secs()))??;
    Ok(Ended {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
