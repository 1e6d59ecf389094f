//! `cargo xtask bench`: every figure beside its limit, measured in the same run, since this machine's neighbours are noisy and
//! an absolute number says little. It is no test: nothing here fails because it was slow.
//!
//! One module a measure: [`journal`] and [`with_views`] for the log, [`whole_way`], [`suggestion`] and [`reload`] for a
//! served desk, [`policy`] and [`languages`] for sandboxes, [`memory`] for what things weigh. A [`figures::Figure`] is what each returns. The
//! bare hub in [`hub`] is run by this same program, with `--hub`. All load goes to 127.0.0.1.

mod commits;
mod desk;
mod figures;
mod hub;
mod journal;
mod languages;
mod memory;
mod policy;
mod process;
mod reload;
mod rest;
mod rooms;
mod run;
mod say;
mod socket;
mod statistics;
mod suggestion;
mod whole_way;
mod with_views;
mod words;

// The plugins' own logic, compiled natively from its source: the plugins are a workspace of their own, and a dependency on
// it would pull the guests' toolchain into the engine's build.
#[path = "../../../plugins/emoji-policy/src/groups.rs"]
#[expect(unreachable_pub, reason = "a library's source, of which the bench calls one function")]
mod groups;
#[path = "../../../plugins/keywords/src/logic.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "a library's source, of which the bench calls one function, and its own tests the rest"
)]
mod keywords_logic;
#[path = "../../../plugins/emoji-policy/src/logic.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "a library's source, of which the bench calls one function"
)]
mod logic;
#[path = "../../../plugins/emoji-policy/src/shortcodes.rs"]
#[expect(unreachable_pub, reason = "a library's source, of which the bench calls one function")]
mod shortcodes;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;

/// Measures Dialogo, each figure beside its limit in the same run.
///
/// The limits are: append + fdatasync for the journal, a bare axum hub for the whole way and for connections, the same
/// function without a sandbox for plugins. The machine is shared: compare ratios, and only within one run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Cli {
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Measure only these figures (comma-separated names).
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<String>,
    /// Seconds for each measure.
    #[arg(long, value_name = "N", default_value_t = 8.0)]
    seconds: f64,
    /// As long as it takes: the views for 60 s, memory after 500,000 commits.
    #[arg(long)]
    full: bool,
    /// Folder on the disk to measure on; without it, the system's temporary folder.
    #[arg(long, value_name = "DIR")]
    on: Option<PathBuf>,
    /// Be the bare hub.
    #[arg(long, hide = true)]
    hub: bool,
}

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            say::line(&format!("error: {fault:#}"));
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    if cli.hub {
        return runtime.block_on(hub::serve());
    }
    anyhow::ensure!(cli.seconds.is_finite() && cli.seconds > 0.0, "--seconds is more than 0");
    if let Some(folder) = cli.on {
        say::measure_in(folder);
    }
    let wanted = run::Wanted { only: cli.only, seconds: cli.seconds, full: cli.full };
    wanted.check()?;
    let measured = runtime.block_on(run::all(&wanted))?;
    if cli.json {
        println!("{}", measured.json());
    } else {
        print!("{}", measured.table());
    }
    Ok(())
}
