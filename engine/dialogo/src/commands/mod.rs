//! The verbs: each takes what the command line said and returns how it ended.
//!
//! A verb that touches a running desk goes through its control socket (`running.rs`); where none runs
//! and it makes sense, it opens the folder itself, which the lock in it allows to one process only.

mod accounts;
mod backtest;
mod check;
mod eval;
mod explain;
mod init;
mod journal;
mod password;
pub(crate) mod plugin;
mod promote;
mod reasons;
mod replay;
mod rules;
mod running;
mod sarif;
mod serve;
mod status;
mod test;
mod train;
mod train_replies;
mod tree;

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command, LogFormat};
use crate::output::{Exit, report_fault};

/// Reads the command line, does what it says, and returns the exit code.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    crate::client::install_tls();
    start_log(&cli.command);
    let exit = match in_runtime(cli) {
        Ok(exit) => exit,
        Err(fault) => report_fault(&fault),
    };
    exit.into()
}

fn in_runtime(cli: Cli) -> Result<Exit> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(dispatch(cli))
}

async fn dispatch(cli: Cli) -> Result<Exit> {
    let dir = cli.dir;
    match cli.command {
        Command::Init(init) => init::run(&dir, init).await,
        Command::Serve(serve) => serve::run(&dir, serve).await,
        Command::Check(check) => check::run(&dir, &check),
        Command::Test(test) => test::run(&dir, &test).await,
        Command::Backtest(asked) => backtest::run(&dir, &asked).await,
        Command::Train(asked) => train::run(&dir, &asked).await,
        Command::TrainReplies(asked) => train_replies::run(&dir, &asked).await,
        Command::Eval(asked) => eval::run(&dir, &asked).await,
        Command::Status(json) => status::run(&dir, json.json).await,
        Command::Rules(rules) => rules::run(&dir, rules).await,
        Command::Promote(asked) => promote::run(&dir, &asked).await,
        Command::Reasons(verb) => reasons::run(&dir, verb).await,
        Command::Tree(verb) => tree::run(&dir, verb),
        Command::Replay(replay) => replay::run(*replay).await,
        Command::Explain(asked) => explain::run(&dir, &asked).await,
        Command::Verify(json) => journal::verify(&dir, json.json).await,
        Command::Rebuild(json) => journal::rebuild(&dir, json.json).await,
        Command::Backup(backup) => journal::backup(&dir, &backup).await,
        Command::Agent(agent) => accounts::run(&dir, agent).await,
        Command::Plugin(plugin) => plugin::run(&dir, plugin).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "dialogo", &mut std::io::stdout());
            Ok(Exit::Good)
        }
    }
}

/// The log goes to standard error: what `serve` does, warnings of everything else.
fn start_log(command: &Command) {
    let (default, format) = match command {
        Command::Serve(serve) => ("info", serve.log),
        _ => ("warn", LogFormat::Text),
    };
    let filter = EnvFilter::try_from_env("DIALOGO_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
    }
}
