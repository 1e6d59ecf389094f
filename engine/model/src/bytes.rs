//! Numbers and texts in little-endian bytes: how a model is written and read.

/// What is wrong with a model's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged(pub &'static str);

impl std::fmt::Display for Damaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "this is no model that can be read ({}): train it again", self.0)
    }
}

impl std::error::Error for Damaged {}

/// Writes.
#[derive(Debug, Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    /// A count.
    pub fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    /// A number.
    pub fn f32(&mut self, value: f32) {
        self.0.extend(value.to_le_bytes());
    }

    /// Numbers whose count the reader knows.
    pub fn f32s(&mut self, values: &[f32]) {
        values.iter().for_each(|value| self.f32(*value));
    }

    /// A text with its length.
    pub fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.0.extend(text.as_bytes());
    }
}

/// Reads what a [`Writer`] wrote; never past the end.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// From the first byte on.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes have been read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// So many bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Damaged> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(Damaged("it ends too early"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    /// A count.
    pub fn u32(&mut self) -> Result<u32, Damaged> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// A count that is not above `most`.
    pub fn count(&mut self, most: usize) -> Result<usize, Damaged> {
        let count = self.u32()? as usize;
        if count > most { Err(Damaged("a count is too large")) } else { Ok(count) }
    }

    /// A finite number.
    pub fn f32(&mut self) -> Result<f32, Damaged> {
        let value = f32::from_bits(self.u32()?);
        if value.is_finite() { Ok(value) } else { Err(Damaged("a number is not finite")) }
    }

    /// So many numbers.
    pub fn f32s(&mut self, count: usize) -> Result<Vec<f32>, Damaged> {
        (0..count).map(|_| self.f32()).collect()
    }

    /// A text.
    pub fn text(&mut self) -> Result<String, Damaged> {
        let count = self.count(4_096)?;
        String::from_utf8(self.take(count)?.to_vec()).map_err(|_| Damaged("a text is not UTF-8"))
    }
}
