//! How long after a consumer's message is acknowledged the agent sees what it might be about, against the classifier's
//! call alone.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::desk::{Plugins, Template};
use crate::figures::{Bar, Figure};
use crate::policy;
use crate::rooms;
use crate::say::progress;
use crate::statistics::percentile;

/// Messages asked about at most.
const MESSAGES: usize = 200;

/// A message that changes nothing brings no new suggestions; after so long none will come.
const PATIENCE: Duration = Duration::from_millis(400);

/// `suggestion`.
pub(crate) async fn figure(template: &Template, seconds: f64) -> Result<Figure> {
    let desk = template.serve(Plugins::All).await?;
    let mut rooms = rooms::on_desk(&desk).await?;
    let (started, mut took, mut without) = (Instant::now(), Vec::new(), 0);
    for number in 0..MESSAGES {
        if started.elapsed().as_secs_f64() > seconds.max(3.0) {
            break;
        }
        let at = number % rooms.len();
        let room = &mut rooms[at];
        // What came for this agent while others spoke is no answer to this message.
        while tokio::time::timeout(Duration::from_millis(1), room.agent().next()).await.is_ok() {}
        room.say().await?;
        room.acknowledged().await?;
        let acknowledged = Instant::now();
        let suggested = room.agent().until("classification_suggested");
        match tokio::time::timeout(PATIENCE, suggested).await {
            Ok(frame) => {
                frame?;
                took.push(acknowledged.elapsed().as_secs_f64() * 1e6);
            }
            Err(_) => without += 1,
        }
        if number % 50 == 49 {
            progress("suggestion", number + 1, MESSAGES);
        }
    }
    ensure!(
        !took.is_empty(),
        "no suggestion came for {without} messages; the desk said:\n{}",
        desk.last_words()
    );
    let alone = policy::default_classifier_us()?;
    Ok(Figure {
        name: "suggestion",
        value: percentile(&took, 0.5),
        unit: "µs",
        limit: alone,
        bar: Bar::None,
        note: format!(
            "from ack to the agent's frame, p50 of {} (p99 {:.0}), {without} without; limit: the call alone",
            took.len(),
            percentile(&took, 0.99)
        ),
    })
}
