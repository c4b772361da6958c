//! What the elements of a chunk went through on their way to the file, undone without the HDF5 library.

mod fletcher;
mod shuffle;

use std::io;

use flate2::{Decompress, FlushDecompress, Status};
use serde::{Deserialize, Serialize};

use super::scratch::{Buffer, Scratch};

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
}

impl ChunkFilter {
    /// True if what comes out of it has another length than what went in, which that does not tell.
    pub fn compresses(&self) -> bool {
        matches!(self, Self::Deflate)
    }

    /// What went into the filter to become `bytes`: no more than `most` bytes.
    pub fn undo(&self, bytes: &[u8], most: usize, scratch: &Scratch) -> Result<Buffer, Failed> {
        match self {
            Self::Deflate => inflate(bytes, most, scratch),
            Self::Shuffle(width) => {
                let mut elements = room(bytes.len(), scratch)?;
                shuffle::undo(bytes, *width, &mut elements);
                Ok(elements)
            }
            Self::Fletcher32 => copied(checked(bytes)?, scratch),
        }
    }
}

/// Bytes before a checksum, which is theirs.
pub(crate) fn checked(bytes: &[u8]) -> Result<&[u8], Failed> {
    fletcher::check(bytes)
}

/// A copy of bytes.
pub(crate) fn copied(bytes: &[u8], scratch: &Scratch) -> Result<Buffer, Failed> {
    let mut copy = room(bytes.len(), scratch)?;
    copy.copy_from_slice(bytes);
    Ok(copy)
}

fn room(len: usize, scratch: &Scratch) -> Result<Buffer, Failed> {
    scratch.room(len).map_err(Failed::Room)
}

/// Decompresses to no more than `most` bytes.
fn inflate(bytes: &[u8], most: usize, scratch: &Scratch) -> Result<Buffer, Failed> {
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_at_all_make_it_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300), most in 0usize..300, width in 0usize..20,
        ) {
            let scratch = Scratch::new(Scratch::users_folder(), 1 << 20);
            for filter in [ChunkFilter::Deflate, ChunkFilter::Shuffle(width), ChunkFilter::Fletcher32] {
                if let Ok(undone) = filter.undo(&bytes, most, &scratch) {
                    prop_assert!(undone.len() <= bytes.len().max(most));
                }
            }
        }
    }
}
