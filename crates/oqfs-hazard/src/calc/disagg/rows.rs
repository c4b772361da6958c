//! Sums by bins of which most stay empty: a row of values for each bin that something is in.

use std::collections::HashMap;

/// Rows of values, in the order in which they were first asked for.
#[derive(Debug, Default)]
pub struct Rows {
    places: HashMap<u64, usize>,
    keys: Vec<u64>,
    width: usize,
    /// The values of all rows, one after the other.
    pub values: Vec<f64>,
}

impl Rows {
    /// No rows of so many values each.
    pub fn of_width(width: usize) -> Rows {
        Rows { width, ..Rows::default() }
    }

    /// Where the row of a key begins in the values; a new one is of zeros.
    pub fn at(&mut self, key: u64) -> usize {
        let Rows { places, keys, width, values } = self;
        *places.entry(key).or_insert_with(|| {
            let start = values.len();
            values.resize(start + *width, 0.0);
            keys.push(key);
            start
        })
    }

    /// The keys with their rows.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[f64])> {
        // rows of no values have no chunks, and nothing to say
        self.keys.iter().copied().zip(self.values.chunks(self.width.max(1)))
    }
}
