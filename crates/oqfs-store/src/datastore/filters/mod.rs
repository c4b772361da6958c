//! What the elements of a chunk went through on their way to the file, undone without the HDF5 library.

mod bitshuffle;
mod blosc;
mod blosc2;
mod fletcher;
mod lzf;
mod register;
mod shuffle;
mod szip;

use std::io;

use flate2::{Decompress, FlushDecompress, Status};
use serde::{Deserialize, Serialize};

use blosc2::Frame;
pub(crate) use register::register;
use szip::Szip;

use super::scratch::{Buffer, ScratchSpace};

/// The bytes of a checksum, at the end of what it is of.
pub(crate) const CHECKSUM: usize = 4;

/// Why what is in a chunk cannot be undone.
#[derive(Debug)]
pub(crate) enum Failed {
    /// It is nothing that the filter makes.
    Damaged(String),
    /// There is no room for it.
    Room(io::Error),
}

impl From<&str> for Failed {
    fn from(reason: &str) -> Self {
        Self::Damaged(reason.into())
    }
}

impl From<String> for Failed {
    fn from(reason: String) -> Self {
        Self::Damaged(reason)
    }
}

/// What a chunk goes through on its way to the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChunkFilter {
    /// Compressed, in the format of zlib.
    Deflate,
    /// The first bytes of all elements of this size, then the second ones, and so on.
    Shuffle(usize),
    /// Followed by a checksum.
    Fletcher32,
    Szip(Szip),
    /// In the format of liblzf.
    Lzf,
    /// In blocks, each compressed by LZ4.
    Lz4,
    Zstd,
    Bzip2,
    /// The first bits of all elements of `width` bytes, then the second ones, in blocks of `block` elements, which may be compressed.
    Bitshuffle {
        width: usize,
        block: usize,
        codec: Option<Codec>,
    },
    Blosc,
    Blosc2,
}

/// What compresses a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Codec {
    BloscLz,
    Lz4,
    Snappy,
    Zlib,
    Zstd,
}

impl Codec {
    /// Decompresses to all of `elements`.
    fn decompress_all(self, bytes: &[u8], elements: &mut [u8]) -> Result<(), Failed> {
        let len = match self {
            Self::BloscLz => blosc::blosc_lz(bytes, elements)?,
            Self::Lz4 => lz4_flex::block::decompress_into(bytes, elements).map_err(damage)?,
            Self::Snappy => snap::raw::Decoder::new().decompress(bytes, elements).map_err(damage)?,
            Self::Zlib => {
                let mut stream = Decompress::new(true);
                stream.decompress(bytes, elements, FlushDecompress::Finish).map_err(damage)?;
                stream.total_out() as usize
            }
            Self::Zstd => zstd(bytes, elements)?,
        };
        if len == elements.len() { Ok(()) } else { Err("it decompresses to another size".into()) }
    }
}

fn damage(error: impl std::fmt::Display) -> Failed {
    Failed::Damaged(format!("it does not decompress: {error}"))
}

fn zstd(bytes: &[u8], elements: &mut [u8]) -> Result<usize, Failed> {
    zstd_safe::decompress(elements, bytes).map_err(|code| damage(zstd_safe::get_error_name(code)))
}

impl ChunkFilter {
    /// The filter with this number in HDF5's register, which was told `values`; `None` if it is none of these.
    pub fn of(id: i32, values: &[u32]) -> Option<Self> {
        let value = |i: usize| values.get(i).copied().unwrap_or(0);
        Some(match id {
            1 => Self::Deflate,
            2 if !values.is_empty() => Self::Shuffle(value(0) as usize),
            3 => Self::Fletcher32,
            4 => Self::Szip(Szip { options: value(0), per_block: value(1), bits: value(2), per_line: value(3) }),
            307 => Self::Bzip2,
            32000 => Self::Lzf,
            32001 => Self::Blosc,
            32004 => Self::Lz4,
            32008 => {
                let codec = match value(4) {
                    0 => None,
                    2 => Some(Codec::Lz4),
                    3 => Some(Codec::Zstd),
                    _ => return None,
                };
                Self::Bitshuffle { width: value(2) as usize, block: value(3) as usize, codec }
            }
            32015 => Self::Zstd,
            32026 => Self::Blosc2,
            _ => return None,
        })
    }

