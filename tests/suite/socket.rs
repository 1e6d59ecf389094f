//! The socket beyond single conversations: slow readers, many connections, a desk that goes and comes back.

use std::time::Duration;

use anyhow::{Context as _, Result};
use dialogo_tests::desk::Desk;
use dialogo_tests::socket::{Came, Socket};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_reader_who_sleeps_catches_up_without_a_gap() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let mut sleeper = Socket::open(&visit.consumer).await?;
    let mut console = Socket::open(&ana).await?;
    let mut wanted = Vec::new();
    // More than its queue of frames and the kernel's buffers hold, so that it has to catch up from the journal.
    let filling = "palavras ".repeat(900);
    for number in 0..700 {
        let id = Uuid::new_v4();
        let ack = console.send(&visit.id, id, &format!("{number} {filling}")).await?;
        assert_eq!(ack["type"], "ack", "{ack}");
        console.all.clear();
        wanted.push(id.to_string());
    }
    let last = wanted.last().context("none")?.clone();
    sleeper
        .until("the last message", |frame| {
            dialogo_tests::socket::events(frame)
                .any(|event| event["message"]["id"] == json!(last))
                .then_some(())
        })
        .await?;
    assert_eq!(sleeper.message_ids(), wanted, "a gap, a double or a disorder");
    sleeper.check_order()?;
    desk.stop().await
}

#[tokio::test]
async fn a_desk_that_stops_says_goodbye_and_goes_on_where_it_was() -> Result<()> {
    let mut desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let mut widget = Socket::open(&visit.consumer).await?;
    ana.say(&visit.id, "até já").await?;
    widget.message(&visit.id, "até já").await?;
    desk.process.stop().await?;
    let goodbye =
        widget.until("goodbye", |frame| (frame["type"] == "bye").then(|| frame.clone())).await?;
    assert_eq!(goodbye["reason"], "shutdown");
    let cursor = widget.cut();
    desk.process.again().await?;
    let mut widget = Socket::resume(&visit.consumer, Some(cursor)).await?;
    let ana = desk.api().on_duty("ana").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    ana.say(&visit.id, "voltamos").await?;
    widget.message(&visit.id, "voltamos").await?;
    assert!(
        widget.seen("message_sent").iter().all(|event| event["message"]["text"] != "até já"),
        "twice"
    );
    let texts: Vec<Value> =
        ana.transcript(&visit.id).await?.iter().map(|message| message["text"].clone()).collect();
    assert_eq!(texts, [json!("até já"), json!("voltamos")]);
    desk.stop().await
}

#[tokio::test]
async fn many_quiet_connections_cost_little() -> Result<()> {
    const CONNECTIONS: usize = 300;
    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    let mut widget = Socket::open(&visit.consumer).await?;
    let before = resident_kib(&desk)?;
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        open.push(Socket::open(&visit.consumer).await?);
    }
    let each = (resident_kib(&desk)?.saturating_sub(before)) / CONNECTIONS as u64;
    println!("{each} KiB for each of {CONNECTIONS} quiet connections");
    assert!(each <= 64, "{each} KiB for a quiet connection");
    widget.send(&visit.id, Uuid::new_v4(), "para todas as abas").await?;
    for tab in &mut open {
        tab.message(&visit.id, "para todas as abas").await?;
    }
    desk.stop().await
}

fn resident_kib(desk: &Desk) -> Result<u64> {
    let pid = desk.process.pid()?.as_raw_nonzero();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    line.split_whitespace().next().context("no figure")?.parse().context("no figure")
}

#[tokio::test]
async fn who_never_says_hello_is_shown_out() -> Result<()> {
    let desk = Desk::begin().await?;
    let mut mute = Socket::connect(desk.api()).await?;
    let end = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        match mute
            .next(end - tokio::time::Instant::now())
            .await?
            .context("still connected after 20 s")?
        {
            Came::Closed(_) => break,
            Came::Frame(frame) => assert_ne!(frame["type"], "welcome"),
        }
    }
    desk.stop().await
}
