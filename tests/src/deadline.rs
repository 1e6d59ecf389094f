//! Waiting for something that another process does: look, look again, give up at the deadline and say what was seen last.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long anything may take that should take moments: the machine may be busy with other tests.
pub const SOON: Duration = Duration::from_secs(20);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(15);

/// What a look saw.
#[derive(Debug)]
pub enum Look<T> {
    /// It is there.
    There(T),
    /// It is not; this was there instead.
    NotYet(String),
}

/// Looks until it is there. An error of the look itself ends the wait.
pub async fn until<T, F, Fut>(what: &str, within: Duration, mut look: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Look<T>>>,
{
    let started = Instant::now();
    loop {
        match look().await? {
            Look::There(found) => return Ok(found),
            Look::NotYet(instead) if started.elapsed() > within => {
                bail!("waited {} s for {what}; what was there last: {instead}", within.as_secs());
            }
            Look::NotYet(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// `There` if it holds.
pub fn when<T>(holds: bool, then: T, instead: impl Into<String>) -> Look<T> {
    if holds { Look::There(then) } else { Look::NotYet(instead.into()) }
}
