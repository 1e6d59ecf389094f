//! A thousand power cuts on a simulated disk: what was acknowledged is there, unaltered and in order, whatever the disk
//! kept, lost or tore of the rest. A failing round prints its seed.

use std::sync::Arc;

use dialogo_domain::command::Actor;
use dialogo_domain::{AgentId, Commit, Event, Generation, Millis, Position, Stamp};
use dialogo_journal::disk::Disk;
use dialogo_journal::disk::sim::{Dice, Failure, SimDisk};
use dialogo_journal::log::{Options, segment};
use dialogo_journal::{Batch, Chunk, Fault, Journal, Limit, SegmentLog, codec, verify};

const ROUNDS: u64 = 1_000;

/// So small that a round changes segments several times.
const OPTIONS: Options = Options { segment_bytes: 8 << 10, prepare_ahead: false };

fn open(disk: &SimDisk) -> Result<SegmentLog, Fault> {
    SegmentLog::open(Arc::new(disk.clone()), OPTIONS)
}

fn payload(position: u64, dice: &mut Dice) -> Vec<u8> {
    let name: String =
        (0..dice.below(400)).map(|_| char::from(b'a' + dice.below(26) as u8)).collect();
    let commit = Commit {
        stamp: Stamp {
            position: Position(position),
            at: Millis(position * 10),
            generation: Generation([7; 32]),
            command: None,
            actor: Actor::Operator,
        },
        events: vec![Event::AccountRemoved { agent: AgentId::new(name) }],
    };
    let mut bytes = Vec::new();
    codec::encode(&commit, &mut bytes);
    bytes
}

fn read_all(log: &SegmentLog) -> Vec<Vec<u8>> {
    let (mut all, mut chunk) = (Vec::new(), Chunk::new());
    loop {
        let after = Position(log.floor().0 + all.len() as u64);
        log.read(after, Limit::GROUP, &mut chunk).unwrap();
        if chunk.is_empty() {
            return all;
        }
        for (at, (position, bytes)) in chunk.iter().enumerate() {
            assert_eq!(position, Position(after.0 + at as u64 + 1), "positions are dense");
            all.push(bytes.to_vec());
        }
    }
}

/// What the writer knows: everything it handed in, and how much of it was acknowledged.
#[derive(Default)]
struct Known {
    handed_in: Vec<Vec<u8>>,
    acknowledged: usize,
}

impl Known {
    /// Appends groups until something fails or the round is over.
    fn write(&mut self, log: &SegmentLog, dice: &mut Dice) {
        for _ in 0..dice.below(30) {
            let mut batch = Batch::new();
            for _ in 0..=dice.below(12) {
                let bytes = payload(self.handed_in.len() as u64 + 1, dice);
                batch.push(&bytes);
                self.handed_in.push(bytes);
            }
            let expected = Position(self.acknowledged as u64);
            match log.append(expected, &batch, &mut |_| {}) {
                Ok(position) => {
                    self.acknowledged += batch.len();
                    assert_eq!(position.0, self.acknowledged as u64);
                }
                Err(_) => return,
            }
        }
    }

    /// Compares with what a log holds after a start; what was not acknowledged may be there too, but only in order.
    fn compare(&mut self, log: &SegmentLog) {
        let found = read_all(log);
        assert!(
            found.len() >= self.acknowledged,
            "{} of {} acknowledged are there",
            found.len(),
            self.acknowledged
        );
        assert!(found.len() <= self.handed_in.len(), "more is there than was handed in");
        assert_eq!(found, self.handed_in[..found.len()], "something is altered");
        self.handed_in.truncate(found.len());
        self.acknowledged = found.len();
    }
}

fn round(seed: u64) {
    let mut dice = Dice::new(seed);
    let disk = SimDisk::new();
    let mut known = Known::default();
    for _ in 0..=dice.below(4) {
        disk.fail(Failure::PowerCutAfter(dice.below(60)));
        // The power may go while the log is opened: then the next round finds what that left.
        if let Ok(log) = open(&disk) {
            known.compare(&log);
            known.write(&log, &mut dice);
        }
        disk.power_cut(dice.roll());
        let report = verify(&disk, &mut |_| {}).unwrap();
        assert_eq!(report.problem, None);
        assert!(report.last.0 >= known.acknowledged as u64);
    }
    let log = open(&disk).unwrap();
    known.compare(&log);
    let report = verify(&disk, &mut |_| {}).unwrap();
    assert_eq!(
        (report.problem, report.last.0, report.unfinished),
        (None, known.acknowledged as u64, 0)
    );
}

#[test]
fn a_thousand_power_cuts_lose_nothing_acknowledged() {
    for seed in 0..ROUNDS {
        let outcome = std::panic::catch_unwind(|| round(seed));
        assert!(outcome.is_ok(), "seed {seed} failed, see above");
    }
}

#[test]
fn retention_survives_power_cuts_too() {
    for seed in 0..ROUNDS / 5 {
        let mut dice = Dice::new(seed);
        let disk = SimDisk::new();
        let mut known = Known::default();
        let log = open(&disk).unwrap();
        for _ in 0..20 {
            known.write(&log, &mut dice);
        }
        let wanted = Position(dice.below(known.acknowledged as u64 + 1));
        disk.fail(Failure::PowerCutAfter(dice.below(12)));
        let dropped = log.drop_behind(wanted);
        drop(log);
        disk.power_cut(dice.roll());
        let log =
            open(&disk).unwrap_or_else(|fault| panic!("seed {seed}: {}", fault.in_one_line()));
        let floor = log.floor();
        assert!(floor <= wanted, "seed {seed}");
        if let Ok(position) = dropped {
            assert_eq!(floor, position, "seed {seed}");
        }
        assert_eq!(
            read_all(&log),
            known.handed_in[floor.0 as usize..known.acknowledged],
            "seed {seed}"
        );
        let report = verify(&disk, &mut |_| {}).unwrap();
        assert_eq!((report.problem, report.first), (None, floor.next()), "seed {seed}");
    }
}

