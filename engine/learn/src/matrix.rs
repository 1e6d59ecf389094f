//! Two tables of numbers: sparse rows (texts as weighted features) and dense ones (weights).

/// Texts as weighted features, one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sparse {
    starts: Vec<usize>,
    /// Column and value.
    cells: Vec<(u32, f32)>,
}

impl Sparse {
    /// No text yet.
    pub(crate) fn new() -> Self {
        Self { starts: vec![0], cells: Vec::new() }
    }

    /// One more text.
    pub(crate) fn push(&mut self, cells: impl IntoIterator<Item = (u32, f32)>) {
        self.cells.extend(cells);
        self.starts.push(self.cells.len());
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// One text.
    pub(crate) fn row(&self, at: usize) -> &[(u32, f32)] {
        &self.cells[self.starts[at]..self.starts[at + 1]]
    }
}

/// Weights, a row for each feature.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Dense {
    /// Numbers in a row.
    pub width: usize,
    /// Row after row.
    pub cells: Vec<f32>,
}

impl Dense {
    /// All nought.
    pub(crate) fn zeros(rows: usize, width: usize) -> Self {
        Self { width, cells: vec![0.0; rows * width] }
    }

    /// One row.
    pub(crate) fn row(&self, at: usize) -> &[f32] {
        &self.cells[at * self.width..(at + 1) * self.width]
    }

    /// One row, to be changed.
    pub(crate) fn row_mut(&mut self, at: usize) -> &mut [f32] {
        &mut self.cells[at * self.width..(at + 1) * self.width]
    }

    /// `out` becomes the weighted sum of the rows that a text names.
    pub(crate) fn sum(&self, text: &[(u32, f32)], out: &mut [f32]) {
        out.fill(0.0);
        for &(column, value) in text {
            add(out, value, self.row(column as usize));
        }
    }
}

/// `to += factor × from`.
pub(crate) fn add(to: &mut [f32], factor: f32, from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += factor * from;
    }
}
