//! How one payload lies in a segment, byte by byte. All numbers are little-endian.
//!
//! ```text
//! 0   length of the payload, never 0        u32
//! 4   CRC-32C of everything else            u32
//! 8   position                              u64
//! 16  place in its group, from 0            u32
//! 20  reserved, 0                           u32
//! 24  SHA-256 of the whole frame before     32 bytes
//! 56  payload
//! ```
//!
//! *Place in its group* is what tells a torn tail from damage: a group is written only after the group before it was
//! synced, so a valid frame proves everything before its group. Whether a frame belongs where it stands (position,
//! chain) is for the reader to say; this file only says whether it is whole.

use sha2::{Digest, Sha256};

/// SHA-256 of a frame.
pub type Hash = [u8; 32];

/// What stands before the first frame of all.
pub const GENESIS: Hash = [0; 32];

/// Bytes before the payload.
pub const HEADER: usize = 56;

/// Largest payload. A commit of a desk is far below (16 KiB of text, a few decisions); a cold conversation with
/// thousands of messages may reach hundreds of KiB.
pub const MAX_PAYLOAD: usize = 16 << 20;

/// A whole frame, its payload borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its position.
    pub position: u64,
    /// Its place in the group it was written with.
    pub in_group: u32,
    /// Hash of the frame before.
    pub before: Hash,
    /// What it carries.
    pub payload: &'a [u8],
    /// All of its bytes.
    pub bytes: &'a [u8],
}

impl Frame<'_> {
    /// First position of its group; everything before was durable when this was written.
    pub fn group_start(&self) -> u64 {
        self.position.saturating_sub(u64::from(self.in_group))
    }

    /// What the next frame has to name.
    pub fn hash(&self) -> Hash {
        hash(self.bytes)
    }
}

/// SHA-256 of a whole frame.
pub fn hash(frame: &[u8]) -> Hash {
    Sha256::digest(frame).into()
}

/// Appends a frame to `buffer` and returns its hash.
pub fn write(
    buffer: &mut Vec<u8>,
    position: u64,
    in_group: u32,
    before: &Hash,
    payload: &[u8],
) -> Hash {
    let start = buffer.len();
    buffer.reserve(HEADER + payload.len());
    buffer.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    buffer.extend_from_slice(&[0; 4]);
    buffer.extend_from_slice(&position.to_le_bytes());
    buffer.extend_from_slice(&in_group.to_le_bytes());
    buffer.extend_from_slice(&[0; 4]);
    buffer.extend_from_slice(before);
    buffer.extend_from_slice(payload);
    let crc = checksum(&buffer[start..]);
    buffer[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
    hash(&buffer[start..])
}

fn checksum(frame: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&frame[..4]), &frame[8..])
}

/// Length of the frame that begins here, if what stands there could be one; the rest may not be read yet.
pub fn plausible_len(header: &[u8]) -> Option<usize> {
    let payload = u32_at(header, 0)? as usize;
    (payload > 0 && payload <= MAX_PAYLOAD).then_some(HEADER + payload)
}

/// The position that the frame beginning here claims.
pub fn claimed_position(header: &[u8]) -> Option<u64> {
    header.get(8..16)?.try_into().ok().map(u64::from_le_bytes)
}

/// Reads the frame at the start of `bytes`; `None` when there is no whole one.
pub fn read(bytes: &[u8]) -> Option<Frame<'_>> {
    let len = plausible_len(bytes)?;
    let bytes = bytes.get(..len)?;
    if u32_at(bytes, 4)? != checksum(bytes) {
        return None;
    }
    Some(Frame {
        position: claimed_position(bytes)?,
        in_group: u32_at(bytes, 16)?,
        before: bytes[24..HEADER].try_into().ok()?,
        payload: &bytes[HEADER..],
        bytes,
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, 7, 2, &[9; 32], b"hello");
        bytes
    }

    #[test]
    fn a_frame_reads_back() {
        let bytes = sample();
        let frame = read(&bytes).unwrap();
        assert_eq!((frame.position, frame.in_group, frame.group_start()), (7, 2, 5));
        assert_eq!((frame.before, frame.payload), ([9; 32], &b"hello"[..]));
    }

    #[test]
    fn any_flipped_bit_is_noticed() {
        let bytes = sample();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&flipped).is_none(), "bit {bit}");
        }
    }

    #[test]
    fn anything_short_is_no_frame() {
        let bytes = sample();
        for len in 0..bytes.len() {
            assert!(read(&bytes[..len]).is_none(), "{len} bytes");
        }
        assert!(read(&[0; 200]).is_none());
    }
}
