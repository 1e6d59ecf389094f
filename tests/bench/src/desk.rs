//! `dialogo serve` as a process of its own on a temporary folder, with the repository's rules and fifty agents.
//!
//! One folder is made with `dialogo init` and kept as a template (accounts and sessions in it); each measure begins with
//! a copy. Changed against the default rules: who belongs to the support team, how many conversations an agent holds, and
//! what one visitor may do, since a bench says in a second what a visitor says in an hour.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use tempfile::TempDir;
use toml_edit::{Array, DocumentMut, Item, value};
use uuid::Uuid;

use crate::process::Owned;
use crate::rest::Api;
use crate::say::{line, temporary};
use crate::socket::Socket;

/// Agents, and rooms of two.
pub(crate) const ROOMS: usize = 50;

/// The team everybody writes to.
const DEPARTMENT: &str = "suporte";

const PASSWORD: &str = "a long password for a bench";

/// How long a start may take: the first one compiles the plugins.
const START: Duration = Duration::from_secs(180);

/// Which plugins are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plugins {
    /// The policies of the default rules.
    Policies,
    /// All of the default rules: suggestions, transfer rules and the bot too.
    All,
}

/// The binary under test.
pub(crate) fn binary() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("DIALOGO_BIN").map(PathBuf::from) {
        ensure!(named.is_file(), "DIALOGO_BIN names {}, which is not there", named.display());
        return Ok(named);
    }
    let me = std::env::current_exe().context("cannot find myself")?;
    let beside = me.with_file_name("dialogo");
    ensure!(
        beside.is_file(),
        "{} is not built: run `cargo build -p dialogo` first",
        beside.display()
    );
    Ok(beside)
}

/// The built plugin packages.
pub(crate) fn packages() -> Result<PathBuf> {
    let mut places: Vec<PathBuf> =
        std::env::var_os("DIALOGO_PLUGINS").map(PathBuf::from).into_iter().collect();
    let me = std::env::current_exe().context("cannot find myself")?;
    places.extend(me.ancestors().nth(2).map(|target| target.join("plugins")));
    places.push(repository().join("target/plugins"));
    let found = places.iter().find(|place| place.join("emoji-policy/plugin.toml").is_file());
    found.cloned().context("there are no plugin packages: run `cargo xtask plugins` first")
}

/// The repository's root.
pub(crate) fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// A folder to copy.
pub(crate) struct Template {
    home: TempDir,
    tokens: Vec<(String, String)>,
}

impl Template {
    /// Makes it: some seconds, most of them for the passwords of fifty agents.
    pub(crate) async fn make() -> Result<Self> {
        line("  making a desk with fifty agents");
        let home = temporary()?;
        let folder = home.path().join("desk");
        init(&folder)?;
        let logins: Vec<String> = (1..=ROOMS).map(|number| format!("agent{number}")).collect();
        adapt(&folder, &logins)?;
        let mut desk = Desk::start_in(folder.clone(), None)?;
        desk.wait_until_ready().await?;
        let admin = log_in(&desk.api, "admin").await?;
        let mut tokens = Vec::new();
        for login in logins {
            let account =
                json!({ "login": login, "name": login, "role": "agent", "password": PASSWORD });
            desk.api.post("/agents", Some(&admin), &account).await?;
            let token = log_in(&desk.api, &login).await?;
            tokens.push((login, token));
        }
        desk.process.stop()?;
        Ok(Self { home, tokens })
    }

    /// Serves a copy of it.
    pub(crate) async fn serve(&self, plugins: Plugins) -> Result<Desk> {
        let home = temporary()?;
        let folder = home.path().join("desk");
        let copied = Command::new("cp")
            .args(["-a", "--sparse=always"])
            .arg(self.home.path().join("desk"))
            .arg(&folder)
            .status();
        ensure!(copied.context("cannot run cp")?.success(), "cannot copy the desk");
        if plugins == Plugins::Policies {
            only_policies(&folder.join("config"))?;
        }
        let mut desk = Desk::start_in(folder, Some(home))?;
        desk.tokens.clone_from(&self.tokens);
        desk.wait_until_ready().await?;
        // With rules it cannot use, a desk goes on with earlier ones: something else would be measured.
        let log = desk.last_words();
        ensure!(!log.contains("error["), "the desk does not take the rules; it said:\n{log}");
        Ok(desk)
    }
}

/// Switches off every plugin that is no policy. The tests in its settings could not pass then, so they go too.
fn only_policies(config: &Path) -> Result<()> {
    let mut settings = Vec::new();
    edit(&config.join("plugins.toml"), |doc| {
        for plugin in tables(doc, "plugin") {
            if !matches!(text_of(plugin, "id"), Some("emoji-policy" | "attachment-policy")) {
                settings.extend(text_of(plugin, "settings").map(|file| config.join(file)));
                plugin.insert("mode", value("off"));
            }
        }
    })?;
    for file in settings {
        edit(&file, |doc| drop(doc.remove("test")))?;
    }
    Ok(())
}

async fn log_in(api: &Api, login: &str) -> Result<String> {
    let begun =
        api.post("/sessions", None, &json!({ "login": login, "password": PASSWORD })).await?;
    begun["token"].as_str().map(str::to_owned).context("a session has a token")
}

