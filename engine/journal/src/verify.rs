//! Checks a log from end to end without changing anything, also while a desk writes to it: checksums, the hash chain
//! across segments and from the anchor on, that positions are dense, that every commit decodes and says the position it
//! stands at, and that time never runs backwards. It stops at the first problem and says where that is.

use dialogo_domain::{Millis, Position};

use crate::codec;
use crate::disk::{Disk, DiskFile};
use crate::fault::Fault;
use crate::log::anchor::Anchor;
use crate::log::frame::{Frame, Hash};
use crate::log::segment::{self, Begin, Behind, Walk};
use crate::progress::{Progress, Reporter};

/// Commits between two reports of progress.
const REPORT_EVERY: u64 = 4096;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// Segments looked at.
    pub segments: usize,
    /// Commits that are as they should be.
    pub commits: u64,
    /// The first position kept; everything before was dropped by retention.
    pub first: Position,
    /// The last position that is as it should be.
    pub last: Position,
    /// Hash of its frame: the same hash on two machines means the same history.
    pub hash: Hash,
    /// Bytes of all frames.
    pub bytes: u64,
    /// Bytes of an unfinished write at the end: cut off at the next start, or being written right now.
    pub unfinished: u64,
    /// The first problem.
    pub problem: Option<Problem>,
}

/// Something that cannot be in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The segment file.
    pub segment: String,
    /// Byte offset in it.
    pub offset: u64,
    /// The position expected there.
    pub position: Position,
    /// What is wrong.
    pub what: String,
}

/// Checks the log in a folder.
///
/// # Errors
/// Only when the disk cannot be read; what is wrong with the log stands in the report.
pub fn verify(disk: &dyn Disk, progress: Reporter<'_>) -> Result<VerifyReport, Fault> {
    let anchor = Anchor::read(disk)?;
    let names = disk.list().map_err(|error| Fault::io("list", disk.place(), error))?;
    let bases: Vec<u64> =
        segment::bases(&names).into_iter().filter(|base| *base > anchor.floor).collect();
    let mut check = Check {
        report: VerifyReport {
            segments: 0,
            commits: 0,
            first: Position(anchor.floor + 1),
            last: Position(anchor.floor),
            hash: anchor.hash,
            bytes: 0,
            unfinished: 0,
            problem: None,
        },
        time: Millis(0),
        progress,
        total: bases.len() as u64,
    };
    for (at, &base) in bases.iter().enumerate() {
        if check.report.problem.is_some() {
            break;
        }
        check.segment(disk, base, at + 1 == bases.len())?;
    }
    Ok(check.report)
}

struct Check<'p> {
    report: VerifyReport,
    time: Millis,
    progress: Reporter<'p>,
    total: u64,
}

impl Check<'_> {
    fn segment(&mut self, disk: &dyn Disk, base: u64, newest: bool) -> Result<(), Fault> {
        let name = segment::name(base);
        let file = disk.open(&name, false).map_err(|error| Fault::io("open", &name, error))?;
        let begin = match Begin::read(&*file).map_err(|error| Fault::io("read", &name, error))? {
            Ok(begin) => begin,
            Err(what) => {
                self.problem(&name, 0, what);
                return Ok(());
            }
        };
        if begin.base != base || base != self.report.last.0 + 1 {
            self.problem(&name, 0, "the segment does not begin where the one before ends");
            return Ok(());
        }
        if begin.before != self.report.hash {
            self.problem(&name, 0, "the segment does not follow the hash of the one before");
            return Ok(());
        }
        self.report.segments += 1;
        let mut offset = segment::HEADER;
        // While a desk writes, what was unfinished at the first look may be finished at the second.
        loop {
            let before = offset;
            offset = self
                .frames(&name, &*file, offset)
                .map_err(|error| Fault::io("read", &name, error))?;
            if self.report.problem.is_some() {
                return Ok(());
            }
            let expected = self.report.last.0 + 1;
            let behind = segment::look_behind(&*file, offset, expected)
                .map_err(|error| Fault::io("read", &name, error))?;
            match behind {
                Behind::Nothing => return Ok(()),
                Behind::Valid { .. } if offset != before => {}
                Behind::Torn { bytes } if newest => {
                    self.report.unfinished = bytes;
                    return Ok(());
                }
                Behind::Torn { .. } => {
                    self.problem(&name, offset, "the frame is broken, and later segments follow");
                    return Ok(());
                }
                Behind::Valid { offset: valid, position } => {
                    let what = format!(
                        "the frame is broken, yet position {position} behind it (byte {valid}) is whole"
                    );
                    self.problem(&name, offset, &what);
                    return Ok(());
                }
            }
        }
    }

    /// Checks the frames from an offset on and says where they end.
    fn frames(&mut self, name: &str, file: &dyn DiskFile, offset: u64) -> std::io::Result<u64> {
        let mut walk = Walk::from(file, offset);
        while let Some((offset, frame)) = walk.step()? {
            if let Err(what) = self.frame(&frame) {
                self.problem(name, offset, &what);
                return Ok(offset);
            }
        }
        Ok(walk.offset())
    }

    fn frame(&mut self, frame: &Frame<'_>) -> Result<(), String> {
        let expected = self.report.last.next();
        if Position(frame.position) != expected {
            return Err(format!("position {} stands here", frame.position));
        }
        if frame.before != self.report.hash {
            return Err("it does not follow the hash of the one before".into());
        }
        let commit = codec::decode(frame.payload).map_err(|fault| fault.to_string())?;
        if commit.stamp.position != expected {
            return Err(format!("the commit says that it is position {}", commit.stamp.position));
        }
        if commit.stamp.at < self.time {
            return Err(format!(
                "its time {} is before that of the commit before ({})",
                commit.stamp.at, self.time
            ));
        }
        self.time = commit.stamp.at;
        self.report.last = expected;
        self.report.hash = frame.hash();
        self.report.commits += 1;
        self.report.bytes += frame.bytes.len() as u64;
        if self.report.commits.is_multiple_of(REPORT_EVERY) {
            let done = self.report.segments as u64;
            (self.progress)(Progress { doing: "verify segments", done, total: self.total });
        }
        Ok(())
    }

    fn problem(&mut self, segment: &str, offset: u64, what: &str) {
        self.report.problem = Some(Problem {
            segment: segment.into(),
            offset,
            position: self.report.last.next(),
            what: what.into(),
        });
    }
}
