//! Plays recorded dialogues through a desk by its public API, both sides checking what reaches them.
//!
//! [`run`] is the whole: agents arrive, consumers play the dialogues, troubles (edits of rules,
//! replaced plugins, kills) happen on the way, and the [`proof`] at the end compares what was
//! acknowledged with what the desk keeps and what each side saw. Nothing here looks inside a desk.

pub mod agent;
pub mod child;
pub mod consumer;
pub mod desk_folder;
pub mod dialogue;
pub mod proof;
pub mod report;
pub mod talk;
pub mod trouble;
pub mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use self::agent::{Account, Agent, ToAgent};
use self::child::Server;
use self::desk_folder::Needs;
use self::report::{Report, Tally};
use self::trouble::Troubles;
use self::world::World;
use crate::client::{Api, CallError, Session, Verb};

/// What is played, against what, and what happens on the way.
#[derive(Clone, Debug)]
pub struct Options {
    /// The recording, JSON Lines.
    pub file: PathBuf,
    /// Only the first so many dialogues.
    pub first: Option<usize>,
    /// The desk.
    pub target: Target,
    /// Agents at work (a desk that runs elsewhere may say otherwise by the logins given).
    pub agents: usize,
    /// Consumers at a time.
    pub consumers: usize,
    /// Times the speed of the recording; `None`: as fast as it goes.
    pub speed: Option<f64>,
    /// What happens on the way.
    pub troubles: Troubles,
}

/// The desk to play against.
#[derive(Clone, Debug)]
pub enum Target {
    /// One that runs elsewhere.
    Url {
        /// Its address.
        url: String,
        /// Logins of agents, or the one of an admin, who then makes the agents.
        logins: Vec<Account>,
    },
    /// One that is started for this replay.
    Own {
        /// The `dialogo` binary.
        binary: PathBuf,
        /// Where its folder is to be; `None`: a temporary one that is deleted afterwards.
        keep: Option<PathBuf>,
        /// Whether the bot of the default rules answers first.
        with_bot: bool,
    },
}

/// The first account of a desk made for a replay.
const ADMIN: &str = "replay-admin";

/// Plays the recording. `progress` is told how many dialogues have ended, of how many.
pub async fn run(
    options: Options,
    progress: impl Fn(Stage) + Send + Sync + 'static,
) -> Result<Report> {
    let mut dialogues = dialogue::read(&options.file)?;
    dialogues.truncate(options.first.unwrap_or(usize::MAX).max(1));
    if options.agents == 0 || options.consumers == 0 {
        bail!("a replay needs at least one agent and one consumer");
    }
    let progress: Progress = Arc::new(progress);
    match options.target.clone() {
        Target::Url { url, logins } => {
            elsewhere(&options, dialogues, &url, &logins, &progress).await
        }
        Target::Own { binary, keep, with_bot } => {
            let folder = Folder::new(keep)?;
            let outcome =
                own(&options, dialogues, &binary, &folder.path, with_bot, &progress).await;
            let mut report = outcome.inspect_err(|_| folder.keep_for_inspection())?;
            report.kept = folder.kept.then(|| folder.path.display().to_string());
            Ok(report)
        }
    }
}

/// What a replay is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The desk is made and started.
    Preparing,
    /// Dialogues ended, of how many.
    Playing(usize, usize),
    /// Conversations compared, of how many.
    Checking(usize, usize),
}

type Progress = Arc<dyn Fn(Stage) + Send + Sync>;

/// The folder of a desk made for a replay.
struct Folder {
    path: PathBuf,
    kept: bool,
    temporary: Option<parking_lot::Mutex<Option<tempfile::TempDir>>>,
}

impl Folder {
    fn new(keep: Option<PathBuf>) -> Result<Self> {
        if let Some(path) = keep {
            return Ok(Self { path, kept: true, temporary: None });
        }
        let temporary = tempfile::Builder::new()
            .prefix("dialogo-replay-")
            .tempdir()
            .context("no temporary folder")?;
        let path = temporary.path().to_owned();
        Ok(Self { path, kept: false, temporary: Some(parking_lot::Mutex::new(Some(temporary))) })
    }

    /// Leaves a temporary folder where it is, since something went wrong in it.
    fn keep_for_inspection(&self) {
        if let Some(temporary) =
            self.temporary.as_ref().and_then(|temporary| temporary.lock().take())
        {
            let path = temporary.keep();
            tracing::warn!(folder = %path.display(), "the replay failed; its desk was kept");
        }
    }
}

