//! Commits per second that the journal holds while its views follow, and how far they are behind.
//!
//! `cargo run -p dialogo-journal --example with_views -- FOLDER [SECONDS] [COMMITS_PER_SECOND]`
//!
//! Messages of 200 bytes in 1,000 conversations, encoded, group-committed, decoded again by the follower and applied to
//! sled: everything that happens to a commit behind the desk. Without a rate it goes as fast as back-pressure lets it.
#![expect(clippy::print_stdout, reason = "a measuring program")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dialogo_domain::command::Actor;
use dialogo_domain::desk::Profile;
use dialogo_domain::message::{Author, Body, Channel};
use dialogo_domain::plugin::Verdict;
use dialogo_domain::{
    CommandId, Commit, ConsumerId, ConversationId, Event, Generation, MessageId, Millis, Position,
    Stamp,
};
use dialogo_journal::disk::real::RealDisk;
use dialogo_journal::group::{GroupCommit, Settled};
use dialogo_journal::log::{Options, SegmentLog};
use dialogo_journal::views::follower::Follower;
use dialogo_journal::{Folder, Journal, Snapshots, Views, codec};

const CONVERSATIONS: u64 = 1_000;
const IN_FLIGHT: usize = 256;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder to measure in")?;
    let span = Duration::from_secs(arguments.next().map_or(Ok(10), |text| text.parse())?);
    let rate: Option<f64> = arguments.next().map(|text| text.parse()).transpose()?;
    let folder = Folder::new(Path::new(&folder).join("journal-with-views"));
    run(&folder, span, rate)?;
    std::fs::remove_dir_all(folder.root())?;
    Ok(())
}

fn run(
    folder: &Folder,
    span: Duration,
    rate: Option<f64>,
) -> Result<(), Box<dyn std::error::Error>> {
    let journal: Arc<dyn Journal> =
        Arc::new(SegmentLog::open(Arc::new(RealDisk::new(folder.log())?), Options::default())?);
    let views = Arc::new(Views::open(folder.views(), Arc::clone(&journal))?);
    let snapshots = Snapshots::new(folder.snapshots())?;
    let follower = Follower::new(Arc::clone(&journal), Arc::clone(&views), snapshots, &mut |_| {})?;
    let running = follower.spawn()?;
    let (answers, answered) = std::sync::mpsc::channel();
    let group = GroupCommit::start(Arc::clone(&journal), move |settled: Settled<'_, ()>| {
        let count = settled.tickets.drain(..).count();
        // The measuring side may be gone already when the last groups are written.
        let _ = answers.send(settled.outcome.map(|_| count));
    })?;

    let (start, mut commits, mut free, mut worst_lag) = (Instant::now(), 0, IN_FLIGHT, 0);
    let mut report = Instant::now();
    while start.elapsed() < span {
        views.wait_for_room(Duration::from_mins(1))?;
        let allowed =
            rate.map_or(usize::MAX, |rate| (rate * start.elapsed().as_secs_f64()) as usize);
        let mut left = free.min(allowed.saturating_sub(commits));
        let taken = group.submit_all(|position, bytes| {
            left = left.checked_sub(1)?;
            codec::encode(&commit(position), bytes);
            Some(())
        })?;
        free -= taken;
        commits += taken;
        if free < IN_FLIGHT {
            free += answered.recv()??;
        } else {
            std::thread::sleep(Duration::from_micros(500));
        }
        worst_lag = worst_lag.max(views.lag());
        if report.elapsed() > Duration::from_secs(5) {
            println!(
                "{:>4.0} s: {commits} commits, {} behind",
                start.elapsed().as_secs_f64(),
                views.lag()
            );
            report = Instant::now();
        }
    }
    let written = start.elapsed();
    drop(group);
    views.wait_for(journal.head(), Duration::from_mins(2))?;
    let caught_up = start.elapsed();
    drop(running);
    println!(
        "{:.0} commits/s durable, {:.0}/s with the views at the head, at most {worst_lag} behind",
        commits as f64 / written.as_secs_f64(),
        commits as f64 / caught_up.as_secs_f64()
    );
    Ok(())
}

fn commit(position: Position) -> Commit {
    let conversation = ConversationId(u128::from(position.0 % CONVERSATIONS));
    let number = (position.0 / CONVERSATIONS) as u32;
    let consumer = ConsumerId(conversation.0);
    let mut events = Vec::with_capacity(2);
    if number == 0 {
        events.push(Event::ConversationStarted {
            conversation,
            consumer,
            channel: Channel::Web,
            profile: Profile::default(),
            previous: None,
            bot: false,
        });
    }
    events.push(Event::MessageSent {
        conversation,
        message: MessageId(u128::from(position.0) << 64),
        number: number + 1,
        author: Author::Consumer,
        body: Body::text("x".repeat(200)),
        verdict: Verdict::Allow,
        decisions: Vec::new(),
    });
    events.push(Event::TimerSet { conversation, at: Some(Millis(position.0 + 60_000)) });
    let stamp = Stamp {
        position,
        at: Millis(position.0),
        generation: Generation([1; 32]),
        command: Some(CommandId(u128::from(position.0))),
        actor: Actor::Consumer(consumer),
    };
    Commit { stamp, events }
}
