//! The journal with the views following it, held for a while: what a desk can sustain, since a writer waits once the views
//! are too far behind.
//!
//! The value is what the *views* have taken in per second. The lag is sampled all the time; it counts as constant when
//! it was not greater in the last third than in the one before, or stands within the bound at which writers wait.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use dialogo_journal::views::MAX_LAG;
use dialogo_journal::views::follower::Follower;
use dialogo_journal::{Journal, Snapshots, Views};

use crate::figures::{Bar, Figure};
use crate::journal::{Bare, Line, log_in};
use crate::say::{line, progress, temporary};
use crate::statistics::mean;

const WRITERS: usize = 256;

/// How often the lag is looked at.
const SAMPLE: Duration = Duration::from_millis(100);

/// `journal_with_views`.
pub(crate) async fn figure(seconds: f64) -> Result<Figure> {
    let folder = temporary()?;
    let journal = log_in(folder.path())?;
    let views = Arc::new(Views::open(folder.path().join("views"), Arc::clone(&journal))?);
    let snapshots = Snapshots::new(folder.path().join("snapshots"))?;
    let follower = Follower::new(Arc::clone(&journal), Arc::clone(&views), snapshots, &mut |_| {})?;
    let running = follower.spawn().context("the thread of the views")?;
    let sustained = hold(&journal, &views, seconds).await?;
    drop(running);
    let limit = Bare::new(folder.path()).round(&sustained.groups, Duration::from_secs(1))?;
    let grew = if sustained.constant() { "lag constant" } else { "LAG GREW" };
    let size = folder_mib(&folder.path().join("views"));
    Ok(Figure {
        name: "journal_with_views",
        value: sustained.per_second,
        unit: "commits/s",
        limit,
        bar: Bar::AtLeast(20_000.0),
        note: format!(
            "{grew} over {seconds:.0} s: {:.0} → {:.0} commits (writers wait at {MAX_LAG}); sled {size:.0} MiB",
            sustained.lag_before, sustained.lag_after
        ),
    })
}

struct Sustained {
    per_second: f64,
    lag_before: f64,
    lag_after: f64,
    groups: Vec<u32>,
}

impl Sustained {
    fn constant(&self) -> bool {
        // A group or two more is noise; at the bound the lag cannot grow any more.
        self.lag_after <= self.lag_before * 1.1 + 512.0 || self.lag_after <= MAX_LAG as f64 * 1.1
    }
}

async fn hold(journal: &Arc<dyn Journal>, views: &Arc<Views>, seconds: f64) -> Result<Sustained> {
    let line_up = Line::start(journal, WRITERS, Some(Arc::clone(views)))?;
    // Until the writers wait for the views (or never have to), the figure would be too good.
    line_up.round(WRITERS, Duration::from_secs_f64((seconds / 5.0).clamp(1.0, 10.0))).await?;
    let (applied, started) = (views.applied().0, Instant::now());
    let watched = Arc::clone(views);
    let sampling = tokio::spawn(async move {
        let mut lags = Vec::new();
        while started.elapsed().as_secs_f64() < seconds {
            tokio::time::sleep(SAMPLE).await;
            lags.push(watched.lag() as f64);
            if lags.len() % 50 == 0 {
                progress("journal_with_views, seconds", lags.len() / 10, seconds as usize);
            }
        }
        (lags, watched.applied().0, started.elapsed().as_secs_f64())
    });
    let round = line_up.round(WRITERS, Duration::from_secs_f64(seconds)).await?;
    let (lags, until, took) = sampling.await.context("sampling the lag")?;
    let third = lags.len() / 3;
    line(&format!("  journal_with_views: {:.0} commits/s answered", round.per_second));
    Ok(Sustained {
        per_second: (until - applied) as f64 / took,
        lag_before: mean(&lags[third..lags.len() - third]),
        lag_after: mean(&lags[lags.len() - third..]),
        groups: round.groups,
    })
}

fn folder_mib(folder: &Path) -> f64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => folder_mib(&entry.path()),
        Ok(about) => about.len() as f64 / f64::from(1 << 20),
        Err(_) => 0.0,
    });
    sizes.sum()
}
