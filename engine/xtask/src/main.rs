//! Developer tasks: `cargo xtask serve | test | suite | browser | lint | plugins | examples | console | bench | bench-suggest | powercut
//! | preflight`.
//!
//! Everything a newcomer needs on a fresh clone. Each task says what it is doing and how long it took. It
//! holds no knowledge of the engine: it runs cargo, builds the plugins and starts the binary. Next:
//! [`preflight`] for what must be installed, [`plugins`] for how a guest becomes a package, [`tasks`] for
//! what each command runs.

mod browser;
mod console;
mod debian;
mod examples;
mod figures;
mod plugins;
mod preflight;
mod python;
mod say;
mod tasks;
mod types;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Developer tasks of Dialogo.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build what is missing and start a demo desk on 127.0.0.1:7070.
    ///
    /// Further arguments go to `dialogo serve --demo`, e.g. `cargo xtask serve --listen 127.0.0.1:8080`.
    Serve {
        /// Arguments for `dialogo serve --demo`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run every test there is.
    Test,
    /// Run the black-box suite against the built binary.
    Suite,
    /// Run console and widget in a browser, with the built binary behind them.
    Browser {
        /// Arguments for Playwright, e.g. a file's name, `--grep WORDS`, `--headed`, `--trace on`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Lint engine and plugins with clippy, warnings being errors.
    Lint,
    /// Build the plugins into target/plugins.
    Plugins {
        /// Build even if nothing has changed.
        #[arg(long)]
        force: bool,
    },
    /// Build the example plugin in each language into target/examples.
    Examples,
    /// Build the console into console/dist.
    Console,
    /// Measure, each figure beside its limit.
    Bench {
        /// Arguments for the bench, e.g. `--json`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Measure how good learned suggestions are, each figure beside the published ones.
    BenchSuggest {
        /// Arguments for the bench, e.g. `--json`, `--data DIR`, `--baseline`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Cut the power under a running desk (root, loop devices).
    Powercut {
        /// Arguments for the power-cut runs.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Name what is missing on this machine, with the remedy.
    Preflight,
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            say::failed(&fault);
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let root = root();
    match task {
        Task::Serve { args } => tasks::serve(&root, &args),
        Task::Test => tasks::test(&root),
        Task::Lint => tasks::lint(&root),
        Task::Browser { args } => tasks::browser(&root, &args),
        Task::Suite => tasks::suite(&root),
        Task::Plugins { force } => tasks::plugins(&root, force),
        Task::Examples => tasks::examples(&root),
        Task::Console => tasks::console(&root),
        Task::Bench { args } => tasks::bench(&root, &args),
        Task::BenchSuggest { args } => tasks::bench_suggest(&root, &args),
        Task::Powercut { args } => tasks::powercut(&root, &args),
        Task::Preflight => preflight::everything(&root),
    }
}

/// The repository's root: two folders above this crate.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.ancestors().nth(2).map_or_else(|| PathBuf::from("."), PathBuf::from)
}
