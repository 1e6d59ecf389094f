//! The whole way of a message: consumer's socket → policies → durable → agent's socket, against a bare hub of the same
//! shape. Both servers are processes of their own; this process is the client of both, in turns.

use std::time::Duration;

use anyhow::Result;

use crate::desk::{Plugins, Template};
use crate::figures::{Bar, Figure};
use crate::rooms::{self, Hub, Round};
use crate::say::progress;
use crate::statistics::median;

/// Both figures of a desk: messages per second, and the server's CPU time for each.
pub(crate) struct Both {
    /// Against the hub.
    pub(crate) rate: Figure,
    /// Against the hub.
    pub(crate) cpu: Figure,
}

/// Measures a desk with these plugins.
pub(crate) async fn figures(
    template: &Template,
    plugins: Plugins,
    (rate, cpu): (&'static str, &'static str),
    bar: f64,
    seconds: f64,
) -> Result<Both> {
    const ROUNDS: usize = 5;
    let lasts = Duration::from_secs_f64((seconds / (2 * ROUNDS) as f64).max(0.4));
    let hub = Hub::start()?;
    let desk = template.serve(plugins).await?;
    let mut in_hub = hub.rooms().await?;
    let mut on_desk = rooms::on_desk(&desk).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in 0..=ROUNDS {
        let (rooms, bare) = rooms::round(in_hub, hub.pid(), lasts).await?;
        in_hub = rooms;
        let (rooms, own) = rooms::round(on_desk, desk.pid(), lasts).await?;
        on_desk = rooms;
        // The first round of each warms up: code is paged in, sandboxes and buffers are made.
        if number > 0 {
            ours.push(own);
            theirs.push(bare);
            progress(rate, number, ROUNDS);
        }
    }
    let per_second =
        |rounds: &[Round]| median(&rounds.iter().map(|round| round.per_second).collect::<Vec<_>>());
    let per_message =
        |rounds: &[Round]| median(&rounds.iter().map(|round| round.cpu_us).collect::<Vec<_>>());
    let on =
        if plugins == Plugins::All { "everything on" } else { "default policies, suggestions off" };
    Ok(Both {
        rate: Figure {
            name: rate,
            value: per_second(&ours),
            unit: "messages/s",
            limit: per_second(&theirs),
            bar: Bar::Ratio(bar),
            note: format!("{on}; 50 rooms of two, one in flight; limit: bare axum hub"),
        },
        cpu: Figure {
            name: cpu,
            value: per_message(&ours),
            unit: "µs",
            limit: per_message(&theirs),
            bar: Bar::None,
            note: format!("{on}; CPU of the server for a message; limit: of the hub"),
        },
    })
}
