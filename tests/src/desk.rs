//! A running desk: `dialogo serve` as a process of its own, on a folder of its own.
//!
//! [`Desk`] is what tests use: a copy of the template in a temporary folder, and a share of the machine, so that only a
//! few run at a time. [`Process`] is the process alone, on any folder. A test ends with [`Desk::stop`], which demands a
//! clean end without a panic; a desk that is dropped without it is killed and the end of its log printed.

use std::collections::BTreeSet;
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api::{Api, Person};
use crate::command::{self, Ended};
use crate::deadline::{self, Look, SOON};
use crate::folder::{self, Folder};
use crate::metrics::Metrics;
use crate::template::template;

/// How long a start may take: plugins may have to be compiled, on a busy machine.
const START: Duration = Duration::from_secs(90);

/// So many desks run at the same time: two cores are soon full, and waiting is no test.
const AT_A_TIME: usize = 4;

/// A share of the machine.
pub async fn place() -> Result<OwnedSemaphorePermit> {
    static PLACES: std::sync::OnceLock<Arc<Semaphore>> = std::sync::OnceLock::new();
    let places = PLACES.get_or_init(|| Arc::new(Semaphore::new(AT_A_TIME)));
    Arc::clone(places).acquire_owned().await.context("no place")
}

/// `dialogo serve` on a folder.
#[derive(Debug)]
pub struct Process {
    folder: Folder,
    port: u16,
    api: Api,
    child: Child,
    stopped: bool,
    wrapper: Vec<String>,
}

impl Process {
    /// Starts on a free port and waits until it is ready. `wrapper` is put before the command: `["sh", "-c", …]`.
    pub async fn start(folder: &Path, wrapper: &[&str]) -> Result<Self> {
        let mut last = None;
        // Between asking for a free port and taking it, somebody else may have taken it.
        for _ in 0..3 {
            let mut process = Self::spawn(folder, free_port()?, wrapper)?;
            match process.wait_until_ready().await {
                Ok(()) => return Ok(process),
                Err(fault) if process.log().contains("in use") => last = Some(fault),
                Err(fault) => return Err(fault),
            }
            process.stopped = true;
        }
        Err(last.context("no free port")?)
    }

    /// Starts without waiting.
    pub fn spawn(folder: &Path, port: u16, wrapper: &[&str]) -> Result<Self> {
        let folder = Folder::at(folder);
        let log = File::options()
            .create(true)
            .append(true)
            .open(log_file(&folder))
            .context("cannot write the log")?;
        let binary = command::binary()?;
        let mut command = match wrapper.split_first() {
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(&binary);
                command
            }
            None => Command::new(&binary),
        };
        let child = command
            .arg("--dir")
            .arg(folder.path())
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .env("DIALOGO_PLUGINS", command::plugins()?)
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let api = Api::new(format!("http://127.0.0.1:{port}"))?;
        let wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        Ok(Self { folder, port, api, child, stopped: false, wrapper })
    }

    /// Waits until `/readyz` says so; an end of the process is an error with what it said.
    pub async fn wait_until_ready(&mut self) -> Result<()> {
        let started = std::time::Instant::now();
        loop {
            if let Ok(answer) = self.api.page("/readyz").await
                && answer.status == 200
            {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                self.stopped = true;
                bail!(
                    "the desk ended ({status}) instead of serving; it said:\n{}",
                    self.last_words()
                );
            }
            ensure!(
                started.elapsed() < START,
                "the desk was not ready in time; it said:\n{}",
                self.last_words()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Its API.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Its folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Its process id.
    pub fn pid(&self) -> Result<Pid> {
        let pid = self.child.id().context("the desk has ended")?;
        Pid::from_raw(pid as i32).context("no process id")
    }

    /// Kills it without warning, as a crash does.
    pub async fn kill(&mut self) -> Result<()> {
        self.stopped = true;
        self.child.kill().await.context("cannot kill the desk")
    }

    /// Starts it again on the same folder and port.
    pub async fn again(&mut self) -> Result<()> {
        let wrapper: Vec<&str> = self.wrapper.iter().map(String::as_str).collect();
        let mut next = Self::spawn(self.folder.path(), self.port, &wrapper)?;
        let ready = next.wait_until_ready().await;
        self.child = std::mem::replace(&mut next.child, Command::new("true").spawn()?);
        next.stopped = true;
        self.stopped = false;
        ready
    }

    /// Asks it to stop (SIGTERM); it must end with 0, soon, and must not have panicked.
    pub async fn stop(&mut self) -> Result<()> {
        rustix::process::kill_process(self.pid()?, Signal::TERM).context("cannot stop the desk")?;
        let status = self.ended(SOON * 2).await?;
        ensure!(status.success(), "the desk ended with {status}; it said:\n{}", self.last_words());
        let log = self.log();
        let panic = log.lines().find(|line| line.contains("panicked at"));
        ensure!(panic.is_none(), "the desk panicked: {panic:?}\n{}", self.last_words());
        Ok(())
    }

    /// Waits for its end.
    pub async fn ended(&mut self, within: Duration) -> Result<ExitStatus> {
        let waited = tokio::time::timeout(within, self.child.wait()).await;
        let status = waited
            .with_context(|| format!("the desk did not end within {} s", within.as_secs()))??;
        self.stopped = true;
        Ok(status)
    }

    /// Everything it said in all its lives.
    pub fn log(&self) -> String {
        std::fs::read_to_string(log_file(&self.folder)).unwrap_or_default()
    }

    /// The end of what it said.
    pub fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.stopped {
            eprintln!(
                "── the desk in {} was not stopped; it said last:\n{}\n──",
                self.folder.path().display(),
                self.last_words()
            );
        }
    }
}

fn log_file(folder: &Folder) -> PathBuf {
    folder.path().join("serve.log")
}

/// A port nobody has now, and none that this process has given out before.
pub fn free_port() -> Result<u16> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    for _ in 0..1000 {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
        let port = listener.local_addr()?.port();
        if GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(port) {
            return Ok(port);
        }
    }
    bail!("no free port on 127.0.0.1")
}

