//! The `.npy` format: the header that tells numpy the type and shape of the bytes after it.
//!
//! Source: NEP 1, "A Simple File Format for NumPy Arrays", versions 1.0 to 3.0. Headers are byte for byte those of
//! `numpy.save`, so a file from here and one from numpy compare equal.

mod descr;

pub use descr::{Descr, Unsupported};

use std::fmt::Write;

use crate::datastore::DType;

/// Digits kept free for the first extent, as numpy does so that an array can grow in place.
const GROWTH_DIGITS: usize = 21;
/// Data starts at a multiple of this.
const ALIGN: usize = 64;

/// The head of an `.npy` file and what follows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Npy {
    /// Magic string, version, length and text of the header.
    pub header: Vec<u8>,
    /// Bytes of one element.
    pub item: usize,
    /// Number of elements.
    pub count: u64,
}

impl Npy {
    /// The head for an array of `dtype`, in row-major order. `shape` is empty for a scalar, `None` for a null dataspace, which
    /// becomes an array without elements. An array type adds its extents to the shape, as in numpy.
    ///
    /// # Errors
    /// [`Unsupported`] says what in the type has no place in an `.npy` file, or that the array is too large.
    pub fn new(dtype: &DType, shape: Option<&[u64]>) -> Result<Self, Unsupported> {
        let (base, inner) = descr::flatten(dtype);
        let descr = Descr::new(base)?;
        let mut all = shape.map_or(vec![0], <[u64]>::to_vec);
        all.extend(inner.iter().map(|d| *d as u64));
        let count = all.iter().try_fold(1u64, |n, d| n.checked_mul(*d));
        let fits = |n: &u64| n.checked_mul(descr.size as u64).is_some_and(|n| n < i64::MAX as u64);
        let count = count.filter(fits).ok_or_else(|| Unsupported(format!("{all:?} elements are too many")))?;
        Ok(Self { header: header(&descr.text, &all), item: descr.size, count })
    }

    /// Bytes of the whole file.
    pub fn len(&self) -> u64 {
        self.header.len() as u64 + self.count * self.item as u64
    }

    /// False: there is a header always.
    pub fn is_empty(&self) -> bool {
        false
    }
}

fn header(descr: &str, shape: &[u64]) -> Vec<u8> {
    let mut text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {}, }}", tuple(shape));
    if let Some(first) = shape.first() {
        let free = GROWTH_DIGITS.saturating_sub(first.to_string().len());
        text.extend(std::iter::repeat_n(' ', free));
    }
    let latin1: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    match latin1 {
        Some(text) => wrap(&text, 1).or_else(|| wrap(&text, 2)),
        None => wrap(text.as_bytes(), 3),
    }
    .unwrap_or_default()
}

/// Magic, version, length, text, spaces up to the alignment, newline. `None` if the text is too long for the version.
fn wrap(text: &[u8], version: u8) -> Option<Vec<u8>> {
    let digits = if version == 1 { 2 } else { 4 };
    let before = 8 + digits;
    // Like numpy, a whole alignment of spaces where none is needed.
    let spaces = ALIGN - (before + text.len() + 1) % ALIGN;
    let length = text.len() + spaces + 1;
    let mut header = b"\x93NUMPY".to_vec();
    header.extend([version, 0]);
    if version == 1 {
        header.extend(u16::try_from(length).ok()?.to_le_bytes());
    } else {
        header.extend(u32::try_from(length).ok()?.to_le_bytes());
    }
    header.extend(text);
    header.resize(header.len() + spaces, b' ');
    header.push(b'\n');
    Some(header)
}

/// A tuple of integers as Python writes it.
fn tuple(values: &[u64]) -> String {
    let mut text = "(".to_string();
    for (i, value) in values.iter().enumerate() {
        let _ = write!(text, "{}{value}", if i > 0 { ", " } else { "" });
    }
    text + if values.len() == 1 { ",)" } else { ")" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_numpy_save() {
        // numpy.save of numpy.zeros((3, 4), '<f4')
        let npy = Npy::new(&DType::F32, Some(&[3, 4])).unwrap();
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
        assert_eq!(npy.header.len(), 128);
        assert_eq!(&npy.header[..10], b"\x93NUMPY\x01\x00v\x00");
        assert_eq!(std::str::from_utf8(&npy.header[10..]).unwrap(), format!("{text:<117}\n"));
        assert_eq!(npy.len(), 128 + 48);
    }

    #[test]
    fn shapes() {
        let shape = |shape: Option<&[u64]>| {
            let header = Npy::new(&DType::F64, shape).unwrap().header;
            let text = String::from_utf8_lossy(&header);
            text.split("'shape': ").nth(1).unwrap().split(", }").next().unwrap().to_string()
        };
        assert_eq!(shape(Some(&[])), "()");
        assert_eq!(shape(Some(&[5])), "(5,)");
        assert_eq!(shape(None), "(0,)");
        assert!(Npy::new(&DType::F64, Some(&[u64::MAX, 2])).is_err());
        let npy = Npy::new(&DType::array(DType::array(DType::F32, &[3]), &[2]), Some(&[7])).unwrap();
        assert_eq!((npy.item, npy.count), (4, 42));
    }

    #[test]
    fn a_long_header_is_version_2_and_an_unusual_name_version_3() {
        let many = DType::record((0..9000).map(|i| (format!("field{i}"), DType::F32)));
        assert_eq!(Npy::new(&many, Some(&[1])).unwrap().header[6], 2);
        let version = |name: &str| Npy::new(&DType::record([(name, DType::F32)]), Some(&[1])).unwrap().header[6];
        assert_eq!((version("é"), version("π")), (1, 3));
    }
}
