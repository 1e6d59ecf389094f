//! A desk's folder: where its parts lie, how it is begun, and how it is opened by this process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use dialogo_desk::{Desk, DeskConfig, DeskError, OpenError};
use dialogo_domain::agent::Role;
use dialogo_domain::{Actor, AgentId, Command, Refusal, Request};
use dialogo_journal::{Fault, Progress};
use dialogo_server::auth::Passwords;

use crate::embedded::{self, Packages};
use crate::output::Failure;

/// Where the parts of a desk lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskFolder {
    /// The whole.
    pub root: PathBuf,
    /// Rule files.
    pub config: PathBuf,
    /// Plugin packages.
    pub plugins: PathBuf,
    /// Journal, views, attachments, keys, control socket.
    pub data: PathBuf,
}

impl DeskFolder {
    /// The usual layout below `root`.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            config: root.join("config"),
            plugins: root.join("plugins"),
            data: root.join("data"),
        }
    }

    /// Whether there is a desk in it.
    pub fn exists(&self) -> bool {
        self.config.join("desk.toml").is_file()
    }

    /// Fails with what to do if there is no desk in it.
    pub fn need(&self) -> Result<()> {
        if self.exists() {
            return Ok(());
        }
        let what = format!(
            "there is no desk in {}: {} is missing",
            self.root.display(),
            self.config.join("desk.toml").display()
        );
        let todo = format!(
            "make one with `dialogo init {}`, or name another folder with --dir",
            self.root.display()
        );
        Err(Failure::usage(what, todo).into())
    }

    /// Writes the default rules and the plugin packages; returns the packages' names.
    pub fn write_default(&self) -> Result<Vec<String>> {
        embedded::write_config(&self.config)?;
        let packages = Packages::find();
        if packages == Packages::Missing {
            return Err(Failure::unavailable(
                "this binary has no plugin packages in it, and none were found beside it",
                "build them with `cargo xtask plugins`, or name a folder of packages in DIALOGO_PLUGINS",
            )
            .into());
        }
        packages.write(&self.plugins)
    }

    /// What the desk needs to know to open it.
    pub fn desk_config(&self) -> DeskConfig {
        let mut config = DeskConfig::below(&self.root);
        config.data.clone_from(&self.data);
        config.folders.config.clone_from(&self.config);
        config.folders.plugins.clone_from(&self.plugins);
        config
    }

    /// Opens it in this process; nobody else can then.
    pub fn open(&self, progress: &mut dyn FnMut(Progress)) -> Result<Desk> {
        self.need()?;
        Desk::open(self.desk_config(), progress).map_err(|fault| self.explain(fault))
    }

    fn explain(&self, fault: OpenError) -> anyhow::Error {
        let dir = self.root.display();
        let todo = match &fault {
            OpenError::Journal(Fault::Locked { .. }) => {
                "another dialogo process has this folder: stop it, or use its control socket by the same --dir".to_owned()
            }
            OpenError::Journal(_) => format!("`dialogo --dir {dir} verify` says how much is damaged"),
            OpenError::Rules(_) | OpenError::Unreadable(_) => format!("mend the rule files; `dialogo check {dir}` checks them"),
            OpenError::Host(_) | OpenError::Io { .. } => "see the reason above; rights and room on the disk are the usual ones".to_owned(),
        };
        let what = crate::client::chain(&fault);
        anyhow::Error::new(Failure::unavailable(what, todo))
            .context(format!("cannot open the desk in {dir}"))
    }
}

/// Makes an account in a desk that this process has opened.
pub async fn add_account(
    desk: &Desk,
    login: &str,
    name: &str,
    role: Role,
    password: &str,
) -> Result<()> {
    let password_hash = Passwords::new()?.hash(password).await?;
    let command = Command::AddAccount {
        agent: AgentId::from(login),
        name: Arc::from(name),
        role,
        password_hash,
    };
    execute(desk, command).await
}

/// Sets a password in a desk that this process has opened.
pub async fn set_password(desk: &Desk, login: &str, password: &str) -> Result<()> {
    let password_hash = Passwords::new()?.hash(password).await?;
    execute(desk, Command::ChangePassword { agent: AgentId::from(login), password_hash }).await
}

/// Takes an account out of use in a desk that this process has opened.
pub async fn remove_account(desk: &Desk, login: &str) -> Result<()> {
    execute(desk, Command::RemoveAccount { agent: AgentId::from(login) }).await
}

async fn execute(desk: &Desk, command: Command) -> Result<()> {
    let request = Request { id: None, actor: Actor::Operator, command };
    let answer = desk.execute(request).await;
    answer.map(drop).map_err(|fault| match fault {
        DeskError::Refused(refusal) => Failure::refused(in_words(&refusal)).into(),
        fault => {
            Failure::unavailable(crate::client::chain(&fault), "see the log; nothing was changed")
                .into()
        }
    })
}

/// The refusals that commands about accounts can meet.
fn in_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::AccountExists(agent) => {
            format!("there is an account `{}` already", agent.as_str())
        }
        Refusal::AgentUnknown(agent) => format!("there is no account `{}`", agent.as_str()),
        Refusal::LastAdmin => "this is the last admin: make another one first".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Opens a fresh desk in `root`, makes its first admin, and closes it again.
pub async fn first_account(root: &Path, login: &str, name: &str, password: &str) -> Result<()> {
    let desk = DeskFolder::at(root).open(&mut |_| {})?;
    let added = add_account(&desk, login, name, Role::Admin, password).await;
    desk.stop().await;
    added.with_context(|| format!("cannot make the first admin `{login}`"))
}
