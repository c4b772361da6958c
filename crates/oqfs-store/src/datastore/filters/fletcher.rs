//! Fletcher's checksum.

use super::{CHECKSUM, Failed};

/// Holds bytes against the checksum at their end; gives those before it.
pub(super) fn check(bytes: &[u8]) -> Result<&[u8], Failed> {
    let Some((data, stored)) = bytes.split_last_chunk::<CHECKSUM>() else { return Err("it is too short".into()) };
    let (sum, stored) = (fletcher32(data), u32::from_le_bytes(*stored));
    // HDF5 before 1.6.3 swapped the bytes of each half.
    let swapped = (sum & 0x00ff_00ff) << 8 | (sum & 0xff00_ff00) >> 8;
    if stored != sum && stored != swapped {
        return Err("its checksum is wrong".into());
    }
    Ok(data)
}

/// Of big-endian words of 16 bits, an odd byte counting as the upper one of a word.
fn fletcher32(data: &[u8]) -> u32 {
    let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut low, mut high) = (0u32, 0u32);
    let (words, odd) = data.as_chunks::<2>();
    // So many can be summed before 32 bits overflow.
    for run in words.chunks(360) {
        for word in run {
            low += u32::from(u16::from_be_bytes(*word));
            high += low;
        }
        (low, high) = (fold(low), fold(high));
    }
    if let [last] = odd {
        low += u32::from(*last) << 8;
        high += low;
        (low, high) = (fold(low), fold(high));
    }
    fold(high) << 16 | fold(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_old_and_new_libraries() {
        // As H5_checksum_fletcher32 sums them: 0x0102 + 0x0300.
        let sum = 0x0504_0402u32;
        assert_eq!(fletcher32(&[1, 2, 3]), sum);
        // Little-endian; and with the bytes of each half the other way round.
        for stored in [[0x02, 0x04, 0x04, 0x05], [0x04, 0x02, 0x05, 0x04]] {
            assert_eq!(check(&[&[1, 2, 3][..], &stored].concat()).unwrap(), [1, 2, 3]);
        }
        assert!(check(&[1, 2, 3, 0, 0, 0, 0]).is_err() && check(&[1]).is_err());
    }
}
