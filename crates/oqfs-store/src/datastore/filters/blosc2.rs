//! The frames in which Blosc2 keeps chunks, perhaps of several dimensions.

use super::{Failed, big, blosc};

/// Where a frame says how long its header is, and how many bytes its chunks take.
const HEADER_LEN: usize = 11;
const CHUNKS_LEN: usize = 39;

/// How many times as many bytes as there are blocks may take that are filled up, and how many small ones.
const MOST_PADDING: usize = 16;
const PADDED: usize = 1 << 20;

/// A frame with one chunk.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    header: &'a [u8],
    /// The chunk; of one that needs no bytes, which value all elements have.
    chunk: Result<&'a [u8], u8>,
    len: usize,
}

impl<'a> Frame<'a> {
    pub fn of(bytes: &'a [u8]) -> Result<Self, Failed> {
        let short = || Failed::from("it is too short");
        if bytes.get(2..9) != Some(b"b2frame") {
            return Err("it is no frame of Blosc2".into());
        }
        let header = bytes.get(..big(bytes, HEADER_LEN, 4).ok_or_else(short)?).ok_or_else(short)?;
        let chunks = big(bytes, CHUNKS_LEN, 8).ok_or_else(short)?;
        let len = big(bytes, CHUNKS_LEN - 9, 8).ok_or_else(short)?;
        let after = &bytes[header.len()..];
        if chunks > 0 {
            let chunk = after.get(..chunks).ok_or_else(short)?;
            return Ok(Self { header, chunk: Ok(chunk), len });
        }
        // The place of a chunk, which is in a chunk of its own, says what its elements are.
        let mut place = [0; 8];
        blosc::decompress(after.get(..little_len(after).ok_or_else(short)?).ok_or_else(short)?, &mut place)?;
        match place[7] {
            kind if kind & 0x80 != 0 => Ok(Self { header, chunk: Err(kind & 7), len }),
            _ => Err("a chunk that is not there".into()),
        }
    }

    /// The bytes of the elements.
    pub fn len(&self) -> usize {
        match self.grid() {
            Some(grid) => grid.item(self.stored()).map_or(0, |item| grid.shape.iter().product::<usize>() * item),
            None => self.stored(),
        }
    }

    /// The bytes of the chunk, in which blocks may be filled up.
    fn stored(&self) -> usize {
        self.chunk.and_then(|chunk| blosc::len(chunk).map_err(|_| 0)).unwrap_or(self.len)
    }

    /// Decompresses it into `elements`, which has as many bytes as it.
    pub fn decompress(&self, elements: &mut [u8]) -> Result<(), Failed> {
        let chunk = match self.chunk {
            Ok(chunk) => chunk,
            Err(1 | 3) => {
                elements.fill(0);
                return Ok(());
            }
            Err(kind) => return Err(format!("elements of an unknown kind, {kind}").into()),
        };
        let Some(grid) = self.grid() else { return blosc::decompress(chunk, elements) };
        if self.stored() > elements.len().saturating_mul(MOST_PADDING).saturating_add(PADDED) {
            return Err("blocks of more than is in them".into());
        }
        let mut stored = vec![0; self.stored()];
        blosc::decompress(chunk, &mut stored)?;
        let item = grid.item(stored.len()).ok_or("its blocks do not fit together")?;
        grid.arrange(&stored, item, elements)
    }

    /// How blocks of several dimensions make up the chunk, if they do.
    fn grid(&self) -> Option<BlockGrid> {
        let name = b"\xa4b2nd\xd2";
        let at = self.header.windows(name.len()).position(|window| window == name)? + name.len();
        let content = self.header.get(big(self.header, at, 4)? + 5..)?;
        let dims = usize::from(*content.get(2)?);
        // After the version and their number, the extents of the array, of a chunk and of a block, each an array of numbers with a mark.
        let chunks = 3 + 1 + 9 * dims;
        let extents = |at: usize| (0..dims).map(|i| big(content, at + 1 + 5 * i + 1, 4)).collect::<Option<Vec<_>>>();
        let (shape, block) = (extents(chunks)?, extents(chunks + 1 + 5 * dims)?);
        (dims > 0 && !block.contains(&0)).then_some(BlockGrid { shape, block })
    }
}

/// The bytes of a chunk that begins there.
fn little_len(chunk: &[u8]) -> Option<usize> {
    super::little(chunk, 12, 4)
}

/// A chunk of this shape in blocks, the last ones filled up, one after the other.
#[derive(Debug)]
struct BlockGrid {
    shape: Vec<usize>,
    block: Vec<usize>,
}

impl BlockGrid {
    /// The bytes of an element, of which all take so many; `None` if they do not fit.
    fn item(&self, stored: usize) -> Option<usize> {
        let padded = self.shape.iter().zip(&self.block).map(|(n, block)| n.checked_next_multiple_of(*block));
        let elements = padded.map(|n| n.filter(|n| *n > 0)).try_fold(1usize, |all, n| all.checked_mul(n?))?;
        (stored >= elements && stored.is_multiple_of(elements)).then(|| stored / elements)
    }

    /// Copies each row of each block to its place.
    fn arrange(&self, stored: &[u8], item: usize, elements: &mut [u8]) -> Result<(), Failed> {
        let (last, outer) = (self.shape.len() - 1, &self.shape[..self.shape.len() - 1]);
        let along: Vec<usize> = self.shape.iter().zip(&self.block).map(|(n, block)| n.div_ceil(*block)).collect();
        let block_bytes = self.block.iter().product::<usize>() * item;
        for row in 0..outer.iter().product() {
            let (mut left, mut block, mut place, mut blocks, mut rows) = (row, 0, 0, along[last], 1);
            for axis in (0..last).rev() {
                let x = left % self.shape[axis];
                left /= self.shape[axis];
                block += x / self.block[axis] * blocks;
                blocks *= along[axis];
                place += x % self.block[axis] * rows;
                rows *= self.block[axis];
            }
            let row_bytes = self.block[last] * item;
            for n in 0..along[last] {
                let from = (block + n) * block_bytes + place * row_bytes;
                let to = (row * self.shape[last] + n * self.block[last]) * item;
                let len = (self.shape[last] - n * self.block[last]).min(self.block[last]) * item;
                let both = stored.get(from..from + len).zip(elements.get_mut(to..to + len));
                let (from, to) = both.ok_or("its blocks do not fit together")?;
                to.copy_from_slice(from);
            }
        }
        Ok(())
    }
}
