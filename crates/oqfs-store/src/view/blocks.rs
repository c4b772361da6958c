//! An array in row-major order cut into blocks that are one run of elements each, and one rectangle each.

/// The most elements-in-memory bytes a block takes, unless one chunk needs more.
pub const TARGET: u64 = 1 << 20;
/// The most in any case.
const MOST: u64 = 16 << 20;

/// The cut: all extents after `axis` whole, `rows` of `axis`, one of each before.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blocks {
    shape: Vec<u64>,
    axis: usize,
    rows: u64,
}

impl Blocks {
    /// For an array of `shape`, elements of `item` bytes, kept in chunks of shape `chunk`, if in chunks.
    pub fn new(shape: &[u64], item: usize, chunk: Option<&[u64]>) -> Self {
        let inner = |axis: usize| shape[axis + 1..].iter().fold(item as u64, |n, d| n.saturating_mul(*d)).max(1);
        let Some(axis) = (0..shape.len()).find(|axis| inner(*axis) <= TARGET) else {
            return Self { shape: shape.to_vec(), axis: shape.len().saturating_sub(1), rows: 1 };
        };
        let mut rows = (TARGET / inner(axis)).max(1);
        if let Some(chunk) = chunk.and_then(|c| c.get(axis)).filter(|c| **c > 0) {
            // Whole chunks, so that none is decoded for two blocks.
            let whole = rows.next_multiple_of(*chunk);
            if whole.saturating_mul(inner(axis)) <= MOST {
                rows = whole;
            }
        }
        Self { shape: shape.to_vec(), axis, rows: rows.min(shape[axis].max(1)) }
    }

    fn inner(&self) -> u64 {
        self.shape.iter().skip(self.axis + 1).product()
    }

    fn per_axis(&self) -> u64 {
        self.shape.get(self.axis).map_or(1, |n| n.div_ceil(self.rows))
    }

    /// How many blocks there are.
    pub fn count(&self) -> u64 {
        if self.shape.contains(&0) {
            return 0;
        }
        self.shape.iter().take(self.axis).product::<u64>() * self.per_axis()
    }

    /// The block with element `i`, and the number of its first element.
    pub fn find(&self, i: u64) -> (u64, u64) {
        let Some(extent) = self.shape.get(self.axis) else { return (0, 0) };
        let (inner, whole) = (self.inner(), self.inner() * extent);
        let (outer, row) = (i / whole, i % whole / inner);
        (outer * self.per_axis() + row / self.rows, outer * whole + row / self.rows * self.rows * inner)
    }

    /// Where block `n` starts and its shape.
    pub fn place(&self, n: u64) -> (Vec<u64>, Vec<u64>) {
        let Some(extent) = self.shape.get(self.axis) else { return (vec![], vec![]) };
        let (mut outer, first) = (n / self.per_axis(), n % self.per_axis() * self.rows);
        let mut start = vec![0; self.shape.len()];
        let mut count = self.shape.clone();
        start[self.axis] = first;
        count[self.axis] = self.rows.min(extent - first);
        for axis in (0..self.axis).rev() {
            start[axis] = outer % self.shape[axis];
            count[axis] = 1;
            outer /= self.shape[axis];
        }
        (start, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_are_of_whole_chunks() {
        let blocks = Blocks::new(&[1000, 1000], 8, Some(&[100, 100]));
        assert_eq!((blocks.axis, blocks.rows), (0, 200));
        let blocks = Blocks::new(&[10, 1 << 30], 8, Some(&[1, 1 << 20]));
        assert_eq!((blocks.axis, blocks.rows), (1, 1 << 20));
        assert_eq!(Blocks::new(&[], 8, None).count(), 1);
        assert_eq!(Blocks::new(&[3, 0], 8, None).count(), 0);
    }

    proptest! {
        #[test]
        fn blocks_cover_the_array_once(shape in prop::collection::vec(1u64..7, 0..5), axis in 0usize..5, rows in 1u64..9) {
            let axis = axis.min(shape.len().saturating_sub(1));
            let rows = rows.min(shape.get(axis).copied().unwrap_or(1));
            let blocks = Blocks { shape: shape.clone(), axis, rows };
            let mut next = 0;
            for n in 0..blocks.count() {
                let (start, count) = blocks.place(n);
                let linear = |at: &[u64]| at.iter().zip(&shape).fold(0, |i, (x, d)| i * d + x);
                prop_assert_eq!(linear(&start), next);
                let size: u64 = count.iter().product();
                for i in next..next + size {
                    prop_assert_eq!(blocks.find(i), (n, next));
                }
                next += size;
            }
            prop_assert_eq!(next, shape.iter().product::<u64>());
        }
    }
}