fn filled(groups: u64, of: u64) -> (SimDisk, Vec<Vec<u8>>) {
    let disk = SimDisk::new();
    let log =
        SegmentLog::open(Arc::new(disk.clone()), Options { segment_bytes: 1 << 20, ..OPTIONS })
            .unwrap();
    let (mut dice, mut all) = (Dice::new(1), Vec::new());
    for _ in 0..groups {
        let mut batch = Batch::new();
        for _ in 0..of {
            all.push(payload(all.len() as u64 + 1, &mut dice));
            batch.push(all.last().unwrap());
        }
        log.append(log.head(), &batch, &mut |_| {}).unwrap();
    }
    (disk, all)
}

fn only_segment(disk: &SimDisk) -> String {
    disk.list().unwrap().into_iter().find(|name| segment::base_of(name).is_some()).unwrap()
}

#[test]
fn damage_in_what_was_durable_refuses_to_open_and_says_where() {
    let (disk, _) = filled(4, 3);
    let segment = only_segment(&disk);
    disk.flip_bit(&segment, (64 + 70) * 8);
    let fault = open(&disk).unwrap_err();
    let Fault::Corrupt { segment: named, offset, position, .. } = &fault else { panic!("{fault}") };
    assert_eq!((named, *offset, *position), (&segment, 64, Position(1)));
    assert!(fault.to_string().contains("dialogo verify"), "{fault}");
    let problem = verify(&disk, &mut |_| {}).unwrap().problem.unwrap();
    assert_eq!((problem.segment, problem.offset, problem.position), (segment, 64, Position(1)));
}

#[test]
fn damage_in_the_last_group_is_a_torn_tail() {
    let (disk, all) = filled(2, 3);
    let segment = only_segment(&disk);
    let used = disk.content(&segment).unwrap().iter().rposition(|byte| *byte != 0).unwrap();
    disk.flip_bit(&segment, used * 8);
    assert!(verify(&disk, &mut |_| {}).unwrap().unfinished > 0);
    let log = open(&disk).unwrap();
    assert_eq!(log.torn().map(|torn| torn.position), Some(Position(all.len() as u64)));
    assert_eq!(read_all(&log), all[..all.len() - 1]);
}

#[test]
fn a_missing_segment_is_noticed() {
    let disk = SimDisk::new();
    let mut known = Known::default();
    let log = open(&disk).unwrap();
    for _ in 0..20 {
        known.write(&log, &mut Dice::new(3));
    }
    drop(log);
    let mut segments: Vec<_> =
        disk.list().unwrap().into_iter().filter(|name| segment::base_of(name).is_some()).collect();
    segments.sort();
    assert!(segments.len() > 4);
    disk.remove(&segments[0]).unwrap();
    assert!(matches!(open(&disk), Err(Fault::Corrupt { .. })));
    assert!(verify(&disk, &mut |_| {}).unwrap().problem.is_some());
}

fn one(position: u64) -> Batch {
    let mut batch = Batch::new();
    batch.push(&payload(position, &mut Dice::new(position)));
    batch
}

#[test]
fn after_a_failed_sync_nothing_is_taken_any_more() {
    let disk = SimDisk::new();
    let log = open(&disk).unwrap();
    log.append(Position(0), &one(1), &mut |_| {}).unwrap();
    disk.fail(Failure::SyncFailsAfter(0));
    assert!(matches!(
        log.append(Position(1), &one(2), &mut |_| {}),
        Err(Fault::Io { operation: "sync", .. })
    ));
    let refused = log.append(Position(1), &one(2), &mut |_| {}).unwrap_err();
    assert!(matches!(refused, Fault::Poisoned { .. }), "{refused}");
    assert!(matches!(log.follow().ended(), Some(Fault::Poisoned { .. })));
    assert_eq!(log.head(), Position(1));
}

#[test]
fn a_full_disk_is_told_as_such_and_nothing_is_lost() {
    let disk = SimDisk::new();
    let log = open(&disk).unwrap();
    log.append(Position(0), &one(1), &mut |_| {}).unwrap();
    disk.fail(Failure::FullAfter(0));
    let fault = log.append(Position(1), &one(2), &mut |_| {}).unwrap_err();
    assert!(matches!(fault, Fault::DiskFull { .. }), "{fault}");
    drop(log);
    disk.power_cut(5);
    let log = open(&disk).unwrap();
    assert_eq!(log.append(Position(1), &one(2), &mut |_| {}).unwrap(), Position(2));
}

#[test]
fn a_second_writer_is_refused() {
    let disk = SimDisk::new();
    let _log = open(&disk).unwrap();
    assert!(matches!(open(&disk), Err(Fault::Locked { .. })));
}

#[test]
fn a_batch_out_of_turn_is_refused_and_harms_nothing() {
    let disk = SimDisk::new();
    let log = open(&disk).unwrap();
    log.append(Position(0), &one(1), &mut |_| {}).unwrap();
    assert!(matches!(log.append(Position(0), &one(1), &mut |_| {}), Err(Fault::OutOfTurn { .. })));
    assert_eq!(log.append(Position(1), &one(2), &mut |_| {}).unwrap(), Position(2));
}
