//! The server a replay starts itself: a process of its own, so that it can be measured and killed.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::client::Api;

/// How long a start may take: the first one compiles the plugins.
const START: Duration = Duration::from_mins(2);

/// A `dialogo serve` on a folder of its own.
pub struct Server {
    binary: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    process: Mutex<Child>,
    peak_kib: AtomicU64,
}

impl Server {
    /// Starts a server on `folder` (with `config`, `plugins` and `data` in it) and waits until it is ready.
    pub async fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let address = free_address()?;
        let process = spawn(binary, folder, address)?;
        let server = Self {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            address,
            process: Mutex::new(process),
            peak_kib: AtomicU64::new(0),
        };
        server.wait_until_ready().await?;
        Ok(server)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Kills it without warning (SIGKILL), starts it again at the same place and waits until it is ready.
    pub async fn kill_and_restart(&self) -> Result<()> {
        self.note_peak().await;
        let mut process = self.process.lock().await;
        process.kill().await.context("cannot kill the server")?;
        *process = spawn(&self.binary, &self.folder, self.address)?;
        drop(process);
        self.wait_until_ready().await
    }

    /// Asks it to stop (SIGTERM) and waits; a server that does not stop in time is killed.
    pub async fn stop(self) -> Result<()> {
        self.note_peak().await;
        let mut process = self.process.into_inner();
        if let Some(pid) = process.id().and_then(|pid| rustix::process::Pid::from_raw(pid as i32)) {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM)
                .context("cannot stop the server")?;
        }
        if tokio::time::timeout(Duration::from_secs(20), process.wait()).await.is_err() {
            process.kill().await.context("cannot kill the server")?;
            bail!("the server did not stop within 20 s after SIGTERM");
        }
        Ok(())
    }

    /// Its process id, for measuring.
    pub async fn pid(&self) -> Option<u32> {
        self.process.lock().await.id()
    }

    /// Peak memory over all its lives so far, in MiB; `None` where the system does not say.
    pub async fn peak_mib(&self) -> Option<f64> {
        self.note_peak().await;
        let kib = self.peak_kib.load(Ordering::Relaxed);
        (kib > 0).then(|| (kib as f64 / 1024.0 * 10.0).round() / 10.0)
    }

    async fn note_peak(&self) {
        let Some(pid) = self.pid().await else { return };
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0);
        self.peak_kib.fetch_max(kib, Ordering::Relaxed);
    }

    async fn wait_until_ready(&self) -> Result<()> {
        let api = Api::new(&self.url())?;
        let started = Instant::now();
        loop {
            if api.is_ready().await {
                return Ok(());
            }
            let ended = self
                .process
                .lock()
                .await
                .try_wait()
                .context("cannot ask for the server's state")?;
            if let Some(status) = ended {
                bail!(
                    "the server ended ({status}) instead of serving; it said:\n{}",
                    self.last_words()
                );
            }
            if started.elapsed() > START {
                bail!(
                    "the server was not ready within {} s; it said:\n{}",
                    START.as_secs(),
                    self.last_words()
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The end of its log.
    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(log_file(&self.folder)).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

/// Where the server of a replay writes its log.
pub fn log_file(folder: &Path) -> PathBuf {
    folder.join("serve.log")
}

fn spawn(binary: &Path, folder: &Path, address: SocketAddr) -> Result<Child> {
    let log = log_file(folder);
    let log = File::options()
        .create(true)
        .append(true)
        .open(&log)
        .with_context(|| format!("cannot write the server's log {}", log.display()))?;
    Command::new(binary)
        .arg("--dir")
        .arg(folder)
        .arg("serve")
        .arg("--listen")
        .arg(address.to_string())
        .stdin(Stdio::null())
        .stdout(log.try_clone().context("cannot share the log")?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))
}

/// A port that is free now. It is fixed before the start, since a server that was killed has to come
/// back at the same one.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .context("cannot find a free port on 127.0.0.1")?;
    listener.local_addr().context("cannot find a free port on 127.0.0.1")
}
