//! The compression of szip, which is that of CCSDS 121.0: blocks of samples, each in the code that makes it shortest.

use serde::{Deserialize, Serialize};

use super::{Failed, shuffle};

/// How samples are laid out, and whether the differences between them are compressed.
const MOST_SIGNIFICANT_FIRST: u32 = 16;
const DIFFERENCES: u32 = 32;
/// The blocks of zeros that a code tells of end with a segment of so many.
const SEGMENT: usize = 64;
/// The code of all blocks up to the end of the segment.
const REST_OF_SEGMENT: usize = 5;
/// The largest sum of a pair of samples in the second extension.
const LARGEST_SUM: usize = 12;

/// What the filter was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Szip {
    pub options: u32,
    pub per_block: u32,
    pub bits: u32,
    pub per_line: u32,
}

impl Szip {
    /// Decompresses into all of `elements`.
    pub fn undo(self, bytes: &[u8], elements: &mut [u8]) -> Result<(), Failed> {
        // Wide samples are compressed byte by byte, the first bytes of all of them first.
        let planes = if matches!(self.bits, 32 | 64) { self.bits as usize / 8 } else { 1 };
        let bits = if planes > 1 { 8 } else { self.bits };
        if !(1..=24).contains(&bits) || self.per_block == 0 || self.per_line == 0 || self.per_block > 1 << 16 {
            return Err(format!("samples of {} bits in blocks of {}", self.bits, self.per_block).into());
        }
        let width = match bits {
            1..=8 => 1,
            9..=16 => 2,
            _ => 4,
        };
        let mut out = vec![0; if planes > 1 { elements.len() } else { 0 }];
        let target = if planes > 1 { &mut out[..] } else { &mut *elements };
        let mut samples = Samples::new(bytes, bits, self);
        // A line is filled up to whole blocks.
        let mut line = vec![];
        for part in target.chunks_mut(self.per_line as usize * width) {
            line.clear();
            samples.line(&mut line, part.len() / width)?;
            for (bytes, sample) in part.chunks_exact_mut(width).zip(&line) {
                match (width, self.options & MOST_SIGNIFICANT_FIRST != 0) {
                    (1, _) => bytes[0] = *sample as u8,
                    (2, true) => bytes.copy_from_slice(&(*sample as u16).to_be_bytes()),
                    (2, false) => bytes.copy_from_slice(&(*sample as u16).to_le_bytes()),
                    (_, true) => bytes.copy_from_slice(&sample.to_be_bytes()),
                    (_, false) => bytes.copy_from_slice(&sample.to_le_bytes()),
                }
            }
        }
        if planes > 1 {
            shuffle::undo(&out, planes, elements);
        }
        Ok(())
    }
}

struct Samples<'a> {
    bits: Bits<'a>,
    /// Of a sample.
    width: u32,
    /// Bits that say which code a block is in.
    id: u32,
    block: usize,
    /// Blocks of a line.
    blocks: usize,
    has_differences: bool,
}

impl<'a> Samples<'a> {
    fn new(bytes: &'a [u8], width: u32, szip: Szip) -> Self {
        let id = match width {
            1..=8 => 3,
            9..=16 => 4,
            _ => 5,
        };
        let (block, has_differences) = (szip.per_block as usize, szip.options & DIFFERENCES != 0);
        let blocks = (szip.per_line as usize).div_ceil(block);
        Self { bits: Bits { bytes, at: 0 }, width, id, block, blocks, has_differences }
    }

    /// Adds the samples of a line to `line`, of which at least `wanted` are needed.
    fn line(&mut self, line: &mut Vec<u32>, wanted: usize) -> Result<(), Failed> {
        while line.len() < wanted {
            self.block(line)?;
        }
        if self.has_differences {
            self.add_up(line);
        }
        Ok(())
    }

