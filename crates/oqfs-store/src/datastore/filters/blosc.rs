//! The formats of Blosc: of the first version, and chunks of the second one.

use super::lzf::repeat;
use super::{Codec, Failed, bitshuffle, little, shuffle};

/// Bytes before the blocks of a chunk, and with what the second version adds.
const HEADER: usize = 16;
const LONG_HEADER: usize = 32;
/// The first version cuts blocks by the bytes of elements of up to so many bytes, if a part has no fewer bytes than this.
const MOST_SPLITS: usize = 16;
const LEAST_PART: usize = 128;

/// What a chunk says of itself.
#[derive(Debug)]
struct Header<'a> {
    flags: u8,
    width: usize,
    len: usize,
    block: usize,
    /// The filters of a chunk of the second version, with what each needs to know, and a value that all elements may have.
    more: Option<(&'a [u8], &'a [u8], u8)>,
}

/// The bytes that a chunk decompresses to.
pub(super) fn len(chunk: &[u8]) -> Result<usize, Failed> {
    Header::of(chunk).map(|header| header.len)
}

/// Decompresses a chunk into all of `elements`, which has the length that the chunk says.
pub(super) fn decompress(chunk: &[u8], elements: &mut [u8]) -> Result<(), Failed> {
    let header = Header::of(chunk)?;
    if elements.len() != header.len {
        return Err("it decompresses to another size".into());
    }
    let start = if header.more.is_some() { LONG_HEADER } else { HEADER };
    if let Some((.., special)) = header.more
        && special != 0
    {
        return fill(special, chunk.get(start..).unwrap_or(&[]), header.width, elements);
    }
    if header.flags & 2 != 0 {
        let raw = chunk.get(start..start + elements.len()).ok_or("it is too short")?;
        elements.copy_from_slice(raw);
        return Ok(());
    }
    if header.block == 0 {
        return if elements.is_empty() { Ok(()) } else { Err("blocks of no bytes".into()) };
    }
    let mut shuffled = vec![];
    for (n, block) in elements.chunks_mut(header.block).enumerate() {
        let at = little(chunk, start + 4 * n, 4).ok_or("it is too short")?;
        let bytes = chunk.get(at..).ok_or("a block beyond the end")?;
        shuffled.resize(block.len(), 0);
        header.decompress(bytes, &mut shuffled)?;
        header.unfilter(&mut shuffled, block)?;
    }
    Ok(())
}

/// All elements are the same.
fn fill(special: u8, value: &[u8], width: usize, elements: &mut [u8]) -> Result<(), Failed> {
    match (special, width) {
        // zeros, or what was never written
        (1 | 4, _) => elements.fill(0),
        (2, 4) => elements.chunks_exact_mut(4).for_each(|e| e.copy_from_slice(&f32::NAN.to_le_bytes())),
        (2, 8) => elements.chunks_exact_mut(8).for_each(|e| e.copy_from_slice(&f64::NAN.to_le_bytes())),
        (3, _) => {
            let value = value.get(..width.max(1)).ok_or("it is too short")?;
            elements.chunks_mut(value.len()).for_each(|e| e.copy_from_slice(&value[..e.len()]));
        }
        _ => return Err(format!("elements of an unknown kind, {special}").into()),
    }
    Ok(())
}

impl<'a> Header<'a> {
    fn of(chunk: &'a [u8]) -> Result<Self, Failed> {
        let [version, _, flags, width, ..] = *chunk else { return Err("it is too short".into()) };
        let number = |at| little(chunk, at, 4).ok_or_else(|| Failed::from("it is too short"));
        let (len, block) = (number(4)?, number(8)?);
        if !(1..=6).contains(&version) {
            return Err(format!("version {version} of Blosc, which is not known here").into());
        }
        // both ways to shuffle at once are none
        let more = if flags & 5 == 5 && version > 2 {
            let bytes = chunk.get(HEADER..LONG_HEADER).ok_or("it is too short")?;
            if bytes[15] & 1 != 0 {
                return Err("compressed with a dictionary, which is not read".into());
            }
            Some((&bytes[..6], &bytes[8..14], bytes[15] >> 4 & 7))
        } else {
            None
        };
        Ok(Self { flags, width: usize::from(width), len, block, more })
    }

    fn codec(&self) -> Result<Codec, Failed> {
        Ok(match self.flags >> 5 {
            0 => Codec::BloscLz,
            1 => Codec::Lz4,
            2 => Codec::Snappy,
            3 => Codec::Zlib,
            4 => Codec::Zstd,
            other => return Err(format!("Blosc's compressor {other}, which is not known here").into()),
        })
    }

