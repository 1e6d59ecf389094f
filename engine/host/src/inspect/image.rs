//! Looks into images: how many pixels a viewer would have to hold. Reads headers only.

use super::Findings;
use crate::facts;

/// Looks into an image.
pub(super) fn look(bytes: &[u8], mime: &str, findings: &mut Findings) {
    let size = match mime {
        "image/png" => png(bytes),
        "image/gif" => gif(bytes),
        "image/jpeg" => jpeg(bytes),
        "image/webp" => webp(bytes),
        "image/bmp" => bmp(bytes),
        _ => return,
    };
    match size {
        Some((width, height)) => {
            findings.number(facts::IMAGE_WIDTH, f64::from(width));
            findings.number(facts::IMAGE_HEIGHT, f64::from(height));
            findings.number(facts::IMAGE_PIXELS, f64::from(width) * f64::from(height));
        }
        None => findings.damaged = true,
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    be32(bytes, at).map(u32::swap_bytes)
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    let part = bytes.get(at..at + 3)?;
    Some(u32::from(part[0]) | u32::from(part[1]) << 8 | u32::from(part[2]) << 16)
}

fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    // Apple's variant has a chunk of its own before the header.
    let header = super::find(bytes.get(8..64.min(bytes.len()))?, b"IHDR")? + 8;
    Some((be32(bytes, header + 4)?, be32(bytes, header + 8)?))
}

fn gif(bytes: &[u8]) -> Option<(u32, u32)> {
    Some((le16(bytes, 6)?, le16(bytes, 8)?))
}

/// The frame header, past the other segments.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        while bytes.get(at)? == &0xff && bytes.get(at + 1)? == &0xff {
            at += 1;
        }
        if bytes.get(at)? != &0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((be16(bytes, at + 7)?, be16(bytes, at + 5)?));
            }
            0x01 | 0xd0..=0xd8 => at += 2,
            _ => at += 2 + (be16(bytes, at + 2)? as usize).max(2),
        }
    }
}

fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((le24(bytes, 24)? + 1, le24(bytes, 27)? + 1)),
        b"VP8L" => {
            let bits = le32(bytes, 21)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        _ => Some((le16(bytes, 26)? & 0x3fff, le16(bytes, 28)? & 0x3fff)),
    }
}

fn bmp(bytes: &[u8]) -> Option<(u32, u32)> {
    // The oldest header has half the width.
    if le32(bytes, 14)? == 12 {
        return Some((le16(bytes, 18)?, le16(bytes, 20)?));
    }
    let signed = |at| le32(bytes, at).map(|value| (value as i32).unsigned_abs());
    Some((signed(18)?, signed(22)?))
}