    /// True if what comes out of it has another length than what went in, which that does not tell.
    pub fn compresses(&self) -> bool {
        !matches!(self, Self::Shuffle(_) | Self::Fletcher32 | Self::Bitshuffle { codec: None, .. })
    }

    /// The bytes that `bytes` become, if they say so.
    pub fn len(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Szip(_) => little(bytes, 0, 4),
            Self::Lz4 | Self::Bitshuffle { codec: Some(_), .. } => big(bytes, 0, 8),
            Self::Blosc => blosc::len(bytes).ok(),
            Self::Blosc2 => Frame::of(bytes).ok().map(|frame| frame.len()),
            Self::Zstd => zstd_safe::get_frame_content_size(bytes).ok().flatten().and_then(|len| len.try_into().ok()),
            Self::Shuffle(_) | Self::Bitshuffle { codec: None, .. } => Some(bytes.len()),
            Self::Deflate | Self::Fletcher32 | Self::Lzf | Self::Bzip2 => None,
        }
    }

    /// What went into the filter to become `bytes`: no more than `most` bytes.
    pub fn undo(&self, bytes: &[u8], most: usize, scratch: &ScratchSpace) -> Result<Buffer, Failed> {
        if *self == Self::Deflate {
            return inflate(bytes, most, scratch);
        }
        let len = self.len(bytes).unwrap_or(most);
        if len > most {
            return Err(format!("it decompresses to {len} bytes").into());
        }
        let mut elements = room(len, scratch)?;
        match self {
            Self::Shuffle(width) => shuffle::undo(bytes, *width, &mut elements),
            Self::Bitshuffle { width, block, codec } => {
                bitshuffle::undo(bytes, *width, *block, *codec, &mut elements)?;
            }
            Self::Szip(szip) => szip.undo(bytes.get(4..).unwrap_or(&[]), &mut elements)?,
            Self::Lz4 => lz4(bytes, &mut elements)?,
            Self::Blosc => blosc::decompress(bytes, &mut elements)?,
            Self::Blosc2 => Frame::of(bytes)?.decompress(&mut elements)?,
            Self::Zstd => {
                let len = zstd(bytes, &mut elements)?;
                elements.truncate(len);
            }
            Self::Lzf => {
                let len = lzf::decompress(bytes, &mut elements)?;
                elements.truncate(len);
            }
            Self::Bzip2 => {
                let len = bunzip2(bytes, &mut elements)?;
                elements.truncate(len);
            }
            Self::Deflate | Self::Fletcher32 => return copied(checked(bytes)?, scratch),
        }
        Ok(elements)
    }
}

/// Blocks of one length, the last one shorter, each after the number of its bytes when compressed: as many as that if it is not.
fn lz4(bytes: &[u8], elements: &mut [u8]) -> Result<(), Failed> {
    let short = || Failed::from("it is too short");
    let block = big(bytes, 8, 4).ok_or_else(short)?;
    if block == 0 {
        return Err("blocks of no bytes".into());
    }
    let mut rest = bytes.get(12..).ok_or_else(short)?;
    for part in elements.chunks_mut(block) {
        let size = big(rest, 0, 4).ok_or_else(short)?;
        let (compressed, after) = rest[4..].split_at_checked(size).ok_or_else(short)?;
        if size == part.len() {
            part.copy_from_slice(compressed);
        } else {
            Codec::Lz4.decompress_all(compressed, part)?;
        }
        rest = after;
    }
    Ok(())
}

fn bunzip2(bytes: &[u8], elements: &mut [u8]) -> Result<usize, Failed> {
    let mut stream = bzip2::Decompress::new(false);
    match stream.decompress(bytes, elements).map_err(damage)? {
        bzip2::Status::StreamEnd => Ok(stream.total_out() as usize),
        _ => Err("it decompresses to another size".into()),
    }
}

/// The big-endian number in `len` bytes from `at` on.
fn big(bytes: &[u8], at: usize, len: usize) -> Option<usize> {
    let number = bytes.get(at..at.checked_add(len)?)?.iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    usize::try_from(number).ok()
}

/// The little-endian number in `len` bytes from `at` on.
fn little(bytes: &[u8], at: usize, len: usize) -> Option<usize> {
    let number = bytes.get(at..at.checked_add(len)?)?.iter().rev().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    usize::try_from(number).ok()
}

/// Bytes before a checksum, which is theirs.
pub(crate) fn checked(bytes: &[u8]) -> Result<&[u8], Failed> {
    fletcher::check(bytes)
}