fn init(folder: &Path) -> Result<()> {
    use std::io::Write as _;
    let mut command = Command::new(binary()?);
    command.arg("init").arg(folder).args(["--admin", "admin", "--password-stdin", "--json"]);
    command.env("DIALOGO_PLUGINS", packages()?).stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().context("cannot run `dialogo init`")?;
    let mut input = child.stdin.take().context("no standard input")?;
    writeln!(input, "{PASSWORD}")?;
    drop(input);
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`dialogo init` ended with {}: {said}", output.status);
    Ok(())
}

fn adapt(folder: &Path, logins: &[String]) -> Result<()> {
    let config = folder.join("config");
    edit(&config.join("desk.toml"), |doc| {
        doc.insert("limit", value(100));
        for (table, key, to) in [
            ("visitor", "messages", value(10_000)),
            ("visitor", "per", value("1 s")),
            ("visitor", "new_per_hour", value(10_000)),
            ("conversation", "idle_timeout", value("never")),
            ("conversation", "connection_timeout", value("never")),
        ] {
            if let Some(table) = doc
                .entry(table)
                .or_insert_with(|| Item::Table(toml_edit::Table::new()))
                .as_table_like_mut()
            {
                table.insert(key, to);
            }
        }
    })?;
    edit(&config.join("departments.toml"), |doc| {
        for department in tables(doc, "department") {
            if text_of(department, "id") == Some(DEPARTMENT)
                && let Some(members) = department.get_mut("members").and_then(Item::as_array_mut)
            {
                *members = logins.iter().map(String::as_str).collect::<Array>();
            }
        }
    })
}

/// Changes one rule file.
pub(crate) fn edit(file: &Path, change: impl FnOnce(&mut DocumentMut)) -> Result<()> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    let mut doc: DocumentMut =
        text.parse().with_context(|| format!("cannot understand {shown}"))?;
    change(&mut doc);
    std::fs::write(file, doc.to_string()).with_context(|| format!("cannot write {shown}"))
}

fn tables<'a>(
    doc: &'a mut DocumentMut,
    key: &str,
) -> impl Iterator<Item = &'a mut toml_edit::Table> {
    doc.get_mut(key)
        .and_then(Item::as_array_of_tables_mut)
        .into_iter()
        .flat_map(toml_edit::ArrayOfTables::iter_mut)
}

fn text_of<'a>(table: &'a toml_edit::Table, key: &str) -> Option<&'a str> {
    table.get(key).and_then(Item::as_str)
}

/// A running desk.
pub(crate) struct Desk {
    /// Its API.
    pub(crate) api: Api,
    /// Its process.
    pub(crate) process: Owned,
    /// Its folder.
    pub(crate) folder: PathBuf,
    address: String,
    tokens: Vec<(String, String)>,
    _home: Option<TempDir>,
}

/// A consumer with an open conversation.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// Its token.
    pub(crate) token: String,
    /// Its conversation.
    pub(crate) conversation: Uuid,
}

impl Desk {
    fn start_in(folder: PathBuf, home: Option<TempDir>) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new(binary()?);
        command.arg("--dir").arg(&folder).args(["serve", "--listen", &address]);
        command.env("DIALOGO_PLUGINS", packages()?).env("DIALOGO_LOG", "warn");
        let process = Owned::start(command, &folder.join("serve.log"))?;
        let api = Api::new(&address)?;
        Ok(Self { api, process, folder, address, tokens: Vec::new(), _home: home })
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        while !self.api.is_ready().await {
            if self.process.has_ended() || started.elapsed() > START {
                bail!("the desk does not serve; it said:\n{}", self.last_words());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("serve.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// A socket of whoever has this token.
    pub(crate) async fn socket(&self, token: &str) -> Result<Socket> {
        let mut socket = Socket::open(&self.address, "/api/v1/socket").await?;
        socket.send(&json!({ "type": "hello", "token": token }).to_string()).await?;
        socket.until(r#""type":"welcome""#).await?;
        Ok(socket)
    }

    /// Every agent at work: the sockets, in the order of the logins.
    pub(crate) async fn agents_at_work(&self) -> Result<Vec<Socket>> {
        try_join_all(self.tokens.iter().map(|(login, token)| async move {
            let socket = self.socket(token).await?;
            let online = json!({ "presence": "online" });
            let path = format!("/agents/{login}/presence");
            self.api.put(&path, token, &online).await?;
            anyhow::Ok(socket)
        }))
        .await
    }

    /// A new consumer writes in.
    pub(crate) async fn visitor(&self) -> Result<Visitor> {
        let body = json!({ "department": DEPARTMENT, "locale": "pt-BR" });
        let begun = self.api.post("/conversations", None, &body).await?;
        let text =
            |pointer: &str| begun.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let token = text("/token").context("a new consumer gets a token")?;
        let conversation = text("/conversation/id").context("a conversation has an id")?;
        Ok(Visitor { token, conversation: conversation.parse()? })
    }

    /// Which agent (by place in the logins) has which conversations.
    pub(crate) async fn holders(&self) -> Result<Vec<(usize, Uuid)>> {
        let lists = self
            .tokens
            .iter()
            .map(|(_, token)| self.api.get("/conversations?scope=mine&limit=200", token));
        let mut holders = Vec::new();
        for (agent, list) in try_join_all(lists).await?.into_iter().enumerate() {
            let held = list["conversations"].as_array().into_iter().flatten();
            let ids = held.filter_map(|conversation| conversation["id"].as_str()?.parse().ok());
            holders.extend(ids.map(|id| (agent, id)));
        }
        Ok(holders)
    }

    /// A further socket of an agent.
    pub(crate) async fn agent_socket(&self, agent: usize) -> Result<Socket> {
        self.socket(&self.tokens[agent].1).await
    }
}
