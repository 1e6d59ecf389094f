//! Power cuts under the whole engine: `cargo xtask powercut -- --rounds 20`, or with `--kill` only the process is killed.
//!
//! Each round: an ext4 on a loop device, `dialogo serve` on it, people who talk at full speed, and at a random moment the
//! power goes: the server is halted, the device's image is copied while it sees no write, and the copy is mounted
//! elsewhere and served. Everything acknowledged must be there exactly once, and `dialogo verify` must pass. In every
//! third round the views are deleted before the new start, in every fourth overwritten with garbage: they must come
//! back by themselves. Needs root; how a cut is made is in `dialogo_tests::disk`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use dialogo_tests::command::dialogo;
use dialogo_tests::desk::Process;
use dialogo_tests::disk::{Mounted, cut_power, make_image, why_no_loop_devices};
use dialogo_tests::load::{Crowd, Found, Load, Recorder, check};
use dialogo_tests::random::Random;
use dialogo_tests::template::template;
use dialogo_tests::{data, folder};
use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

/// Cut the power under a running desk, again and again.
#[derive(Debug, Parser)]
struct Asked {
    /// How many times.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Kill the process (SIGKILL) instead of cutting the power; needs no root.
    #[arg(long)]
    kill: bool,
    /// Consumers who write at the same time.
    #[arg(long, default_value_t = 12)]
    consumers: usize,
    /// Messages each of them has under way at once.
    #[arg(long, default_value_t = 4)]
    ahead: usize,
    /// Where the moments of the cuts come from; without it, another one each time.
    #[arg(long)]
    seed: Option<u64>,
    /// Print one JSON object at the end instead of a table.
    #[arg(long)]
    json: bool,
}

/// Size of the image: two preallocated segments, views and room to write.
const IMAGE_MIB: u64 = 768;

/// What a round came to.
struct Round {
    after_ms: u64,
    views: Views,
    found: Found,
    verified: bool,
    start_ms: u64,
}

/// What is done to the views before the new start.
#[derive(Clone, Copy, Debug)]
enum Views {
    Left,
    Deleted,
    Garbage,
}

#[tokio::main]
async fn main() -> ExitCode {
    let asked = Asked::parse();
    if !asked.kill
        && let Some(why) = why_no_loop_devices()
    {
        eprintln!("powercut: {why}");
        eprintln!("powercut: without root, `--kill` kills the process instead, which proves less");
        return ExitCode::from(3);
    }
    match run(&asked).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("powercut: {fault:#}");
            ExitCode::from(3)
        }
    }
}

async fn run(asked: &Asked) -> Result<bool> {
    let seed = asked.seed.unwrap_or_else(Random::seed_of_this_run);
    eprintln!("powercut: {} rounds, seed {seed}", asked.rounds);
    let mut random = Random::new(seed);
    let sentences = Arc::new(data::sentences()?);
    let template = template().await?;
    let mut rounds = Vec::new();
    for number in 1..=asked.rounds {
        let after = Duration::from_millis(random.within(200, 2500));
        let views = match number {
            number if number % 4 == 0 => Views::Garbage,
            number if number % 3 == 0 => Views::Deleted,
            _ => Views::Left,
        };
        let home = tempfile::tempdir().context("no temporary folder")?;
        let played = if asked.kill {
            kill_round(asked, home.path(), template, after, views, &sentences).await
        } else {
            cut_round(asked, home.path(), template, after, views, &sentences).await
        };
        let round = played.with_context(|| format!("round {number} with seed {seed}"))?;
        eprintln!("powercut: {}", line(number, &round));
        rounds.push(round);
    }
    let good = rounds.iter().all(|round| round.found.is_good() && round.verified);
    if asked.json {
        println!("{}", serde_json::to_string_pretty(&report(asked, seed, &rounds, good))?);
    } else {
        for (at, round) in rounds.iter().enumerate() {
            println!("{}", line(at + 1, round));
        }
        let checked: usize = rounds.iter().map(|round| round.found.checked).sum();
        let lost: usize = rounds.iter().map(|round| round.found.lost).sum();
        println!(
            "{} rounds, {checked} acknowledged messages looked for, {lost} lost, seed {seed}",
            rounds.len()
        );
    }
    Ok(good)
}