/// A desk of a test.
#[derive(Debug)]
pub struct Desk {
    /// The process.
    pub process: Process,
    home: TempDir,
    place: OwnedSemaphorePermit,
}

/// A folder that is ready to be served: a copy of the template.
#[derive(Debug)]
pub struct Prepared {
    home: TempDir,
    /// The desk's folder.
    pub folder: Folder,
    place: OwnedSemaphorePermit,
}

impl Prepared {
    /// A fresh copy.
    pub async fn new() -> Result<Self> {
        let place = place().await?;
        let home = tempfile::Builder::new()
            .prefix("dialogo-test.")
            .tempdir()
            .context("no temporary folder")?;
        let path = home.path().join("desk");
        std::fs::create_dir(&path)?;
        folder::copy(template().await?, &path)?;
        // The template's own log is not this desk's.
        std::fs::remove_file(path.join("serve.log"))?;
        Ok(Self { folder: Folder::at(path), home, place })
    }

    /// Serves it.
    pub async fn serve(self) -> Result<Desk> {
        self.serve_within(&[]).await
    }

    /// Serves it under another command.
    pub async fn serve_within(self, wrapper: &[&str]) -> Result<Desk> {
        let process = Process::start(self.folder.path(), wrapper).await?;
        Ok(Desk { process, home: self.home, place: self.place })
    }

    /// `dialogo` on this folder while nobody serves it.
    pub async fn dialogo(&self, verb: &[&str]) -> Result<Ended> {
        dialogo_in(&self.folder, verb).await
    }
}

async fn dialogo_in(folder: &Folder, verb: &[&str]) -> Result<Ended> {
    let dir = folder.path().to_string_lossy().into_owned();
    let mut arguments = vec!["--dir", dir.as_str()];
    arguments.extend(verb);
    command::dialogo(arguments).await
}

impl Desk {
    /// A desk with the default rules.
    pub async fn begin() -> Result<Self> {
        Prepared::new().await?.serve().await
    }

    /// A desk whose folder was changed before it began.
    pub async fn begin_with(change: impl FnOnce(&Folder) -> Result<()>) -> Result<Self> {
        let prepared = Prepared::new().await?;
        change(&prepared.folder)?;
        prepared.serve().await
    }

    /// Its API.
    pub fn api(&self) -> &Api {
        self.process.api()
    }

    /// Its folder.
    pub fn folder(&self) -> &Folder {
        self.process.folder()
    }

    /// Its first admin, logged in.
    pub async fn admin(&self) -> Result<Person> {
        self.api().log_in("admin").await
    }

    /// `dialogo` on this desk.
    pub async fn dialogo(&self, verb: &[&str]) -> Result<Ended> {
        dialogo_in(self.folder(), verb).await
    }

    /// Its figures.
    pub async fn metrics(&self) -> Result<Metrics> {
        let page = self.api().page("/metrics").await?;
        ensure!(page.status == 200, "/metrics answered {}", page.status);
        Metrics::parse(&page.text_whole())
    }

    /// Waits until a conversation is as wanted, as this person sees it.
    pub async fn conversation_until(
        &self,
        who: &Person,
        id: &str,
        what: &str,
        wanted: impl Fn(&serde_json::Value) -> bool,
    ) -> Result<serde_json::Value> {
        deadline::until(what, SOON, || async {
            let seen = who.conversation(id).await?;
            Ok(if wanted(&seen) { Look::There(seen) } else { Look::NotYet(seen.to_string()) })
        })
        .await
    }

    /// Waits until a conversation is in this state, and gives it as this person sees it.
    pub async fn state_until(
        &self,
        who: &Person,
        id: &str,
        state: &str,
    ) -> Result<serde_json::Value> {
        self.conversation_until(who, id, &format!("the state {state} of {id}"), |seen| {
            seen["state"] == state
        })
        .await
    }

    /// Stops it; it must end cleanly, without a panic in its whole life.
    pub async fn stop(mut self) -> Result<()> {
        self.process.stop().await
    }

    /// Stops it and gives back the folder, to look at or to serve again.
    pub async fn stop_and_keep(mut self) -> Result<Prepared> {
        self.process.stop().await?;
        Ok(self.into_prepared())
    }

    /// The folder of a desk whose process has ended.
    pub fn into_prepared(self) -> Prepared {
        Prepared { folder: self.process.folder.clone(), home: self.home, place: self.place }
    }
}
