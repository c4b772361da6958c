//! Bits of elements put together again that lie apart, block by block, each perhaps compressed: the filter of the bitshuffle library.

use super::{Codec, Failed, big};

/// The bytes of a block, about, if nobody says another.
const BLOCK: usize = 8192;
/// Elements are taken by this many.
const MULTIPLE: usize = 8;

/// The filter of elements of `width` bytes in blocks of `block` elements, or of as many as the library thinks best if that is 0.
pub(super) fn undo(
    bytes: &[u8],
    width: usize,
    block: usize,
    codec: Option<Codec>,
    elements: &mut [u8],
) -> Result<(), Failed> {
    let damaged = || Failed::from("its blocks do not fit together");
    if width == 0 {
        return Err("elements of no bytes".into());
    }
    let (mut rest, block) = match codec {
        // the size of all of it, and of a block, in bytes
        Some(_) => (bytes.get(12..).ok_or_else(damaged)?, big(bytes, 8, 4).ok_or_else(damaged)? / width),
        None if block == 0 => (bytes, (BLOCK / width / MULTIPLE * MULTIPLE).max(128)),
        None => (bytes, block),
    };
    if block == 0 || block % MULTIPLE != 0 {
        return Err(damaged());
    }
    let mut shuffled = vec![];
    let mut todo = elements;
    while !todo.is_empty() {
        let n = (todo.len() / width).min(block) / MULTIPLE * MULTIPLE;
        if n == 0 {
            // fewer than are shuffled
            todo.copy_from_slice(rest.get(..todo.len()).ok_or_else(damaged)?);
            break;
        }
        let (now, later) = todo.split_at_mut(n * width);
        match codec {
            Some(codec) => {
                let (compressed, after) =
                    rest.get(4..).and_then(|after| after.split_at_checked(big(rest, 0, 4)?)).ok_or_else(damaged)?;
                shuffled.resize(now.len(), 0);
                codec.decompress_all(compressed, &mut shuffled)?;
                together(&shuffled, width, now);
                rest = after;
            }
            None => {
                let (raw, after) = rest.split_at_checked(now.len()).ok_or_else(damaged)?;
                together(raw, width, now);
                rest = after;
            }
        }
        todo = later;
    }
    Ok(())
}

/// Puts the bits of elements of `width` bytes together; both slices have the same length, a multiple of eight elements.
pub(super) fn together(shuffled: &[u8], width: usize, elements: &mut [u8]) {
    let eights = elements.len() / width / MULTIPLE;
    for byte in 0..width {
        let rows = &shuffled[byte * MULTIPLE * eights..][..MULTIPLE * eights];
        for i in 0..eights {
            let mut bits = [0; MULTIPLE];
            for (k, row) in bits.iter_mut().enumerate() {
                *row = rows[k * eights + i];
            }
            for (k, value) in transposed(u64::from_le_bytes(bits)).to_le_bytes().into_iter().enumerate() {
                elements[(i * MULTIPLE + k) * width + byte] = value;
            }
        }
    }
}

/// The transpose of a matrix of eight by eight bits.
fn transposed(mut x: u64) -> u64 {
    for (shift, mask) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)] {
        let t = (x ^ (x >> shift)) & mask;
        x ^= t ^ (t << shift);
    }
    x
}

#[cfg(test)]
mod tests {
    #[test]
    fn bits_are_transposed() {
        for (row, column) in [(0, 0), (1, 5), (7, 2), (3, 3)] {
            assert_eq!(super::transposed(1 << (row * 8 + column)), 1 << (column * 8 + row));
        }
    }
}