async fn own(
    options: &Options,
    dialogues: Vec<dialogue::Dialogue>,
    binary: &Path,
    folder: &Path,
    with_bot: bool,
    progress: &Progress,
) -> Result<Report> {
    progress(Stage::Preparing);
    let needs = Needs::of(&dialogues);
    let password = Uuid::new_v4().to_string();
    let logins: Vec<String> =
        (1..=options.agents).map(|number| format!("replay-{number}")).collect();
    crate::folder::DeskFolder::at(folder).write_default()?;
    desk_folder::adapt(folder, &needs, &logins, with_bot)?;
    crate::folder::first_account(folder, ADMIN, "Replay", &password).await?;
    let server = Arc::new(Server::start(binary, folder).await?);
    let api = Api::new(&server.url())?;
    let admin = Account { login: ADMIN.into(), password };
    let accounts = make_accounts(&api, &admin, &logins).await?;
    let mut world = World::new(api, dialogues, options.speed);
    world.departments = needs.departments;
    world.nodes = needs.nodes;
    world.bot = with_bot;
    let world = Arc::new(world);
    let scene = trouble::Scene {
        world: world.clone(),
        server: server.clone(),
        admin,
        folder: folder.to_owned(),
    };
    let played = play(options, &world, accounts, Some(scene), progress).await;
    let peak = server.peak_mib().await;
    let server = Arc::into_inner(server).context("the server is still in use")?;
    let stopped = server.stop().await;
    let mut report = played?;
    stopped?;
    report.peak_rss_mib = peak;
    Ok(report)
}

async fn make_accounts(api: &Api, admin: &Account, logins: &[String]) -> Result<Vec<Account>> {
    let session =
        api.log_in(&admin.login, &admin.password).await.context("the admin cannot log in")?;
    let mut accounts = Vec::new();
    for login in logins {
        let made = make_account(api, &session.token, login).await;
        accounts.push(made.with_context(|| format!("cannot make the agent {login}"))?);
    }
    Ok(accounts)
}

/// Makes an account, or gives the one an earlier replay has made another password.
async fn make_account(api: &Api, token: &str, login: &str) -> Result<Account> {
    let password = Uuid::new_v4().to_string();
    let body = json!({ "login": login, "name": login, "role": "agent", "password": password });
    let made: Result<Value, CallError> = api.post("/agents", token, &body).await;
    match made {
        Err(fault) if fault.status() == Some(409) => {
            let path = format!("/agents/{login}/password");
            let body = json!({ "password": password });
            let _: Value = api.call(Verb::Put, &path, Some(token), Some(&body)).await?;
        }
        made => drop(made?),
    }
    Ok(Account { login: login.to_owned(), password })
}

/// The agents of a replay against a desk that runs elsewhere, and where they belong.
async fn agents_elsewhere(
    api: &Api,
    session: &Session,
    logins: &[Account],
    count: usize,
) -> Result<(Vec<Account>, Vec<String>)> {
    if session.role != "admin" {
        return Ok((logins.to_vec(), session.departments.clone()));
    }
    let first = make_account(api, &session.token, "replay-1")
        .await
        .context("cannot make the agent replay-1")?;
    let agent =
        api.log_in(&first.login, &first.password).await.context("a new agent cannot log in")?;
    if agent.departments.is_empty() {
        bail!(
            "the agents replay-1, replay-2, … belong to no department of that desk: name them as members in its \
             departments.toml, or give logins of agents, with --login and --password once for each"
        );
    }
    let mut accounts = vec![first];
    for number in 2..=count {
        accounts.push(make_account(api, &session.token, &format!("replay-{number}")).await?);
    }
    Ok((accounts, agent.departments))
}

async fn elsewhere(
    options: &Options,
    dialogues: Vec<dialogue::Dialogue>,
    url: &str,
    logins: &[Account],
    progress: &Progress,
) -> Result<Report> {
    if options.troubles.any() {
        bail!(
            "rules, plugins and processes of a desk that runs elsewhere are not a replay's to change: leave --server out"
        );
    }
    progress(Stage::Preparing);
    let api = Api::new(url)?.with_patience(Duration::from_secs(10));
    let Some(first) = logins.first() else {
        bail!("agents need logins: give --login and --password")
    };
    let session = api.log_in(&first.login, &first.password).await.context("cannot log in")?;
    let (accounts, own) = agents_elsewhere(&api, &session, logins, options.agents).await?;
    let mut world = World::new(api, dialogues, options.speed);
    world.departments =
        names_to_ids(&world.api, &session.token, "/departments", &["departments", "items"]).await?;
    if let Some(own) = own.first() {
        world.departments.insert(String::new(), own.clone());
    }
    world.nodes = names_to_ids(
        &world.api,
        &session.token,
        "/classifications",
        &["nodes", "classifications", "items"],
    )
    .await?;
    world.bot = true;
    play(options, &Arc::new(world), accounts, None, progress).await
}

