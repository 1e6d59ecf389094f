//! Rooms of two: a consumer who writes and an agent who reads, over sockets, one message in flight in each room. The same
//! client drives the desk and the bare hub.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use uuid::Uuid;

use crate::desk::{Desk, ROOMS, Visitor};
use crate::process::{Owned, cpu_us};
use crate::socket::Socket;
use crate::words;

/// A consumer, an agent, and what they have said.
pub(crate) struct Room {
    number: usize,
    said: usize,
    conversation: Uuid,
    consumer: Socket,
    agent: Socket,
}

/// What the rooms of a round did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Round {
    /// Messages per second, from consumer to agent.
    pub(crate) per_second: f64,
    /// CPU time of the server for each, in microseconds.
    pub(crate) cpu_us: f64,
}

impl Room {
    /// One message: sent, acknowledged to the consumer, and shown to the agent. `look` sees every frame the agent gets.
    pub(crate) async fn exchange(&mut self, look: impl FnMut(&str)) -> Result<()> {
        self.say().await?;
        let id = self.last_id();
        let (ack, _) = tokio::try_join!(
            self.consumer.until(r#""type":"ack""#),
            self.agent.until_seeing(&id, look)
        )?;
        anyhow::ensure!(!ack.contains(r#""state":"refused""#), "the message was refused: {ack}");
        Ok(())
    }

    /// Sends the next message.
    pub(crate) async fn say(&mut self) -> Result<()> {
        self.said += 1;
        let text = words::message(self.number, self.said);
        let (conversation, id) = (self.conversation, self.last_id());
        let frame = format!(
            r#"{{"type":"send","conversation":"{conversation}","id":"{id}","text":"{text}"}}"#
        );
        self.consumer.send(&frame).await
    }

    /// Waits until the consumer has the answer.
    pub(crate) async fn acknowledged(&mut self) -> Result<()> {
        self.consumer.until(r#""type":"ack""#).await.map(drop)
    }

    /// The agent's socket.
    pub(crate) fn agent(&mut self) -> &mut Socket {
        &mut self.agent
    }

    /// The id of the last message: its room and number, in the form of a UUID.
    fn last_id(&self) -> String {
        Uuid::from_u64_pair(
            self.conversation.as_u64_pair().0 ^ 0x5a5a_5a5a_0000_0000,
            (self.number as u64) << 40 | self.said as u64,
        )
        .to_string()
    }
}

/// Rooms at work for so long; the server's CPU time is counted with it.
pub(crate) async fn round(
    rooms: Vec<Room>,
    pid: u32,
    lasts: Duration,
) -> Result<(Vec<Room>, Round)> {
    let stop = Arc::new(AtomicBool::new(false));
    let (started, cpu) = (Instant::now(), cpu_us(pid)?);
    let tasks: Vec<_> = rooms
        .into_iter()
        .map(|mut room| {
            let stop = Arc::clone(&stop);
            tokio::spawn(async move {
                let before = room.said;
                while !stop.load(Ordering::Relaxed) {
                    room.exchange(|_| {}).await?;
                }
                let said = room.said - before;
                anyhow::Ok((room, said))
            })
        })
        .collect();
    tokio::time::sleep(lasts).await;
    stop.store(true, Ordering::Relaxed);
    let (mut rooms, mut messages) = (Vec::new(), 0);
    for task in tasks {
        let (room, said) = task.await.context("a room panicked")??;
        rooms.push(room);
        messages += said;
    }
    let cpu = cpu_us(pid)? - cpu;
    let per_second = messages as f64 / started.elapsed().as_secs_f64();
    Ok((rooms, Round { per_second, cpu_us: cpu / messages.max(1) as f64 }))
}

/// The bare hub, a process of its own.
pub(crate) struct Hub {
    process: Owned,
    address: String,
}

impl Hub {
    /// Starts it.
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--hub");
        let (process, port) = Owned::start_and_hear(command)?;
        let port: u16 = port.trim().parse().context("the hub said no port")?;
        Ok(Self { process, address: format!("127.0.0.1:{port}") })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// One side of a room.
    pub(crate) async fn socket(&self, room: usize, side: u8) -> Result<Socket> {
        Socket::open(&self.address, &format!("/room/{room}/{side}")).await
    }

    /// Fifty rooms.
    pub(crate) async fn rooms(&self) -> Result<Vec<Room>> {
        try_join_all((0..ROOMS).map(|number| async move {
            let consumer = self.socket(number, 0).await?;
            let agent = self.socket(number, 1).await?;
            anyhow::Ok(Room { number, said: 0, conversation: Uuid::new_v4(), consumer, agent })
        }))
        .await
    }
}

/// Fifty rooms on a desk: every agent is at work, every consumer is with an agent. The bot, where there is one, is asked
/// for a human first.
pub(crate) async fn on_desk(desk: &Desk) -> Result<Vec<Room>> {
    let at_work = desk.agents_at_work().await?;
    let visitors: Vec<Visitor> = try_join_all((0..ROOMS).map(|_| desk.visitor())).await?;
    let mut consumers = Vec::new();
    for visitor in &visitors {
        consumers.push(desk.socket(&visitor.token).await?);
    }
    let holders = served(desk, &visitors, &mut consumers).await?;
    let mut rooms = Vec::new();
    for (number, (visitor, consumer)) in visitors.into_iter().zip(consumers).enumerate() {
        let holder = holders.iter().find(|(_, held)| *held == visitor.conversation);
        let (agent, _) = holder.context("every consumer has an agent by now")?;
        let agent = desk.agent_socket(*agent).await?;
        rooms.push(Room { number, said: 0, conversation: visitor.conversation, consumer, agent });
    }
    // The sockets that brought the agents to work are replaced by one for each room, so that each message is written once.
    drop(at_work);
    Ok(rooms)
}

/// Waits until every visitor has an agent, asking a bot for one.
async fn served(
    desk: &Desk,
    visitors: &[Visitor],
    consumers: &mut [Socket],
) -> Result<Vec<(usize, Uuid)>> {
    for attempt in 0..100 {
        let holders = desk.holders().await?;
        let waiting: Vec<usize> = (0..visitors.len())
            .filter(|at| !holders.iter().any(|(_, held)| *held == visitors[*at].conversation))
            .collect();
        if waiting.is_empty() {
            return Ok(holders);
        }
        if attempt % 20 == 0 && attempt > 0 || attempt == 1 {
            for at in waiting {
                let (conversation, id) = (visitors[at].conversation, Uuid::new_v4());
                let frame = format!(
                    r#"{{"type":"send","conversation":"{conversation}","id":"{id}","text":"atendente"}}"#
                );
                consumers[at].send(&frame).await?;
                consumers[at].until(r#""type":"ack""#).await?;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!(
        "the consumers were given no agents within 10 s; the desk said:\n{}",
        desk.last_words()
    )
}
