//! Group commit: order, completeness, answers before showing, and what happens when the disk fails.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use dialogo_domain::Position;
use dialogo_journal::disk::sim::{Failure, SimDisk};
use dialogo_journal::group::{GroupCommit, MAX_GROUP, Settled};
use dialogo_journal::log::Options;
use dialogo_journal::{Chunk, Fault, Journal, Limit, MemoryLog, SegmentLog};

const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn every_ticket_comes_back_with_its_position_and_in_order() {
    let journal: Arc<dyn Journal> = Arc::new(MemoryLog::new());
    let (answers, answered) = mpsc::channel();
    let group = GroupCommit::start(Arc::clone(&journal), move |settled: Settled<'_, Position>| {
        let first = settled.outcome.unwrap();
        assert!(settled.tickets.len() <= MAX_GROUP);
        for (at, ticket) in settled.tickets.drain(..).enumerate() {
            answers.send((Position(first.0 + at as u64), ticket)).unwrap();
        }
    })
    .unwrap();
    let group = Arc::new(group);
    let producers: Vec<_> = (0..4u8)
        .map(|producer| {
            let group = Arc::clone(&group);
            std::thread::spawn(move || {
                for _ in 0..500 {
                    group.submit(Position(0), |bytes| bytes.push(producer + 1)).unwrap();
                }
            })
        })
        .collect();
    for producer in producers {
        producer.join().unwrap();
    }
    let mut left = 300;
    let taken = group.submit_all(|position, bytes| {
        left = usize::checked_sub(left, 1)?;
        bytes.push(9);
        Some(position)
    });
    assert_eq!(taken.unwrap(), 300);
    drop(group);
    let answers: Vec<_> = answered.iter().collect();
    assert_eq!(answers.len(), 2_300);
    for (at, (position, _)) in answers.iter().enumerate() {
        assert_eq!(position.0, at as u64 + 1);
    }
    assert!(
        answers[2_000..].iter().all(|(position, told)| position == told),
        "the position told is the one it gets"
    );
    assert_eq!(journal.head(), Position(2_300));
}

#[test]
fn senders_are_answered_before_readers_see_the_commit() {
    let journal: Arc<dyn Journal> = Arc::new(MemoryLog::new());
    let seen = Arc::clone(&journal);
    let (answers, answered) = mpsc::channel();
    let group = GroupCommit::start(Arc::clone(&journal), move |settled: Settled<'_, ()>| {
        let first = settled.outcome.unwrap();
        answers.send((first, seen.head())).unwrap();
    })
    .unwrap();
    group.submit((), |bytes| bytes.push(1)).unwrap();
    let (first, visible) = answered.recv_timeout(PATIENCE).unwrap();
    assert_eq!((first, visible), (Position(1), Position(0)));
    assert_eq!(journal.follow().wait_past(Position(0), PATIENCE).unwrap(), Some(Position(1)));
}

#[test]
fn after_a_failed_sync_every_ticket_gets_the_fault() {
    let disk = SimDisk::new();
    let options = Options { segment_bytes: 64 << 10, prepare_ahead: false };
    let log: Arc<dyn Journal> =
        Arc::new(SegmentLog::open(Arc::new(disk.clone()), options).unwrap());
    disk.fail(Failure::SyncFailsAfter(0));
    let (answers, answered) = mpsc::channel();
    let group = GroupCommit::start(Arc::clone(&log), move |settled: Settled<'_, ()>| {
        let count = settled.tickets.drain(..).count();
        answers.send((settled.outcome.is_err(), count)).unwrap();
    })
    .unwrap();
    group.submit((), |bytes| bytes.push(1)).unwrap();
    assert_eq!(answered.recv_timeout(PATIENCE).unwrap(), (true, 1));
    // The queue learns of it before the tickets are answered, so this is refused at once.
    let ((), fault) = group.submit((), |bytes| bytes.push(2)).unwrap_err();
    assert!(matches!(fault, Fault::Io { operation: "sync", .. }), "{fault}");
    let mut chunk = Chunk::new();
    log.read(Position(0), Limit::GROUP, &mut chunk).unwrap();
    assert!(chunk.is_empty(), "nobody reads what was not durable");
}