/// A copy of bytes.
pub(crate) fn copied(bytes: &[u8], scratch: &ScratchSpace) -> Result<Buffer, Failed> {
    let mut copy = room(bytes.len(), scratch)?;
    copy.copy_from_slice(bytes);
    Ok(copy)
}

fn room(len: usize, scratch: &ScratchSpace) -> Result<Buffer, Failed> {
    scratch.room(len).map_err(Failed::Room)
}

/// Decompresses to no more than `most` bytes.
fn inflate(bytes: &[u8], most: usize, scratch: &ScratchSpace) -> Result<Buffer, Failed> {
    let mut stream = Decompress::new(true);
    let (done, buffer) = if most <= scratch.most() {
        // clearing memory beforehand would take a part of the time
        let mut inflated = Vec::with_capacity(most);
        (stream.decompress_vec(bytes, &mut inflated, FlushDecompress::Finish), Buffer::Memory(inflated))
    } else {
        let mut inflated = room(most, scratch)?;
        let done = stream.decompress(bytes, &mut inflated, FlushDecompress::Finish);
        inflated.truncate(stream.total_out() as usize);
        (done, inflated)
    };
    match done {
        Ok(Status::StreamEnd) => Ok(buffer),
        Ok(_) => Err("it decompresses to another size".into()),
        Err(_) => Err("it does not decompress".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use proptest::prelude::*;

    /// A chunk as the filter of another program wrote it.
    #[derive(Debug, Deserialize)]
    struct Case {
        name: String,
        filter: i32,
        values: Vec<u32>,
        dtype: String,
        count: i64,
        chunk: String,
    }

    impl Case {
        /// What is in all of these chunks.
        fn elements(&self) -> Vec<u8> {
            let numbers = (0..self.count).map(|i| i * i % 251 / 8 + i / 10);
            let bytes = |n: i64| match &*self.dtype {
                "|u1" => vec![n as u8],
                "<i2" => (n as i16).to_le_bytes().to_vec(),
                ">i2" => (n as i16).to_be_bytes().to_vec(),
                "<i4" => (n as i32).to_le_bytes().to_vec(),
                "<f8" => (n as f64).to_le_bytes().to_vec(),
                other => panic!("{other}"),
            };
            numbers.flat_map(bytes).collect()
        }
    }

    #[test]
    fn chunks_of_other_programs_are_read() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../../tests/data/chunks.json")).unwrap();
        let scratch = ScratchSpace::new(ScratchSpace::users_folder(), 1 << 20);
        let mut wrong = vec![];
        for case in cases {
            let filter = ChunkFilter::of(case.filter, &case.values).unwrap_or_else(|| panic!("{case:?}"));
            let chunk = base64::engine::general_purpose::STANDARD.decode(&case.chunk).unwrap();
            let expected = case.elements();
            match filter.undo(&chunk, expected.len(), &scratch) {
                Ok(elements) if elements[..] == expected => {}
                Ok(elements) => {
                    let at = elements.iter().zip(&expected).position(|(a, b)| a != b);
                    wrong.push(format!(
                        "{}: {} of {} bytes, wrong from {at:?}",
                        case.name,
                        elements.len(),
                        expected.len()
                    ));
                }
                Err(e) => wrong.push(format!("{}: {e:?}", case.name)),
            }
            // whatever of it is missing or changed
            for len in (0..chunk.len()).step_by(1 + chunk.len() / 200) {
                let _ = filter.undo(&chunk[..len], expected.len(), &scratch);
                let mut changed = chunk[..].to_vec();
                changed[len] ^= 1 << (len % 8);
                let _ = filter.undo(&changed, expected.len(), &scratch);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    proptest! {
        #[test]
        fn no_bytes_at_all_make_it_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300), most in 0usize..300, width in 0usize..20,
        ) {
            let scratch = ScratchSpace::new(ScratchSpace::users_folder(), 1 << 20);
            let all = [1, 2, 3, 4, 307, 32000, 32001, 32004, 32008, 32015, 32026];
            let values = [width as u32, 8, width as u32, 8, 2];
            for filter in all.map(|id| ChunkFilter::of(id, &values).unwrap()) {
                if let Ok(undone) = filter.undo(&bytes, most, &scratch) {
                    prop_assert!(undone.len() <= bytes.len().max(most));
                }
            }
        }
    }
}
