//! A segment file: a header that says where it begins, then frames, then zeros. Walks through one, frame by frame.
//!
//! ```text
//! 0   "DLGSEG1\n"
//! 8   format, 1                             u32
//! 12  CRC-32C of the other 60 bytes         u32
//! 16  position of the first frame           u64
//! 24  SHA-256 of the frame before it        32 bytes
//! 56  reserved, 0                           8 bytes
//! ```

use std::io;

use crate::disk::{DiskFile, read_full};

use super::frame::{self, Frame, Hash};

/// Bytes before the first frame.
pub const HEADER: u64 = 64;

const MAGIC: &[u8; 8] = b"DLGSEG1\n";
const FORMAT: u32 = 1;

/// Bytes read at a time when walking.
const STEP: usize = 1 << 20;

/// Where a segment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begin {
    /// Position of the first frame.
    pub base: u64,
    /// Hash of the frame before it.
    pub before: Hash,
}

/// The file name of the segment that begins at `base`.
pub fn name(base: u64) -> String {
    format!("{base:020}.seg")
}

/// The base in a segment's file name; `None` for other files.
pub fn base_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg")?;
    (digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())?
}

/// The bases of all segments among `names`, in order.
pub fn bases(names: &[String]) -> Vec<u64> {
    let mut bases: Vec<u64> = names.iter().filter_map(|name| base_of(name)).collect();
    bases.sort_unstable();
    bases
}

impl Begin {
    /// The header's bytes.
    pub fn to_bytes(self) -> [u8; HEADER as usize] {
        let mut bytes = [0; HEADER as usize];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.base.to_le_bytes());
        bytes[24..56].copy_from_slice(&self.before);
        let crc = header_checksum(&bytes);
        bytes[12..16].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads a header; the error says what is wrong with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, &'static str> {
        let bytes: &[u8; HEADER as usize] =
            bytes.try_into().map_err(|_| "the segment is too short for its header")?;
        if &bytes[..8] != MAGIC {
            return Err("this is not a segment of a journal");
        }
        let number = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        if number(12) != header_checksum(bytes) {
            return Err("the segment's header does not match its checksum");
        }
        if number(8) != FORMAT {
            return Err("the segment was written by a newer dialogo");
        }
        let mut base = [0; 8];
        base.copy_from_slice(&bytes[16..24]);
        let mut before = [0; 32];
        before.copy_from_slice(&bytes[24..56]);
        Ok(Self { base: u64::from_le_bytes(base), before })
    }

    /// Reads the header of an open segment.
    pub fn read(file: &dyn DiskFile) -> io::Result<Result<Self, &'static str>> {
        let mut bytes = [0; HEADER as usize];
        let len = read_full(file, &mut bytes, 0)?;
        Ok(Self::from_bytes(&bytes[..len]))
    }
}

fn header_checksum(bytes: &[u8; HEADER as usize]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&bytes[..12]), &bytes[16..])
}

/// Walks the frames of a segment from an offset on, reading large pieces.
pub struct Walk<'f> {
    file: &'f dyn DiskFile,
    buffer: Vec<u8>,
    /// Offset in the file of `buffer[0]`.
    start: u64,
    /// Where the next frame begins in `buffer`.
    at: usize,
    ended: bool,
    piece: usize,
}

impl<'f> Walk<'f> {
    /// Begins at a frame's offset.
    pub fn from(file: &'f dyn DiskFile, offset: u64) -> Self {
        Self { file, buffer: Vec::new(), start: offset, at: 0, ended: false, piece: STEP }
    }

    /// Reads pieces of this size instead of large ones.
    #[must_use]
    pub fn in_steps_of(self, step: usize) -> Self {
        Self { piece: step, ..self }
    }

    /// Reads into this buffer, whatever is in it; [`Walk::into_buffer`] gives it back.
    #[must_use]
    pub fn with_buffer(self, mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        Self { buffer, ..self }
    }

    /// The buffer, for the next walk.
    pub fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// Offset of the next frame.
    pub fn offset(&self) -> u64 {
        self.start + self.at as u64
    }

    /// The next frame if a whole one stands there. After `None`, [`Walk::offset`] is where it failed.
    pub fn step(&mut self) -> io::Result<Option<(u64, Frame<'_>)>> {
        let mut wanted = frame::HEADER;
        loop {
            if self.buffer.len() - self.at >= wanted {
                match frame::plausible_len(&self.buffer[self.at..]) {
                    Some(len) if self.buffer.len() - self.at >= len => break,
                    Some(len) => wanted = len,
                    None => return Ok(None),
                }
            }
            if self.ended && self.buffer.len() - self.at < wanted {
                return Ok(None);
            }
            self.fill(wanted)?;
        }
        let offset = self.offset();
        let Some(found) = frame::read(&self.buffer[self.at..]) else { return Ok(None) };
        self.at += found.bytes.len();
        Ok(Some((offset, found)))
    }

    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        self.buffer.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        let had = self.buffer.len();
        let room = self.piece.max(wanted - had.min(wanted));
        self.buffer.resize(had + room, 0);
        let got = read_full(self.file, &mut self.buffer[had..], self.start + had as u64)?;
        self.buffer.truncate(had + got);
        self.ended = got < room;
        Ok(())
    }
}

/// What lies behind a bad frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Zeros only: the log simply ends here.
    Nothing,
    /// Remains of a group that was never synced.
    Torn {
        /// Bytes from the bad frame to the last one that is not zero.
        bytes: u64,
    },
    /// A whole frame whose group began later: what is bad here was durable once.
    Valid {
        /// Its offset.
        offset: u64,
        /// Its position.
        position: u64,
    },
}

/// Looks behind `offset`, where a frame of `position` should have been.
pub fn look_behind(file: &dyn DiskFile, offset: u64, position: u64) -> io::Result<Behind> {
    let len = file.len()?;
    let mut rest = vec![0; usize::try_from(len.saturating_sub(offset)).unwrap_or(0)];
    let got = read_full(file, &mut rest, offset)?;
    rest.truncate(got);
    let Some(last) = rest.iter().rposition(|byte| *byte != 0) else { return Ok(Behind::Nothing) };
    // A frame takes at least HEADER + 1 bytes: no later frame can claim more than that allows.
    let furthest = position + (rest.len() / frame::HEADER) as u64 + 1;
    for at in 0..=last {
        let claimed = match frame::claimed_position(&rest[at..]) {
            Some(claimed) if (position..=furthest).contains(&claimed) => claimed,
            _ => continue,
        };
        if let Some(found) = frame::read(&rest[at..])
            && found.group_start() > position
        {
            return Ok(Behind::Valid { offset: offset + at as u64, position: claimed });
        }
    }
    Ok(Behind::Torn { bytes: last as u64 + 1 })
}