    /// Decompresses a block, which may be in parts.
    fn decompress(&self, bytes: &[u8], block: &mut [u8]) -> Result<(), Failed> {
        let is_whole = block.len() == self.block;
        let may_split = match self.more {
            Some(_) => true,
            None => self.width <= MOST_SPLITS && self.block / self.width.max(1) >= LEAST_PART,
        };
        let parts = if self.flags & 0x10 == 0 && is_whole && may_split { self.width.max(1) } else { 1 };
        let codec = self.codec()?;
        let part = block.len() / parts;
        if part == 0 {
            return Err("parts of no bytes".into());
        }
        let mut rest = bytes;
        for part in block.chunks_exact_mut(part) {
            let size = little(rest, 0, 4).ok_or("it is too short")? as u32 as i32;
            rest = &rest[4..];
            if size <= 0 && self.more.is_some() {
                part.fill(u8::try_from(size.unsigned_abs()).map_err(|_| Failed::from("a run of no byte"))?);
                // a mark follows that says that it is a run
                rest = rest.get(usize::from(size < 0)..).ok_or("it is too short")?;
                continue;
            }
            let size = usize::try_from(size).map_err(|_| Failed::from("a part of less than no bytes"))?;
            let (compressed, after) = rest.split_at_checked(size).ok_or("it is too short")?;
            if size == part.len() {
                part.copy_from_slice(compressed);
            } else {
                codec.decompress_all(compressed, part)?;
            }
            rest = after;
        }
        Ok(())
    }

    /// Puts a block together that is in `shuffled`, whose bytes may change.
    fn unfilter(&self, shuffled: &mut [u8], block: &mut [u8]) -> Result<(), Failed> {
        let Some((filters, meta, _)) = self.more else {
            if self.flags & 1 != 0 && self.width > 1 {
                shuffle::undo(shuffled, self.width, block);
            } else if self.flags & 4 != 0
                && (block.len() / self.width.max(1)).is_multiple_of(8)
                && block.len() >= self.width
            {
                unbits(shuffled, self.width, block);
            } else {
                block.copy_from_slice(shuffled);
            }
            return Ok(());
        };
        block.copy_from_slice(shuffled);
        for (filter, meta) in filters.iter().zip(meta).rev() {
            let width = if *meta == 0 { self.width } else { usize::from(*meta) };
            match filter {
                // the fourth one cuts bits off for good
                0 | 4 => continue,
                1 => shuffle::undo(shuffled, width, block),
                2 => unbits(shuffled, width, block),
                other => return Err(format!("Blosc's filter {other}, which is not read").into()),
            }
            shuffled.copy_from_slice(block);
        }
        Ok(())
    }
}

/// Undoes the shuffling of bits of as many elements as are shuffled; the others are as they were.
fn unbits(shuffled: &[u8], width: usize, block: &mut [u8]) {
    let width = width.max(1);
    let len = block.len() / width / 8 * 8 * width;
    bitshuffle::together(&shuffled[..len], width, &mut block[..len]);
    block[len..].copy_from_slice(&shuffled[len..]);
}

/// Decompresses what BloscLZ compressed; gives how many bytes that are.
pub(super) fn blosc_lz(bytes: &[u8], elements: &mut [u8]) -> Result<usize, Failed> {
    /// What is further away has its distance in two bytes more.
    const FAR: usize = 8191;
    let damaged = || Failed::from("it does not decompress");
    let mut at = 0;
    let mut done = 0;
    let next = |at: &mut usize| {
        *at += 1;
        bytes.get(*at - 1).map(|byte| usize::from(*byte)).ok_or_else(damaged)
    };
    while at < bytes.len() {
        let control = next(&mut at)? & if at == 1 { 31 } else { 255 };
        if control < 32 {
            let run = bytes.get(at..at + control + 1).ok_or_else(damaged)?;
            elements.get_mut(done..done + run.len()).ok_or_else(damaged)?.copy_from_slice(run);
            at += run.len();
            done += run.len();
            continue;
        }
        let (mut len, high) = ((control >> 5) - 1, (control & 31) << 8);
        if len == 6 {
            loop {
                let more = next(&mut at)?;
                len += more;
                if more < 255 {
                    break;
                }
            }
        }
        let low = next(&mut at)?;
        let distance = if low == 255 && high == 31 << 8 {
            (next(&mut at)? << 8) + next(&mut at)? + FAR + 1
        } else {
            high + low + 1
        };
        done = repeat(elements, done, distance, len + 3).ok_or_else(damaged)?;
    }
    Ok(done)
}
