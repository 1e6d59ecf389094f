//! The anchor: a small file that says where a log begins after retention has dropped its oldest segments, and which hash
//! the first kept frame has to follow. Verification starts there. It is written before anything is removed.

use std::io;

use dialogo_domain::Position;

use crate::disk::{Disk, Room, read_full};
use crate::fault::Fault;

use super::frame::{GENESIS, Hash};

/// Its file name.
pub const NAME: &str = "anchor";

const ASIDE: &str = "anchor.tmp";
const MAGIC: &[u8; 8] = b"DLGANC1\n";
const LEN: usize = 52;

/// The last dropped position and the hash of its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Everything up to here is dropped; 0: nothing is.
    pub floor: u64,
    /// Hash of the frame at `floor`.
    pub hash: Hash,
}

impl Anchor {
    /// Nothing was dropped.
    pub const NONE: Self = Self { floor: 0, hash: GENESIS };

    /// Reads the anchor of a folder; [`Anchor::NONE`] where there is no such file.
    pub fn read(disk: &dyn Disk) -> Result<Self, Fault> {
        let file = match disk.open(NAME, false) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::NONE),
            Err(error) => return Err(Fault::io("open", NAME, error)),
        };
        let mut bytes = [0; LEN];
        let len =
            read_full(&*file, &mut bytes, 0).map_err(|error| Fault::io("read", NAME, error))?;
        Self::from_bytes(&bytes[..len]).ok_or_else(|| Fault::Corrupt {
            segment: NAME.into(),
            offset: 0,
            position: Position(0),
            what: "the anchor does not match its checksum".into(),
        })
    }

    /// Writes it aside, then puts it in place.
    pub fn write(self, disk: &dyn Disk) -> Result<(), Fault> {
        let file = disk
            .create(ASIDE, LEN as u64, Room::Reserved)
            .map_err(|e| Fault::io("create", ASIDE, e))?;
        file.write_at(&self.to_bytes(), 0).map_err(|e| Fault::io("write", ASIDE, e))?;
        file.sync().map_err(|e| Fault::io("sync", ASIDE, e))?;
        disk.rename(ASIDE, NAME).map_err(|e| Fault::io("rename", ASIDE, e))?;
        disk.sync_names().map_err(|e| Fault::io("sync", disk.place(), e))
    }

    fn to_bytes(self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..16].copy_from_slice(&self.floor.to_le_bytes());
        bytes[16..48].copy_from_slice(&self.hash);
        let crc = crc32c::crc32c(&bytes[..48]);
        bytes[48..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let whole = bytes.len() == LEN
            && &bytes[..8] == MAGIC
            && bytes[48..] == crc32c::crc32c(&bytes[..48]).to_le_bytes();
        whole.then_some(())?;
        Some(Self {
            floor: u64::from_le_bytes(bytes[8..16].try_into().ok()?),
            hash: bytes[16..48].try_into().ok()?,
        })
    }
}
