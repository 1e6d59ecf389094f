//! `cargo xtask bench-suggest`: how good learned suggestions are, each figure beside the published ones.
//!
//! Learned from the train split, measured on the test split, with the defaults that `dialogo train` has: nothing here is tuned,
//! and nothing looks at a test split but to count. [`sets`] measures folders of messages, [`star`] conversations, [`hidden`] what is found of reasons whose
//! names are left out, [`replies`] suggested replies, [`sandbox`]
//! what a suggestion costs in the plugin host; [`baseline`] runs scikit-learn on the same rows when asked to.

mod baseline;
mod figure;
mod hidden;
#[path = "../process.rs"]
#[expect(dead_code, reason = "the other bench asks the kernel more")]
mod process;
mod published;
mod replies;
mod sandbox;
mod sets;
mod star;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Parser;
use figure::Figure;

/// Measures learned suggestions: learned from train.csv, counted on test.csv.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench-suggest", bin_name = "cargo xtask bench-suggest")]
struct Cli {
    /// Print {"figures": [{"data", "metric", "value"}]} instead of a table.
    #[arg(long)]
    json: bool,
    /// A folder with train.csv and test.csv (columns text and label; oos_train.csv and oos_test.csv if there are any).
    /// Without it, every set in ../shared/data.
    #[arg(long, value_name = "DIR")]
    data: Vec<PathBuf>,
    /// Run scikit-learn on the same rows as well, in a throw-away environment (takes it from PyPI).
    #[arg(long)]
    baseline: bool,
    /// Leave the plugin host out: accuracy only.
    #[arg(long)]
    no_sandbox: bool,
    /// What looks random follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    match start(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: &Cli) -> Result<()> {
    let shared = repository().join("../shared/data");
    let folders = if cli.data.is_empty() { sets::folders(&shared)? } else { cli.data.clone() };
    let star = shared.join("star.jsonl");
    let talks = cli.data.is_empty() && star.is_file();
    ensure!(
        !folders.is_empty() || talks,
        "there is no data in {}: name a folder with train.csv and test.csv with --data",
        shared.display()
    );
    let python = if cli.baseline { Some(baseline::Python::prepare()?) } else { None };
    let mut figures: Vec<Figure> = Vec::new();
    for folder in &folders {
        let (set, found) = sets::measure(folder, cli.seed, python.as_ref())?;
        figures.extend(found);
        if !cli.no_sandbox {
            figures.extend(sandbox::measure(&set)?);
        }
    }
    if talks {
        figures.extend(star::measure(&star, cli.seed, python.as_ref())?);
    }
    if cli.json {
        println!("{}", figure::json(&figures, cli.seed));
    } else {
        print!("{}", figure::table(&figures, cli.seed));
    }
    Ok(())
}

fn repository() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.ancestors().nth(2).map_or_else(|| PathBuf::from("."), PathBuf::from)
}
