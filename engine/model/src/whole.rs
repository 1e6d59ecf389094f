//! Numbers as small whole ones, and what they make of rows of signed bytes.
//!
//! Where thousands of products are added up, whole numbers cost a third: they may be added in any order to the same bits, so
//! vectors can be used, and a sandbox need not make every NaN the same after each of them. Loops go in strides, because a
//! sandbox looks at its time in each round. The guest multiplies by vectors of its own choosing, since compilers do not find
//! the instruction that adds two products; natively the plain loop does, and both give the same bits.

/// Numbers as small whole ones; so many of them that no sum of products with bytes overflows.
#[derive(Debug)]
pub(crate) struct Whole {
    numbers: Vec<i16>,
    /// What one stands for.
    unit: f32,
}

/// All of them together are at most about this: a byte is below 2⁷ and a sum below 2³¹, and half of that is left for rounding.
const MOST_TOGETHER: f32 = 8_388_608.0;

/// Rows that are added in one walk over the sums.
const ROWS: usize = 4;

/// Bytes of a row in one round of a loop.
const STRIDE: usize = 16;

impl Whole {
    /// Of these numbers.
    pub(crate) fn of(numbers: impl Iterator<Item = f32> + Clone) -> Self {
        let (mut most, mut together) = (0.0f32, 0.0f32);
        for number in numbers.clone() {
            most = most.max(number.abs());
            together += number.abs();
        }
        let unit = (most / f32::from(i16::MAX)).max(together / MOST_TOGETHER);
        let unit = if unit > 0.0 { unit } else { 1.0 };
        let numbers = numbers.map(|number| (number / unit).round_ties_even() as i16).collect();
        Self { numbers, unit }
    }

    /// The sum of the products with a row's bytes.
    pub(crate) fn dot(&self, row: &[u8]) -> f32 {
        let (numbers, last_numbers) = self.numbers.as_chunks::<STRIDE>();
        let (bytes, last_bytes) = row.as_chunks::<STRIDE>();
        let mut sums = [0i32; STRIDE];
        for (numbers, bytes) in numbers.iter().zip(bytes) {
            for at in 0..STRIDE {
                sums[at] = sums[at].wrapping_add(product(numbers[at], bytes[at]));
            }
        }
        let rest =
            last_numbers.iter().zip(last_bytes).map(|(number, byte)| product(*number, *byte));
        sums.into_iter().chain(rest).fold(0, i32::wrapping_add) as f32 * self.unit
    }

    /// `to += number × row` for each number and its row, which is as long as `to`.
    pub(crate) fn add(&self, rows: &[&[u8]], to: &mut [f32]) {
        let mut sums = vec![0i32; to.len()];
        for (rows, numbers) in rows.chunks(ROWS).zip(self.numbers.chunks(ROWS)) {
            let row = |at: usize| &rows.get(at).unwrap_or(&rows[0])[..to.len()];
            let number = |at: usize| numbers.get(at).copied().unwrap_or(0);
            let numbers = [number(0), number(1), number(2), number(3)];
            add(&mut sums, [row(0), row(1), row(2), row(3)], numbers);
        }
        for (to, sum) in to.iter_mut().zip(sums) {
            *to += sum as f32 * self.unit;
        }
    }
}

