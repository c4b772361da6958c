//! An array in row-major order in chunks that a reader may touch one by one: which bytes are where in which.

/// The cut. The bytes of an element are the last axis, so that elements of any size can be read in part.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    shape: Vec<u64>,
    chunk: Vec<u64>,
    /// All axes after this one are whole in each chunk, so that they are one run.
    axis: usize,
    /// Chunks end where the array ends, or are whole and filled up.
    is_cut_off: bool,
}

/// Some bytes that are together in the array and in one chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GridRun {
    /// The number of the chunk, in row-major order.
    pub chunk: u64,
    /// Where they are in it.
    pub from: u64,
    /// Where they are in what is read.
    pub to: usize,
    pub len: usize,
}

impl Grid {
    /// Of an array of `shape`, elements of `item` bytes, in chunks of shape `chunk`, whose extents are not 0.
    pub fn new(shape: &[u64], item: usize, chunk: &[u64], is_cut_off: bool) -> Self {
        let of = |extents: &[u64]| -> Vec<u64> { extents.iter().copied().chain([item as u64]).collect() };
        let (shape, chunk) = (of(shape), of(chunk));
        let is_whole =
            |axis: &usize| if is_cut_off { chunk[*axis] >= shape[*axis] } else { chunk[*axis] == shape[*axis] };
        let axis = (1..shape.len()).rev().find(|axis| !is_whole(axis)).unwrap_or(0);
        Self { shape, chunk, axis, is_cut_off }
    }

    /// How many chunks there are.
    pub fn count(&self) -> u64 {
        self.shape.iter().zip(&self.chunk).map(|(extent, chunk)| extent.div_ceil(*chunk)).product()
    }

    /// The bytes of the longest run.
    pub fn run(&self) -> u64 {
        self.chunk[self.axis].min(self.shape[self.axis]) * self.shape[self.axis + 1..].iter().product::<u64>()
    }

    /// Where the elements of chunk `n` start, and how many there are along each axis.
    pub fn place(&self, n: u64) -> (Vec<u64>, Vec<u64>) {
        let (mut start, mut count) = (self.first(n), self.extents(n));
        start.pop();
        count.pop();
        (start, count)
    }

    /// The first byte of chunk `n`.
    fn first(&self, mut n: u64) -> Vec<u64> {
        let mut first = vec![0; self.shape.len()];
        for (axis, first) in first.iter_mut().enumerate().rev() {
            let along = self.shape[axis].div_ceil(self.chunk[axis]);
            *first = n % along * self.chunk[axis];
            n /= along;
        }
        first
    }

    /// The extents of chunk `n` as far as the array goes.
    fn extents(&self, n: u64) -> Vec<u64> {
        let left = self.first(n).into_iter().zip(&self.shape).map(|(first, extent)| extent - first);
        left.zip(&self.chunk).map(|(left, chunk)| left.min(*chunk)).collect()
    }

    /// Bytes of a whole chunk.
    pub fn weight(&self) -> u64 {
        let extents = self.chunk.iter().zip(&self.shape);
        extents.map(|(chunk, extent)| if self.is_cut_off { *chunk.min(extent) } else { *chunk }).product()
    }

    /// Bytes of chunk `n` that are in the array.
    pub fn bytes(&self, n: u64) -> u64 {
        self.extents(n).iter().product()
    }

    /// The runs that the `len` bytes from `at` on are made of, chunk by chunk.
    pub fn runs(&self, at: u64, len: usize) -> Vec<GridRun> {
        let inner: u64 = self.shape[self.axis + 1..].iter().product();
        let mut runs = vec![];
        let mut done = 0;
        while done < len {
            let at = at + done as u64;
            let (mut row, off) = (at / inner, at % inner);
            // The number of the chunk, the row in it, and how many rows and chunks a step along the axis is.
            let (mut chunk, mut place, mut rows, mut chunks, mut left) = (0, 0, 1, 1, 0);
            for axis in (0..=self.axis).rev() {
                let (extent, size) = (self.shape[axis], self.chunk[axis]);
                let x = row % extent;
                row /= extent;
                chunk += x / size * chunks;
                chunks *= extent.div_ceil(size);
                place += x % size * rows;
                let end = (x / size + 1).saturating_mul(size).min(extent);
                rows *= if self.is_cut_off { end - x / size * size } else { size };
                if axis == self.axis {
                    left = (end - x) * inner - off;
                }
            }
            let run = (len - done).min(usize::try_from(left).unwrap_or(usize::MAX));
            runs.push(GridRun { chunk, from: place * inner + off, to: done, len: run });
            done += run;
        }
        runs.sort_unstable();
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_whole_in_each_chunk_is_one_run() {
        assert_eq!(Grid::new(&[100, 20], 8, &[10, 20], false).run(), 10 * 20 * 8);
        assert_eq!(Grid::new(&[100, 20], 8, &[10, 5], false).run(), 40);
        assert_eq!((Grid::new(&[3], 8, &[5], true).run(), Grid::new(&[3], 8, &[5], false).run()), (24, 24));
        assert_eq!(Grid::new(&[], 1000, &[], true).runs(10, 5), [GridRun { chunk: 0, from: 10, to: 0, len: 5 }]);
    }

    proptest! {
        #[test]
        fn every_byte_is_where_its_chunk_has_it(
            extents in prop::collection::vec((1u64..7, 1u64..9), 0..4), item in 1usize..4, is_cut_off: bool, part: (u16, u16),
        ) {
            let (shape, chunk): (Vec<u64>, Vec<u64>) = extents.into_iter().unzip();
            let grid = Grid::new(&shape, item, &chunk, is_cut_off);
            let size = shape.iter().product::<u64>() * item as u64;
            // The bytes of each chunk, by their places in the array.
            let mut chunks = vec![];
            for n in 0..grid.count() {
                let (first, extents) = (grid.first(n), grid.extents(n));
                let extents = if is_cut_off { extents } else { grid.chunk.clone() };
                let mut bytes = vec![];
                for mut i in 0..extents.iter().product::<u64>() {
                    let (mut place, mut step, mut inside) = (0, 1, true);
                    for axis in (0..extents.len()).rev() {
                        let x = first[axis] + i % extents[axis];
                        i /= extents[axis];
                        inside &= x < grid.shape[axis];
                        place += x * step;
                        step *= grid.shape[axis];
                    }
                    bytes.push(if inside { place } else { u64::MAX });
                }
                prop_assert_eq!(bytes.iter().filter(|place| **place < u64::MAX).count() as u64, grid.bytes(n));
                chunks.push(bytes);
            }
            let at = u64::from(part.0) % size;
            let len = (u64::from(part.1) % (size - at) + 1) as usize;
            let mut read = vec![u64::MAX; len];
            for run in grid.runs(at, len) {
                let from = run.from as usize;
                read[run.to..][..run.len].copy_from_slice(&chunks[run.chunk as usize][from..from + run.len]);
            }
            prop_assert_eq!(read, (at..at + len as u64).collect::<Vec<_>>());
        }
    }
}