    /// Adds the samples of a block, or of several without anything in them.
    fn block(&mut self, line: &mut Vec<u32>) -> Result<(), Failed> {
        let id = self.bits.take(self.id)?;
        let raw = (1 << self.id) - 1;
        let end = line.len() + self.block;
        let is_pairs = id == 0 && self.bits.take(1)? == 1;
        if id != raw && line.is_empty() && self.has_differences {
            // what the differences are counted from
            line.push(self.bits.take(self.width)?);
        }
        if id == raw {
            while line.len() < end {
                line.push(self.bits.take(self.width)?);
            }
        } else if is_pairs {
            while line.len() < end {
                let (first, second) = pair(self.bits.zeros()?)?;
                if line.len().is_multiple_of(2) {
                    line.push(first);
                }
                line.push(second);
            }
        } else if id == 0 {
            let done = end / self.block - 1;
            let count = match self.bits.zeros()? + 1 {
                REST_OF_SEGMENT => (self.blocks - done.min(self.blocks)).min(SEGMENT - done % SEGMENT),
                count if count > REST_OF_SEGMENT => count - 1,
                count => count,
            };
            if count > self.blocks {
                return Err("more blocks than a line has".into());
            }
            line.resize((done + count) * self.block, 0);
        } else {
            let (k, from) = (id - 1, line.len());
            while line.len() < end {
                line.push((self.bits.zeros()? as u32).checked_shl(k).unwrap_or(0));
            }
            for sample in &mut line[from..] {
                *sample |= self.bits.take(k)?;
            }
        }
        Ok(())
    }

    /// Makes samples of the differences between them, which are told so that those that are possible are the small ones.
    fn add_up(&self, line: &mut [u32]) {
        let most = ((1u64 << self.width) - 1) as u32;
        let middle = most / 2 + 1;
        let Some((first, rest)) = line.split_first_mut() else { return };
        let mut last = *first;
        for sample in rest {
            let d = *sample;
            let mask = if last & middle == 0 { 0 } else { most };
            let half = (d >> 1) + (d & 1);
            last = if half <= mask ^ last {
                if d & 1 == 0 { last.wrapping_add(d >> 1) } else { last.wrapping_sub(half) }
            } else {
                mask ^ d
            };
            *sample = last;
        }
    }
}

/// The pair of samples with this number, counted by their sum and then by the second one.
fn pair(number: usize) -> Result<(u32, u32), Failed> {
    let mut first = 0;
    for sum in 0..=LARGEST_SUM {
        if number <= first + sum {
            let second = number - first;
            return Ok(((sum - second) as u32, second as u32));
        }
        first += sum + 1;
    }
    Err("a pair that there is not".into())
}

struct Bits<'a> {
    bytes: &'a [u8],
    /// The next bit.
    at: usize,
}

impl Bits<'_> {
    /// The 57 next bits and more, the first one the highest; zeros after the end.
    fn window(&self) -> u64 {
        let at = self.at / 8;
        let window = match self.bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            Some(bytes) => u64::from_be_bytes(*bytes),
            None => {
                let mut bytes = [0; 8];
                let rest = self.bytes.get(at..).unwrap_or(&[]);
                bytes[..rest.len()].copy_from_slice(rest);
                u64::from_be_bytes(bytes)
            }
        };
        window << (self.at % 8)
    }

    fn forward(&mut self, bits: usize) -> Result<(), Failed> {
        self.at += bits;
        if self.at > self.bytes.len() * 8 { Err("it is too short".into()) } else { Ok(()) }
    }

    /// The number in the next up to 32 bits.
    fn take(&mut self, bits: u32) -> Result<u32, Failed> {
        let number = self.window().checked_shr(64 - bits).unwrap_or(0);
        self.forward(bits as usize)?;
        Ok(number as u32)
    }

    /// How many zeros there are before the next one.
    fn zeros(&mut self) -> Result<usize, Failed> {
        let mut count = 0;
        loop {
            let zeros = self.window().leading_zeros() as usize;
            if zeros < 56 {
                self.forward(zeros + 1)?;
                return Ok(count + zeros);
            }
            count += 56;
            self.forward(56)?;
        }
    }
}