/// `sums += number × row` for each; all rows are as long as the sums.
fn add(sums: &mut [i32], rows: [&[u8]; ROWS], numbers: [i16; ROWS]) {
    let (strides, rest) = sums.as_chunks_mut::<STRIDE>();
    let from = strides.len() * STRIDE;
    let of_rows = rows.map(|row| row.as_chunks::<STRIDE>().0);
    for (at, sums) in strides.iter_mut().enumerate() {
        stride::add(sums, of_rows.map(|row| &row[at]), numbers);
    }
    for (at, sum) in rest.iter_mut().enumerate() {
        for (row, number) in rows.iter().zip(numbers) {
            *sum = sum.wrapping_add(product(number, row[from + at]));
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod stride {
    use super::{ROWS, STRIDE, product};

    /// `sums += number × row` for each.
    pub(super) fn add(sums: &mut [i32; STRIDE], rows: [&[u8; STRIDE]; ROWS], numbers: [i16; ROWS]) {
        for (row, number) in rows.iter().zip(numbers) {
            for (sum, byte) in sums.iter_mut().zip(*row) {
                *sum = sum.wrapping_add(product(number, *byte));
            }
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod stride {
    use super::{ROWS, STRIDE};
    use core::arch::wasm32::{
        i16x8_extend_low_i8x16, i16x8_shuffle, i32x4_add, i32x4_dot_i16x8, i32x4_extract_lane,
        i32x4_splat, i64x2, v128,
    };

    /// `sums += number × row` for each, two rows at once.
    pub(super) fn add(sums: &mut [i32; STRIDE], rows: [&[u8; STRIDE]; ROWS], numbers: [i16; ROWS]) {
        let pair = |at: usize| {
            i32x4_splat(i32::from(numbers[at] as u16) | (i32::from(numbers[at + 1]) << 16))
        };
        let pairs = [pair(0), pair(2)];
        let (halves, _) = sums.as_chunks_mut::<8>();
        for (half, sums) in halves.iter_mut().enumerate() {
            let bytes = rows.map(|row| words(&row.as_chunks::<8>().0[half]));
            let [mut low, mut high] = [i32x4_splat(0); 2];
            for (two, pair) in bytes.chunks_exact(2).zip(pairs) {
                let (one, other) = (two[0], two[1]);
                let lows = i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(one, other);
                let highs = i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(one, other);
                low = i32x4_add(low, i32x4_dot_i16x8(lows, pair));
                high = i32x4_add(high, i32x4_dot_i16x8(highs, pair));
            }
            let found = lanes(low).into_iter().chain(lanes(high));
            sums.iter_mut().zip(found).for_each(|(sum, found)| *sum = sum.wrapping_add(found));
        }
    }

    /// Eight bytes as eight words.
    fn words(bytes: &[u8; 8]) -> v128 {
        i16x8_extend_low_i8x16(i64x2(i64::from_le_bytes(*bytes), 0))
    }

    fn lanes(of: v128) -> [i32; 4] {
        [
            i32x4_extract_lane::<0>(of),
            i32x4_extract_lane::<1>(of),
            i32x4_extract_lane::<2>(of),
            i32x4_extract_lane::<3>(of),
        ]
    }
}

/// The sum of a row's bytes.
pub(crate) fn sum(row: &[u8]) -> i32 {
    let (strides, rest) = row.as_chunks::<{ 2 * STRIDE }>();
    let mut all = 0i32;
    // So many bytes as a sum of 16 bits holds.
    for strides in strides.chunks(255) {
        let mut sums = [0i16; 2 * STRIDE];
        for stride in strides {
            for (sum, byte) in sums.iter_mut().zip(stride) {
                *sum = sum.wrapping_add(i16::from(*byte as i8));
            }
        }
        all = sums.into_iter().fold(all, |all, sum| all.wrapping_add(i32::from(sum)));
    }
    rest.iter().fold(all, |all, byte| all.wrapping_add(i32::from(*byte as i8)))
}

fn product(number: i16, byte: u8) -> i32 {
    i32::from(number).wrapping_mul(i32::from(byte as i8))
}

#[cfg(test)]
mod tests {
    use super::{Whole, sum};

    /// Longer than a stride.
    fn rows(count: usize) -> Vec<Vec<u8>> {
        let byte = |at: usize| (at % 256) as u8;
        (0..count).map(|row| (0..19).map(|at| byte(128 + 7 * row * at)).collect()).collect()
    }

    #[test]
    fn sums_are_those_of_the_numbers_to_four_digits() {
        for count in [0, 1, 3, 4, 5, 90] {
            let numbers: Vec<f32> = (0..count).map(|at| 0.3 - at as f32 * 0.017).collect();
            let rows = rows(count);
            let mut expected = [2.0f64; 19];
            for (number, row) in numbers.iter().zip(&rows) {
                for (sum, byte) in expected.iter_mut().zip(row) {
                    *sum += f64::from(*number) * f64::from(*byte as i8);
                }
            }
            let mut to = [2.0f32; 19];
            let of: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
            Whole::of(numbers.iter().copied()).add(&of, &mut to);
            let far = 128.0 * numbers.iter().map(|number| number.abs()).sum::<f32>().max(1.0);
            for (is, should) in to.iter().zip(expected) {
                assert!((is - should as f32).abs() <= 1e-4 * far, "{is} {should}");
            }
        }
    }

    #[test]
    fn a_row_of_bytes_is_added_up() {
        for length in [0, 1, 31, 32, 33, 151, 32 * 255 + 7, 9_000] {
            assert_eq!(sum(&vec![0x80; length]), -128 * length as i32);
            assert_eq!(sum(&vec![127; length]), 127 * length as i32);
        }
    }

    #[test]
    fn the_largest_sums_do_not_overflow() {
        let count = 100_000;
        let of: Vec<&[u8]> = vec![&[0x80]; count];
        let mut to = [0.0f32];
        let ones = Whole::of(std::iter::repeat_n(1.0, count));
        ones.add(&of, &mut to);
        assert!((to[0] / (-128.0 * count as f32) - 1.0).abs() < 0.01, "{to:?}");
        assert!((ones.dot(&vec![127; count]) / (127.0 * count as f32) - 1.0).abs() < 0.01);
    }

    #[test]
    fn nothing_is_nothing() {
        let mut to = [0.5f32];
        Whole::of([0.0, 0.0].into_iter()).add(&[&[7], &[7]], &mut to);
        assert_eq!(to, [0.5]);
    }
}
