//! `dialogo serve`: opens the desk, serves it, and says what it found.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use dialogo_desk::Desk;
use dialogo_domain::agent::Role;
use dialogo_server::{ServerConfig, TlsFiles};

use crate::cli::Serve;
use crate::demo;
use crate::folder::{DeskFolder, add_account};
use crate::learning::nightly;
use crate::learning::search::Searching;
use crate::memory;
use crate::output::{self, Exit, Failure};

pub(super) async fn run(dir: &Path, asked: Serve) -> Result<Exit> {
    memory::stay_small();
    let (folder, _temporary) = folder(dir, &asked)?;
    if asked.demo {
        prepare_demo(&folder)?;
    }
    folder.need()?;
    let bar = output::progress(0, "opening");
    let shown = bar.clone();
    let desk = folder.open(&mut |progress| {
        shown.set_message(progress.doing);
        shown.set_length(progress.total);
        shown.set_position(progress.done);
    });
    bar.finish_and_clear();
    let desk = desk?;
    if asked.demo {
        make_demo_accounts(&desk).await?;
    }
    say_what_was_found(&folder, &desk);
    let search = Searching::of(folder.root.clone());
    let mut config = server_config(&folder, &asked);
    config.search = Some(Arc::new(search.clone()));
    let stopped = stop_signal().context("cannot listen for signals")?;
    let server = dialogo_server::serve(config, desk.clone()).await;
    let server = match server {
        Ok(server) => server,
        Err(fault) => {
            desk.stop().await;
            let what =
                format!("cannot serve on {}: {}", asked.listen, crate::client::chain(&fault));
            return Err(Failure::unavailable(
                what,
                "is something else listening there? --listen chooses another address",
            )
            .into());
        }
    };
    let scheme = if asked.tls_cert.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", server.addr);
    output::say(format!("serving on {url}"));
    let people = asked.demo.then(|| start_demo(&url));
    let nights = tokio::spawn(nightly::learn_every_night(desk.clone(), folder.clone(), search));
    let failed = tokio::select! {
        reason = server.wait() => reason,
        () = stopped => None,
    };
    if let Some(people) = people {
        people.abort();
    }
    nights.abort();
    server.stop().await;
    match failed {
        None => Ok(Exit::Good),
        Some(reason) => Err(Failure::unavailable(
            reason,
            "nothing acknowledged is lost: start again once the cause is gone",
        )
        .into()),
    }
}

/// What marks a folder that `--demo` made: demo accounts have a public password, so they are not put
/// into any other.
const DEMO_MARK: &str = "made-by-demo";

/// The desk's folder, or a temporary one for a demo that names none.
fn folder(dir: &Path, asked: &Serve) -> Result<(DeskFolder, Option<tempfile::TempDir>)> {
    let names_one = asked.data.is_some() || asked.config.is_some() || dir != Path::new("./desk");
    let temporary = if asked.demo && !names_one {
        let temporary = tempfile::Builder::new().prefix("dialogo-demo-").tempdir();
        Some(temporary.context("no temporary folder")?)
    } else {
        None
    };
    // A demo that names its data alone has everything else in there, too.
    let root = match (&temporary, &asked.data) {
        (Some(temporary), _) => temporary.path(),
        (None, Some(data)) if asked.demo && asked.config.is_none() => data.as_path(),
        _ => dir,
    };
    let mut folder = DeskFolder::at(root);
    let set = |part: &mut PathBuf, given: &Option<PathBuf>| {
        if let Some(given) = given {
            part.clone_from(given);
        }
    };
    set(&mut folder.data, &asked.data);
    set(&mut folder.config, &asked.config);
    set(&mut folder.plugins, &asked.plugins);
    Ok((folder, temporary))
}

/// Makes the demo's desk, or takes one that an earlier demo has made.
fn prepare_demo(folder: &DeskFolder) -> Result<()> {
    let mark = folder.root.join(DEMO_MARK);
    if !folder.exists() {
        folder.write_default()?;
        return std::fs::write(&mark, "")
            .with_context(|| format!("cannot write {}", mark.display()));
    }
    if mark.exists() {
        return Ok(());
    }
    let root = folder.root.display();
    let what = format!(
        "the desk in {root} is a real one, and the demo's accounts have a password that everybody knows"
    );
    let todo = format!(
        "serve it as it is with `dialogo serve --dir {root}`; for the demo, leave --dir out (a temporary folder), or name one that \
         does not exist yet, which the demo then makes and keeps"
    );
    Err(Failure::usage(what, todo).into())
}