/// Every id in an answer, as its own name: labels and services that are ids mean these.
async fn names_to_ids(
    api: &Api,
    token: &str,
    path: &str,
    under: &[&str],
) -> Result<std::collections::HashMap<String, String>> {
    let answer: Value = api.get(path, token).await?;
    let mut found = std::collections::HashMap::new();
    let lists = under.iter().filter_map(|key| answer.get(key)).chain(std::iter::once(&answer));
    for list in lists {
        collect_ids(list, &mut found);
    }
    Ok(found)
}

fn collect_ids(value: &Value, into: &mut std::collections::HashMap<String, String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_ids(item, into)),
        Value::Object(fields) => {
            if let Some(id) = fields.get("id").and_then(Value::as_str) {
                into.insert(id.to_owned(), id.to_owned());
            }
            for key in ["child", "children"] {
                fields.get(key).into_iter().for_each(|below| collect_ids(below, into));
            }
        }
        _ => {}
    }
}

/// Plays everything and proves it.
async fn play(
    options: &Options,
    world: &Arc<World>,
    accounts: Vec<Account>,
    scene: Option<trouble::Scene>,
    progress: &Progress,
) -> Result<Report> {
    let mut agents = JoinSet::new();
    let mut inboxes = Vec::new();
    for account in accounts {
        let login = account.login.clone();
        let agent = Agent::arrive(world.clone(), account)
            .await
            .with_context(|| format!("{login} cannot start work"))?;
        inboxes.push(agent.inbox());
        agents.spawn(agent.work());
    }
    let total = world.dialogues.len();
    let started = Instant::now();
    let bar = tokio::spawn(show(world.clone(), progress.clone()));
    let troubles = options.troubles.clone();
    let trouble = scene.filter(|_| troubles.any()).map(|scene| {
        world.more_wanted.store(true, Ordering::Relaxed);
        tokio::spawn(trouble::happen(troubles, scene))
    });
    let mut consumers = JoinSet::new();
    for _ in 0..options.consumers.min(total) {
        consumers.spawn(consumer::run(world.clone()));
    }
    while let Some(ended) = consumers.join_next().await {
        ended.context("a consumer's task panicked")?;
    }
    let seconds = started.elapsed().as_secs_f64();
    bar.abort();
    let found = match trouble {
        Some(trouble) => trouble.await.context("the task of troubles panicked")?,
        None => trouble::Found::default(),
    };
    world.wait_for_calls().await;
    for inbox in inboxes {
        let _ = inbox.send(ToAgent::Over);
    }
    while let Some(ended) = agents.join_next().await {
        ended.context("an agent's task panicked")?;
    }
    prove(world, progress).await;
    let mut report = Report::from_tally(&world.tally);
    report.seconds = (seconds * 1000.0).round() / 1000.0;
    report.messages_per_second = (report.messages as f64 / seconds.max(1e-9) * 10.0).round() / 10.0;
    report.reloads = world.rules.count();
    found.write_into(&mut report);
    Ok(report)
}

async fn prove(world: &Arc<World>, progress: &Progress) {
    let total = world.talks().len();
    let checked = std::sync::atomic::AtomicUsize::new(0);
    proof::check(world, || {
        progress(Stage::Checking(checked.fetch_add(1, Ordering::Relaxed) + 1, total));
    })
    .await;
}

async fn show(world: Arc<World>, progress: Progress) {
    loop {
        let ended = world.ended.load(Ordering::Relaxed);
        progress(Stage::Playing(ended, world.dialogues.len().max(ended)));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Counts a call that runs on its own until it is dropped.
pub(crate) struct Call(pub(crate) Arc<World>);

impl Call {
    pub(crate) fn begin(world: &Arc<World>) -> Self {
        Tally::add(&world.calls);
        Self(world.clone())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
        self.0.ended_bell.notify_waiters();
    }
}
