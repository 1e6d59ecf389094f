//! What things weigh: an idle connection, an open conversation, and the whole after a long load. Resident memory of the
//! server as the kernel counts it, before and after.

use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::desk::{Desk, Plugins, Template, Visitor};
use crate::figures::{Bar, Figure};
use crate::process::{peak_kib, rss_kib};
use crate::rooms::Hub;
use crate::say::{line, progress};
use crate::socket::Socket;
use crate::words;

/// Idle connections.
const IDLE: usize = 2_000;

/// Open conversations in the end.
const OPEN: usize = 1_000;

/// Of them, those that are there from the start, while the server warms up.
const FIRST: usize = 100;

/// Messages of each of the further conversations.
const MESSAGES: usize = 10;

/// Connections or conversations begun at the same time.
const AT_ONCE: usize = 50;

/// Messages in flight on one connection.
const IN_FLIGHT: usize = 8;

/// How long a server may take to give back what it needed for a moment.
const REST: Duration = Duration::from_secs(2);

/// `idle_connection`.
pub(crate) async fn idle(template: &Template) -> Result<Figure> {
    let hub = Hub::start()?;
    let first: Vec<Socket> = try_join_all((0..50).map(|room| hub.socket(room, 0))).await?;
    let before = settled(hub.pid()).await?;
    let many = connect(IDLE, |at| hub.socket(1_000 + at, 0)).await?;
    let bare = (settled(hub.pid()).await? - before) / many.len() as f64;
    drop((first, many));
    progress("idle_connection", 1, 2);

    let desk = template.serve(Plugins::Policies).await?;
    let visitors = visitors(&desk, IDLE).await?;
    // The first connections bring in code and buffers that all share.
    let first = connect(50, |at| desk.socket(&visitors[at].token)).await?;
    let before = settled(desk.pid()).await?;
    let rest = &visitors[50..];
    let many = connect(rest.len(), |at| desk.socket(&rest[at].token)).await?;
    let value = (settled(desk.pid()).await? - before) / many.len() as f64;
    drop((first, many));
    progress("idle_connection", 2, 2);
    Ok(Figure {
        name: "idle_connection",
        value,
        unit: "KiB",
        limit: bare,
        bar: Bar::AtMost(16.0),
        note: format!(
            "resident memory for each of {} idle consumers; limit: the same on the bare hub",
            rest.len()
        ),
    })
}

/// `per_conversation` and `rss`.
pub(crate) async fn conversations(template: &Template, commits: u64) -> Result<[Figure; 2]> {
    let desk = template.serve(Plugins::Policies).await?;
    let started_with = rss_kib(desk.pid())?;
    let _agents = desk.agents_at_work().await?;
    let first = visitors(&desk, FIRST).await?;
    // Feed, caches and allocator have their usual size before conversations are weighed.
    let warm_up = (commits / 5).clamp(5_000, 50_000) as usize;
    let mut said = say(&desk, &first, warm_up / FIRST, 0).await?;
    let before = settled(desk.pid()).await?;
    let further = visitors(&desk, OPEN - FIRST).await?;
    said += say(&desk, &further, MESSAGES, warm_up).await?;
    let after = settled(desk.pid()).await?;
    line(&format!(
        "  memory: {:.0} MiB with {FIRST} conversations, {:.0} with {OPEN}",
        before / 1024.0,
        after / 1024.0
    ));
    let everybody: Vec<Visitor> = first.iter().chain(&further).cloned().collect();
    let mut turn = 2;
    while said < commits {
        let each = ((commits - said) as usize).div_ceil(OPEN).min(50);
        said += say(&desk, &everybody, each, turn * 1_000_000).await?;
        turn += 1;
        progress("rss, commits", said as usize, commits as usize);
    }
    let rss = settled(desk.pid()).await? / 1024.0;
    let peak = peak_kib(desk.pid())? / 1024.0;
    let words = (MESSAGES * 300) as f64 / 1024.0;
    Ok([
        Figure {
            name: "per_conversation",
            value: (after - before) / (OPEN - FIRST) as f64,
            unit: "KiB",
            limit: words,
            bar: Bar::AtMost(64.0),
            note: format!(
                "resident memory for each further one with {MESSAGES} messages; limit: what was said in it"
            ),
        },
        Figure {
            name: "rss",
            value: rss,
            unit: "MiB",
            limit: started_with / 1024.0,
            bar: Bar::AtMost(200.0),
            note: format!(
                "{OPEN} open conversations after {said} messages (peak {peak:.0}); limit: right after the start"
            ),
        },
    ])
}

/// New consumers, some at a time.
async fn visitors(desk: &Desk, count: usize) -> Result<Vec<Visitor>> {
    let begun = futures_util::stream::iter((0..count).map(|_| desk.visitor())).buffered(AT_ONCE);
    begun.try_collect().await.context("consumers write in")
}

async fn connect<F: Future<Output = Result<Socket>>>(
    count: usize,
    open: impl Fn(usize) -> F,
) -> Result<Vec<Socket>> {
    futures_util::stream::iter((0..count).map(open)).buffered(AT_ONCE).try_collect().await
}

/// Lets each of them connect, say something, and leave; how many messages were acknowledged.
async fn say(desk: &Desk, visitors: &[Visitor], each: usize, from: usize) -> Result<u64> {
    let talks = visitors.iter().enumerate().map(|(speaker, visitor)| async move {
        let mut socket = desk.socket(&visitor.token).await?;
        let mut waiting = 0;
        for number in from..from + each {
            let text = words::message(speaker, number);
            let (conversation, id) = (visitor.conversation, uuid::Uuid::new_v4());
            let frame = format!(
                r#"{{"type":"send","conversation":"{conversation}","id":"{id}","text":"{text}"}}"#
            );
            socket.send(&frame).await?;
            waiting += 1;
            if waiting == IN_FLIGHT {
                socket.until(r#""type":"ack""#).await?;
                waiting -= 1;
            }
        }
        for _ in 0..waiting {
            socket.until(r#""type":"ack""#).await?;
        }
        anyhow::Ok(each as u64)
    });
    let said: Vec<u64> =
        futures_util::stream::iter(talks).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(said.into_iter().sum())
}

/// Resident memory once it has come to rest.
async fn settled(pid: u32) -> Result<f64> {
    tokio::time::sleep(REST).await;
    rss_kib(pid)
}
