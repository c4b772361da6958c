//! Files of text made from arrays, row by row: their size is found by making the text once, their bytes by making the rows
//! around them again.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::cache::{Cache, FileId};
use super::{Error, Result};

/// The most rows a table has: with its header, what a spreadsheet holds.
pub(super) const MOST_ROWS: u64 = (1 << 20) - 1;
/// The fields of the rows that are made at a time, about.
const FIELDS: u64 = 1 << 14;
/// The bytes of a field, about.
pub(super) const FIELD: usize = 13;

/// Rows that can be made from anywhere on, always the same.
pub(super) trait Rows: std::fmt::Debug + Send + Sync {
    /// How many there are.
    fn count(&self) -> u64;
    /// The fields of a row.
    fn width(&self) -> u64;
    /// Appends the text of some rows to `text`; before the first row stands what comes before all, after the last what ends
    /// the file. With no rows at all, `0..0` is both.
    ///
    /// # Errors
    /// If the arrays cannot be read.
    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()>;
}

/// The text of some rows as a file.
#[derive(Debug)]
pub(super) struct TextTable {
    rows: Box<dyn Rows>,
    cache: Arc<Cache>,
    /// Where each block of rows ends, found when first asked for.
    ends: OnceLock<Vec<u64>>,
    /// Held while they are found.
    finding: Mutex<()>,
}

impl TextTable {
    pub fn new(rows: impl Rows + 'static, cache: &Arc<Cache>) -> Self {
        Self { rows: Box::new(rows), cache: cache.clone(), ends: OnceLock::new(), finding: Mutex::new(()) }
    }

    /// True if the size is known, or follows from no more than `few` fields.
    pub fn size_is_near(&self, few: u64) -> bool {
        self.ends.get().is_some() || self.rows.count().saturating_mul(self.rows.width()) <= few
    }

    pub fn size(&self, id: FileId) -> Result<u64> {
        Ok(self.ends(id)?.last().copied().unwrap_or(0))
    }

    /// Fills `buffer` from `offset` on; both are inside the file.
    pub fn read(&self, id: FileId, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let ends = self.ends(id)?;
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            let n = ends.partition_point(|end| *end <= at) as u64;
            let start = n.checked_sub(1).and_then(|last| ends.get(last as usize)).copied().unwrap_or(0);
            let block = self.block(id, n)?;
            // The text is always the same, unless the file was changed in place.
            let part = block.get((at - start) as usize..).filter(|part| !part.is_empty());
            let part = part.ok_or_else(|| Error::Unsupported("the table has changed since".into()))?;
            let len = part.len().min(buffer.len() - done);
            buffer[done..done + len].copy_from_slice(&part[..len]);
            done += len;
        }
        Ok(())
    }

    fn ends(&self, id: FileId) -> Result<&[u64]> {
        if let Some(ends) = self.ends.get() {
            return Ok(ends);
        }
        let _finding = self.finding.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ends) = self.ends.get() {
            return Ok(ends);
        }
        let blocks = self.rows.count().div_ceil(self.rows_per_block()).max(1);
        let mut ends = Vec::with_capacity(blocks as usize);
        let mut end = 0;
        for n in 0..blocks {
            end += self.block(id, n)?.len() as u64;
            ends.push(end);
        }
        Ok(self.ends.get_or_init(|| ends))
    }

    fn rows_per_block(&self) -> u64 {
        (FIELDS / self.rows.width().max(1)).max(1)
    }

    fn block(&self, id: FileId, n: u64) -> Result<Arc<Vec<u8>>> {
        let first = (n * self.rows_per_block()).min(self.rows.count());
        let last = (first + self.rows_per_block()).min(self.rows.count());
        let fields = (last - first).saturating_mul(self.rows.width()) as usize;
        self.cache.block(id, n, fields.saturating_mul(FIELD), || {
            let mut text = Vec::new();
            self.rows.write(first..last, &mut text)?;
            Ok(text)
        })
    }
}
