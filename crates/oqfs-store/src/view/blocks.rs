//! An array in row-major order cut into blocks that are one run of elements each, and one rectangle each.

/// The most elements-in-memory bytes a block takes, unless one chunk needs more.
pub const TARGET: u64 = 1 << 20;

/// The cut: all extents after `axis` whole, `rows` of `axis`, one of each before.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blocks {
    shape: Vec<u64>,
    axis: usize,
    rows: u64,
}

impl Blocks {
    /// For an array of `shape`, elements of `item` bytes, kept in chunks of shape `chunk`, if in chunks. Blocks are of whole chunks if that
    /// takes no more than `most` bytes.
    pub fn new(shape: &[u64], item: usize, chunk: Option<&[u64]>, most: u64) -> Self {
        let target = TARGET.min(most);
        let mut blocks = Self::of_bytes(shape, item, target);
        let bytes = blocks.inner().saturating_mul(item as u64).max(1);
        if let Some(chunk) = chunk.and_then(|c| c.get(blocks.axis)).filter(|c| **c > 0) {
            // Whole chunks, so that none is decoded for two blocks.
            let whole = (target / bytes).max(1).next_multiple_of(*chunk);
            if whole.saturating_mul(bytes) <= most {
                blocks.rows = whole.min(shape[blocks.axis].max(1));
            }
        }
        blocks
    }

    /// Of no more than `target` bytes each, unless one element is more.
    pub fn of_bytes(shape: &[u64], item: usize, target: u64) -> Self {
        let inner = |axis: usize| shape[axis + 1..].iter().fold(item as u64, |n, d| n.saturating_mul(*d)).max(1);
        let Some(axis) = (0..shape.len()).find(|axis| inner(*axis) <= target) else {
            return Self { shape: shape.to_vec(), axis: shape.len().saturating_sub(1), rows: 1 };
        };
        let rows = (target / inner(axis)).max(1).min(shape[axis].max(1));
        Self { shape: shape.to_vec(), axis, rows }
    }

    /// True if they are of whole chunks of shape `chunk`.
    pub fn are_whole(&self, chunk: &[u64]) -> bool {
        let along = |axis: usize| chunk.get(axis).copied().unwrap_or(1);
        let rows = self.rows.is_multiple_of(along(self.axis)) || self.shape.get(self.axis) == Some(&self.rows);
        rows && (0..self.axis).all(|axis| along(axis) == 1)
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

    /// The most elements of a block.
    pub fn largest(&self) -> u64 {
        self.rows.saturating_mul(self.inner())
    }

    /// The number of the first element of block `n`.
    pub fn first(&self, n: u64) -> u64 {
        let extent = self.shape.get(self.axis).copied().unwrap_or(1);
        (n / self.per_axis() * extent + n % self.per_axis() * self.rows) * self.inner()
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

    const MOST: u64 = 16 << 20;

    #[test]
    fn blocks_are_of_whole_chunks() {
        let blocks = Blocks::new(&[1000, 1000], 8, Some(&[100, 100]), MOST);
        assert_eq!((blocks.axis, blocks.rows), (0, 200));
        assert!(blocks.are_whole(&[100, 100]) && !blocks.are_whole(&[150, 100]));
        let blocks = Blocks::new(&[1000, 1 << 18], 8, Some(&[1, 100]), MOST);
        assert!(blocks.are_whole(&[1, 100]) && !blocks.are_whole(&[2, 100]));
        let blocks = Blocks::new(&[10, 1 << 30], 8, Some(&[1, 1 << 20]), MOST);
        assert_eq!((blocks.axis, blocks.rows), (1, 1 << 20));
        assert_eq!(Blocks::new(&[], 8, None, MOST).count(), 1);
        assert_eq!(Blocks::new(&[3, 0], 8, None, MOST).count(), 0);
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
                prop_assert_eq!(blocks.first(n), next);
                prop_assert!(size <= blocks.largest());
                for i in next..next + size {
                    prop_assert_eq!(blocks.find(i), (n, next));
                }
                next += size;
            }
            prop_assert_eq!(next, shape.iter().product::<u64>());
        }
    }
}
