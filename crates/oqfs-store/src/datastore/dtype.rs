//! HDF5 datatypes as plain data.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Byte order of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    Little,
    Big,
}

impl Order {
    /// The byte order of this machine.
    pub const NATIVE: Order = if cfg!(target_endian = "little") { Order::Little } else { Order::Big };
}

/// How a fixed-length string is filled up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pad {
    /// Ends at the first NUL; what follows means nothing.
    NullTerm,
    /// Filled up with NULs.
    NullPad,
    /// Filled up with spaces.
    Space,
}

/// An HDF5 datatype. Sizes and offsets are in bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DType {
    /// An integer of 1, 2, 4 or 8 bytes that uses all its bits.
    Int { size: usize, signed: bool, order: Order },
    /// An IEEE 754 number of 2, 4 or 8 bytes, or the x87 extended number in 16.
    Float { size: usize, order: Order },
    /// Two IEEE 754 numbers, real and imaginary; `size` is that of both. A compound of fields `r` and `i` (the custom of
    /// h5py) unless `native`.
    Complex { size: usize, order: Order, native: bool },
    /// The enumeration FALSE = 0, TRUE = 1 of one byte (the custom of h5py).
    Bool,
    /// Named integers.
    Enum { base: Box<DType>, members: Vec<(String, i128)> },
    /// A string of exactly `size` bytes.
    FixedString { size: usize, pad: Pad, utf8: bool },
    /// A string of any length, held in the file's heap.
    VarString { utf8: bool },
    /// A record.
    Compound { size: usize, fields: Vec<Field> },
    /// An array of fixed shape.
    Array { base: Box<DType>, dims: Vec<usize> },
    /// Bytes whose meaning is the tag's.
    Opaque { size: usize, tag: String },
    /// A set of bits.
    Bitfield { size: usize, order: Order },
    /// A list of any length.
    VarArray { base: Box<DType> },
    /// A pointer to an object or a region of the file.
    Reference { size: usize },
    /// A number with an unusual layout, or a time; `nearest` is the number type that holds its values, if any does.
    Other { size: usize, what: String, nearest: Option<Box<DType>> },
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub offset: usize,
    pub dtype: DType,
}

impl DType {
    pub const F32: DType = DType::Float { size: 4, order: Order::NATIVE };
    pub const F64: DType = DType::Float { size: 8, order: Order::NATIVE };
    /// A UTF-8 string of any length, as h5py writes a `str`.
    pub const STRING: DType = DType::VarString { utf8: true };

    /// A native integer of `size` bytes.
    pub const fn int(size: usize, signed: bool) -> DType {
        DType::Int { size, signed, order: Order::NATIVE }
    }

    /// A string of `size` bytes filled up with NULs: numpy's `S<size>`.
    pub const fn fixed_string(size: usize) -> DType {
        DType::FixedString { size, pad: Pad::NullPad, utf8: false }
    }

    /// An array of `base` with shape `dims`.
    pub fn array(base: DType, dims: &[usize]) -> DType {
        DType::Array { base: Box::new(base), dims: dims.to_vec() }
    }

    /// A record of fields one after the other, without padding.
    pub fn record<S: Into<String>>(fields: impl IntoIterator<Item = (S, DType)>) -> DType {
        let mut size = 0;
        let fields = fields
            .into_iter()
            .map(|(name, dtype)| {
                let offset = size;
                size += dtype.size();
                Field { name: name.into(), offset, dtype }
            })
            .collect();
        DType::Compound { size, fields }
    }

    /// Bytes of one element in the file; of one heap pointer for what is held in the heap.
    pub fn size(&self) -> usize {
        match self {
            Self::Int { size, .. }
            | Self::Float { size, .. }
            | Self::Complex { size, .. }
            | Self::FixedString { size, .. }
            | Self::Compound { size, .. }
            | Self::Opaque { size, .. }
            | Self::Bitfield { size, .. }
            | Self::Reference { size }
            | Self::Other { size, .. } => *size,
            Self::Bool => 1,
            Self::Enum { base, .. } => base.size(),
            Self::VarString { .. } | Self::VarArray { .. } => 16,
            Self::Array { base, dims } => base.size() * dims.iter().product::<usize>(),
        }
    }

    /// True if elements hold pointers into the file's heap, so that their bytes mean nothing by themselves.
    pub fn is_in_heap(&self) -> bool {
        match self {
            Self::VarString { .. } | Self::VarArray { .. } | Self::Reference { .. } => true,
            Self::Compound { fields, .. } => fields.iter().any(|f| f.dtype.is_in_heap()),
            Self::Array { base, .. } => base.is_in_heap(),
            _ => false,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Int { size, signed, .. } => write!(f, "{}int{}", if *signed { "" } else { "u" }, size * 8),
            Self::Float { size, .. } => write!(f, "float{}", size * 8),
            Self::Complex { size, .. } => write!(f, "complex{}", size * 8),
            Self::Bool => f.write_str("bool"),
            Self::Enum { base, .. } => write!(f, "enum of {base}"),
            Self::FixedString { size, .. } => write!(f, "string of {size} bytes"),
            Self::VarString { .. } => f.write_str("string of any length"),
            Self::Compound { fields, .. } => {
                let names: Vec<_> = fields.iter().map(|f| format!("{}: {}", f.name, f.dtype)).collect();
                write!(f, "record ({})", names.join(", "))
            }
            Self::Array { base, dims } => write!(f, "array {dims:?} of {base}"),
            Self::Opaque { size, tag } => write!(f, "opaque {size} bytes {tag:?}"),
            Self::Bitfield { size, .. } => write!(f, "bitfield of {} bits", size * 8),
            Self::VarArray { base } => write!(f, "list of any length of {base}"),
            Self::Reference { .. } => f.write_str("reference"),
            Self::Other { size, what, .. } => write!(f, "{what} of {size} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_packed() {
        let dtype = DType::record([("PGA", DType::array(DType::F64, &[3])), ("id", DType::fixed_string(5))]);
        assert_eq!(dtype.size(), 29);
        let DType::Compound { fields, .. } = &dtype else { panic!() };
        assert_eq!(fields[1].offset, 24);
        assert_eq!(dtype.to_string(), "record (PGA: array [3] of float64, id: string of 5 bytes)");
    }
}