fn server_config(folder: &DeskFolder, asked: &Serve) -> ServerConfig {
    let mut config = ServerConfig::new(asked.listen, &folder.data);
    config.trusted_proxies.clone_from(&asked.trusted_proxy);
    config.tls = asked
        .tls_cert
        .clone()
        .zip(asked.tls_key.clone())
        .map(|(certificate, key)| TlsFiles { certificate, key });
    config
}

fn say_what_was_found(folder: &DeskFolder, desk: &Desk) {
    let rules = desk.rules();
    let status = desk.rules_status();
    let mut rows = vec![
        vec!["desk".to_owned(), folder.root.display().to_string()],
        vec!["data".to_owned(), format!("{} at position {}", folder.data.display(), desk.head().0)],
        vec![
            "rules".to_owned(),
            format!("generation {} from {}", rules.generation, folder.config.display()),
        ],
        vec![
            "departments".to_owned(),
            rules
                .checked
                .domain
                .departments
                .keys()
                .map(|id| id.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        ],
    ];
    let plugins: Vec<&str> =
        rules.checked.plugins.iter().map(|plugin| plugin.id.as_str()).collect();
    rows.push(vec![
        "plugins".to_owned(),
        if plugins.is_empty() { "none".to_owned() } else { plugins.join(", ") },
    ]);
    output::say(output::table(&rows));
    if !status.problems.is_empty() {
        output::note(format!(
            "the files are not in force as they are:\n{}",
            status.report.trim_end()
        ));
    }
}

async fn make_demo_accounts(desk: &Desk) -> Result<()> {
    let known: Vec<String> =
        desk.read(|state| state.agents.keys().map(|id| id.as_str().to_owned()).collect());
    for (login, name, role, _) in demo::ACCOUNTS {
        if known.iter().any(|known| known == login) {
            continue;
        }
        let role = match role {
            "admin" => Role::Admin,
            "supervisor" => Role::Supervisor,
            _ => Role::Agent,
        };
        add_account(desk, login, name, role, demo::PASSWORD)
            .await
            .with_context(|| format!("cannot make {login}"))?;
    }
    Ok(())
}

fn start_demo(url: &str) -> tokio::task::JoinHandle<()> {
    output::say("\ndemo: log in as one of these");
    let mut rows = vec![["login", "password", "role", ""].map(str::to_owned).to_vec()];
    for (login, name, role, played) in demo::ACCOUNTS {
        let whose =
            if played { format!("{name} (played by a simulated agent)") } else { name.to_owned() };
        rows.push(vec![login.to_owned(), demo::PASSWORD.to_owned(), role.to_owned(), whose]);
    }
    output::say(output::table(&rows));
    output::say(format!(
        "\n  start:   {url}/\n  API:     {url}/api/v1/openapi.json\n  metrics: {url}/metrics"
    ));
    let url = url.to_owned();
    tokio::spawn(async move {
        if let Err(fault) = demo::live(&url).await {
            tracing::warn!(%fault, "the simulated people have left");
        }
    })
}

/// Ends with Ctrl-C or SIGTERM. Both are listened for from this call on, so that one that comes early is not missed.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn asked(arguments: &[&str]) -> (PathBuf, Serve) {
        let cli = Cli::try_parse_from([&["dialogo", "serve"], arguments].concat()).expect("fine");
        let Command::Serve(serve) = cli.command else { panic!("not serve") };
        (cli.dir, serve)
    }

    #[test]
    fn a_demo_without_a_folder_is_temporary() {
        let (dir, serve) = asked(&["--demo"]);
        let (folder, temporary) = folder(&dir, &serve).expect("a folder");
        assert_eq!(Some(folder.root.as_path()), temporary.as_ref().map(tempfile::TempDir::path));
    }

    #[test]
    fn a_demo_that_names_its_data_lives_there() {
        let (dir, serve) = asked(&["--demo", "--data", "/x/y"]);
        let (folder, temporary) = folder(&dir, &serve).expect("a folder");
        assert!(temporary.is_none());
        assert_eq!(
            (folder.data, folder.config),
            (PathBuf::from("/x/y"), PathBuf::from("/x/y/config"))
        );
    }

    #[test]
    fn demo_accounts_are_not_put_into_a_real_desk() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = DeskFolder::at(place.path());
        std::fs::create_dir_all(&folder.config).expect("made");
        std::fs::write(folder.config.join("desk.toml"), "").expect("written");
        assert!(prepare_demo(&folder).is_err());
        std::fs::write(place.path().join(DEMO_MARK), "").expect("written");
        assert!(prepare_demo(&folder).is_ok());
    }
}