/// The desk on a device of its own, and the copy of that device on another.
async fn cut_round(
    asked: &Asked,
    home: &Path,
    template: &Path,
    after: Duration,
    views: Views,
    sentences: &Arc<Vec<String>>,
) -> Result<Round> {
    let (image, copy) = (home.join("disk.img"), home.join("cut.img"));
    make_image(&image, IMAGE_MIB)?;
    let recorder = Arc::new(Recorder::default());
    {
        let mounted = Mounted::image(&image, &home.join("disk"))?;
        let desk = lay_out(mounted.at(), template)?;
        let mut process = Process::start(&desk, &[]).await?;
        let load = Load::start(process.api(), crowd(asked), &recorder, sentences).await?;
        tokio::time::sleep(after).await;
        kill_process(process.pid()?, Signal::STOP).context("cannot halt the server")?;
        let cut = cut_power(&mounted, &image, &copy);
        process.kill().await?;
        load.end().await?;
        cut?;
    }
    let mounted = Mounted::image(&copy, &home.join("after"))?;
    again(&mounted.at().join("desk"), after, views, &recorder).await
}

async fn kill_round(
    asked: &Asked,
    home: &Path,
    template: &Path,
    after: Duration,
    views: Views,
    sentences: &Arc<Vec<String>>,
) -> Result<Round> {
    let recorder = Arc::new(Recorder::default());
    let desk = lay_out(home, template)?;
    let mut process = Process::start(&desk, &[]).await?;
    let load = Load::start(process.api(), crowd(asked), &recorder, sentences).await?;
    tokio::time::sleep(after).await;
    process.kill().await?;
    load.end().await?;
    again(&desk, after, views, &recorder).await
}

fn crowd(asked: &Asked) -> Crowd {
    Crowd { consumers: asked.consumers, ahead: asked.ahead }
}

/// A copy of the template, safe on its disk before anything is measured.
fn lay_out(home: &Path, template: &Path) -> Result<PathBuf> {
    let desk = home.join("desk");
    std::fs::create_dir(&desk)?;
    folder::copy(template, &desk)?;
    rustix::fs::syncfs(std::fs::File::open(&desk)?).context("cannot sync the disk")?;
    Ok(desk)
}

/// Starts the desk on what is left, looks for everything, stops it and has the journal verified.
async fn again(desk: &Path, after: Duration, views: Views, recorder: &Recorder) -> Result<Round> {
    spoil(&desk.join("data/views"), views)?;
    let started = Instant::now();
    let mut process = Process::start(desk, &[]).await?;
    let start_ms = started.elapsed().as_millis() as u64;
    let found = check(process.api(), recorder).await?;
    process.stop().await?;
    let dir = desk.to_string_lossy().into_owned();
    let verified = dialogo(["--dir", dir.as_str(), "verify"]).await?;
    if verified.code != Some(0) {
        eprintln!("{}", verified.all());
    }
    let after_ms = after.as_millis() as u64;
    Ok(Round { after_ms, views, found, verified: verified.code == Some(0), start_ms })
}

fn spoil(folder: &Path, views: Views) -> Result<()> {
    match views {
        Views::Left => Ok(()),
        Views::Deleted => std::fs::remove_dir_all(folder).context("cannot delete the views"),
        Views::Garbage => dialogo_tests::folder::fill_with_garbage(folder),
    }
}

fn line(number: usize, round: &Round) -> String {
    let Found { checked, lost, doubled, changed, resent } = round.found;
    let verdict = if round.found.is_good() && round.verified { "good" } else { "BAD" };
    format!(
        "round {number:3}  cut after {:4} ms  {checked:6} acknowledged  {lost} lost  {doubled} doubled  {changed} changed  \
         {resent:2} sent again  views {:<8} start {:5} ms  verify {}  {verdict}",
        round.after_ms,
        format!("{:?}", round.views).to_lowercase(),
        round.start_ms,
        if round.verified { "passes" } else { "FAILS" },
    )
}

fn report(asked: &Asked, seed: u64, rounds: &[Round], good: bool) -> Value {
    let each = rounds.iter().map(|round| {
        json!({
            "after_ms": round.after_ms, "views": format!("{:?}", round.views).to_lowercase(),
            "acknowledged": round.found.checked, "lost": round.found.lost, "doubled": round.found.doubled,
            "changed": round.found.changed, "resent": round.found.resent, "verified": round.verified,
            "start_ms": round.start_ms,
        })
    });
    json!({
        "method": if asked.kill { "kill" } else { "power cut" }, "seed": seed, "good": good,
        "lost": rounds.iter().map(|round| round.found.lost).sum::<usize>(), "rounds": each.collect::<Vec<_>>(),
    })
}
