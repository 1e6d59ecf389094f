//! Durable commits per second of the journal, beside a raw append with fdatasync in the same batches, in one run.
//!
//! `cargo run -p dialogo-journal --example against_raw -- FOLDER [SECONDS]`
//!
//! A "writer" has one commit in flight. The journal's are driven through [`GroupCommit`], the channel of production: its
//! thread answers a group, the answered writers come back with their next commit.
#![expect(clippy::print_stdout, reason = "a measuring program")]

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dialogo_journal::disk::real::RealDisk;
use dialogo_journal::group::{GroupCommit, MAX_GROUP};
use dialogo_journal::log::{Options, SegmentLog};

const PAYLOAD: [u8; 300] = [0x5a; 300];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder to measure in")?;
    let seconds = std::env::args().nth(2).map_or(Ok(3), |text| text.parse())?;
    let folder = Path::new(&folder).join("journal-against-raw");
    std::fs::create_dir_all(&folder)?;
    for writers in [1, 16, 256] {
        let mut ratios = Vec::new();
        for _ in 0..3 {
            let raw = raw(&folder, writers, Duration::from_secs(seconds))?;
            let ours = ours(&folder, writers, Duration::from_secs(seconds))?;
            ratios.push(ours / raw);
            println!(
                "{writers:>4} writers: raw {raw:>9.0}/s, journal {ours:>9.0}/s, ratio {:.2}",
                ours / raw
            );
        }
        ratios.sort_by(f64::total_cmp);
        println!("{writers:>4} writers: median ratio {:.2}", ratios[1]);
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// One thread that appends what `writers` writers would have waiting, at most a group at a time.
fn raw(folder: &Path, writers: usize, span: Duration) -> std::io::Result<f64> {
    let path = folder.join("raw");
    let mut file: File = OpenOptions::new().create(true).write(true).truncate(true).open(&path)?;
    let group = writers.min(MAX_GROUP);
    let bytes: Vec<u8> = PAYLOAD.repeat(group);
    let (start, mut commits) = (Instant::now(), 0);
    while start.elapsed() < span {
        file.write_all(&bytes)?;
        file.sync_data()?;
        commits += group;
    }
    let rate = commits as f64 / start.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}

fn ours(folder: &Path, writers: usize, span: Duration) -> Result<f64, Box<dyn std::error::Error>> {
    let path = folder.join("log");
    let log = Arc::new(SegmentLog::open(Arc::new(RealDisk::new(&path)?), Options::default())?);
    let (answers, answered) = std::sync::mpsc::channel();
    let group =
        GroupCommit::start(log, move |settled: dialogo_journal::group::Settled<'_, ()>| {
            let count = settled.tickets.drain(..).count();
            // The measuring side may be gone already when the last groups are written.
            let _ = answers.send(settled.outcome.map(|_| count));
        })?;
    let (start, mut commits, mut free) = (Instant::now(), 0, writers);
    while start.elapsed() < span {
        let mut left = free;
        group.submit_all(|_, bytes| {
            left = left.checked_sub(1)?;
            bytes.extend_from_slice(&PAYLOAD);
            Some(())
        })?;
        free = answered.recv()??;
        commits += free;
    }
    let rate = commits as f64 / start.elapsed().as_secs_f64();
    drop(group);
    std::fs::remove_dir_all(path)?;
    Ok(rate)
}
