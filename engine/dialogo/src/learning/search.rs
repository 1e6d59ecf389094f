//! Looks for new reasons beside the desk: starts `dialogo reasons find` as a process of its own, at the lowest priority, and
//! follows how far it is. One search at a time; when its owner goes, it ends.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use dialogo_server::api::SearchStep;
use dialogo_server::reasons::Search;
use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;

/// The search of the desk in a folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Searching {
    folder: PathBuf,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    step: Option<SearchStep>,
    failed: Option<String>,
}

impl Searching {
    /// For the desk in this folder; nothing is looked for yet.
    pub fn of(folder: PathBuf) -> Self {
        Self { folder, state: Arc::default() }
    }

    /// Looks, unless somebody does already, and waits for the end.
    pub async fn run(&self) {
        if self.starts() {
            self.look().await;
        }
    }

    fn starts(&self) -> bool {
        let mut state = self.state.lock();
        if state.step.is_some() {
            return false;
        }
        *state = State {
            step: Some(SearchStep { done: 0, of: 0, what: "starting".into() }),
            failed: None,
        };
        true
    }

    async fn look(&self) {
        let failed = self.ask().await.err();
        match &failed {
            None => tracing::info!("looked for new reasons"),
            Some(why) => tracing::warn!(%why, "cannot look for new reasons"),
        }
        *self.state.lock() = State { step: None, failed };
    }

    async fn ask(&self) -> Result<(), String> {
        let told = |fault: std::io::Error| fault.to_string();
        let program = std::env::current_exe().map_err(told)?;
        let mut command = Command::new("nice");
        command.args(["-n", "19"]).arg(program).arg("--dir").arg(&self.folder);
        command.args(["reasons", "find", "--steps"]);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().map_err(|fault| format!("cannot start `nice`: {fault}"))?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let steps = async {
            let Some(out) = out else { return };
            let mut lines = BufReader::new(out).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Ok(step) = serde_json::from_str(&line) {
                    self.state.lock().step = Some(step);
                }
            }
        };
        let said = async {
            let mut said = String::new();
            if let Some(mut err) = err {
                let _ = err.read_to_string(&mut said).await;
            }
            said
        };
        let ((), said) = tokio::join!(steps, said);
        let status = child.wait().await.map_err(told)?;
        if status.success() { Ok(()) } else { Err(said.trim().to_owned()) }
    }
}

impl Search for Searching {
    fn begin(&self) {
        if self.starts() {
            let own = self.clone();
            tokio::spawn(async move { own.look().await });
        }
    }

    fn step(&self) -> Option<SearchStep> {
        self.state.lock().step.clone()
    }

    fn failed(&self) -> Option<String> {
        self.state.lock().failed.clone()
    }
}
